"""How well forecasts of this kind would have done on a panel's own past, beside simple rules.

A forecast that cannot beat the mean of the last three months has no place in a report. Every
origin sees only what was known then.

References
----------
[1] Gneiting, T., Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
    estimation. Journal of the American Statistical Association 102, 359-378.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.partners.activation import fit_activation
from techalign.partners.assumptions import ActivationPrior
from techalign.partners.forecast import forecast
from techalign.partners.panel import PartnerPanel
from techalign.partners.priors import RampPrior
from techalign.partners.ramp import fit_ramp
from techalign.partners.scores import crps_sample

__all__ = ["backtest", "baselines", "score_draws"]


def backtest(
    panel: PartnerPanel,
    origins: Sequence[int],
    horizon_months: int,
    *,
    draws: int = 400,
    rng: np.random.Generator,
    activation_prior: ActivationPrior | None = None,
    ramp_prior: RampPrior | None = None,
) -> pd.DataFrame:
    """Score the model and the simple rules on each partner's total of the coming months.

    Parameters
    ----------
    panel : PartnerPanel
        N partners, T months.
    origins : sequence of int
        Numbers of months known, each 1 to T - ``horizon_months``.
    horizon_months : int
        Months forecast.
    draws : int
        Draws of the model.
    rng : numpy.random.Generator
    activation_prior, ramp_prior : optional
        As for the fits.

    Returns
    -------
    DataFrame
        One row per origin and method (``model``, ``last 3 months``, ``cohort curve``,
        ``own months resampled``): ``partners``, ``crps``, ``wape``, ``coverage``, ``bias``, as
        :func:`score_draws` gives them.

    Raises
    ------
    ModelError
        If an origin leaves too few months to compare with.

    Examples
    --------
    >>> from techalign.partners import panel_of
    >>> sold = np.random.default_rng(1).gamma(4.0, 250.0, (5, 12))
    >>> scores = backtest(
    ...     panel_of(sold, np.zeros(5, dtype=int)), [8], 4, draws=100, rng=np.random.default_rng(2))
    >>> scores[["origin", "method", "partners"]]
       origin                method  partners
    0       8                 model       5.0
    1       8         last 3 months       5.0
    2       8          cohort curve       5.0
    3       8  own months resampled       5.0
    """
    rows = []
    for origin in origins:
        if not 1 <= origin <= panel.revenue.shape[1] - horizon_months:
            raise ModelError("origins", "leaves too few months on a side", value=origin)
        known = panel.as_of(origin)
        known = known.select(~known.ended)
        place = np.isin(panel.partner, known.partner)
        actual = panel.revenue[place, origin : origin + horizon_months].sum(axis=1)
        ramp = fit_ramp(known, ramp_prior)
        activation = fit_activation(known, activation_prior)
        model = forecast(activation, ramp, horizon_months, draws, rng).sum(axis=2)
        methods = {"model": model, **baselines(known, horizon_months, rng)}
        for method, sample in methods.items():
            rows.append({"origin": origin, "method": method, **score_draws(sample, actual)})
    return pd.DataFrame(rows)


def baselines(
    panel: PartnerPanel, horizon_months: int, rng: np.random.Generator, draws: int = 200
) -> dict[str, Floats]:
    """Forecast each partner's total by rules that need no model.

    Parameters
    ----------
    panel : PartnerPanel
        N partners, T months.
    horizon_months : int
    rng : numpy.random.Generator
    draws : int
        S of the resampling rule.

    Returns
    -------
    dict of str to ndarray, shape (1 or S, N)
        ``last 3 months``: their mean carried on. ``cohort curve``: the mean sales by months
        since signing, scaled to the partner's own sales so far. ``own months resampled``: draws
        of the partner's last six months; zero after three silent ones.

    Examples
    --------
    >>> from techalign.partners import panel_of
    >>> panel = panel_of(np.array([[6.0, 0.0, 3.0, 6.0, 9.0]]), np.array([0]))
    >>> rules = baselines(panel, 2, np.random.default_rng(1))
    >>> rules["last 3 months"].tolist()
    [[12.0]]
    >>> rules["own months resampled"].shape
    (200, 1)
    """
    months = panel.revenue.shape[1]
    age = np.minimum(months - panel.contract_month, months)
    recent = panel.revenue[:, -3:].sum(axis=1)
    mean3 = horizon_months * recent / np.clip(age, 1, 3)
    window = np.clip(age, 1, 6)
    pick = (
        months - 1 - (rng.random((draws, len(age), horizon_months)) * window[:, None]).astype(int)
    )
    own = panel.revenue[np.arange(len(age))[:, None], pick].sum(axis=2)
    own = np.where((recent == 0) & (age >= 3), 0.0, own)
    return {
        "last 3 months": mean3[None],
        "cohort curve": _cohort_curve(panel, horizon_months)[None],
        "own months resampled": own,
    }


def _cohort_curve(panel: PartnerPanel, horizon: int) -> Floats:
    """Mean sales by contract month, flat beyond the oldest, scaled to each partner so far."""
    months = panel.revenue.shape[1]
    age = np.arange(months) - panel.contract_month[:, None]
    row, column = np.nonzero(panel.mask & (age >= 0))
    length = int(age.max()) + 1 if age.size else 0
    total, count = np.zeros(length + horizon), np.zeros(length + horizon)
    np.add.at(total, age[row, column], panel.revenue[row, column])
    np.add.at(count, age[row, column], 1.0)
    curve = total / np.maximum(count, 1.0)
    curve[length:] = curve[length - 1] if length else 0.0
    so_far = curve.cumsum()[age[:, -1]]
    ahead = np.stack([curve[age[:, -1] + step] for step in range(1, horizon + 1)], axis=1)
    ratio = panel.revenue.sum(axis=1) / np.where(so_far > 0, so_far, 1.0)
    scaled: Floats = ahead.sum(axis=1) * ratio
    return scaled


def score_draws(sample: Floats, actual: Floats, level: float = 0.8) -> dict[str, float]:
    """Score drawn totals of N partners.

    Parameters
    ----------
    sample : ndarray, shape (S, N)
        S = 1 for a point forecast.
    actual : ndarray, shape (N,)
    level : float
        Probability the interval claims.

    Returns
    -------
    dict
        ``partners``; ``crps`` and ``wape`` (of the median) as shares of the actual total;
        ``coverage`` of the equal-tailed interval; ``bias``, total of the means over the actual
        total, less 1.

    Examples
    --------
    >>> drawn = np.array([[0.0, 10.0], [5.0, 20.0], [10.0, 30.0]])
    >>> score = score_draws(drawn, np.array([5.0, 45.0]))
    >>> score["coverage"], score["wape"], score["bias"]
    (0.5, 0.5, -0.5)
    """
    tail = (1.0 - level) / 2.0
    low, mid, high = np.quantile(sample, [tail, 0.5, 1.0 - tail], axis=0, method="nearest")
    total = actual.sum() if actual.sum() > 0 else np.nan
    return {
        "partners": float(actual.size),
        "crps": float(crps_sample(sample, actual).sum() / total),
        "wape": float(np.abs(mid - actual).sum() / total),
        "coverage": float(((actual >= low) & (actual <= high)).mean()),
        "bias": float(sample.mean(axis=0).sum() / total - 1.0),
    }
