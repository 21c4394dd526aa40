"""Partner forecasts scored on sellers who joined a real marketplace.

Run ``python tests/validation/marketplace.py``. Nothing is fitted to the scored months: at each
origin the model sees the sellers and sales of that day. The files lie outside the project; the
script says so and ends when they are absent. The signed deals carry no sales and share no
identifiers with the sellers, so by themselves they test activation alone; sales by date of contract
are scored on partners that wait as they did and then sell as real sellers sold.
"""

from __future__ import annotations

import itertools
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd

from techalign.numbers.streams import random_stream
from techalign.partners import (
    Activation,
    PartnerPanel,
    Waits,
    backtest,
    baselines,
    crps_sample,
    fit_activation,
    fit_ramp,
    fit_waits,
    forecast,
    panel_of,
    score_draws,
)

REALDATA = Path(__file__).resolve().parents[2].parent / "shared" / "realdata"
SELLERS = "marketplace_seller_month.csv.gz"
DEALS = "marketplace_deals_as_of_2018-04-30.csv"
DAYS_PER_MONTH = 365.25 / 12


def load_sellers(folder: Path, *, orders: bool = True) -> PartnerPanel:
    """Lay the sellers out as a panel whose contract clock starts with the first sale."""
    rows = pd.read_csv(folder / SELLERS)
    revenue = rows.pivot_table(index="seller", columns="month", values="revenue")
    deals = rows.pivot_table(index="seller", columns="month", values="orders")
    return panel_of(
        revenue.fillna(0.0).to_numpy(),
        revenue.isna().sum(axis=1).to_numpy(),
        deals=deals.fillna(0.0).to_numpy() if orders else None,
    )


def score(
    folder: Path,
    origins: tuple[int, ...] = (7, 8, 9, 10, 11),
    horizon_months: int = 6,
    draws: int = 400,
    *,
    orders: bool = True,
) -> pd.DataFrame:
    """Score next-months totals of all sellers known at each origin, one row per method."""
    panel = load_sellers(folder, orders=orders)
    rng = random_stream("validation", "marketplace")
    return backtest(panel, origins, horizon_months, draws=draws, rng=rng)


def score_by_age(
    folder: Path, origins: tuple[int, ...] = (7, 8, 9, 10, 11), draws: int = 400
) -> pd.DataFrame:
    """Score sellers of 1 to 6 months, orders known and not, at all origins together.

    Beside the mean CRPS stand its value on log(1 + y/100), the bias by months of age, and the
    share by which knowing the orders lowers it, also without the one seller that changes most. The
    standard errors are of sellers drawn again; the own coverage is what the forecast says it has,
    above 80 % where many may sell nothing.
    """
    rng = random_stream("validation", "marketplace", "ages")
    found: dict[str, list[pd.DataFrame]] = {"known": [], "unknown": []}
    panel = load_sellers(folder)
    for origin in origins:
        known = panel.as_of(origin)
        actual = panel.revenue[np.isin(panel.partner, known.partner), origin : origin + 6].sum(1)
        for name, seen in (("known", known), ("unknown", replace(known, deals=None))):
            sample = forecast(None, fit_ramp(seen), 6, draws, rng).sum(axis=2)
            low, high = np.quantile(sample, [0.1, 0.9], axis=0, method="nearest")
            found[name].append(
                pd.DataFrame(
                    {
                        "seller": known.partner,
                        "age": origin - known.contract_month,
                        "actual": actual,
                        "mean": sample.mean(axis=0),
                        "crps": crps_sample(sample, actual),
                        "log_crps": crps_sample(np.log1p(sample / 100), np.log1p(actual / 100)),
                        "inside": (actual >= low) & (actual <= high),
                        "own": ((sample >= low) & (sample <= high)).mean(axis=0),
                    }
                ).query("1 <= age <= 6")
            )
    cases = {name: pd.concat(frames, ignore_index=True) for name, frames in found.items()}
    gain = (cases["unknown"]["crps"] - cases["known"]["crps"]).to_numpy()
    rest = np.delete(gain, np.abs(gain).argmax())
    total = cases["known"]["actual"].sum()
    rows = []
    for name, case in cases.items():
        sums = case.groupby("age")[["mean", "actual"]].sum()
        rows.append(
            {
                "orders": name,
                "cases": len(case),
                "crps": case["crps"].sum() / total,
                "its error": _error_of_share(case, case["crps"]),
                "log crps": case["log_crps"].mean(),
                "coverage": case["inside"].mean(),
                "own coverage": case["own"].mean(),
                "bias": case["mean"].sum() / total - 1,
                "error of bias": _error_of_share(case, case["mean"]),
                **{f"bias {age}m": b for age, b in (sums["mean"] / sums["actual"] - 1).items()},
                "gain by orders": gain.sum() / total if name == "known" else np.nan,
                "without the worst": rest.sum() / total if name == "known" else np.nan,
            }
        )
    return pd.DataFrame(rows)


