"""What each project is worth, as a distribution: cost, benefit, and whether it works at all.

Notation: k cost of a quarter (money and staff time), F how many times the estimate the cost turns
out to be, B yearly benefit, S 1 if the project works, d quarters it takes, s quarter it starts in,
H quarters looked at, v = (1 + r)^(-1/4).

    npv(s) = -k F Σ_{s≤q<s+d} v^q + S B/4 Σ_{s+d≤q<H} v^q

The looked-at time ends on one day for all, so a project that starts later earns for less long.
Benefits of one purpose move together: z_i = √ρ f_purpose + √(1-ρ) e_i, the quantile of B_i at
Φ(z_i) (a Gaussian copula [1] with one factor per purpose).

References
----------
[1] Li 2000, On default correlation: a copula function approach, J. Fixed Income 9.
[2] Kotz and van Dorp 2004, Beyond Beta, ch. 1: the triangular distribution.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Floats
from techalign.numbers.cashflows import irr, mirr
from techalign.numbers.formatting import format_value
from techalign.numbers.intervals import Interval, interval_of, width_of
from techalign.spending.plan.dependencies import check_dependencies
from techalign.spending.plan.quarters import QUARTERS, next_quarter, quarters_until
from techalign.text import listed

__all__ = [
    "InitiativeOptions",
    "Initiatives",
    "rates_of_return",
    "simulate_initiatives",
]

AS_ESTIMATED = Interval(1.0, 1.0, 1.0, 1.0)
NEVER = 10_000
"""Latest start, in quarters, of a project without a deadline."""
_PIECE = 8192


@dataclass(frozen=True, kw_only=True)
class InitiativeOptions:
    """How far to look, and how uncertain costs and benefits are.

    Parameters
    ----------
    horizon_quarters : int
        H, quarters from the first one on; what comes later counts nothing.
    draws : int
        N, futures drawn.
    purpose_correlation : float
        ρ, 0 to 1: how much benefits of one purpose move together.
    overrun : Interval
        Times the estimate that costs and hours turn out to be: most likely, least, most.
    shape : str
        "triangular" on low, mode, high [2]; or "lognormal", with low and high as its 10 % and
        90 % points, for benefits above 0.

    Raises
    ------
    ModelError
        If one is out of its range.

    Examples
    --------
    >>> InitiativeOptions(draws=500).horizon_quarters
    20
    """

    horizon_quarters: int = 20
    draws: int = 4000
    purpose_correlation: float = 0.3
    overrun: Interval = AS_ESTIMATED
    shape: Literal["triangular", "lognormal"] = "triangular"

    def __post_init__(self) -> None:
        if self.horizon_quarters < 1 or self.draws < 1:
            raise ModelError("options", "needs at least one quarter and one draw")
        if not 0.0 <= self.purpose_correlation <= 1.0:
            raise ModelError(
                "purpose_correlation", "must be from 0 to 1", value=self.purpose_correlation
            )
        if not 0.0 < self.overrun.low <= self.overrun.point <= self.overrun.high:
            raise ModelError("overrun", "must be 0 < low <= point <= high", value=self.overrun)


@dataclass(frozen=True, kw_only=True)
class Initiatives:
    """Projects with what they may cost and bring.

    Attributes
    ----------
    frame : DataFrame, n rows
        As the table has them, with ``earliest`` and ``latest``, the quarters (from 0) in which each
        may start, ``latest`` -1 where there is no deadline.
    works : ndarray, shape (n, N)
        Yearly benefit in each future, 0 where the project does not work; money.
    overrun : ndarray, shape (n, N)
        F.
    rate : float
        Per year.
    wage : float
        Money an hour of staff time costs.
    first : date
        First day of quarter 0.
    options : InitiativeOptions

    Examples
    --------
    See :func:`simulate_initiatives`.
    """

    frame: pd.DataFrame
    works: Floats
    overrun: Floats
    rate: float
    wage: float
    first: dt.date
    options: InitiativeOptions

    @property
    def names(self) -> list[str]:
        """The projects' names."""
        return [str(name) for name in self.frame["name"]]

    @cached_property
    def cost(self) -> Floats:
        """k, money and staff time of a quarter as estimated, shape (n,)."""
        money = self.frame["cost_per_quarter"].to_numpy(dtype=float)
        hours = self.frame["hours_per_quarter"].to_numpy(dtype=float)
        total: Floats = money + self.wage * hours
        return total

    @cached_property
    def duration(self) -> Counts:
        """Quarters from start to benefit, shape (n,)."""
        return self.frame["duration"].to_numpy(dtype=np.int64)

    @cached_property
    def _discount(self) -> Floats:
        """Sum of v^q over the quarters before each, shape (H + 1,)."""
        v = (1.0 + self.rate) ** (-np.arange(self.options.horizon_quarters) / QUARTERS)
        return np.append(0.0, np.cumsum(v))

    def _sums(self, start: Counts) -> tuple[Floats, Floats]:
        """Discounted quarters of cost and of benefit for starts of each project."""
        last = self.options.horizon_quarters
        begin, end = np.minimum(start, last), np.minimum(start + self.duration, last)
        table = self._discount
        return table[end] - table[begin], table[last] - table[end]

    def npv(self, start: ArrayLike | None = None) -> Floats:
        """Value today of each project in each future.

        Parameters
        ----------
        start : array_like of int, shape (n,), optional
            Quarter each starts in; the earliest unless given.

        Returns
        -------
        ndarray, shape (n, N)
            Money.
        """
        begin = np.asarray(self.frame["earliest"] if start is None else start, dtype=np.int64)
        spend, earn = self._sums(begin)
        value = self.works * (earn / QUARTERS)[:, None]
        value -= self.overrun * (self.cost * spend)[:, None]
        return value

    def mean_npv(self, quarters: int, *, within_windows: bool = True) -> Floats:
        """Expected value of each project for every start: exact, not from the draws.

        Parameters
        ----------
        quarters : int
            T, quarters in which a start is considered.
        within_windows : bool
            Regard the earliest start and the deadline.

        Returns
        -------
        ndarray, shape (n, T)
            Money; -inf where the project may not start yet, or could not end by its deadline.
        """
        benefit, overrun = self.mean_benefit, self.mean_overrun
        value = np.full((len(self.frame), quarters), -np.inf)
        earliest = self.frame["earliest"].to_numpy()
        latest = self.frame["latest"].to_numpy()
        for start in range(quarters):
            spend, earn = self._sums(np.full(len(self.frame), start))
            worth = benefit * earn / QUARTERS - self.cost * overrun * spend
            may = (start >= earliest) & (start <= latest)
            value[:, start] = np.where(may | (not within_windows), worth, -np.inf)
        return value

    @cached_property
    def mean_benefit(self) -> Floats:
        """Expected yearly benefit, failure counted, shape (n,)."""
        low, mode, high = _benefits(self.frame)
        chance = self.frame["p_success"].to_numpy(dtype=float)
        if self.options.shape == "lognormal":
            mu, sigma = _lognormal(low, high)
            return chance * np.exp(mu + sigma**2 / 2.0)
        mean: Floats = chance * (low + mode + high) / 3.0
        return mean

    @property
    def mean_overrun(self) -> float:
        """Expected times the estimate that costs turn out to be."""
        overrun = self.options.overrun
        return (overrun.low + overrun.point + overrun.high) / 3.0

    def payback(self) -> Floats:
        """Quarters from each project's start until it has paid back, undiscounted.

        Returns
        -------
        ndarray, shape (n, N)
            Whole quarters; infinite where it does not within the time looked at.
        """
        spent = self.overrun * (self.cost * self.duration)[:, None]
        with np.errstate(divide="ignore", invalid="ignore"):
            back = np.ceil(np.where(self.works > 0, spent / (self.works / QUARTERS), np.inf))
        free = np.where(self.works < 0, np.inf, 0.0)  # what only loses never pays back
        total = self.duration[:, None] + np.where(spent > 0, back, free)
        left = self.options.horizon_quarters - self.frame["earliest"].to_numpy()
        return np.where(total <= left[:, None], total, np.inf)

    def mean_flows(self, row: int) -> Floats:
        """Expected cash of one project by quarter from its earliest start, shape (H,)."""
        flows = np.full(self.options.horizon_quarters, self.mean_benefit[row] / QUARTERS)
        flows[: self.duration[row]] = -self.cost[row] * self.mean_overrun
        return flows

    def _modified(self, row: int) -> float:
        """Modified rate of return a year of the expected cash."""
        rate = (1.0 + self.rate) ** (1.0 / QUARTERS) - 1.0
        return (1.0 + mirr(self.mean_flows(row), rate, rate)) ** QUARTERS - 1.0

    def summary(self, level: float = 0.8) -> pd.DataFrame:
        """What each project is worth if started as early as it may.

        Parameters
        ----------
        level : float
            Probability inside the intervals.

        Returns
        -------
        DataFrame, n rows
            ``id``, ``name``, ``purpose``, ``owner``, ``value`` with ``value_low`` and
            ``value_high`` (money; the mean and an equal-tailed range), ``pays`` (chance that value
            is above 0), ``spent`` (money and staff time, undiscounted, as estimated), ``roi`` (mean
            value by mean discounted cost), ``payback`` (median quarters, infinite where it does not
            pay back), ``rates`` (all rates of return a year of the expected cash, as text),
            ``yearly`` (the rate a year if what comes in earns the discount rate, a share).
        """
        npv, begin = self.npv(), self.frame["earliest"].to_numpy()
        spend, _ = self._sums(begin)
        spent = self.cost * self.mean_overrun * spend
        ends = [interval_of(row, level) for row in npv]
        mean = npv.mean(axis=1)
        kept = self.frame[["id", "name", "purpose", "owner"]].reset_index(drop=True)
        return kept.assign(
            value=mean,
            value_low=np.minimum([each.low for each in ends], mean),
            value_high=np.maximum([each.high for each in ends], mean),
            pays=(npv > 0).mean(axis=1),
            spent=self.cost * self.duration,
            roi=np.divide(mean, spent, out=np.full(len(mean), np.nan), where=spent > 0),
            payback=[interval_of(row).point for row in self.payback()],
            rates=[rates_of_return(self.mean_flows(row)) for row in range(len(kept))],
            yearly=[self._modified(row) for row in range(len(kept))],
        )


