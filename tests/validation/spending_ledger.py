"""Councils' ledgers through intake and the spending models: rows, money, seconds, forecasts."""

import datetime as dt
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
from expense_classifier import OTHER, TECHNOLOGY

from techalign import spending
from techalign.client import load_client, load_reference
from techalign.client.create import create_client
from techalign.client.importing import import_table
from techalign.intake.mapping import parse_mapping

LEDGER = Path(__file__).parents[3] / "shared" / "realdata" / "council_harrogate_ledger.csv.gz"
FORECASTS = (
    "ours", "seasonal naive", "12-month mean", "24-month mean", "naive with 24",
    "ours with 12", "36-month mean",
)  # fmt: skip
MAPPING = """
table = "ledger"
currency = "GBP"
[columns]
date = "date"
vendor_raw = "supplier"
amount = "amount"
account = "expense_type"
memo = "narrative"
"""


def main() -> None:
    """Import, check and analyse the ledger, and print what came of it."""
    if not LEDGER.exists():
        print(f"skipped: there is no {LEDGER.name} beside the project")
        return
    with tempfile.TemporaryDirectory() as folder:
        clients = Path(folder)
        create_client(clients, "council", name="Council", currency="GBP")
        started = time.perf_counter()
        imported = import_table(
            LEDGER, clients, "council", mapping=parse_mapping(MAPPING, "m"), existing="replace"
        )
        import_seconds = time.perf_counter() - started
        started = time.perf_counter()
        book = load_client(
            clients,
            "council",
            tables=["ledger", "contracts", "initiatives", "suppliers"],
            as_of="2021-08-31",
        )
        load_seconds = time.perf_counter() - started
    _tell(imported.table, import_seconds, load_seconds)
    _analyse(book, load_reference())
    _regular(book.table("ledger"))
    _forecasts()


def _tell(table: object, import_seconds: float, load_seconds: float) -> None:
    total = table.totals[0]
    print(f"rows {table.rows_in:,} = {len(table.clean):,} clean + {table.quarantined_rows:,} aside")
    print(f"GBP {total.input:,} = {total.clean:,} clean + {total.quarantined:,} aside")
    print(f"exact repeats kept and flagged: {len(table.repeats):,}")
    print(f"import {import_seconds:.1f} s, load and check again {load_seconds:.1f} s")


def _analyse(book: object, facts: object) -> None:
    ledger, catalogue = book.table("ledger"), facts.catalogue(book)
    steps = {}
    started = time.perf_counter()
    names = spending.merge_vendors(ledger["vendor_raw"], catalogue)
    steps["names"] = time.perf_counter() - started
    started = time.perf_counter()
    streams = spending.find_streams(
        ledger.assign(vendor=names.apply(ledger["vendor_raw"])),
        book.as_of,
        client_currency="GBP",
    )
    steps["streams"] = time.perf_counter() - started
    started = time.perf_counter()
    purpose = spending.classify_purpose(
        ledger,
        names,
        spending.PurposeTables(
            catalogue=catalogue,
            category_purpose=facts.category_purpose,
            account_rules=facts.account_rules,
            contracts=book.table("contracts"),
            initiatives=book.table("initiatives"),
        ),
        client_currency="GBP",
        as_of=book.as_of,
    )
    steps["purpose"] = time.perf_counter() - started
    print(
        f"names written {len(names.frame):,}, vendors {names.vendors:,}, "
        f"to review {len(names.review):,}"
    )
    print(f"recurring charges {len(streams.frame):,}, running {len(streams.active()):,}")
    print(
        f"technology GBP {purpose.technology:,.0f} to {purpose.technology_at_most:,.0f} in 12 "
        f"months; unclassified {purpose.share_unclassified:.0%} of charges"
    )
    print("seconds: " + ", ".join(f"{name} {taken:.2f}" for name, taken in steps.items()))


def _regular(ledger: pd.DataFrame) -> None:
    """Share of next year's money that is foreseen, beside last year's repeated."""
    empty = pd.DataFrame(columns=["name", "aliases", "capability", "category"])
    names = spending.merge_vendors(ledger["vendor_raw"], empty)
    ledger = ledger.assign(vendor=names.apply(ledger["vendor_raw"]))
    print("\nshare of next year's money foreseen by supplier, and share of it claimed")
    for year in (2018, 2019, 2020):
        day = dt.date(year, 3, 31)
        past = ledger[ledger["date"] <= pd.Timestamp(day)]
        ahead = ledger[ledger["date"].between(f"{year}-04-01", f"{year + 1}-03-31")]
        paid = ahead[ahead["amount"] > 0].groupby("vendor")["amount"].sum()
        last = past[(past["date"] > f"{year - 1}-03-31") & (past["amount"] > 0)]
        running = spending.find_streams(past, day, client_currency="GBP").active()
        regular = spending.find_regular_payees(past, day).frame
        guesses = {
            "like amounts": running.groupby("vendor")["yearly_cost"].sum(),
            "calendar months": regular.set_index("vendor")["last_12_months"],
            "last year again": last.groupby("vendor")["amount"].sum(),
        }
        for name, guess in guesses.items():
            both = pd.concat([guess, paid], axis=1).fillna(0.0).min(axis=1).sum()
            print(
                f"{year} {name:16} suppliers {len(guess):5,} foreseen {both / paid.sum():.2f} "
                f"of {guess.sum() / paid.sum():.2f} claimed"
            )


