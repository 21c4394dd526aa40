"""Exports as people edit and translate them: each reads right, or says what it left open."""

import datetime as dt
import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from techalign.client.importing import Reading, read_foreign
from techalign.errors import InputError

Taken = Callable[..., Any]
HEAD = ["Date", "Vendor", "Amount"]


def _rows(taken: Any) -> list[tuple[str, str, float]]:
    clean = taken.table.clean
    days = clean["date"].dt.strftime("%m-%d")
    return list(zip(days, clean["vendor_raw"], clean["amount"].round(2), strict=True))


def _book(*sheets: tuple[str, list[list[Any]]], hidden: str = "", mac: bool = False) -> bytes:
    book = Workbook()
    book.remove(book.active)
    if mac:
        book.epoch = CALENDAR_MAC_1904
    for name, rows in sheets:
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
        if name == hidden:
            sheet.sheet_state = "hidden"
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def test_sheets_of_months_may_order_their_columns_otherwise_and_have_one_more(taken: Taken) -> None:
    book = _book(
        ("Jan", [HEAD, [dt.date(2026, 1, 5), "Oak", 12.5]]),
        ("Feb", [["VENDOR", "Date", "Amount "], ["Elm", dt.date(2026, 2, 5), 15]]),
        ("Mar", [[*HEAD, "Note"], [dt.date(2026, 3, 5), "Ash", 8, "x"]]),
        ("Sum", [["Vendor", "Amount"], ["Oak", 12.5]]),
        hidden="Mar",
    )
    found = taken(book, name="a.xlsx")
    assert _rows(found) == [("01-05", "Oak", 12.5), ("02-05", "Elm", 15), ("03-05", "Ash", 8)]
    assert found.table.clean["memo"].tolist() == ["", "", "x"]
    notes = "; ".join(found.table.notes)
    assert "check: 'Mar' is hidden" in notes
    assert "sheets not read: 'Sum'" in notes


def test_numbers_for_days_are_counted_as_the_workbook_counts(taken: Taken) -> None:
    book = _book(("S", [HEAD, [44565, "Oak", 5], [44566, "Elm", 6]]), mac=True)
    assert [row[0] for row in _rows(taken(book, name="a.xlsx"))] == ["01-05", "01-06"]


def test_a_supplier_whose_formula_was_not_saved_is_set_aside(taken: Taken) -> None:
    book = _book(("S", [HEAD, [dt.date(2026, 1, 5), "=A1", 5], [dt.date(2026, 1, 6), "Elm", 6]]))
    found = taken(book, name="a.xlsx")
    assert _rows(found) == [("01-06", "Elm", 6)]
    assert found.table.quarantine["reason"].tolist() == ["is a formula whose value was not saved"]


def test_an_open_quotation_mark_does_not_hide_what_the_delimiter_is(taken: Taken) -> None:
    text = 'Datum;Lieferant;Betrag;Text\n05.01.2026;Oak;12,50;"Abo\n06.01.2026;Elm;15,00;x\n'
    with pytest.raises(InputError, match=r"export.csv:2: opens a quotation mark"):
        taken(text, currency="EUR")


@pytest.mark.parametrize(
    ("columns", "out", "into"),
    [
        ("Datum;Mottagare;Typ;Belopp", "Uttag", "Insättning"),
        ("Data;Kontrahent;Rodzaj;Kwota", "Obciążenie", "Uznanie"),
        ("Date;Payee;Income/Expense;Amount", "Expense", "Income"),
        ("Дата;Контрагент;Вид;Сумма", "Расход", "Приход"),
        ("Date;Payee;Way;Amount", "OUT", "IN"),
    ],
)
def test_words_for_out_and_in_of_many_languages(
    taken: Taken, columns: str, out: str, into: str
) -> None:
    rows = [f"2026-01-05;Oak;{out};12", f"2026-01-06;Elm;{into};5", f"2026-01-07;Ash;{out};9"]
    found = taken("\n".join([columns, *rows]), currency="EUR")
    assert [row[2] for row in _rows(found)] == [12, -5, 9]


def test_a_sign_column_in_unknown_words_is_refused(taken: Taken) -> None:
    text = "Date,Payee,D/C,Amount\n2026-01-05,Oak,x,12\n2026-01-06,Elm,y,5\n"
    with pytest.raises(InputError, match=r"in words that are not known: x, y.*direction"):
        taken(text)


def test_credit_is_money_out_where_the_file_says_that_it_was_spent(taken: Taken) -> None:
    text = (
        "Date,Source,Description,Debit,Credit\n2026-01-05,Spend Money,Oak,0,79\n"
        "2026-01-06,Receive Money,Elm,20,0\n2026-01-07,Spend Money,Ash,0,5\n"
    )
    assert [row[2] for row in _rows(taken(text))] == [79, -20, 5]


