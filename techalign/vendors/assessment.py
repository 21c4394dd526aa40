"""The whole chain for one client: who may cease, what it would cost, and all of it together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.losses.distribution import Grid, LossDistribution, loss_distribution
from techalign.losses.hubs import Hubs
from techalign.numbers.arrays import Floats
from techalign.numbers.formatting import format_date
from techalign.text import folded
from techalign.vendors.agreements import AgreementEnds, agreement_ends
from techalign.vendors.assumptions import HubPd, VendorAssumptions, assumption_table
from techalign.vendors.chances import (
    Chances,
    bought_chances,
    vendor_ages,
    vendor_chances,
    vendor_sizes,
)
from techalign.vendors.concentration import concentration
from techalign.vendors.early_warning import EarlyWarnings
from techalign.vendors.exposure import Exposure, exposure
from techalign.vendors.hubs import (
    beside,
    hub_chances,
    hub_table,
    hubs_in_words,
    parse_hubs,
    tangled_note,
    without_circles,
    without_hubs,
)
from techalign.vendors.outages import outages

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["VendorRisk", "assess_vendors", "still_there"]


ENDS = ("low", "point", "high")
COPIED = ("vendor", "relation", "role", "sector")

NODES = 32
"""Quadrature nodes for the common factor; a register's figures change by less than a cent."""


