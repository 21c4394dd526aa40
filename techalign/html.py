"""The few pieces of HTML that charts and pages share, with every text escaped."""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, NamedTuple

import pandas as pd

from techalign.numbers.formatting import (
    compact,
    format_date,
    format_ends,
    format_estimate,
    format_money,
    format_month,
    format_value,
    is_counted,
    is_currency,
)
from techalign.numbers.intervals import Interval

__all__ = [
    "Cells",
    "Heading",
    "cell_text",
    "column_styles",
    "columns_of",
    "css_text",
    "ends_of",
    "ends_shown",
    "escape",
    "estimated",
    "table_html",
    "unbroken",
    "without_controls",
]

_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
_BELOW_ZERO = re.compile(r"−(?=\D)[^\s()]+")
_IN_CSS = {ord(mark): f"\\{ord(mark):x} " for mark in "\\\"'<>&"}
_SENTENCE = 32  # characters
_WORD = 14  # characters that stay in one line
_MOST = 14  # columns with a style: a year of months and one more
_MANY = 8  # columns beside which brackets may go over two lines
_LEAST_BAR = 0.02  # of the longest; less is a speck


class Cells(NamedTuple):
    """A column of a table, out of its frame: what it holds, and numpy's letter for the kind."""

    cells: list[Any]
    kind: str

    def part(self, first: int, end: int | None) -> Cells:
        """Take some of the rows."""
        return Cells(self.cells[first:end], self.kind)

    def speaks(self) -> bool:
        """Tell whether there is a single text in it."""
        return any(cell != "" for cell in self.cells)

    def is_numeric(self) -> bool:
        """Tell whether these are numbers."""
        return self.kind in "fiu"


class Heading(NamedTuple):
    """What stands above a column, and how its cells are written.

    ``unit`` is one of :mod:`techalign.numbers.formatting`, or ``"month"`` for dates; an
    ``estimate`` has three significant digits; ``fills`` is the number that fills the width of
    the small bar under each number, 0 for no bars; ``written`` cells are numbers as text; ``short``
    ones are estimates in as few letters as they need, such as ``$4.8M``; ``blank`` ones say
    nothing where they are zero.
    """

    text: str
    unit: str = ""
    estimate: bool = False
    fills: float = 0.0
    written: bool = False
    short: bool = False
    blank: bool = False


def columns_of(frame: pd.DataFrame, names: Iterable[str] | None = None) -> dict[str, Cells]:
    """Take columns out of a frame, all by default: a table looks at each cell several times.

    Parameters
    ----------
    frame : DataFrame
    names : iterable of str, optional
        Those wanted, all of which the frame has.

    Returns
    -------
    dict of str to Cells

    Examples
    --------
    >>> found = columns_of(pd.DataFrame({"a": [1, 2], "b": [3, 4]}), ["b"])
    >>> list(found), list(found["b"].cells)
    (['b'], [3, 4])
    """
    taken = {name: frame[name] for name in (frame.columns if names is None else names)}
    return {name: Cells(part.tolist(), part.dtype.kind) for name, part in taken.items()}


def escape(text: object) -> str:
    """Escape any text for HTML content and attributes; control characters become blanks.

    Parameters
    ----------
    text : object
        Written with ``str`` first.

    Returns
    -------
    str

    Examples
    --------
    >>> escape('Oak & "Co"')
    'Oak &amp; &quot;Co&quot;'
    """
    said = str(text)
    if not said.isprintable():
        said = "".join(c if c.isprintable() or c in "\n\t" else " " for c in said)
    return html.escape(said)


def unbroken(text: object) -> str:
    """Escape a sentence; an amount below zero stays in one line, sign and currency together.

    Parameters
    ----------
    text : object
        As for :func:`escape`.

    Returns
    -------
    str

    Examples
    --------
    >>> unbroken("worth $408k (−$132k to $979k)")
    'worth $408k (<span class="whole">−$132k</span> to $979k)'
    """
    return _BELOW_ZERO.sub(r'<span class="whole">\g<0></span>', escape(text))


