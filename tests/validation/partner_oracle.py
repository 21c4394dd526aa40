"""What nobody can foretell of simulated partners: the score of one who knows how they are made.

Every law and every number of :func:`synthetic_partners.make_panel` is known to this forecast; only
what was drawn for a partner is not, and is weighed by the months seen. No method that has to learn
the laws as well can be expected to score lower, so that a goal below this score has no meaning.
"""

from __future__ import annotations

import numpy as np
from growth_curves import reached, season

from techalign.partners import PartnerPanel

WORTH_CV2 = np.expm1(0.36)
"""Squared coefficient of variation of one order."""
NEVER = 0.2


def by_oracle(
    panel: PartnerPanel, ahead: int, draws: int, rng: np.random.Generator, tried: int = 20_000
) -> np.ndarray:
    """Totals of the coming months, shape (draws, N), one partner at a time."""
    months = panel.revenue.shape[1]
    assert panel.deals is not None
    totals = np.zeros((draws, len(panel.partner)))
    for row, (money, orders) in enumerate(zip(panel.revenue, panel.deals, strict=True)):
        worth = _worth(money, orders, tried, rng)
        rate = _rates(orders, worth, months + ahead, rng)
        seen = rate[:, :months]
        with np.errstate(divide="ignore", invalid="ignore"):
            told = orders * np.log(seen / (3.0 + seen))
        log_p = np.where(orders > 0, told, 0.0) - 3.0 * np.log1p(seen / 3.0)
        log_p = log_p.sum(axis=1)
        weight = np.exp(log_p - log_p.max())
        pick = rng.choice(tried, draws, p=weight / weight.sum())
        coming = rate[pick, months:]
        made = rng.poisson(coming * rng.gamma(3.0, 1.0 / 3.0, coming.shape))
        totals[:, row] = _money(made, worth[pick, None], rng).sum(axis=1)
    return totals


def _worth(money: np.ndarray, orders: np.ndarray, tried: int, rng: np.random.Generator):
    """Draw a partner's mean order given its months, sums of orders taken as lognormal."""
    sold = orders > 0
    excess = np.log1p(WORTH_CV2 / orders[sold])
    seen = np.log(money[sold] / orders[sold]) + excess / 2.0
    precision = 1.0 / 0.25 + (1.0 / excess).sum()
    mean = (6.2 / 0.25 + (seen / excess).sum()) / precision
    return np.exp(mean + rng.standard_normal(tried) / np.sqrt(precision))


def _rates(orders: np.ndarray, worth: np.ndarray, months: int, rng: np.random.Generator):
    """Draw orders a month, shape (tried, months), by the laws of the simulation."""
    tried = len(worth)
    kind = rng.integers(0, 5, tried)[:, None]
    size = np.exp(rng.normal(8.3, 1.0, tried))[:, None]
    speed = np.exp(rng.normal(np.log(6.0), 0.5, tried))[:, None]
    # one that has sold began by then, and is none of those that never do
    sold = bool(orders.any())
    latest = float(np.argmax(orders > 0)) + 1.0 if sold else np.inf
    least = 1.0 / (1.0 + (latest / 3.0) ** 2.2)
    wait = np.floor(3.0 * (1.0 / rng.uniform(least, 1.0, tried) - 1.0) ** (1.0 / 2.2))
    if not sold:
        wait = np.where(rng.random(tried) < NEVER, months + 1.0, wait)
    since = np.arange(months) - wait[:, None]
    tenure = np.maximum(since + 0.5, 1e-6)
    stops = (rng.random(since.shape) < 0.03 / (1.0 + tenure / 6.0)) & (tenure > 1.0)
    noise = np.cumsum(0.12 * rng.standard_normal(since.shape), axis=1) - 0.1
    rate = size * reached(kind, tenure / speed) * season(np.arange(months)) * np.exp(noise)
    lives = (np.cumsum(stops, axis=1) == 0) & (since >= 0)
    return rate / worth[:, None] * lives


def _money(orders: np.ndarray, worth: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    excess = np.log1p(WORTH_CV2 / np.maximum(orders, 1))
    shift = rng.standard_normal(orders.shape) * np.sqrt(excess) - excess / 2.0
    return orders * worth * np.exp(shift)
