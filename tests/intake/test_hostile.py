"""Any sequence of bytes ends in a table or in one line; what is read is kept or set aside."""

import csv
import datetime as dt
import io
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

from techalign.client.importing import Reading, read_foreign
from techalign.errors import InputError
from techalign.intake.mapping import shipped_mapping
from techalign.intake.recognition import known_headers, recognise
from techalign.intake.rows import ROW_MODELS
from techalign.intake.seats import count_seats
from techalign.intake.source import read_records, shape
from techalign.intake.table import Table

HERE = Path(__file__).parent
FORMS = sorted((HERE / "forms").iterdir(), key=lambda path: path.name)
CONSOLES = {path.name: path.read_bytes() for path in sorted((HERE / "consoles").iterdir())}
SEATS = {"microsoft-365.csv", "microsoft-365-licences.csv", "google-workspace.csv"}
TEXTS = {path.name: path.read_bytes() for path in FORMS}
QUICK = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def _taken(folder: Path, name: str, data: bytes) -> Table | None:
    path = folder / name
    path.write_bytes(data)
    try:
        table, _ = read_foreign(path, None, currency="EUR", how=Reading(mostly_credits=True))
    except InputError as error:
        said = str(error)
    else:
        return table
    assert said
    assert "\n" not in said
    return None


def _assert_whole(table: Table) -> None:
    clean, aside = set(table.clean.index), set(table.quarantine["line"])
    left = {row.line for row in table.left_out}
    assert len(clean | aside | left) == len(clean) + len(aside) + len(left)
    assert table.rows_in == len(clean) + len(aside) + len(left)
    for total in table.totals:
        assert total.input == total.clean + total.quarantined + total.left_out
    kept = sum((total.clean for total in table.totals), Decimal(0))
    money = ROW_MODELS[table.name].reconciles
    if money is not None:
        assert float(kept) == pytest.approx(table.clean[money].sum(), rel=1e-9, abs=1e-6)


ENDINGS = ["a.csv", "a.xlsx", "a.xls", "a.parquet", "a.csv.gz", "a.qfx", "a.xml", "a.iif", "a.sta",
           "a.ods", "a.xlsb"]  # fmt: skip
HEADS = [
    b"", b"\xff\xfe", b"PK\x03\x04", b"OFXHEADER:100\n", b"\xd0\xcf\x11\xe0", b"EXTF;", b"!TRNS\t",
    b":20:x\n:25:y\n", b'<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.02">',
    b"Date,Vendor,Amount\n", b'"', b"<html>", b"1,2\n",
]  # fmt: skip


@QUICK
@given(st.sampled_from(ENDINGS), st.sampled_from(HEADS), st.binary(max_size=300))
def test_any_bytes_end_in_a_table_or_in_one_line(
    tmp_path: Path, name: str, head: bytes, data: bytes
) -> None:
    table = _taken(tmp_path, name, head + data)
    if table is not None:
        _assert_whole(table)


@st.composite
def _damaged(draw: st.DrawFn, texts: dict[str, bytes] = TEXTS) -> tuple[str, bytes]:
    """A form with bytes changed, lines lost, repeated or moved, or its end cut off."""
    name = draw(st.sampled_from(sorted(texts)))
    data = texts[name]
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(data)))
        how = draw(st.sampled_from(["cut", "insert", "line", "repeat", "swap"]))
        if how == "cut":
            data = data[:at] + data[at + draw(st.integers(1, 30)) :]
        elif how == "insert":
            data = data[:at] + draw(st.sampled_from(
                [b'"', b",", b"\n", b"\r", b"\x00", b"-", b"(", b"Total", b"\xe9", b"9", b"=1+1"]
            )) + data[at:]  # fmt: skip
        else:
            lines = data.splitlines(keepends=True)
            at = draw(st.integers(0, max(0, len(lines) - 1)))
            if how == "line":
                del lines[at : at + 1]
            elif how == "repeat":
                lines[at:at] = lines[at : at + 1] * draw(st.integers(1, 3))
            else:
                lines.reverse()
            data = b"".join(lines)
    return name, data


@settings(QUICK, max_examples=150)
@given(_damaged())
def test_a_damaged_form_loses_no_row_and_no_money(
    tmp_path: Path, damaged: tuple[str, bytes]
) -> None:
    table = _taken(tmp_path, *damaged)
    if table is not None:
        _assert_whole(table)


