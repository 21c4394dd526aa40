"""Decisions in the review: the three to take now over all reports, and what became of the last.

Each report records what it found worth deciding, and what the client's decisions table says of
everything it ever found. Nothing here knows which subjects there are.
"""

from __future__ import annotations

import datetime as dt
import difflib
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from techalign.decision import Decision, first_things_first
from techalign.errors import ParameterError
from techalign.html import escape
from techalign.numbers.formatting import format_date, format_interval
from techalign.report.blocks import note, table
from techalign.report.decisions import decision_html
from techalign.report.page import Section
from techalign.review.decision_blocks import Decided, DecisionRow, KeptRow
from techalign.review.decision_scores import Finished, finished, practice
from techalign.review.history import quarters_kept, read_quarter, review_name
from techalign.review.records import Record, read_records
from techalign.review.subject import Clients, Earlier, Part, Subject
from techalign.text import folded

__all__ = [
    "SUBJECT",
    "Decided",
    "DecisionRow",
    "became",
    "find_decision",
    "front_part",
    "known_decisions",
    "overdue",
    "questions",
    "to_take",
    "what_became",
]

_SHOWN = 12  # decisions of all clients on the portfolio
_AT_ONCE = 5  # of them that are not folded
_FEW = 20  # clients of whom the portfolio shows as many decisions as their own page
CHOSEN = 3
"""Decisions on the front page."""

_OPEN = ": still open"
_RECENT = 366  # days for which a front page tells what a finished decision brought


def _due(records: Sequence[Record]) -> dict[str, tuple[DecisionRow, Record]]:
    return {
        row.id: (row, record)
        for record in records
        for row in record.rows(Decided)
        if row.status in {"open", "agreed", "lapsed"} and row.kind != "ask"
    }


def to_take(records: Sequence[Record], today: dt.date) -> list[Decision]:
    """All decisions of a client's reports that nobody has closed, the first to take first.

    Parameters
    ----------
    records : sequence of Record
        A client's present records.
    today : date
        The day of the review.
    """
    return list(first_things_first((row.decision for row, _ in _due(records).values()), today))


def front_part(records: Sequence[Record], today: dt.date) -> Part:
    """The decisions to take this quarter, over all of a client's reports.

    Parameters
    ----------
    records : sequence of Record
        A client's present records.
    today : date
        The day of the review.
    """
    rows = _due(records)
    ordered = to_take(records, today)
    chosen = _apart(ordered)[:CHOSEN]
    most = max((d.value.high for d in chosen if d.value and d.value.high < math.inf), default=0.0)
    items = [
        decision_html(d, rows[d.id][0].standing, today, f"{rows[d.id][1].notebook}.html", most)
        for d in chosen
    ]
    if not items:
        said = "No report names a decision that is due, as far as the tables tell."
        return Part("Decide this quarter", f"<p>{said}</p>")
    rest = len(ordered) - len(items)
    more = f" The reports name {rest} more." if rest else ""
    why = (
        "Chosen by what waiting a quarter would cost and how likely each is to pay; of equals, "
        "what cannot be undone comes first, and of decisions about the same company only one is "
        f"here.{more}"
    )
    html = f'<ol>{"".join(items)}</ol><p class="source">{escape(why)}</p>'
    return Part("Decide this quarter", html)


def _apart(ordered: Sequence[Decision]) -> list[Decision]:
    """The first decision about each company, partner or goal: a page of three is about three."""
    first: dict[str, Decision] = {}
    for decision in ordered:
        first.setdefault(folded(decision.subject), decision)
    return list(first.values())


@dataclass(frozen=True)
class Overdue:
    """A decision whose day has passed and which nobody has closed."""

    what: str
    day: dt.date


def overdue(records: Sequence[Record], today: dt.date) -> list[Overdue]:
    """Decisions whose day has passed without an answer, the oldest first."""
    late = {
        row.id: Overdue(row.what, row.by)
        for record in records
        for row in record.rows(Decided)
        if row.by is not None and row.by < today and row.status in {"open", "agreed", "lapsed"}
    }
    return sorted(late.values(), key=lambda each: each.day)


