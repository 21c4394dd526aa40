"""How mature the use of technology is: answers count only with evidence of the last 12 months.

A group's level is the highest for which all its counted answers stand: the smallest of them. What
nobody has answered is not zero; it is named.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.formatting import format_date
from techalign.numbers.frames import floats_of, rows_of
from techalign.text import folded

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "AREAS",
    "Answers",
    "Weakest",
    "answers",
    "capabilities",
    "maturity",
    "strategy_coverage",
    "weakest_phase",
]

AREAS = ("phase", "capability", "strategy", "challenge", "control")
"""Areas of the questionnaire that are about technology; it asks of people, too."""

HIGHEST = 5
_FRESH_DAYS = 365
_APART = 2  # levels by which two answers contradict each other

_Rows = list[dict[Hashable, Any]]
_NOTHING: dict[Hashable, Any] = {"level": np.nan, "evidence": np.nan, "date": None}


@dataclass(frozen=True, eq=False)
class Answers:
    """What of a questionnaire counts.

    Attributes
    ----------
    items : DataFrame
        ``item, area, group, question, level`` (0 to 5; NaN where nothing counts), ``evidence,
        date, why`` (why it does not count, "" where it does).
    notes : tuple of str
        What does not count, and what contradicts itself.
    """

    items: pd.DataFrame
    notes: tuple[str, ...]

    def levels(self, area: str) -> pd.DataFrame:
        """Level by group of an area, the weakest first, those not known last.

        Returns
        -------
        DataFrame
            ``group, level`` (NaN where nothing counts), ``answered, asked, weakest`` (its
            question), ``evidence`` (of the weakest, with its day).
        """
        if area not in self._levels:
            self._levels[area] = self._level_of(area)
        return self._levels[area].copy()

    @cached_property
    def _levels(self) -> dict[str, pd.DataFrame]:
        """Each area's levels, once they have been asked for."""
        return {}

    @cached_property
    def records(self) -> list[dict[Hashable, Any]]:
        """The items, a dict each."""
        return self.items.to_dict("records")

    def _level_of(self, area: str) -> pd.DataFrame:
        import pandas as pd

        # a few dozen questions, asked of area by area: a frame per group would take longer
        groups: dict[str, list[dict[Hashable, Any]]] = {}
        for item in self.records:
            if item["area"] == area:
                groups.setdefault(item["group"], []).append(item)
        rows = []
        for name, group in groups.items():
            counted = [item for item in group if item["level"] == item["level"]]
            first = min(counted, key=lambda item: item["level"]) if counted else None
            rows.append((
                name, np.nan if first is None else float(first["level"]), len(counted), len(group),
                group[0]["question"] if first is None else first["question"],
                "" if first is None else f"{first['evidence']} ({format_date(first['date'])})",
            ))  # fmt: skip
        rows.sort(key=lambda row: (row[1] != row[1], row[1]))  # those not known last
        columns = ["group", "level", "answered", "asked", "weakest", "evidence"]
        return pd.DataFrame(rows, columns=columns)

    def level(self, item: str) -> float | None:
        """Level of one item, 0 to 5; None where nothing counts."""
        found = [float(each["level"]) for each in self.records if each["item"] == item]
        return None if not found or np.isnan(found).all() else found[0]


