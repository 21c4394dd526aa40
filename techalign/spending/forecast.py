"""What the next twelve months will cost, by category and month, with intervals.

Fixed charges that run are laid out on their due days; what the ledger cannot foresee charge by
charge is a level that moves slowly, times the season of the calendar month, with a part of what the
years before tell of growth. Large purchases made once give no level: they come at the rate at
which they came. A month without data is missing, never zero.

Notation
--------
y_t   money of month t without fixed charges and single purchases; missing where not observed
s_m   season of calendar month m: (sum of y / mean + k) / (n + k), shrunk by k months, mean 1
L     level: sum of w y / sum of w s, weights w halving every H months; a is its mean age in months
g     growth a year: d log(level of the last 12 / level of the 24 before) / 1.5 + g0
F_t   forecast: L exp(g (a + t) / 12) s_t + single purchases a month + fixed charges due

References
----------
[1] Gardner (2006), "Exponential smoothing: the state of the art, part II", International
    Journal of Forecasting 22: damped growth.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from statistics import NormalDist

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending.recurring.due import HORIZON, calendar_months, charges_due
from techalign.spending.recurring.streams import Streams

__all__ = ["ForecastOptions", "SpendForecast", "forecast_spend"]

_COLUMNS = ("category", "last_year", "expected", "low", "high", "change", "fixed", "compared")


@dataclass(frozen=True, kw_only=True)
class ForecastOptions:
    """Assumptions of the forecast; the defaults were measured on the ledgers of two councils.

    Parameters
    ----------
    growth : float
        Growth a year that is expected before the ledger is asked, 0.02 for 2 %.
    damping : float
        Share of the growth seen that is believed, 0 to 1.
    half_life : float
        Months after which a month counts half for the level.
    season_months : float
        Months of no season that the season of a calendar month is shrunk by.
    single_share : float
        A vendor paid in one month only, with at least this share of a year's money, was a
        purchase made once.
    error, error_folds : float
        Relative standard error of a year's money before the ledger's own past forecasts are
        asked, and how many of those it weighs.
    fixed_error : float
        Relative standard error of the charges that run.
    month_scatter, scatter_months : float
        Relative standard deviation of one month's money before a year was seen, and how many
        months that belief weighs beside those that were.
    level : float
        Probability inside the intervals, 0 to 1.
    """

    growth: float = 0.02
    damping: float = 0.2
    half_life: float = 36.0
    season_months: float = 3.0
    single_share: float = 0.05
    error: float = 0.2
    error_folds: float = 4.0
    fixed_error: float = 0.06
    month_scatter: float = 0.8
    scatter_months: float = 3.0
    level: float = 0.8


@dataclass(frozen=True)
class SpendForecast:
    """Money of the next twelve months.

    Attributes
    ----------
    total : Interval
        Money of the twelve months.
    by_category : DataFrame
        One row per category, the dearest first: category, last_year (money of the last 12
        months; NaN where none of them was observed), expected, low, high, change (compared -
        last_year), fixed (part of expected that fixed charges and agreements make), compared
        (part of expected in the calendar months that were observed the year before).
    budget : DataFrame
        One row per category and month: category, month (first day), expected, last_year (of the
        same calendar month a year before; NaN where it was not observed).
    months : DataFrame
        One row per month: month (first day), expected, low, high, last_year.
    history : DataFrame
        One row per month with data: month (first day), value (money).
    missing : tuple of date
        First days of the months since the first row for which the ledger has no data.
    seen_to : date or None
        First day of the last month with data.
    fixed_share : float
        Share of the total that fixed charges and agreements make, 0 to 1.
    error : float
        Relative standard error of the total.

    Examples
    --------
    >>> rows = pd.DataFrame({"date": pd.date_range("2024-01-15", periods=24, freq="MS"),
    ...     "vendor": "Oak IT", "amount": 100.0, "category": "IT services"})
    >>> found = forecast_spend(rows, dt.date(2026, 1, 31), options=ForecastOptions(growth=0.0))
    >>> round(found.total.point), len(found.budget), [str(day) for day in found.missing]
    (1200, 12, [])
    """

    total: Interval
    by_category: pd.DataFrame
    budget: pd.DataFrame
    months: pd.DataFrame
    history: pd.DataFrame
    missing: tuple[dt.date, ...]
    seen_to: dt.date | None
    fixed_share: float
    error: float

    def table(self) -> pd.DataFrame:
        """Give the budget as a sheet: a row per category, a column per month, and last year's."""
        money = self.budget["expected"].to_numpy().reshape(-1, HORIZON)
        months = [f"{day:%b %Y}" for day in self.months["month"]]
        own = self.by_category[["category", "last_year", "expected", "change", "low", "high"]]
        return pd.concat([own, pd.DataFrame(money, columns=months)], axis=1)


