"""Purpose by precedence, against a row-by-row second implementation."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.intake.rows.spending import ContractRow, InitiativeRow, LedgerRow
from techalign.intake.table import empty_table
from techalign.numbers.intervals import Interval
from techalign.spending.containment import contained_saving
from techalign.spending.names import merge_vendors
from techalign.spending.purpose import (
    NATURES,
    PURPOSES,
    SOURCES,
    PurposeSplit,
    PurposeTables,
    classify_purpose,
)

AS_OF = dt.date(2026, 3, 31)
CATALOGUE = pd.DataFrame(
    {
        "name": ["Zoom", "Acronis", "HubSpot", "Staples"],
        "aliases": ["", "", "", ""],
        "capability": ["meetings", "Backup", "crm", "paper"],
        "category": ["collaboration", "security", "sales tools", "office supplies"],
    }
)
CATEGORIES = pd.DataFrame(
    {
        "category": ["collaboration", "security", "sales tools", "office supplies"],
        "technology": [True, True, True, False],
        "purpose": ["reduce", "contain", "generate", ""],
        "nature": ["run", "run", "grow", ""],
    }
)
RULES = pd.DataFrame(
    {
        "pattern": ["soft|comput", "computer repairs", "rent"],
        "technology": [True, True, False],
        "purpose": ["contain", "reduce", ""],
        "nature": ["run", "run", ""],
    }
)
CONTRACTS = pd.DataFrame(
    {
        "vendor": ["Cove Ltd", "Cove Ltd", "Odd"],
        "capability": ["backup", "crm", "unheard of"],
        "annual_price": [100.0, 900.0, 50.0],
    }
)
INITIATIVES = pd.DataFrame({"id": ["shop"], "purpose": ["differentiate"]})
# vendor, account, override, initiative -> purpose, nature, technology, source
CASES = [
    (("Zoom", "Rent", "differentiate", ""), ("differentiate", "run", "yes", "override")),
    (("Nobody", "", "generate", ""), ("generate", "unclassified", "yes", "override")),
    (("Staples", "", "reduce", ""), ("reduce", "unclassified", "no", "override")),
    (("COVE", "Software", "", "shop"), ("generate", "grow", "yes", "contract")),
    (("Zoom", "", "", "shop"), ("differentiate", "transform", "yes", "initiative")),
    (("Acronis", "Rent", "", "unknown id"), ("contain", "run", "yes", "catalogue")),
    (("Staples", "Software", "", ""), ("unclassified", "unclassified", "no", "catalogue")),
    (("Odd", "Computer Repairs", "", ""), ("contain", "run", "yes", "account rule")),
    (("Landlord", "RENT of hall", "", ""), ("unclassified", "unclassified", "no", "account rule")),
    (("Nobody", "", "", ""), ("unclassified", "unclassified", "unknown", "unclassified")),
]


def ledger_of_cases() -> pd.DataFrame:
    frame = pd.DataFrame(
        [case[0] for case in CASES], columns=["vendor_raw", "account", "purpose", "initiative"]
    )
    frame["date"] = pd.Timestamp("2026-01-15")
    frame["amount"] = [2.0**i for i in range(len(CASES))]
    frame["currency"] = ""
    frame["memo"] = ""
    return frame


def classify(ledger: pd.DataFrame, **changes: pd.DataFrame) -> PurposeSplit:
    tables = {
        "catalogue": CATALOGUE,
        "category_purpose": CATEGORIES,
        "account_rules": RULES,
        "contracts": CONTRACTS,
        "initiatives": INITIATIVES,
    } | changes
    names = merge_vendors(ledger["vendor_raw"], tables["catalogue"])
    return classify_purpose(
        ledger, names, PurposeTables(**tables), client_currency="GBP", as_of=AS_OF
    )


@pytest.mark.parametrize("i", range(len(CASES)))
def test_the_most_particular_source_decides(i: int) -> None:
    row = classify(ledger_of_cases()).assignment.iloc[i]
    assert tuple(row[["purpose", "nature", "technology", "source"]]) == CASES[i][1]


def test_money_adds_up() -> None:
    split = classify(ledger_of_cases())
    naive: dict[tuple[str, str], float] = {}
    known = unknown = 0.0
    for i, (_, (purpose, nature, technology, _)) in enumerate(CASES):
        if technology == "no":
            continue
        naive[purpose, nature] = naive.get((purpose, nature), 0.0) + 2.0**i
        known += 2.0**i * (technology == "yes")
        unknown += 2.0**i * (technology == "unknown")
    for purpose in (*PURPOSES, "unclassified"):
        for nature in (*NATURES, "unclassified"):
            assert split.matrix.loc[purpose, nature] == naive.get((purpose, nature), 0.0)
    assert split.technology == known
    assert split.technology_at_most == known + unknown == split.by_purpose().sum()
    assert split.share_unclassified == 2.0**9 / (2.0**10 - 1)
    assert split.share_by_source.index.tolist() == list(SOURCES)
    assert split.share_by_source.sum() == pytest.approx(1.0)


def test_only_the_last_12_months_in_the_clients_currency() -> None:
    ledger = ledger_of_cases()
    ledger.loc[0, "date"] = pd.Timestamp("2025-03-31")
    ledger.loc[1, "date"] = pd.Timestamp("2026-04-01")
    ledger.loc[2, "currency"] = "USD"
    assert classify(ledger).assignment.index.tolist() == list(range(3, 10))


def test_a_client_without_tables() -> None:
    split = classify(empty_table(LedgerRow))
    assert split.matrix.shape == (5, 4)
    assert split.technology_at_most == 0.0
    assert np.isnan(split.share_unclassified)
    bare = classify(
        ledger_of_cases(),
        contracts=empty_table(ContractRow),
        initiatives=empty_table(InitiativeRow),
        catalogue=CATALOGUE.iloc[:0],
        category_purpose=CATEGORIES.iloc[:0],
        account_rules=RULES.iloc[:0],
    )
    assert set(bare.assignment["source"]) == {"override", "unclassified"}


def test_wrong_rules_are_named() -> None:
    with pytest.raises(ModelError, match=r"account_rules.pattern\[0\]"):
        classify(ledger_of_cases(), account_rules=RULES.assign(pattern=["(", "b", "c"]))
    changed = CATEGORIES.assign(purpose=["reduce", "contian", "generate", ""])
    with pytest.raises(ModelError, match=r"category_purpose.purpose\[1\].*contian"):
        classify(ledger_of_cases(), category_purpose=changed)


def test_contained_saving() -> None:
    saved = contained_saving(1000.0, Interval(0.10, 0.05, 0.20, 0.8), [1050.0, 1300.0])
    assert saved.expected.tolist() == pytest.approx([1100.0, 1210.0])
    assert saved.saving.tolist() == pytest.approx([50.0, -90.0])
    assert saved.total.point == pytest.approx(-40.0)
    assert saved.total.low == pytest.approx(1050.0 + 1102.5 - 2350.0)
    assert saved.total.high == pytest.approx(1200.0 + 1440.0 - 2350.0)
    flat = contained_saving(1000.0, 0.0, 900.0).total
    assert (flat.low, flat.point, flat.high) == (100.0, 100.0, 100.0)
    with pytest.raises(ModelError, match="growth"):
        contained_saving(1.0, -1.0, [1.0])
