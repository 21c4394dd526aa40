"""The blocks a notebook shows: headline figures, tables, notes, assumptions, data used.

Each block is shown as HTML by JupyterLab and by the report alike. The headline also carries
its numbers as data, so that the index can show them without reading HTML.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

import pandas as pd

from techalign.charts.markup import escape, estimated, table_html
from techalign.client import Client
from techalign.numbers.formatting import (
    format_date,
    format_estimate,
    format_interval,
    format_money,
    is_currency,
)
from techalign.numbers.intervals import Interval

__all__ = [
    "HEADLINE_MIME",
    "INPUTS_MIME",
    "Block",
    "DataUsed",
    "Figure",
    "Headline",
    "assumptions",
    "data_used",
    "freshness",
    "headline",
    "note",
    "notes",
    "table",
    "values",
]

HEADLINE_MIME = "application/vnd.techalign.headline+json"
INPUTS_MIME = "application/vnd.techalign.inputs+json"
FOLD_AFTER = 15


@dataclass(frozen=True, repr=False)
class Block:
    """A piece of a report, as HTML whose every text is escaped."""

    html: str

    def __repr__(self) -> str:
        return f"<{len(self.html):,} characters of a report>"

    def _repr_html_(self) -> str:
        return self.html


@dataclass(frozen=True, repr=False)
class DataUsed:
    """The table of what was read, with each file's checksum for the provenance footer."""

    html: str
    inputs: tuple[tuple[str, str], ...]

    def __repr__(self) -> str:
        return f"<{len(self.inputs)} files read>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        del include, exclude  # both forms are always wanted
        return {"text/html": self.html, INPUTS_MIME: {"inputs": [list(i) for i in self.inputs]}}


@dataclass(frozen=True)
class Figure:
    """One headline number.

    Attributes
    ----------
    label : str
        What it is, in the reader's words.
    value : float or Interval
    unit : str
        See :mod:`techalign.numbers.formatting`.
    source : str
        Where it comes from.
    """

    label: str
    value: float | Interval
    unit: str
    source: str

    @property
    def text(self) -> str:
        """The point, written for people: in full where it is exact, else three digits of it."""
        if not isinstance(self.value, Interval):
            return format_money(self.value, self.unit)
        exact = self.value.low == self.value.high
        return (format_money if exact else format_estimate)(self.value.point, self.unit)

    @property
    def interval_text(self) -> str:
        """The interval, or "" for a number that is exact."""
        if not isinstance(self.value, Interval):
            return ""
        low, high = (format_estimate(v, self.unit) for v in (self.value.low, self.value.high))
        if self.value.low == self.value.high:
            return ""
        name = "range" if self.value.level >= 1 else f"{self.value.level:.0%} interval"
        return f"{name} {low} to {high}"


@dataclass(frozen=True, repr=False)
class Headline:
    """The report's summary: a sentence and its headline numbers."""

    sentence: str
    figures: tuple[Figure, ...]

    def __repr__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        del include, exclude  # both forms are always wanted
        data = {
            "sentence": self.sentence,
            "figures": [
                {**asdict(figure), "text": figure.text, "interval": figure.interval_text}
                for figure in self.figures
            ],
        }
        # through text, so that numpy numbers and infinities end up as plain JSON
        plain = json.loads(json.dumps(data, default=float), parse_constant=str)
        return {"text/html": self.html, HEADLINE_MIME: plain}

    @property
    def html(self) -> str:
        """The summary as HTML."""
        items = "".join(
            f'<div><dt>{escape(f.label)}</dt><dd class="v">{escape(f.text)}</dd>'
            + (f'<dd class="i">{escape(f.interval_text)}</dd>' if f.interval_text else "")
            + f'<dd class="s">{escape(f.source)}</dd></div>'
            for f in self.figures
        )
        return f'<p>{escape(self.sentence)}</p><dl class="figures">{items}</dl>'


def headline(sentence: str, figures: Sequence[Figure]) -> Headline:
    """Summarise a report; the page shows it first, wherever the notebook computes it."""
    return Headline(sentence, tuple(figures))


def note(text: str, tone: str = "info") -> Block:
    """Show a remark set apart; ``tone`` is "info", "warn" or "bad"."""
    return Block(f'<p class="note {escape(tone)}">{escape(text)}</p>')


def notes(texts: Sequence[str], tone: str = "info") -> Block:
    """Show several remarks, or nothing where there are none."""
    return Block("".join(note(text, tone).html for text in texts))


