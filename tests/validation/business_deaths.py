"""Deaths of US firms by age: fitted on years to 2005, scored on 2006 to 2014.

``python tests/validation/business_deaths.py`` prints the error of each model's yearly death rate
by age. The census dates a firm by the year of its first March count, so "age 1" in March of a
year has lived between one and two years; the rate of age a is the share of firms counted at that
age in the year before that died by now. The years tested hold a recession: no curve by age can
know it, and the last column shows what is left when each year's level is given.

The tables after it take the chance to cease that reports use apart, step by step and as of earlier
years: the mean over all cohorts of establishments, recent years in its place, the sector's own
curve, companies in place of establishments, and size. Recent years help establishments that open
later a little (five; two are too few), companies not at all in these origins, whose following years
hold a recession; ten are what the shipped table has. Size is scored by the people whose company
died: counted by firms it hardly shows, as most are as small as the usual one.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from techalign.client import load_reference
from techalign.vendors import (
    BurrCurve,
    Lifetimes,
    SizeEffect,
    company_survival,
    fit_burr_to_survival,
    fit_lifetime,
    reference_survival,
    size_effect,
)

ROOT = Path(__file__).resolve().parents[2]
DEATHS = ROOT.parent / "shared" / "realdata" / "bds_firm_age_to_2014.csv"
COHORTS = ROOT.parent / "shared" / "realdata" / "bls_establishment_survival_to_2010.csv.gz"
LAST_TRAINED = 2005
ORIGINS = (2001, 2003, 2005)
AHEAD = 5  # years after an origin that are scored
RECENT = {"all years": 99, "last ten years": 10, "last five years": 5, "last two years": 2}
GROUPS = {"6 to 10": (6.0, 10.0), "11 to 15": (11.0, 15.0), "16 to 20": (16.0, 20.0),
          "21 to 25": (21.0, 25.0)}  # fmt: skip


def read_deaths(path: Path = DEATHS) -> pd.DataFrame:
    """Rows year, low, high (ages), firms (at risk a year before), deaths, rate; and people.

    Columns alive (firms), living (their people), ended (people of those that died), of_people
    (share of people whose firm died).
    """
    frame = pd.read_csv(path)
    for name in ("firms", "emp", "firmdeath_firms", "firmdeath_emp"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    label = frame["fage"].str.split(") ", regex=False).str[1]
    single = pd.to_numeric(label, errors="coerce")
    low = single.fillna(label.map(lambda name: GROUPS.get(name, (np.nan,))[0]))
    high = single.fillna(label.map(lambda name: GROUPS.get(name, (np.nan, np.nan))[-1]))
    frame = frame.assign(
        low=low, high=high, deaths=frame["firmdeath_firms"], alive=frame["firms"],
        living=frame["emp"], ended=frame["firmdeath_emp"],
    )  # fmt: skip
    # the dead are not among this year's firms: those at risk are the living and the dead
    frame["firms"] = frame["firms"] + frame["deaths"]
    frame = frame[(frame["low"] >= 1) & frame["firms"].notna() & frame["deaths"].notna()]
    kept = ["year", "low", "high", "firms", "deaths", "alive", "living", "ended"]
    frame = frame[kept].reset_index(drop=True)
    return frame.assign(
        rate=frame["deaths"] / frame["firms"],
        of_people=frame["ended"] / (frame["living"] + frame["ended"]),
    )


def as_lifetimes(rows: pd.DataFrame, per: float) -> Lifetimes:
    """Firms, one row for each ``per``: late entry at an age, ended or not within the year.

    A group of ages enters at its middle.
    """
    age = ((rows["low"] + rows["high"]) / 2.0 - 1.0).to_numpy(float)
    dead = np.rint(rows["deaths"] / per).to_numpy(int)
    alive = np.rint((rows["firms"] - rows["deaths"]) / per).to_numpy(int)
    entry = np.concatenate([np.repeat(age, dead), np.repeat(age, alive)])
    event = np.arange(entry.size) < dead.sum()
    # a death lies anywhere in the year
    stop = np.where(event, entry, entry + 1.0)
    return Lifetimes(entry, stop, event, np.where(event, entry + 1.0, np.nan))


def forecasts(train: pd.DataFrame, test: pd.DataFrame) -> dict[str, np.ndarray]:
    """Yearly death rate for each row of ``test``."""
    lives = as_lifetimes(train, per=500.0)
    age = ((test["low"] + test["high"]) / 2.0 - 1.0).to_numpy(float)
    deaths, firms = train["deaths"].sum(), train["firms"].sum()
    by_age = train.groupby("low")[["deaths", "firms"]].sum()
    found = {
        "constant rate": np.full(len(test), deaths / firms),
        "exponential": BurrCurve(lives.exposure / lives.events, 1.0).pd(age, 1.0),
    }
    for name, dist in (("Weibull", "weibull"), ("log-logistic", "loglogistic"),
                       ("piecewise", "piecewise"), ("Burr XII", "burr")):  # fmt: skip
        found[name] = fit_lifetime(lives, dist).pd(age, 1.0)  # type: ignore[call-overload]
    found["mean of the same age"] = (
        (by_age["deaths"] / by_age["firms"]).reindex(test["low"]).to_numpy(float)
    )
    return found


def score(deaths: pd.DataFrame) -> pd.DataFrame:
    """Mean absolute error in points, plain, weighted by firms, and with the year's level given."""
    train = deaths[deaths["year"] <= LAST_TRAINED]
    test = deaths[(deaths["year"] > LAST_TRAINED)]
    known = set(train["low"])
    test = test[test["low"].isin(known)]
    lines = {}
    for name, rate in forecasts(train, test).items():
        frame = test.assign(forecast=rate)
        error = 100 * (frame["forecast"] - frame["rate"])
        by_year = frame.assign(expected=frame["forecast"] * frame["firms"]).groupby("year")
        level = by_year["deaths"].sum() / by_year["expected"].sum()
        given = 100 * (frame["forecast"] * frame["year"].map(level) - frame["rate"])
        lines[name] = {
            "points": error.abs().mean(),
            "by firms": float(np.average(error.abs(), weights=frame["firms"])),
            "bias": float(np.average(error, weights=frame["firms"])),
            "level given": given.abs().mean(),
        }
    return pd.DataFrame.from_dict(lines, orient="index").rename_axis("model")


