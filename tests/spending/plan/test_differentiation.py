"""Advantages that rivals copy."""

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad

from techalign.alignment import resources
from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending import differentiation_value, value_of_advantages
from tests.spending.plan.tables import brings, project, simulated


@pytest.mark.parametrize("life", [0.5, 2.5, np.inf])
def test_it_is_the_integral(life: float) -> None:
    rate, years = 0.12, 4.0
    lost = np.log(2) / life

    def flow(t: float) -> float:
        return float(1000.0 * np.exp(-(np.log1p(rate) + lost) * t))

    assert differentiation_value(1000.0, rate, life, years) == pytest.approx(
        quad(flow, 0, years)[0]
    )


def test_without_discount_and_imitation_it_is_the_sum() -> None:
    assert float(differentiation_value(1000.0, 0.0, np.inf, 5.0)) == 5000.0
    assert float(differentiation_value(1000.0, 0.0, 1.0, 0.0)) == 0.0


@pytest.mark.parametrize(
    ("rate", "life", "years", "said"),
    [(0.1, 0.0, 1.0, "half_life"), (-1.0, 1.0, 1.0, "rate"), (0.1, 1.0, -1.0, "years")],
)
def test_out_of_range(rate: float, life: float, years: float, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        differentiation_value(1.0, rate, life, years)


def test_only_what_sets_apart_is_told_and_the_harder_to_copy_lasts() -> None:
    made = simulated(
        project("a", purpose="differentiate", imitation="weak", **brings(3000.0)),
        project("b", purpose="differentiate", imitation="strong", **brings(3000.0)),
        project("c"),
    )
    lives = {"weak": Interval(1.0, 0.5, 2.0), "strong": Interval(5.0, 2.0, 10.0)}
    found = value_of_advantages(made, lives)
    assert found["name"].tolist() == ["A", "B"]
    assert found["copied"].iloc[1] > found["copied"].iloc[0]
    assert (found["copied"] < found["lasting"]).all()
    assert (found["copied_low"] < found["copied"]).all()
    assert (found["copied"] < found["copied_high"]).all()
    # a quarter after today, for four and three quarter years
    expected = differentiation_value(3000.0 / 1.1**0.25, 0.1, 1.0, 4.75)
    assert found["copied"].iloc[0] == pytest.approx(float(expected))
    assert value_of_advantages(simulated(project("c")), lives).empty


def test_a_project_lasts_as_long_as_the_resource_it_builds_on() -> None:
    rows = pd.DataFrame(
        {"resource": ["Design rules", "Printer"], "value": [0.9, 0.5], "rarity": [0.8, 0.0],
         "imitability": [0.2, 1.0], "substitutability": [0.3, 1.0], "evidence": ""}
    )  # fmt: skip
    years = {"lasting": Interval(5.0, 2.0, 10.0), "ordinary": Interval(1.0, 0.5, 2.0),
             "for a while": Interval(2.5, 1.0, 5.0)}  # fmt: skip
    lives = {"weak": years["ordinary"], "middle": years["for a while"], "strong": years["lasting"]}
    made = simulated(
        project("a", purpose="differentiate", resource="design  RULES", **brings(3000.0)),
        project("b", purpose="differentiate", imitation="strong", **brings(3000.0)),
        project("c", purpose="differentiate", imitation="strong", resource="Printer",
                **brings(3000.0)),
    )  # fmt: skip
    found = value_of_advantages(made, lives, resources(rows, years)).set_index("name")
    assert found["strength"].tolist() == ["lasting: Design rules", "strong", "ordinary: Printer"]
    assert found["copied"].iloc[0] == found["copied"].iloc[1] > found["copied"].iloc[2]
