"""What a partner that has never sold costs to keep, against sums by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from techalign.partners.silent import keeping_costs

FIRST, MONTHS = 24_306, 12
"""A panel of twelve months from July 2025 on, in months since the year 0."""


def outlook() -> Any:
    """Four partners: two signed long ago, one four months ago, one whose contract has ended."""
    panel = SimpleNamespace(
        partner=np.array(["Alder", "Birch", "Cedar", "Elm"]),
        first_month=FIRST,
        revenue=np.zeros((4, MONTHS)),
        contract_month=np.array([-20.0, 0.0, 8.0, -10.0]),
        ended=np.array([False, False, False, True]),
    )
    return SimpleNamespace(panel=panel)


def spent(*rows: tuple[str, str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["partner", "month", "kind", "amount"])
    return frame.assign(month=pd.to_datetime(frame["month"]))


def test_costs_of_half_a_year_go_on_for_a_year() -> None:
    costs = keeping_costs(
        outlook(),
        spent(
            ("Alder", "2026-01-05", "manage", 60.0),
            ("Alder", "2026-06-05", "market funds", 30.0),
            ("Alder", "2025-12-05", "manage", 999.0),  # before the last six months
            ("Alder", "2026-03-05", "recruit", 999.0),  # spent, whatever becomes of it
            ("Cedar", "2026-05-05", "manage", 40.0),  # of four months under contract
        ),
        {"Alder", "Birch", "Cedar", "Elm"},
    )
    assert costs.own == pytest.approx([180.0, 0.0, 120.0, 0.0])
    assert costs.share == 0.0
    assert costs.known.tolist() == [True, False, True, False]


def test_what_is_spent_on_all_is_shared_by_those_under_contract() -> None:
    rows = spent(("all", "2026-02-01", "manage", 300.0))
    costs = keeping_costs(outlook(), rows, {"Alder", "Birch", "Cedar", "Elm"})
    assert costs.own.tolist() == [0.0] * 4
    assert costs.share == pytest.approx(300.0 * 2 / 3)
    assert costs.known.all()
