"""The whole chain for one client: who may cease, what it would cost, and all of it together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.losses.distribution import LossDistribution, loss_distribution
from techalign.losses.hubs import HUB_PD, Hubs, parse_hubs, without_circles
from techalign.vendors.assumed import HubPd, assumed
from techalign.vendors.chances import Chances, vendor_ages, vendor_chances
from techalign.vendors.concentration import concentration
from techalign.vendors.early_warning import EarlyWarnings
from techalign.vendors.exposure import Exposure, LossAssumptions, exposure
from techalign.vendors.look_back import still_there

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["VendorRisk", "assess_vendors"]

Floats = NDArray[np.float64]

ENDS = ("low", "point", "high")
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
        revenue_share; basis (where the probability comes from); flag (what is missing). If
        vendors run on hubs, ``pd_with_hubs`` is the chance of a year by itself or with a hub.
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
    hubs : DataFrame
        What vendors run on, worst first: hub, vendors (how many), names (which), chance (to fail
        in a year), loss_if_down (expected loss of that year, with the hub's own where it is a
        vendor, money), expected_loss (chance times the part of it that the hub causes). Empty
        if the table names none.
    register : DataFrame
        The rows of the vendors table that were assessed, with runs_on (its hubs in words).
    ceased : DataFrame
        vendor, date of those that have ceased by ``as_of``, the latest first; in no other field.
    notes : tuple of str
        What of the table was left out, in sentences: links of circles of shared suppliers.
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
    hubs: pd.DataFrame
    register: pd.DataFrame
    ceased: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def worst_hub(self) -> str:
        """The hub whose failure would cost most; "" if there is none."""
        return "" if self.hubs.empty else str(self.hubs["hub"].iloc[0])

    @property
    def flags(self) -> pd.DataFrame:
        """Vendors whose probability rests on a fallback: vendor, flag."""
        return self.table.loc[self.table["flag"] != "", ["vendor", "flag"]]

    def of_present(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Rows of a table with a column vendor, without those of vendors that have ceased."""
        gone = {str(name).strip().casefold() for name in self.ceased["vendor"]}
        return rows[~rows["vendor"].str.strip().str.casefold().isin(gone)] if gone else rows

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
        ends = dict(zip(("point", "low", "high"), zip(*rows.values(), strict=True), strict=True))
        return pd.DataFrame({"measure": list(rows), **ends})

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
        order = np.argsort(-money, kind="stable")
        return pd.DataFrame(
            {
                "vendor": self.table["vendor"].take(order),
                "contribution": money[order],
                "share": share[order],
            },
            index=self.table.index[order],
        )