def _error_of_share(case: pd.DataFrame, part: pd.Series, drawn: int = 1000) -> float:
    """Standard error of a sum over that of actual sales, of sellers drawn again with all cases."""
    sums = pd.DataFrame({"part": part, "actual": case["actual"]}).groupby(case["seller"]).sum()
    rng = random_stream("validation", "marketplace", "errors")
    times = rng.multinomial(len(sums), np.full(len(sums), 1.0 / len(sums)), drawn)
    return float((times @ sums["part"] / (times @ sums["actual"])).std())


def score_young(folder: Path, observed: int = 3, horizon_months: int = 6) -> pd.DataFrame:
    """Score at one origin by months since the first sale: the youngest are the hardest."""
    panel = load_sellers(folder)
    rng = random_stream("validation", "marketplace", "young")
    young = panel.contract_month == 11 - observed
    known = panel.as_of(11)
    actual = panel.revenue[young, 11 : 11 + horizon_months].sum(axis=1)
    model = forecast(None, fit_ramp(known), horizon_months, 400, rng).sum(axis=2)
    methods = {"model": model, **baselines(known, horizon_months, rng)}
    keep = young[panel.contract_month < 11]
    return pd.DataFrame(
        [
            {"observed": observed, "method": name, **score_draws(sample[:, keep], actual)}
            for name, sample in methods.items()
        ]
    )


def score_groups(folder: Path, groups: int = 30, horizon_months: int = 6) -> pd.DataFrame:
    """Score the total of as few sellers as a client has partners, drawn at random at each origin.

    Of many sellers what is not known of each averages out; of few, what is not known of all is
    what a plan hangs on.
    """
    panel = load_sellers(folder, orders=False)
    rows = []
    for size, origin, group in itertools.product((12, 40), (7, 9, 11), range(groups)):
        rng = random_stream("validation", "groups", f"{size} {origin} {group}")
        pick = np.isin(
            np.arange(len(panel.partner)),
            rng.choice(np.flatnonzero(panel.contract_month < origin), size, replace=False),
        )
        known = panel.select(pick).as_of(origin)
        actual = panel.revenue[pick, origin : origin + horizon_months].sum(axis=1)
        model = forecast(None, fit_ramp(known), horizon_months, 400, rng).sum(axis=2)
        for name, sample in {"model": model, **baselines(known, horizon_months, rng)}.items():
            whole = score_draws(sample.sum(axis=1, keepdims=True), actual.sum(keepdims=True))
            each = score_draws(sample, actual)
            rows.append(
                {
                    "sellers": size,
                    "method": name,
                    "crps of total": whole["crps"],
                    "its coverage": whole["coverage"],
                    "crps of each": each["crps"],
                    "coverage": each["coverage"],
                    "told": sample.sum(axis=1).mean(),
                    "sold": actual.sum(),
                }
            )
    sums = pd.DataFrame(rows).groupby(["sellers", "method"]).mean().reset_index()
    return sums.assign(bias=sums["told"] / sums["sold"] - 1).drop(columns=["told", "sold"])


