"""Each format by name, in the form its program writes; the contents are invented.

All forms tell the same story: a subscription of 79.99 on 5 January, a line of 189.00 on the 14th
and 20.00 back on the 20th, beside rows that are no payments.
"""

from pathlib import Path

import pytest

from techalign.client.importing import read_foreign
from techalign.intake.mapping import SHIPPED_MAPPINGS, shipped_mapping

FORMS = Path(__file__).parent / "forms"
FORMAT = {
    "capital-one-360.csv": "capital-one",
    "hsbc-business.csv": "bank",
    "n26-older.csv": "n26",
    "quickbooks-by-vendor.csv": "quickbooks",
    "quickbooks-ledger.csv": "quickbooks",
    "quickbooks-desktop.iif": "iif",
    "statement.qfx": "statement",
    "statement.sta": "statement",
    "camt053.xml": "statement",
}
STORY = {"2026-01-05": 79.99, "2026-01-14": 189.0, "2026-01-20": -20.0}
LARGE = {"2026-01-05": 26079.99, "2026-01-14": 31189.0, "2026-01-20": -25020.0}
EURO = {"n26", "n26-older", "ing", "ing-nl", "sparkasse", "deutsche-bank", "datev"}
POUND = {"barclays", "hsbc", "hsbc-business", "monzo", "starling", "xero", "xero-statement"}
OTHER_SUPPLIERS = {"stripe.csv": "stripe", "sage.csv": "adobe", "focus.csv": "aws"}


@pytest.mark.parametrize("path", sorted(FORMS.iterdir()), ids=lambda path: path.name)
def test_a_form_is_detected_and_tells_the_story(path: Path) -> None:
    stem = path.stem
    currency = "EUR" if stem in EURO else "GBP" if stem in POUND else "USD"
    foreign = read_foreign(path, None, currency=currency)
    table = foreign.table
    assert foreign.mapping == FORMAT.get(path.name, stem)
    days = table.clean["date"].dt.strftime("%Y-%m-%d")
    found = dict(zip(days, table.clean["amount"].round(2), strict=True))
    assert found == (LARGE if stem == "uk-spend" else STORY)
    assert len(table.clean) == 3, "nothing counted twice"
    supplier = OTHER_SUPPLIERS.get(path.name, "adobe")
    assert supplier in table.clean["vendor_raw"].iloc[0].casefold() or stem == "ing"
    assert table.rows_in == 3 + table.quarantined_rows + len(table.left_out)
    for total in table.totals:
        assert total.input == total.clean + total.quarantined + total.left_out


def test_every_format_has_a_form_or_a_test_of_its_own() -> None:
    named = {FORMAT.get(path.name, path.stem) for path in FORMS.iterdir()}
    assert set(SHIPPED_MAPPINGS) - named == {"general"}


@pytest.mark.parametrize("name", SHIPPED_MAPPINGS)
def test_a_stated_format_is_the_detected_one(name: str) -> None:
    mapping = shipped_mapping(name)
    assert mapping.table == "ledger"
    assert mapping.required.headers or mapping.required.cells
    assert not (mapping.sign and mapping.usual), "a rule that always holds needs no other"


def test_what_no_payment_is_says_why() -> None:
    reasons = {
        path: [
            row.reason for row in read_foreign(FORMS / path, None, currency="USD").table.left_out
        ]
        for path in ("chase-card.csv", "quickbooks-ledger.csv", "revolut.csv", "sage.csv")
    }
    assert reasons["chase-card.csv"] == ["is left out: Type is 'Payment'"]
    assert "is the other side of a payment, at 'Checking'" in reasons["quickbooks-ledger.csv"]
    assert "is a total of rows above: 59.99" in reasons["quickbooks-ledger.csv"]
    assert reasons["revolut.csv"][0] == "is left out: State is 'REVERTED'"
    assert reasons["sage.csv"] == ["is left out: Type is 'PP'", "is left out: Type is 'SI'"]
