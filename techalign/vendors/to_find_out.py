"""What ten more cells of the vendors table would tell: whose age to look up first.

A company's age moves its chance to cease most, and is found in a minute in a public register. How
much the range of the expected loss would narrow is not known before the ages are; it is averaged
over ages that companies have: a quarter of all firms each are about younger than 3, between 3 and
10, between 10 and 22, and older [1].

[1] US Census Bureau, Business Dynamics Statistics 2021, firms by age.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from techalign.decision import Decision
from techalign.numbers.formatting import format_interval
from techalign.numbers.intervals import Interval
from techalign.text import some_of
from techalign.vendors.assessment import VendorRisk, assess_vendors
from techalign.vendors.assumptions import VendorAssumptions

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ages_to_find"]

CELLS = 10
_QUARTILES = (3, 10, 22)  # years
_WORTH_ASKING = 0.1  # a range that narrows by less is not worth a morning


def ages_to_find(
    risk: VendorRisk,
    vendors: pd.DataFrame,
    facts: pd.DataFrame,
    as_of: dt.date,
    *,
    assumptions: VendorAssumptions | None = None,
    currency: str = "",
    owner: str = "the owner",
    ages: Sequence[int] = _QUARTILES,
) -> list[Decision]:
    """Ask for the founding years that would narrow the expected loss most.

    Parameters
    ----------
    risk : VendorRisk
        Of these vendors.
    vendors : DataFrame
        The vendors table.
    facts : DataFrame
        Published survival, as for :func:`assess_vendors`.
    as_of : date
    assumptions : VendorAssumptions, optional
    currency, owner : str
    ages : sequence of int
        Years; equally likely ages of the companies whose founding year is not known.

    Returns
    -------
    list of Decision
        One question, or none where fewer than a tenth of the range would go.

    Examples
    --------
    >>> import datetime as dt, pandas as pd
    >>> survival = {1: 0.787, 2: 0.679, 3: 0.602, 5: 0.492, 10: 0.338, 15: 0.255}
    >>> facts = pd.DataFrame(
    ...     [("all", age, s, 0.95 * s, 1.05 * s, "BLS") for age, s in survival.items()],
    ...     columns=["sector", "age", "survival", "low", "high", "source"])
    >>> vendor = {
    ...     "vendor": "Harbor Payroll", "relation": "indirect", "role": "payroll",
    ...     "founded": float("nan"), "sector": "all", "owner_kind": "private", "hubs": "",
    ...     "revenue_share_depending": 0.1, "records_held": 300.0, "record_value": 4.0,
    ...     "switching_cost": 1500.0, "retooling_cost": 100.0, "prepaid": 200.0,
    ...     "weeks_out": 2.0, "margin_per_week": 900.0, "export_tested": False,
    ...     "escrow": False, "second_source": False}
    >>> table, day = pd.DataFrame([vendor]), dt.date(2026, 7, 1)
    >>> asked = ages_to_find(assess_vendors(table, facts, day), table, facts, day, currency="USD")
    >>> asked[0].what
    'Find out when Harbor Payroll was founded'
    """
    unknown = vendors[vendors["founded"].isna()]
    ranked = risk.table[risk.table["vendor"].isin(unknown["vendor"])].assign(
        width=lambda t: t["expected_loss_high"] - t["expected_loss_low"]
    )
    chosen = ranked.nlargest(CELLS, "width").query("width > 0")["vendor"].tolist()
    before = _range(risk)
    if not chosen or not before.high > before.low:
        return []
    each = [_range(_with_age(age, chosen, vendors, facts, as_of, assumptions)) for age in ages]
    point, low, high = np.mean([(one.point, one.low, one.high) for one in each], axis=0)
    after = Interval(float(point), float(low), float(high), 1.0)
    narrower = 1.0 - (after.high - after.low) / (before.high - before.low)
    if narrower < _WORTH_ASKING:
        return []
    first = some_of(chosen, 3)
    what = f"when {chosen[0]} was founded" if len(chosen) == 1 else (
        f"when {len(chosen)} companies were founded")  # fmt: skip
    return [
        Decision(
            what=f"Find out {what}",
            area="vendors", kind="ask", subject="founding years", topic="ages", owner=owner,
            by=None, unit=currency, evidence="How likely each is to cease", basis="published",
            because=f"The expected loss is {format_interval(before, currency)} a year; with the "
            f"founding year{'s' if len(chosen) > 1 else ''} of {first} that would become about "
            f"{format_interval(after, currency)}, a range {narrower:.0%} narrower.",
        )
    ]  # fmt: skip


def _range(risk: VendorRisk) -> Interval:
    measures = risk.measures().set_index("measure")
    row = measures.loc["expected loss", ["point", "low", "high"]].to_numpy(dtype=float)
    return Interval(float(row[0]), float(row[1]), float(row[2]), 1.0)


def _with_age(
    age: int,
    chosen: Sequence[str],
    vendors: pd.DataFrame,
    facts: pd.DataFrame,
    as_of: dt.date,
    assumptions: VendorAssumptions | None,
) -> VendorRisk:
    known = vendors.assign(
        founded=vendors["founded"].mask(vendors["vendor"].isin(chosen), as_of.year - age)
    )
    return assess_vendors(known, facts, as_of, assumptions=assumptions, horizons=(1.0,), grid=200)