def _technology(file: str) -> tuple[pd.DataFrame, np.ndarray]:
    """Payments for technology, and the months in which the body labelled any payment at all."""
    path = LEDGER.parent / file
    rows = pd.read_csv(path) if file.endswith("gz") else pd.read_parquet(path)
    rows["date"] = pd.to_datetime(rows["date" if "date" in rows else "month"], errors="coerce")
    rows = rows.dropna(subset=["date", "amount", "expense_type", "supplier"])
    observed = np.unique(rows["date"].to_numpy(dtype="datetime64[M]"))
    said = {
        t: bool(TECHNOLOGY.search(t)) and not OTHER.search(t) for t in set(rows["expense_type"])
    }
    rows = rows[rows["expense_type"].map(said)]
    return rows.rename(columns={"supplier": "vendor", "expense_type": "category"}), observed


def _forecasts() -> None:
    """Twelve months ahead from every quarter: our error beside the baselines."""
    found = []
    for body, file in {
        "Harrogate": LEDGER.name,
        "Darlington": "council_darlington.parquet",
        "Salford": "council_salford.parquet",
    }.items():
        rows, observed = _technology(file)
        month = rows["date"].to_numpy(dtype="datetime64[M]").astype(int)
        paid = rows["amount"].groupby(month).sum().reindex(observed.astype(int), fill_value=0.0)
        for start in range(paid.index[0] + 24, paid.index[-1] - 10, 3):
            target = paid[(paid.index >= start) & (paid.index < start + 12)]
            past = paid[paid.index < start]
            if len(target) < 6 or (past.index >= start - 24).sum() < 9:
                continue
            days = observed[observed.astype(int) < start].astype("datetime64[D]").tolist()
            errors = _one(rows[month < start], days, start, target, past)
            found.append((body, target.sum(), *errors))
    _tell_forecasts(pd.DataFrame(found, columns=["body", "paid", *FORECASTS, "inside"]))


def _tell_forecasts(table: pd.DataFrame) -> None:
    errors = table[list(FORECASTS)]
    by_body = errors.abs().groupby(table["body"])
    shown = by_body.mean().assign(origins=by_body.size())
    shown.loc["all origins"] = [*errors.abs().mean(), len(table)]
    money = errors.abs().mul(table["paid"], axis=0).sum() / table["paid"].sum()
    shown.loc["all, by money"] = [*money, len(table)]
    shown.loc["bias"] = [*errors.mean(), len(table)]
    print("\n12-month technology spending, rolling origins: absolute error, share of what was paid")
    print(shown.round(3).to_string())
    print(f"inside our 80% interval {table['inside'].mean():.2f} of {len(table)} origins")
    print(
        "goals: error 10% below seasonal naive's (13 were asked for where that had 14.5, which no "
        "choice\nof months, means or words made of these files), bias within .03, inside .75 to .85"
    )


def _one(
    rows: pd.DataFrame, observed: list[dt.date], start: int, target: pd.Series, past: pd.Series
) -> tuple[float | bool, ...]:
    """Relative errors of one origin over the months observed, and whether ours holds it."""
    day = (np.datetime64(start, "M").astype("datetime64[D]") - 1).item()
    told = spending.forecast_spend(rows, day, observed=observed)
    ahead = told.months["expected"].to_numpy()[target.index - start].sum()
    part, paid = ahead / told.total.point, target.sum()
    before, mean = past.reindex(target.index - 12), past[past.index >= start - 24].mean()
    naive = before.fillna(past.reindex(target.index - 24).set_axis(before.index)).fillna(mean).sum()
    last = past[past.index >= start - 12]
    year = (last.mean() if len(last) else mean) * len(target)
    inside = told.total.low * part <= paid <= told.total.high * part
    flat = mean * len(target)
    longer = past[past.index >= start - 36].mean() * len(target)
    guesses = (ahead, naive, year, flat, (naive + flat) / 2, (ahead + year) / 2, longer)
    return (*(float(guess / paid - 1) for guess in guesses), bool(inside))


if __name__ == "__main__":
    main()
