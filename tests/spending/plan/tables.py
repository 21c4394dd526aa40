"""Small tables from which the tests of planning start."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from techalign.numbers.intervals import Interval
from techalign.spending import InitiativeOptions, Initiatives, simulate_initiatives
from techalign.spending.plan.initiatives import AS_ESTIMATED

TODAY = dt.date(2026, 6, 30)


def project(name: str, **changes: object) -> dict[str, object]:
    """One project: a quarter of 1,000, then surely 4,000 a year."""
    row: dict[str, object] = {
        "id": name,
        "name": name.capitalize(),
        "goal": "",
        "purpose": "generate",
        "owner": "",
        "cost_per_quarter": 1000.0,
        "hours_per_quarter": 0.0,
        "benefit_low": 4000.0,
        "benefit_mode": 4000.0,
        "benefit_high": 4000.0,
        "p_success": 1.0,
        "earliest": None,
        "deadline": None,
        "duration": 1,
        "after": "",
        "mandatory": False,
        "synergy_with": "",
        "tags": "",
        "imitation": "middle",
        "resource": "",
        "grant": 0.0,
        "grant_chance": None,
        "grant_deadline": None,
        "replaces": "",
    }
    row |= changes
    return row | {day: pd.Timestamp(row[day]) for day in ("earliest", "deadline")}  # type: ignore[call-overload]


def brings(amount: float) -> dict[str, float]:
    """A yearly benefit that is sure."""
    return {"benefit_low": amount, "benefit_mode": amount, "benefit_high": amount}


def simulated(
    *projects: dict[str, object],
    rate: float = 0.1,
    wage: float = 0.0,
    draws: int = 400,
    horizon: int = 20,
    overrun: Interval = AS_ESTIMATED,
) -> Initiatives:
    """What the projects may cost and bring."""
    return simulate_initiatives(
        pd.DataFrame(list(projects), columns=list(project("none"))),
        TODAY,
        rate,
        wage,
        np.random.default_rng(1),
        InitiativeOptions(draws=draws, horizon_quarters=horizon, overrun=overrun),
    )
