"""What a client can expect of its partners, from its tables, in one call.

A report shows a dozen figures that must come from the same panel and the same draws; here they
are fitted and drawn once, in the order in which they use random numbers.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import interval_of
from techalign.numbers.periods import month_index, parse_month
from techalign.partners.activation import Activation, fit_activation
from techalign.partners.assumptions import ACTIVATION_KEYS, PartnerAssumptions
from techalign.partners.direct import DIRECT_KEYS, HIRING_KEYS
from techalign.partners.economics import (
    ChannelEconomics,
    cashflow,
    economics,
    plan_from_tables,
)
from techalign.partners.forecast import forecast
from techalign.partners.gap import PlanGap, gap_to_plan
from techalign.partners.panel import PartnerPanel, build_panel
from techalign.partners.pipeline import PIPELINE_KEYS, Pipeline, blended, pipeline_forecast
from techalign.partners.priors import ORDER_KEYS, RAMP_KEYS
from techalign.partners.ramp import RampFit, fit_ramp
from techalign.partners.trust import EVENT_KEYS, TRUST_KEYS
from techalign.text import some_of

__all__ = ["PartnerOutlook", "assess_partners", "plan_months", "summarise_draws"]


@dataclass(frozen=True, kw_only=True)
class PartnerOutlook:
    """What a client can expect of its partners.

    Parameters
    ----------
    panel : PartnerPanel
    activation : Activation
    ramp : RampFit
    draws : ndarray, shape (S, N, H)
        Coming sales, money per month.
    economics : ChannelEconomics
    costs_known : bool
        False where no investment is on record: ``economics`` then leaves costs out, so that
        its value, cash need and payback say nothing and must not be shown.
    first_month : int
        Calendar number of the first month of ``economics.cumulative``.
    gap : PlanGap or None
        None when the plan does not cover a coming month.
    plan : DataFrame
        The coming months of the plan, as :func:`plan_months` gives them.
    top_tenth : float
        Share of the sales to date that the largest tenth of partners brought, 0 to 1.
    notes : tuple of str
        What the fits fell back to.
    pipeline : Pipeline or None
        Open opportunities; None where there are none. ``draws`` know them.

    Examples
    --------
    >>> months = pd.date_range("2025-01-01", periods=12, freq="MS")
    >>> partners = pd.DataFrame({
    ...     "partner": ["Alder", "Birch"], "segment": "volume", "margin": 0.3,
    ...     "signed": pd.to_datetime(["2025-01-05", "2025-08-05"]), "ended": pd.NaT})
    >>> sales = pd.DataFrame({
    ...     "partner": "Alder", "month": months, "revenue": 5000.0, "deals": 10.0})
    >>> costs = pd.DataFrame({
    ...     "partner": "all", "month": months, "amount": 600.0, "kind": "manage"})
    >>> plan = pd.DataFrame({
    ...     "month": months + pd.DateOffset(years=1), "target": 12000.0, "direct": 7000.0})
    >>> outlook = assess_partners(
    ...     partners, sales, costs, plan, dt.date(2025, 12, 31), 0.1, np.random.default_rng(1),
    ...     OutlookOptions(horizon_months=6, draws=200))
    >>> outlook.draws.shape, outlook.costs_known
    ((200, 2, 6), True)
    >>> outlook.partners[["partner", "revenue", "p_alive", "p_activate"]].round(2)
      partner  revenue  p_alive  p_activate
    0   Alder  60000.0      1.0         NaN
    1   Birch      0.0      1.0        0.21
    >>> outlook.ahead().columns.tolist(), len(outlook.ahead())
    (['month', 'low', 'point', 'high'], 6)
    """

    panel: PartnerPanel
    activation: Activation
    ramp: RampFit
    draws: Floats
    economics: ChannelEconomics
    costs_known: bool
    first_month: int
    gap: PlanGap | None
    plan: pd.DataFrame
    top_tenth: float
    notes: tuple[str, ...]
    pipeline: Pipeline | None = None

    @cached_property
    def partners(self) -> pd.DataFrame:
        """One row per partner, as :func:`summarise_draws` gives it; made when it is asked for."""
        own = self.draws[:, : len(self.panel.partner)]  # what if others come, they come last
        return summarise_draws(self.panel, self.activation, self.ramp, own)

    @property
    def assumes(self) -> tuple[str, ...]:
        """Keys of the assumptions a report on all of it leans on."""
        more = PIPELINE_KEYS if self.pipeline is not None else ()
        ramps = (*RAMP_KEYS, *(ORDER_KEYS if self.ramp.orders is not None else ()))
        every = (ACTIVATION_KEYS, ramps, EVENT_KEYS, TRUST_KEYS, DIRECT_KEYS, HIRING_KEYS, more)
        return tuple(key for keys in every for key in keys)

    @property
    def unrecorded(self) -> str:
        """Say from when on sales are not on record, though their months are over; else ""."""
        if not self.panel.unrecorded:
            return ""
        last = self.panel.first_month + self.panel.revenue.shape[1] - 1
        return f"no partner sales are on record after {parse_month(last):%b %Y}"

    @property
    def total(self) -> Floats:
        """Coming sales of all partners together over the horizon, shape (S,), money."""
        totals: Floats = self.draws.sum(axis=(1, 2))
        return totals

    def history(self) -> pd.DataFrame:
        """Sales of all partners per month to date: ``month``, ``value``."""
        return pd.DataFrame({"month": self.panel.months, "value": self.panel.revenue.sum(axis=0)})

    def ahead(self, level: float = 0.8) -> pd.DataFrame:
        """Coming sales of all partners per month: ``month``, ``low``, ``point``, ``high``."""
        start = self.panel.first_month + self.panel.revenue.shape[1]
        return _bands(self.draws.sum(axis=1), start, level)

    def cash_to_date(self) -> pd.DataFrame:
        """Cumulative cash from the first investment until now: ``month``, ``value``."""
        return self._cash(0.8).rename(columns={"point": "value"}).iloc[: -self.draws.shape[2]]

    def cash_ahead(self, level: float = 0.8) -> pd.DataFrame:
        """Cumulative cash of the coming months: ``month``, ``low``, ``point``, ``high``."""
        return self._cash(level).iloc[-self.draws.shape[2] :]

    def _cash(self, level: float) -> pd.DataFrame:
        return _bands(self.economics.cumulative, self.first_month, level)

    def gap_months(self, level: float = 0.8) -> pd.DataFrame:
        """Shortfall per planned month, as :meth:`PlanGap.by_month` with ``month``; else empty."""
        if self.gap is None:
            return pd.DataFrame(columns=["month", "needed", "probability", "expected"])
        covered = self.plan.index[self.plan["target"].notna()]
        return self.gap.by_month(level).assign(month=covered)

    def activation_curve(
        self,
        months: int,
        rng: np.random.Generator,
        *,
        strategic: bool = False,
        level: float = 0.8,
    ) -> pd.DataFrame:
        """Share of newly signed partners that have sold by each month since signing.

        Nothing is sold before the middle sales cycle of the segment is over.

        Parameters
        ----------
        months : int
        rng : numpy.random.Generator
        strategic : bool
            Of strategic partners, else of volume partners.
        level : float

        Returns
        -------
        DataFrame, months + 1 rows
            ``months``, ``point``, ``low``, ``high``.
        """
        span = np.arange(months + 1.0)
        cycle = self.panel.typical_cycle(strategic=strategic)
        low, high = self.activation.p_activate_band(
            0.0, span, strategic, cycle, rng=rng, level=level
        )
        point = self.activation.share_active(span, strategic, cycle)
        return pd.DataFrame({"months": span, "point": point, "low": low, "high": high})


@dataclass(frozen=True, kw_only=True)
class OutlookOptions:
    """How far and how finely to forecast.

    Parameters
    ----------
    horizon_months : int
        H, months ahead, 1 or more.
    draws : int
        S, 1 or more.
    dso_months : int
        Months from a sale to its cash, 0 or more.
    teachers : PartnerPanel or None
        Mature partners the ramp may learn from.
    assumptions : PartnerAssumptions
        What is believed beforehand; the documented defaults unless given.
    pipeline : DataFrame or None
        Open opportunities: ``partner``, ``created``, ``value``. With them, ``assumptions`` must
        be given.
    panel : PartnerPanel or None
        What the same tables of partners and sales have given before.
    ramp : RampFit or None
        The ramp of the same partners as fitted before; no assumption moves it.
    activation : Activation or None
        How they start to sell, likewise.
    opened : Pipeline or None
        What their opportunities bring, as drawn before for as many draws and months.

    Examples
    --------
    >>> OutlookOptions(horizon_months=24, dso_months=2).draws
    1000
    """

    horizon_months: int = 12
    draws: int = 1000
    dso_months: int = 1
    teachers: PartnerPanel | None = None
    assumptions: PartnerAssumptions = field(default_factory=PartnerAssumptions)
    pipeline: pd.DataFrame | None = None
    panel: PartnerPanel | None = None
    ramp: RampFit | None = None
    activation: Activation | None = None
    opened: Pipeline | None = None


def assess_partners(
    partners: pd.DataFrame,
    revenue: pd.DataFrame,
    investment: pd.DataFrame,
    plan: pd.DataFrame,
    as_of: dt.date,
    rate: float,
    rng: np.random.Generator,
    options: OutlookOptions | None = None,
) -> PartnerOutlook:
    """Fit, forecast and value a client's partners.

    Parameters
    ----------
    partners, revenue, investment, plan : DataFrame
        Tables ``partners``, ``partner_revenue``, ``partner_investment``, ``channel_plan``; any
        of them may be empty.
    as_of : date
        Day of the analysis.
    rate : float
        Discount rate per year.
    rng : numpy.random.Generator
    options : OutlookOptions, optional
        How far and how finely to forecast; the defaults unless given.

    Returns
    -------
    PartnerOutlook

    Raises
    ------
    ModelError
        If a partner is listed twice, or an option is out of its range.

    Examples
    --------
    >>> months = pd.date_range("2025-01-01", periods=12, freq="MS")
    >>> partners = pd.DataFrame({
    ...     "partner": ["Alder", "Birch"], "segment": "volume", "margin": 0.3,
    ...     "signed": pd.to_datetime(["2025-01-05", "2025-08-05"]), "ended": pd.NaT})
    >>> sales = pd.DataFrame({
    ...     "partner": "Alder", "month": months, "revenue": 5000.0, "deals": 10.0})
    >>> costs = pd.DataFrame({
    ...     "partner": "all", "month": months, "amount": 600.0, "kind": "manage"})
    >>> plan = pd.DataFrame({
    ...     "month": months + pd.DateOffset(years=1), "target": 12000.0, "direct": 7000.0})
    >>> outlook = assess_partners(
    ...     partners, sales, costs, plan, dt.date(2025, 12, 31), 0.1, np.random.default_rng(1),
    ...     OutlookOptions(horizon_months=6, draws=200))
    >>> outlook.total.shape
    (200,)
    >>> outlook.gap is None or outlook.gap.needed
    30000.0
    >>> len(outlook.cash_to_date()), len(outlook.cash_ahead())
    (12, 6)
    """
    chosen = options or OutlookOptions()
    panel = chosen.panel or build_panel(partners, revenue, as_of)
    activation = chosen.activation or fit_activation(panel, chosen.assumptions.activation)
    ramp = chosen.ramp or fit_ramp(panel, chosen.assumptions.ramp, chosen.teachers)
    sample = forecast(activation, ramp, chosen.horizon_months, chosen.draws, rng)
    # of a stream of its own, so that what becomes of opportunities is not drawn anew with ramps
    opened = chosen.opened or _pipeline(panel, as_of, sample.shape, rng.spawn(1)[0], chosen)
    if opened is not None:
        weight = chosen.assumptions["pipeline_weight"].point
        sample = blended(sample, opened, panel, weight)
    costs = plan_from_tables(panel, partners, investment, dso_months=chosen.dso_months)
    months = plan_months(plan, panel, chosen.horizon_months)
    return PartnerOutlook(
        panel=panel,
        activation=activation,
        ramp=ramp,
        draws=sample,
        economics=economics(cashflow(sample, costs), rate, costs.past_months),
        costs_known=costs.costs_known,
        first_month=costs.first_month,
        gap=gap_to_plan(sample, months),
        plan=months,
        top_tenth=top_share(panel.revenue.sum(axis=1)),
        notes=activation.notes + ramp.notes + _left_out(panel, partners),
        pipeline=opened,
    )


def _unrecorded(panel: PartnerPanel, partners: pd.DataFrame) -> str:
    """Say which months at the end nobody has recorded, and who was signed in them."""
    last = panel.first_month + panel.revenue.shape[1] - 1
    later = partners.loc[~partners["partner"].isin(panel.partner), "partner"].tolist()
    who = f" Signed since, and not in what is said here: {some_of(later, 5)}." if later else ""
    return (
        f"No sales are on record after {parse_month(last):%B %Y}: that is not read as no sales. "
        "The coming months are those after it, and no drop is seen in what is not recorded. "
        f"Where nothing was sold, write 0.{who}"
    )


def _left_out(panel: PartnerPanel, partners: pd.DataFrame) -> tuple[str, ...]:
    """Say what of the tables does not count."""
    notes = [_unrecorded(panel, partners)] if panel.unrecorded else []
    if panel.ended.size and panel.ended.all():
        notes.append(
            "Every agreement with a partner has ended: none is expected to sell, and what is spent "
            "on partners is taken to go on as in the last six months."
        )
    if panel.credits < 0:
        notes.append(
            f"Credits of {-panel.credits:,.0f} in months in which they exceeded sales are left out "
            "of the ramps: such months count as months without sales."
        )
    if panel.missing:
        notes.append(
            f"Months without a row that lie between written ones are left out: {panel.missing}. "
            "Where a partner sold nothing, write 0."
        )
    if len(panel.outside):
        money = float(panel.outside["revenue"].sum())
        notes.append(
            f"Sales of {money:,.0f} dated before a partner was signed or after its agreement "
            "ended are left out."
        )
    return tuple(notes)


def _pipeline(
    panel: PartnerPanel,
    as_of: dt.date,
    shape: tuple[int, ...],
    rng: np.random.Generator,
    chosen: OutlookOptions,
) -> Pipeline | None:
    if chosen.pipeline is None or chosen.pipeline.empty:
        return None
    size = (shape[0], shape[2])
    return pipeline_forecast(chosen.pipeline, panel, as_of, size, rng, chosen.assumptions)


def plan_months(plan: pd.DataFrame, panel: PartnerPanel, horizon_months: int) -> pd.DataFrame:
    """Lay the plan out over the coming months.

    Parameters
    ----------
    plan : DataFrame
        Columns ``month``, ``target``, ``direct``.
    panel : PartnerPanel
        The coming months follow its last one.
    horizon_months : int
        H.

    Returns
    -------
    DataFrame, H rows
        ``target``, ``direct``, money per month, NaN where the plan says nothing; the index is
        the first day of each month.
    """
    start = panel.first_month + panel.revenue.shape[1]
    ahead = np.arange(start, start + horizon_months)
    found = pd.Index(month_index(plan["month"])).get_indexer(pd.Index(ahead))
    columns = {
        name: np.append(plan[name].to_numpy(dtype=float), np.nan)[found]
        for name in ("target", "direct")
    }
    months = pd.date_range(parse_month(start), periods=horizon_months, freq="MS", name="month")
    return pd.DataFrame(columns, index=months)


def summarise_draws(
    panel: PartnerPanel, activation: Activation, ramp: RampFit, draws: Floats, level: float = 0.8
) -> pd.DataFrame:
    """One row per partner: where it stands and what it will sell.

    Parameters
    ----------
    panel : PartnerPanel
        N partners.
    activation : Activation
    ramp : RampFit
    draws : ndarray, shape (S, N, H)
    level : float
        Probability inside the interval.

    Returns
    -------
    DataFrame, N rows
        The columns of :meth:`PartnerPanel.summary` and ``p_alive``, ``p_activate`` (within the
        horizon; NaN once it has sold), ``forecast``, ``low``, ``high`` (money over the
        horizon) and ``expected`` (their mean).
    """
    totals = draws.sum(axis=2)
    spans = [interval_of(column, level) for column in totals.T]
    age = panel.revenue.shape[1] - panel.contract_month
    start = activation.p_activate(age, float(draws.shape[2]), panel.strategic, panel.cycles)
    return panel.summary().assign(
        p_alive=ramp.alive,
        p_activate=np.where(panel.active, np.nan, np.where(panel.ended, 0.0, start)),
        forecast=[span.point for span in spans],
        low=[span.low for span in spans],
        high=[span.high for span in spans],
        expected=totals.mean(axis=0),
    )


def top_share(revenue: ArrayLike, share: float = 0.1) -> float:
    """Share of sales that the largest partners hold.

    Parameters
    ----------
    revenue : array_like, shape (N,)
        Money per partner, 0 or more.
    share : float
        Part of the partners, 0 to 1; rounded up to a whole partner.

    Returns
    -------
    float
        0 to 1; nan without sales.
    """
    ordered = np.sort(np.asarray(revenue, dtype=float))[::-1]
    total = ordered.sum()
    top = ordered[: int(np.ceil(share * ordered.size))].sum()
    return float(top / total) if total > 0 else float("nan")


def _bands(draws: Floats, start: int, level: float) -> pd.DataFrame:
    """Quantiles of draws, shape (S, T), month by month from calendar number ``start``."""
    tail = (1 - level) / 2
    low, point, high = np.quantile(draws, [tail, 0.5, 1 - tail], axis=0)
    months = pd.date_range(parse_month(start), periods=draws.shape[1], freq="MS")
    return pd.DataFrame({"month": months, "low": low, "point": point, "high": high})
