"""Exports of banks and books that no mapping knows by name: plain words of many languages.

Every file tells the story of the forms: 79.99 on 5 January, 189 on the 14th, 20 back on the 20th.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from techalign.client.importing import read_foreign
from techalign.errors import MappingError

Taken = Callable[..., Any]
STORY = [("2026-01-05", "Adobe", 79.99), ("2026-01-14", "Telco", 189.0),
         ("2026-01-20", "Adobe", -20.0)]  # fmt: skip

FILES = {
    "Swedish, the day first in no column": (
        "Bokföringsdag;Belopp;Avsändare;Mottagare;Namn;Rubrik;Saldo;Valuta\n"
        "2026/01/05;-79,99;1234 56 78901;;Adobe;;920,01;SEK\n"
        "2026/01/14;-189,00;1234 56 78901;;Telco;;731,01;SEK\n"
        "2026/01/20;20,00;;1234 56 78901;Adobe;;751,01;SEK\n"),
    "Finnish": (
        "Kirjauspäivä;Määrä;Maksaja;Maksunsaaja;Nimi;Otsikko;Saldo;Valuutta\n"
        "2026/01/05;-79,99;FI12;;Adobe;a;920,01;EUR\n2026/01/14;-189,00;FI12;;Telco;b;731,01;EUR\n"
        "2026/01/20;20,00;;FI12;Adobe;c;751,01;EUR\n"),
    "Norwegian, two columns": (
        '"Dato";"Forklaring";"Rentedato";"Ut fra konto";"Inn på konto"\n'
        '"05.01.2026";"Adobe";"05.01.2026";"79,99";""\n'
        '"14.01.2026";"Telco";"14.01.2026";"189,00";""\n'
        '"20.01.2026";"Adobe";"20.01.2026";"";"20,00"\n'),
    "Danish, one payment waiting": (
        "Dato;Tekst;Beløb;Saldo;Status\n05.01.2026;Adobe;-79,99;920,01;Udført\n"
        "14.01.2026;Telco;-189,00;731,01;Udført\n20.01.2026;Adobe;20,00;751,01;Udført\n"
        "21.01.2026;Dell;-500,00;751,01;Afventer\n"),
    "Polish, marks before the headers and a currency behind the amounts": (
        "mBank S.A.;\n#Klient;\nJAN KOWALSKI;\n\n"
        "#Data operacji;#Opis operacji;#Rachunek;#Kategoria;#Kwota;#Saldo po operacji;\n"
        "2026-01-05;Adobe;eKonto 1111;Płatność;-79,99 PLN;920,01 PLN;\n"
        "2026-01-14;Telco;eKonto 1111;Rachunki;-189,00 PLN;731,01 PLN;\n"
        "2026-01-20;Adobe;eKonto 1111;Zwrot;20,00 PLN;751,01 PLN;\n"),
    "Czech": (
        "datum zaúčtování;částka;měna;zůstatek;název protiúčtu;zpráva\n"
        "05.01.2026;-79,99;CZK;920,01;Adobe;a\n14.01.2026;-189,00;CZK;731,01;Telco;b\n"
        "20.01.2026;20,00;CZK;751,01;Adobe;c\n"),
    "Turkish, debit and credit": (
        "Tarih;Açıklama;Borç;Alacak;Bakiye\n05/01/2026;Adobe;79,99;;920,01\n"
        "14/01/2026;Telco;189,00;;731,01\n20/01/2026;Adobe;;20,00;751,01\n"),
    "Hungarian": (
        "Számlaszám;Tranzakció dátuma;Partner neve;Összeg;Pénznem\n1;2026.01.05.;Adobe;-79,99;HUF\n"
        "1;2026.01.14.;Telco;-189,00;HUF\n1;2026.01.20.;Adobe;20,00;HUF\n"),
    "Brazilian, the currency's sign in the headers": (
        "Data;Histórico;Docto.;Crédito (R$);Débito (R$);Saldo (R$)\n"
        "05/01/2026;Adobe;1;;-79,99;920,01\n14/01/2026;Telco;2;;-189,00;731,01\n"
        "20/01/2026;Adobe;3;20,00;;751,01\n"),
    "Japanese": (
        '日付,内容,出金金額(円),入金金額(円)\n2026/01/05,Adobe,79.99,\n2026/01/14,Telco,189,\n'
        "2026/01/20,Adobe,,20\n"),
    "Swiss, with an empty column called Label": (
        "Datum von:;01.01.2026\nKonto:;CH00\n\n"
        "Datum;Bewegungstyp;Avisierungstext;Gutschrift in CHF;Lastschrift in CHF;Label\n"
        "05.01.2026;Kauf;Adobe;;-79.99;\n14.01.2026;Zahlung;Telco;;-189.00;\n"
        "20.01.2026;Gutschrift;Adobe;20.00;;\n"),
    "Indian, DR and CR beside the amount": (
        "Tran Date,PARTICULARS,Amount(INR),DR|CR,Balance(INR)\n05-01-2026,Adobe,79.99,DR,920.01\n"
        "14-01-2026,Telco,189.00,DR,731.01\n20-01-2026,Adobe,20.00,CR,751.01\n"),
    "Dutch, account numbers called counterparty": (
        '"Date";"Interest Date";"Amount";"Account";"Counterparty";"Name";"Description"\n'
        '"2026-01-05";"2026-01-05";"-79,99";"NL00BUNQ01";"NL01INGB01";"Adobe";"abo"\n'
        '"2026-01-14";"2026-01-14";"-189,00";"NL00BUNQ01";"NL02INGB01";"Telco";"net"\n'
        '"2026-01-20";"2026-01-20";"20,00";"NL00BUNQ01";"NL01INGB01";"Adobe";"terug"\n'),
    "German, payer and payee, one line not booked": (
        "Buchungsdatum;Status;Zahlungspflichtige*r;Zahlungsempfänger*in;"
        "Verwendungszweck;Betrag (€)\n"
        "05.01.26;Gebucht;We Ltd;Adobe;Abo;-79,99\n14.01.26;Gebucht;We Ltd;Telco;Netz;-189,00\n"
        "20.01.26;Gebucht;Adobe;We Ltd;Erstattung;20,00\n"
        "21.01.26;Vorgemerkt;We Ltd;Dell;PC;-500,00\n"),
    "French, the bank's own reading of the supplier": (
        "dateOp;dateVal;label;category;supplierFound;amount;accountNum\n"
        "2026-01-05;2026-01-05;CARTE 1;Log;Adobe;-79,99;1\n"
        "2026-01-14;2026-01-14;PRLV 2;Tel;Telco;-189,00;1\n"
        "2026-01-20;2026-01-20;VIR 3;Log;Adobe;20,00;1\n"),
    "a card's list, declined rows among them": (
        "Transaction Time,Merchant Name,Amount,Currency,State\n"
        "2026-01-05T23:59:00-08:00,Adobe,79.99,USD,CLEARED\n"
        "2026-01-14T10:00:00-08:00,Telco,189.00,USD,CLEARED\n"
        "2026-01-15T10:00:00-08:00,Dell,500.00,USD,DECLINED\n"
        "2026-01-20T10:00:00-08:00,Adobe,-20.00,USD,CLEARED\n"),
    "Danish crowns behind the amounts": (
        "Dato;Leverandør;Beløb\n05-01-2026;Adobe;79,99 kr.\n14-01-2026;Telco;189,00 kr.\n"
        "20-01-2026;Adobe;-20,00 kr.\n"),
    "Turkish months": (
        "Tarih;Tedarikçi;Tutar\n5 Ocak 2026;Adobe;79,99 TL\n14 Ocak 2026;Telco;189,00 TL\n"
        "20 Oca 2026;Adobe;-20,00 TL\n"),
    "Polish months": (
        "Data;Dostawca;Kwota\n5 stycznia 2026;Adobe;79,99 zł\n14 sty 2026;Telco;189,00 zł\n"
        "20 stycznia 2026;Adobe;-20,00 zł\n"),
    "Czech months": (
        "Datum;Dodavatel;Částka\n5. ledna 2026;Adobe;79,99 Kč\n14. ledna 2026;Telco;189,00 Kč\n"
        "20. ledna 2026;Adobe;-20,00 Kč\n"),
    "a side in a column of signs": (
        "Datum;Naam;Bedrag;+/-\n05-01-2026;Adobe;79,99;-\n14-01-2026;Telco;189,00;-\n"
        "20-01-2026;Adobe;20,00;+\n"),
    "a side in a column of any name": (
        "Date,Description,Amount,How\n2026-01-05,Adobe,79.99,Dr\n2026-01-14,Telco,189.00,Dr\n"
        "2026-01-20,Adobe,20.00,Cr\n"),
    "lines quoted as a whole": (
        '"Date,Vendor,Amount"\n"2026-01-05,Adobe,79.99"\n"2026-01-14,Telco,189.00"\n'
        '"2026-01-20,Adobe,-20.00"\n'),
    "subtotals behind the names of suppliers": (
        "Vendor,Date,Amount\nAdobe,2026-01-05,79.99\nAdobe,2026-01-20,-20.00\n"
        "Adobe Total,,59.99\nTelco,2026-01-14,189.00\nTelco Total,,189.00\nGrand Total,,248.99\n"),
    "a ledger whose suppliers stand beside a description": (
        "Co./Last Name\tDate\tDescription\tAmount\nAdobe\t5/01/2026\tplan\t79.99\n"
        "Telco\t14/01/2026\tnet\t189.00\nAdobe\t20/01/2026\tcredit note\t-20.00\n"),
}  # fmt: skip


def _story(table: Any) -> list[tuple[str, str, float]]:
    days = table.clean["date"].dt.strftime("%Y-%m-%d")
    return list(zip(days, table.clean["vendor_raw"], table.clean["amount"].round(2), strict=True))


@pytest.mark.parametrize("text", FILES.values(), ids=list(FILES))
def test_plain_words_of_many_languages_are_read(taken: Taken, text: str) -> None:
    signs = {"kr.": "DKK", "zł": "PLN", "TL": "TRY", "Kč": "CZK"}
    currency = next((code for sign, code in signs.items() if f" {sign}\n" in text), "EUR")
    table = taken(text, currency=currency).table
    assert sorted(_story(table)) == STORY
    assert table.rows_in == 3 + len(table.left_out)


PAGES = {
    "cp1250": ("Data operacji;Opis transakcji;Kwota", "Usługa", "Płatność kartą"),
    "cp1254": ("Tarih;Açıklama;Tutar", "Türk İşletim", "Ağ bağlantısı"),
    "cp932": ("日付;内容;金額", "アドビ", "電話"),
    "cp1252": ("Datum;Lieferant;Betrag", "Müller & Söhne", "Größe"),
    "cp1251": ("Date;Supplier;Amount", "Ростелеком", "Почта России"),
}


@pytest.mark.parametrize("page", list(PAGES))
def test_old_code_pages_are_told_apart_by_headers_and_letters(tmp_path: Path, page: str) -> None:
    header, first, second = PAGES[page]
    path = tmp_path / "old.csv"
    text = f"{header}\n2026-01-05;{first};79,99\n2026-01-14;{second};189,00\n"
    path.write_bytes(text.encode(page))
    table, _ = read_foreign(path, None, currency="EUR")
    assert table.clean["vendor_raw"].tolist() == [first, second]


SUMMARIES = {
    "by supplier": "Acme LLC\nExpenses by Vendor Summary\n\n,Total\nAdobe,239.97\nTelco,567.00\n",
    "a column a month": "Vendor,Jan 2026,Feb 2026,Total\nAdobe,79.99,79.99,159.98\n",
    "in German": "Lieferant;Januar;Februar;Gesamt\nAdobe;79,99;79,99;159,98\n",
}


@pytest.mark.parametrize("text", SUMMARIES.values(), ids=list(SUMMARIES))
def test_a_summary_without_days_is_refused_as_what_it_is(taken: Taken, text: str) -> None:
    with pytest.raises(MappingError, match="No column holds days: this is a summary"):
        taken(text)


def test_unknown_headers_are_answered_with_a_mapping_that_could_be_right(taken: Taken) -> None:
    text = "Päev;Kellele;Palju\n05.01.2026;Adobe;79,99\n14.01.2026;Telco;189,00\n"
    said = 'perhaps date = "Päev", vendor_raw = "Kellele", amount = "Palju"'
    with pytest.raises(MappingError, match=said):
        taken(text)


def test_a_list_that_writes_bills_and_cheques_with_opposite_signs(taken: Taken) -> None:
    table = taken(
        "Date,Transaction Type,Name,Amount\n01/05/2026,Expense,Adobe,-79.99\n"
        "01/14/2026,Bill,Telco,189.00\n01/15/2026,Bill Payment (Check),Telco,-189.00\n"
        "01/20/2026,Vendor Credit,Adobe,-20.00\n01/21/2026,Journal Entry,Adobe,5.00\n"
    ).table
    assert _story(table) == STORY
    assert [row.reason for row in table.left_out] == [
        "is left out: Transaction Type is 'Bill Payment (Check)'"
    ]
    assert "is no known type" in table.quarantine["value"].iloc[0]


def test_tabs_under_the_ending_of_a_workbook_are_read_as_the_text_they_are(tmp_path: Path) -> None:
    path = tmp_path / "statement.xls"
    path.write_text(
        "Account Name :\tX\n\nTxn Date\tDescription\t        Debit\tCredit\tBalance\n"
        "5 Jan 2026\tAdobe\t79.99\t \t1,920.01\n14 Jan 2026\tTelco\t189.00\t \t1,731.01\n"
        "20 Jan 2026\tAdobe\t \t20.00\t1,751.01\n**This is a computer generated statement\n",
        "utf-8",
    )
    table, _ = read_foreign(path, None, currency="INR")
    assert _story(table) == STORY
    assert "text under the ending .xls" in table.notes
