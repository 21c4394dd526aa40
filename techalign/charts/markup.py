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

__all__ = ["cell_text", "ends_of", "escape", "estimated", "table_html"]

_SENTENCE = 32  # characters


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
    head, foot, cells = [], [], []
    for place, name in enumerate(columns):
        unit, column = units.get(name, ""), frame[name]
        kind = ' class="n"' if name in numbers else _kind(column)
        wide = name in ends or f"{name}_ends" in frame.columns
        span, style = (' colspan="2"', ' class="c"') if wide else ("", kind)
        head.append(f'<th scope="col"{style}{span}>{escape(headers[name])}</th>')
        tag, scope = ("th", ' scope="row"') if place == 0 else ("td", "")
        open_, close = f"<{tag}{scope}", f"</{tag}>"
        if name in ends:
            low, high = ends[name]
            written, behind = _with_brackets(column, frame[low], frame[high], unit)
        else:
            rough = name in estimates
            written = [cell_text(value, unit, estimate=rough) for value in column]
            behind = [str(text) for text in frame[f"{name}_ends"]] if wide else []
        shown = [escape(text) for text in written]
        most = (bars or {}).get(name, 0.0)
        kinds = [f"{open_}{kind}>"] * len(shown)
        if most > 0:
            kinds = [f'{open_} class="n b"{_bar(value / most)}>' for value in column]
        cells.append([f"{k}{text}{close}" for k, text in zip(kinds, shown, strict=True)])
        if wide:
            cells.append([f'<td class="i">{escape(text)}</td>' for text in behind])
        if footer:
            foot.append(f"{open_}{kind}>{escape(footer.get(name, ''))}{close}")
            if wide:
                foot.append(f'<td class="i">{escape(footer.get(f"{name}_ends", ""))}</td>')
    rows = "".join(f"<tr>{''.join(row)}</tr>" for row in zip(*cells, strict=True))
    last = f"<tfoot><tr>{''.join(foot)}</tr></tfoot>" if footer else ""
    unseen = ' class="sr"' if hide_caption else ""
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}"><table>'
        f"<caption{unseen}>{escape(caption)}</caption>"
        f"<thead><tr>{''.join(head)}</tr></thead><tbody>{rows}</tbody>{last}</table></div>"
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
    """The width of a cell's bar; none for what cannot be drawn from zero to the right."""
    return f' style="--w:{min(share, 1.0):.0%}"' if share > 0 else ""


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
    """The class of a column's cells: numbers, dates, sentences, or none."""
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        return ' class="n"'
    if pd.api.types.is_datetime64_any_dtype(column):
        return ' class="d"'
    return ' class="t"' if _is_wordy(column) else ""
