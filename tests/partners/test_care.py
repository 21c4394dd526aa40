"""What follows from how partners are looked after, worked out again from the sample client."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from techalign.client import load_client, load_reference
from techalign.numbers.streams import random_stream
from techalign.partners import (
    CARE_TABLES,
    OutlookOptions,
    PartnerAssumptions,
    PartnerCare,
    PartnerOutlook,
    assess_care,
    assess_partners,
    care_decisions,
    partner_decisions,
)
from techalign.partners.neglect import lost_in_a_year

DATASETS = Path(__file__).parents[2] / "datasets"
KNOWN = PartnerAssumptions.from_table(load_reference(DATASETS / "reference").assumptions)
DAY = dt.date(2026, 6, 30)
TABLES = ("partners", "partner_revenue", "channel_plan", *CARE_TABLES)


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    book = load_client(DATASETS / "clients", "channel-software", tables=list(TABLES))
    return {name: book.table(name) for name in TABLES}


@pytest.fixture(scope="module")
def outlook(tables: dict[str, pd.DataFrame]) -> PartnerOutlook:
    return assess_partners(
        tables["partners"],
        tables["partner_revenue"],
        tables["partner_investment"],
        tables["channel_plan"],
        DAY,
        0.1,
        random_stream("care"),
        OutlookOptions(draws=200, assumptions=KNOWN),
    )


@pytest.fixture(scope="module")
def care(outlook: PartnerOutlook, tables: dict[str, pd.DataFrame]) -> PartnerCare:
    return assess_care(outlook, tables, 51.0, DAY, KNOWN)


def test_each_kind_is_said_once_of_the_partner_with_most_at_stake(
    outlook: PartnerOutlook, care: PartnerCare, tables: dict[str, pd.DataFrame]
) -> None:
    said = care_decisions(care, outlook, tables["partners"], "USD", "Dana")
    assert [d.topic for d in said] == ["credit", "promises", "left alone"]
    margin = tables["partners"].set_index("partner")["margin"]
    sales = pd.Series(outlook.draws.sum(axis=2).mean(axis=0), outlook.panel.partner)
    for decision in said:
        earned = sales[decision.subject] * margin[decision.subject]
        assert decision.value is not None
        if decision.topic == "credit":
            named = care.credit.table.set_index("partner").loc[decision.subject, "named"]
            assert decision.value.high == pytest.approx(0.10 * (1 - named) * earned)
        if decision.topic == "left alone":
            share = lost_in_a_year(care.neglect.rate.point)
            assert decision.value.point == pytest.approx(share * earned)
            rng = np.random.default_rng(1)
            rates = rng.normal(care.neglect.rate.point, care.neglect.rate_sd, 4000)
            worth = np.array([lost_in_a_year(rate) for rate in rates]) * earned
            assert decision.cost is not None
            assert decision.pays == pytest.approx((worth > decision.cost.point).mean(), abs=0.03)


def test_only_what_our_side_withholds_is_ours_to_give(
    outlook: PartnerOutlook, care: PartnerCare, tables: dict[str, pd.DataFrame]
) -> None:
    theirs = care.charter.partners.assign(ours=1.0)
    kept = replace(care, charter=replace(care.charter, partners=theirs))
    said = care_decisions(kept, outlook, tables["partners"], "USD", "Dana")
    assert "promises" not in [d.topic for d in said]


def test_a_partner_that_brings_much_besides_sales_is_not_let_go(
    outlook: PartnerOutlook, care: PartnerCare, tables: dict[str, pd.DataFrame]
) -> None:
    def let_go(looked_after: PartnerCare | None) -> list[str]:
        found = partner_decisions(
            outlook,
            tables["partners"],
            tables["partner_investment"],
            looked_after,
            as_of=DAY,
            currency="USD",
            owner="Dana",
        )
        return sorted(d.subject for d in found if d.kind == "stop")

    before = let_go(care)
    assert before
    row = {"partner": before[0], "total": 90_000.0, "total_low": 0.0, "total_high": 0.0}
    more = pd.concat([care.network.table, pd.DataFrame([row])], ignore_index=True)
    worth = replace(care, network=replace(care.network, table=more))
    assert let_go(worth) == before[1:]
    assert let_go(None) == before


def test_without_the_tables_nothing_is_said_and_nothing_assumed(
    outlook: PartnerOutlook, tables: dict[str, pd.DataFrame]
) -> None:
    empty = {name: table.iloc[:0] for name, table in tables.items()} | {
        "partners": tables["partners"]
    }
    care = assess_care(outlook, empty, 51.0, DAY, KNOWN)
    assert care_decisions(care, outlook, tables["partners"], "USD", "Dana") == []
    assert care.assumes == ()
    assert care.network.total.point == 0.0