@dataclass(frozen=True, eq=False)
class VendorRisk:
    """Vendor risk of one client on one day.

    Attributes
    ----------
    as_of : date
    horizons : tuple of float
        Years.
    table : DataFrame, one row per vendor, index as in the vendors table
        vendor, relation, role, sector, age (years, NaN unknown), size (people); for each horizon h
        ``pd_h``, ``pd_h_low``, ``pd_h_high`` (``pd_1``, ``pd_3``); lgd, lgd_low, lgd_high,
        ``bought_h`` with its ends likewise, the chance to be bought or merged, if published;
        expected_loss, expected_loss_low, expected_loss_high (money, in a year);
        revenue_share; basis (where the probability comes from); flag (what is missing). If
        vendors run on hubs, ``pd_with_hubs`` is the chance of a year by itself or with a hub.
    exposure : Exposure
        The parts of each loss.
    losses, losses_low, losses_high : LossDistribution
        Total of a year: at the points, and with every probability, loss and the correlation
        at its lower or its upper end. Its events are the vendors, then the ends of agreements.
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
    agreements : AgreementEnds
        Of living vendors within a year, counted in the losses beside ceasing.
    outages : DataFrame
        What critical services cost by being down, see ``outages``; not in the losses.
    notes : tuple of str
        What was left out because the table contradicts itself or too many hubs hang together, a
        sentence each.

    Examples
    --------
    >>> import datetime as dt, pandas as pd
    >>> names = ("vendor", "relation", "role", "sector", "owner_kind", "hubs")
    >>> numbers = (
    ...     "revenue_share_depending", "records_held", "record_value", "switching_cost",
    ...     "retooling_cost", "weeks_out", "margin_per_week", "export_tested", "escrow",
    ...     "second_source")
    >>> row = dict.fromkeys(names, "") | dict.fromkeys(numbers, 0.0)
    >>> row |= {"vendor": "Cobalt", "founded": 2020.0, "sector": "all", "prepaid": 1000.0}
    >>> facts = pd.DataFrame(
    ...     [("all", age, s, 0.95 * s, 1.05 * s, "BLS")
    ...      for age, s in {1: 0.787, 2: 0.679, 5: 0.492, 10: 0.338}.items()],
    ...     columns=["sector", "age", "survival", "low", "high", "source"])
    >>> risk = assess_vendors(pd.DataFrame([row]), facts, dt.date(2026, 7, 1))
    >>> risk.measures([0.99]).set_index("measure")["point"].round(2).tolist()
    [76.65, 0.08, 1000.0, 1000.0]
    >>> risk.contributions()[["vendor", "share"]].to_numpy().tolist()
    [['Cobalt', 1.0]]
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
    agreements: AgreementEnds
    outages: pd.DataFrame
    notes: tuple[str, ...] = ()

    @property
    def year(self) -> Chances:
        """Each vendor's chance to cease within a year, by itself or with a hub."""
        n = len(self.table)
        every = (self.losses_low, self.losses, self.losses_high)
        return Chances(*(losses.chance[:n] for losses in every))

    @property
    def or_leave(self) -> str:
        """What else is in the losses, as words after "companies that cease"."""
        return " or do not renew an agreement" if len(self.agreements.row) else ""

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
        gone = {folded(str(name)) for name in self.ceased["vendor"]}
        return rows[~rows["vendor"].map(folded).isin(gone)] if gone else rows

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
        """What each vendor adds to the expected shortfall, its agreement's end included.

        Returns
        -------
        DataFrame
            Columns vendor, contribution (money, adds up to the shortfall), share (0 to 1); the
            largest first.
        """
        import pandas as pd

        events = self.losses.contributions(level)
        money = events[: len(self.table)].copy()
        np.add.at(money, self.agreements.row, events[len(self.table) :])
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
    assumptions: VendorAssumptions | None = None,
    warnings: EarlyWarnings | None = None,
    cap: ArrayLike | None = None,
    grid: int = 2000,
) -> VendorRisk:
    """Assess all vendors of a client.

    Parameters
    ----------
    vendors : DataFrame
        The vendors table; may be empty. Vendors whose ``ceased`` lies on or before ``as_of``
        are left out; one whose end is announced ceases for certain within a horizon that
        holds it. Where vendors run on one another in a circle, its weakest link is left out and
        noted.
    facts : DataFrame
        Published survival: columns sector, age, survival, low, high, source.
    as_of : date
        The day the ages are counted to.
    horizons : sequence of float
        Years for the probabilities. The loss is always that of one year.
    assumptions : VendorAssumptions, optional
        All that nobody has measured for this client, with its ranges.
    warnings : EarlyWarnings, optional
        Events whose assumed effect raises the vendors' hazards, see ``early_warnings``.
    cap : array_like, shape () or (n,), optional
        The most each vendor can cost, money.
    grid : int
        Points of the distribution of the total loss.

    Returns
    -------
    VendorRisk

    Raises
    ------
    ModelError
        If hubs cannot be read or a figure is out of bounds.

    Examples
    --------
    A payroll service of 2009 that would cost 4,800, in a sector of which 47.3 % of a year's
    founders were there after five years and 30.9 % after ten:

    >>> import datetime as dt, pandas as pd
    >>> survival = {1: 0.787, 2: 0.679, 3: 0.602, 5: 0.492, 10: 0.338, 15: 0.255}
    >>> facts = pd.DataFrame(
    ...     [("all", age, s, 0.95 * s, 1.05 * s, "BLS") for age, s in survival.items()]
    ...     + [("professional", 5, 0.473, None, None, "BLS"),
    ...        ("professional", 10, 0.309, None, None, "BLS")],
    ...     columns=["sector", "age", "survival", "low", "high", "source"])
    >>> vendor = {
    ...     "vendor": "Harbor Payroll", "relation": "indirect", "role": "payroll",
    ...     "founded": 2009.0, "sector": "professional", "owner_kind": "private", "hubs": "",
    ...     "revenue_share_depending": 0.1, "records_held": 300.0, "record_value": 4.0,
    ...     "switching_cost": 1500.0, "retooling_cost": 100.0, "prepaid": 200.0,
    ...     "weeks_out": 2.0, "margin_per_week": 900.0, "export_tested": False,
    ...     "escrow": False, "second_source": False}
    >>> risk = assess_vendors(pd.DataFrame([vendor]), facts, dt.date(2026, 7, 1))
    >>> risk.table[["age", "pd_1", "lgd", "expected_loss"]].round(3).iloc[0].tolist()
    [16.996, 0.054, 4800.0, 260.517]
    >>> risk.losses.var(0.99)
    4800.0
    """
    given = assumptions or VendorAssumptions()
    years = tuple(float(h) for h in horizons)
    if not years or min(years) <= 0:
        raise ModelError("horizons", "must be positive years", value=horizons)
    vendors, ceased = still_there(vendors, as_of)
    vendors, notes = without_circles(vendors)
    # the loss needs one year, whether or not it is shown
    chances, basis, flag = _all_chances(
        vendors, facts, as_of, tuple(dict.fromkeys((*years, 1.0))), given, warnings
    )
    at_stake = exposure(vendors, given.loss, cap=cap)
    shared = parse_hubs(vendors, given.hub_ends[0])
    hub_ends = _hub_ends(shared, facts, as_of, given)
    ending = agreement_ends(vendors, at_stake, as_of, given.agreements)
    losses, low, high = _distributions(
        (chances[1.0], at_stake, ending), (shared, hub_ends), given, grid
    )
    year = Chances(*(found.chance[: len(vendors)] for found in (low, losses, high)))
    with_hubs = {"pd_with_hubs": year.point} if shared.names else {}
    down = outages(vendors, given.outages)
    more = _bought(vendors, as_of, years, given) | with_hubs | {"basis": basis, "flag": flag}
    table = _table(
        vendors, vendor_ages(vendors, as_of), {h: chances[h] for h in years}, year, at_stake, more
    )
    return VendorRisk(
        as_of=as_of, horizons=years, table=table, exposure=at_stake, losses=losses,
        losses_low=low, losses_high=high, concentration=_concentrations(table),
        assumptions=assumption_table(
            given, shared, hub_ends, warnings, (ending.table, down["basis"])
        ),
        hubs=hub_table(vendors, shared, losses),
        register=vendors.assign(runs_on=hubs_in_words(shared, len(vendors))), ceased=ceased,
        agreements=ending, outages=down,
        notes=(*notes, *_tangled(losses, shared, hub_ends[0], given)),
    )  # fmt: skip


