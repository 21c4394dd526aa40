"""The blocks a notebook shows beside its headline: tables, notes, assumptions, data used.

Each block is shown as HTML by JupyterLab and by the report alike.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import KW_ONLY, asdict, dataclass, field

import pandas as pd

from techalign.charts.theme import in_notebook
from techalign.client import Client
from techalign.client.profile import PROFILE_FACTS
from techalign.html import (
    Cells,
    Heading,
    cell_text,
    columns_of,
    ends_of,
    ends_shown,
    escape,
    estimated,
    table_html,
    unbroken,
)
from techalign.intake.table import Table
from techalign.numbers.formatting import (
    format_date,
    format_ends,
    format_estimate,
    format_money,
    is_currency,
)
from techalign.numbers.intervals import Interval
from techalign.report.headline import Figure
from techalign.report.proposed import PROPOSED, Unconfirmed
from techalign.report.words import in_brackets, in_words

__all__ = [
    "INPUTS_MIME",
    "Block",
    "Column",
    "DataUsed",
    "assumptions",
    "data_used",
    "freshness",
    "note",
    "notes",
    "table",
    "values",
]

INPUTS_MIME = "application/vnd.techalign.inputs+json"
SHOWN = 15  # rows
_REASONS = 3  # why rows of a table were set aside


@dataclass(frozen=True, repr=False)
class Block:
    """A piece of a report, as HTML whose every text is escaped.

    Examples
    --------
    >>> block = note("Three & more")
    >>> block, block.html
    (<41 characters of a report>, '<p class="note info">Three &amp; more</p>')
    """

    html: str

    def __repr__(self) -> str:
        return f"<{len(self.html):,} characters of a report>"

    def _repr_html_(self) -> str:
        return in_notebook(self.html)


@dataclass(frozen=True, repr=False)
class DataUsed:
    """The table of what was read, with each file's checksum for the provenance footer."""

    html: str
    inputs: tuple[tuple[str, str], ...]
    unconfirmed: Unconfirmed = field(default_factory=lambda: Unconfirmed({}))

    def __repr__(self) -> str:
        return f"<{len(self.inputs)} files read>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        del include, exclude  # both forms are always wanted
        return {
            "text/html": in_notebook(self.html),
            INPUTS_MIME: {
                "inputs": [list(i) for i in self.inputs],
                "unconfirmed": asdict(self.unconfirmed),
            },
        }


def note(text: str, tone: str = "info") -> Block:
    """Show a remark set apart; ``tone`` is "info", "warn" or "bad".

    Parameters
    ----------
    text : str
        Plain text; it is escaped.
    tone : str
        "info", "warn" or "bad".

    Returns
    -------
    Block

    Examples
    --------
    >>> note("The plan ends in May.", "warn").html
    '<p class="note warn">The plan ends in May.</p>'
    """
    return Block(f'<p class="note {escape(tone)}">{unbroken(text)}</p>')


def notes(texts: Sequence[str], tone: str = "info") -> Block:
    """Show several remarks, or nothing where there are none.

    Parameters
    ----------
    texts : sequence of str
        Plain texts; they are escaped.
    tone : str
        "info", "warn" or "bad".

    Returns
    -------
    Block

    Examples
    --------
    >>> notes(["One.", "Two."]).html
    '<p class="note info">One.</p><p class="note info">Two.</p>'
    >>> notes([]).html
    ''
    """
    return Block("".join(note(text, tone).html for text in texts))


def values(
    rows: Sequence[tuple[str, float | Interval, str]], *, caption: str, source: str
) -> Block:
    """Show a few named numbers, each with its unit and its interval where it has one.

    Parameters
    ----------
    rows : sequence of (what, value, unit)
    caption, source : str

    Returns
    -------
    Block

    Examples
    --------
    >>> block = values(
    ...     [("Value", Interval(1000.0, 700.0, 1400.0), "USD"), ("Share", 0.25, "%")],
    ...     caption="The channel", source="partner revenue table")
    >>> "$1,000" in block.html, "($700 to $1,400)" in block.html, "25%" in block.html
    (True, True, True)
    """
    figures = [Figure(what, value, unit, source) for what, value, unit in rows]
    levels = {figure.level for figure in figures}
    frame = pd.DataFrame(
        {
            "what": [figure.label for figure in figures],
            "value": [figure.text for figure in figures],
            "value_ends": [f"({f.interval_text})" if f.interval_text else "" for f in figures],
        }
    )
    return table(
        frame,
        caption=caption,
        columns={"what": "What", "value": "Value"},
        source=source,
        level=max(levels, default=0.0),
    )


