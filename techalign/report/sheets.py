"""Every table of a client's reports, and the numbers behind every chart, as a workbook."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections.abc import Sequence
from typing import Any

from techalign.report.contents import Contents, Sheet
from techalign.report.office import agenda, timeless

__all__ = ["make_sheets", "number_in"]

_HEADS = frozenset({"To decide", "Next dates", "To find out and agree on"})
_NAME = 31  # letters a sheet's name may have
_FORBIDDEN = re.compile(r"[\[\]:*?/\\]")
_NUMBER = re.compile(
    r"(?P<sign>[-+−]?)(?P<before>[A-Z]{3} |[A-Z]{0,2}[$£€¥]|)"
    r"(?P<digits>\d{1,3}(?:,\d{3})+|\d+)(?P<rest>\.\d+)?(?P<scale>[kMB]?)(?P<after>%| [a-z]+|)"
)
_ENDS = re.compile(r"\((.+) to (.+)\)")
_DAY = re.compile(r"\d{1,2} [A-Z][a-z]{2} \d{4}")
_SCALES = {"": 1.0, "k": 1e3, "M": 1e6, "B": 1e9}


def make_sheets(front: Contents, pages: Sequence[Contents], day: dt.date) -> bytes:
    """Make a workbook of the tables of a client's front page and reports.

    A cell that holds a number or a day on the page is one in the workbook, with the digits and
    the unit that the page shows; the two ends of an interval have a column each.

    Parameters
    ----------
    front : Contents
    pages : sequence of Contents
    day : date
        The day of the review.

    Returns
    -------
    bytes
        An Excel file. No cell is a formula.
    """
    from openpyxl import Workbook
    from openpyxl.styles import Font

    book = Workbook()
    first = book.active
    first.title = "Agenda"
    _agenda(first, front)
    tables = [(page.title, sheet) for page in (front, *pages) for sheet in page.tables()]
    listed = []
    for number, (title, sheet) in enumerate(tables, 1):
        name = _sheet_name(number, sheet.caption)
        listed.append((name, title, sheet.caption))
        _fill(book.create_sheet(name), title, sheet)
    row = first.max_row + 2
    _text(first.cell(row, 1), "Sheets").font = Font(bold=True)
    for place, texts in enumerate(listed, row + 1):
        for column, text in enumerate(texts, 1):
            _text(first.cell(place, column), text)
        first.cell(place, 1).hyperlink = f"#'{texts[0]}'!A1"
    book.properties.title = f"{front.title}: {front.subtitle}"
    book.properties.creator = "techalign"
    written = io.BytesIO()
    book.save(written)
    return timeless(written.getvalue(), day)


def number_in(text: str) -> tuple[float, str] | None:
    """The number that a cell of a page shows, and the Excel format that shows it likewise.

    Parameters
    ----------
    text : str

    Returns
    -------
    (number, format) or None
        None if the text is no number.

    Examples
    --------
    >>> number_in("$1,200"), number_in("12.5%"), number_in("−€3.2k"), number_in("Oak 7")
    ((1200.0, '"$"#,##0'), (0.125, '0.0%'), (-3200.0, '"€"#,##0'), None)
    >>> number_in("19 years")
    (19.0, '0" years"')
    """
    found = _NUMBER.fullmatch(text)
    if found is None:
        return None
    rest, after = found["rest"] or "", found["after"]
    value = float(found["digits"].replace(",", "") + rest) * _SCALES[found["scale"]]
    places = "." + "0" * (len(rest) - 1) if rest and not found["scale"] else ""
    if found["sign"] in {"-", "−"}:
        value = -value
    if after == "%":
        return value / 100, f"0{places}%"
    grouped = "#,##0" if found["before"] or "," in found["digits"] or found["scale"] else "0"
    before = f'"{found["before"]}"' if found["before"] else ""
    return value, f"{before}{grouped}{places}" + (f'"{after}"' if after else "")


def _agenda(page: Any, front: Contents) -> None:
    from openpyxl.styles import Alignment, Font

    found = agenda(front)
    _text(page.cell(1, 1), front.title).font = Font(bold=True, size=14)
    _text(page.cell(2, 1), front.subtitle)
    rows = [("To decide", "Who, by when, worth how much", "Why")]
    rows += [(each.what, each.facts, each.why) for each in found.decisions]
    rows += [("Next dates", "", "")] * bool(found.dates)
    rows += [(text, "", "") for text in found.dates]
    rows += [("To find out and agree on", "", "")] * bool(found.questions)
    rows += [(text, "", "") for text in found.questions]
    for number, texts in enumerate(rows, 4):
        for place, text in enumerate(texts, 1):
            cell = _text(page.cell(number, place), text)
            cell.alignment = Alignment(wrap_text=True, vertical="top")
            cell.font = Font(bold=place == 1 and text in _HEADS)
    for letter, width in zip("ABC", (48, 60, 70), strict=True):
        page.column_dimensions[letter].width = width


def _fill(page: Any, title: str, sheet: Sheet) -> None:
    """One table: its caption, its headings, its rows, with a column for each end of an interval."""
    from openpyxl.styles import Font

    _text(page.cell(1, 1), f"{title}: {sheet.caption}").font = Font(bold=True)
    wide = [any(_ENDS.fullmatch(row[i]) for row in sheet.rows if i < len(row))
            for i in range(len(sheet.headings))]  # fmt: skip
    places, at = [], 1
    for two in wide:
        places.append(at)
        at += 1 + two
    for i, heading in enumerate(sheet.headings):
        named = [heading] if not wide[i] else [f"{heading or 'range'}, from".lstrip(), "to"]
        for offset, text in enumerate(named):
            _text(page.cell(3, places[i] + offset), text).font = Font(bold=True)
    for number, row in enumerate(sheet.rows, 4):
        for i, text in enumerate(row[: len(places)]):
            ends = _ENDS.fullmatch(text) if wide[i] else None
            for offset, said in enumerate(ends.groups() if ends else (text,)):
                _value(page.cell(number, places[i] + offset), said)
    for column in page.iter_cols(min_row=3, max_row=min(page.max_row, 60)):
        longest = max(
            (len(str(cell.value)) for cell in column if cell.value is not None), default=8
        )
        page.column_dimensions[column[0].column_letter].width = min(max(longest + 2, 9), 60)
    page.freeze_panes = "B4"


def _value(cell: Any, text: str) -> None:
    number = number_in(text)
    if number is not None:
        cell.value, cell.number_format = number
    elif _DAY.fullmatch(text):
        cell.value = dt.datetime.strptime(text, "%d %b %Y").date()
        cell.number_format = "d mmm yyyy"
    else:
        _text(cell, text)


def _text(cell: Any, text: str) -> Any:
    """Write a text as a text: one that begins like a formula is none."""
    cell.value = text
    cell.data_type = "s"
    cell.quotePrefix = int(text[:1] in set("=+-@\t\r"))
    return cell


def _sheet_name(number: int, caption: str) -> str:
    return f"{number} {_FORBIDDEN.sub(' ', caption)}"[:_NAME].rstrip(" '")
