"""Each form as people edit and save it again: columns moved or added, another delimiter, a book."""

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from openpyxl import Workbook

from techalign.client.importing import read_foreign
from tests.intake.test_formats import EURO, FORMS, LARGE, POUND, STORY

Rows = list[list[str]]
NO_TABLES = {".qif", ".se", ".qfx", ".sta", ".xml", ".iif", ".tab"}
BARE = {"wells-fargo", "hsbc", "hsbc-balance"}  # no header line
GROUPED = {"quickbooks-by-vendor", "quickbooks-ledger"}  # the first column and the order tell
EXTRA = {"chase": 1}  # its rows end in a delimiter that its header line has not
EDITED = [path for path in sorted(FORMS.iterdir()) if path.suffix not in NO_TABLES]


def _table(path: Path) -> tuple[Rows, str, int]:
    """A form's rows, its delimiter, and where its header stands."""
    data = path.read_bytes()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252")
    mark = max(",;\t", key=text.count)
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=mark, skipinitialspace=True))
    most = max(len(list(filter(None, row))) for row in rows)
    return (
        rows,
        mark,
        next(i for i, row in enumerate(rows) if len(list(filter(None, row))) >= most * 0.6),
    )


def _text(rows: Sequence[Sequence[str]], mark: str, quoted: bool = False) -> str:
    out = io.StringIO(newline="")
    csv.writer(
        out, delimiter=mark, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL
    ).writerows(rows)
    return out.getvalue()


def _moved(rows: Rows, mark: str, at: int) -> bytes:
    width = max(map(len, rows))
    turned = [[*row, *[""] * (width - len(row))][::-1] for row in rows[at:]]
    return _text([*rows[:at], *turned], mark).encode()


def _added(rows: Rows, mark: str, at: int) -> bytes:
    more = [[*row, "Checked by" if i == 0 else "Kim"] for i, row in enumerate(rows[at:]) if row]
    return _text([*rows[:at], *more], mark).encode()


def _titled(rows: Rows, mark: str, at: int) -> bytes:
    del at
    return _text([["Our export"], ["for 2026"], [], *rows], mark).encode("utf-16")


def _shouted(rows: Rows, mark: str, at: int) -> bytes:
    rows = [*rows[:at], [cell.upper() for cell in rows[at]], *rows[at + 1 :]]
    return _text(rows, mark, quoted=True).replace("\r\n", "\r").encode()


def _trailing(rows: Rows, mark: str, at: int) -> bytes:
    del at
    return "\n".join(f"{line}{mark}" for line in _text(rows, mark).splitlines()).encode()


def _turned(rows: Rows, mark: str, at: int) -> bytes:
    del mark
    return _text([*rows[: at + 1], *rows[:at:-1]], ";").encode()


def _book(rows: Rows, mark: str, at: int) -> bytes:
    del mark, at
    book = Workbook()
    for row in rows:
        book.active.append([cell or None for cell in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


EDITS: list[Callable[[Rows, str, int], bytes]] = [
    _moved, _added, _titled, _shouted, _trailing, _turned, _book,
]  # fmt: skip


def _does_not_apply(form: str, edit: Callable[[Rows, str, int], bytes]) -> bool:
    if form == "datev":  # its first lines are part of the form
        return edit in (_moved, _titled, _turned)
    if form in BARE:
        return edit in (_moved, _added, _titled, _shouted)
    if form in GROUPED:
        return edit in (_moved, _added, _turned)
    return form in EXTRA and edit is _added


@pytest.mark.parametrize("path", EDITED, ids=lambda path: path.name)
def test_an_edited_form_tells_the_same_story(path: Path, tmp_path: Path) -> None:
    form = path.stem
    currency = "EUR" if form in EURO else "GBP" if form in POUND else "USD"
    for edit in EDITS:
        if _does_not_apply(form, edit):
            continue
        file = tmp_path / ("edited.xlsx" if edit is _book else "edited.csv")
        file.write_bytes(edit(*_table(path)))
        clean = read_foreign(file, None, currency=currency)[0].clean
        days = clean["date"].dt.strftime("%Y-%m-%d")
        found = dict(zip(days, clean["amount"].round(2), strict=True))
        assert found == (LARGE if form == "uk-spend" else STORY), edit.__name__
        assert len(clean) == 3, edit.__name__
