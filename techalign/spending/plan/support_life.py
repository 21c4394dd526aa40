"""When security support ends: the day announced, or a predicted one with its interval.

Where nothing is announced, the time from release to the end of support is predicted from that of
similar products. Its logarithm is taken as spread around a mean with a heavy-tailed law, Student's
t with few degrees of freedom, whose middle comes from published quartiles or, where makers' past
cycles are known, from :func:`fit_support_life`; and it is known to exceed the time that has passed.

References
----------
[1] Gelman et al. 2013, Bayesian Data Analysis, ch. 5: partial pooling of groups.
[2] endoflife.date, release cycles and ends of support.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.periods import DAYS_PER_YEAR

__all__ = ["SupportLife", "end_of_life", "fit_support_life"]

TAIL = 3.0
"""Degrees of freedom of the spread: support lives have far more extremes than a lognormal law."""
_GAP_DAYS = 730
_QUARTILE = 0.7649  # upper quartile of Student's t with 3 degrees of freedom


@dataclass(frozen=True, kw_only=True)
class SupportLife:
    """Means of log support life by product, pooled; spread around them.

    Attributes
    ----------
    mean : float
        Of all, log years.
    groups : dict
        (product, long-term) and (product, None) to (pooled mean of log years, mean of the last
        three cycles of that kind or NaN).
    scale : float
        Of Student's t around a prediction.
    """

    mean: float
    groups: dict[tuple[str, bool | None], tuple[float, float]]
    scale: float

    def centre(self, product: str, long_term: bool) -> float:
        """Log years predicted for a new cycle of a product."""
        for key in ((product, long_term), (product, None)):
            if key in self.groups:
                pooled, last = self.groups[key]
                return pooled if np.isnan(last) else (pooled + last) / 2.0
        return self.mean

    def predict(
        self, product: Sequence[str], long_term: Sequence[bool], passed: Floats, level: float = 0.8
    ) -> pd.DataFrame:
        """Years from release to the end of support, given that it has not ended yet.

        Parameters
        ----------
        product, long_term : sequences, length n
        passed : ndarray, shape (n,)
            Years since release.
        level : float
            Probability inside the interval.

        Returns
        -------
        DataFrame, n rows
            ``point``, ``low``, ``high``.
        """
        centre = np.array(
            [self.centre(p, bool(long)) for p, long in zip(product, long_term, strict=True)]
        )
        return _still_ahead(centre, np.full(len(centre), self.scale), passed, level)


def fit_support_life(
    cycles: pd.DataFrame, as_of: dt.date, half_life: float = 3.0, pooling: float = 2.0
) -> SupportLife:
    """Learn support lives from past release cycles.

    Means are pooled: a product's towards that of all, its long-term cycles' towards its own, by
    ``pooling`` cycles' worth [1]. A cycle counts half for every ``half_life`` years since release.

    Parameters
    ----------
    cycles : DataFrame
        ``product``, ``long_term`` (bool), ``release``, ``end`` (days).
    as_of : date
    half_life : float
        Years.
    pooling : float
        Cycles.

    Returns
    -------
    SupportLife

    Raises
    ------
    ModelError
        If no cycle ends after its release.

    Examples
    --------
    >>> cycles = pd.DataFrame({
    ...     "product": ["os"] * 3 + ["db"] * 3, "long_term": False,
    ...     "release": pd.to_datetime(["2018-01-01", "2019-01-01", "2020-01-01"] * 2),
    ...     "end": pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01",
    ...                            "2023-01-01", "2024-01-01", "2025-01-01"])})
    >>> life = fit_support_life(cycles, dt.date(2022, 1, 1))
    >>> life.predict(["os", "db"], [False, False], np.zeros(2))["point"].round(1).tolist()
    [2.2, 4.6]
    """
    years = (cycles["end"] - cycles["release"]).dt.days / DAYS_PER_YEAR
    known = cycles.assign(log=np.log(years.where(years > 0))).dropna(subset=["log"])
    if known.empty:
        raise ModelError("cycles", "has no cycle that ends after its release")
    age = (pd.Timestamp(as_of) - known["release"]).dt.days / DAYS_PER_YEAR
    known = known.assign(weight=0.5 ** (age.clip(lower=0.0) / half_life)).sort_values("release")
    mean = float(np.average(known["log"], weights=known["weight"]))
    groups: dict[tuple[str, bool | None], tuple[float, float]] = {}
    errors: list[Floats] = []
    for product, rows in known.groupby("product", sort=True):
        own = _pooled(rows, mean, pooling)
        groups[str(product), None] = (own, _last_three(rows))
        for long_term, some in rows.groupby("long_term", sort=True):
            groups[str(product), bool(long_term)] = (_pooled(some, own, pooling), _last_three(some))
            errors.append(_ahead(some, mean, pooling))
    spread = np.abs(np.concatenate(errors))
    # the scale at which four fifths of errors so far ahead lie inside
    scale = float(np.quantile(spread, 0.8)) / 1.6377 if spread.size else 0.5
    return SupportLife(mean=mean, groups=groups, scale=max(scale, 0.02))


def _pooled(rows: pd.DataFrame, towards: float, pooling: float) -> float:
    weight = rows["weight"].to_numpy()
    total = float((rows["log"].to_numpy() * weight).sum()) + pooling * towards
    return total / (float(weight.sum()) + pooling)


def _last_three(rows: pd.DataFrame) -> float:
    return float(rows["log"].iloc[-3:].mean()) if len(rows) else float("nan")


def _ahead(rows: pd.DataFrame, towards: float, pooling: float) -> Floats:
    """Errors of predicting each cycle from those of its kind released two years before or more.

    A prediction is made for what is in use for years: one cycle ahead would look too easy.
    """
    log, weight = rows["log"].to_numpy(), rows["weight"].to_numpy()
    days = rows["release"].to_numpy()
    found = []
    for i in range(len(log)):
        before = days <= days[i] - np.timedelta64(_GAP_DAYS, "D")
        pooled = (log[before] @ weight[before] + pooling * towards) / (
            weight[before].sum() + pooling
        )
        last = log[before][-3:].mean() if before.any() else pooled
        found.append(log[i] - (pooled + last) / 2.0)
    return np.array(found)


def _still_ahead(centre: Floats, scale: Floats, passed: Floats, level: float) -> pd.DataFrame:
    """Quantiles of exp(t law) given that it exceeds the time passed."""
    from scipy.special import stdtr, stdtrit

    begun = np.log(np.maximum(passed, 1e-6))
    below = stdtr(TAIL, (begun - centre) / scale)
    quantiles = {"point": 0.5, "low": (1.0 - level) / 2.0, "high": (1.0 + level) / 2.0}
    return pd.DataFrame(
        {
            name: np.exp(centre + scale * stdtrit(TAIL, below + q * (1.0 - below)))
            for name, q in quantiles.items()
        }
    )


def end_of_life(
    assets: pd.DataFrame, kinds: pd.DataFrame, as_of: dt.date, level: float = 0.8
) -> pd.DataFrame:
    """When security support of each piece of technology ends, or is likely to.

    Parameters
    ----------
    assets : DataFrame, m rows
        ``capability``, ``in_service``, ``end_of_life`` (day, missing where not announced).
    kinds : DataFrame
        Published support lives: ``kind``, ``median_years``, ``low``, ``high`` (quartiles, may be
        missing), ``capabilities`` (of the assets it fits, separated by ;).
    as_of : date
    level : float
        Probability inside the interval of a prediction.

    Returns
    -------
    DataFrame, m rows
        ``end``, ``end_low``, ``end_high`` (days; missing where nothing is known), ``known``
        ("announced", "predicted", "unknown"). A prediction takes the first day of use for the
        release, so it is rather late; what is used longer than such things are supported is given
        what is left to those that got so old.

    Examples
    --------
    >>> assets = pd.DataFrame({
    ...     "capability": ["computers", "computers", "ladder"],
    ...     "in_service": pd.to_datetime(["2019-01-01", "2025-01-01", "2020-01-01"]),
    ...     "end_of_life": pd.to_datetime(["2025-10-14", None, None])})
    >>> kinds = pd.DataFrame({"kind": ["device"], "median_years": 4.1, "low": 3.1, "high": 6.0,
    ...     "capabilities": "computers;mobile"})
    >>> found = end_of_life(assets, kinds, dt.date(2026, 6, 30))
    >>> found["known"].tolist(), found["end"].dt.year.fillna(0).astype(int).tolist()
    (['announced', 'predicted', 'unknown'], [2025, 2029, 0])
    """
    usual = {
        word.strip(): row
        for row in kinds.to_dict("records")
        for word in str(row["capabilities"] or "").split(";")
        if word.strip() and row["low"] == row["low"]
    }
    announced = pd.to_datetime(assets["end_of_life"]).reset_index(drop=True)
    of = [usual.get(str(word).strip().casefold()) for word in assets["capability"]]
    rows = np.array([i for i, kind in enumerate(of) if kind and pd.isna(announced[i])], dtype=int)
    ends = {name: announced.to_numpy(copy=True) for name in ("end", "end_low", "end_high")}
    known = np.where(announced.notna(), "announced", "unknown").astype(object)
    if rows.size:
        begun = pd.to_datetime(assets["in_service"]).reset_index(drop=True)[rows]
        chosen = [of[i] for i in rows]
        centre = np.array([np.log(float(kind["median_years"])) for kind in chosen if kind])
        spread = np.array([np.log(float(k["high"]) / float(k["low"])) for k in chosen if k])
        used = (pd.Timestamp(as_of) - begun).dt.days / DAYS_PER_YEAR
        passed = np.asarray(used, dtype=np.float64)
        years = _still_ahead(centre, spread / (2.0 * _QUARTILE), passed, level)
        for name, column in (("end", "point"), ("end_low", "low"), ("end_high", "high")):
            days = pd.to_timedelta((years[column].to_numpy() * DAYS_PER_YEAR).round(), unit="D")
            ends[name][rows] = (begun.to_numpy() + days.to_numpy()).astype("datetime64[ns]")
        known[rows] = "predicted"
    return pd.DataFrame({**ends, "known": known})
