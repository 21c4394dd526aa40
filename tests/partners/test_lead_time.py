from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.partners import LeadTime, OutlookOptions, PartnerOutlook, assess_partners, lead_time
from techalign.partners.lead_time import last_day_to_recruit, met_by_start, sold_in_plan
from techalign.partners.routes import newcomer_sales

FIRST = 2026 * 12  # January


def made(target: float, months: int = 12, sells: bool = True) -> PartnerOutlook:
    past = pd.date_range("2024-01-01", periods=24, freq="MS")
    partners = pd.DataFrame(
        {
            "partner": ["Alder", "Birch", "Cedar", "Dogwood"],
            "segment": "volume",
            "margin": 0.3,
            "signed": pd.to_datetime(["2024-01-05", "2024-03-05", "2024-09-05", "2025-06-01"]),
            "ended": pd.NaT,
        }
    )
    selling = ["Alder", "Birch", "Cedar"] if sells else []
    sold = [
        pd.DataFrame({"partner": name, "month": past[10:], "revenue": 4000.0, "deals": 4.0})
        for name in selling
    ]
    nothing = pd.DataFrame({"partner": [], "month": past[:0], "revenue": [], "deals": []})
    plan = pd.DataFrame(
        {
            "month": pd.date_range("2026-01-01", periods=months, freq="MS"),
            "target": target,
            "direct": 0.0,
        }
    )
    costs = pd.DataFrame({"partner": [], "month": past[:0], "amount": [], "kind": []})
    return assess_partners(
        partners, pd.concat([nothing, *sold]), costs, plan, dt.date(2025, 12, 31), 0.1,
        np.random.default_rng(1), OutlookOptions(draws=400),
    )  # fmt: skip


def test_chance_by_start_agrees_with_a_count_of_futures_month_by_month() -> None:
    rng = np.random.default_rng(3)
    back, horizon, needed, pace = 5, 6, 60.0, 0.7
    paths = rng.gamma(1.0, 4.0, (8, 3, back + horizon)) * (rng.random((8, 3, 1)) < 0.7)
    covered = np.array([True, True, False, True, True, True])
    sold = rng.gamma(4.0, 8.0, 50)
    found = met_by_start(sold, sold_in_plan(paths, covered), needed, pace)
    for start in range(-back, horizon):
        met = pairs = 0
        for future in range(8):
            added, so_far, signed = 0.0, 0.0, 0
            for month in range(start, horizon):
                so_far += pace
                while signed + 1 <= so_far + 1e-9:
                    path = paths[(future + signed // 3) % 8, signed % 3]
                    for age in range(horizon - month):
                        when = month + age
                        if when >= 0 and covered[when]:
                            added += path[age]
                    signed += 1
            for channel in sold:
                met += channel + added >= needed
                pairs += 1
        assert found[start + back] == pytest.approx(np.clip(met / pairs, 0.01, 0.99))


def test_latest_start_is_the_last_month_with_chance_enough() -> None:
    found = LeadTime(
        pace=np.array([0.5, 2.0]),
        chance=np.array([[0.55, 0.4, 0.52, 0.3, 0.25], [0.9, 0.85, 0.7, 0.6, 0.25]]),
        without=0.2,
        first_month=FIRST,
        back=3,
    )
    assert found.latest(0.5).tolist() == [-1.0, 0.0]
    np.testing.assert_array_equal(found.latest(0.8), [np.nan, -2.0])
    assert np.isinf(found.latest(0.2)).all()
    table = found.table()
    assert table["even"].tolist() == ["Dec 2025", "Jan 2026"]
    assert table["sure"].tolist() == ["not even Oct 2025", "Nov 2025"]
    assert table["signed"].tolist() == [1.0, 4.0]
    assert table["begun_now"].tolist() == [0.3, 0.6]
    assert table["a_year"].tolist() == [6.0, 24.0]


def test_who_need_sign_nobody_is_told_so_and_a_gap_that_no_start_closes_too() -> None:
    easy, hopeless = lead_time(made(10.0), np.random.default_rng(2)), made(10_000_000.0)
    assert easy is not None
    assert set(easy.table()["even"]) == {"no need"}
    assert easy.table()["signed"].isna().all()
    assert last_day_to_recruit(easy) == (None, "")
    never = lead_time(hopeless, np.random.default_rng(2))
    assert never is not None
    assert set(never.table()["even"]) == {"not even Jan 2023"}
    day, clause = last_day_to_recruit(never)
    assert day is None
    assert "8 more partners a year signed from Jan 2023 on would have been too late" in clause


def test_a_larger_gap_has_to_be_begun_earlier_and_a_faster_pace_later() -> None:
    small, large = (lead_time(made(t), np.random.default_rng(2)) for t in (14_000.0, 17_000.0))
    assert small is not None
    assert large is not None
    assert small.without > large.without
    assert (small.latest(0.5) > large.latest(0.5)).all()
    for found in (small, large):
        assert (np.diff(found.latest(0.5)) >= 0).all()
        assert (found.latest(0.8) <= found.latest(0.5)).sum() == np.isfinite(
            found.latest(0.8)
        ).sum()
        # nobody can sell in the plan who is signed in its last month: a sales cycle comes first
        assert found.chance[:, -1] == pytest.approx(found.without, abs=0.02)
    # four in two years, and twice and four times as many
    assert small.pace * 12 == pytest.approx([2.0, 4.0, 8.0])


def test_without_a_plan_or_any_sale_there_is_nothing_to_say() -> None:
    rng = np.random.default_rng(1)
    assert lead_time(made(15_000.0, months=0), rng) is None
    assert lead_time(made(15_000.0, sells=False), rng) is None
    assert last_day_to_recruit(None) == (None, "")
    with pytest.raises(ModelError, match="back"):
        lead_time(made(15_000.0), rng, back=-1)


def test_a_start_still_to_come_is_the_last_day() -> None:
    found = LeadTime(
        pace=np.array([0.5, 2.0]),
        chance=np.array([[0.6, 0.4, 0.3, 0.2], [0.9, 0.8, 0.6, 0.2]]),
        without=0.2,
        first_month=FIRST,
        back=1,
    )
    day, clause = last_day_to_recruit(found)
    assert day == dt.date(2026, 2, 1)
    assert "24 more partners a year signed from Feb 2026 on still leave an even chance" in clause
    late = replace(found, chance=np.minimum(found.chance, [0.9, 0.45, 0.4, 0.2]))
    day, clause = last_day_to_recruit(late)
    assert day is None
    assert "had to be signed from Dec 2025 on; begun now, it is 45%" in clause


def test_newcomers_of_one_future_share_its_population() -> None:
    outlook = made(15_000.0)
    paths = newcomer_sales(outlook, 40, (600, 24), np.random.default_rng(4)).sum(axis=2)
    alone = paths.var(axis=1, ddof=1).mean() / 40  # of a mean of independent ones
    assert paths.mean(axis=1).var() > 2.0 * alone
