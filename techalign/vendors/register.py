"""The whole chain for one client: who may cease, what it would cost, and all of it together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.vendors.chances import OLDEST, RATE_LOW, Chances, vendor_ages, vendor_chances
from techalign.vendors.concentration import concentration
from techalign.vendors.exposure import Exposure, LossAssumptions, exposure
from techalign.vendors.portfolio import LossDistribution, loss_distribution

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["VendorRisk", "assess_vendors"]

Floats = NDArray[np.float64]

COPIED = ("vendor", "relation", "role", "sector")


@dataclass(frozen=True, eq=False)
class VendorRisk:
    """Vendor risk of one client on one day.

    Attributes
    ----------
    as_of : date
    horizons : tuple of float
        Years.
    table : DataFrame, one row per vendor, index as in the vendors table
        vendor, relation, role, sector, age (years, NaN unknown); for each horizon h
        ``pd_h``, ``pd_h_low``, ``pd_h_high`` (``pd_1``, ``pd_3``); lgd, lgd_low, lgd_high,
        expected_loss, expected_loss_low, expected_loss_high (money, in a year);
        revenue_share; basis (where the probability comes from); flag (what is missing).
    exposure : Exposure
        The parts of each loss.
    losses, losses_low, losses_high : LossDistribution
        Total of a year: at the points, and with every probability, loss and the correlation
        at its lower or its upper end.
    concentration : DataFrame
        Rows loss, expected_loss, revenue_share; columns hhi, effective_number, largest_share,
        count.
    assumptions : DataFrame
        assumption, value, low, high, unit, kind, source.
    """

    as_of: dt.date
    horizons: tuple[float, ...]
    table: pd.DataFrame
    exposure: Exposure
    losses: LossDistribution
    losses_low: LossDistribution
    losses_high: LossDistribution
    concentration: pd.DataFrame
    assumptions: pd.DataFrame

    @property
    def flags(self) -> pd.DataFrame:
        """Vendors whose probability rests on a fallback: vendor, flag."""
        return self.table.loc[self.table["flag"] != "", ["vendor", "flag"]]

    def measures(self, levels: Sequence[float] = (0.95, 0.99)) -> pd.DataFrame:
        """Figures of the total loss in a year.

        Returns
        -------
        DataFrame
            Columns measure, point, low, high: the expected loss, the chance of any loss, then
            value at risk and expected shortfall at each level. Money, but for the chance.
        """
        import pandas as pd

        every = (self.losses, self.losses_low, self.losses_high)
        rows: dict[str, list[float]] = {
            "expected loss": [d.el for d in every],
            "chance of a loss": [float(d.exceed(0.0)) for d in every],
        }
        for level in levels:
            name = f"{100 * level:g} %"
            rows[f"value at risk {name}"] = [d.var(level) for d in every]
            rows[f"expected shortfall {name}"] = [d.es(level) for d in every]
        frame = pd.DataFrame.from_dict(rows, orient="index", columns=["point", "low", "high"])
        return frame.rename_axis("measure").reset_index()

    def contributions(self, level: float = 0.99) -> pd.DataFrame:
        """What each vendor adds to the expected shortfall, largest first.

        Returns
        -------
        DataFrame
            Columns vendor, contribution (money, adds up to the shortfall), share (0 to 1).
        """
        import pandas as pd

        money = self.losses.contributions(level)
        total = money.sum()
        share = money / total if total > 0 else np.zeros_like(money)
        frame = pd.DataFrame(
            {"vendor": self.table["vendor"], "contribution": money, "share": share},
            index=self.table.index,
        )
        return frame.sort_values("contribution", ascending=False, kind="stable")


def assess_vendors(
    vendors: pd.DataFrame,
    facts: pd.DataFrame,
    as_of: dt.date,
    *,
    horizons: Sequence[float] = (1.0, 3.0),
    rho: tuple[float, float, float] | float = (0.15, 0.05, 0.30),
    rates: pd.DataFrame | None = None,
    assumptions: LossAssumptions | None = None,
    hazard_range: tuple[float, float] = (0.5, 1.5),
    cap: ArrayLike | None = None,
    grid: int = 2000,
) -> VendorRisk:
    """Assess all vendors of a client.

    Parameters
    ----------
    vendors : DataFrame
        The vendors table; may be empty.
    facts : DataFrame
        Published survival: columns sector, age, survival, low, high, source.
    as_of : date
        The day the ages are counted to.
    horizons : sequence of float
        Years for the probabilities. The loss is always that of one year.
    rho : float or (value, low, high)
        Correlation of vendors through one factor. An assumption.
    rates : DataFrame, optional
        Yearly rates of young technology vendors: columns event, rate, population, source.
    assumptions : LossAssumptions, optional
        Factors on the client's figures.
    hazard_range : (low, high)
        How far the hazard of vendors like the client's may lie from their sector's average,
        as factors. An assumption: no public data.
    cap : array_like, shape () or (n,), optional
        The most that can be lost with a vendor, money.
    grid : int
        Steps of the money grid.

    Returns
    -------
    VendorRisk

    Raises
    ------
    ModelError
        If a vendor is founded in the future, or a figure is out of bounds.
    """
    years = tuple(float(h) for h in horizons)
    if not years or min(years) <= 0:
        raise ModelError("horizons", "must be positive years", value=horizons)
    if not 0 < hazard_range[0] <= 1 <= hazard_range[1]:
        raise ModelError("hazard_range", "must be low <= 1 <= high", value=hazard_range)
    correlation = (rho, rho, rho) if isinstance(rho, (int, float)) else rho
    ages = vendor_ages(vendors, as_of)
    # the loss needs one year, whether or not it is shown
    chances, basis, flag = vendor_chances(
        vendors, facts, ages, tuple(dict.fromkeys((*years, 1.0))),
        rates=rates, hazard_range=hazard_range,
    )  # fmt: skip
    at_stake = exposure(vendors, assumptions, cap=cap)
    losses, low, high = (
        loss_distribution(
            getattr(chances[1.0], end), at_stake.lgd[end].to_numpy(float), rho=r, grid=grid
        )
        for end, r in zip(("point", "low", "high"), correlation, strict=True)
    )
    table = _table(vendors, ages, {h: chances[h] for h in years}, chances[1.0], at_stake)
    table = table.assign(basis=basis, flag=flag)
    return VendorRisk(
        as_of, years, table, at_stake, losses, low, high, _concentrations(table),
        _assumptions(correlation, hazard_range, at_stake.assumptions, rates is not None),
    )  # fmt: skip


def _table(
    vendors: pd.DataFrame,
    ages: Floats,
    chances: dict[float, Chances],
    year: Chances,
    at_stake: Exposure,
) -> pd.DataFrame:
    table = vendors[list(COPIED)].assign(age=ages)
    for horizon, chance in chances.items():
        name = f"pd_{horizon:g}"
        table[name] = chance.point
        table[f"{name}_low"], table[f"{name}_high"] = chance.low, chance.high
    lgd = {end: at_stake.lgd[end].to_numpy(float) for end in ("point", "low", "high")}
    table["lgd"], table["lgd_low"], table["lgd_high"] = lgd["point"], lgd["low"], lgd["high"]
    expected = year.point * lgd["point"]
    table["expected_loss"] = expected
    for end, probability in (("low", year.low), ("high", year.high)):
        # probability and loss err independently: their distances add in squares, on the log
        away = np.hypot(_log_ratio(probability, year.point), _log_ratio(lgd[end], lgd["point"]))
        far = expected * np.exp(away if end == "high" else -away)
        # without a point to be a multiple of, the end itself is all that can be said
        table[f"expected_loss_{end}"] = np.where(expected > 0, far, probability * lgd[end])
    return table.assign(revenue_share=vendors["revenue_share_depending"].to_numpy(float))


def _log_ratio(end: Floats, point: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(end / point)
    return np.where(point > 0, ratio, 0.0)


def _concentrations(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    columns = {"loss": "lgd", "expected_loss": "expected_loss", "revenue_share": "revenue_share"}
    rows = {name: vars(concentration(table[column])) for name, column in columns.items()}
    return pd.DataFrame.from_dict(rows, orient="index")


def _assumptions(
    rho: tuple[float, float, float],
    hazard_range: tuple[float, float],
    loss: LossAssumptions,
    with_rates: bool,
) -> pd.DataFrame:
    import pandas as pd

    rows: list[tuple[str, float, float, float, str]] = [
        ("correlation of vendors", rho[0], rho[1], rho[2], "correlation of the latent factor"),
        ("hazard against the sector's", 1.0, *hazard_range, "factor"),
        ("oldest age if unknown", OLDEST, OLDEST, OLDEST, "years"),
    ]
    if with_rates:
        rows.append(("lower end of the closure rate", RATE_LOW, RATE_LOW, RATE_LOW, "factor"))
    rows += [(k.replace("_", " "), v.point, v.low, v.high, "factor") for k, v in loss.items()]
    frame = pd.DataFrame(rows, columns=["assumption", "value", "low", "high", "unit"])
    return frame.assign(kind="assumption", source="no public data")