def freshness(table: str, last: dt.date | None, as_of: dt.date, allowed_days: int = 45) -> Block:
    """Say until when a table reaches, as a warning where that is long before the report's day.

    Parameters
    ----------
    table : str
        The table's name for the reader.
    last : date or None
        Its last day; None if it holds none.
    as_of : date
    allowed_days : int
        Days a table may lag before the remark becomes a warning.

    Returns
    -------
    Block

    Examples
    --------
    >>> freshness("ledger", dt.date(2026, 6, 28), dt.date(2026, 6, 30)).html
    '<p class="note info">The ledger reaches to 28 Jun 2026.</p>'
    >>> "93 days before" in freshness("ledger", dt.date(2026, 3, 29), dt.date(2026, 6, 30)).html
    True
    """
    if last is None:
        return note(f"The {table} holds no row up to {format_date(as_of)}.", "warn")
    text = f"The {table} reaches to {format_date(last)}."
    behind = (as_of - last).days
    if behind <= allowed_days:
        return note(text)
    return note(
        f"{text} That is {behind} days before the day of this report: figures for the last "
        "twelve months leave out what is not in it yet.",
        "warn",
    )


@dataclass(frozen=True, slots=True)
class Column:
    """What a table shows of a column: its heading, its unit, and what is done with its cells.

    Attributes
    ----------
    heading : str
    unit : str
        See :mod:`techalign.numbers.formatting`, or ``"month"`` for dates.
    sum : bool
        Its sum over all rows, folded ones included, stands in a last row; of an interval, its
        ends are added up.
    whole : Interval or None
        The range of that sum, where it is known: parts that vary by themselves make a narrower
        one than their ends added up.
    bar : bool
        A small bar stands under each number, as wide as its share of the largest.
    rounded : bool
        Money that was estimated, though it is written in whole cents.
    below : bool
        Long texts that recur: each is written once below, with its number in the cells.
    short : bool
        Estimates without ends in as few letters as they need, where columns are many: ``$4.8M``.
    blank : bool
        Zero is left blank: of this part there is none.

    Examples
    --------
    >>> Column("Loss in a year", "USD", sum=True).heading
    'Loss in a year'
    """

    heading: str
    unit: str = ""
    _: KW_ONLY
    sum: bool = False
    whole: Interval | None = None
    bar: bool = False
    rounded: bool = False
    below: bool = False
    short: bool = False
    blank: bool = False


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    columns: Mapping[str, str | tuple[str, str] | Column],
    empty: str = "",
    total: str = "All together",
    level: float = 1.0,
    source: str = "",
    shown: int = SHOWN,
) -> Block:
    """Show a table with a caption.

    A number is shown with its interval in brackets behind it where the frame has ``NAME_low``
    and ``NAME_high`` beside ``NAME``.

    Parameters
    ----------
    frame : DataFrame
        The rows, in the order to show them.
    caption : str
    columns : mapping
        Column of the frame to its heading, to (heading, unit) or to a :class:`Column`; others are
        left out, and so is a column without a single text in it.
    empty : str
        The sentence shown when there are no rows.
    total : str
        What the last row is called, where a column is summed.
    level : float
        Probability the intervals claim to hold; 1 for the range of what is assumed.
    source : str
        Where the numbers come from, shown below.
    shown : int
        Rows beyond this number are folded, not cut; 0 folds the whole table behind its caption:
        registers and sources, for who wants to look up.

    Returns
    -------
    Block

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "vendor": ["Ledger", "Mail"], "loss": [900.0, 300.0],
    ...     "loss_low": [200.0, 100.0], "loss_high": [2100.0, 800.0]})
    >>> block = table(
    ...     frame, caption="Loss in a year", level=0.8, source="vendors table",
    ...     columns={"vendor": "Vendor", "loss": Column("Loss", "USD", sum=True)})
    >>> "($200 to $2,100)" in block.html, "$1,200" in block.html
    (True, True)
    >>> table(frame.head(0), caption="Loss", columns={"vendor": "Vendor"}, empty="No vendor.").html
    '<p class="note info">No vendor.</p>'
    """
    if frame.empty:
        return note(empty or f"{caption}: nothing to show.")
    looks = {name: _look(said) for name, said in columns.items()}
    found = _columns(frame, looks)
    sources = [f"Source: {source}"] if source else []
    for name in (name for name, look in looks.items() if look.below):
        found[name], told = _numbered(found[name])
        sources += [f"{looks[name].heading}: {told}"] if told else []
    first_column = next(iter(looks))
    looks = {k: look for k, look in looks.items() if k == first_column or found[k].speaks()}
    # the ends of numbers go along; what else is in the frame is not shown
    beside = [end for name in looks for end in ends_shown(found, name)]
    cells = {name: found[name] for name in (*looks, *beside)}
    said = in_brackets({level}, brief=True) if beside else ""
    caption = f"{caption}; {said}" if said else caption
    written = {name for name in looks if f"{name}_ends" in found}
    headings = _headings(looks, cells, written)
    # one row is its own sum
    summed = [name for name, look in looks.items() if look.sum] if len(frame) > 1 else []
    at_once = shown or len(frame)
    # a table that would fold a single row away shows it
    at_once += len(frame) == at_once + 1
    hidden = ", folded rows too" if len(frame) > at_once else ""
    footer = {first_column: total + hidden} if summed else {}
    for name in summed:
        footer |= _sum(cells, name, headings[name], looks[name].whole)
    html = _in_two_parts(cells, headings, caption, footer, at_once)
    if sources:
        html += f'<p class="source">{escape(". ".join(sources))}</p>'
    if not shown:
        rows = f"{len(frame)} row{'s' if len(frame) != 1 else ''}"
        summary = f"<summary>{escape(caption)} ({rows})</summary>"
        html = f'<details class="more whole">{summary}{html}</details>'
    return Block(html)


