"""What-if of vendor risk: the base is what the page says, and what moves is the model's answer."""

import math
from collections.abc import Callable
from typing import Any

import pytest

from techalign.numbers.intervals import Interval
from techalign.workbench.controls import ASSUMED, WhatIf
from tests.workbench.conftest import point

Made = Callable[..., tuple[WhatIf, dict[str, Any]]]


def test_the_base_of_vendor_risk_is_what_its_page_says(section: Made) -> None:
    what, names = section("vendor_risk")
    average, bad, _, down, cost, after = what.at({}).figures
    risk, best = names["risk"], names["protection"].best
    measures = names["measures"]
    assert point(average.value) == risk.losses.el
    assert isinstance(average.value, Interval)
    assert average.value.high == measures.loc["expected loss", "high"]
    assert point(bad.value) == risk.losses.var(0.99)
    assert point(down.value) == pytest.approx(risk.outages["cost"].sum())
    assert point(cost.value) == best.cost
    assert math.isclose(point(after.value), best.el_after)


def test_what_vendors_would_cost_is_the_models_answer(section: Made) -> None:
    from techalign import vendors

    what, names = section("vendor_risk")
    facts = names["facts"].assuming({"vendor_failure_correlation": 0.3})
    given = vendors.VendorAssumptions.from_table(
        facts.assumptions,
        rates=facts.vendor_rates,
        sizes=names["given"].sizes,
        company=names["given"].company,
        known=names["given"].known,
    )
    book = names["book"]
    risk = vendors.assess_vendors(
        book.table("vendors"), names["survival"], book.as_of, horizons=(3.0,), assumptions=given,
        warnings=names["warnings"],
    )  # fmt: skip
    moved = {f"{ASSUMED}vendor_failure_correlation": 0.3, "horizon_years": 3.0}
    _, bad, ceasing, *_ = what.at(moved).figures
    assert point(bad.value) == risk.losses.var(0.99) != names["risk"].losses.var(0.99)
    assert point(ceasing.value) == pytest.approx(risk.table["pd_3"].sum())
