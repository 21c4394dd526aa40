"""Each format by name, in the form its program writes; the contents are invented.

All forms tell the same story: a subscription of 79.99 on 5 January, a line of 189.00 on the 14th
and 20.00 back on the 20th, beside rows that are no payments.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from techalign.client.importing import read_foreign
from techalign.intake.mapping import SHIPPED_MAPPINGS, shipped_formats, shipped_mapping

Taken = Callable[..., Any]
FORMS = Path(__file__).parent / "forms"
FORMAT = {
    "capital-one-360.csv": "capital-one",
    "hsbc-business.csv": "bank",
    "hsbc-balance.csv": "hsbc",
    "sage-audit.csv": "sage",
    "n26-older.csv": "n26",
    "quickbooks-by-vendor.csv": "quickbooks",
    "quickbooks-ledger.csv": "quickbooks",
    "quickbooks-desktop.iif": "iif",
    "statement.qfx": "statement",
    "statement.sta": "statement",
    "camt053.xml": "statement",
    "statement.qif": "statement",
    "abn.tab": "statement",
}
STORY = {"2026-01-05": 79.99, "2026-01-14": 189.0, "2026-01-20": -20.0}
LARGE = {"2026-01-05": 26079.99, "2026-01-14": 31189.0, "2026-01-20": -25020.0}
EURO = {"n26", "n26-older", "ing", "ing-nl", "sparkasse", "deutsche-bank", "datev"}
POUND = {
    "barclays", "hsbc", "hsbc-business", "hsbc-balance", "sage-audit", "xero-transactions",
    "xero-account", "monzo", "starling", "xero", "xero-statement",
}  # fmt: skip
OTHER_SUPPLIERS = {"stripe.csv": "stripe", "sage.csv": "adobe", "focus.csv": "aws"}


@pytest.mark.parametrize("path", sorted(FORMS.iterdir()), ids=lambda path: path.name)
def test_a_form_is_detected_and_tells_the_story(path: Path) -> None:
    stem = path.stem
    currency = "EUR" if stem in EURO else "GBP" if stem in POUND else "USD"
    table, mapping = read_foreign(path, None, currency=currency)
    assert mapping == FORMAT.get(path.name, stem)
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
    consoles = {path.stem for path in (FORMS.parent / "consoles").iterdir()}
    # hubspot.csv, salesforce.csv and pipedrive.csv hold deals, open and won
    assert set(SHIPPED_MAPPINGS) - named - consoles == {
        "general", "deals", "deals-won", "pipedrive-won",
    }  # fmt: skip


TABLES = {
    "pipeline": {"deals", "pipedrive"},
    "partner_revenue": {"deals-won", "pipedrive-won"},
    "assets": {"intune", "ninjaone", "datto", "lansweeper"},
    "contracts": {"microsoft-365", "microsoft-365-licences", "google-workspace"},
}


@pytest.mark.parametrize("name", SHIPPED_MAPPINGS)
def test_a_stated_format_is_the_detected_one(name: str) -> None:
    mapping = shipped_mapping(name)
    assert mapping.table == next((t for t, names in TABLES.items() if name in names), "ledger")
    needed = mapping.required
    assert needed.headers or needed.cells or needed.columns
    assert not (mapping.sign and mapping.usual), "a rule that always holds needs no other"


def test_every_format_says_where_its_form_is_described_or_that_it_was_not_found() -> None:
    listed = shipped_formats()
    assert [each.name for each in listed] == list(SHIPPED_MAPPINGS)
    for each in listed:
        assert len(each.source) > 10, each.name
        assert each.what[0].isupper(), each.name
    assert sum("not found" in each.source for each in listed) <= 3


def test_what_no_payment_is_says_why() -> None:
    reasons = {
        path: [row.reason for row in read_foreign(FORMS / path, None, currency="USD")[0].left_out]
        for path in ("chase-card.csv", "quickbooks-ledger.csv", "revolut.csv", "sage.csv")
    }
    assert reasons["chase-card.csv"] == ["is left out: Type is 'Payment'"]
    assert "is the other side of a payment, at 'Checking'" in reasons["quickbooks-ledger.csv"]
    assert "is a total of rows above: 59.99" in reasons["quickbooks-ledger.csv"]
    assert reasons["revolut.csv"][0] == "is left out: State is 'REVERTED'"
    assert reasons["sage.csv"] == ["is left out: Type is 'PP'", "is left out: Type is 'SI'"]


DEALS = {
    "HubSpot": "Record ID,Deal Name,Deal Stage,Close Date,Create Date,Deal owner,Amount,Partner\n"
    "1,Clinic,Proposal,,2026-02-20 10:05,Kim,18000,Birch\n"
    "2,Shop,Closed Won,2026-02-01,2026-01-05 09:00,Kim,5000,Alder\n",
    "Salesforce": "Opportunity Name,Account Name,Stage,Amount,Created Date,Close Date,"
    "Partner Account\nClinic,Clinic Ltd,Proposal,18000,20/02/2026,30/06/2026,Birch\n"
    "Shop,Shop Ltd,Closed Lost,5000,05/01/2026,30/01/2026,Alder\n",
    "Pipedrive": "Deal - Title,Deal - Value,Deal - Currency of Value,Deal - Stage,Deal - Status,"
    "Deal - Deal created,Deal - Partner\nClinic,18000,EUR,Proposal,Open,2026-02-20 10:05:00,Birch\n"
    "Shop,5000,EUR,Proposal,Won,2026-01-05 10:05:00,Alder\n",
}


@pytest.mark.parametrize("text", DEALS.values(), ids=list(DEALS))
def test_open_deals_of_partners_become_the_pipeline(taken: Taken, text: str) -> None:
    foreign = taken(text)
    known = "pipedrive" if text.startswith("Deal - ") else "deals"
    assert (foreign.mapping, foreign.table.name) == (known, "pipeline")
    row = foreign.table.clean.iloc[0]
    assert len(foreign.table.clean) == len(foreign.table.left_out) == 1
    assert (row["partner"], row["stage"], row["value"]) == ("Birch", "Proposal", 18000.0)
    assert f"{row['created']:%Y-%m-%d}" == "2026-02-20"


def test_an_own_mapping_works_for_every_table(taken: Taken) -> None:
    text = "Asset;Bought;Paid;State\nBox;01.03.2018;4.200,00;in use\nFax;01.03.08;1,00;retired\n"
    mapping = (
        'table="assets"\n[columns]\ntechnology="Asset"\nin_service="Bought"\ncost="Paid"\n'
        '[drop]\nState="retired"\n'
    )
    table = taken(text, mapping=mapping, currency="EUR").table
    assert table.clean[["technology", "cost"]].to_numpy().tolist() == [["Box", 4200.0]]
    assert len(table.left_out) == 1


def test_a_contact_before_its_lines_description_is_the_supplier_and_the_memo_keeps_both() -> None:
    table, _ = read_foreign(FORMS / "xero-account.csv", None, currency="GBP")
    assert table.clean["vendor_raw"].tolist() == ["Adobe", "Adobe", "Telco"]
    assert table.clean["memo"].iloc[0] == "Adobe - Creative plan - June"
    assert table.clean["account"].tolist() == [*["IT Software and Consumables"] * 2,
                                               "Telephone & Internet"]  # fmt: skip