def _tangled(
    losses: LossDistribution, shared: Hubs, hub_pd: HubPd, given: VendorAssumptions
) -> tuple[str, ...]:
    hubs = hub_chances(beside(shared, losses.pd.size), hub_pd, given.rho_ends[0])
    return tangled_note(losses, hubs)


def _all_chances(
    vendors: pd.DataFrame,
    facts: pd.DataFrame,
    as_of: dt.date,
    years: tuple[float, ...],
    given: VendorAssumptions,
    warnings: EarlyWarnings | None,
) -> tuple[dict[float, Chances], list[str], list[str]]:
    """By survival, then by what has happened, then by what is announced."""
    chances, basis, flag = vendor_chances(
        vendors, facts, vendor_ages(vendors, as_of), years, given.basis
    )
    if warnings is not None:
        chances = {h: _warned(c, vendors["vendor"], h, warnings) for h, c in chances.items()}
    ends = _announced(vendors, as_of)
    chances = {h: _certain(c, ends <= h) for h, c in chances.items()}
    for row in np.flatnonzero(ends <= max(years)):
        day = _days(vendors).iloc[row]
        flag[row] = f"Its end is announced for {format_date(day)}. {flag[row]}".strip()
    return chances, basis, flag


def _bought(
    vendors: pd.DataFrame, as_of: dt.date, years: tuple[float, ...], given: VendorAssumptions
) -> dict[str, ArrayLike]:
    """Columns with the chance to be bought or merged; none where nothing is published."""
    if given.sizes is None and given.rates is None:
        return {}
    found = bought_chances(vendors, vendor_ages(vendors, as_of), years, given.basis)
    ends = {"": "point", "_low": "low", "_high": "high"}
    return {
        f"bought_{h:g}{name}": getattr(chance, end)
        for h, chance in found.items()
        for name, end in ends.items()
    }