def read_cohorts(path: Path = COHORTS) -> pd.DataFrame:
    """Rows file, year, cohort, age, rate (closed in the year before), survival."""
    frame = pd.read_csv(path).dropna(subset=["surv_prev_pct", "surv_pct"])
    return frame[frame["age"] > 0].assign(
        rate=lambda f: 1.0 - f["surv_prev_pct"] / 100.0, survival=lambda f: f["surv_pct"] / 100.0
    )


def curve_of(rows: pd.DataFrame, back: int) -> BurrCurve:
    """The curve of the yearly rates of the last ``back`` years, by age."""
    recent = rows[rows["year"] > rows["year"].max() - back]
    rate = recent.groupby("age")["rate"].mean().sort_index()
    return fit_burr_to_survival(rate.index.to_numpy(float), (1.0 - rate).cumprod().to_numpy())


def mean_of_cohorts(rows: pd.DataFrame) -> BurrCurve:
    """The curve of the mean survival over cohorts, as it is published."""
    survival = rows.groupby("age")["survival"].mean().sort_index()
    return fit_burr_to_survival(survival.index.to_numpy(float), survival.to_numpy())


def recency(cohorts: pd.DataFrame) -> pd.DataFrame:
    """Survival of establishments that open after an origin, at ages 1 to 5; points of survival.

    Indexed by what the curve rests on: error and bias for the total and for the industries.
    """
    found: dict[str, dict[str, list[np.ndarray]]] = {}
    for origin in ORIGINS:
        for name, group in cohorts.groupby("file"):
            known = group[group["year"] <= origin]
            later = group[(group["cohort"] >= origin) & (group["age"] <= AHEAD)]
            later = later[later["year"] > origin]
            part = "total" if name == "TOTAL" else "industries"
            curves = {"mean of cohorts": mean_of_cohorts(known)}
            curves |= {label: curve_of(known, back) for label, back in RECENT.items()}
            for label, curve in curves.items():
                error = 100 * (curve.survival(later["age"].to_numpy(float)) - later["survival"])
                found.setdefault(label, {}).setdefault(part, []).append(error.to_numpy())
    lines = {
        label: {
            f"{part} {what}": float(of(np.concatenate(errors)))
            for part, errors in parts.items()
            for what, of in (("error", lambda e: np.abs(e).mean()), ("bias", np.mean))
        }
        for label, parts in found.items()
    }
    columns = ["total error", "total bias", "industries error", "industries bias"]
    return pd.DataFrame.from_dict(lines, orient="index")[columns]