def questions(records: Sequence[Record], today: dt.date) -> list[str]:
    """What is to be found out: decisions that only ask, the first of each area before others."""
    asked = {
        row.id: row.decision
        for record in records
        for row in record.rows(Decided)
        if row.kind == "ask" and row.status in {"open", "agreed", "lapsed"}
    }
    before: Counter[str] = Counter()
    ranked = []
    for place, each in enumerate(first_things_first(asked.values(), today)):
        ranked.append((before[each.area], place, each.what))
        before[each.area] += 1
    return [what for _, _, what in sorted(ranked)]


def became(records: Sequence[Record], earlier: Earlier) -> list[str]:
    """What became of the decisions of the last review that are closed, lapsed or agreed on.

    Parameters
    ----------
    records : sequence of Record
        A client's present records.
    earlier : mapping of str to sequence of Record
        Its kept records.
    """
    scored = {each.id: each for each in finished(records, earlier)}
    said, told = [], set()
    for quarter in sorted(earlier)[-1:]:
        now = {record.notebook: record for record in records}
        for record in earlier[quarter]:
            if (present := now.get(record.notebook)) is not None:
                told |= {row.id for row in record.rows(Decided)}
                texts = _all_became(record, present, scored, asked=False)
                said += [text for text in texts if _OPEN not in text]
    today = max(dt.date.fromisoformat(record.as_of) for record in records) if records else None
    older = [
        f"{each.what}: {_done(each)}."
        for name, each in scored.items()
        if name not in told and today and each.changed and (today - each.changed).days <= _RECENT
    ]
    # what was done says most, and of it what can be told in money
    return sorted(
        [*said, *older], key=lambda text: (", brought " not in text, ": done" not in text)
    )


def _all_became(
    before: Record, now: Record, scored: Mapping[str, Finished], *, asked: bool = True
) -> list[str]:
    """What became of each decision; of a question that the tables have answered only if asked."""
    block = now.block(Decided)
    kept = block.kept if block else {}
    still = {row.id for row in now.rows(Decided)}
    today = dt.date.fromisoformat(now.as_of)
    return [
        f"{row.what}: {_became(row, kept.get(row.id), row.id in still, today)}"
        if row.id not in scored
        else f"{scored[row.id].what}: {_done(scored[row.id], kept[row.id].note)}."
        for row in before.rows(Decided)
        if asked or row.kind != "ask" or row.id in still or row.id in kept
    ]


def what_became(now: Record, earlier: Earlier) -> Section | None:
    """What has become of the decisions that a report put at its last review.

    Parameters
    ----------
    now : Record
    earlier : mapping of str to sequence of Record
        Kept records of the same report.
    """
    quarter = max(earlier)
    scored = {each.id: each for each in finished([now], earlier)}
    said = [text for record in earlier[quarter] for text in _all_became(record, now, scored)]
    if not said:
        return None
    closed = [text for text in said if not text.endswith(f"{_OPEN}.")]
    items = "".join(f"<li>{escape(text)}</li>" for text in closed)
    title = "What became of the last decisions"
    left = len(said) - len(closed)
    still = f"{left or 'None'} of {len(said)} {'is' if left == 1 else 'are'} still open."
    html = f"<p>Put at the review of {review_name(quarter)}: {still}</p>"
    html += f"<ul>{items}</ul>" if items else ""
    return Section("last-decisions", title, html)


def known_decisions(out: Path, client: str) -> dict[str, tuple[DecisionRow, str]]:
    """Every decision that a client's records hold, kept ones included.

    Parameters
    ----------
    out : Path
        The output folder.
    client : str

    Returns
    -------
    dict of str to (DecisionRow, str)
        By id: the latest record's word, and the day of the first record that had it.
    """
    quarters = quarters_kept(out, client)
    past = [record for quarter in quarters for record in read_quarter(out, client, quarter)]
    now = [record for record in read_records(out) if record.client == client]
    known: dict[str, tuple[DecisionRow, str]] = {}
    for record in sorted([*past, *now], key=lambda record: record.as_of):
        for row in record.rows(Decided):
            known[row.id] = (row, known[row.id][1] if row.id in known else record.as_of)
    return known


def find_decision(
    known: Mapping[str, tuple[DecisionRow, str]], client: str, name: str
) -> tuple[DecisionRow, str]:
    """One of the known decisions by its id.

    Raises
    ------
    ParameterError
        If there is none of that id; the nearest ids are named.
    """
    if name in known:
        return known[name]
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.4)
    raise ParameterError(
        "is no decision of this client's reports", where=client, value=name,
        remedy=(
            f"Perhaps {' or '.join(near)}." if near
            else f"See 'techalign decide {client}' for all." if known
            else f"Make them with 'techalign run {client}'."
        ),
    )  # fmt: skip


