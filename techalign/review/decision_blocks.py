"""Decisions as records hold them: as shown, where they stood, and what the tables show since."""

from __future__ import annotations

import datetime as dt
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field

from techalign.decision import Area, Basis, Decision, DecisionKind
from techalign.numbers.intervals import Interval
from techalign.report.decisions import Standing
from techalign.review.block import Block, BlockRow, Chance, Label, Money

__all__ = ["Decided", "DecisionRow", "KeptRow", "ShownSince"]

Status = Literal["open", "agreed", "done", "declined", "lapsed"]


class Ends(BlockRow):
    """Money with the ends of its range."""

    point: Money
    low: Money
    high: Money
    level: Chance

    @property
    def interval(self) -> Interval:
        """The same as an interval."""
        return Interval(self.point, self.low, self.high, self.level)


class KeptRow(BlockRow):
    """What the decisions table says of one decision, found again or not."""

    status: Status
    owner: str = ""
    by: dt.date | None = None
    note: str = ""
    changed: dt.date | None = None


class DecisionRow(BlockRow):
    """One decision as it was shown; see :class:`techalign.decision.Decision`."""

    id: Label
    what: Label
    area: Area
    kind: DecisionKind
    subject: Label
    topic: str
    owner: Label
    by: dt.date | None
    value: Ends | None
    cost: Ends | None
    waiting: Ends | None
    hours: float
    unit: str
    pays: Chance | None
    reversible: bool
    because: Label
    evidence: Label
    basis: Basis
    assumes: tuple[str, ...]
    status: Status
    note: str
    changed: dt.date | None

    @property
    def decision(self) -> Decision:
        """The decision itself."""
        given: dict[str, Any] = {name: getattr(self, name) for name in _FIELDS}
        for name in ("value", "cost", "waiting"):
            given[name] = given[name].interval if given[name] else None
        return Decision(**given)

    @property
    def kept_status(self) -> str:
        """Its status as the client's table can hold it."""
        return "open" if self.status == "lapsed" else self.status

    @property
    def standing(self) -> Standing:
        """Where it stood."""
        return Standing(
            status=self.status, owner=self.owner, by=self.by, note=self.note, changed=self.changed
        )


_FIELDS = (
    "what", "area", "kind", "subject", "topic", "owner", "by", "value", "cost", "waiting", "hours",
    "unit", "pays", "reversible", "because", "evidence", "basis", "assumes",
)  # fmt: skip


class ShownSince(BaseModel):
    """What the tables show since a decision was done; see :class:`techalign.decision.Outcome`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    brought: Money | None
    from_promise: bool = False
    said: Label


class Decided(Block):
    """A report's decisions, and what the client's table says of all there ever were."""

    name: ClassVar = "decisions"
    rows: tuple[DecisionRow, ...]
    kept: dict[str, KeptRow] = Field(default_factory=dict)
    since: dict[str, ShownSince] = Field(default_factory=dict)