@dataclass(frozen=True)
class _History:
    """Money per category and month, months numbered from the first observed to the day's."""

    money: np.ndarray  # (categories, months)
    singles: np.ndarray  # (categories,), all purchases made once
    seen: np.ndarray  # (months,), whether there are data
    first: int  # months since 1970 of the first
    categories: tuple[str, ...]

    @property
    def calendar(self) -> np.ndarray:
        return (self.first + np.arange(self.seen.size)) % 12


def forecast_spend(
    rows: pd.DataFrame,
    as_of: dt.date,
    *,
    streams: Streams | None = None,
    agreements: pd.DataFrame | None = None,
    observed: Collection[dt.date] | None = None,
    options: ForecastOptions | None = None,
) -> SpendForecast:
    """Forecast the money of the twelve months after ``as_of``.

    Parameters
    ----------
    rows : DataFrame, n rows
        date, vendor, amount (money, credits negative), category; later rows take no part.
    as_of : date
        The first month forecast is the one after this day's.
    streams : Streams, optional
        Of the ledger the rows are from, with the same index.
    agreements : DataFrame, optional
        vendor, category, start, end (days), auto_renew, annual_price, uplift (NaN: growth).
        An agreement whose vendor was paid nothing in the last year adds its yearly price; the
        others say when a running charge rises.
    observed : collection of date, optional
        Days in months with data; by default the months with a row. A month of ``rows`` without a
        row is a zero only if it is observed. The month of ``as_of`` counts if it has ended.
    options : ForecastOptions, optional

    Returns
    -------
    SpendForecast

    Raises
    ------
    ModelError
        If a column is missing, or no month before the forecast was observed.

    Examples
    --------
    A ledger that ends in June is silent in July and August, not empty.

    >>> rows = pd.DataFrame({"date": pd.date_range("2024-07-15", periods=24, freq="MS"),
    ...     "vendor": "Oak IT", "amount": 100.0, "category": "IT services"})
    >>> found = forecast_spend(rows, dt.date(2026, 9, 30), options=ForecastOptions(growth=0.0))
    >>> round(found.total.point), found.missing[-1].isoformat()
    (1200, '2026-09-01')
    """
    chosen = options or ForecastOptions()
    missing = [c for c in ("date", "vendor", "amount", "category") if c not in rows]
    if missing:
        raise ModelError("rows", f"has no column {', '.join(missing)}")
    start = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).to_period("M").ordinal
    part_month = (pd.Timestamp(as_of) + pd.Timedelta(days=1)).day != 1
    start += int(part_month)
    past = rows[rows["date"] <= pd.Timestamp(as_of)]
    fixed_rows, fixed = charges_due(past, start, streams, agreements, growth=chosen.growth)
    history = _history(past, start, part_month, observed, replace(chosen, single_share=np.inf))
    rest = _history(past[~fixed_rows], start, part_month, observed, chosen, like=history)
    unseen = _expected(rest, chosen)
    scheduled = np.array([fixed.get(c, np.zeros(HORIZON)) for c in history.categories])
    error = _own_error(rest, chosen)
    return _tell(history, unseen, scheduled.reshape(-1, HORIZON), error, chosen)