def _aside(name: str, read: Table) -> str:
    """The first rows of a table that were set aside, with the reasons, and how many more."""
    first = read.quarantine.drop_duplicates("line").head(_REASONS)
    said = [f"line {row.line} ({row.column} {row.reason})" for row in first.itertuples()]
    more = read.quarantined_rows - len(first)
    rest = f" and {more:,} more" if more > 0 else ""
    return f"{name} {', '.join(said)}{rest}".replace("_", " ")


def _look(said: str | tuple[str, str] | Column) -> Column:
    """The full form of what a caller says of a column."""
    if isinstance(said, Column):
        return said
    return Column(said) if isinstance(said, str) else Column(*said)


def _headings(
    looks: Mapping[str, Column], cells: Mapping[str, Cells], written: Collection[str]
) -> dict[str, Heading]:
    """How each column is written; the cells of some are numbers written out already."""
    estimates = estimated(cells, {name: look.unit for name, look in looks.items()})
    return {
        name: Heading(
            look.heading,
            look.unit,
            estimate=look.rounded or name in estimates,
            fills=max((v for v in cells[name].cells if v == v), default=0.0) if look.bar else 0.0,
            written=name in written,
            short=look.short,
            blank=look.blank,
        )
        for name, look in looks.items()
    }


def _in_two_parts(
    cells: Mapping[str, Cells],
    headings: Mapping[str, Heading],
    caption: str,
    footer: Mapping[str, str],
    at_once: int,
) -> str:
    """The first rows and their sum, and the others folded below."""
    html = table_html(
        {name: all_.part(0, at_once) for name, all_ in cells.items()},
        headings, caption=caption, footer=footer,
    )  # fmt: skip
    rest = max(len(all_.cells) for all_ in cells.values()) - at_once
    if rest <= 0:
        return html
    more = table_html(
        {name: all_.part(at_once, None) for name, all_ in cells.items()},
        headings, caption=f"{caption}, continued", hide_caption=True,
    )  # fmt: skip
    return f'{html}<details class="more"><summary>{rest} more rows</summary>{more}</details>'


def _numbered(column: Cells) -> tuple[Cells, str]:
    """A column of texts as their numbers, empty if all are the same, and the texts themselves."""
    said = [text if isinstance(text, str) else "" for text in column.cells]
    texts = {text: n for n, text in enumerate(dict.fromkeys(filter(None, said)), 1)}
    if len(texts) < 2:
        return Cells([""] * len(said), column.kind), "".join(texts)
    numbers = [str(texts[text]) if text else "" for text in said]
    return Cells(numbers, column.kind), "; ".join(f"{n} {text}" for text, n in texts.items())


def _columns(frame: pd.DataFrame, names: Iterable[str]) -> dict[str, Cells]:
    """Columns to show, and those beside them with their ends."""
    there = set(frame.columns)
    ends = (f"{name}_{end}" for name in names for end in ("low", "high", "ends"))
    return columns_of(frame, dict.fromkeys((*names, *(name for name in ends if name in there))))


def _sum(
    columns: Mapping[str, Cells], name: str, heading: Heading, whole: Interval | None
) -> dict[str, str]:
    """A column's sum as text, and its range or else that of its ends; none of blank cells."""
    unit = heading.unit
    if heading.blank and not any(value == value and value for value in columns[name].cells):
        return {}
    ends = ends_of(columns, name)
    added, *around = (
        math.fsum(value for value in columns[each].cells if value == value)
        for each in (name, *(ends or ()))
    )
    if not around:
        return {name: cell_text(added, unit, estimate=heading.estimate, short=heading.short)}
    low, high = (whole.low, whole.high) if whole else around
    text = format_ends(Interval(added, low, high), unit)
    return {
        name: (format_money if low == high else format_estimate)(added, unit),
        f"{name}_ends": f"({text})" if text else "",
    }


