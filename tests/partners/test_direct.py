from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from techalign.client import load_reference
from techalign.partners import PartnerAssumptions, going_direct, hiring_ceiling

REFERENCE = load_reference(Path(__file__).resolve().parents[2] / "datasets" / "reference")
KNOWN = PartnerAssumptions.from_table(REFERENCE.assumptions)


def test_hiring_grows_at_most_the_published_share_a_month() -> None:
    plan = pd.DataFrame({"target": [100.0] * 3, "direct": [90.0] * 3})
    found = hiring_ceiling(plan, KNOWN)
    assert found is not None
    assert found.growth.point == pytest.approx(0.25 * 160 / 300 - 0.015)
    assert found.growth.point == pytest.approx(0.118, abs=0.001)


def test_what_hiring_leaves_undone_by_plain_sums() -> None:
    plan = pd.DataFrame({"target": [100.0, 150.0, 250.0, np.nan], "direct": [90.0] * 3 + [np.nan]})
    found = hiring_ceiling(plan, KNOWN)
    assert found is not None
    assert found.months == 3
    growth = found.growth.point
    expected = (100 - 90) + max(150 - 90 * (1 + growth), 0) + max(250 - 90 * (1 + growth) ** 2, 0)
    assert found.unserved.point == pytest.approx(expected)
    assert found.unserved.low <= found.unserved.point <= found.unserved.high
    assert found.needed == pytest.approx((250 / 90) ** 0.5 - 1)
    assert found.caps


def test_plan_without_direct_sales_says_nothing_of_hiring() -> None:
    assert hiring_ceiling(pd.DataFrame({"target": [np.nan], "direct": [np.nan]}), KNOWN) is None


def test_cost_of_going_direct_by_hand() -> None:
    services = pd.DataFrame(
        {
            "partner": ["all", "all"],
            "service": ["quotes", "credit checks"],
            "volume": [6000.0, 900.0],
            "hours_each": [0.75, 0.4],
            "wage": [48.0, 38.0],
            "dso_days": [0.0, 47.0],
        }
    )
    found = going_direct(services, 1e6, 0.12, KNOWN)
    work = 6000 * 0.75 * 48 + 900 * 0.4 * 38
    assert found.work["cost"].sum() == pytest.approx(work)
    assert found.waiting == pytest.approx(1e6 * 47 / 365 * 0.12)
    assert found.cost.point == pytest.approx(work + found.waiting + 0.01 * 1e6)
    assert found.margin is not None
    assert found.margin.point == pytest.approx(found.cost.point / 1e6)
    assert going_direct(services, 0.0, 0.12, KNOWN).margin is None
    assert going_direct(services.iloc[:0], 1e6, 0.12, KNOWN).work.empty
