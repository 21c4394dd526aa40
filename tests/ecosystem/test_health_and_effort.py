"""Coupling and the split of selling time: given values, a naive simulation, both sides."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techalign.ecosystem import (
    HealthOptions,
    SellingRates,
    coupled,
    health,
    hunt_or_farm,
    trust_in_the_end,
)  # fmt: skip
from techalign.errors import ModelError
from techalign.numbers.intervals import Interval

DAY = dt.date(2026, 6, 30)
OPTIONS = HealthOptions(Interval(3.0, 1.0, 10.0), Interval(0.4, 0.1, 1.0))
SHARES = st.lists(st.floats(0.01, 1.0), min_size=2, max_size=7)


@given(SHARES, st.floats(0.2, 12.0), st.floats(0.01, 1.0))
@settings(max_examples=60, deadline=None)
def test_health_stays_within_bounds_and_never_falls_by_feeding(
    fed: list[float], rho: float, more: float
) -> None:
    weight = np.arange(1, len(fed) + 1)
    whole = coupled(fed, weight, rho)
    assert min(fed) - 1e-9 <= whole <= max(fed) + 1e-9
    raised = [min(1.0, fed[0] + more), *fed[1:]]
    assert coupled(raised, weight, rho) >= whole - 1e-12
    order = np.argsort(fed)
    assert coupled(np.array(fed)[order], weight[order], rho) == pytest.approx(whole)


def test_health_is_the_plain_sum_where_that_is_safe() -> None:
    u, w = np.array([0.5, 0.8, 1.0]), np.array([2.0, 1.0, 1.0])
    assert coupled(u, w, 2.5) == pytest.approx(((w / w.sum()) @ u**-2.5) ** (-1 / 2.5))
    assert coupled([0.02, 1.0], [1, 1], 300.0) == pytest.approx(0.02, rel=0.01)
    assert coupled([0.0, 1.0], [1, 1], 1.0) == 0.0


@pytest.mark.parametrize(("rho", "health"), [(1.0, 0.75), (10.0, 0.36)])
def test_one_part_of_seven_at_thirty_per_cent_gives_the_published_coupling(
    rho: float, health: float
) -> None:
    fed = [0.3, *[1.0] * 6]
    assert coupled(fed, np.ones(7), rho) == pytest.approx(health, abs=0.005)


def test_weights_that_sum_to_zero_and_shares_out_of_range_are_refused() -> None:
    for fed, weight, rho in (([0.5], [0.0], 1.0), ([1.5], [1.0], 1.0), ([0.5], [1.0], 0.0)):
        with pytest.raises(ModelError):
            coupled(fed, weight, rho)


def _players(**changed: list[object]) -> pd.DataFrame:
    base = {
        "player": ["clients", "associates", "vendors"], "count": [90, 6, np.nan],
        "required": [100.0, 6.0, np.nan], "health": [0.8, 0.4, 0.2], "weight": [1.0, 1.0, 1.0],
        "asked": pd.to_datetime(["2026-05-04", "2026-05-04", "2024-05-04"]),
        "evidence": "", "gets": "", "gives": "",
    }  # fmt: skip
    return pd.DataFrame({**base, **changed})


def test_old_answers_do_not_count_and_unasked_is_not_zero() -> None:
    found = health(_players(), DAY, np.random.default_rng(1), OPTIONS)
    assert found.bottleneck == "associates"
    assert found.parts["fed"].notna().sum() == 2
    assert any("vendors" in note and "12 months" in note for note in found.notes)
    fresh = health(_players(asked=[pd.Timestamp("2026-05-04")] * 3), DAY,
                   np.random.default_rng(1), OPTIONS)  # fmt: skip
    assert fresh.bottleneck == "vendors"
    undated = _players(asked=[pd.NaT] * 3, count=[np.nan] * 3)
    with pytest.raises(ModelError, match="tell of no part"):
        health(undated, DAY, np.random.default_rng(1), OPTIONS)


def _rates(**changed: float) -> SellingRates:
    base = {"hunted": 20.0, "coming": 0.0, "leaving": 0.3, "referring": 0.9,
        "caring": 0.0, "building": 2.0,
            "fading": 0.5}  # fmt: skip
    base |= {k: v for k, v in changed.items() if k in base}
    return SellingRates(
        **{name: np.full(8, value) for name, value in base.items()},
        customers=50.0, trust=changed.get("trust", 0.4), split=changed.get("split", 0.3),
        margin=100.0,
    )  # fmt: skip


def _naive(rates: SellingRates, f: float, years: float) -> float:
    """Small Euler steps, one draw: margin without discount."""
    n, t, total, h = rates.customers, rates.trust, 0.0, 1 / 3650
    for _ in range(round(years / h)):
        total += n * rates.margin * h
        leave = rates.leaving[0] * (1 + rates.caring[0] * (1 - t / rates.trust))
        dn = rates.hunted[0] * (1 - f) + rates.coming[0] - leave * n
        n, t = n + h * (dn + rates.referring[0] * f * t * n), t + h * (
            rates.building[0] * f * (1 - t) - rates.fading[0] * (1 - f) * t
        )  # fmt: skip
    return total


@pytest.mark.parametrize(("referring", "caring"), [(0.0, 0.0), (0.6, 0.8), (1.4, 0.0)])
def test_margins_agree_with_small_steps(referring: float, caring: float) -> None:
    rates = _rates(referring=referring, caring=caring)
    curve = hunt_or_farm(rates, years=3.0, discount_rate=0.0).curve.set_index("farming")["margin"]
    for f in (0.0, 0.3, 1.0):
        at = curve.index[np.abs(curve.index - f).argmin()]
        assert curve[at] == pytest.approx(_naive(rates, f, 3.0), rel=2e-3)


def test_farming_compounds_only_above_the_threshold() -> None:
    ends = trust_in_the_end(1.0, 2.0, 0.5)
    assert ends == 1.0
    above, below = hunt_or_farm(_rates(referring=2.5), years=10), hunt_or_farm(
        _rates(referring=0.29, hunted=0.0), years=10)  # fmt: skip
    assert above.compounds == 1.0
    assert above.best > 0.5
    assert np.isfinite(above.crossing_months.point)
    assert below.compounds == 0.0  # ρ f T* = .29 below d = .3 whatever the split
    none = hunt_or_farm(_rates(referring=0.05), years=10)
    assert none.best == 0.0
    assert none.never == 1.0  # hunting alone is never overtaken by itself
    assert none.pays == 1.0


def test_farming_is_first_the_worse_and_then_the_better() -> None:
    found = hunt_or_farm(_rates(referring=1.0, building=0.6, trust=0.2), years=6)
    assert found.first_year.point < 0 < found.gain.point
    assert found.split < found.step <= found.split + 0.2 + 1e-9 <= found.best
    assert 3 < found.crossing_months.point < 72


def test_what_it_cannot_take() -> None:
    with pytest.raises(ModelError, match="split"):
        _rates(split=1.4)
    with pytest.raises(ModelError, match="years"):
        hunt_or_farm(_rates(), years=0.5)