def assumptions(frame: pd.DataFrame) -> Block:
    """Show the assumptions table: what, value with range, kind and source.

    Parameters
    ----------
    frame : DataFrame
        Columns ``what, value, low, high, unit, kind, source``; ``kind`` is one of
        "measured from this client", "published statistic", "assumption".

    Returns
    -------
    Block

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "what": ["Discount rate"], "value": [0.1], "low": [0.06], "high": [0.18], "unit": ["%"],
    ...     "kind": ["assumption"], "source": ["Convention for small firms"]})
    >>> block = assumptions(frame)
    >>> "10%" in block.html, "(6% to 18%)" in block.html
    (True, True)
    """
    said = [in_words(*row) for row in zip(frame["what"], frame["unit"], strict=True)]
    texts = [
        _value_and_ends(value, low, high, unit)
        for value, low, high, (_, unit) in zip(
            *(frame[name].tolist() for name in ("value", "low", "high")), said, strict=True
        )
    ]
    shown = {
        "what": [what for what, _ in said],
        "value": [value for value, _ in texts],
        "value_ends": [ends for _, ends in texts],
        "kind": frame["kind"].tolist(),
        "source": frame["source"].tolist(),
    }
    return table(
        pd.DataFrame(shown),
        caption="Assumptions and published figures used",
        columns={"what": "What", "value": "Value", "kind": "Kind", "source": "Source"},
        shown=0,
    )


def _value_and_ends(value: float, low: float, high: float, unit: str) -> tuple[str, str]:
    """An assumption's value, and its range in brackets, the unit once."""
    ranged = low == low and (low, high) != (value, value)
    if unit == "%" or is_currency(unit):
        ends = format_ends(Interval(value, low, high), unit) if ranged else ""
        return format_money(value, unit), f"({ends})" if ends else ""
    single = unit.removesuffix("s") if value == 1 else unit
    text = f"({low:g} to {high:g})".replace("-", "−") if ranged else ""
    return f"{value:g} {single}".strip().replace("-", "−", int(value < 0)), text


def data_used(client: Client) -> DataUsed:
    """Show which tables were read, how many rows were clean, and what was set aside.

    Parameters
    ----------
    client : Client
        As :func:`techalign.client.load_client` gave it.

    Returns
    -------
    DataUsed

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from techalign.client import load_client
    >>> from techalign.client.create import create_client
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = create_client(Path(folder), "acme", name="Acme & Co", currency="USD")
    ...     example = (made / "examples" / "partners.csv").rename(made / "partners.csv")
    ...     client = load_client(folder, "acme", tables=["partners"], as_of="2026-06-30")
    >>> used = data_used(client)
    >>> used, used.inputs[0][0]
    (<1 files read>, 'partners.csv')
    """
    rows = []
    for name in client.asked:
        read = client.tables.get(name)
        if read is None and name == "decisions":
            continue  # it comes about as the client is served; nobody need fill it in
        if read is None:
            rows.append((name.replace("_", " "), "not there", 0, 0, ""))
            continue
        money = "; ".join(
            f"{t.currency} {t.input:,.2f} in the file = {t.clean:,.2f} used + "
            f"{t.quarantined:,.2f} set aside"
            for t in read.totals
        )
        status = f"read; {read.unconfirmed} of its cells {PROPOSED}" if read.unconfirmed else "read"
        status += "; it holds no rows" if client.none_yet(name) else ""
        rows.append((name.replace("_", " "), status, len(read.clean), read.quarantined_rows, money))
    frame = pd.DataFrame(rows, columns=["table", "status", "clean", "aside", "money"])
    block = table(
        frame,
        caption=f"Data used, as of {format_date(client.as_of)}",
        columns={
            "table": "Records of",
            "status": "Status",
            "clean": "Rows used",
            "aside": "Rows set aside",
            "money": "Money, reconciled",
        },
        source="the client's folder; a row that cannot be read is set aside and counts nowhere",
        shown=0,
    )
    aside = [_aside(name, read) for name, read in client.tables.items() if read.quarantined_rows]
    if aside:
        said = escape("; ".join(aside))
        block = Block(f'{block.html}<p class="source">Set aside, and why: {said}.</p>')
    inputs = tuple((read.file.split("/")[-1], read.sha256) for read in client.tables.values())
    facts = tuple(PROFILE_FACTS[fact] for fact in client.profile.unconfirmed)
    return DataUsed(block.html, inputs, Unconfirmed(client.unconfirmed, facts))
