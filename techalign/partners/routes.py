"""Partners, own sales staff or a firm bought: which brings the same sales for more value.

All three are asked for the same sales a month and meet the same market in each draw (common random
numbers), so that luck of the market does not decide between them [1]. What a partner brings and
costs is read off the client's own partners; what staff and a purchase cost are assumptions.

References
----------
[1] Glasserman, P., Yao, D. D. (1992). Some guidelines and guarantees for common random numbers.
    Management Science 38(6), 884-908.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval, interval_of
from techalign.numbers.periods import month_index
from techalign.partners.assumptions import PartnerAssumptions
from techalign.partners.economics import ChannelEconomics, economics
from techalign.partners.forecast import forecast
from techalign.partners.gap import simulated_chance
from techalign.partners.outlook import PartnerOutlook
from techalign.partners.panel import panel_of

__all__ = [
    "ROUTE_KEYS",
    "Newcomer",
    "Routes",
    "compare_routes",
    "newcomer_of",
    "newcomer_sales",
]

ROUTE_KEYS = (
    "route_build_cost",
    "route_build_ramp_months",
    "route_price_of_sales",
    "integration_lag_months",
    "acquisition_retention_hazard",
)
"""Assumptions that the comparison of routes rests on."""

NAMES = ("partners", "own staff", "a firm bought")
RECENT = 6
"""Costs of so many months are taken to go on."""
_MARKET_SD = 0.10
"""Standard deviation of the logarithm of a year's demand, the same for all routes."""


@dataclass(frozen=True, kw_only=True)
class Newcomer:
    """What one newly signed partner brings and costs.

    Parameters
    ----------
    sales : ndarray, shape (S, H)
        Money per month since signing, draw by draw; 0 for those that never sell.
    margin : float
        Client's margin, 0 to 1.
    entry : float
        To recruit and enable it, money.
    keep : float
        To manage it, money a month.
    """

    sales: Floats
    margin: float
    entry: float
    keep: float


@dataclass(frozen=True, kw_only=True)
class Routes:
    """Three ways to the same sales.

    Parameters
    ----------
    wanted : float
        Sales a month, money.
    partners : int
        Partners to sign for it, on average enough in the last month.
    value : dict of str to ChannelEconomics
        By route.
    short : dict of str to float
        Chance that the sales of the whole time stay below half of what is wanted.
    """

    wanted: float
    partners: int
    value: dict[str, ChannelEconomics]
    short: dict[str, float]

    def better(self, one: str, other: str) -> float:
        """Chance that one route is worth more than another, draw by draw."""
        return float(simulated_chance(self.value[one].npv > self.value[other].npv))

    def table(self, level: float = 0.8) -> pd.DataFrame:
        """One row per route: value, most cash tied up, payback, chances."""
        rows = []
        for name, value in self.value.items():
            spans: dict[str, Interval] = {
                "npv": interval_of(value.npv, level),
                "peak": interval_of(value.peak, level),
            }
            others = [other.npv for key, other in self.value.items() if key != name]
            best = simulated_chance(value.npv > np.max(others, axis=0))
            row: dict[str, object] = {"route": name, "best": float(best)}
            for key, span in spans.items():
                row |= {key: span.point, f"{key}_low": span.low, f"{key}_high": span.high}
            rows.append(row | {"paid_back": value.p_payback, "short": self.short[name]})
        return pd.DataFrame(rows)


def newcomer_sales(
    outlook: PartnerOutlook, count: int, shape: tuple[int, int], rng: np.random.Generator
) -> Floats:
    """Draw what volume partners signed today would sell, month by month since signing.

    Parameters
    ----------
    outlook : PartnerOutlook
    count : int
        n, partners of one draw, which share its population.
    shape : (int, int)
        S draws of H months.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (S, n, H)
        Money per month; 0 for those that never sell.
    """
    panel, ramp = outlook.panel, outlook.ramp
    months = panel.revenue.shape[1]
    fresh = replace(
        panel_of(np.zeros((count, months)), np.full(count, months)),
        cycle_months=np.full(count, panel.typical_cycle(strategic=False)),
    )
    nobody = np.zeros(int(panel.active.sum()), dtype=bool)
    ramp = replace(ramp, panel=fresh, members=ramp.members.rows(nobody))
    return forecast(outlook.activation, ramp, shape[1], shape[0], rng)


