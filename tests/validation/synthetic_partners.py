"""Partner forecasts scored on 500 simulated partners that no fitted family describes.

Run ``python tests/validation/synthetic_partners.py``. Curves are of five kinds, none of them the
one that is fitted; waits for the first sale are log-logistic, a fifth never sells; orders are
negative binomial and worth lognormal money; there is a season; old partners fade or stop. Scored is
each partner's total of the next twelve months, after six and twelve months under contract, beside
rules, one curve per partner, one logistic curve of all with ceilings of their own, AutoETS, and the
exact likelihood by NUTS on sixty of them; the last two are left out where ``statsforecast`` or
``numpyro`` is not installed. The oracle knows every law of the simulation (``partner_oracle.py``):
no method that has to learn them can be expected to score lower.
"""

from __future__ import annotations

import importlib.util
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
from growth_curves import logistic, mixed_logistic, reached, season
from partner_oracle import by_oracle

from techalign.numbers.streams import random_stream
from techalign.partners import (
    PartnerPanel,
    baselines,
    crps_sample,
    fit_activation,
    fit_ramp,
    forecast,
    panel_of,
    score_draws,
)

PARTNERS, MONTHS, AHEAD, NEVER = 500, 24, 12, 0.2
FEW = 60
DRAWS = 1000
GOALS = {6: 0.57, 12: 0.33}


def make_panel(count: int = PARTNERS, months: int = MONTHS, seed: str = "world") -> PartnerPanel:
    """Simulate partners signed together, by laws that nothing here fits."""
    rng = random_stream("validation", "partners", seed)
    kind = rng.integers(0, 5, count)
    size = np.exp(rng.normal(8.3, 1.0, count))
    speed = np.exp(rng.normal(np.log(6.0), 0.5, count))[:, None]
    wait = np.floor(3.0 * (1.0 / rng.random(count) - 1.0) ** (1.0 / 2.2))
    start = np.where(rng.random(count) < NEVER, months + 1.0, wait)[:, None]
    tenure = np.maximum(np.arange(months) - start + 0.5, 1e-6)
    x = tenure / speed
    grown = reached(kind[:, None], x)
    stops = rng.random((count, months)) < 0.03 / (1.0 + tenure / 6.0)
    lives = np.cumsum(stops & (tenure > 1.0), axis=1) == 0
    noise = np.cumsum(0.12 * rng.standard_normal((count, months)), axis=1)
    worth = np.exp(rng.normal(6.2, 0.5, count))[:, None]
    rate = size[:, None] * grown * season(np.arange(months)) * np.exp(noise - 0.1) / worth
    rate *= lives & (np.arange(months) >= start)
    orders = rng.poisson(rate * rng.gamma(3.0, 1.0 / 3.0, rate.shape)).astype(float)
    money = np.zeros(rate.shape)
    for row, month in zip(*np.nonzero(orders), strict=True):
        n = int(orders[row, month])
        money[row, month] = np.exp(rng.normal(-0.18, 0.6, n)).sum() * worth[row, 0]
    return panel_of(money, np.zeros(count, dtype=np.int64), deals=orders, first_month=2024 * 12)


def by_model(panel: PartnerPanel, rng: np.random.Generator) -> np.ndarray:
    """Totals by the model, shape (S, N)."""
    fit = fit_activation(panel), fit_ramp(panel)
    return forecast(*fit, AHEAD, DRAWS, rng).sum(axis=2)


def by_curves(panel: PartnerPanel, rng: np.random.Generator) -> np.ndarray:
    """Totals of a logistic curve per partner, with normal errors of its own residuals."""
    from scipy.optimize import curve_fit

    months = panel.revenue.shape[1]
    clock, ahead = np.arange(months) + 0.5, months + np.arange(AHEAD) + 0.5

    def curve(t: np.ndarray, a: float, h: float, k: float) -> np.ndarray:
        return a / (1.0 + np.exp(-np.clip((t - h) / k, -50, 50)))

    totals = np.zeros((200, len(panel.partner)))
    for row in np.flatnonzero(panel.active):
        y = panel.revenue[row]
        guess = [max(y.max(), 1.0), months / 2.0, 2.0]
        limits = ([0.0, -24.0, 0.2], [20.0 * guess[0], 60.0, 24.0])
        try:
            best, _ = curve_fit(curve, clock, y, guess, bounds=limits, maxfev=2000)
        except RuntimeError:
            best = np.array([y[-3:].mean(), -24.0, 0.2])
        off = np.std(y - curve(clock, *best)) * np.sqrt(AHEAD)
        totals[:, row] = curve(ahead, *best).sum() + off * rng.standard_normal(200)
    return np.maximum(totals, 0.0)