def _distributions(
    of: tuple[Chances, Exposure, AgreementEnds],
    on: tuple[Hubs, tuple[HubPd, HubPd, HubPd]],
    given: VendorAssumptions,
    grid: int,
) -> list[LossDistribution]:
    """At the points, and with everything at its lower and its upper end."""
    chances, at_stake, ending = of
    n, m = len(at_stake.lgd), len(ending.row)
    found = []
    for end, rho, hub_pd in zip(("point", "low", "high"), given.rho_ends, on[1], strict=True):
        chance, money = ending.events(end)
        # whether an agreement is renewed is between two: hard times and hubs have no part in it
        found.append(
            loss_distribution(
                np.concatenate([getattr(chances, end), chance]),
                np.concatenate([at_stake.lgd[end].to_numpy(float), money]),
                rho=np.repeat([rho, 0.0], [n, m]),
                hubs=hub_chances(beside(on[0], n + m), hub_pd, rho),
                copula=given.copula,
                nu=given.nu,
                grid=Grid(grid, nodes=NODES),
            )
        )
    return found


def _hub_ends(
    shared: Hubs, facts: pd.DataFrame, as_of: dt.date, given: VendorAssumptions
) -> tuple[HubPd, HubPd, HubPd]:
    """Point, low and high of the hubs' chances: their own where they are known as vendors."""
    outside = {
        folded(name): name for name, row in zip(shared.names, shared.own, strict=True) if row < 0
    }
    if given.known is None or any(isinstance(end, Mapping) for end in given.hub_ends):
        return given.hub_ends
    keys = given.known["vendor"].astype(str).map(folded)
    known = given.known[keys.isin(list(outside))]
    if known.empty:
        return given.hub_ends
    own = vendor_chances(known, facts, vendor_ages(known, as_of), (1.0,), given.basis)[0][1.0]
    names = keys[known.index].tolist()

    def end(usual: HubPd, chance: Floats) -> dict[str, float]:
        assert not isinstance(usual, Mapping)  # returned above
        of = dict(zip(names, chance.tolist(), strict=True))
        return {name: of.get(key, usual) for key, name in outside.items()}

    point, low, high = given.hub_ends
    return end(point, own.point), end(low, own.low), end(high, own.high)


def still_there(vendors: pd.DataFrame, as_of: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Vendors there on a day, and those that have ceased by it.

    Parameters
    ----------
    vendors : DataFrame
        The vendors table; a table without the column ceased holds nobody who has.
    as_of : date

    Returns
    -------
    there : DataFrame
        The same columns; links to hubs that have ceased are taken out.
    ceased : DataFrame
        vendor, date; the latest first, index as in the table.

    Examples
    --------
    >>> import datetime as dt, pandas as pd
    >>> register = pd.DataFrame({
    ...     "vendor": ["Stays", "Went"], "hubs": ["Went:0.2; Nimbus:0.3", ""],
    ...     "ceased": pd.to_datetime([None, "2024-03-01"])})
    >>> there, ceased = still_there(register, dt.date(2026, 7, 1))
    >>> there[["vendor", "hubs"]].to_numpy().tolist(), ceased["vendor"].tolist()
    ([['Stays', ' Nimbus:0.3']], ['Went'])
    """
    import pandas as pd

    gone = (
        vendors["ceased"].to_numpy("datetime64[D]") <= np.datetime64(as_of)
        if "ceased" in vendors.columns
        else np.zeros(len(vendors), dtype=bool)
    )
    if not gone.any():
        return vendors, pd.DataFrame(
            {"vendor": np.empty(0, dtype=object), "date": np.empty(0, dtype="datetime64[ns]")}
        )
    ceased = vendors.loc[gone, ["vendor", "ceased"]].rename(columns={"ceased": "date"})
    there = vendors[~gone]
    there = there.assign(hubs=without_hubs(there["hubs"], list(ceased["vendor"])))
    return there, ceased.sort_values("date", ascending=False, kind="stable")


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


def _table(
    vendors: pd.DataFrame,
    ages: Floats,
    chances: dict[float, Chances],
    year: Chances,
    at_stake: Exposure,
    more: Mapping[str, ArrayLike],
) -> pd.DataFrame:
    import pandas as pd

    table: dict[str, Any] = {name: vendors[name] for name in COPIED} | {
        "age": ages,
        "size": vendor_sizes(vendors),
    }
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
