from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from techalign.numbers.intervals import Interval
from techalign.partners import PartnerAssumptions, PartnerPanel, neglect, panel_of
from techalign.partners.neglect import QuarterPairs, _decay, lost_in_a_year, pair_quarters

PRIOR = Interval(0.01, -0.03, 0.05, 1.0)
KNOWN = PartnerAssumptions(rows={"neglect_decay_monthly": PRIOR})


def spending(panel: PartnerPanel, cared: np.ndarray) -> pd.DataFrame:
    row, column = np.nonzero(cared)
    return pd.DataFrame(
        {
            "partner": panel.partner[row],
            "month": panel.months[column],
            "amount": 100.0,
            "kind": "manage",
        }
    )


def simulated(rate: float, count: int, seed: int) -> tuple[PartnerPanel, pd.DataFrame]:
    """Partners cared for in their first thirty of sixty months, then left alone."""
    rng = np.random.default_rng(seed)
    alone = np.maximum(np.arange(60) - 30.0, 0.0)
    orders = rng.poisson(rng.gamma(3.0, 4.0, (count, 1)) * np.exp(-rate * alone)).astype(float)
    orders[:, 0] = 1.0
    panel = panel_of(orders * 50.0, np.zeros(count, dtype=int), deals=orders)
    return panel, spending(panel, np.tile(np.arange(60) < 30, (count, 1)))


@pytest.mark.parametrize("rate", [0.0, 0.02, 0.05])
def test_a_planted_decay_is_found(rate: float) -> None:
    inside = []
    for seed in range(20):
        found = neglect(*simulated(rate, 60, seed), KNOWN)
        inside.append(found.rate.low <= rate <= found.rate.high)
        assert found.rate.point == pytest.approx(rate, abs=0.02)
    assert sum(inside) >= 11


def test_mode_and_spread_are_those_of_a_fine_grid() -> None:
    rng = np.random.default_rng(3)
    before = rng.poisson(20.0, 40).astype(float)
    alone = np.repeat([0.0, 1.0], 20)
    pairs = QuarterPairs(before=before, after=rng.poisson(19.0 - 3 * alone), alone=alone)
    rate, deviation = _decay(pairs, PRIOR)
    growth, decay = np.meshgrid(np.linspace(-0.15, 0.15, 301), np.linspace(-0.1, 0.15, 501))
    sd = 0.04 / 1.2815515655446004
    log_p = -0.5 * (growth / 0.03) ** 2 - 0.5 * ((decay - 0.01) / sd) ** 2
    total = pairs.before + pairs.after
    share = pairs.after.sum() / total.sum()
    excess = (pairs.after - total * share) ** 2 / (total * share * (1 - share))
    temper = max(excess.sum() / (40 - 2), 1.0)
    for first, second, left in zip(pairs.before, pairs.after, pairs.alone, strict=True):
        p = 1.0 / (1.0 + np.exp(-3.0 * (growth - decay * left)))
        log_p += (second * np.log(p) + first * np.log1p(-p)) / temper
    weight = np.exp(log_p - log_p.max())
    weight /= weight.sum()
    mean = float((weight * decay).sum())
    assert rate.point == pytest.approx(mean, abs=2e-4)
    assert deviation == pytest.approx(np.sqrt((weight * (decay - mean) ** 2).sum()), rel=0.02)


def test_without_quarters_the_assumption_is_the_answer() -> None:
    panel = panel_of(np.full((1, 8), 100.0), np.array([0]))
    found = neglect(panel, spending(panel, np.ones((1, 8), dtype=bool)), KNOWN)
    assert found.pairs == 0
    assert (found.rate.point, found.rate.low, found.rate.high) == pytest.approx(
        (PRIOR.point, PRIOR.low, PRIOR.high)
    )


def test_no_month_stands_in_two_pairs_and_ramps_are_left_out() -> None:
    orders = np.arange(36.0)[None] + 1.0
    panel = panel_of(orders, np.array([0]), deals=orders)
    cared = np.zeros((1, 36), dtype=bool)
    cared[0, 18:] = True
    pairs = pair_quarters(panel, cared, np.array([True]))
    # the first nine months since the first sale are its ramp: pairs begin at 12, 18, 24, 30
    assert pairs.before.tolist() == [orders[0, s : s + 3].sum() for s in (12, 18, 24, 30)]
    assert pairs.after.tolist() == [orders[0, s + 3 : s + 6].sum() for s in (12, 18, 24, 30)]
    assert pairs.alone.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_funds_paid_once_a_quarter_are_care_all_along() -> None:
    panel = panel_of(np.full((1, 36), 100.0), np.array([0]))
    cared = np.zeros((1, 36), dtype=bool)
    cared[0, ::3] = True
    found = neglect(panel, spending(panel, cared), KNOWN)
    assert found.pairs_alone == 0
    assert found.table["alone"].tolist() == [2]
    assert found.table["care"].tolist() == [400.0]


def test_partners_on_whom_nothing_is_spent_by_name_are_unknown_and_not_alone() -> None:
    panel = panel_of(np.full((2, 24), 100.0), np.array([0, 0]))
    rows = spending(panel, np.array([[True] * 12 + [False] * 12, [False] * 24]))
    shared = rows.assign(partner="all")
    recruited = rows.iloc[:1].assign(partner="partner 1", kind="recruit")
    found = neglect(panel, pd.concat([rows, shared, recruited]), KNOWN)
    assert found.table["partner"].tolist() == ["partner 0"]
    assert found.table["alone"].tolist() == [12]
    assert found.unknown == 1


def test_a_start_paid_by_name_tells_nothing_where_care_is_paid_for_all_together() -> None:
    panel = panel_of(np.full((2, 24), 100.0), np.array([0, 0]))
    begun = spending(panel, np.array([[True] + [False] * 23, [True, True] + [False] * 22]))
    begun = begun.assign(kind="enable")
    assert neglect(panel, begun, KNOWN).table["alone"].tolist() == [23, 22]
    shared = spending(panel, np.ones((2, 24), dtype=bool)).assign(partner="All")
    found = neglect(panel, pd.concat([begun, shared]), KNOWN)
    assert found.table["partner"].tolist() == ["partner 1"]
    assert found.unknown == 1


def test_lost_share_is_the_mean_of_a_year_month_by_month() -> None:
    days = (np.arange(12_000) + 0.5) / 1000.0
    assert lost_in_a_year(0.03) == pytest.approx(1.0 - np.exp(-0.03 * days).mean(), rel=1e-6)
    assert lost_in_a_year(0.0) == 0.0


def test_no_partners_and_no_spending() -> None:
    empty = spending(panel_of(np.zeros((1, 6)), np.array([0])), np.zeros((1, 6), dtype=bool))
    found = neglect(panel_of(np.zeros((0, 0)), np.zeros(0, dtype=int)), empty, KNOWN)
    assert found.table.empty
    assert found.unknown == 0