def signed_world(
    sellers: PartnerPanel, waits: Activation, rng: np.random.Generator, count: int = 300
) -> tuple[PartnerPanel, PartnerPanel]:
    """Partners by date of contract, with real sales behind them; and the sellers that are left.

    The signed deals carry no sales. So ``count`` partners sign in the fourth to sixth month, wait
    as the deals did, and sell what a real seller sold that began in the month they begin in; half
    of the sellers lend their sales, the others remain to learn from.
    """
    months = sellers.revenue.shape[1]
    assert sellers.deals is not None
    lends = rng.random(len(sellers.partner)) < 0.5
    contract = rng.integers(3, 6, count)
    by = waits.share_active(np.arange(1.0, months + 1.0))
    wait = (rng.random((count, 1)) > by).sum(axis=1)
    revenue, deals = np.zeros((count, months)), np.zeros((count, months))
    for month in range(3, 9):
        starts = np.flatnonzero(contract + wait == month)
        pool = rng.permutation(np.flatnonzero(lends & (sellers.contract_month == month)))
        rows = np.resize(pool, len(starts))
        revenue[starts], deals[starts] = sellers.revenue[rows], sellers.deals[rows]
    return panel_of(revenue, contract, deals=deals), sellers.select(~lends)


def score_signed(folder: Path, worlds: int = 6, origin: int = 6, ahead: int = 3) -> pd.DataFrame:
    """Score three months' sales of partners known by their contracts, most yet to sell."""
    sellers = load_sellers(folder)
    deals = load_deals(folder)
    last = deals["as_of"].max() + pd.Timedelta(days=1, seconds=-1)
    law, rows = fit_waits(waits_as_of(deals, last)), []
    for world in range(worlds):
        rng = random_stream("validation", "signed", str(world))
        panel, teachers = signed_world(sellers, law, rng)
        known, teachers = panel.as_of(origin), teachers.as_of(origin)
        actual = panel.revenue[:, origin : origin + ahead].sum(axis=1)
        blind = replace(known, deals=None), replace(teachers, deals=None)
        told = {
            f"model, orders {name}": forecast(
                fit_activation(seen), fit_ramp(seen, teachers=mature), ahead, 400, rng
            ).sum(axis=2)
            for name, seen, mature in (("known", known, teachers), ("unknown", *blind))
        }
        simple = baselines(known, ahead, rng)
        told |= {"last 3 months": simple["last 3 months"], "one stage": simple["cohort curve"]}
        for name, sample in told.items():
            low, high = np.quantile(sample, [0.1, 0.9], axis=0, method="nearest")
            own = ((sample >= low) & (sample <= high)).mean()
            rows.append({"method": name, **score_draws(sample, actual), "own coverage": own})
    return pd.DataFrame(rows).groupby("method", sort=False).mean().reset_index()


def waits_as_of(deals: pd.DataFrame, day: pd.Timestamp) -> Waits:
    """Waits for the first sale, in months, as they were known at the end of ``day``."""
    known = deals[deals["won_date"] <= day]
    sold = (known["first_sale"] <= day).to_numpy()
    wait = (known["first_sale"] - known["won_date"]).dt.total_seconds().to_numpy() / 86400
    age = (day - known["won_date"]).dt.total_seconds().to_numpy() / 86400
    low = np.where(sold, np.floor(np.maximum(wait, 0.0)), np.maximum(age, 0.0))
    high = np.where(sold, low + 1.0, np.inf)
    return Waits(low / DAYS_PER_MONTH, high / DAYS_PER_MONTH, np.zeros(len(known), dtype=bool))


def load_deals(folder: Path) -> pd.DataFrame:
    """Read the signed sellers."""
    return pd.read_csv(folder / DEALS, parse_dates=["won_date", "first_sale", "as_of"])