def simulate_initiatives(
    initiatives: pd.DataFrame,
    as_of: dt.date,
    rate: float,
    wage: float,
    rng: np.random.Generator,
    options: InitiativeOptions | None = None,
) -> Initiatives:
    """Draw what each project may cost and bring.

    Parameters
    ----------
    initiatives : DataFrame, n rows
        Columns of the table ``initiatives``.
    as_of : date
        Day of the analysis; quarter 0 begins with the next calendar quarter.
    rate : float
        Discount rate per year, above -1; 0 counts later money in full.
    wage : float
        Money an hour of staff time costs.
    rng : numpy.random.Generator
    options : InitiativeOptions, optional

    Returns
    -------
    Initiatives

    Raises
    ------
    ModelError
        If there is no discount rate, or a project waits for itself or for an unknown one.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "id": ["backup", "crm"], "name": ["Backup", "Customer database"], "owner": "Dana",
    ...     "purpose": ["contain", "generate"], "cost_per_quarter": [1500.0, 4000.0],
    ...     "hours_per_quarter": [40.0, 120.0], "benefit_low": [1000.0, 3000.0],
    ...     "benefit_mode": [4000.0, 14000.0], "benefit_high": [9000.0, 30000.0],
    ...     "p_success": [0.9, 0.6], "earliest": pd.NaT, "deadline": pd.NaT, "duration": [1, 2],
    ...     "after": ["", "backup"], "mandatory": False, "synergy_with": "", "tags": ""})
    >>> made = simulate_initiatives(
    ...     table, dt.date(2026, 6, 30), 0.1, 25.0, np.random.default_rng(1))
    >>> made.npv().shape, made.first
    ((2, 4000), datetime.date(2026, 7, 1))
    >>> made.mean_npv(2).round(-2).tolist()
    [[13400.0, 12400.0], [19400.0, 17400.0]]
    """
    options = options or InitiativeOptions()
    if rate is None or not np.isfinite(rate) or rate <= -1:
        raise ModelError(
            "rate", "there is no discount rate", value=rate,
            remedy="Write discount_rate = 0.10 into client.toml, or pass 0 to count later money "
            "in full.",
        )  # fmt: skip
    check_dependencies(initiatives)
    frame = initiatives.reset_index(drop=True)
    shape = (len(frame), options.draws)
    works = _quantiles(frame, _uniforms(frame, shape, options, rng), options)
    # a row at a time: what is drawn for one project stays in the processor's cache
    for row, chance in zip(works, frame["p_success"].to_numpy(dtype=float), strict=True):
        row *= rng.random(options.draws) < chance
    few = options.overrun
    overrun = (
        _triangular(
            rng.random(shape), *(np.full(shape[0], e) for e in (few.low, few.point, few.high))
        )
        if few.low < few.high
        else np.full(shape, few.point)
    )
    first = next_quarter(as_of)
    return Initiatives(
        frame=frame.assign(**_windows(frame, first)),
        works=works,
        overrun=overrun,
        rate=rate,
        wage=wage,
        first=first,
        options=options,
    )


