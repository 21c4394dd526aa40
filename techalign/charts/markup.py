"""The few pieces of HTML that charts and pages share, with every text escaped."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Collection, Mapping, Sequence

import pandas as pd

from techalign.numbers.formatting import (
    format_date,
    format_estimate,
    format_interval,
    format_value,
    is_counted,
    is_currency,
)
from techalign.numbers.intervals import Interval

__all__ = ["cell_text", "escape", "estimated", "table_html"]

_SENTENCE = 32  # characters


def escape(text: object) -> str:
    """Escape any text for HTML content and attributes; control characters become blanks."""
    cleaned = "".join(c if c.isprintable() or c in "\n\t" else " " for c in str(text))
    return html.escape(cleaned)


def cell_text(value: object, unit: str, *, estimate: bool = False) -> str:
    """Write one cell for people; a number with three significant digits if it is an estimate."""
    if isinstance(value, Interval):
        return format_interval(value, unit)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date | pd.Timestamp):
        return format_date(value)
    if value is None or value is pd.NaT:
        return "–"
    if isinstance(value, int | float) or hasattr(value, "dtype"):
        write = format_estimate if estimate else format_value
        return write(float(value), unit)  # type: ignore[arg-type]
    return str(value)


def table_html(
    frame: pd.DataFrame,
    *,
    caption: str,
    headers: Mapping[str, str],
    units: Mapping[str, str],
    footer: Sequence[str] | None = None,
    hide_caption: bool = False,
    estimates: Collection[str] | None = None,
) -> str:
    """Write a table: caption, column headers with scope, the first column as row headers.

    Parameters
    ----------
    frame : DataFrame
        One row per line; numbers, dates and :class:`Interval` are formatted.
    caption : str
    headers : mapping
        Heading per column; columns without one are left out.
    units : mapping
        Unit per numeric column, see :mod:`techalign.numbers.formatting`.
    footer : sequence of str, optional
        Texts of a totals row.
    hide_caption : bool
        Keep the caption for screen readers only.
    estimates : collection of str, optional
        Columns to write with three significant digits; :func:`estimated` finds them by default.
    """
    columns = [name for name in frame.columns if name in headers]
    right = {name for name in columns if _is_right_aligned(frame[name])}
    dates = {name for name in columns if pd.api.types.is_datetime64_any_dtype(frame[name])}
    wordy = {name for name in columns if name not in right and _is_wordy(frame[name])}
    kinds = dict.fromkeys(right, ' class="n"') | dict.fromkeys(dates, ' class="d"')
    kinds |= dict.fromkeys(wordy, ' class="t"')
    aligned = {name: kinds.get(name, "") for name in columns}
    head = "".join(f'<th scope="col"{aligned[c]}>{escape(headers[c])}</th>' for c in columns)
    estimates = estimated(frame, units) if estimates is None else estimates
    frame = _without_cents(frame[columns], units)
    rows = []
    for record in frame.itertuples(index=False, name=None):
        cells = []
        for name, value in zip(columns, record, strict=True):
            text = escape(cell_text(value, units.get(name, ""), estimate=name in estimates))
            tag = "th" if name == columns[0] else "td"
            scope = ' scope="row"' if tag == "th" else ""
            cells.append(f"<{tag}{scope}{aligned[name]}>{text}</{tag}>")
        rows.append(f"<tr>{''.join(cells)}</tr>")
    foot = ""
    if footer:
        cells = [
            f"<{'th scope=row' if i == 0 else 'td'}{aligned[c]}>{escape(text)}"
            f"</{'th' if i == 0 else 'td'}>"
            for i, (c, text) in enumerate(zip(columns, footer, strict=True))
        ]
        foot = f"<tfoot><tr>{''.join(cells)}</tr></tfoot>"
    hidden = ' class="sr"' if hide_caption else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption{hidden}>{escape(caption)}</caption>"
        f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>{foot}</table></div>"
    )


def estimated(frame: pd.DataFrame, units: Mapping[str, str]) -> set[str]:
    """Money columns that were estimated: they have ends, or hold fractions of a cent."""
    money = [
        name
        for name in frame.columns
        if is_currency(units.get(name, "")) and pd.api.types.is_float_dtype(frame[name])
    ]
    return {
        name
        for name in money
        if f"{name}_low" in frame.columns or not all(map(is_counted, frame[name].dropna()))
    }


def _without_cents(frame: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
    """Round money columns that reach thousands: cents beside thousands are noise."""
    large = [
        name
        for name in frame.columns
        if pd.api.types.is_float_dtype(frame[name])
        and is_currency(units.get(name, ""))
        and frame[name].abs().max() >= 1000
    ]
    return frame.assign(**{name: frame[name].round() for name in large})


def _is_wordy(column: pd.Series) -> bool:
    """Whether a column holds sentences, which need a width of their own on a phone."""
    return pd.api.types.is_object_dtype(column) and any(
        isinstance(value, str) and len(value) > _SENTENCE for value in column
    )


def _is_right_aligned(column: pd.Series) -> bool:
    if pd.api.types.is_bool_dtype(column):
        return False
    return pd.api.types.is_numeric_dtype(column) or (
        len(column) > 0 and all(isinstance(value, Interval) for value in column)
    )
