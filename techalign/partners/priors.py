"""What is believed of ramps and orders before a client's own sales are seen, read off one table.

Every number stands in ``datasets/reference/assumptions.csv`` with its source, and a report lists
it; the values written here are the same ones, for who uses a model without that table. A range is
read as the middle eighty of a hundred of a normal law, of the logarithm where the value is positive
by nature.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval, width_of

__all__ = ["ORDER_KEYS", "RAMP_KEYS", "OrderPrior", "RampPrior", "log_sd"]

_LEVEL = 0.8
"""The ranges in the table hold with this probability where a law is made of them."""

_CURVE = (
    "ramp_full_sales_month",
    "ramp_scale_months",
    "ramp_shape",
    "ramp_drift_monthly",
)
_STRATEGIC = (
    "ramp_strategic_larger",
    "ramp_strategic_slower",
    "ramp_strategic_shape",
    "ramp_strategic_drift",
)
_SPREADS = (
    "ramp_spread_level",
    "ramp_spread_scale",
    "ramp_spread_shape",
    "ramp_spread_drift",
)
_SINGLE = {
    "spread_weight": "ramp_spread_weight",
    "walk_sd": "ramp_walk_monthly",
    "walk_weight": "ramp_walk_weight",
    "churn": "ramp_end_monthly",
    "churn_weight": "ramp_end_weight",
    "month_sd": "ramp_month_common",
    "month_weight": "ramp_month_weight",
    "deal_share": "ramp_order_share",
    "deal_power": "ramp_order_power",
    "deal_weight": "ramp_order_weight",
    "deal_cv2": "ramp_order_spread",
}
RAMP_KEYS = (*_CURVE, *_STRATEGIC, *_SPREADS, *_SINGLE.values())
_LEVELS = ("order_rate_month", "order_dear_effect", "order_strategic_factor", "order_vintage_year")
_WANDERS = ("order_spread", "order_walk_monthly", "order_noise_month")
_ENDS = ("order_end_monthly", "order_end_early")
_VALUES = ("order_value_spread", "order_value_one", "order_value_month")
ORDER_KEYS = (*_LEVELS, *_WANDERS, "order_walk_widest", *_ENDS, *_VALUES)


def log_sd(ends: Interval) -> float:
    """Standard deviation of the logarithm whose 80 % range is the given one."""
    return float(np.log(ends.high / ends.low) / (2.0 * width_of(_LEVEL)))


def _sd(ends: Interval) -> float:
    """Standard deviation whose 80 % range is the given one."""
    return (ends.high - ends.low) / (2.0 * width_of(_LEVEL))


def _point(ends: Interval) -> float:
    return ends.point


def _log(ends: Interval) -> float:
    return float(np.log(ends.point))


_Read = Callable[[Interval], float]
# logarithms of the first three, and a drift a month
_MIDDLE: tuple[_Read, ...] = (_log, _log, _log, _point)
_WIDTH: tuple[_Read, ...] = (log_sd, log_sd, log_sd, _sd)


@dataclass(frozen=True)
class OrderPrior:
    """Belief about orders, for the order model of a hundred partners and more.

    Parameters
    ----------
    coef, coef_sd : ndarray, shape (4,)
        Of (m, β, γ, κ): log orders a month, what dear orders, a strategic partner and a start a
        year later add.
    spread, spread_sd : ndarray, shape (3,)
        Logarithms of (s, a, w), and their standard deviations.
    widest_walk : float
        Largest a, the monthly standard deviation of the level's walk.
    death, death_sd : ndarray, shape (2,)
        Logarithms of (d, d_0) a month, and their standard deviations.
    value, value_sd : ndarray, shape (3,)
        Logarithms of (τ, c, o) of the worth of orders, of any currency.

    Examples
    --------
    >>> print(np.exp(OrderPrior().death))
    [0.015 0.1  ]
    """

    coef: Floats = field(default_factory=lambda: np.zeros(4))
    coef_sd: Floats = field(default_factory=lambda: np.array([2.0, 0.3, 0.7, 0.5]))
    spread: Floats = field(default_factory=lambda: np.log([1.2, 0.3, 0.3]))
    spread_sd: Floats = field(default_factory=lambda: np.array([0.5, 0.6, 0.6]))
    widest_walk: float = 0.4
    death: Floats = field(default_factory=lambda: np.log([0.015, 0.1]))
    death_sd: Floats = field(default_factory=lambda: np.array([0.7, 1.0]))
    value: Floats = field(default_factory=lambda: np.array([0.0, -0.3, -1.2]))
    value_sd: Floats = field(default_factory=lambda: np.array([0.6, 0.6, 0.6]))

    @classmethod
    def from_rows(cls, rows: Mapping[str, Interval]) -> OrderPrior:
        """Read the assumptions named in ``ORDER_KEYS``."""
        level, dear, strategic, vintage = (rows[key] for key in _LEVELS)
        return cls(
            coef=np.array([_log(level), dear.point, _log(strategic), vintage.point]),
            coef_sd=np.array([log_sd(level), _sd(dear), log_sd(strategic), _sd(vintage)]),
            spread=np.array([_log(rows[key]) for key in _WANDERS]),
            spread_sd=np.array([log_sd(rows[key]) for key in _WANDERS]),
            widest_walk=rows["order_walk_widest"].point,
            death=np.array([_log(rows[key]) for key in _ENDS]),
            death_sd=np.array([log_sd(rows[key]) for key in _ENDS]),
            value=np.array([_log(rows[key]) for key in _VALUES]),
            value_sd=np.array([log_sd(rows[key]) for key in _VALUES]),
        )


@dataclass(frozen=True)
class RampPrior:
    """What is believed of a client's partners before its own sales are seen. All assumptions.

    Parameters
    ----------
    mean : ndarray, shape (2, 4)
        Rows: a volume partner's (ln A, ln h, ln k, g), and what a strategic one adds. A is
        money per month at the ceiling, h months, g per month.
    mean_sd : ndarray, shape (2, 4)
        Standard deviations of ``mean``.
    spread : ndarray, shape (4,)
        Standard deviations between partners.
    spread_weight : float
        Partners this belief about ``spread`` is worth (inverse-Wishart weight).
    walk_sd, walk_weight : float
        Monthly standard deviation of the level's random walk, and its worth in months.
    churn, churn_weight : float
        Hazard per month, and its worth in partner-months.
    month_sd, month_weight : float
        Standard deviation of what a month does to all partners, on the logarithm, and its worth in
        months.
    deal_share, deal_power, deal_weight : float
        D is expected at ``deal_share`` * A ** ``deal_power`` in the scale of a typical partner,
        and this is worth ``deal_weight`` months per partner.
    deal_cv2 : float
        c², squared coefficient of variation of one order.
    any_currency : bool
        Whether A is moved to the median of the partners' mean sales, where some have sold.
    orders : OrderPrior
        Belief of the order model; that about beginners' ends is the ramps' as well.

    Examples
    --------
    >>> import dataclasses
    >>> prior = RampPrior()
    >>> float(np.exp(prior.mean[0, 0]).round())  # a month's sales of a volume partner, ramped up
    5000.0
    >>> dataclasses.replace(prior, churn=0.03).churn
    0.03
    """

    mean: Floats = field(
        default_factory=lambda: np.array(
            [[np.log(5000.0), np.log(4.0), 0.0, 0.0], [0.7, 0.4, 0.0, 0.0]]
        )
    )
    mean_sd: Floats = field(
        default_factory=lambda: np.array([[1.5, 0.5, 0.2, 0.01], [0.7, 0.4, 0.1, 0.005]])
    )
    spread: Floats = field(default_factory=lambda: np.array([1.2, 0.5, 0.2, 0.005]))
    spread_weight: float = 8.0
    walk_sd: float = 0.2
    walk_weight: float = 20.0
    churn: float = 0.015
    churn_weight: float = 40.0
    month_sd: float = 0.1
    month_weight: float = 12.0
    deal_share: float = 0.5
    deal_power: float = 0.5
    deal_weight: float = 4.0
    deal_cv2: float = 0.5
    any_currency: bool = False
    orders: OrderPrior = field(default_factory=OrderPrior)

    @classmethod
    def from_rows(cls, rows: Mapping[str, Interval]) -> RampPrior:
        """Read the assumptions named in ``RAMP_KEYS`` and ``ORDER_KEYS``."""
        curves = [[rows[key] for key in keys] for keys in (_CURVE, _STRATEGIC)]
        mean, sd = (
            np.array([[f(r) for f, r in zip(read, part, strict=True)] for part in curves])
            for read in (_MIDDLE, _WIDTH)
        )
        single: dict[str, Any] = {name: rows[key].point for name, key in _SINGLE.items()}
        return cls(
            mean=mean,
            mean_sd=sd,
            spread=np.array([rows[key].point for key in _SPREADS]),
            any_currency=True,
            orders=OrderPrior.from_rows(rows),
            **single,
        )
