import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.vendors import LossAssumptions, exposure


def test_the_formula_by_hand(vendors):
    found = exposure(vendors({}, {"export_tested": True}))
    assert found.lgd["point"].tolist() == [
        300 * 4 + 1500 + 100 + 200 + 2 * 900,
        0 + 1500 + 100 + 200 + 2 * 900,
    ]
    assert found.parts.iloc[0].to_dict() == {
        "records": 1200, "switching": 1500, "retooling": 100, "prepaid": 200, "margin": 1800,
    }  # fmt: skip
    assert found.total().point == found.lgd["point"].sum()


def test_cap_limits_all_ends(vendors):
    found = exposure(vendors({}, {}), cap=[2000.0, 1e9])
    assert found.lgd.iloc[0].tolist() == [2000.0, 2000.0, 2000.0]
    assert found.lgd.iloc[1]["point"] == 4800


def test_ranges_combine_in_squares(vendors):
    certain = {name: Interval(v.point, v.point, v.point) for name, v in LossAssumptions().items()}
    certain["switching_cost_factor"] = Interval(1.0, 0.8, 1.5)
    certain["weeks_out_factor"] = Interval(1.0, 0.5, 2.0)
    row = exposure(vendors({"retooling_cost": 0.0}), LossAssumptions(**certain)).lgd.iloc[0]
    assert row["point"] - row["low"] == pytest.approx(np.hypot(0.2 * 1500, 0.5 * 1800))
    assert row["high"] - row["point"] == pytest.approx(np.hypot(0.5 * 1500, 1.0 * 1800))


def test_protections_reduce_the_parts_they_concern(vendors):
    plain, second, escrow = exposure(
        vendors({}, {"second_source": True}, {"escrow": True})
    ).parts.to_numpy()
    assert (second / plain).tolist() == [1, 0.5, 1, 1, 0.5]
    assert (escrow / plain).tolist() == [0.5, 1, 1, 1, 1]


def test_assumptions_from_a_table(vendors):
    table = pd.DataFrame(
        [("prepaid_lost", 0.9, 0.5, 1.0), ("discount_rate", 0.1, 0.06, 0.18)],
        columns=["key", "value", "low", "high"],
    )
    given = LossAssumptions.from_table(table)
    assert given.prepaid_lost == Interval(0.9, 0.5, 1.0)
    assert given.escrow_factor == LossAssumptions().escrow_factor
    assert exposure(vendors({}), given).parts["prepaid"].iloc[0] == 180


def test_empty_and_refused(vendors):
    assert exposure(vendors()).lgd.empty
    with pytest.raises(ModelError, match=r"vendors.prepaid\[3\]"):
        exposure(vendors({}, {"prepaid": -1.0}))
    with pytest.raises(ModelError, match="cap"):
        exposure(vendors({}), cap=-1.0)
    with pytest.raises(ModelError, match="prepaid_lost"):
        LossAssumptions(prepaid_lost=Interval(1.0, 2.0, 3.0))
