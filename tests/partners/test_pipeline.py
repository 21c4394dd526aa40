from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from techalign.numbers.intervals import Interval
from techalign.partners import PartnerAssumptions, PartnerPanel, panel_of, pipeline_forecast
from techalign.partners.pipeline import blended

DAY = dt.date(2026, 6, 30)
KNOWN = PartnerAssumptions(rows={"pipeline_win_chance": Interval(0.3, 0.3, 0.3)})


def panel(*, cycles: tuple[float, float] | None = (3.0, 0.0)) -> PartnerPanel:
    sold = np.array([[0.0] * 6, [100.0] * 6])
    made = panel_of(sold, np.array([0, 0]))
    return replace(made, cycle_months=None if cycles is None else np.array(cycles))


def opened(days: float, value: float = 900.0, partner: str = "partner 0") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "partner": [partner],
            "created": [pd.Timestamp(DAY) - pd.Timedelta(days=days)],
            "value": [value],
        }
    )


def test_chance_of_an_old_opportunity_by_a_plain_simulation() -> None:
    age, rng = 4.0, np.random.default_rng(1)
    won = rng.random(400_000) < 0.3
    closes = rng.gamma(2.0, 1.5, won.size)
    left = ~(won & (closes < age))  # the lost ones stay in the books
    naive = (won & left & (closes < age + 6)).sum() / left.sum()
    found = pipeline_forecast(
        opened(age * 365.25 / 12), panel(), DAY, (40_000, 6), np.random.default_rng(2), KNOWN
    )
    assert found.table["chance"][0] == pytest.approx(naive, abs=0.006)
    assert found.table["expected"][0] == pytest.approx(naive * 900.0, rel=0.05)


def test_opportunity_without_any_sales_cycle_or_partner_is_left_out_and_counted() -> None:
    for rows, who in (
        (opened(10), panel(cycles=None)),
        (opened(10, partner="nobody"), panel()),
        (opened(10), replace(panel(), ended=np.array([True, False]))),
    ):
        found = pipeline_forecast(rows, who, DAY, (50, 6), np.random.default_rng(1), KNOWN)
        assert found.left_out == 1
        assert found.table.empty
        assert found.won.size == 0


def test_only_partners_yet_to_sell_follow_their_opportunities() -> None:
    rows = pd.concat([opened(20), opened(20, partner="partner 1")])
    found = pipeline_forecast(rows, panel(), DAY, (1000, 12), np.random.default_rng(1), KNOWN)
    plain = np.full((1000, 2, 12), 5.0)
    plain[:, 0] = 0.0
    mixed = blended(plain.copy(), found, panel(), 0.3)
    assert (mixed[:, 1] == 5.0).all()
    share = (mixed[:, 0].sum(axis=1) > 0).mean() / found.table["chance"][0]
    assert share == pytest.approx(0.3, abs=0.06)
    assert (blended(plain.copy(), found, panel(), 0.0) == plain).all()