def _benefits(frame: pd.DataFrame) -> tuple[Floats, Floats, Floats]:
    low, mode, high = (
        frame[f"benefit_{end}"].to_numpy(dtype=float) for end in ("low", "mode", "high")
    )
    return low, mode, high


def _uniforms(
    frame: pd.DataFrame,
    shape: tuple[int, int],
    options: InitiativeOptions,
    rng: np.random.Generator,
) -> Floats:
    """Uniform draws, those of one purpose correlated; the second half mirrors the first."""
    from scipy.special import ndtr

    purpose = pd.factorize(frame["purpose"])[0]
    half = (shape[1] + 1) // 2
    rho = options.purpose_correlation
    factor = rng.standard_normal((purpose.max(initial=-1) + 1, half))
    z = rng.standard_normal((shape[0], half))
    z *= np.sqrt(1.0 - rho)
    z += np.sqrt(rho) * factor[purpose]
    # antithetic: what is good in one half is as bad in the other, so means have less noise
    u = np.empty(shape)
    ndtr(z, out=u[:, :half])
    np.subtract(1.0, u[:, : shape[1] - half], out=u[:, half:])
    return u


def _quantiles(frame: pd.DataFrame, u: Floats, options: InitiativeOptions) -> Floats:
    low, mode, high = _benefits(frame)
    if options.shape == "triangular":
        return _triangular(u, low, mode, high)
    from scipy.special import ndtri

    bad = np.flatnonzero(low <= 0)
    if bad.size:
        raise ModelError(
            f"benefit_low of {frame['id'].iloc[bad[0]]}", "must be above 0 for a lognormal benefit",
            value=low[bad[0]], remedy="Use the triangular shape.",
        )  # fmt: skip
    mu, sigma = _lognormal(low, high)
    drawn: Floats = np.exp(mu[:, None] + sigma[:, None] * ndtri(u))
    return drawn