ROWS = {name: data for name, data in CONSOLES.items() if name not in SEATS}


NO_NUMBERS = (  # a list without its header, in which nothing could be an amount
    b"a,,Printer,,Brother,HL-L5200,E7,,,2022-02-01 10:00:00,2026-06-28 09:00:00\n"
    b"b,ACME,ann,Windows,Windows 10,LENOVO,T14,PF1,2021-09-14,2024-09-13,2021-09-20,2026-06-28\n"
)


@pytest.mark.slow
@settings(QUICK, max_examples=100)
@given(_damaged(ROWS))
@example(("lansweeper.csv", NO_NUMBERS))
def test_a_damaged_list_of_devices_or_deals_loses_no_row(
    tmp_path: Path, damaged: tuple[str, bytes]
) -> None:
    table = _taken(tmp_path, *damaged)
    if table is not None:
        _assert_whole(table)


@settings(QUICK, max_examples=100)
@given(_damaged({name: CONSOLES[name] for name in SEATS}))
def test_a_damaged_list_of_seats_counts_every_line_or_says_why_not(
    damaged: tuple[str, bytes],
) -> None:
    name, data = damaged
    try:
        records = read_records(name, data, expected=known_headers())
        source = shape(records, known_headers(), mapped=True)
        mapping = shipped_mapping(recognise(source))
        if mapping.seats is None:
            return
        counted = count_seats(mapping, source, dt.date(2026, 6, 30))
    except InputError as error:
        said = str(error)
    else:
        lines = [line for line, _ in counted.aside]
        assert len(lines) == len(set(lines)) < counted.rows
        assert counted.rows == len(source.lines) + len(source.ragged)
        return
    assert "\n" not in said


def _as_workbook(data: bytes) -> bytes:
    book = Workbook()
    for row in csv.reader(io.StringIO(data.decode("utf-8-sig", "replace"))):
        clean = [ILLEGAL_CHARACTERS_RE.sub("", cell) for cell in row]
        book.active.append([float(c) if c.replace(".", "", 1).isdigit() else c for c in clean])
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


BOOKS = {f"{name}.xlsx": _as_workbook(TEXTS[f"{name}.csv"])
         for name in ("chase-card", "xero", "monzo", "quickbooks-ledger", "paypal")}  # fmt: skip


@st.composite
def _damaged_book(draw: st.DrawFn) -> tuple[str, bytes]:
    """A workbook of which a part's text, or the packed bytes themselves, are changed."""
    name = draw(st.sampled_from(sorted(BOOKS)))
    packed = BOOKS[name]
    if draw(st.booleans()):
        at = draw(st.integers(0, len(packed)))
        return name, packed[:at] + draw(st.binary(max_size=4)) + packed[at + 3 :]
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(packed)) as old, zipfile.ZipFile(file, "w") as new:
        hit = draw(st.sampled_from([n for n in old.namelist() if n.endswith(".xml")]))
        for part in old.namelist():
            text = old.read(part)
            if part == hit:
                at = draw(st.integers(0, len(text)))
                by = draw(st.sampled_from(
                    [b"", b"<", b'"', b"9", b"Z9", b"<f>1+1</f>", b' t="e"', b"&lt;", b"\x00"]
                ))  # fmt: skip
                text = text[:at] + by + text[at + draw(st.integers(0, 12)) :]
            new.writestr(part, text)
    return name, file.getvalue()


@pytest.mark.slow
@settings(QUICK, max_examples=150)
@given(_damaged_book())
def test_a_damaged_workbook_loses_no_row_and_no_money(
    tmp_path: Path, damaged: tuple[str, bytes]
) -> None:
    table = _taken(tmp_path, *damaged)
    if table is not None:
        _assert_whole(table)


@pytest.mark.parametrize("kind", ["folder", "device"])
def test_what_is_no_file_is_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path if kind == "folder" else Path("/dev/zero")
    with pytest.raises(InputError, match="is not a plain file"):
        read_foreign(path, None)


def test_entities_in_xml_are_not_followed(tmp_path: Path) -> None:
    text = TEXTS["camt053.xml"].replace(
        b"<Document", b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><Document', 1
    )
    path = tmp_path / "a.xml"
    path.write_bytes(text)
    with pytest.raises(InputError, match="declares entities"):
        read_foreign(path, None)
