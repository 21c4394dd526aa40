"""Decisions on a page: what to do, by whom, by when, worth how much, and what became of it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from techalign.charts.theme import in_notebook
from techalign.decision import Decision, Outcome, first_things_first
from techalign.html import escape, unbroken
from techalign.numbers.formatting import format_chance, format_date, format_interval
from techalign.numbers.intervals import Interval
from techalign.report.proposed import PROPOSED
from techalign.report.recorded import RECORD_MIME
from techalign.report.words import in_brackets
from techalign.text import folded

if TYPE_CHECKING:
    import pandas as pd

    from techalign.client import Client

__all__ = ["Decisions", "Standing", "days_left", "decision_html", "decisions", "standings"]

SHOWN = 5
"""Decisions shown; more are folded."""

QUARTERS_AWAY = 4
"""Quarters a declined decision stays away, unless its value doubles."""

_OF_THE_LEDGER = frozenset({"paid twice", "price", "budget"})  # topics that rest on payments alone
_DAYS_PER_QUARTER = 91
_BASIS = {
    "measured": "Measured from your own records.",
    "published": "Rests on published statistics.",
    "judgement": "Rests on judgement: see the assumptions.",
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """Where a decision stands: open, agreed, done, declined or lapsed, and what was said of it."""

    status: str = "open"
    owner: str = ""
    by: dt.date | None = None
    note: str = ""
    changed: dt.date | None = None
    value: float | None = None


def standings(kept: pd.DataFrame) -> dict[str, Standing]:
    """Read what the decisions table says, by id.

    Parameters
    ----------
    kept : DataFrame
        Clean rows of the decisions table: id, status, owner, by, note, changed, value.
    """
    columns = ("id", "status", "owner", "by", "note", "changed", "value")
    return {
        str(row["id"]): Standing(
            status=str(row["status"]),
            owner=str(row["owner"]),
            by=_day(row["by"]),
            note=str(row["note"]),
            changed=_day(row["changed"]),
            value=_number(row["value"]),
        )
        for row in kept[list(columns)].to_dict("records")
    }


@dataclass(frozen=True, repr=False)
class Decisions:
    """A report's decisions, the first to take first, with where each stands.

    Examples
    --------
    >>> cut = Decision(
    ...     what="Give up two of eleven seats of Ledger", area="spending", kind="act",
    ...     subject="Ledger", topic="seats", owner="the owner", by=dt.date(2026, 8, 14),
    ...     value=Interval(4200.0, 4200.0, 4200.0, 1.0), unit="USD",
    ...     because="Nobody has used them for three months.", evidence="Seats", basis="measured")
    >>> shown = Decisions(((cut, Standing()),), (), {}, dt.date(2026, 6, 30))
    >>> shown, "45 days left" in shown.html
    (<1 decision>, True)
    """

    found: tuple[tuple[Decision, Standing], ...]
    away: tuple[tuple[Decision, Standing], ...]
    kept: Mapping[str, Standing]
    as_of: dt.date
    since: Mapping[str, Outcome] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"<{len(self.found)} decision{'s' if len(self.found) != 1 else ''}>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        del include, exclude  # both forms are always wanted
        every = (*self.found, *self.away)
        rows = [_row(decision, standing) for decision, standing in every]
        units = {decision.unit for decision, _ in every if decision.unit}
        data = {
            "name": "decisions",
            "unit": units.pop() if len(units) == 1 else "",
            "rows": rows,
            "kept": {name: _kept(standing) for name, standing in sorted(self.kept.items())},
            "since": {name: asdict(outcome) for name, outcome in sorted(self.since.items())},
        }
        return {"text/html": in_notebook(self.html), RECORD_MIME: data}

    @property
    def html(self) -> str:
        """The list as HTML."""
        if not self.found and not self.away:
            said = "Nothing here needs a decision now, as far as the tables tell."
            return f'<section class="decisions"><h2>What to decide</h2><p>{said}</p></section>'
        items = [decision_html(d, s, self.as_of) for d, s in self.found]
        more = ""
        if len(items) > SHOWN + 1:
            rest = "".join(items[SHOWN:])
            more = (
                f'<details class="more"><summary>{len(items) - SHOWN} more decisions</summary>'
                f'<ol start="{SHOWN + 1}">{rest}</ol></details>'
            )
            items = items[:SHOWN]
        money = (m for d, _ in self.found for m in (d.value, d.cost, d.waiting) if m)
        held = {m.level for m in money if m.low != m.high}
        said = in_brackets(held)
        parts = [f"<ol>{''.join(items)}</ol>{more}"]
        parts += [f'<p class="source">{escape(said)}</p>'] if said else []
        parts += [f'<p class="source">{escape(_set_aside(self.away))}</p>'] if self.away else []
        return f'<section class="decisions"><h2>What to decide</h2>{"".join(parts)}</section>'


def decisions(
    found: Iterable[Decision], client: Client, *, since: Mapping[str, Outcome] | None = None
) -> Decisions:
    """Show what to decide, directly under the headline, and record it for the review.

    Parameters
    ----------
    found : iterable of Decision
        Of the report's models; ordered here.
    client : Client
        Whose day of review counts, and whose decisions table says where each stands.
    since : mapping of str to Outcome, optional
        What the tables show of decisions that are done, by id, for the review to score.

    Returns
    -------
    Decisions

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from techalign.client import load_client
    >>> from techalign.client.create import create_client
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = create_client(Path(folder), "acme", name="Acme & Co", currency="USD")
    ...     client = load_client(folder, "acme", tables=["partners"], as_of="2026-06-30")
    >>> cut = Decision(
    ...     what="Give up two of eleven seats of Ledger", area="spending", kind="act",
    ...     subject="Ledger", topic="seats", owner="the owner", by=dt.date(2026, 8, 14),
    ...     value=Interval(4200.0, 4200.0, 4200.0, 1.0), unit="USD",
    ...     because="Nobody has used them for three months.", evidence="Seats", basis="measured")
    >>> shown = decisions([cut], client)
    >>> [(decision.id, standing.status) for decision, standing in shown.found]
    [('spending-act-ledger-seats', 'open')]
    """
    asked = "decisions" in client.asked
    kept = standings(client.table("decisions")) if asked else {}
    shown: list[tuple[Decision, Standing]] = []
    away: list[tuple[Decision, Standing]] = []
    for decision in first_things_first(found, client.as_of):
        decision = _with_remark(decision, client)
        standing = _now(decision, kept.get(decision.id, Standing()), client.as_of)
        (away if standing.status in {"done", "declined"} else shown).append((decision, standing))
    return Decisions(tuple(shown), tuple(away), kept, client.as_of, since or {})


def _with_remark(decision: Decision, client: Client) -> Decision:
    """Say of a decision that it rests on proposals, where its subject's rows hold any."""
    if decision.topic in _OF_THE_LEDGER:
        return decision
    about = f" {folded(f'{decision.subject} {decision.what}')} "
    for table in client.tables.values():
        if not table.proposed:
            continue
        rows = table.clean[table.clean.index.isin(list(table.proposed))]
        if any(f" {folded(str(name))} " in about for name in rows.iloc[:, 0]):
            said = f"{decision.because} Its figures were {PROPOSED}."
            return replace(decision, because=said, basis="judgement")
    return decision