def _history(
    rows: pd.DataFrame,
    start: int,
    part_month: bool,
    observed: Collection[dt.date] | None,
    options: ForecastOptions,
    like: _History | None = None,
) -> _History:
    month = calendar_months(rows["date"])
    if like is None:
        seen_months = month
        if observed is not None:
            days = np.array(list(observed), dtype="datetime64[M]")
            seen_months = days.astype(np.int64)
        seen_months = np.unique(seen_months)
        seen_months = seen_months[seen_months < start - int(part_month)]
        if seen_months.size == 0:
            raise ModelError(
                "rows", "has no whole month before the forecast", remedy="Add earlier payments."
            )
        first = int(seen_months[0])
        seen = np.zeros(start - first, dtype=bool)
        seen[seen_months - first] = True
        categories = tuple(sorted(set(rows["category"])))
    else:
        first, seen, categories = like.first, like.seen, like.categories
    inside = (month >= first) & (month < start)
    inside[inside] &= seen[month[inside] - first]
    month = month[inside]
    number = {name: i for i, name in enumerate(categories)}
    code = np.array([number[c] for c in rows["category"].to_numpy()[inside]], dtype=np.int64)
    amount = rows["amount"].to_numpy(dtype=float)[inside]
    vendor = rows["vendor"].to_numpy(dtype=object)[inside]
    single = _single(vendor, month, amount, int(seen.sum()), options)
    money = np.zeros((len(categories), seen.size))
    np.add.at(money, (code[~single], month[~single] - first), amount[~single])
    singles = np.bincount(code[single], weights=amount[single], minlength=len(categories))
    return _History(money, singles, seen, first, categories)


def _single(
    vendor: np.ndarray,
    month: np.ndarray,
    amount: np.ndarray,
    months_seen: int,
    options: ForecastOptions,
) -> np.ndarray:
    """Tell which rows belong to a large purchase made once."""
    if not amount.size:
        return np.zeros(0, dtype=bool)
    code, names = pd.factorize(vendor)
    pairs = np.unique(np.column_stack([code, month]), axis=0)
    months_paid = np.bincount(pairs[:, 0], minlength=len(names))
    paid = np.bincount(code, weights=amount, minlength=len(names))
    yearly = amount.sum() / max(months_seen, 1) * 12
    once: np.ndarray = (months_paid == 1) & (paid >= options.single_share * yearly)
    # a history of a few months has not had the time to show that anything comes back
    return once[code] & (months_seen > 12)


def _expected(history: _History, options: ForecastOptions) -> np.ndarray:
    """Money of each category and month ahead, without fixed charges; shape (categories, 12)."""
    total = np.where(history.seen, history.money.sum(axis=0), np.nan)
    ahead = (history.first + history.seen.size + np.arange(HORIZON)) % 12
    season = _season(total, history.calendar, options.season_months)
    level = _level(total, season[history.calendar], options)
    months = int(history.seen.sum())
    singles = history.singles.sum() / months
    month = level * season[ahead] + singles
    share = _shares(history, options)
    return np.outer(share, month)


def _season(total: np.ndarray, calendar: np.ndarray, shrink: float) -> np.ndarray:
    recent = slice(-60, None)
    total, calendar = total[recent], calendar[recent]
    seen = np.isfinite(total)
    mean = total[seen].mean() if seen.any() else 0.0
    if seen.sum() < 12 or mean <= 0:
        return np.ones(12)
    relative = np.bincount(calendar[seen], weights=total[seen] / mean, minlength=12)
    count = np.bincount(calendar[seen], minlength=12)
    season = np.maximum((relative + shrink) / (count + shrink), 0.05)
    return np.asarray(season / season.mean())


def _level(money: np.ndarray, season: np.ndarray, options: ForecastOptions) -> np.ndarray:
    """Money a month ahead, without season: the level, grown to the middle of each month.

    A ratio of sums: where bills come each quarter and the season, shrunk, follows them half-way,
    the mean of each month's money over its season would lose half of the year's.
    """
    age = np.arange(money.size)[::-1].astype(float)
    seen = np.isfinite(money)
    money, season = np.where(seen, money, 0.0), np.where(seen, season, 0.0)
    weight = 0.5 ** (age / options.half_life) * seen
    # more came back than was paid: that is no reason to expect that it will again
    level = max(float((weight @ money) / (weight @ season)), 0.0)
    mean_age = float((weight * age).sum() / weight.sum())
    recent, before = slice(-12, None), slice(-36, -12)
    growth = options.growth
    if min(seen[recent].sum(), seen[before].sum()) >= 6:
        now, then = (money[part].sum() / season[part].sum() for part in (recent, before))
        if now > 0 and then > 0:
            growth += options.damping * float(np.clip(np.log(now / then) / 1.5, -0.3, 0.3))
    ahead: np.ndarray = level * np.exp(growth * (mean_age + 1.0 + np.arange(HORIZON)) / 12.0)
    return ahead


