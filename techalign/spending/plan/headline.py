"""What the plan page says first, whichever of its tables a client has.

A client may have projects, or only old technology, or only a choice between providers. One
sentence for all of them would speak of nought projects of nought, which nobody asked about.
"""

from __future__ import annotations

import numpy as np

from techalign.numbers.formatting import compact, format_interval, format_value
from techalign.numbers.intervals import Interval
from techalign.spending.plan.options import OptionsCompared
from techalign.spending.plan.roadmap import Roadmap

__all__ = ["plan_headline", "worth_source"]

_PROJECT, _REPLACEMENT = "project", "replacement"


def plan_headline(
    name: str,
    plan: Roadmap,
    providers: OptionsCompared,
    quarters: int,
    currency: str,
    unplanned: int = 0,
) -> str:
    """Say what the client can do, and what it is worth; without projects, what it can choose.

    Parameters
    ----------
    name : str
        The client's, as it is written.
    plan : Roadmap
    providers : OptionsCompared
        Without rows where there is no choice.
    quarters : int
        Length of the plan.
    currency : str
        Three letters.
    unplanned : int
        Projects that could not be planned, as what they wait for cannot be right.

    Returns
    -------
    str
        One to three sentences.

    Examples
    --------
    See ``tests/spending/plan/test_headline.py``: it takes a whole plan.
    """
    if len(plan.short):
        return _too_much(name, plan, currency)
    if len(plan.tasks) + len(plan.left):
        worth = format_interval(plan.total, currency, short=True)
        they = "it costs, it" if len(plan.tasks) == 1 else "they cost, they"
        value = f" Less what {they} should be worth {worth}." if len(plan.tasks) else ""
        planned = f"{_counted(plan)} within {quarters} quarters"
        more = f" {unplanned} more cannot be planned: see what they wait for." if unplanned else ""
        return f"{name} can do {planned}.{value} {plan.sentence}{more}"
    if len(providers.choices):
        return " ".join(_chosen(name, providers, currency))
    if unplanned:
        return f"No project of {name} can be planned: what they wait for cannot be right."
    if len(providers.frame):
        return "Each choice names one provider only: with a second one they could be compared."
    return f"Nothing that {name} has is due to be replaced within {quarters} quarters."


def worth_source(plan: Roadmap, currency: str) -> str:
    """Say where the worth of each task comes from, and why all together may be worth more.

    Parameters
    ----------
    plan : Roadmap
    currency : str
        Three letters.

    Returns
    -------
    str
        For below the table of tasks.

    Examples
    --------
    See ``tests/spending/plan/test_headline.py``: it takes a whole plan.
    """
    said = "your projects and devices; worth from simulated futures"
    more = plan.total.point - float(plan.tasks["value"].sum())
    if more <= 1e-6 * abs(plan.total.point):
        return said
    return (
        f"{said}; what helps each other is worth {compact(more, currency)} more together, "
        "which stands in no row"
    )


def _too_much(name: str, plan: Roadmap, currency: str) -> str:
    """Where not even what must be done fits: what is short first, and what would have to go."""
    row = plan.short.iloc[0]
    lacks = {
        "money": format_value(np.ceil(row["missing"]), currency),
        "hours": f"{np.ceil(row['missing']):,.0f} hours",
    }.get(str(row["what"]), f"time of {row['what']}")
    more = len(plan.short) - 1
    also = f", and {more} more shortage{'s follow' if more > 1 else ' follows'}" if more else ""
    verb = "are" if row["what"] == "hours" and np.ceil(row["missing"]) != 1 else "is"
    go = f" Without {' and '.join(plan.drop)} it would fit." if plan.drop else ""
    return (
        f"What {name} must do does not fit what there is: {lacks} {verb} missing in {row['when']}"
        f"{also}.{go} The plan below does it nevertheless."
    )


def _counted(plan: Roadmap) -> str:
    """How many of how many, and of what."""
    kinds = {*plan.tasks["kind"], *plan.left["kind"]}
    done, known = len(plan.tasks), len(plan.tasks) + len(plan.left)
    if kinds == {_PROJECT}:
        what = "project" if known == 1 else "projects"
    elif kinds == {_REPLACEMENT}:
        what = "replacement of old technology" if known == 1 else "replacements of old technology"
    else:
        what = "projects and replacements"
    many = f"all {known}" if done == known else f"{done or 'none'} of {known}"
    return f"{many if known > 1 else 'the one' if done else 'not even the one'} {what}"


def _chosen(name: str, providers: OptionsCompared, currency: str) -> list[str]:
    """Each of the first choices in a sentence, and how many more there are."""
    said = []
    for row in providers.choices.head(2).to_dict("records"):
        saving = Interval(row["saving"], row["saving_low"], row["saving_high"], providers.level)
        said.append(
            f"For {row['decision']}, {row['best']} costs {name} least: "
            f"{format_interval(saving, currency, short=True)} a year less than {row['other']}."
        )
    more = len(providers.choices) - len(said)
    if more:
        said.append(f"{more} more choice{'s are' if more > 1 else ' is'} compared below.")
    return said