def _now(decision: Decision, standing: Standing, today: dt.date) -> Standing:
    """Where it stands today: what was declined may come back, what was open may have lapsed."""
    if standing.status == "declined":
        until = (standing.changed or today) + dt.timedelta(_DAYS_PER_QUARTER * QUARTERS_AWAY)
        value = decision.value.point if decision.value else 0.0
        if today >= until or (standing.value and value >= 2 * standing.value):
            return Standing(note=standing.note)
    by = standing.by or decision.by
    if standing.status == "open" and by is not None and by < today:
        return Standing(**{**asdict(standing), "status": "lapsed"})
    return standing


def decision_html(
    decision: Decision, standing: Standing, today: dt.date, page: str = "", most: float = 0.0
) -> str:
    """One decision as a list item.

    Parameters
    ----------
    decision : Decision
    standing : Standing
    today : date
        The day of the review.
    page : str
        The report's page, where the list stands on another one.
    most : float
        The amount that fills the small drawing of the value's range; 0 for none.
    """
    href = f"{page}#{decision.evidence.replace(' ', '-')}"
    where = f'<a href="{escape(href)}">{escape(decision.evidence)}</a>'
    return (
        f'<li id="{escape(decision.id)}"><p class="do">{escape(decision.what)}</p>'
        f'<p class="facts">{"; ".join(_facts(decision, standing, today))}.</p>'
        f"{_range_mark(decision, most)}"
        f'<p class="why">{unbroken(decision.because)} {escape(_BASIS[decision.basis])} '
        f"More: {where}.</p></li>"
    )