def kaplan_meier(waits: Waits, months: np.ndarray) -> np.ndarray:
    """Share that has sold within ``months``, each sale taken at the end of its interval."""
    sold = np.isfinite(waits.high)
    time = np.where(sold, waits.high, waits.low)
    still = np.ones_like(months)
    for moment in np.unique(time[sold]):
        leave = (time[sold] == moment).sum() / (time >= moment).sum()
        still = np.where(months >= moment, still * (1 - leave), still)
    return 1 - still


def activation_calibration(folder: Path) -> pd.DataFrame:
    """Compare activated shares with Kaplan-Meier, and first sales foretold with those seen."""
    deals = load_deals(folder)
    last = deals["as_of"].max() + pd.Timedelta(days=1, seconds=-1)
    rows = []
    for day in (pd.Timestamp("2018-02-28 23:59"), pd.Timestamp("2018-03-31 23:59"), last):
        waits = waits_as_of(deals, day)
        fit = fit_waits(waits)
        row: dict[str, object] = {"as_of": day.date(), "signed": fit.signed, "sold": fit.sold}
        days = np.array([30.0, 60.0, 90.0, 120.0])
        seen = kaplan_meier(waits_as_of(deals, last), days / DAYS_PER_MONTH)
        told = fit.share_active(days / DAYS_PER_MONTH)
        row |= {f"model_{d:.0f}d": p for d, p in zip(days, told, strict=True)}
        row |= {f"km_{d:.0f}d": p for d, p in zip(days, seen, strict=True)}
        rows.append(row | _foretold(deals, fit, waits, day, last))
    return pd.DataFrame(rows)


def _foretold(
    deals: pd.DataFrame, fit: Activation, waits: Waits, day: pd.Timestamp, last: pd.Timestamp
) -> dict[str, float]:
    """First sales by the last day of sellers silent at ``day``: expected and seen."""
    ahead = (last - day).days / DAYS_PER_MONTH
    silent = np.isinf(waits.high)
    chance = fit.p_activate(waits.low[silent], ahead)
    rng = random_stream("validation", "activation")
    odds = np.stack(
        [
            replace(fit, mode=mode).p_activate(waits.low[silent], ahead)
            for mode in fit.draw(500, rng)
        ]
    )
    low, high = np.quantile((rng.random(odds.shape) < odds).sum(axis=1), [0.1, 0.9])
    later = deals.loc[deals["won_date"] <= day, "first_sale"].between(day, last)
    return {"expected": float(chance.sum()), "low": low, "high": high, "seen": float(later.sum())}


def main() -> int:
    """Print the figures; 0 also when the data are absent."""
    if not (REALDATA / SELLERS).exists():
        print(f"skipped: no marketplace data in {REALDATA}")
        return 0
    pd.set_option("display.width", 160, "display.max_columns", 20)
    print("\nsellers of 1 to 6 months, next 6 months, all origins")
    print(score_by_age(REALDATA).round(3).T.to_string(header=False))
    for orders in (True, False):
        table = score(REALDATA, orders=orders)
        print(f"\nnext 6 months, orders {'known' if orders else 'unknown'}")
        print(table.round(3).to_string(index=False))
        mean = table.groupby("method")[["crps", "wape", "coverage", "bias"]].mean()
        print(mean.round(3).to_string())
    print("\nby months observed (that of the first sale included), at the last origin")
    young = pd.concat([score_young(REALDATA, observed) for observed in (3, 4, 6)])
    print(young.round(3).to_string(index=False))
    print("\nthe total of a few sellers, next 6 months, orders unknown: 90 groups of each size")
    print(score_groups(REALDATA).round(3).to_string(index=False))
    print("\npartners by contract: waits of the signed sellers, sales of sellers; next 3 months")
    print("(goal: CRPS .62, bias within .15, coverage .75 to .88; mean of six worlds)")
    print(score_signed(REALDATA).round(3).to_string(index=False))
    print("\nactivation of signed sellers (they carry no sales: ramps cannot be scored on them)")
    print(activation_calibration(REALDATA).round(3).T.to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