def without_controls(page: str) -> str:
    r"""A whole page without what steers a terminal: no page needs it, wherever it came from.

    Parameters
    ----------
    page : str

    Returns
    -------
    str
        Each control character as a blank, as in :func:`escape`.

    Examples
    --------
    >>> without_controls("<h1>Oak\x1b[31m</h1>\n")
    '<h1>Oak [31m</h1>\n'
    """
    return _CONTROLS.sub(" ", page)


def cell_text(value: object, unit: str, *, estimate: bool = False, short: bool = False) -> str:
    """Write one cell for people; a number with three significant digits if it is an estimate.

    Parameters
    ----------
    value : object
        A missing value becomes a dash.
    unit : str
        A currency, "%", or any other unit of the column.
    estimate : bool
        Whether it was estimated and not counted.
    short : bool
        A number in as few letters as it needs.

    Returns
    -------
    str

    Examples
    --------
    >>> cell_text(1234.0, "USD"), cell_text(1234.0, "USD", estimate=True)
    ('$1,234', '$1,230')
    >>> cell_text(12345.0, "USD", short=True)
    '$12.3k'
    """
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.date):
        return format_month(value) if unit == "month" else format_date(value)
    if value is None:
        return "–"
    if isinstance(value, int | float) or hasattr(value, "dtype"):
        write = compact if short else format_estimate if estimate else format_value
        return write(float(value), unit)  # type: ignore[arg-type]
    return str(value)


def table_html(
    columns: Mapping[str, Cells],
    headings: Mapping[str, Heading],
    *,
    caption: str,
    footer: Mapping[str, str] | None = None,
    hide_caption: bool = False,
) -> str:
    """Write a table: caption, column headers with scope, the first column as row headers.

    A column whose ends are in the frame, too (see :func:`ends_of`), is written with its interval
    in brackets behind each number, in the one form ``$365 ($290 to $480)``.

    Parameters
    ----------
    columns : mapping
        What :func:`columns_of` gave, in the order to show; numbers and dates are formatted.
    headings : mapping
        Heading per column; columns without one are left out.
    caption : str
    footer : mapping, optional
        Column to its text in a totals row; ``NAME_ends`` is the text in brackets.
    hide_caption : bool
        Keep the caption for screen readers only.

    Returns
    -------
    str
        HTML whose every text is escaped.

    Examples
    --------
    >>> frame = pd.DataFrame({"vendor": ["Ledger & Co"], "cost": [1200.0]})
    >>> headings = {"vendor": Heading("Vendor"), "cost": Heading("Cost", "USD")}
    >>> html = table_html(columns_of(frame), headings, caption="Cost a year")
    >>> "Ledger &amp; Co" in html, "$1,200" in html
    (True, True)
    """
    ends = {name: found for name in headings if (found := ends_of(columns, name))}
    hidden = {end for pair in ends.values() for end in pair}
    footer = footer or {}
    head: list[str] = []
    foot, cells, kinds = [], [], ""
    shown = []
    for name in (name for name in columns if name in headings and name not in hidden):
        heading = headings[name]
        column = _without_cents(columns[name], heading.unit)
        kind = "n" if heading.written else _kind(column)
        wide = name in ends or f"{name}_ends" in columns
        # a text needs room after a number
        kind = "" if kind == "s" and not kinds else kind  # names may go over lines
        kind = kind or ("p" if kinds[-1:] in {"n", "i"} else "-")
        span = ' class="c" colspan="2"' if wide else f' class="{kind}"' if kind != "-" else ""
        start = "<td>" if head else "<th scope=row>"
        head.append(f'<th scope="col"{span}>{escape(heading.text)}</th>')
        shown.append(heading.text)
        if name in ends:
            low, high = ends[name]
            written, behind = _with_brackets(column, columns[low], columns[high], heading.unit)
        else:
            written = _texts(column, heading)
            behind = columns[f"{name}_ends"].cells if wide else []
        most = heading.fills
        opened = [_bar(v / most) for v in column.cells] if most > 0 else [start] * len(written)
        cells.append([f"{tag}{escape(text)}" for tag, text in zip(opened, written, strict=True)])
        kinds += kind
        foot.append(f"{start}{escape(footer.get(name, ''))}")
        if wide:
            cells.append([f"<td>{_one_part(unbroken(text))}" for text in behind])
            kinds += "i"
            foot.append(f"<td>{_one_part(unbroken(footer.get(f'{name}_ends', '')))}")
    # cells and rows end where the next begins, and columns are styled by their place: HTML
    # asks for no more, and a long table is half as long
    rows = "".join(f"<tr>{''.join(row)}" for row in zip(*cells, strict=True))
    last = f"<tfoot><tr>{''.join(foot)}</tfoot>" if footer else ""
    styles = " ".join(f"{kind}{place}" for place, kind in enumerate(kinds, 1) if kind != "-")
    unseen = ' class="sr"' if hide_caption else ""
    # many columns with sentences among them need a wide window, or else stand as cards
    many = len(kinds) >= _MANY
    looks = f' class="{styles}{" many" * many}{" broad" * (many and "t" in kinds)}"'
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(caption)}">'
        f"<table{looks} style='{_card_labels(kinds, shown)}'>"
        f"<caption{unseen}>{escape(caption)}</caption>"
        f"<thead><tr>{''.join(head)}</tr></thead><tbody>{rows}</tbody>{last}</table></div>"
    )


