"""Merging the supplier names of 100,000 ledger rows, beside rapidfuzz's all-pairs matrix.

And the recurring charges of as large a ledger, beside a group-by with a function per vendor.
"""

import datetime as dt
import time

import numpy as np
import pandas as pd
from rapidfuzz import distance, process

from techalign.client import load_reference
from techalign.spending import find_streams, merge_vendors, normalise

ROWS, VENDORS = 100_000, 800
ENDINGS = ("", " Ltd", " LTD.", " Limited", " UK", " - REF {n}", " *{n}", " PAYMENT")


def ledger_names(rows: int) -> list[str]:
    """Names of invented suppliers in many spellings."""
    rng = np.random.default_rng(11)
    words = [
        "".join(rng.choice(list("abcdefghiklmnoprstu"), rng.integers(4, 9))) for _ in range(900)
    ]
    base = [" ".join(rng.choice(words, 2, replace=False)).title() for _ in range(VENDORS)]
    picked = rng.zipf(1.3, rows) % VENDORS
    ends = rng.integers(0, len(ENDINGS), rows)
    return [
        base[v] + ENDINGS[e].format(n=n % 50)
        for n, (v, e) in enumerate(zip(picked, ends, strict=True))
    ]


def monthly_ledger(rows: int) -> pd.DataFrame:
    """Vendors paid each month for four years, with as many odd payments; about so many rows."""
    rng = np.random.default_rng(5)
    vendors = rows // 96
    price = np.repeat(rng.lognormal(4.5, 1.0, vendors), 48)
    month = np.tile(np.arange(48) * 30.4375, vendors)
    odd = rng.uniform(0, 1461, vendors * 48)
    day = pd.to_timedelta(np.floor([*(month + rng.normal(2, 0.5, month.size)), *odd]), unit="D")
    amount = np.round([*price, *rng.lognormal(5, 1.5, odd.size)], 2)
    vendor = [f"Vendor {number // 48}" for number in range(vendors * 48)] * 2
    frame = pd.DataFrame({"vendor": vendor, "date": pd.Timestamp("2022-03-28") + day})
    return frame.assign(amount=amount, currency="")


def stream_of(rows: pd.DataFrame) -> int:
    """Charges of one vendor that come back, by the same rule written for one vendor at a time."""
    found = 0
    ordered = rows.sort_values("amount")
    band = (np.log(ordered["amount"]).diff() > 0.225).cumsum()
    for _, charges in ordered.groupby(band):
        days = charges["date"].drop_duplicates().sort_values()
        apart = days.diff().dt.days.dropna()
        if len(days) < 3:
            continue
        cadence = min((7, 14, 30.4, 91.3, 365.25), key=lambda length: abs(length - apart.median()))
        found += (apart - cadence).abs().le(max(3.5, 0.1 * cadence)).mean() >= 0.7
    return found


def streams() -> None:
    """Measure the search for recurring charges, beside a group-by with a function per vendor."""
    ledger = monthly_ledger(ROWS)
    find_streams(ledger.head(50), dt.date(2026, 3, 31))  # what is imported at the first call
    times = []
    for _ in range(3):
        started = time.process_time()
        found = find_streams(ledger, dt.date(2026, 3, 31))
        times.append(time.process_time() - started)
    ours = float(np.median(times))
    started = time.process_time()
    grouped = ledger.groupby("vendor")[["date", "amount"]].apply(stream_of)
    apart = time.process_time() - started
    print(
        f"{len(ledger):,} rows, {len(found.frame):,} recurring charges, with price rises and next "
        f"days: {ours:.2f} CPU s"
    )
    print(
        f"groupby-apply of one vendor's rule alone, {grouped.sum():,} charges: {apart:.2f} CPU s, "
        f"{apart / ours:.0f} x (target 50)"
    )


def main() -> None:
    """Measure all and print CPU seconds: other work on the machine does not count."""
    raw = ledger_names(ROWS)
    catalogue = load_reference().suppliers
    merge_vendors(raw[:10], catalogue)  # what is imported at the first call
    started = time.process_time()
    merged = merge_vendors(raw, catalogue)
    ours = time.process_time() - started
    keys = sorted(set(normalise(list(dict.fromkeys(raw)))))
    started = time.process_time()
    process.cdist(keys, keys, scorer=distance.JaroWinkler.similarity, score_cutoff=0.88)
    matrix = time.process_time() - started
    print(
        f"{ROWS:,} rows, {len(merged.frame):,} spellings, {merged.vendors:,} vendors: "
        f"{ours:.2f} CPU s (target 1.5 s)"
    )
    print(f"all-pairs Jaro-Winkler of the {len(keys):,} normalised names alone: {matrix:.2f} CPU s")
    streams()


if __name__ == "__main__":
    main()