def newcomer_of(
    outlook: PartnerOutlook,
    partners: pd.DataFrame,
    investment: pd.DataFrame,
    rng: np.random.Generator,
    shape: tuple[int, int] = (400, 36),
) -> Newcomer:
    """Draw what a volume partner signed today would bring, and read off what it would cost.

    Parameters
    ----------
    outlook : PartnerOutlook
    partners : DataFrame
        Column ``margin``, whose middle is taken.
    investment : DataFrame
        Columns ``month``, ``amount``, ``kind``: what was spent to recruit and enable is shared
        among all partners ever signed, what was spent to manage them in the last six months
        among those that still run.
    rng : numpy.random.Generator
    shape : (int, int)
        S draws of H months.

    Returns
    -------
    Newcomer

    Examples
    --------
    See :func:`compare_routes`, which a newcomer is made for.
    """
    panel = outlook.panel
    sales = newcomer_sales(outlook, 1, shape, rng)[:, 0]
    end = panel.first_month + panel.revenue.shape[1]
    month = month_index(investment["month"]).to_numpy().astype(np.int64)
    amount, kind = investment["amount"].to_numpy(dtype=float), investment["kind"]
    once = (kind.isin(["recruit", "enable"])).to_numpy() & (month < end)
    lately = (kind == "manage").to_numpy() & (month < end) & (month >= end - RECENT)
    running = max(int((~panel.ended).sum()), 1)
    return Newcomer(
        sales=sales,
        margin=float(partners["margin"].median()),
        entry=float(amount[once].sum()) / max(len(panel.partner), 1),
        keep=float(amount[lately].sum()) / RECENT / running,
    )


def compare_routes(
    newcomer: Newcomer,
    wanted: float,
    rate: float,
    rng: np.random.Generator,
    assumptions: PartnerAssumptions,
) -> Routes:
    """Value three ways to sell more.

    Parameters
    ----------
    newcomer : Newcomer
        S draws of H months.
    wanted : float
        Sales a month, money, above 0.
    rate : float
        Discount rate per year.
    rng : numpy.random.Generator
    assumptions : PartnerAssumptions
        Of own staff: cost as a share of the sales they bring at full strength, months to get
        there. Of a purchase: price in years of sales, months until it is integrated, share of
        key staff (and of their sales) lost a year.

    Returns
    -------
    Routes

    Raises
    ------
    ModelError
        If ``wanted`` is not above 0 or newcomers never sell.

    Examples
    --------
    >>> known = PartnerAssumptions(rows={
    ...     "route_build_cost": Interval(0.3, 0.2, 0.5),
    ...     "route_build_ramp_months": Interval(6.0, 3.0, 12.0),
    ...     "route_price_of_sales": Interval(1.0, 0.5, 2.0),
    ...     "integration_lag_months": Interval(9.0, 4.0, 18.0),
    ...     "acquisition_retention_hazard": Interval(0.2, 0.05, 0.4)})
    >>> alike = Newcomer(sales=np.full((500, 36), 100.0), margin=0.4, entry=500.0, keep=10.0)
    >>> found = compare_routes(alike, 1000.0, 0.1, np.random.default_rng(1), known)
    >>> found.partners, found.table()["route"].tolist()
    (10, ['partners', 'own staff', 'a firm bought'])
    >>> found.better("partners", "own staff") > 0.9
    True
    """
    draws, months = newcomer.sales.shape
    final = float(newcomer.sales[:, -min(months, 6) :].mean())
    if not wanted > 0:
        raise ModelError("wanted", "must be above 0", value=wanted)
    if not final > 0:
        raise ModelError("newcomer.sales", "must hold a sale in the last months")
    cost, ramp, price, lag, leaving = (_drawn(assumptions[key], draws, rng) for key in ROUTE_KEYS)
    # one market for all: a demand that wanders by the month
    steps = rng.standard_normal((draws, months)) * _MARKET_SD / np.sqrt(12.0)
    market = np.exp(np.cumsum(steps - _MARKET_SD**2 / 24.0, axis=1))
    clock = np.arange(months) + 0.5
    count = max(int(np.ceil(wanted / final)), 1)
    # that many partners: independent ones of the drawn kind
    signed = sum(newcomer.sales[rng.permutation(draws)] for _ in range(count))
    by_partners = np.asarray(signed, dtype=float) * market
    by_staff = wanted * market * np.minimum(clock / ramp, 1.0)
    kept = np.exp(np.log1p(-leaving) * clock / 12.0)
    # until it is integrated it sells nothing of the client's
    by_firm = wanted * market * kept * (clock > lag)
    paid = np.zeros((draws, months))
    paid[:, 0] = price[:, 0] * wanted * 12.0
    cash = (
        newcomer.margin * by_partners - count * (newcomer.keep + newcomer.entry * (clock < 1.0)),
        newcomer.margin * by_staff - cost * wanted,
        newcomer.margin * by_firm - paid,
    )
    half = 0.5 * wanted * months
    sales = dict(zip(NAMES, (by_partners, by_staff, by_firm), strict=True))
    return Routes(
        wanted=wanted,
        partners=count,
        value={name: economics(flow, rate) for name, flow in zip(NAMES, cash, strict=True)},
        short={name: float(simulated_chance(s.sum(axis=1) < half)) for name, s in sales.items()},
    )


def _drawn(ends: Interval, draws: int, rng: np.random.Generator) -> Floats:
    """Draw an assumption from the triangle of its ends, shape (draws, 1)."""
    return rng.triangular(ends.low, ends.point, max(ends.high, ends.low + 1e-9), size=(draws, 1))
