import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.intake.rows.vendors import VendorRow
from techalign.vendors import accounts_table, altman_zpp
from techalign.vendors.zscore import ACCOUNTS


def test_by_hand():
    found = altman_zpp(
        [200.0, -50.0, 100.0], [300.0, -100.0, 50.0], [150.0, 10.0, 40.0], [500.0, 100.0, np.nan],
        total_assets=1000.0, total_liabilities=[500.0, 900.0, 500.0],
    )  # fmt: skip
    # 6.56 * .2 + 3.26 * .3 + 6.72 * .15 + 1.05 * 1, without 3.25
    assert found.score[0] == pytest.approx(1.312 + 0.978 + 1.008 + 1.05)
    assert found.score[1] == pytest.approx(-0.328 - 0.326 + 0.0672 + 1.05 / 9)
    assert np.isnan(found.score[2])
    assert found.zone == ["safe", "distress", ""]


def test_cut_offs():
    # working capital alone: Z'' = 6.56 X1
    found = altman_zpp(
        np.array([1.09, 1.11, 2.59, 2.61]) / 6.56, 0.0, 0.0, 0.0,
        total_assets=1.0, total_liabilities=1.0,
    )  # fmt: skip
    assert found.zone == ["distress", "grey", "grey", "safe"]


@pytest.mark.parametrize("name", ["total_assets", "total_liabilities"])
def test_refusals(name):
    totals = {"total_assets": [1.0, 1.0], "total_liabilities": [1.0, 1.0]}
    totals[name] = [1.0, 0.0]
    with pytest.raises(ModelError, match=rf"{name}\[1\]"):
        altman_zpp(0.0, 0.0, 0.0, 0.0, **totals)


def test_vendors_with_accounts_are_scored_weakest_first(vendors):
    strong = dict(zip(ACCOUNTS, (30.0, 40.0, 12.0, 100.0, 40.0), strict=True))
    weak = dict(zip(ACCOUNTS, (-5.0, -20.0, -3.0, 100.0, 95.0), strict=True))
    rows = vendors({"vendor": "Strong"}, {"vendor": "Weak"}, {"vendor": "Unknown"})
    for name in ACCOUNTS:
        rows[name] = [strong[name], weak[name], np.nan]
    rows.loc[rows.index[2], "ebit"] = 5.0  # one figure of five scores nobody
    found = accounts_table(rows)
    assert found["vendor"].tolist() == ["Weak", "Strong"]
    by_hand = 6.56 * 0.3 + 3.26 * 0.4 + 6.72 * 0.12 + 1.05 * 60 / 40
    assert found["score"].iloc[1] == pytest.approx(by_hand, abs=0.005)
    assert "did not fail" in found["means"].iloc[1]
    assert accounts_table(vendors({})).empty
    assert set(ACCOUNTS) <= set(VendorRow.model_fields)