def of_industries(cohorts: pd.DataFrame) -> pd.DataFrame:
    """Yearly closing rates of industries' establishments in the years after an origin; points."""
    errors: dict[str, list[np.ndarray]] = {}
    for origin in ORIGINS:
        known = cohorts[cohorts["year"] <= origin]
        total = known[known["file"] == "TOTAL"]
        for name, group in cohorts.groupby("file"):
            later = group[group["year"].between(origin + 1, origin + AHEAD)]
            if name == "TOTAL":
                continue
            own = known[known["file"] == name]
            age = later["age"].to_numpy(float)
            for label, curve in {
                "curve of all, mean of cohorts": mean_of_cohorts(total),
                "+ recent years": curve_of(total, 10),
                "+ sector": curve_of(own, 10),
            }.items():
                forecast = curve.pd(age - 1.0, 1.0)
                errors.setdefault(label, []).append(100 * (forecast - later["rate"].to_numpy()))
    return _told({label: np.concatenate(e) for label, e in errors.items()})


def of_companies(deaths: pd.DataFrame, cohorts: pd.DataFrame) -> pd.DataFrame:
    """Yearly death rates of companies by age, and of their people, after an origin; points."""
    firms: dict[str, list[np.ndarray]] = {}
    people: dict[str, list[np.ndarray]] = {}
    total = cohorts[cohorts["file"] == "TOTAL"]
    exits = load_reference().firm_exit_by_size
    for origin in ORIGINS:
        known = deaths[(deaths["year"] <= origin) & (deaths["high"] <= 25)]
        test = deaths[deaths["year"].between(origin + 1, origin + AHEAD)]
        test = test[test["low"].isin(set(known["low"]))]
        middle = ((test["low"] + test["high"]) / 2.0 - 0.5).to_numpy(float)
        places = mean_of_cohorts(total[total["year"] <= origin])
        curves = {
            "establishments, mean of cohorts": places,
            "+ recent years": curve_of(total[total["year"] <= origin], 10),
            "+ companies, all years": _companies(known, places, 99),
            "+ companies, last ten years": _companies(known, places, 10),
            "+ companies, last five years": _companies(known, places, 5),
        }
        sizes = size_effect(exits, _sizes(known[known["year"] > origin - 10]))
        for label, curve in curves.items():
            rate = curve.pd(middle, 1.0)
            firms.setdefault(label, []).append(100 * (rate - test["rate"].to_numpy()))
            people.setdefault(label, []).append(100 * (rate - test["of_people"].to_numpy()))
        rate = curves["+ companies, last ten years"].pd(middle, 1.0)
        factor = _factor_of_people(sizes, middle)
        people.setdefault("+ size", []).append(100 * (rate * factor - test["of_people"].to_numpy()))
    both = {name: _told({k: np.concatenate(v) for k, v in e.items()})
            for name, e in (("firms", firms), ("people", people))}  # fmt: skip
    return pd.concat(both, axis=1).reindex(list(people))


