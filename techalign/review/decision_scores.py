"""Decisions that are done, against what they promised.

A decision named money. Where the client's tables can tell what came of it they do: payments,
credits, seats, hours typed twice. What has merely not happened (a company that did not cease),
or has many causes (sales), cannot be told, and is not scored.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from techalign.numbers.formatting import compact, format_interval
from techalign.numbers.intervals import Interval
from techalign.report.blocks import note, table
from techalign.review.decision_blocks import Decided, DecisionRow, KeptRow
from techalign.review.records import Record
from techalign.review.subject import Clients, Earlier, Part

__all__ = ["Finished", "finished", "practice"]

_SHOW = frozenset({"double", "idle", "one way", "integration", "automation"})
"""Topics of which the tables themselves show whether there is still something to do."""
_MANY_CAUSES = frozenset({"feed", "split", "gap", "dependence", "left alone", "short", "media"})
_PLAY = 0.005  # of the promise: an exact number may have been rounded
_NAMED = 6  # decisions of all clients that are not folded


@dataclass(frozen=True)
class Finished:
    """A decision that was done, what it promised, and what the tables show.

    Attributes
    ----------
    id, what : str
    changed : date or None
        When it was said to be done.
    promised : Interval
        Money, as it was last shown before.
    unit : str
        Its currency.
    brought : float or None
        Money; None where the tables cannot tell.
    said : str
        What shows it, or why it cannot be told.
    """

    id: str
    what: str
    changed: dt.date | None
    promised: Interval
    unit: str
    brought: float | None
    said: str

    @property
    def inside(self) -> bool:
        """Whether what it brought lies within what was promised."""
        if self.brought is None:
            return False
        play = _PLAY * abs(self.promised.point)
        return self.promised.low - play <= self.brought <= self.promised.high + play

    @property
    def sentence(self) -> str:
        """The comparison in words."""
        promised = format_interval(self.promised, self.unit, short=True)
        if self.brought is None:
            return f"promised {promised}; what it brought cannot be told: {self.said}"
        came = compact(self.brought, self.unit)
        how = "within that" if self.inside else "less" if self._less else "more"
        if self.brought == 0:
            return f"promised {promised}, brought nothing so far: {self.said}"
        return f"promised {promised}, brought {came} ({how}): {self.said}"

    @property
    def _less(self) -> bool:
        return self.brought is not None and self.brought < self.promised.low


def finished(now: Sequence[Record], earlier: Earlier) -> list[Finished]:
    """Score a client's decisions that are done, the latest first.

    Parameters
    ----------
    now : sequence of Record
        The client's present records.
    earlier : mapping of str to sequence of Record
        Those of earlier quarters, from which what was promised is taken.

    Returns
    -------
    list of Finished
        Only decisions with money that an earlier review has shown.
    """
    found = []
    for record in now:
        block = record.block(Decided)
        kept = block.kept if block else {}
        for name in (name for name, each in kept.items() if each.status == "done"):
            shown = _promise(record.notebook, name, kept[name].changed, earlier)
            if shown is not None and shown.value is not None:
                found.append(_score(shown, kept[name], record))
    return sorted(found, key=lambda each: (-(each.changed or dt.date.min).toordinal(), each.id))


def _promise(
    notebook: str, name: str, changed: dt.date | None, earlier: Earlier
) -> DecisionRow | None:
    """A decision as it was last shown before it was done."""
    shown = [
        (record.as_of, row)
        for _, records in sorted(earlier.items())
        for record in records
        if record.notebook == notebook
        for row in record.rows(Decided)
        if row.id == name
    ]
    before = [row for day, row in shown if changed is None or day <= changed.isoformat()]
    return before[-1] if before else shown[0][1] if shown else None


def _score(shown: DecisionRow, kept: KeptRow, record: Record) -> Finished:
    assert shown.value is not None  # those without money were left out
    brought, said = _brought(shown, shown.value.point, record)
    return Finished(
        shown.id, shown.what, kept.changed, shown.value.interval, shown.unit, brought, said
    )


def _brought(shown: DecisionRow, promise: float, record: Record) -> tuple[float | None, str]:
    """What a decision brought, and what shows it."""
    block = record.block(Decided)
    since = block.since.get(shown.id) if block else None
    if since is not None and not shown.topic.startswith("end of"):
        if since.brought is None:
            return None, since.said
        if since.from_promise:
            came = promise + since.brought
            # of seats that nobody uses some were to move elsewhere: not a loss where they remain
            return max(came, 0.0) if shown.topic == "seats" else came, since.said
        # a credit may be for more than what was asked back
        return min(since.brought, promise) if shown.topic == "paid twice" else since.brought, (
            since.said
        )
    if shown.topic in _SHOW:
        left = {row.id: row for row in record.rows(Decided)}.get(shown.id)
        if left is None or left.value is None:
            return promise, "the records no longer show it"
        still = format_interval(left.value.interval, left.unit, short=True)
        return promise - left.value.point, f"the records still show {still} of it"
    if shown.topic in _MANY_CAUSES:
        return None, "sales and goals move for many reasons"
    if shown.area == "vendors" or shown.topic.startswith("end of"):
        return None, "it shows only in what does not happen"
    return None, "no table measures it"


def practice(clients: Clients, earlier: Mapping[str, Earlier]) -> Part:
    """How finished decisions of all clients did against what they promised."""
    every = [
        (records[0].client_name, each)
        for client, records in clients.items()
        if earlier.get(client)
        for each in finished(records, earlier[client])
    ]
    html = note(_said([each for _, each in every])).html
    told = [(name, each) for name, each in every if each.brought is not None]
    if told:
        frame = pd.DataFrame(
            {
                "client": [name for name, _ in told],
                "what": [each.what for _, each in told],
                "promised": [format_interval(e.promised, e.unit, short=True) for _, e in told],
                "brought": [compact(e.brought or 0.0, e.unit) for _, e in told],
                "shown": [each.said for _, each in told],
            }
        )
        listed = table(
            frame,
            caption="Decisions that were done: what was promised, and what the tables show",
            columns={
                "client": "Client", "what": "What", "promised": "Promised", "brought": "Brought",
                "shown": "What shows it",
            },
            shown=_NAMED,
        ).html  # fmt: skip
        html += f'<details class="more"><summary>One by one</summary>{listed}</details>'
    return Part("Decisions that were done", html)


def _said(every: Sequence[Finished]) -> str:
    """The practice's score in words, money of each currency by itself."""
    if not every:
        return (
            "No decision that was done can be scored yet: that takes one that an earlier review "
            "put, and that 'techalign decide' has marked as done."
        )
    told = [each for each in every if each.brought is not None]
    inside = sum(each.inside for each in told)
    were = "decisions were" if len(every) != 1 else "decision was"
    said = f"{len(every)} {were} done; of {len(told)} the tables can tell what came of it"
    if not told:
        return f"{said}."
    return f"{said}, and {inside} brought what was promised. {_sums(told)}"


def _sums(told: Iterable[Finished]) -> str:
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
    for each in told:
        sums[each.unit][0] += each.promised.point
        sums[each.unit][1] += each.brought or 0.0
    said = (
        f"{compact(promised, unit)} was promised and {compact(brought, unit)} came"
        for unit, (promised, brought) in sorted(sums.items())
    )
    return f"Together {'; '.join(said)}."
