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
        ledger.assign(vendor=names.apply(ledger["vendor_raw"])), book.as_of
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
        running = spending.find_streams(past, day).active()
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


def _technology(file: str) -> pd.DataFrame:
    """Payments for technology by month; a month without labelled ones is not observed."""
    path = LEDGER.parent / file
    rows = pd.read_csv(path) if file.endswith("gz") else pd.read_parquet(path)
    rows["date"] = pd.to_datetime(rows["date" if "date" in rows else "month"], errors="coerce")
    rows = rows.dropna(subset=["date", "amount", "expense_type", "supplier"])
    said = {
        t: bool(TECHNOLOGY.search(t)) and not OTHER.search(t) for t in set(rows["expense_type"])
    }
    rows = rows[rows["expense_type"].map(said)]
    return rows.rename(columns={"supplier": "vendor", "expense_type": "category"})


def _forecasts() -> None:
    """Twelve months ahead from every quarter: our error beside two baselines."""
    found = []
    for body, file in {
        "Harrogate": LEDGER.name,
        "Darlington": "council_darlington.parquet",
        "Salford": "council_salford.parquet",
    }.items():
        rows = _technology(file)
        month = rows["date"].to_numpy(dtype="datetime64[M]").astype(int)
        paid = rows["amount"].groupby(month).sum()
        for start in range(month.min() + 24, month.max() - 10, 3):
            target = paid[(paid.index >= start) & (paid.index < start + 12)]
            past = paid[paid.index < start]
            if len(target) < 6 or (past.index >= start - 24).sum() < 9:
                continue
            found.append((body, *_one(rows[month < start], start, past, target)))
    columns = ["body", "ours", "seasonal naive", "24-month mean", "inside"]
    table = pd.DataFrame(found, columns=columns)
    errors = table[columns[1:4]]
    print("\n12-month technology spending, rolling origins: mean absolute error, share of total")
    print(errors.abs().groupby(table["body"]).mean().round(3).to_string())
    print("all origins: " + ", ".join(f"{n} {v:.3f}" for n, v in errors.abs().mean().items()))
    print("bias: " + ", ".join(f"{n} {v:+.3f}" for n, v in errors.mean().items()))
    print(f"inside our 80% interval {table['inside'].mean():.2f} of {len(table)} origins")
    print("goals: error 10% below seasonal naive's, bias within .03, inside .75 to .85")


def _one(
    rows: pd.DataFrame, start: int, past: pd.Series, target: pd.Series
) -> tuple[float, float, float, bool]:
    """Relative errors of one origin over the months observed, and whether ours holds it."""
    day = (np.datetime64(start, "M").astype("datetime64[D]") - 1).item()
    told = spending.forecast_spend(rows, day)
    ahead = told.months["expected"].to_numpy()[target.index - start].sum()
    part, paid = ahead / told.total.point, target.sum()
    before, mean = past.reindex(target.index - 12), past[past.index >= start - 24].mean()
    naive = before.fillna(past.reindex(target.index - 24).set_axis(before.index)).fillna(mean).sum()
    inside = told.total.low * part <= paid <= told.total.high * part
    return ahead / paid - 1, naive / paid - 1, mean * len(target) / paid - 1, bool(inside)


if __name__ == "__main__":
    main()