def answers(assessment: pd.DataFrame, items: pd.DataFrame, as_of: dt.date) -> Answers:
    """Tell which answers count: with a level, evidence, and a day within the last 12 months.

    Of several answers to one question the lowest level counts; where they are two or more apart
    they contradict each other, and are listed.

    Parameters
    ----------
    assessment : DataFrame
        Columns ``item, level`` (0 to 5), ``evidence, date, assessor``.
    items : DataFrame
        Columns ``item, area, group, question``; those of the area "people", and their answers,
        are left out.
    as_of : date

    Returns
    -------
    Answers

    Raises
    ------
    ModelError
        If a level is not from 0 to 5.

    Examples
    --------
    >>> import pandas as pd
    >>> items = pd.DataFrame({"item": ["plan", "review"], "area": "phase", "group": "strategy",
    ...                       "question": ["Is there a plan?", "Is it reviewed?"]})
    >>> given = pd.DataFrame({"item": ["plan", "review"], "level": [4, 2],
    ...     "evidence": ["plan of May", "minutes"], "assessor": "Ann",
    ...     "date": pd.to_datetime(["2026-05-02", "2024-05-02"])})
    >>> found = answers(given, items, dt.date(2026, 6, 30))
    >>> found.level("plan"), found.level("review"), found.levels("phase")["answered"].tolist()
    (4.0, None, [1])
    """
    import pandas as pd

    assessment, items = _of_technology(assessment, items)
    (level,) = floats_of(assessment, "level")
    if (level < 0).any() or (level > HIGHEST).any():
        raise ModelError("assessment.level", "must be from 0 to 5", value=np.nanmax(level))
    # a few dozen answers: frames joined and grouped would take ten times as long
    rows = _given(assessment, level.tolist(), items, as_of)
    counted = sorted((row for row in rows if row["why"] == ""), key=lambda row: row["level"])
    notes = _left_out(rows, items) + _contradictions(counted, items)
    lowest = {row["item"]: row for row in reversed(counted)}
    blocked = {row["item"]: row["why"] for row in reversed(rows) if row["why"] != ""}
    joined = items[["item", "area", "group", "question"]]
    count = [lowest.get(item, _NOTHING) for item in joined["item"]]
    joined = joined.assign(
        level=np.array([row["level"] for row in count], dtype=float),
        evidence=[row["evidence"] for row in count],
        date=pd.DatetimeIndex([row["date"] for row in count]),
        why=["" if item in lowest else blocked.get(item, "not answered")
             for item in joined["item"]],
    )  # fmt: skip
    return Answers(joined, tuple(notes))


def _given(
    assessment: pd.DataFrame, levels: list[float], items: pd.DataFrame, as_of: dt.date
) -> _Rows:
    """The answers, a dict each: the item as the questionnaire has it, and why it does not count."""
    import pandas as pd

    asked = {folded(item): item for item in items["item"]}
    days = pd.to_datetime(assessment["date"])
    ages = (pd.Timestamp(as_of) - days).dt.days.tolist()
    cells = rows_of(assessment, "item", "evidence", "assessor")
    return [
        {"item": asked.get(folded(item), item), "level": level, "evidence": evidence,
         "assessor": assessor, "date": day, "why": _why(level, evidence, age)}
        for (item, evidence, assessor), level, day, age in zip(
            cells, levels, days.tolist(), ages, strict=True
        )
    ]  # fmt: skip


def _why(level: float, evidence: str, age: float) -> str:
    """Why an answer of so many days ago does not count, "" where it does; NaN is not known."""
    if level != level:
        return "not answered"
    if evidence == "":
        return "without evidence"
    if age != age:
        return "without a day"
    if age > _FRESH_DAYS:
        return "older than 12 months"
    return "dated in the future" if age < 0 else ""


def maturity(found: Answers) -> pd.DataFrame:
    """Level of each of the six phases, the weakest first.

    Parameters
    ----------
    found : Answers

    Returns
    -------
    DataFrame
        As :meth:`Answers.levels`.

    Examples
    --------
    >>> import pandas as pd
    >>> items = pd.DataFrame({"item": ["a", "b"], "area": "phase", "group": ["gaps", "roadmap"],
    ...     "question": "?", "level": [3.0, 1.0], "evidence": "x",
    ...     "date": pd.Timestamp("2026-05-01")})
    >>> maturity(Answers(items, ()))["group"].tolist()
    ['roadmap', 'gaps']
    """
    return found.levels("phase")


@dataclass(frozen=True)
class Weakest:
    """The weakest phase: its name, its level (0 to 5), its weakest question, what shows it."""

    name: str
    level: int
    question: str
    evidence: str


def weakest_phase(found: Answers) -> Weakest | None:
    """The weakest of the six phases of which an answer counts; None where none does.

    Examples
    --------
    >>> import pandas as pd
    >>> items = pd.DataFrame({"item": ["a", "b"], "area": "phase", "group": ["gaps", "roadmap"],
    ...     "question": "?", "level": [3.0, 1.0], "evidence": "x",
    ...     "date": pd.Timestamp("2026-05-01")})
    >>> weakest_phase(Answers(items, ())).name
    'roadmap'
    """
    known = maturity(found).dropna(subset="level")
    if known.empty:
        return None
    row = known.iloc[0]
    return Weakest(str(row["group"]), int(row["level"]), str(row["weakest"]), str(row["evidence"]))