def test_the_accounts_own_holder_is_no_supplier(taken: Taken) -> None:
    rows = [
        f"2026-01-0{i},Smith Ltd,{who},-12" for i, who in enumerate(["Oak", "Elm", "Ash", "Fir"], 1)
    ]
    found = taken("\n".join(["Date,Name,Description,Amount", *rows]))
    assert [row[1] for row in _rows(found)] == ["Oak", "Elm", "Ash", "Fir"]


def test_a_balance_has_no_say_in_the_sign(taken: Taken) -> None:
    text = (
        "Date,Description,Amount\n2026-01-01,Balance b/f,100\n2026-01-05,Oak,-12.50\n"
        "2026-01-06,Elm,-12.50\n2026-01-31,Balance c/f,75\n"
    )
    assert [row[1:] for row in _rows(taken(text))] == [("Oak", 12.5), ("Elm", 12.5)]


def test_arithmetic_alone_makes_no_total_of_a_supplier_called_so(taken: Taken) -> None:
    text = (
        "Date,Supplier,Amount\n2026-01-05,Oak,5\n2026-01-06,Elm,6\n2026-01-07,Total Glass Ltd,11\n"
    )
    assert len(_rows(taken(text))) == 3
    assert len(_rows(taken(text.replace("Total Glass Ltd", "Total")))) == 2


def test_thousands_alone_are_thousands_of_money_and_said(taken: Taken) -> None:
    found = taken(
        "Date,Supplier,Amount\n2026-01-05,Oak,1.234\n2026-01-16,Elm,2.500\n", currency="EUR"
    )
    assert [row[2] for row in _rows(found)] == [1234, 2500]
    assert any("check: amounts such as 1.234 read as thousands" in n for n in found.table.notes)
    dinars = taken("Date,Supplier,Amount\n2026-01-05,Oak,1.234\n", currency="KWD").table
    assert dinars.clean["amount"].tolist() == [1.234]


@pytest.mark.parametrize("word", ["Unsuccessful", "Returned", "ANULADO", "Échoué"])
def test_what_did_not_succeed_is_no_payment(taken: Taken, word: str) -> None:
    text = f"Date,Merchant,Amount,Status\n2026-01-05,Oak,12,OK\n2026-01-06,Elm,5,{word}\n"
    assert _rows(taken(text)) == [("01-05", "Oak", 12)]


def test_a_column_that_says_pending_is_heeded(taken: Taken) -> None:
    text = "Date,Merchant,Amount,Is Pending\n2026-01-05,Oak,12,false\n2026-01-06,Elm,5,true\n"
    assert _rows(taken(text)) == [("01-05", "Oak", 12)]


def test_cells_protected_from_a_spreadsheet_are_bare(taken: Taken) -> None:
    text = 'Date,Vendor,Amount\n="2026-01-05",="Oak","=""12.50"""\n\'2026-01-06,Elm,5\n'
    assert _rows(taken(text)) == [("01-05", "Oak", 12.5), ("01-06", "Elm", 5)]


