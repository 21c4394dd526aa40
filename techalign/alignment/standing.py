"""Where the business stands: what it has, whom it stands beside, what threatens to go wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from techalign.alignment.coverage import Alignment
from techalign.alignment.maturity import HIGHEST, Answers
from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.frames import floats_of, in_order
from techalign.numbers.intervals import Interval
from techalign.text import some_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "BRAND_QUESTIONS",
    "PITFALLS",
    "Measure",
    "brand_fit",
    "challenges",
    "pitfalls",
    "resources",
    "sector_profile",
]

BRAND_QUESTIONS = {
    "pace": "slow where you are quick",
    "cost": "makes your work harder",
    "known": "may not last",
    "forward": "looks back",
    "media": "not where customers are",
    "people": "dated people policies",
    "service": "no self-service",
}
"""The seven questions put to each alliance, and what a low answer says."""

PITFALLS = (
    "technology before goals", "goals nobody can check", "people not asked or trained",
    "done once and never looked at again", "systems bought that do not talk",
)  # fmt: skip
"""The five mistakes that are looked for, as a page names them."""

_HARDLY = 1  # of answers from 0 to 5
_MIDDLE = 3.0  # of answers from 1 to 5
_JUDGED = 1.0 / 3.0  # what somebody judges in money may be off by a third


@dataclass(frozen=True)
class Measure:
    """A number that speaks for or against something, 0 well to 1 badly, and its sentence."""

    badly: float
    said: str


def resources(table: pd.DataFrame, half_life: Mapping[str, Interval]) -> pd.DataFrame:
    """How hard to copy each resource is, and how long its advantage lasts.

    Strength is value × rarity × (1 - imitability) × (1 - substitutability). What is valuable and
    rare lasts if it is also hard to copy and to replace, and for a while if not.

    Parameters
    ----------
    table : DataFrame
        Columns ``resource, value, rarity, imitability, substitutability`` (0 to 1), ``evidence``.
    half_life : mapping of str to Interval
        Years after which rivals have half of an advantage that is "lasting", "for a while" or
        "ordinary".

    Returns
    -------
    DataFrame
        ``resource, strength`` (0 to 1), ``half_life`` (years, with ``_low, _high``), ``kind``
        ("lasting", "for a
        while", "ordinary"), ``evidence``; the strongest first.

    Raises
    ------
    ModelError
        If a score is not from 0 to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"resource": ["records", "printer"], "value": [0.8, 0.5],
    ...     "rarity": [0.9, 0.0], "imitability": [0.1, 1.0], "substitutability": [0.1, 1.0],
    ...     "evidence": ""})
    >>> years = {"lasting": Interval(5.0, 2.0, 10.0), "for a while": Interval(2.5, 1.0, 5.0),
    ...          "ordinary": Interval(1.0, 0.5, 2.0)}
    >>> resources(table, years)[["kind", "half_life"]].to_numpy().tolist()
    [['lasting', 5.0], ['ordinary', 1.0]]
    """
    names = ("value", "rarity", "imitability", "substitutability")
    scores = np.column_stack(floats_of(table, *names))
    if not ((scores >= 0) & (scores <= 1)).all():
        raise ModelError("resources", "must be scored from 0 to 1", value=scores.max())
    value, rarity, copied, replaced = scores.T
    hard = ((1 - copied) + (1 - replaced)) / 2.0
    strength = value * rarity * (1 - copied) * (1 - replaced)
    lasting = (value >= 0.5) & (rarity >= 0.5) & (hard >= 0.5)
    kind = np.where(lasting, "lasting", np.where((value >= 0.5) & (rarity >= 0.5), "for a while",
                                                 "ordinary"))  # fmt: skip
    years = {
        f"half_life{end}": [getattr(half_life[str(each)], name) for each in kind]
        for end, name in (("", "point"), ("_low", "low"), ("_high", "high"))
    }
    columns = {"strength": strength, "kind": kind, **years}
    return in_order(table, np.argsort(-strength, kind="stable"), columns)


def brand_fit(
    vendors: pd.DataFrame, yearly_revenue: float, hourly_wage: float = 0.0
) -> pd.DataFrame:
    """Put the seven questions to each alliance, beside the dollars that depend on it.

    Parameters
    ----------
    vendors : DataFrame
        Columns ``vendor, relation, criticality`` (1 to 5), ``revenue_share_depending`` (share),
        ``switching_cost`` (money), ``ceased`` (day or missing) and ``brand_pace`` to
        ``brand_service`` (1 to 5 or missing); where asked, ``brings_access``,
        ``brings_marketing`` (money a year) and ``brings_learning`` (hours a year).
    yearly_revenue : float
        Money.
    hourly_wage : float
        Money an hour: what an hour of learning would cost to buy, at least.

    Returns
    -------
    DataFrame
        ``vendor, relation, fit`` (0 to 1, over the questions answered), ``answered``,
        ``misfit`` (the lowest answers below the middle, in words), ``depends`` (revenue a year),
        ``criticality, switching_cost, exposed`` ("yes" where people policies are of another
        time, a legal exposure), ``brings`` (what speaks for it), ``upside`` with ``_low`` and
        ``_high`` (money a year that it brings besides what it is paid for, judged, so off by a
        third either way; NaN where nobody was asked); the worst fit first. Alliances of which
        nothing is answered are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> names = [f"brand_{name}" for name in BRAND_QUESTIONS]
    >>> vendors = pd.DataFrame({
    ...     "vendor": ["Oak", "Elm"], "relation": "direct", "criticality": [5, 2],
    ...     "revenue_share_depending": [0.5, 0.0], "switching_cost": [900.0, 10.0],
    ...     "ceased": pd.NaT, "brings_access": [900.0, None], "brings_marketing": [None, None],
    ...     "brings_learning": [10.0, None], **{name: [2, None] for name in names}})
    >>> found = brand_fit(vendors, 1000.0, 30.0)
    >>> found[["vendor", "fit", "depends", "exposed", "upside"]].to_numpy().tolist()
    [['Oak', 0.25, 500.0, 'yes', 1200.0]]
    """
    names = list(BRAND_QUESTIONS)
    score = np.column_stack(floats_of(vendors, *(f"brand_{name}" for name in names)))
    parts = _brought(vendors, hourly_wage)
    answered = (~np.isnan(score)).sum(axis=1)
    brought = ~np.isnan(parts).all(axis=1)
    fit = (np.nansum(score, axis=1) / np.where(answered > 0, answered, np.nan) - 1.0) / 4.0
    upside = np.where(brought, np.nansum(parts, axis=1), np.nan)
    depends = floats_of(vendors, "revenue_share_depending")[0] * yearly_revenue
    said = [_sides(dict(zip(names, row, strict=True))) for row in score.tolist()]
    pairs = zip(said, parts.tolist(), strict=True)
    here = ((answered > 0) | brought) & vendors["ceased"].isna().to_numpy()
    order = np.lexsort((-depends, fit))
    return in_order(vendors, order[here[order]], {
        "fit": fit, "answered": answered, "misfit": [bad for bad, _ in said],
        "brings": [_joined(good, part) for (_, good), part in pairs],
        "upside": upside, "upside_low": upside * (1.0 - _JUDGED),
        "upside_high": upside * (1.0 + _JUDGED), "depends": depends,
        "exposed": np.where(score[:, names.index("people")] <= 2, "yes", ""),
    })  # fmt: skip


def _brought(vendors: pd.DataFrame, hourly_wage: float) -> Floats:
    """What each alliance brings a year in money, shape (n, 3): access, marketing, learning.

    NaN where it was not asked.
    """
    worth = {"access": 1.0, "marketing": 1.0, "learning": hourly_wage}
    return np.column_stack([
        floats_of(vendors, f"brings_{name}")[0] * each
        if f"brings_{name}" in vendors.columns
        else np.full(len(vendors), np.nan)
        for name, each in worth.items()
    ])  # fmt: skip


def _joined(praise: str, parts: Sequence[float]) -> str:
    """Praise and what is brought, in words."""
    words = ("customers", "advertising", "training")
    named = [word for word, money in zip(words, parts, strict=True) if money > 0]
    return ", ".join(filter(None, (praise, *named)))


_PRAISE = {
    "pace": "quick", "cost": "makes work easier", "known": "proven", "forward": "looks ahead",
    "media": "where customers are", "people": "current with its people",
    "service": "self-service",
}  # fmt: skip


def _sides(scores: Mapping[str, float]) -> tuple[str, str]:
    low = sorted((s, name) for name, s in scores.items() if s < _MIDDLE)
    high = [name for name, s in scores.items() if s >= 5]
    return "; ".join(BRAND_QUESTIONS[n] for _, n in low[:2]), ", ".join(_PRAISE[n] for n in high)


def pitfalls(
    alignment: Alignment,
    found: Answers,
    initiatives: pd.DataFrame,
    missing_links: int | None,
    training_hours: float | None,
) -> pd.DataFrame:
    """Raise the five usual pitfalls where the tables show them.

    Parameters
    ----------
    alignment : Alignment
    found : Answers
    initiatives : DataFrame
        Columns ``name, goal, after``.
    missing_links : int or None
        Systems that should talk and do not; None where nobody has listed them.
    training_hours : float or None
        Of all staff in the last year; None where not known.

    Returns
    -------
    DataFrame
        ``pitfall, raised`` ("yes", "no", "not known"), ``evidence, remedy``; raised ones first.

    Examples
    --------
    >>> import pandas as pd
    >>> goals = pd.DataFrame({"goal": ["quick"], "metric": [""]})
    >>> plans = pd.DataFrame({"name": ["App"], "goal": [""], "after": [""]})
    >>> nothing = Answers(pd.DataFrame({"area": [], "group": [], "level": [], "item": []}), ())
    >>> found = pitfalls(Alignment(Interval(0.0, 0.0, 0.0), goals, goals, 0.0, (), ()), nothing,
    ...                  plans, None, 0.0)
    >>> found["raised"].tolist()
    ['yes', 'yes', 'yes', 'not known', 'not known']
    """
    import pandas as pd

    goals, plans = alignment.goals["goal"].tolist(), initiatives
    aims = zip(plans["name"], plans["goal"], strict=True)
    aimless = [*(str(name) for name, goal in aims if goal not in goals), *alignment.orphans]
    measured = zip(goals, alignment.goals["metric"], strict=True)
    blind = [goal for goal, metric in measured if metric == ""]
    missed, looked = _looked_back(found)
    unasked, people = _people(found, training_hours)
    rows = [
        (PITFALLS[0], bool(aimless), ("1 project or tool serves" if len(aimless) == 1
                                      else f"{len(aimless)} projects or tools serve")
         + " no goal on the list"
         + (f": {some_of(aimless, 2)}" if aimless else ""), "Name the goal of each, or drop it."),
        (PITFALLS[1], bool(blind), f"{len(blind)} of {len(goals)} goals "
         f"{'has' if len(blind) == 1 else 'have'} no measure"
         + (f": {some_of(blind, 2)}" if blind else ""),
         "Say how you would know, in one number each."),
        (PITFALLS[2], unasked, people,
         "Ask those who will use it, and set hours aside before the next system starts."),
        (PITFALLS[3], missed, looked, "Put a review into the calendar each quarter."),
        (PITFALLS[4], None if missing_links is None else missing_links > 0,
         "which systems should talk is not listed" if missing_links is None
         else f"{missing_links} pair{'s' if missing_links != 1 else ''} of systems should talk and "
         f"{'do' if missing_links != 1 else 'does'} not",
         "Join systems before buying another."),
    ]  # fmt: skip
    word: dict[bool | None, str] = {True: "yes", None: "not known", False: "no"}
    rows.sort(key=lambda row: list(word).index(row[1]))
    return pd.DataFrame([(p, word[r], e, m) for p, r, e, m in rows],
                        columns=["pitfall", "raised", "evidence", "remedy"])  # fmt: skip


def _looked_back(found: Answers) -> tuple[bool | None, str]:
    """Whether nobody looks back: at best "when things go badly", or long ago; None if not known."""
    rows = [item for item in found.records
            if item["area"] == "phase" and item["group"] == "monitoring"]  # fmt: skip
    known = [float(item["level"]) for item in rows if item["level"] == item["level"]]
    if known:
        best = max(known)
        return best <= _HARDLY, f"looking back is answered with {best:.0f} of {HIGHEST}"
    if any(item["why"] == "older than 12 months" for item in rows):
        return True, "the last look back that is known of is older than 12 months"
    return None, "whether anybody looks back is not answered"


def _people(found: Answers, training_hours: float | None) -> tuple[bool | None, str]:
    """Whether people are not asked, or get no hours to learn; None if neither is known."""
    asked = found.level("users_asked")
    if asked is None and training_hours is None:
        return None, "hours of training, and whether users are asked, are not known"
    parts = [
        "hours of training are not known" if training_hours is None
        else f"{training_hours:.0f} hours of training in the last year",
        "whether users are asked is not known" if asked is None
        else f"asking those who use it is answered with {asked:.0f} of {HIGHEST}",
    ]  # fmt: skip
    raised = training_hours == 0 or (asked is not None and asked <= _HARDLY)
    if not raised and (asked is None or training_hours is None):
        return None, "; ".join(parts)
    return raised, "; ".join(parts)


def challenges(
    found: Answers, measures: Mapping[str, Measure], remedies: pd.DataFrame
) -> pd.DataFrame:
    """Rank the six challenges for this client, each with what helps.

    A challenge is as hard as the mean of what the answers and the client's own numbers say.

    Parameters
    ----------
    found : Answers
    measures : mapping of str to Measure
        Challenge to what the client's numbers say of it.
    remedies : DataFrame
        Columns ``challenge, remedy, source``.

    Returns
    -------
    DataFrame
        ``challenge, hard`` (0 to 1; NaN where nothing is known), ``evidence, remedy``; the hardest
        first.

    Examples
    --------
    >>> import pandas as pd
    >>> items = pd.DataFrame({"item": ["a"], "area": "challenge", "group": ["limited budget"],
    ...     "question": "?", "level": [1.0], "evidence": "x", "date": pd.Timestamp("2026-05-01")})
    >>> remedies = pd.DataFrame({"challenge": ["limited budget"], "remedy": ["Start small."]})
    >>> found = challenges(Answers(items, ()), {"limited budget": Measure(0.4, "2% of sales")},
    ...                    remedies)
    >>> found["hard"].round(2).tolist(), found["remedy"].tolist()
    ([0.6], ['Start small.'])
    """
    import pandas as pd

    frame = found.levels("challenge")
    levels = dict(zip(frame["group"], frame["level"].tolist(), strict=True))
    helps: dict[str, list[str]] = {}
    for name, remedy in zip(remedies["challenge"], remedies["remedy"], strict=True):
        helps.setdefault(name, []).append(remedy)
    rows = []
    for name, remedy_of in helps.items():
        level = levels.get(name, np.nan)
        said = [] if level != level else [f"answered {level:.0f} of {HIGHEST}"]
        parts = [] if level != level else [1.0 - level / HIGHEST]
        if name in measures:
            parts.append(min(max(measures[name].badly, 0.0), 1.0))
            said.append(measures[name].said)
        rows.append((name, float(np.mean(parts)) if parts else np.nan, "; ".join(said),
                     " ".join(remedy_of)))  # fmt: skip
    rows.sort(key=lambda row: (row[1] != row[1], -row[1]))  # those not known last
    return pd.DataFrame(rows, columns=["challenge", "hard", "evidence", "remedy"])


def sector_profile(
    profiles: pd.DataFrame, setting: str, alignment: Alignment, initiatives: pd.DataFrame
) -> pd.DataFrame:
    """What matters in the client's sector, and whether it has it.

    Parameters
    ----------
    profiles : DataFrame
        Columns ``setting, menu, theme, words`` (separated by ;), ``why``.
    setting : str
        The client's sector.
    alignment : Alignment
    initiatives : DataFrame
        Columns ``name``.

    Returns
    -------
    DataFrame
        ``menu, why, said`` ("in use", "planned", "not seen"), ``shown_by``; what is not seen
        first.

    Raises
    ------
    ModelError
        If the sector has no profile.

    Examples
    --------
    >>> import pandas as pd
    >>> profiles = pd.DataFrame({"setting": "retail", "menu": ["one stock"], "theme": "growth",
    ...                          "words": ["stock;inventory"], "why": ["fewer lost sales"]})
    >>> links = pd.DataFrame({"technology": ["Stock system"], "support": [0.5], "fit": [0.5]})
    >>> plans = pd.DataFrame({"name": ["App"]})
    >>> found = Alignment(Interval(0.0, 0.0, 0.0), links, links, 0.0, (), ())
    >>> sector_profile(profiles, "retail", found, plans)["said"].tolist()
    ['in use']
    """
    import pandas as pd

    columns = (profiles[name].tolist() for name in ("setting", "menu", "words", "why"))
    menu = [row for row in zip(*columns, strict=True) if row[0] == setting]
    if not menu:
        there = ", ".join(sorted(set(profiles["setting"])))
        raise ModelError("setting", "has no profile", value=setting, remedy=f"There are {there}.")
    support, fit = floats_of(alignment.links, "support", "fit")
    tools = zip(alignment.links["technology"], support * fit, strict=True)
    serving = list(dict.fromkeys(tool for tool, carries in tools if carries > 0))
    plans = list(dict.fromkeys(initiatives["name"]))
    rows = []
    for _, name, listed, why in menu:
        words = [word.strip().casefold() for word in listed.split(";")]
        used, planned = _named(serving, words), _named(plans, words)
        said = "in use" if used else "planned" if planned else "not seen"
        rows.append((name, why, said, some_of(used or planned, 2)))
    rows.sort(key=lambda row: ("not seen", "planned", "in use").index(row[2]))
    return pd.DataFrame(rows, columns=["menu", "why", "said", "shown_by"])


def _named(names: Sequence[str], words: Sequence[str]) -> list[str]:
    return [str(name) for name in names if any(word in str(name).casefold() for word in words)]