def capabilities(found: Answers) -> pd.DataFrame:
    """Level of sensing, seizing and reconfiguring, the weakest first.

    Parameters
    ----------
    found : Answers
        What :func:`answers` gave.

    Returns
    -------
    DataFrame
        One row an ability; ``level`` is from 0 to 5.

    Examples
    --------
    >>> import pandas as pd
    >>> items = pd.DataFrame({"item": ["a"], "area": "capability", "group": ["sensing"],
    ...     "question": "?", "level": [2.0], "evidence": "x", "date": pd.Timestamp("2026-05-01")})
    >>> capabilities(Answers(items, ()))["level"].tolist()
    [2.0]
    """
    return found.levels("capability")


def strategy_coverage(found: Answers, initiatives: pd.DataFrame) -> pd.DataFrame:
    """Of the eight practical strategies, which are lived and which initiatives serve them.

    Parameters
    ----------
    found : Answers
    initiatives : DataFrame
        Columns ``name, tags`` (separated by ;).

    Returns
    -------
    DataFrame
        ``strategy, level, evidence, initiatives`` (names), ``said`` ("lived", "planned",
        "neither", "not known").

    Examples
    --------
    >>> import pandas as pd
    >>> items = pd.DataFrame({"item": ["a", "b"], "area": "strategy", "group": ["cloud", "mobile"],
    ...     "question": "?", "level": [4.0, float("nan")], "evidence": ["x", None],
    ...     "date": pd.Timestamp("2026-05-01")})
    >>> plans = pd.DataFrame({"name": ["App"], "tags": ["mobile; data"]})
    >>> strategy_coverage(Answers(items, ()), plans)["said"].tolist()
    ['lived', 'planned']
    """
    frame = found.levels("strategy").rename(columns={"group": "strategy"})
    tagged = [
        (folded(tag), name)
        for name, tags in zip(initiatives["name"], initiatives["tags"], strict=True)
        for tag in str(tags).split(";")
    ]
    frame["initiatives"] = [
        ", ".join(name for tag, name in tagged if tag == folded(strategy))
        for strategy in frame["strategy"]
    ]
    known, planned = frame["level"].notna(), frame["initiatives"] != ""
    lived = frame["level"] >= 3
    frame["said"] = np.select([lived, planned, known], ["lived", "planned", "neither"], "not known")
    return frame


def _of_technology(
    assessment: pd.DataFrame, items: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Answers and questions without those on people, which are no measure of technology."""
    of_people = items["area"] == "people"
    if not of_people.any():
        return assessment, items
    names = {folded(item) for item in items["item"][of_people]}
    others = np.array([folded(item) not in names for item in assessment["item"]], dtype=bool)
    return assessment[others], items[~of_people]


def _left_out(given: _Rows, items: pd.DataFrame) -> list[str]:
    strange = sorted({row["item"] for row in given} - set(items["item"]))
    notes = [f"No question is called “{name}”; that answer does not count." for name in strange]
    counts = Counter(row["why"] for row in given)
    for why in ("dated in the future", "older than 12 months", "without a day", "without evidence"):
        if count := counts[why]:
            does = "answer is" if count == 1 else "answers are"
            notes.append(f"{count} {does} {why} and {'does' if count == 1 else 'do'} not count.")
    return notes


def _contradictions(counted: _Rows, items: pd.DataFrame) -> list[str]:
    """Say which answers contradict each other; ``counted`` are those that count, lowest first."""
    questions = dict(zip(items["item"], items["question"], strict=True))
    by_item: dict[str, _Rows] = {}
    for row in counted:
        by_item.setdefault(row["item"], []).append(row)
    notes = []
    for item, group in sorted(by_item.items()):
        if group[-1]["level"] - group[0]["level"] >= _APART:
            said = " and ".join(
                f"{row['assessor'] or 'somebody'} says {row['level']:.0f}" for row in group
            )
            asked = questions.get(item, item)
            notes.append(f"Answers to “{asked}” contradict each other: {said}. The lower counts.")
    return notes