@pytest.mark.parametrize("page", ["mac_roman", "cp850", "cp1252"])
def test_letters_tell_old_code_pages(tmp_path: Path, page: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Date,Vendor,Amount\n2026-01-05,Müller Gärten,5\n".encode(page))
    table, _ = read_foreign(path, None, currency="EUR")
    assert table.clean["vendor_raw"].tolist() == ["Müller Gärten"]


def test_lines_of_two_encodings_are_each_read_and_said(taken: Taken) -> None:
    first, second = "Date,Vendor,Amount\n2026-01-05,Müller,5\n", "2026-01-06,Größe,6\n"
    found = taken(first.encode() + second.encode("cp1252") + b"\x00" * 300)
    assert [row[1] for row in _rows(found)] == ["Müller", "Größe"]
    assert any("check: 1 lines are UTF-8 and others Windows-1252" in n for n in found.table.notes)


@pytest.mark.parametrize(
    ("text", "page"),
    [
        ("Ημερομηνία;Προμηθευτής;Ποσό\n5 Ιανουαρίου 2026;ΔΕΗ;12,50\n", "cp1253"),
        ("Дата;Контрагент;Сумма\n5 января 2026;Яндекс;12,50\n", "cp1251"),
        ("Data tranzacției;Descriere;Debit;Credit\n5 ianuarie 2026;Digi;12,50;\n", "utf-8"),
        ("Datum;Lieferant;Betrag\n5. Jänner 2026;Post;12,50\n", "cp1252"),
        ("Datum;Lieferant;Betrag\n5.1.2026;Post;Fr. 12.50\n", "utf-8"),
        (
            "Tipo,Producto,Fecha de inicio,Fecha de finalización,Descripción,Importe,Comisión,"
            "Divisa,State,Saldo\nX,Actual,2026-01-04 10:00:00,2026-01-05 10:00:00,Oak,-12.00,0.50,"
            "EUR,COMPLETADO,87\nX,Actual,2026-01-09 10:00:00,,Elm,-8.00,0,EUR,REVERTIDO,\n",
            "utf-8",
        ),
        (
            '"Datum","Uhrzeit","Zeitzone","Beschreibung","Währung","Brutto","Entgelt","Netto",'
            '"Guthaben","Transaktionscode","Name"\n"05.01.2026","10:00","CET","Zahlung","EUR",'
            '"-12,50","0,00","-12,50","9","A","Oak"\n"06.01.2026","10:00","CET",'
            '"Allgemeine Währungsumrechnung","EUR","-3,00","0,00","-3,00","6","B",""\n',
            "utf-8",
        ),
    ],
)  # fmt: skip
def test_further_languages(taken: Taken, text: str, page: str) -> None:
    currency = "CHF" if "Fr." in text else "EUR"
    ((day, _, amount),) = _rows(taken(text.encode(page), currency=currency))
    assert (day, amount) == ("01-05", 12.5)


def test_a_header_below_forty_lines_is_found(taken: Taken) -> None:
    title = "".join(f"Account line {i},x\n" for i in range(40))
    text = f"{title}Date,Vendor,Amount\n2026-01-05,Oak,5\n"
    assert _rows(taken(text)) == [("01-05", "Oak", 5)]


def test_a_transfer_to_an_own_account_in_qif_is_left_out(taken: Taken) -> None:
    text = "!Type:CCard\nD1/ 5'26\nT-12.50\nPOak\n^\nD1/16'26\nT-1,000.00\nPx\nL[Savings]\n^\n"
    found = taken(text, name="a.qif", how=Reading(mostly_credits=True))
    assert _rows(found) == [("01-05", "Oak", 12.5)]
    assert [row.line for row in found.table.left_out] == [6]


def test_a_translated_list_of_deals_never_becomes_a_ledger(taken: Taken) -> None:
    head = "Dealname,{},Abschlussdatum,Betrag,Erstelldatum,{}\n"
    rows = "A,Gewonnen,05.01.2026,1200,01.12.2025,Oak\nB,Angebot,05.02.2026,800,05.12.2025,Oak\n"
    found = taken(head.format("Dealphase", "Partner") + rows)
    assert (found.mapping, found.table.clean["value"].tolist()) == ("deals", [800])
    for phase, partner in (("Dealphase", "Inhaber"), ("Phase", "Inhaber"), ("Phase", "Partner")):
        with pytest.raises(InputError, match=r"list of deals.*table = \"pipeline\""):
            taken(head.format(phase, partner) + rows)


@pytest.mark.parametrize(
    ("head", "row", "said"),
    [
        ("Hostname,Operating System,Warranty ends", "PC-1,Windows 10,2024-03-01", "in_service"),
        ("Benutzerprinzipalname,Lizenzen,Aktiv", "a@b.example,Standard,2026-01-05", "[seats]"),
    ],
)
def test_lists_of_devices_and_people_are_refused_as_what_they_are(
    taken: Taken, head: str, row: str, said: str
) -> None:
    with pytest.raises(InputError, match="It is a list of") as refused:
        taken(f"{head}\n{row}\n")
    assert said in str(refused.value)


def test_stages_named_after_winning_are_no_open_deals(taken: Taken) -> None:
    text = (
        "Deal Name,Deal Stage,Close Date,Amount,Create Date,Partner\n"
        "A,Won!,2026-01-05,1200,2025-12-01,Oak\nB,Lost - price,2026-01-05,5,2025-12-01,Oak\n"
        "C,Proposal,2026-02-05,800,2025-12-05,Oak\n"
    )
    assert taken(text).table.clean["value"].tolist() == [800]


def test_a_header_of_two_lines_names_what_stands_below_a_merged_cell(taken: Taken) -> None:
    first, second = ["Date", "Vendor", "Amount"], [None, None, "Debit", "Credit"]
    rows = [[dt.date(2026, 1, 5), "Oak", 12.5], [dt.date(2026, 1, 16), "Elm", None, 5]]
    found = taken(_book(("S", [first, second, *rows])), name="a.xlsx")
    assert _rows(found) == [("01-05", "Oak", 12.5), ("01-16", "Elm", -5)]
