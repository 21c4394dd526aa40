from decimal import Decimal
from pathlib import Path

import pytest

from techalign.client.importing import read_foreign
from techalign.errors import MappingError
from techalign.intake.mapping import parse_mapping, shipped_mapping
from techalign.intake.recognition import choose_mapping

EXPORTS = {
    "quickbooks": (
        "TxnDate,Entity,Account,LineAmount,Memo\n"
        "2026-01-05,Acme Ltd,Software,12.50,seat\n2026-01-06,Beta,Rent,-3.00,\n"
    ),
    "xero-statement": (
        "*Date,Amount,Payee,Description,Reference\n".replace("*", "")
        + "05/01/2026,-12.50,Acme Ltd,seat,INV-1\n20/01/2026,3.00,Beta,,INV-2\n"
    ),
    "bank": (
        "Sort code 00-00-00\n\nDate,Description,Debit,Credit,Balance\n"
        "05 Jan 2026,Acme Ltd,12.50,,100.00\n06 Jan 2026,Beta,,3.00,103.00\n"
    ),
    "focus": (
        "ChargePeriodStart,BilledCost,BillingCurrency,ServiceCategory,ProviderName,ServiceName\n"
        "2026-01-05T00:00:00Z,12.50,USD,Compute,Acme Ltd,VM\n"
        "2026-01-06T00:00:00Z,-3.00,USD,Storage,Beta,Disk\n"
    ),
}


@pytest.mark.parametrize("name", list(EXPORTS))
def test_shipped_mappings_recognise_their_export_and_settle_the_signs(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(EXPORTS[name])
    table, chosen = read_foreign(path, None, currency="USD")
    assert chosen == name
    assert table.quarantine.empty
    assert table.clean["amount"].tolist() == [12.5, -3.0]
    assert table.clean["vendor_raw"].tolist() == ["Acme Ltd", "Beta"]
    assert table.clean["date"].dt.strftime("%Y-%m-%d").tolist()[0] == "2026-01-05"
    assert table.totals[0].input == Decimal("9.50")


def test_unknown_headers_list_the_closest_known_ones() -> None:
    with pytest.raises(MappingError, match=r"'Trans Dat' is closest to .*'Trans date'"):
        choose_mapping(["Trans Dat", "Who", "How much"])


def test_a_mapping_that_does_not_fit_says_what_it_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text("Paid on,Supplier,Net\n2026-01-05,Acme,5\n")
    mapping = parse_mapping('[columns]\ndate="Paid on"\nvendor_raw="Supplier"\namount="Sum"', "m")
    with pytest.raises(MappingError, match=r"no column for 'amount' \(looked for Sum\)"):
        read_foreign(path, mapping)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("columns = ", "is not valid TOML"),
        ("[columns]\nwhen = 'x'", "ledger has no column 'when'"),
        ("table = 'nothing'\n[columns]\ndate = 'x'", "table must be one of"),
        ("sign = 'flop'\n[columns]\ndate = 'x'", "sign: Input should be 'keep' or 'flip'"),
    ],
)
def test_wrong_mappings_are_one_line(text: str, problem: str) -> None:
    with pytest.raises(MappingError) as caught:
        parse_mapping(text, "m.toml")
    assert problem in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_debit_that_is_no_number_is_quarantined_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "export.csv"
    path.write_text(
        "Date,Description,Debit,Credit\n2026-01-05,A,abc,\n2026-01-06,B,,\n2026-01-07,C,4,\n"
    )
    table = read_foreign(path, shipped_mapping("bank"), currency="USD")[0]
    assert table.quarantine[["line", "reason"]].to_numpy().tolist() == [
        [2, "is not a number (decimal mark '.')"],
        [3, "is empty"],
    ]


@pytest.mark.parametrize(
    ("header", "vendor", "memo"),
    [("Datum;Leverantör;Text;Belopp", "Telia", "Fiber"), ("Datum;Text;Ort;Belopp", "Telia", "")],
)
def test_a_text_beside_a_supplier_is_a_memo_and_else_the_supplier(
    header: str, vendor: str, memo: str, tmp_path: Path
) -> None:
    path = tmp_path / "export.csv"
    path.write_text(f"{header}\n2026-01-05;Telia;Fiber;12,50\n2026-02-05;Telia;Fiber;12,50\n")
    table, _ = read_foreign(path, None, currency="SEK")
    assert table.clean["vendor_raw"].tolist() == [vendor] * 2
    assert table.clean["memo"].tolist() == [memo] * 2