def _companies(known: pd.DataFrame, places: BurrCurve, back: int) -> BurrCurve:
    """The curve reports would have used: establishments moved to the firms' recent deaths."""
    recent = known[known["year"] > known["year"].max() - back]
    rate = recent.groupby(["low", "high"])[["deaths", "firms"]].sum()
    table = pd.DataFrame({
        "age_low": rate.index.get_level_values(0), "age_high": rate.index.get_level_values(1),
        "rate": (rate["deaths"] / rate["firms"]).to_numpy(), "source": "census",
    })  # fmt: skip
    ages = np.array([1.0, 2.0, 3.0, 5.0, 10.0, 15.0, 20.0])
    survival = places.survival(ages)
    published = pd.DataFrame({
        "sector": "all", "age": ages, "survival": survival, "low": survival * 0.95,
        "high": np.sqrt(survival), "source": "bls",
    })  # fmt: skip
    return reference_survival(company_survival(published, table)).curve


def _sizes(known: pd.DataFrame) -> pd.DataFrame:
    """Mean people of firms and of those that ended, by age, as ``size_effect`` takes them."""
    every = known.groupby(["low", "high"])[["living", "alive", "ended", "deaths"]].sum()
    return pd.DataFrame({
        "age_low": every.index.get_level_values(0), "age_high": every.index.get_level_values(1),
        "employees": (every["living"] / every["alive"]).to_numpy(),
        "employees_of_ended": (every["ended"] / every["deaths"]).to_numpy(),
    })  # fmt: skip


def _factor_of_people(sizes: SizeEffect, age: np.ndarray) -> np.ndarray:
    """Mean factor over people: a lognormal crowd of firms at each age, weighted by its people."""
    living = np.interp(age, sizes.ages, sizes.living)
    spread = np.log(living / np.interp(age, sizes.ages, sizes.ended)) / sizes.exponent.point
    of_people = np.log(living) + spread / 2.0  # the middle of sizes, weighted by people
    z = np.linspace(-3.5, 3.5, 71)
    weight = np.exp(-(z**2) / 2.0) / np.exp(-(z**2) / 2.0).sum()
    crowd = np.exp(of_people[:, None] + np.sqrt(spread)[:, None] * z)
    factor = [sizes.factors(one, np.full(z.size, a))[1] @ weight
              for one, a in zip(crowd, age, strict=True)]  # fmt: skip
    return np.array(factor)


def _told(errors: dict[str, np.ndarray]) -> pd.DataFrame:
    return pd.DataFrame.from_dict(
        {k: {"error": np.abs(e).mean(), "bias": e.mean()} for k, e in errors.items()},
        orient="index",
    )


def main() -> int:
    """Print the table; a missing file is a reason to skip, not a failure."""
    if not DEATHS.is_file():
        print(f"skipped: the data are not here ({DEATHS.name})")
        return 0
    deaths = read_deaths()
    early = deaths[deaths["year"] <= LAST_TRAINED]
    print(f"\nYearly death rates of US firms by age, fitted on {early['year'].min()} to")
    print(f"{LAST_TRAINED} ({early['firms'].sum():,.0f} firm-years), scored to "
          f"{deaths['year'].max()}; error in points\n")  # fmt: skip
    print(score(deaths).round(2).to_string())
    if not COHORTS.is_file():
        print(f"the steps are skipped: the data are not here ({COHORTS.name})")
        return 0
    cohorts = read_cohorts()
    span = f"as of {', '.join(map(str, ORIGINS))}, the {AHEAD} years after; in points"
    for title, table in (
        ("Survival of establishments that open later, at ages 1 to 5", recency(cohorts)),
        ("Yearly closing rates of industries' establishments", of_industries(cohorts)),
        ("Yearly death rates of companies, and share of people whose company died, by age",
         of_companies(deaths, cohorts)),
    ):  # fmt: skip
        print(f"\n{title}\n{span}\n")
        print(table.round(2).to_string())
    return 0


if __name__ == "__main__":
    sys.exit(main())