def _one_part(html: str) -> str:
    """Text with elements in it as one element: a card sets each part of a cell on its own line."""
    return f"<span>{html}</span>" if "<" in html else html


def _card_labels(kinds: str, headings: Iterable[str]) -> str:
    """CSS variables with the headings: on a phone a row is a card whose cells have labels."""
    places = (place for place, kind in enumerate(kinds, 1) if kind != "i")
    named = zip(places, headings, strict=True)
    return ";".join(f"--k{place}:{css_text(said)}" for place, said in named if place > 1)


def css_text(text: str) -> str:
    r"""A text as CSS writes it; what could end it, or HTML around it, is written by its number.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        In double quotes.

    Examples
    --------
    >>> print(css_text('Oak "&" Co'))
    "Oak \22 \26 \22  Co"
    """
    if not text.isprintable():
        text = "".join(c if c.isprintable() else " " for c in text)
    return f'"{text.translate(_IN_CSS)}"'


def column_styles() -> str:
    """Style of a table's columns by the classes of the table: ``n3`` if the third holds numbers.

    The kinds are numbers (n), what stands in brackets (i), days (d), sentences (t), a word or two
    (s), and other texts after a number (p). They make up the sheet a page needs, for as many
    columns as a table has; the last line names the cells of a card by their columns.

    Returns
    -------
    str
        CSS.
    """
    styles = {
        "n": "text-align:right;white-space:nowrap;font-variant-numeric:tabular-nums",
        "i": "padding-left:0;break-before:avoid;min-width:var(--least);white-space:var(--ends);"
        "font-variant-numeric:tabular-nums;color:var(--ta-soft)",
        "d": "padding-left:.6rem;white-space:nowrap",
        "t": "min-width:var(--wordy);padding-left:.6rem",
        "s": "padding-left:.6rem;white-space:var(--word)",
        "p": "padding-left:.6rem",
    }
    labels = "".join(f'td:nth-child({n}){{--k:var(--k{n},"")}}' for n in range(2, _MOST + 1))
    return (
        "\n".join(
            f".{kind}1 tbody th{{{style};padding-left:0}}{_cells(kind)}{{{style}}}"
            for kind, style in styles.items()
        )
        + f"\n{labels}"
    )


def _cells(kind: str) -> str:
    """The selector of a kind's cells: only numbers go on for a year of months."""
    last = _MOST if kind == "n" else _MOST - 3
    return ",".join(f".{kind}{n} td:nth-child({n})" for n in range(2, last))


def ends_of(columns: Collection[str], name: str) -> tuple[str, str] | None:
    """Columns with a column's ends: ``NAME_low`` and ``NAME_high``; a point's, ``low``, ``high``.

    Parameters
    ----------
    columns : collection of str
        Names of all columns.
    name : str
        The column whose ends are looked for.

    Returns
    -------
    tuple or None
        None if there are no ends for it among the columns.

    Examples
    --------
    >>> ends_of(["cost", "cost_low", "cost_high"], "cost")
    ('cost_low', 'cost_high')
    """
    for low, high in ((f"{name}_low", f"{name}_high"), ("low", "high")):
        if low in columns and high in columns and (low != "low" or name == "point"):
            return low, high
    return None


