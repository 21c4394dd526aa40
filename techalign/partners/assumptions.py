"""What the partner models believe before a client's own sales are seen, read off one table.

Every value here is either published, measured elsewhere or nobody's knowledge at all; a report
lists the rows it used (:attr:`PartnerAssumptions.keys`), so that a reader can doubt them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval
from techalign.partners.priors import ORDER_KEYS, RAMP_KEYS, RampPrior, log_sd

__all__ = ["ACTIVATION_KEYS", "ActivationPrior", "PartnerAssumptions"]

ACTIVATION_KEYS = (
    "partner_never_sells",
    "partner_start_months",
    "partner_strategic_slower",
    "partner_start_shape",
)


@dataclass(frozen=True)
class ActivationPrior:
    """Belief before any first sale is seen: an assumption, named in the notes where it weighs.

    Parameters
    ----------
    pi, pi_sd : float
        Share that never sells, and the standard deviation of its logit.
    a_months, a_sd : float
        Time scale of a volume partner's wait beyond one sales cycle, and the standard deviation
        of its logarithm.
    strategic, strategic_sd : float
        How many times longer strategic partners take, and the standard deviation of its
        logarithm.
    b, b_sd : float
        Weibull shape, and the standard deviation of its logarithm.

    Examples
    --------
    >>> print(ActivationPrior(pi=0.5).mean.round(2))
    [0.   1.39 0.69 0.  ]
    """

    pi: float = 0.4
    pi_sd: float = 1.0
    a_months: float = 4.0
    a_sd: float = 0.7
    strategic: float = 2.0
    strategic_sd: float = 0.5
    b: float = 1.0
    b_sd: float = 0.3

    @property
    def mean(self) -> Floats:
        """(logit π, ln a, ln of the strategic factor, ln b)."""
        return np.array(
            [
                np.log(self.pi / (1 - self.pi)),
                np.log(self.a_months),
                np.log(self.strategic),
                np.log(self.b),
            ]
        )

    @property
    def sd(self) -> Floats:
        """Standard deviations of :attr:`mean`."""
        return np.array([self.pi_sd, self.a_sd, self.strategic_sd, self.b_sd])

    @classmethod
    def from_rows(cls, rows: Mapping[str, Interval]) -> ActivationPrior:
        """Turn four assumptions into laws whose 80 % range is the stated one."""
        never, wait, slower, shape = (rows[key] for key in ACTIVATION_KEYS)
        odds = Interval(*(p / (1 - p) for p in (never.point, never.low, never.high)))
        return cls(
            pi=never.point,
            pi_sd=log_sd(odds),
            a_months=wait.point,
            a_sd=log_sd(wait),
            strategic=slower.point,
            strategic_sd=log_sd(slower),
            b=shape.point,
            b_sd=log_sd(shape),
        )


@dataclass(frozen=True, kw_only=True)
class PartnerAssumptions:
    """The rows of the table of assumptions that partner models read.

    Parameters
    ----------
    rows : mapping of str to Interval
        Value with low and high, by key.

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "key": ["partner_never_sells", "partner_start_months", "partner_strategic_slower",
    ...             "partner_start_shape"],
    ...     "value": [0.5, 4.0, 2.0, 1.0], "low": [0.2, 2.0, 1.0, 0.7],
    ...     "high": [0.8, 8.0, 4.0, 1.4]})
    >>> known = PartnerAssumptions.from_table(table)
    >>> known.activation.pi, round(known.activation.a_sd, 2)
    (0.5, 0.54)
    >>> known["partner_start_months"].high
    8.0
    """

    rows: Mapping[str, Interval] = field(default_factory=dict)

    @classmethod
    def from_table(cls, assumptions: pd.DataFrame) -> PartnerAssumptions:
        """Read a table with columns key, value, low, high; an end left out is the value."""
        columns = (assumptions[name].tolist() for name in ("key", "value", "low", "high"))
        return cls(
            rows={
                key: Interval(
                    value, value if np.isnan(low) else low, value if np.isnan(high) else high, 1.0
                )
                for key, value, low, high in zip(*columns, strict=True)
            }
        )

    def __getitem__(self, key: str) -> Interval:
        """Give one assumption.

        Raises
        ------
        ModelError
            If the table has no such row.
        """
        if key not in self.rows:
            raise ModelError(
                "assumptions", f"has no row {key!r}", remedy="Restore assumptions.csv."
            )
        return self.rows[key]

    @property
    def activation(self) -> ActivationPrior:
        """Belief about first sales; the documented defaults where no table was given."""
        if not self.rows:
            return ActivationPrior()
        return ActivationPrior.from_rows({key: self[key] for key in ACTIVATION_KEYS})

    @property
    def ramp(self) -> RampPrior:
        """Belief about ramps and orders; the documented defaults where no table was given."""
        if not self.rows:
            return RampPrior(any_currency=True)
        return RampPrior.from_rows({key: self[key] for key in (*RAMP_KEYS, *ORDER_KEYS)})