def assess_vendors(
    vendors: pd.DataFrame,
    facts: pd.DataFrame,
    as_of: dt.date,
    *,
    horizons: Sequence[float] = (1.0, 3.0),
    rho: tuple[float, float, float] | float = (0.15, 0.05, 0.30),
    rates: pd.DataFrame | None = None,
    assumptions: LossAssumptions | None = None,
    table_of_assumptions: pd.DataFrame | None = None,
    hazard_range: tuple[float, float] = (0.5, 1.5),
    cap: ArrayLike | None = None,
    grid: int = 2000,
    hub_pd: tuple[float, float, float] | Mapping[str, float] | float = (HUB_PD, 0.003, 0.03),
    copula: str = "gaussian",
    nu: float = 4.0,
    nodes: int = 32,
    warnings: EarlyWarnings | None = None,
) -> VendorRisk:
    """Assess all vendors of a client.

    Parameters
    ----------
    vendors : DataFrame
        The vendors table; may be empty. Vendors whose ``ceased`` lies on or before ``as_of``
        are left out; one whose end is announced ceases for certain within a horizon that
        holds it. A founding year after ``as_of`` counts as missing, and of companies that run
        on one another in a circle the weakest link is left out.
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
    table_of_assumptions : DataFrame, optional
        Columns key, kind, source: where the assumptions passed come from.
    hazard_range : (low, high)
        How far the hazard of vendors like the client's may lie from their sector's average,
        as factors. An assumption: no public data.
    cap : array_like, shape () or (n,), optional
        The most that can be lost with a vendor, money.
    grid : int
        Steps of the money grid.
    hub_pd : (value, low, high), float or mapping of str to float
        Yearly probability that a hub named in the column ``hubs`` fails; a hub that is itself
        a vendor has its own. An assumption.
    copula : str
        ``"gaussian"`` or ``"t"`` with ``nu`` degrees of freedom, see ``loss_distribution``.
    nu : float
    nodes : int
        Quadrature nodes for the factor: with 30 vendors, 32 are exact to seven digits.
    warnings : EarlyWarnings, optional
        From ``early_warnings``: raises the hazard of the vendors concerned while the effect
        lasts. Its factors are assumptions.

    Returns
    -------
    VendorRisk

    Raises
    ------
    ModelError
        If hubs cannot be read, a vendor runs on itself, or a figure is out of bounds.
    """
    years = tuple(float(h) for h in horizons)
    if not years or min(years) <= 0:
        raise ModelError("horizons", "must be positive years", value=horizons)
    if not 0 < hazard_range[0] <= 1 <= hazard_range[1]:
        raise ModelError("hazard_range", "must be low <= 1 <= high", value=hazard_range)
    correlation = (rho, rho, rho) if isinstance(rho, (int, float)) else rho
    vendors, ceased = still_there(vendors, as_of)
    links, notes = without_circles(vendors)
    vendors = vendors.assign(hubs=links) if notes else vendors
    ages = vendor_ages(vendors, as_of)
    # the loss needs one year, whether or not it is shown
    chances, basis, flag = vendor_chances(
        vendors, facts, ages, tuple(dict.fromkeys((*years, 1.0))),
        rates=rates, hazard_range=hazard_range,
    )  # fmt: skip
    if warnings is not None:
        chances = {h: _warned(c, vendors["vendor"], h, warnings) for h, c in chances.items()}
    ends = _announced(vendors, as_of)
    chances = {h: _certain(c, ends <= h) for h, c in chances.items()}
    for row in np.flatnonzero(ends <= max(years)):
        day = _days(vendors).iloc[row]
        flag[row] = f"Its end is announced for {day:%Y-%m-%d}. {flag[row]}".strip()
    at_stake = exposure(vendors, assumptions, cap=cap)
    hub_ends = _ends(hub_pd)
    shared = parse_hubs(vendors, hub_ends[0])
    losses, low, high = (
        loss_distribution(
            getattr(chances[1.0], end), at_stake.lgd[end].to_numpy(float), rho=r, grid=grid,
            hubs=shared.with_chances(hubs), copula=copula, nu=nu, nodes=nodes,
        )
        for end, r, hubs in zip(("point", "low", "high"), correlation, hub_ends, strict=True)
    )  # fmt: skip
    year = Chances(low.chance, losses.chance, high.chance)
    with_hubs = {"pd_with_hubs": losses.chance} if shared.names else {}
    table = _table(
        vendors, ages, {h: chances[h] for h in years}, year, at_stake,
        with_hubs | {"basis": basis, "flag": flag},
    )  # fmt: skip
    listed = assumed(
        correlation, hazard_range, at_stake.assumptions, shared, hub_ends, (copula, nu),
        with_rates=rates is not None, warnings=warnings, table=table_of_assumptions,
    )  # fmt: skip
    return VendorRisk(
        as_of=as_of,
        horizons=years,
        table=table,
        exposure=at_stake,
        losses=losses,
        losses_low=low,
        losses_high=high,
        concentration=_concentrations(table),
        assumptions=listed,
        hubs=_hub_table(vendors, shared, losses),
        register=vendors.assign(runs_on=_runs_on(shared, len(vendors))),
        ceased=ceased,
        notes=notes,
    )


def _ends(
    hub_pd: tuple[float, float, float] | Mapping[str, float] | float,
) -> tuple[HubPd, HubPd, HubPd]:
    return hub_pd if isinstance(hub_pd, tuple) else (hub_pd, hub_pd, hub_pd)


def _days(vendors: pd.DataFrame) -> pd.Series[Any]:
    """Day each vendor will have ceased, as far as announced."""
    import pandas as pd

    if "ceased" in vendors.columns:
        return vendors["ceased"]
    return pd.Series(pd.NaT, index=vendors.index, dtype="datetime64[ns]")


def _announced(vendors: pd.DataFrame, as_of: dt.date) -> Floats:
    """Years until then; infinite for none."""
    days = _days(vendors).to_numpy("datetime64[D]") - np.datetime64(as_of)
    return np.where(np.isnat(days), np.inf, days.astype(float) / 365.25)