def ends_shown(columns: Mapping[str, Cells], name: str) -> tuple[str, ...]:
    """Columns with a column's ends or their text, if they say anything in any row.

    Parameters
    ----------
    columns : mapping of str to Cells
        What :func:`columns_of` gave.
    name : str
        The column whose ends are looked for.

    Returns
    -------
    tuple of str
        Empty where no row has an end.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [1.0], "a_low": [0.5], "a_high": [2.0]})
    >>> ends_shown(columns_of(frame), "a")
    ('a_low', 'a_high')
    """
    text, low, high = f"{name}_ends", f"{name}_low", f"{name}_high"
    if text in columns:
        return (text,) if columns[text].speaks() else ()
    if low not in columns or high not in columns:
        return ()
    ends = zip(columns[low].cells, columns[high].cells, strict=True)
    return (low, high) if any(first < last for first, last in ends) else ()


def _texts(column: Cells, heading: Heading) -> list[str]:
    """Each cell as :func:`cell_text` writes it."""
    unit, estimate, short = heading.unit, heading.estimate, heading.short
    if column.is_numeric():
        write = compact if short else format_estimate if estimate else format_value
        hides = heading.blank
        return ["" if hides and not value else write(float(value), unit) for value in column.cells]
    return [cell_text(value, unit, estimate=estimate, short=short) for value in column.cells]


def _with_brackets(
    points: Cells, lows: Cells, highs: Cells, unit: str
) -> tuple[list[str], list[str]]:
    """Each number as text, and its interval in brackets, or ""."""
    written, behind = [], []
    rows = zip(points.cells, lows.cells, highs.cells, strict=True)
    for three in (map(float, row) for row in rows):
        known = Interval(*three)
        write = format_money if known.low == known.high else format_estimate
        written.append(write(known.point, unit))
        ends = format_ends(known, unit)
        behind.append(f"({ends})" if ends else "")
    return written, behind


def _bar(share: float) -> str:
    """The tag of a cell with a bar; none for what cannot be drawn from zero to the right."""
    return f"<td class=b style=--w:{min(share, 1.0):.0%}>" if share >= _LEAST_BAR else "<td>"


def estimated(columns: Mapping[str, Cells], units: Mapping[str, str]) -> set[str]:
    """Money columns that were estimated: they have ends, or hold fractions of a cent.

    Parameters
    ----------
    columns : mapping of str to Cells
        What :func:`columns_of` gave.
    units : mapping of str to str
        Unit by column.

    Returns
    -------
    set of str
        Their names.

    Examples
    --------
    >>> frame = pd.DataFrame({"paid": [12.5], "ahead": [12.345]})
    >>> estimated(columns_of(frame), {"paid": "USD", "ahead": "USD"})
    {'ahead'}
    """
    money = [name for name, unit in units.items() if name in columns and is_currency(unit)]
    return {
        name
        for name in money
        if columns[name].kind == "f"
        and (ends_of(columns, name) or not all(map(is_counted, columns[name].cells)))
    }


def _without_cents(column: Cells, unit: str) -> Cells:
    """Round a money column that reaches thousands: cents beside thousands are noise."""
    if column.kind != "f" or not is_currency(unit):
        return column
    if not any(abs(value) >= 1000 for value in column.cells):
        return column
    return Cells([round(value, 0) for value in column.cells], column.kind)


def _kind(column: Cells) -> str:
    """What a column holds: numbers, dates, sentences, a word, or neither: `column_styles`."""
    if column.is_numeric():
        return "n"
    if column.kind == "M":
        return "d"
    # sentences need a width of their own on a phone
    longest = max((len(value) for value in column.cells if isinstance(value, str)), default=0)
    if longest > _SENTENCE:
        return "t"
    # a word or two broken over lines are a narrow column beside one with room
    return "s" if longest <= _WORD else ""