def values(
    rows: Sequence[tuple[str, float | Interval, str]], *, caption: str, source: str
) -> Block:
    """Show a few named numbers, each with its unit and its interval where it has one.

    Parameters
    ----------
    rows : sequence of (what, value, unit)
    caption, source : str
    """
    texts = [
        (what, format_interval(v, unit) if isinstance(v, Interval) else format_money(v, unit))
        for what, v, unit in rows
    ]
    frame = pd.DataFrame(texts, columns=["what", "value"])
    headers = {"what": "What", "value": "Value (interval)"}
    return table(frame, caption=caption, columns=headers, source=source)


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


def table(
    frame: pd.DataFrame,
    *,
    caption: str,
    columns: Mapping[str, str | tuple[str, str]],
    empty: str = "",
    total: Mapping[str, str] | None = None,
    source: str = "",
    fold_after: int = FOLD_AFTER,
) -> Block:
    """Show a table with a caption.

    Parameters
    ----------
    frame : DataFrame
        The rows, in the order to show them.
    caption : str
    columns : mapping
        Column of the frame to its heading, or to (heading, unit); others are left out, and so
        is a column without a single text in it.
    empty : str
        The sentence shown when there are no rows.
    total : mapping, optional
        Column to the text of a totals row.
    source : str
        Where the numbers come from, shown below.
    fold_after : int
        Rows beyond this number are folded, not cut.

    Returns
    -------
    Block
    """
    if frame.empty:
        return note(empty or f"{caption}: nothing to show.")
    headers = {k: v if isinstance(v, str) else v[0] for k, v in columns.items()}
    first_column = next(iter(headers))
    headers = {k: v for k, v in headers.items() if k == first_column or (frame[k] != "").any()}
    units = {k: v[1] for k, v in columns.items() if not isinstance(v, str)}
    ordered = frame[list(headers)]
    footer = [total.get(name, "") for name in headers] if total else None
    first = ordered.head(fold_after)
    estimates = estimated(frame, units)
    html = table_html(
        first, caption=caption, headers=headers, units=units, footer=footer, estimates=estimates
    )
    rest = ordered.iloc[fold_after:]
    if len(rest):
        more = table_html(
            rest, caption=f"{caption}, continued", headers=headers, units=units,
            hide_caption=True, estimates=estimates,
        )  # fmt: skip
        html += f'<details class="more"><summary>{len(rest)} more rows</summary>{more}</details>'
    if source:
        html += f'<p class="source">Source: {escape(source)}</p>'
    return Block(html)


def assumptions(frame: pd.DataFrame) -> Block:
    """Show the assumptions table: what, value with range, unit, kind and source.

    Parameters
    ----------
    frame : DataFrame
        Columns ``what, value, low, high, unit, kind, source``; ``kind`` is one of
        "measured from this client", "published statistic", "assumption".
    """
    shown = frame.assign(value=[_with_range(row) for _, row in frame.iterrows()])
    return table(
        shown,
        caption="Assumptions and published figures used",
        columns={"what": "What", "value": "Value (range)", "kind": "Kind", "source": "Source"},
        fold_after=40,
    )


def _with_range(row: pd.Series) -> str:
    """An assumption's value and range, the unit once; ``0.15 (0.05 to 0.3) years``."""
    value, low, high, unit = (row[name] for name in ("value", "low", "high", "unit"))
    ranged = not pd.isna(low) and (low, high) != (value, value)
    if unit == "%" or is_currency(unit):
        interval = Interval(value, low, high)
        return format_interval(interval, unit) if ranged else format_money(value, unit)
    text = f"{value:g} ({low:g} to {high:g})" if ranged else f"{value:g}"
    return f"{text} {unit}".strip()


def data_used(client: Client) -> DataUsed:
    """Show which tables were read, how many rows were clean, and what was set aside."""
    rows = []
    for name in client.asked:
        read = client.tables.get(name)
        if read is None:
            rows.append((name.replace("_", " "), "not there", 0, 0, ""))
            continue
        money = "; ".join(
            f"{t.currency} {t.input:,.2f} = {t.clean:,.2f} clean + {t.quarantined:,.2f} set aside"
            for t in read.totals
        )
        rows.append((name.replace("_", " "), "read", len(read.clean), read.quarantined_rows, money))
    frame = pd.DataFrame(rows, columns=["table", "status", "clean", "aside", "money"])
    block = table(
        frame,
        caption=f"Data used, as of {format_date(client.as_of)}",
        columns={
            "table": "Table",
            "status": "Status",
            "clean": "Rows used",
            "aside": "Rows set aside",
            "money": "Money, reconciled",
        },
        fold_after=40,
    )
    inputs = tuple((read.file.split("/")[-1], read.sha256) for read in client.tables.values())
    return DataUsed(block.html, inputs)
