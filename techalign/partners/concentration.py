"""How much of the channel rests on few partners.

References
----------
[1] Gini, C. (1912). Variabilità e mutabilità. The coefficient is written in its sorted form.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

__all__ = ["gini", "top_share"]


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


def gini(revenue: ArrayLike) -> float:
    """Gini coefficient of the partners' sales [1].

    Parameters
    ----------
    revenue : array_like, shape (N,)
        Money per partner, 0 or more.

    Returns
    -------
    float
        0 when all sell the same, (N - 1)/N when one sells everything; nan without sales.
    """
    ordered = np.sort(np.asarray(revenue, dtype=float))
    total = ordered.sum()
    if total <= 0:
        return float("nan")
    rank = np.arange(1, ordered.size + 1)
    return float((2 * rank - ordered.size - 1) @ ordered / (ordered.size * total))