def _certain(chance: Chances, rows: NDArray[np.bool_]) -> Chances:
    if not rows.any():
        return chance
    return Chances(*(np.where(rows, 1.0, getattr(chance, end)) for end in ENDS))


def _warned(
    chance: Chances, vendors: pd.Series[str], horizon: float, warnings: EarlyWarnings
) -> Chances:
    """Chances with the hazard multiplied by what is left of the events' effect."""
    factor = warnings.factors([str(name).strip() for name in vendors], horizon)
    return Chances(
        *(
            -np.expm1(factor[end] * np.log1p(-np.minimum(getattr(chance, end), 1.0 - 1e-15)))
            for end in ("low", "point", "high")
        )
    )


def _runs_on(hubs: Hubs, count: int) -> list[str]:
    """The shared suppliers of each vendor, with its chance to fall with them, in words."""
    if not hubs.names:
        return [""] * count
    return [
        ", ".join(
            f"{name} ({chance:.0%})"
            for name, chance in zip(hubs.names, row, strict=True)
            if chance > 0
        )
        for row in hubs.takes
    ]


def _hub_table(vendors: pd.DataFrame, hubs: Hubs, losses: LossDistribution) -> pd.DataFrame:
    """Hubs by what their failure would cost."""
    import pandas as pd

    names = vendors["vendor"].to_numpy(str)
    chance, lost = losses.hub_losses()
    on = [names[hubs.takes[:, k] > 0] for k in range(len(hubs.names))]
    without = losses.el - chance * lost
    # expected loss of the years in which the hub stands
    spared = np.where(chance < 1, without / np.where(chance < 1, 1.0 - chance, 1.0), 0.0)
    order = np.argsort(-lost, kind="stable")
    return pd.DataFrame({
        "hub": [hubs.names[k] for k in order], "vendors": [len(on[k]) for k in order],
        "names": [", ".join(on[k]) for k in order], "chance": chance[order],
        "loss_if_down": lost[order], "expected_loss": (chance * (lost - spared))[order],
    })  # fmt: skip


def _table(
    vendors: pd.DataFrame,
    ages: Floats,
    chances: dict[float, Chances],
    year: Chances,
    at_stake: Exposure,
    more: Mapping[str, ArrayLike],
) -> pd.DataFrame:
    import pandas as pd

    table: dict[str, Any] = {name: vendors[name] for name in COPIED} | {"age": ages}
    for horizon, chance in chances.items():
        name = f"pd_{horizon:g}"
        table[name] = chance.point
        table[f"{name}_low"], table[f"{name}_high"] = chance.low, chance.high
    lgd = {end: at_stake.lgd[end].to_numpy(float) for end in ("point", "low", "high")}
    table["lgd"], table["lgd_low"], table["lgd_high"] = lgd["point"], lgd["low"], lgd["high"]
    expected = expected_losses(year, lgd)
    table["expected_loss"] = expected["point"]
    table["expected_loss_low"], table["expected_loss_high"] = expected["low"], expected["high"]
    table["revenue_share"] = vendors["revenue_share_depending"].to_numpy(float)
    return pd.DataFrame(table | dict(more), index=vendors.index)


def expected_losses(year: Chances, money: Mapping[str, Floats]) -> dict[str, Floats]:
    """Chance of a year times the money at stake, with a range.

    Parameters
    ----------
    year : Chances
        Shape (n,).
    money : mapping of str to ndarray, shape (n,)
        Keys point, low, high.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        Keys point, low, high; money a year.
    """
    expected = year.point * money["point"]
    found = {"point": expected}
    for end, probability in (("low", year.low), ("high", year.high)):
        # probability and loss err independently: their distances add in squares, on the log
        away = np.hypot(_log_ratio(probability, year.point), _log_ratio(money[end], money["point"]))
        far = expected * np.exp(away if end == "high" else -away)
        # without a point to be a multiple of, the end itself is all that can be said
        found[end] = np.where(expected > 0, far, probability * money[end])
    return found


def _log_ratio(end: Floats, point: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log(end / point)
    return np.where(point > 0, ratio, 0.0)


def _concentrations(table: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    columns = {"loss": "lgd", "expected_loss": "expected_loss", "revenue_share": "revenue_share"}
    found = [vars(concentration(table[column].to_numpy())) for column in columns.values()]
    return pd.DataFrame({name: [one[name] for one in found] for name in found[0]}, list(columns))