def by_mixed_logistic(panel: PartnerPanel, rng: np.random.Generator) -> np.ndarray:
    """Totals of one logistic curve from signing on, the ceiling varying between partners."""
    months = panel.revenue.shape[1]
    clock, ahead = np.arange(months) + 0.5, months + np.arange(AHEAD) + 0.5
    y, unit = panel.revenue, panel.revenue.max(axis=1).mean()
    found, _ = mixed_logistic(clock, y / unit, np.array([1.0, 6.0, 2.0]))
    ceiling, middle, scale, between, within = found
    g, later = logistic(clock, middle, scale), logistic(ahead, middle, scale).sum()
    variance = 1.0 / (1.0 / between**2 + g @ g / within**2)
    mean = variance * (ceiling / between**2 + (y / unit) @ g / within**2)
    noise = rng.standard_normal((2, 200, len(y)))
    total = (mean + np.sqrt(variance) * noise[0]) * later + within * np.sqrt(AHEAD) * noise[1]
    return np.maximum(total, 0.0) * unit


def by_statsforecast(name: str) -> Callable[[PartnerPanel, np.random.Generator], np.ndarray]:
    """Totals by a model of statsforecast, its monthly intervals taken as normal.

    Where it refuses so few months, the mean of the last three is carried on.
    """

    def run(panel: PartnerPanel, rng: np.random.Generator) -> np.ndarray:
        from statsforecast import models

        totals = np.zeros((200, len(panel.partner)))
        model = getattr(models, name)(season_length=1)
        for row in np.flatnonzero(panel.active):
            try:
                found = model.forecast(panel.revenue[row], h=AHEAD, level=[80])
            except NotImplementedError:  # it refuses so few months
                totals[:, row] = panel.revenue[row, -3:].mean() * AHEAD
                continue
            off = (found["hi-80"] - found["lo-80"]) / (2.0 * 1.2816)
            noise = rng.standard_normal((200, AHEAD)) * np.nan_to_num(off)
            totals[:, row] = np.maximum(np.nan_to_num(found["mean"]) + noise, 0.0).sum(axis=1)
        return totals

    return run


def by_nuts(panel: PartnerPanel, rng: np.random.Generator) -> np.ndarray:
    """Totals by NUTS with the exact compound likelihood: a Weibull ramp per partner, pooled.

    Partners start in the month of their first sale; of those yet to sell nothing is forecast, and
    there is neither a wandering level nor an end.
    """
    import jax
    import jax.numpy as jnp
    import numpyro
    import numpyro.distributions as law
    from jax.scipy.special import gammaln, logsumexp

    rows = np.flatnonzero(panel.active)
    money = panel.revenue[rows]
    months = money.shape[1]
    tenure = np.arange(months) - panel.first_sale[rows, None] + 0.5
    seen, n = tenure > 0, jnp.arange(1.0, 61.0)
    scale = float(money[money > 0].mean())

    def curve(theta: jax.Array, at: jax.Array) -> jax.Array:
        power = (at / jnp.exp(theta[:, 1:2])) ** jnp.exp(theta[:, 2:3])
        return jnp.exp(theta[:, :1]) * -jnp.expm1(-power)

    def model() -> None:
        mean = numpyro.sample("mean", law.Normal(jnp.array([0.0, 1.4, 0.0]), 1.0).to_event(1))
        sd = numpyro.sample("sd", law.HalfNormal(jnp.array([1.5, 0.7, 0.3])).to_event(1))
        z = numpyro.sample("z", law.Normal(0.0, 1.0).expand([len(rows), 3]).to_event(2))
        size = numpyro.sample("size", law.LogNormal(-1.0, 1.0))
        cv2 = numpyro.sample("cv2", law.LogNormal(-0.7, 0.5))
        theta = numpyro.deterministic("theta", mean + sd * z)
        rate = curve(theta, jnp.maximum(tenure, 0.5)) / size
        y = jnp.maximum(money / scale, 1e-9)[..., None]
        each = n * jnp.log(rate)[..., None] - rate[..., None] - gammaln(n + 1.0)
        each += (n / cv2 - 1.0) * jnp.log(y) - y / (cv2 * size)
        each -= gammaln(n / cv2) + n / cv2 * jnp.log(cv2 * size)
        told = jnp.where(money > 0, logsumexp(each, axis=-1), -rate)
        numpyro.factor("sales", jnp.where(seen, told, 0.0).sum())

    kernel = numpyro.infer.NUTS(model, target_accept_prob=0.85)
    chain = numpyro.infer.MCMC(kernel, num_warmup=300, num_samples=300, progress_bar=False)
    chain.run(jax.random.PRNGKey(int(rng.integers(2**31))))
    got = {name: np.asarray(values) for name, values in chain.get_samples().items()}
    totals = np.zeros((300, len(panel.partner)))
    ahead = tenure[:, -1:] + 1.0 + np.arange(AHEAD)
    for draw in range(300):
        size, cv2 = got["size"][draw], got["cv2"][draw]
        rate = np.asarray(curve(got["theta"][draw], ahead)) / size
        orders = rng.poisson(np.minimum(rate, 1e6))
        totals[draw, rows] = (rng.gamma(orders / cv2 + 1e-12) * cv2 * size * scale).sum(axis=1)
    return totals