def _shares(history: _History, options: ForecastOptions) -> np.ndarray:
    """Share of each category in what is not fixed, the recent months counting more."""
    age = np.arange(history.seen.size)[::-1]
    weight = 0.5 ** (age / options.half_life) * history.seen
    mean = np.maximum((history.money * weight).sum(axis=1) / weight.sum(), 0.0)
    mean = mean + np.maximum(history.singles, 0.0) / max(int(history.seen.sum()), 1)
    total = mean.sum()
    count = max(len(history.categories), 1)
    return np.asarray(mean / total) if total > 0 else np.full(len(history.categories), 1 / count)


def _own_error(history: _History, options: ForecastOptions) -> float:
    """Relative error of a year, from the forecasts this ledger would have had before."""
    squares = []
    for end in range(24, history.seen.size - HORIZON + 1, 3):
        target = history.seen[end : end + HORIZON]
        if target.sum() < 9 or history.seen[:end].sum() < 18:
            continue
        past = _History(
            history.money[:, :end],
            history.singles * history.seen[:end].sum() / history.seen.sum(),
            history.seen[:end],
            history.first,
            history.categories,
        )
        paid = history.money[:, end : end + HORIZON].sum(axis=0)[target].sum()
        singles = past.singles.sum() / past.seen.sum() * target.sum()
        told = _expected(past, options).sum(axis=0)[target].sum() - singles
        if paid > 0 and told > 0:
            squares.append(min(abs(np.log(paid / told)), 1.0) ** 2)
    # origins three months apart share most of their year: four of them tell as much as one
    folds = len(squares) / 4.0
    own = float(np.mean(squares)) if squares else 0.0
    pooled = options.error**2 * options.error_folds + own * folds
    return float(
        np.sqrt(max(pooled / (options.error_folds + folds), _scatter(history, options) ** 2))
    )


def _scatter(history: _History, options: ForecastOptions) -> float:
    """Relative error of a year of months that scatter as those seen around a known level.

    Few months tell little of how months scatter: below a year, what is usual counts beside them.
    From two years on they scatter around the mean of their calendar month, since a bill of each
    quarter leaves no doubt about the year.
    """
    total, calendar = history.money.sum(axis=0)[history.seen], history.calendar[history.seen]
    total, calendar = total[-36:], calendar[-36:]
    if total.size == 0 or total.mean() <= 0:
        return 0.0
    each = float(total.std(ddof=1) / total.mean()) if total.size > 1 else 0.0
    count = np.bincount(calendar, minlength=12)
    if total.size >= 24 and count.min() > 1:
        means = np.bincount(calendar, total, minlength=12) / count
        off = float(((total - means[calendar]) ** 2).sum() / (total.size - 12))
        each = float(np.sqrt(off)) / float(total.mean())
    if total.size < HORIZON:
        usual, weight = options.month_scatter**2, options.scatter_months
        each = float(np.sqrt((weight * usual + (total.size - 1) * each**2)
                             / (weight + total.size - 1)))  # fmt: skip
    return min(each * float(np.sqrt(1.0 / HORIZON + 1.0 / total.size)), 1.0)


