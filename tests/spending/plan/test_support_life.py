"""End of support: announced, predicted, and past what such things get."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from techalign.errors import ModelError
from techalign.spending import end_of_life, fit_support_life
from tests.spending.plan.tables import TODAY

KINDS = pd.DataFrame(
    {
        "kind": ["device", "service"],
        "median_years": [4.1, 2.5],
        "low": [3.1, np.nan],
        "high": [6.0, np.nan],
        "capabilities": ["mobile; network", "mail"],
    }
)


def _assets(capability: str, begun: str, end: str | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "capability": [capability],
            "in_service": pd.to_datetime([begun]),
            "end_of_life": pd.to_datetime([end]),
        }
    )


def test_an_announced_day_is_taken_as_it_is() -> None:
    found = end_of_life(_assets("mobile", "2020-01-01", "2025-10-14"), KINDS, TODAY).iloc[0]
    assert found["known"] == "announced"
    assert found["end"] == found["end_low"] == found["end_high"] == pd.Timestamp("2025-10-14")


def test_a_new_thing_gets_the_published_median_and_quartiles() -> None:
    found = end_of_life(_assets("Network", "2026-06-30"), KINDS, TODAY, level=0.5).iloc[0]
    years = [
        (found[name] - pd.Timestamp(TODAY)).days / 365.25 for name in ("end_low", "end", "end_high")
    ]
    # the law is symmetric in logs, the published quartiles are not quite
    assert years == pytest.approx(
        [4.1 / (6.0 / 3.1) ** 0.5, 4.1, 4.1 * (6.0 / 3.1) ** 0.5], rel=1e-3
    )


def test_what_is_used_longer_than_such_things_are_supported_still_has_time_ahead() -> None:
    found = end_of_life(_assets("network", "2012-01-01"), KINDS, TODAY).iloc[0]
    assert pd.Timestamp(TODAY) < found["end_low"] < found["end"] < found["end_high"]


def test_where_nothing_is_known_nothing_is_guessed() -> None:
    for capability in ("machining", "mail", ""):
        found = end_of_life(_assets(capability, "2020-01-01"), KINDS, TODAY).iloc[0]
        assert found["known"] == "unknown"
        assert pd.isna(found["end"])


def _cycles(lives: list[float], product: str = "os", long_term: bool = False) -> pd.DataFrame:
    release = pd.date_range("2012-01-01", periods=len(lives), freq="YS")
    end = release + pd.to_timedelta(np.array(lives) * 365.25, unit="D")
    return pd.DataFrame(
        {"product": product, "long_term": long_term, "release": release, "end": end}
    )


def test_pooling_written_out() -> None:
    cycles = pd.concat([_cycles([2.0, 3.0]), _cycles([5.0, 5.0, 6.0], "db")])
    life = fit_support_life(cycles, dt.date(2018, 1, 1))
    log = np.log((cycles["end"] - cycles["release"]).dt.days / 365.25).to_numpy()
    age = (pd.Timestamp("2018-01-01") - cycles["release"]).dt.days / 365.25
    weight = 0.5 ** (age / 3.0).to_numpy()
    mean = np.average(log, weights=weight)
    own = (log[:2] @ weight[:2] + 2 * mean) / (weight[:2].sum() + 2)
    kind = (log[:2] @ weight[:2] + 2 * own) / (weight[:2].sum() + 2)
    assert life.centre("os", long_term=False) == pytest.approx((kind + log[:2].mean()) / 2)
    # of a product never seen, what all have; of a kind never seen, what the product has
    assert life.centre("new", long_term=False) == pytest.approx(mean)
    assert life.centre("os", long_term=True) == pytest.approx((own + log[:2].mean()) / 2)


def test_prediction_is_the_law_given_the_time_passed() -> None:
    life = fit_support_life(_cycles([2.0, 3.0, 2.5, 4.0]), dt.date(2018, 1, 1))
    found = life.predict(["os"], [False], np.array([3.0])).iloc[0]
    law = stats.t(df=3, loc=life.centre("os", long_term=False), scale=life.scale)
    beyond = law.sf(np.log(3.0))
    for name, q in (("low", 0.1), ("point", 0.5), ("high", 0.9)):
        assert law.sf(np.log(found[name])) == pytest.approx(beyond * (1 - q), rel=1e-6)
    assert found["low"] > 3.0


def test_no_cycle_that_ends() -> None:
    with pytest.raises(ModelError, match="no cycle"):
        fit_support_life(_cycles([-1.0]), TODAY)


@pytest.mark.realdata
def test_new_cycles_are_predicted_better_than_by_the_products_median() -> None:
    study = pytest.importorskip("tests.validation.support_life")
    if not study.REAL.exists():
        pytest.skip("no real data here")
    known, new, _ = study.scored_cycles()
    found = study.score(known, new)
    assert found["model"] < 0.76 * found["median"]
    assert 0.75 <= found["inside"] <= 0.85
