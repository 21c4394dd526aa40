from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from techalign.client import load_client, load_reference
from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.numbers.streams import random_stream
from techalign.partners import (
    Newcomer,
    PartnerAssumptions,
    assess_partners,
    compare_routes,
    newcomer_of,
)

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
KNOWN = PartnerAssumptions.from_table(load_reference(DATASETS / "reference").assumptions)
SURE = PartnerAssumptions(
    rows={
        "route_build_cost": Interval(0.3, 0.3, 0.3),
        "route_build_ramp_months": Interval(6.0, 6.0, 6.0),
        "route_price_of_sales": Interval(0.5, 0.5, 0.5),
        "integration_lag_months": Interval(3.0, 3.0, 3.0),
        "acquisition_retention_hazard": Interval(0.2, 0.2, 0.2),
    }
)


def alike(margin: float = 0.4) -> Newcomer:
    return Newcomer(sales=np.full((4000, 24), 50.0), margin=margin, entry=300.0, keep=5.0)


def test_routes_agree_with_sums_by_hand_on_average() -> None:
    found = compare_routes(alike(), 500.0, 0.1, np.random.default_rng(1), SURE)
    assert found.partners == 10
    discount = 1.1 ** (-(np.arange(24) + 0.5) / 12)
    by_partners = (0.4 * 500 - 10 * 5) * discount.sum() - 10 * 300 * discount[0]
    assert found.value["partners"].npv.mean() == pytest.approx(by_partners, rel=0.02)
    ramp = np.minimum((np.arange(24) + 0.5) / 6, 1)
    by_staff = ((0.4 * 500 * ramp - 0.3 * 500) * discount).sum()
    assert found.value["own staff"].npv.mean() == pytest.approx(by_staff, rel=0.06)
    sells = (np.arange(24) + 0.5 > 3) * 0.8 ** ((np.arange(24) + 0.5) / 12)
    bought = (0.4 * 500 * sells * discount).sum() - 0.5 * 500 * 12 * discount[0]
    assert found.value["a firm bought"].npv.mean() == pytest.approx(bought, abs=60.0)


def test_same_market_makes_routes_rise_and_fall_together() -> None:
    found = compare_routes(alike(), 500.0, 0.1, np.random.default_rng(2), SURE)
    one, other = found.value["partners"].npv, found.value["own staff"].npv
    assert np.corrcoef(one, other)[0, 1] > 0.95
    assert found.better("partners", "own staff") + found.better("own staff", "partners") == 1.0
    assert found.table()["best"].sum() == pytest.approx(1.0, abs=0.001)


def test_route_that_never_pays_back_says_so() -> None:
    found = compare_routes(alike(margin=0.01), 500.0, 0.1, np.random.default_rng(3), SURE)
    assert found.value["partners"].p_payback < 0.001
    assert np.isinf(found.value["partners"].payback).all()


def test_nothing_wanted_and_nobody_selling_are_errors() -> None:
    rng = np.random.default_rng(1)
    with pytest.raises(ModelError, match="above 0"):
        compare_routes(alike(), 0.0, 0.1, rng, SURE)
    never = Newcomer(sales=np.zeros((10, 24)), margin=0.4, entry=1.0, keep=1.0)
    with pytest.raises(ModelError, match="hold a sale"):
        compare_routes(never, 10.0, 0.1, rng, SURE)


def test_newcomer_costs_are_those_of_the_table_and_sells_after_a_cycle() -> None:
    tables = ["partners", "partner_revenue", "partner_investment", "channel_plan"]
    book = load_client(DATASETS / "clients", "channel-software", tables=tables)
    outlook = assess_partners(
        *(book.table(name) for name in tables), book.as_of, 0.1, random_stream("newcomers")
    )
    spent = book.table("partner_investment")
    found = newcomer_of(outlook, book.table("partners"), spent, random_stream("one"))
    once = spent[spent["kind"].isin(["recruit", "enable"]) & spent["month"].le("2026-06-30")]
    assert found.entry == pytest.approx(once["amount"].sum() / 31)
    assert (found.sales[:, :2] == 0).all()
    assert 0.5 < (found.sales > 0).any(axis=1).mean() < 0.95
    routes = compare_routes(found, 50_000.0, 0.1, random_stream("routes"), KNOWN)
    assert isinstance(routes.table(), pd.DataFrame)
    assert routes.table()["npv"].notna().all()