def methods() -> dict[str, Callable[[PartnerPanel, np.random.Generator], np.ndarray]]:
    """All methods that are installed, by the name they are printed under."""
    found = {
        "model": by_model,
        "model, orders unknown": lambda p, rng: by_model(replace(p, deals=None), rng),
        "last 3 months": lambda p, rng: baselines(p, AHEAD, rng)["last 3 months"],
        "own months resampled": lambda p, rng: baselines(p, AHEAD, rng)["own months resampled"],
        "curve_fit each": by_curves,
        "mixed logistic, one stage": by_mixed_logistic,
        "oracle: knows every law": lambda p, rng: by_oracle(p, AHEAD, 500, rng, tried=6_000),
    }
    if importlib.util.find_spec("statsforecast"):
        found["AutoETS"] = by_statsforecast("AutoETS")
    return found


def score() -> pd.DataFrame:
    """Score every method after six and twelve months, one row each."""
    panel, rows = make_panel(), []
    for origin in GOALS:
        known = panel.as_of(origin)
        actual = panel.revenue[:, origin : origin + AHEAD].sum(axis=1)
        for name, method in methods().items():
            rng = random_stream("validation", "partners", name, str(origin))
            started = time.process_time()
            sample = method(known, rng)
            spent = time.process_time() - started
            of_partner = np.broadcast_to(sample, (max(len(sample), 2), len(actual)))
            log = crps_sample(np.log1p(of_partner / 100), np.log1p(actual / 100)).mean()
            told = {**score_draws(sample, actual), "log crps": log, "cpu s": spent}
            rows.append({"months": origin, "method": name, **told})
    return pd.DataFrame(rows)


def score_few() -> pd.DataFrame:
    """Score the model and NUTS on the same few partners; empty where numpyro is not installed."""
    if not importlib.util.find_spec("numpyro"):
        return pd.DataFrame()
    panel, rows = make_panel(FEW, seed="few"), []
    for origin in GOALS:
        known = replace(panel.as_of(origin), deals=None)
        sells = known.active
        actual = panel.revenue[:, origin : origin + AHEAD].sum(axis=1)
        for name, method in (("model, orders unknown", by_model), ("NUTS", by_nuts)):
            started = time.process_time()
            sample = method(known, random_stream("validation", "partners", name, str(origin)))
            spent = time.process_time() - started
            told = {**score_draws(sample[:, sells], actual[sells]), "cpu s": spent}
            rows.append({"months": origin, "method": name, **told})
    return pd.DataFrame(rows)


def main() -> int:
    """Print the tables."""
    pd.set_option("display.width", 160, "display.max_columns", 20)
    warnings.filterwarnings("ignore", category=RuntimeWarning)
    goals = ", ".join(f"{goal} after {months} months" for months, goal in GOALS.items())
    print(f"\n{PARTNERS} partners outside every fitted family, next 12 months (goal: CRPS {goals};")
    print("80 % coverage .76 to .84); the rules are points, or own months resampled")
    print(score().round(3).to_string(index=False))
    few = score_few()
    if few.empty:
        print("\nNUTS: numpyro is not installed")
    else:
        print(f"\nthose of {FEW} partners that have sold, beside NUTS with the exact likelihood")
        print(few.round(3).to_string(index=False))
    return 0


if __name__ == "__main__":
    sys.exit(main())
