"""What a vendor's accounts say, where they are known: Altman's score for private firms.

References
----------
[1] Altman, E. I. (2000). Predicting financial distress of companies: revisiting the Z-score and
    ZETA models. The Z'' model for private firms and non-manufacturers; without the constant 3.25
    that is added for emerging markets only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AltmanScore", "accounts_table", "altman_zpp"]


ACCOUNTS = (
    "working_capital", "retained_earnings", "ebit", "total_assets", "total_liabilities",
)  # fmt: skip
MEANS = {
    "distress": "like firms that failed within two years",
    "grey": "between those that failed and those that did not",
    "safe": "like firms that did not fail",
}

WEIGHTS = (6.56, 3.26, 6.72, 1.05)
DISTRESS, SAFE = 1.10, 2.60


@dataclass(frozen=True, eq=False)
class AltmanScore:
    """Z'' of each vendor.

    Attributes
    ----------
    score : ndarray, shape (n,)
        NaN where a figure is missing.
    zone : list of str, length n
        ``distress`` (below 1.10), ``grey``, ``safe`` (above 2.60), or "" where unknown.

    Examples
    --------
    >>> altman_zpp(10, 10, 5, 20, total_assets=100, total_liabilities=80).zone
    ['grey']
    """

    score: Floats
    zone: list[str]


def altman_zpp(
    working_capital: ArrayLike,
    retained_earnings: ArrayLike,
    ebit: ArrayLike,
    equity: ArrayLike,
    *,
    total_assets: ArrayLike,
    total_liabilities: ArrayLike,
) -> AltmanScore:
    """Score Z'' = 6.56 X1 + 3.26 X2 + 6.72 X3 + 1.05 X4 [1].

    Parameters
    ----------
    working_capital, retained_earnings, ebit : array_like, shape (n,)
        Money, divided by total assets to give X1, X2, X3.
    equity : array_like, shape (n,)
        Book value, money, divided by total liabilities to give X4.
    total_assets, total_liabilities : array_like, shape (n,)
        Money, positive.

    Returns
    -------
    AltmanScore

    Raises
    ------
    ModelError
        If total assets or liabilities are not positive; the message names the row.

    Examples
    --------
    >>> found = altman_zpp(
    ...     [30, -5], [40, -20], [12, -3], [60, 5], total_assets=100, total_liabilities=[40, 95])
    >>> found.score.round(2).tolist(), found.zone
    ([5.65, -1.13], ['safe', 'distress'])
    """
    figures = [working_capital, retained_earnings, ebit, equity, total_assets, total_liabilities]
    arrays = np.broadcast_arrays(*(np.atleast_1d(np.asarray(a, dtype=float)) for a in figures))
    for name, values in (("total_assets", arrays[4]), ("total_liabilities", arrays[5])):
        bad = np.flatnonzero(values <= 0)
        if bad.size:
            raise ModelError(f"{name}[{bad[0]}]", "must be positive", value=float(values[bad[0]]))
    below = (arrays[4],) * 3 + (arrays[5],)
    score = sum(
        (w * part / base for w, part, base in zip(WEIGHTS, arrays[:4], below, strict=True)),
        start=np.zeros(arrays[0].shape),
    )
    zone = np.select([np.isnan(score), score < DISTRESS, score > SAFE],
                     ["", "distress", "safe"], "grey")  # fmt: skip
    return AltmanScore(score, [str(name) for name in zone])


def accounts_table(vendors: pd.DataFrame) -> pd.DataFrame:
    """Score the vendors whose accounts are in the register, the weakest first.

    Parameters
    ----------
    vendors : DataFrame
        Column vendor, and money in ``ACCOUNTS`` (NaN where unknown); the book value of equity is
        assets less liabilities. Columns may be missing.

    Returns
    -------
    DataFrame
        vendor, score, zone, means (in words); one row per vendor with all five figures.

    Raises
    ------
    ModelError
        If total assets or liabilities are not positive.

    Examples
    --------
    >>> import pandas as pd
    >>> register = pd.DataFrame({
    ...     "vendor": ["Ash", "Birch"], "working_capital": [-5.0, None],
    ...     "retained_earnings": [-20.0, None], "ebit": [-3.0, None],
    ...     "total_assets": [100.0, None], "total_liabilities": [95.0, None]})
    >>> accounts_table(register)[["vendor", "score", "zone"]].to_numpy().tolist()
    [['Ash', -1.13, 'distress']]
    """
    import pandas as pd

    columns = ["vendor", "score", "zone", "means"]
    if not set(ACCOUNTS) <= set(vendors.columns):
        return pd.DataFrame(columns=columns)
    known = vendors[vendors[list(ACCOUNTS)].notna().all(axis=1)]
    capital, kept, ebit, assets, owed = (known[name].to_numpy(float) for name in ACCOUNTS)
    found = altman_zpp(
        capital, kept, ebit, assets - owed, total_assets=assets, total_liabilities=owed
    )
    table = known[["vendor"]].assign(
        score=found.score.round(2), zone=found.zone, means=[MEANS.get(z, "") for z in found.zone]
    )
    return table.sort_values("score", kind="stable")
