from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.numbers.intervals import interval_of
from techalign.partners import OutlookOptions, PartnerOutlook, assess_partners, partner_quarters

MONTHS = pd.date_range("2025-01-01", periods=14, freq="MS")


def made(horizon: int = 8) -> PartnerOutlook:
    partners = pd.DataFrame(
        {
            "partner": ["Small", "Gone", "Silent", "Young", "Large"],
            "segment": "volume",
            "margin": 0.3,
            "signed": pd.to_datetime(["2025-01-05"] * 3 + ["2025-10-05", "2025-01-05"]),
            "ended": pd.to_datetime([None, "2025-12-31", None, None, None]),
        }
    )
    sold = pd.concat(
        [
            pd.DataFrame({"partner": name, "month": months, "revenue": size, "deals": np.nan})
            for name, size, months in (
                ("Small", 100.0 * (1 + np.arange(14)), MONTHS),
                ("Gone", 700.0, MONTHS[:12]),
                ("Young", 3000.0, MONTHS[10:]),
                ("Large", 9000.0, MONTHS),
            )
        ]
    )
    none = pd.DataFrame({"partner": [], "month": MONTHS[:0], "amount": [], "kind": []})
    plan = pd.DataFrame({"month": MONTHS[:0], "target": [], "direct": []})
    return assess_partners(
        partners, sold, none, plan, dt.date(2026, 2, 28), 0.1, np.random.default_rng(1),
        OutlookOptions(horizon_months=horizon, draws=300),
    )  # fmt: skip


def test_quarters_agree_with_sums_by_hand() -> None:
    outlook = made()
    found = partner_quarters(outlook)
    ahead = found.ahead
    # the largest first; who has ended or never sold is not among them
    assert ahead["partner"].tolist() == ["Large"] * 3 + ["Young"] * 3 + ["Small"] * 3
    assert [f"{m:%Y-%m}" for m in ahead["month"][:3]] == ["2026-03", "2026-06", "2026-09"]
    small = list(outlook.panel.partner).index("Small")
    for i, months in enumerate(([0, 1, 2], [3, 4, 5], [6, 7])):
        drawn = [np.mean([draw[small][m] for m in months]) for draw in outlook.draws]
        row, wanted = ahead.iloc[6 + i], np.quantile(drawn, [0.5, 0.1, 0.9])
        assert (row["point"], row["low"], row["high"]) == pytest.approx(tuple(wanted))
    past = found.history[found.history["partner"] == "Small"]
    assert [f"{m:%Y-%m}" for m in past["month"]] == ["2025-03", "2025-06", "2025-09", "2025-12"]
    assert past["value"].tolist() == [400.0, 700.0, 1000.0, 1300.0]


def test_quarters_before_a_partner_was_signed_are_left_out() -> None:
    past = partner_quarters(made()).history
    young = past[past["partner"] == "Young"]
    # signed in October: the quarter that began in September is not its own
    assert [f"{m:%Y-%m}" for m in young["month"]] == ["2025-12"]
    assert young["value"].tolist() == [3000.0]


def test_only_the_largest_are_shown_and_the_rest_counted() -> None:
    found = partner_quarters(made(), shown=1)
    assert set(found.ahead["partner"]) == {"Large"} == set(found.history["partner"])
    assert found.left_out == 2
    with pytest.raises(ModelError, match="shown"):
        partner_quarters(made(), shown=0)


def test_share_of_the_largest_is_that_of_each_future() -> None:
    outlook = made()
    found = partner_quarters(outlook)
    row = list(outlook.panel.partner).index("Large")
    shares = [draw[row].sum() / draw.sum() for draw in outlook.draws]
    assert found.largest == "Large"
    wanted = interval_of(np.array(shares), 0.8)
    told = (found.share.point, found.share.low, found.share.high)
    assert told == pytest.approx((wanted.point, wanted.low, wanted.high))


def test_of_nobody_there_are_no_quarters() -> None:
    outlook = made()
    nobody = np.zeros(len(outlook.panel.partner), dtype=bool)
    panel = outlook.panel.select(nobody)
    found = partner_quarters(replace(outlook, panel=panel, draws=outlook.draws[:, nobody]))
    assert found.ahead.empty
    assert found.history.empty
    assert found.left_out == 0
    assert found.largest == ""