def _done(each: Finished, noted: str = "") -> str:
    """What became of a decision that was done, with what it brought."""
    when = f" on {format_date(each.changed)}" if each.changed else ""
    return f"done{when}{f' ({noted})' if noted else ''}; {each.sentence}"


def _became(row: DecisionRow, kept: KeptRow | None, found: bool, today: dt.date) -> str:
    status = kept.status if kept else "open"
    note = f" ({kept.note})" if kept and kept.note else ""
    when = f" on {format_date(kept.changed)}" if kept and kept.changed else ""
    if status in {"done", "declined"}:
        again = ", yet the records still show it" if found and status == "done" else ""
        return f"{status}{when}{again}{note}."
    by = (kept.by if kept else None) or row.by
    late = f", {(today - by).days} days overdue" if by and by < today else ""
    if status == "agreed":
        who = f" by {kept.owner}" if kept and kept.owner else ""
        return f"agreed{when}{who}{late}{note}."
    if not found:
        if late:
            return f"its day has passed; nobody has said what was done{note}."
        return f"the records no longer show it; nobody has said why{note}."
    return f"lapsed{late}{note}." if late else f"still open{note}."


def _together(clients: Clients) -> list[Part]:
    """What all clients have to decide, each client's first ones first, and what they closed."""
    rows = []
    for records in clients.values():
        today = dt.date.fromisoformat(max(record.as_of for record in records))
        known = {row.id: row for record in records for row in record.rows(Decided)}
        each = CHOSEN if len(clients) <= _FEW else 1
        first = [known[decision.id] for decision in to_take(records, today)[:each]]
        closed = [row for row in known.values() if row.status in {"done", "declined"}]
        rows += [(records[0].client_name, row, today) for row in (*first, *closed[:each])]
    if not rows:
        return []
    # what is late and what comes next first; a practice of a hundred clients has one page
    rows = sorted(rows, key=lambda each: (each[1].by or dt.date.max, each[0]))
    left = len(rows) - _SHOWN
    rows = rows[:_SHOWN]
    frame = pd.DataFrame(
        {
            "client": [name for name, _, _ in rows],
            "what": [row.what for _, row, _ in rows],
            "owner": [row.owner for _, row, _ in rows],
            "by": ["" if row.by is None else format_date(row.by) for _, row, _ in rows],
            "worth": [_worth(row) for _, row, _ in rows],
            "status": [_status(row, today) for _, row, today in rows],
        }
    )
    html = table(
        frame,
        caption="What each client has to decide first, and what was closed",
        columns={
            "client": "Client", "what": "What", "owner": "Who", "by": "By", "worth": "Worth a year",
            "status": "Status",
        },
        shown=_AT_ONCE,
    ).html  # fmt: skip
    more = f'<p class="source">{left} more on the clients\' own pages.</p>' if left > 0 else ""
    return [Part("What clients have to decide", note(_counted(clients)).html + html + more)]


def _counted(clients: Clients) -> str:
    """How many decisions there are in each state, over all clients."""
    count: dict[str, int] = {}
    for records in clients.values():
        today = dt.date.fromisoformat(max(record.as_of for record in records))
        known = {row.id: row for record in records for row in record.rows(Decided)}
        for row in known.values():
            state = _status(row, today)
            count[state] = count.get(state, 0) + 1
    total = sum(count.values())
    said = ", ".join(f"{n:,} {state}" for state, n in sorted(count.items()))
    return f"{total:,} decision{'s' if total != 1 else ''} of all clients: {said}."


def _worth(row: DecisionRow) -> str:
    return format_interval(row.value.interval, row.unit, short=True) if row.value else ""


def _status(row: DecisionRow, today: dt.date) -> str:
    late = row.by is not None and row.by < today and row.status in {"open", "agreed", "lapsed"}
    return f"{row.status}, overdue" if late else row.status


SUBJECT = Subject(
    name="decisions",
    place=0,
    blocks=(Decided,),
    scores=what_became,
    together=_together,
    practice=practice,
)