def _tell(
    history: _History,
    unseen: np.ndarray,
    fixed: np.ndarray,
    error: float,
    options: ForecastOptions,
) -> SpendForecast:
    expected = unseen + fixed
    last, last_months = _last_year(history)
    z = NormalDist().inv_cdf((1.0 + options.level) / 2.0)
    year, sure = float(expected.sum()), float(fixed.sum())
    spread = float(_spread(unseen.sum(), fixed.sum(), error, options))
    share = unseen.sum(axis=1) / max(unseen.sum(), 1e-9)
    # a part is less certain than the whole: parts move by themselves
    parts = np.minimum(error / np.sqrt(np.maximum(share, 1 / 16)), 1.0)
    spreads = _spread(unseen.sum(axis=1), fixed.sum(axis=1), parts, options)
    money = expected.sum(axis=1)
    order = np.argsort(-money, kind="stable")
    names = np.array(history.categories, dtype=object)
    low, high = _ends(money, z * spreads)
    # a month of which last year has no data is no saving of last year's
    compared = np.where(np.isfinite(last_months), expected, 0.0).sum(axis=1)
    paid = last.sum(axis=1)
    columns = (names, paid, money, low, high, compared - paid, fixed.sum(axis=1), compared)
    by_category = pd.DataFrame(dict(zip(_COLUMNS, (c[order] for c in columns), strict=True)))
    start = history.first + history.seen.size
    months = (start + np.arange(HORIZON)).astype("datetime64[M]").astype("datetime64[ns]")
    per_month = expected.sum(axis=0)
    noise = _spread(unseen.sum(axis=0), fixed.sum(axis=0), _month_error(history, error), options)
    month_low, month_high = _ends(per_month, z * noise)
    year_low, year_high = _ends(np.array([year]), z * np.array([spread]))
    gone = np.flatnonzero(~history.seen) + history.first
    seen_to = history.first + int(np.flatnonzero(history.seen)[-1])
    return SpendForecast(
        total=Interval(year, float(year_low[0]), float(year_high[0]), options.level),
        by_category=by_category,
        budget=pd.DataFrame(
            {
                "category": np.repeat(names[order], HORIZON),
                "month": np.tile(months, len(names)),
                "expected": expected[order].ravel(),
                "last_year": last_months[order].ravel(),
            }
        ),
        months=pd.DataFrame(
            {
                "month": months,
                "expected": per_month,
                "low": month_low,
                "high": month_high,
                "last_year": last_months.sum(axis=0),
            }
        ),
        history=_seen(history),
        missing=tuple(_day(int(month)) for month in gone),
        seen_to=_day(seen_to),
        fixed_share=sure / year if year else 0.0,
        error=float(spread),
    )


def _seen(history: _History) -> pd.DataFrame:
    month = (history.first + np.flatnonzero(history.seen)).astype("datetime64[M]")
    value = history.money.sum(axis=0)[history.seen]
    return pd.DataFrame({"month": month.astype("datetime64[ns]"), "value": value})


def _ends(money: np.ndarray, width: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Lower and upper end, of credits too."""
    down, up = money * np.exp(-width), money * np.exp(width)
    return np.minimum(down, up), np.maximum(down, up)


def _last_year(history: _History) -> tuple[np.ndarray, np.ndarray]:
    """Money of each month a year before, NaN where not observed; first with those left out."""
    width = min(HORIZON, history.seen.size)
    money = np.full((len(history.categories), HORIZON), np.nan)
    money[:, HORIZON - width :] = np.where(history.seen[-width:], history.money[:, -width:], np.nan)
    known = np.isfinite(money).any()
    return np.nan_to_num(money) if known else money, money


def _spread(
    unseen: np.ndarray, fixed: np.ndarray, error: np.ndarray | float, options: ForecastOptions
) -> np.ndarray:
    """Relative standard error of a sum of what is foreseen and what is not."""
    total = np.maximum(np.abs(unseen + fixed), 1e-9)
    own = np.sqrt((error * unseen) ** 2 + (options.fixed_error * fixed) ** 2)
    return np.asarray(np.minimum(own / total, 2.0))


def _month_error(history: _History, error: float) -> float:
    """Relative error of one month: that of the year and how far single months lie from it."""
    total = history.money.sum(axis=0)[history.seen][-36:]
    if total.size < 6 or total.mean() <= 0:
        return min(3.0 * error, 1.0)
    return float(min(np.hypot(error, total.std(ddof=1) / total.mean()), 1.5))


def _day(month: int) -> dt.date:
    return dt.date(1970 + month // 12, month % 12 + 1, 1)
