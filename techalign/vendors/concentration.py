"""How much of what is at stake hangs on few vendors.

References
----------
[1] Hirschman, A. O. (1964). The paternity of an index. American Economic Review 54(5), 761-762.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError

__all__ = ["Concentration", "concentration"]


@dataclass(frozen=True)
class Concentration:
    """Herfindahl-Hirschman index of amounts [1].

    Attributes
    ----------
    hhi : float
        Sum of squared shares, 1/n (equal) to 1 (all in one); NaN if there is nothing.
    effective_number : float
        ``1 / hhi``: equal vendors that would give the same index; 0 if there is nothing.
    largest_share : float
        Share of the largest, 0 to 1; NaN if there is nothing.
    count : int
        Vendors with an amount above 0.

    Examples
    --------
    >>> concentration([1.0, 1.0]).effective_number
    2.0
    """

    hhi: float
    effective_number: float
    largest_share: float
    count: int


def concentration(amounts: ArrayLike) -> Concentration:
    """Concentration of amounts over vendors.

    Parameters
    ----------
    amounts : array_like, shape (n,)
        Losses, revenue shares or contributions to risk; not negative, in any one unit. They
        are divided by their sum, so shares of revenue that overlap need not add up to 1.

    Returns
    -------
    Concentration

    Raises
    ------
    ModelError
        If an amount is negative or missing.

    Examples
    --------
    >>> found = concentration([50.0, 30.0, 20.0])
    >>> round(found.hhi, 2), round(found.effective_number, 2), found.largest_share
    (0.38, 2.63, 0.5)
    """
    values = np.atleast_1d(np.asarray(amounts, dtype=float))
    bad = np.flatnonzero(~(values >= 0) | np.isinf(values))
    if bad.size:
        raise ModelError(
            f"amounts[{int(bad[0])}]", "must be a number of at least 0", value=values[bad[0]]
        )
    total = float(values.sum())
    if total == 0:
        nan = float("nan")
        return Concentration(hhi=nan, effective_number=0.0, largest_share=nan, count=0)
    share = values / total
    hhi = float(share @ share)
    return Concentration(
        hhi=hhi, effective_number=1.0 / hhi, largest_share=float(share.max()),
        count=int(np.count_nonzero(values)),
    )  # fmt: skip
