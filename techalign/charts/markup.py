"""The few pieces of HTML that charts and pages share, with every text escaped."""

from __future__ import annotations

import datetime as dt
import html
from collections.abc import Collection, Mapping

import pandas as pd

from techalign.numbers.formatting import (
    format_date,
    format_ends,
    format_estimate,
    format_money,
    format_value,
    is_counted,
    is_currency,
)
from techalign.numbers.intervals import Interval

__all__ = ["cell_text", "column_styles", "ends_of", "escape", "estimated", "table_html"]

_SENTENCE = 32  # characters
_MOST = 13  # columns with a style
_LEAST_BAR = 0.02  # of the longest; less is a speck


def escape(text: object) -> str:
    """Escape any text for HTML content and attributes; control characters become blanks."""
    cleaned = "".join(c if c.isprintable() or c in "\n\t" else " " for c in str(text))
    return html.escape(cleaned)


def cell_text(value: object, unit: str, *, estimate: bool = False) -> str:
    """Write one cell for people; a number with three significant digits if it is an estimate."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date | pd.Timestamp):
        return f"{value:%b %Y}" if unit == "month" and value == value else format_date(value)
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
    footer: Mapping[str, str] | None = None,
    hide_caption: bool = False,
    estimates: Collection[str] | None = None,
    bars: Mapping[str, float] | None = None,
    numbers: Collection[str] = (),
) -> str:
    """Write a table: caption, column headers with scope, the first column as row headers.

    A column whose ends are in the frame, too (see :func:`ends_of`), is written with its interval
    in brackets behind each number, in the one form ``$365 ($290 to $480)``.

    Parameters
    ----------
    frame : DataFrame
        One row per line; numbers and dates are formatted.
    caption : str
    headers : mapping
        Heading per column; columns without one are left out.
    units : mapping
        Unit per column: see :mod:`techalign.numbers.formatting`, or ``"month"`` for dates.
    footer : mapping, optional
        Column to its text in a totals row; ``NAME_ends`` is the text in brackets.
    hide_caption : bool
        Keep the caption for screen readers only.
    estimates : collection of str, optional
        Columns to write with three significant digits; :func:`estimated` finds them by default.
    bars : mapping, optional
        Column to the number that fills the width of the small bar under its numbers.
    numbers : collection of str, optional
        Columns of numbers that are written out already.
    """
    ends = {name: found for name in headers if (found := ends_of(frame, name))}
    hidden = {end for pair in ends.values() for end in pair}
    columns = [name for name in frame.columns if name in headers and name not in hidden]
    estimates = estimated(frame, units) if estimates is None else estimates
    frame = _without_cents(frame, units)
    head, foot, cells, kinds = [], [], [], ""
    for place, name in enumerate(columns):
        unit, column = units.get(name, ""), frame[name]
        kind = "n" if name in numbers else _kind(column)
        wide = name in ends or f"{name}_ends" in frame.columns
        # a text needs room after a number
        kind = kind or ("p" if kinds[-1:] in {"n", "i"} else "-")
        span = ' class="c" colspan="2"' if wide else f' class="{kind}"' if kind != "-" else ""
        head.append(f'<th scope="col"{span}>{escape(headers[name])}</th>')
        start = "<th scope=row>" if place == 0 else "<td>"
        if name in ends:
            low, high = ends[name]
            written, behind = _with_brackets(column, frame[low], frame[high], unit)
        else:
            rough = name in estimates
            written = [cell_text(value, unit, estimate=rough) for value in column]
            behind = [str(text) for text in frame[f"{name}_ends"]] if wide else []
        most = (bars or {}).get(name, 0.0)
        opened = [_bar(value / most) for value in column] if most > 0 else [start] * len(column)
        cells.append([f"{tag}{escape(text)}" for tag, text in zip(opened, written, strict=True)])
        kinds += kind
        foot.append(f"{start}{escape((footer or {}).get(name, ''))}")
        if wide:
            cells.append([f"<td>{escape(text)}" for text in behind])
            kinds += "i"
            foot.append(f"<td>{escape((footer or {}).get(f'{name}_ends', ''))}")
    # cells and rows end where the next begins, and columns are styled by their place: HTML
    # asks for no more, and a long table is half as long
    rows = "".join(f"<tr>{''.join(row)}" for row in zip(*cells, strict=True))
    last = f"<tfoot><tr>{''.join(foot)}</tfoot>" if footer else ""
    styles = " ".join(f"{kind}{place}" for place, kind in enumerate(kinds, 1) if kind != "-")
    unseen = ' class="sr"' if hide_caption else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f'<table class="{styles}"><caption{unseen}>{escape(caption)}</caption>'
        f"<thead><tr>{''.join(head)}</tr></thead><tbody>{rows}</tbody>{last}</table></div>"
    )


def column_styles() -> str:
    """Style of a table's columns by the classes of the table: ``n3`` if the third holds numbers.

    The kinds are numbers (n), what stands in brackets (i), days (d), sentences (t), and texts
    after a number (p). They make up the sheet a page needs, for as many columns as a table has.
    """
    styles = {
        "n": "text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums",
        "i": "padding-left:0;white-space:nowrap;font-variant-numeric:tabular-nums;"
        "color:var(--ta-soft)",
        "d": "padding-left:.6rem;white-space:nowrap",
        "t": "min-width:var(--wordy);padding-left:.6rem",
        "p": "padding-left:.6rem",
    }
    return "\n".join(
        f".{kind}1 tbody th{{{style};padding-left:0}}"
        f"{','.join(f'.{kind}{n} td:nth-child({n})' for n in range(2, _MOST))}{{{style}}}"
        for kind, style in styles.items()
    )


def ends_of(frame: pd.DataFrame, name: str) -> tuple[str, str] | None:
    """Columns with a column's ends: ``NAME_low`` and ``NAME_high``; a point's, ``low``, ``high``.

    Returns
    -------
    tuple or None
        None if the frame has no ends for it.
    """
    for low, high in ((f"{name}_low", f"{name}_high"), ("low", "high")):
        if low in frame.columns and high in frame.columns and (low != "low" or name == "point"):
            return low, high
    return None


def _with_brackets(
    points: pd.Series, lows: pd.Series, highs: pd.Series, unit: str
) -> tuple[list[str], list[str]]:
    """Each number as text, and its interval in brackets, or ""."""
    written, behind = [], []
    for three in zip(*(map(float, column) for column in (points, lows, highs)), strict=True):
        known = Interval(*three)
        write = format_money if known.low == known.high else format_estimate
        written.append(write(known.point, unit))
        ends = format_ends(known, unit)
        behind.append(f"({ends})" if ends else "")
    return written, behind


def _bar(share: float) -> str:
    """The tag of a cell with a bar; none for what cannot be drawn from zero to the right."""
    return f"<td class=b style=--w:{min(share, 1.0):.0%}>" if share >= _LEAST_BAR else "<td>"


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
        if ends_of(frame, name) or not all(map(is_counted, frame[name].dropna()))
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


def _kind(column: pd.Series) -> str:
    """What a column holds: numbers, dates, sentences, or neither; see :func:`column_styles`."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return "n"
    if pd.api.types.is_datetime64_any_dtype(column):
        return "d"
    return "t" if _is_wordy(column) else ""
