"""Deaths of US firms by age: fitted on years to 2005, scored on 2006 to 2014.

``python tests/validation/business_deaths.py`` prints the error of each model's yearly death rate
by age. The census dates a firm by the year of its first March count, so "age 1" in March of a
year has lived between one and two years; the rate of age a is the share of firms counted at that
age in the year before that died by now. The years tested hold a recession: no curve by age can
know it, and the last column shows what is left when each year's level is given.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pandas as pd

from techalign.vendors import BurrCurve, Lifetimes, fit_lifetime

ROOT = Path(__file__).resolve().parents[2]
DEATHS = ROOT.parent / "shared" / "realdata" / "bds_firm_age_to_2014.csv"
LAST_TRAINED = 2005
GROUPS = {"6 to 10": (6.0, 10.0), "11 to 15": (11.0, 15.0), "16 to 20": (16.0, 20.0),
          "21 to 25": (21.0, 25.0)}  # fmt: skip


def read_deaths(path: Path = DEATHS) -> pd.DataFrame:
    """Rows year, low, high (ages), firms (at risk a year before), deaths, rate."""
    frame = pd.read_csv(path)
    for name in ("firms", "firmdeath_firms"):
        frame[name] = pd.to_numeric(frame[name], errors="coerce")
    label = frame["fage"].str.split(") ", regex=False).str[1]
    single = pd.to_numeric(label, errors="coerce")
    low = single.fillna(label.map(lambda name: GROUPS.get(name, (np.nan,))[0]))
    high = single.fillna(label.map(lambda name: GROUPS.get(name, (np.nan, np.nan))[-1]))
    frame = frame.assign(low=low, high=high, deaths=frame["firmdeath_firms"])
    # the dead are not among this year's firms: those at risk are the living and the dead
    frame["firms"] = frame["firms"] + frame["deaths"]
    frame = frame[(frame["low"] >= 1) & frame["firms"].notna() & frame["deaths"].notna()]
    frame = frame[["year", "low", "high", "firms", "deaths"]].reset_index(drop=True)
    return frame.assign(rate=frame["deaths"] / frame["firms"])


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
    return 0


if __name__ == "__main__":
    sys.exit(main())
