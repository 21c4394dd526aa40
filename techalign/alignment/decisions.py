"""What alignment asks to be decided, each with its money where the tables give it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from techalign.alignment.found import AlignmentFound
from techalign.alignment.maturity import HIGHEST, weakest_phase
from techalign.decision import Decision, first_things_first, fit
from techalign.errors import ModelError
from techalign.numbers.formatting import compact
from techalign.numbers.intervals import Interval

__all__ = ["alignment_decisions"]

_QUARTER = 0.25
_HARDLY = 1  # a level at which a control is hardly there
_MOST = 3  # of one kind


def alignment_decisions(
    found: AlignmentFound, *, as_of: dt.date, currency: str, owner: str
) -> list[Decision]:
    """Turn what the models found into decisions, the most pressing first.

    Parameters
    ----------
    found : AlignmentFound
    as_of : date
    currency : str
        Three letters.
    owner : str
        Who decides.

    Returns
    -------
    list of Decision

    Raises
    ------
    ModelError
        If there is no currency.

    Examples
    --------
    >>> import pandas as pd
    >>> from techalign.alignment import AlignmentFound, automation_candidates
    >>> tasks = pd.DataFrame({"task": ["typing invoices"], "hours": [100.0], "wage": [None],
    ...                       "share_low": [0.4], "share_high": [0.6], "tool_cost": [600.0]})
    >>> found = AlignmentFound(tasks=automation_candidates(tasks, 20.0))
    >>> decisions = alignment_decisions(
    ...     found, as_of=dt.date(2026, 6, 30), currency="USD", owner="Dana")
    >>> [decision.what for decision in decisions]
    ['Let a tool take over typing invoices: 100 hours a year']
    """
    if not currency:
        raise ModelError("currency", "is empty", value=currency)
    shared: dict[str, Any] = {"area": "alignment", "owner": owner, "unit": currency}
    rows = [
        *_begin(found, shared), *_close(found, as_of, shared), *_measure(found, shared),
        *_automate(found, shared), *_join(found, shared), *_insure(found, currency, shared),
        *_train(found, shared),
    ]  # fmt: skip
    return first_things_first(rows, as_of)


def _begin(found: AlignmentFound, shared: dict[str, Any]) -> list[Decision]:
    """What to do first of a business that has answered questions and written no goal down."""
    if found.alignment is not None or found.answers is None:
        return []
    rest: dict[str, Any] = {"kind": "ask", "by": None, **shared}
    rows = [Decision(
        what="Write down three goals, each with a number and a day", subject="goals",
        topic="goals", because="Until it is known what technology should serve, nobody can say "
        "whether it does, so no money stands here.", evidence="Goal by goal", basis="judgement",
        **rest,
    )]  # fmt: skip
    if weakest := weakest_phase(found.answers):
        rows.append(Decision(
            what=f"Raise the weakest of six phases: {weakest.name}, at {weakest.level} of "
            f"{HIGHEST}", subject=weakest.name, topic="phase",
            because=f"“{weakest.question}” The answer rests on: {weakest.evidence}. What it costs "
            "to leave it so is not known, so no money stands here.", evidence="How mature it is",
            basis="judgement", **rest,
        ))  # fmt: skip
    controls = found.answers.levels("control").dropna(subset="level")
    if len(controls) and controls["level"].iloc[0] <= _HARDLY:
        row = controls.iloc[0]
        rows.append(Decision(
            what=f"See to {row['group']}: it is at {row['level']:.0f} of {HIGHEST}",
            subject=str(row["group"]), topic="control",
            because=f"Of five controls against cyber incidents it is the weakest: "
            f"{row['evidence']}. What all of them take off stands with cyber incidents.",
            evidence="Cyber incidents", basis="judgement", **rest,
        ))  # fmt: skip
    return rows


def _close(found: AlignmentFound, as_of: dt.date, shared: dict[str, Any]) -> list[Decision]:
    """Close the largest gaps that money is known of; ask about the largest without."""
    if found.gaps is None or found.gaps.empty:
        return []
    rows = []
    for place, row in found.gaps.head(_MOST).iterrows():
        goal, covered = str(row["goal"]), f"{row['coverage']:.0%}"
        what = fit((goal,), f"Close the gap in “{{}}”: technology carries {covered} of it")
        rest: dict[str, Any] = {"subject": goal, "topic": "gap", "evidence": "Goal by goal"}
        if row["worth"] == row["worth"] and row["worth"] > 0:
            worth = Interval(float(row["worth"]), float(row["worth_low"]),
                             float(row["worth_high"]), 1.0)  # fmt: skip
            due = row["date"]
            rows.append(Decision(
                what=what, kind="act", value=worth, waiting=worth.scaled(_QUARTER),
                by=due.date() if due == due and due.date() > as_of else None,
                because=f"It is {row['weight']:.0%} of what matters to you. Worth: what you said "
                f"it would bring, before what it costs.{_beside(str(row['projects']))}",
                basis="judgement", **rest, **shared,
            ))  # fmt: skip
        elif place == 0:
            rows.append(Decision(
                what=fit((goal,), "Say what reaching “{}” would bring in a year"), kind="ask",
                by=None, because=f"It is the gap to close first, {row['weight']:.0%} of what "
                f"matters with {covered} carried, and nobody has put money to it.",
                basis="judgement", **rest, **shared,
            ))  # fmt: skip
    return rows


def _beside(projects: str) -> str:
    """What is planned for a goal brings part of its worth: never count both."""
    if not projects:
        return " No project on the list serves it."
    return f" What these bring is part of that, not more: {projects}."


def _measure(found: AlignmentFound, shared: dict[str, Any]) -> list[Decision]:
    if found.alignment is None:
        return []
    goals = found.alignment.goals
    blind = goals[goals["metric"] == ""].sort_values("weight", ascending=False, kind="stable")
    if blind.empty:
        return []
    goal = str(blind["goal"].iloc[0])
    more = f" It is one of {len(blind)} without a measure." if len(blind) > 1 else ""
    return [Decision(
        what=fit((goal,), "Name a number for “{}”"), kind="ask",
        subject=goal, topic="metric", by=None,
        because=f"A goal that nobody can check cannot be missed, or met.{more} Until it "
        "can be measured nothing can be said in money.",
        evidence="Pitfalls", basis="measured", **shared,
    )]  # fmt: skip


def _automate(found: AlignmentFound, shared: dict[str, Any]) -> list[Decision]:
    if found.tasks is None:
        return []
    rows = found.tasks[(found.tasks["saved"] > 0) & (found.tasks["pays"] >= 0.5)]
    decided = [
        Decision(
            what=fit((str(row["task"]),),
                     f"Let a tool take over {{}}: {row['hours']:,.0f} hours a year"),
            kind="act", subject=str(row["task"]), topic="automation", by=None,
            value=Interval(float(row["saved"]), float(row["saved_low"]), float(row["saved_high"]),
                           1.0),
            pays=float(row["pays"]), waiting=_up(row, "saved").scaled(_QUARTER),
            because=f"Tools take over {row['share_low']:.0%} to {row['share_high']:.0%} of such "
            "work; the hours are worth it only if they are used for something else.",
            evidence="Repeated work", basis="judgement", **shared,
        )
        for _, row in rows.head(_MOST).iterrows()
    ]  # fmt: skip
    unpriced = found.tasks[found.tasks["saved"].isna() & (found.tasks["cost"] > 0)]
    if unpriced.empty:
        return decided
    first = unpriced.sort_values("cost", ascending=False, kind="stable").iloc[0]
    return [*decided, Decision(
        what=fit((str(first["task"]),), "Ask what a tool for {} would cost"),
        kind="ask", subject=str(first["task"]), topic="tool price", by=None,
        because=f"It takes {first['hours']:,.0f} hours a year. Without the tool's price nobody can "
        "say whether it pays, so no money stands here.",
        evidence="Repeated work", basis="judgement", **shared,
    )]  # fmt: skip


def _join(found: AlignmentFound, shared: dict[str, Any]) -> list[Decision]:
    if found.links is None:
        return []
    rows = found.links[(found.links["lost"] > 0) & (found.links["payback"] < 2)]
    return [
        Decision(
            what=fit((str(row["link"]),),
                     f"Let {{}} talk: {row['hours']:,.0f} hours a year are typed twice",
                     f"Let {{}} talk: {row['hours']:,.0f} hours typed twice", "Let {} talk"),
            kind="act", subject=str(row["link"]), topic="integration", by=None,
            value=_up(row, "lost"),
            cost=Interval(float(row["effort"]), float(row["effort"]), float(row["effort"]), 1.0),
            waiting=_up(row, "lost").scaled(_QUARTER),
            because=f"It pays back in {row['payback']:.1f} years, and every further system would "
            "be typed into as well.",
            evidence="Systems that should talk", basis="judgement", **shared,
        )
        for _, row in rows.head(_MOST).iterrows()
    ]  # fmt: skip


def _insure(found: AlignmentFound, money: str, shared: dict[str, Any]) -> list[Decision]:
    loss = found.cyber
    if loss is None:
        return []
    if loss.kept is None:
        return [Decision(
            what="Ask for an offer of cyber insurance",
                kind="ask", subject="cyber insurance", topic="offer", by=None,
            because=f"An average year costs {compact(loss.expected.point, money)}, a bad one "
                f"{compact(loss.bad_year.point, money)}; an offer says what taking the bad years "
                "away would cost.",
                evidence="Cyber incidents", basis="published", **shared,
        )]  # fmt: skip
    ceded = loss.expected.point - loss.kept.point
    bad = loss.kept_bad_year.point if loss.kept_bad_year else 0.0
    if ceded >= loss.premium or loss.bad_year.high > 3 * max(bad, 1.0):
        return []
    return [Decision(
        what=f"Ask for a lower premium: {compact(loss.premium, money)} buys "
        f"{compact(ceded, money)} of cover a year",
        kind="ask", subject="cyber insurance", topic="premium", by=None,
        because="It costs more than it takes away on average, and a bad year stays nearly as bad.",
        evidence="Cyber incidents", basis="published", **shared,
    )]  # fmt: skip


def _train(found: AlignmentFound, shared: dict[str, Any]) -> list[Decision]:
    if found.skills is None:
        return []
    alone = found.skills[found.skills["runs"] <= 1]
    if alone.empty:
        return []
    row = alone.iloc[0]
    system = str(row["system"])
    return [Decision(
        what=fit((system, str(row["who"])), "Teach a second person to run {}: only {} can")
        if row["runs"] else
        fit((system,), "Teach somebody to run {}: nobody can alone"),
        kind="ask",
        subject=system, topic="skills", by=None,
        because=f"{len(alone)} of {len(found.skills)} systems hang on one person or on nobody; an "
        "illness then stops the work. What a day without it costs is not known, so no money stands "
        "here.",
        evidence="Who can run what", basis="measured", **shared,
    )]  # fmt: skip


def _up(row: Any, name: str) -> Interval:
    point, low, high = (max(float(row[f"{name}{end}"]), 0.0) for end in ("", "_low", "_high"))
    return Interval(point, low, high, 1.0)