def _lognormal(low: Floats, high: Floats) -> tuple[Floats, Floats]:
    """Location and scale with 10 % below low and 10 % above high."""
    return (np.log(low) + np.log(high)) / 2.0, np.log(high / low) / (2.0 * width_of(0.8))


def _triangular(u: Floats, low: Floats, mode: Floats, high: Floats) -> Floats:
    """Quantiles at u, shape (n, N), of triangular laws, shape (n,) [2]; written into u."""
    for row, (a, c, b) in zip(u, zip(low, mode, high, strict=True), strict=True):
        # a piece at a time stays in the processor's cache
        for at in range(0, row.size, _PIECE):
            piece = row[at : at + _PIECE]
            left = piece * (b - a) < c - a
            below = piece * ((b - a) * (c - a))
            np.sqrt(below, out=below)
            below += a
            np.subtract(1.0, piece, out=piece)
            piece *= (b - a) * (b - c)
            np.sqrt(piece, out=piece)
            np.subtract(b, piece, out=piece)
            np.copyto(piece, below, where=left)
    return u


def _windows(frame: pd.DataFrame, first: dt.date) -> dict[str, Counts]:
    """First and last quarter in which each may start."""
    early = np.array(quarters_until(first, frame["earliest"]))
    # of a quarter that has begun before the earliest day there is a part left
    earliest = np.nan_to_num(np.maximum(np.ceil(early), 0.0)).astype(np.int64)
    day = pd.to_datetime(frame["deadline"]) + pd.Timedelta(days=1)
    end = np.floor(np.array(quarters_until(first, day)))
    latest = end - frame["duration"].to_numpy(dtype=float)
    # -1: the deadline is before any end that can be
    late = np.where(np.isnan(end), NEVER, np.maximum(latest, -1.0)).astype(np.int64)
    return {"earliest": earliest, "latest": late}


def rates_of_return(flows: ArrayLike) -> str:
    """All rates of return a year of quarterly cash, in words.

    Parameters
    ----------
    flows : array_like, shape (T,)
        Money by quarter.

    Returns
    -------
    str
        Such as "23 %", "two: 10 % and 40 %", or "none".

    Examples
    --------
    >>> rates_of_return([-100.0, 0.0, 0.0, 0.0, 110.0])
    '10%'
    >>> rates_of_return([100.0, 50.0])
    'none'
    """
    yearly = [(1.0 + rate) ** QUARTERS - 1.0 for rate in irr(flows)]
    if not yearly:
        return "none"
    said = [format_value(rate, "%") if rate < 10.0 else "over 1,000%" for rate in yearly]
    if len(said) == 1:
        return said[0]
    return f"several: {listed(said)}"