def _range_mark(decision: Decision, most: float) -> str:
    """The value's range on a line that is as long for each decision beside it."""
    value = decision.value
    if value is None or not 0 < most < float("inf") or value.high <= 0:
        return ""
    low, point, high = (
        min(max(each / most, 0.0), 1.0) for each in (value.low, value.point, value.high)
    )
    return (
        f'<p class="range" aria-hidden="true"><i style="left:{low:.1%};width:{high - low:.1%}"></i>'
        f'<b style="left:{point:.1%}"></b></p>'
    )


def _facts(decision: Decision, standing: Standing, today: dt.date) -> list[str]:
    """Who, by when, and the money, each as HTML."""
    owner = standing.owner or decision.owner
    facts = [f"<b>Who</b> {escape(owner)}", _by(decision, standing, today)]
    money = ((decision.value, "worth"), (decision.cost, "costs"))
    for amount, word in money:
        if amount is not None and (amount.point or amount.low != amount.high):
            text = format_interval(amount, decision.unit, short=True)
            facts.append(f"<b>{word}</b> {unbroken(text)}{' in a year' if word == 'worth' else ''}")
    if decision.hours:
        facts.append(f"<b>takes</b> about {decision.hours:g} hours")
    if decision.pays is not None:
        facts.append(f"<b>pays</b> with a chance of {format_chance(decision.pays)}")
    if decision.waiting is not None and decision.waiting.high > 0:
        text = format_interval(decision.waiting, decision.unit, short=True)
        facts.append(f"<b>a quarter later</b> {unbroken(text)} lost")
    if standing.status == "agreed":
        facts.append("<b>agreed</b>" + (f": {escape(standing.note)}" if standing.note else ""))
    return facts


def _by(decision: Decision, standing: Standing, today: dt.date) -> str:
    day = standing.by or decision.by
    if day is None:
        return "no fixed day"
    return f"<b>by</b> {format_date(day)} ({days_left(day, today)})"


def days_left(day: dt.date, today: dt.date) -> str:
    """How far off a day is, as HTML; a day that has passed is said so by word and colour."""
    left = (day - today).days
    if left < 0:
        return f'<span class="late">{-left} day{"s" if left != -1 else ""} overdue</span>'
    if left == 0:
        return '<span class="late">today</span>'
    return f"{left} day{'s' if left != 1 else ''} left"


def _set_aside(away: Sequence[tuple[Decision, Standing]]) -> str:
    texts = []
    for decision, standing in away:
        when = f" on {format_date(standing.changed)}" if standing.changed else ""
        said = (
            "still found in the records, though done" if standing.status == "done" else "declined"
        )
        note = f" ({standing.note})" if standing.note else ""
        texts.append(f"{decision.what}: {said}{when}{note}")
    return f"Set aside: {'; '.join(texts)}."


def _row(decision: Decision, standing: Standing) -> dict[str, Any]:
    """A decision as the review reads it."""
    return {
        "id": decision.id,
        "what": decision.what,
        "area": decision.area,
        "kind": decision.kind,
        "subject": decision.subject,
        "topic": decision.topic,
        "owner": standing.owner or decision.owner,
        "by": _iso(standing.by or decision.by),
        "value": _ends(decision.value),
        "cost": _ends(decision.cost),
        "waiting": _ends(decision.waiting),
        "hours": decision.hours,
        "unit": decision.unit,
        "pays": decision.pays,
        "reversible": decision.reversible,
        "because": decision.because,
        "evidence": decision.evidence,
        "basis": decision.basis,
        "assumes": list(decision.assumes),
        "status": standing.status,
        "note": standing.note,
        "changed": _iso(standing.changed),
    }


def _kept(standing: Standing) -> dict[str, Any]:
    """What the decisions table says, as the review reads it."""
    days = {"by": _iso(standing.by), "changed": _iso(standing.changed)}
    return {"status": standing.status, "owner": standing.owner, "note": standing.note, **days}


def _ends(money: Interval | None) -> dict[str, float] | None:
    return None if money is None else {name: float(v) for name, v in asdict(money).items()}


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else f"{day:%Y-%m-%d}"


def _number(value: Any) -> float | None:
    return None if value is None or value != value else float(value)


def _day(value: Any) -> dt.date | None:
    if value is None or value != value:
        return None
    return value.date() if isinstance(value, dt.datetime) else value
