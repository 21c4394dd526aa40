"""What became of the decisions that reports have put to the client."""

from __future__ import annotations

from typing import ClassVar, Literal

from techalign.intake.rows.common import Day, Money, Name, Row, Text, column

__all__ = ["DecisionRow", "DecisionStatus"]

DecisionStatus = Literal["open", "agreed", "done", "declined"]


class DecisionRow(Row):
    """One decision a report has shown, and what was said or done about it."""

    table: ClassVar = "decisions"
    key: ClassVar = ("id",)
    enables: ClassVar = "what became of each decision"
    begins: ClassVar = False

    id: Name = column(
        "the decision's id, as 'techalign decide CLIENT' lists it",
        ["spending-act-cobalt-docs-seats"],
    )
    what: Text = column(
        "what was to be done, as it was shown", ["Give up 3 of 9 seats of Cobalt Docs"], default=""
    )
    first_seen: Day | None = column("day it was first shown", ["2026-03-31"], default=None)
    status: DecisionStatus = column("open, agreed, done or declined", ["agreed"])
    owner: Text = column("who does it", ["Ann Oak"], default="")
    by: Day | None = column("until when", ["2026-08-14"], default=None)
    note: Text = column("what was said of it", ["two stay for the interns"], default="")
    changed: Day | None = column("day the status was last changed", ["2026-04-02"], default=None)
    value: Money | None = column("what it was worth when the status was set", [540.0], default=None)
