"""The question of founding years: its narrowing is that of tables in which they are filled in."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.client import load_reference
from techalign.vendors import ages_to_find, assess_vendors, company_survival

FACTS = load_reference()
SURVIVAL = company_survival(FACTS.establishment_survival, FACTS.firm_death_rates)
DAY = dt.date(2026, 6, 30)


def _vendors(**more: object) -> pd.DataFrame:
    plain = {
        "relation": "indirect", "role": "", "founded": np.nan, "size": np.nan, "sector": "all",
        "owner_kind": "private", "criticality": 3, "hubs": "", "revenue_share_depending": 0.0,
        "records_held": 0.0, "record_value": 0.0, "retooling_cost": 0.0, "prepaid": 0.0,
        "weeks_out": 0.0, "margin_per_week": 0.0, "export_tested": False, "escrow": False,
        "second_source": False, "switching_cost": 1000.0,
    }  # fmt: skip
    return pd.DataFrame([{"vendor": f"V{n}", **plain, **more} for n in range(14)])


def _width(table: pd.DataFrame) -> float:
    row = assess_vendors(table, SURVIVAL, DAY).measures().set_index("measure")
    low, high = row.loc["expected loss", ["low", "high"]]
    return float(high - low)


def test_the_ten_dearest_are_asked_for_and_the_narrowing_is_that_of_the_filled_table() -> None:
    table = _vendors().assign(switching_cost=np.arange(14) * 500.0)
    (asked,) = ages_to_find(assess_vendors(table, SURVIVAL, DAY), table, SURVIVAL, DAY)
    assert asked.kind == "ask"
    assert asked.what == "Find out when 10 companies were founded"
    assert "V13, V12, V11 and 7 more" in asked.because
    filled = [table.assign(founded=table["founded"].mask(table.index >= 4, 2026 - age))
              for age in (3, 10, 22)]  # fmt: skip
    less = 1 - np.mean([_width(each) for each in filled]) / _width(table)
    assert f"a range {less:.0%} narrower" in asked.because
    assert less > 0.2


@pytest.mark.parametrize("more", [{"founded": 2001.0}, {"switching_cost": 0.0}])
def test_nothing_is_asked_where_an_answer_would_change_nothing(more: dict[str, object]) -> None:
    table = _vendors(**more)
    assert ages_to_find(assess_vendors(table, SURVIVAL, DAY), table, SURVIVAL, DAY) == []
