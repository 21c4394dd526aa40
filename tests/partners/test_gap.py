from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.partners import gap
from techalign.partners.gap import gap_to_plan


def test_gap_by_hand() -> None:
    draws = np.array([[[10.0, 50.0], [10.0, 10.0]], [[0.0, 0.0], [5.0, 5.0]]])
    result = gap(draws, [100.0, 100.0], [60.0, 60.0])
    np.testing.assert_allclose(result.monthly, [[20.0, 0.0], [35.0, 35.0]])
    np.testing.assert_allclose(result.total, [0.0, 70.0])
    assert result.probability == 0.5
    assert result.expected == 35.0
    assert result.expected_if_missed == 70.0
    assert result.needed == 80.0
    interval = result.interval()
    assert (interval.low, interval.high) == (0.0, 70.0)
    assert result.a_month().high == 35.0  # of two months
    met = gap(draws, [10.0, 10.0], [20.0, 0.0])
    assert met.needed == 0.0
    assert met.expected_if_missed == 0.0
    assert met.probability == 0.25  # half of one of two draws: never is not what draws can say
    table = result.by_month()
    np.testing.assert_allclose(table["probability"], [0.75, 0.5])
    np.testing.assert_allclose(table["needed"], 40.0)
    np.testing.assert_allclose(gap(draws.sum(axis=1), [100, 100], [60, 60]).total, result.total)
    with pytest.raises(ModelError, match="2 months"):
        gap(draws, [100.0], [60.0, 60.0])


def test_months_the_plan_leaves_out_do_not_count() -> None:
    draws = np.array([[[10.0, 99.0, 50.0]], [[0.0, 99.0, 20.0]]])
    plan = pd.DataFrame({"target": [100.0, np.nan, 100.0], "direct": [60.0, np.nan, 60.0]})
    found = gap_to_plan(draws, plan)
    assert found is not None
    np.testing.assert_allclose(found.total, [20.0, 60.0])
    assert found.needed == 80.0
    assert gap_to_plan(draws[:, :, 1:2], plan.iloc[1:2]) is None
