"""A ledger of recurring and single charges, made from a seed, that says which is which."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from techalign.numbers.streams import random_stream

AS_OF = dt.date(2026, 3, 31)
END = pd.Timestamp(AS_OF)


def seeded(seed: int, vendors: int = 120, years: int = 4) -> pd.DataFrame:
    """Make a ledger whose column ``truth`` names the stream of each row, or -1."""
    rng = random_stream("streams", seed)
    start = END - pd.Timedelta(days=365 * years)
    parts, number = [], 0
    for i in range(vendors):
        for _ in range(int(rng.integers(0, 3))):
            step = rng.choice([7.0, 30.4375, 30.4375, 30.4375, 91.3125, 365.25])
            first = rng.uniform(0, 200)
            days = np.arange(first, 365 * years, step)
            days = np.round(days + rng.normal(0, 1.0, days.size))
            price = rng.lognormal(4.5, 1.0) * (1 + rng.uniform(0, 0.12)) ** (days // 365)
            keep = rng.random(days.size) > 0.03
            parts.append((f"Vendor {i}", days[keep], np.round(price[keep], 2), number))
            number += 1
        n = int(rng.integers(0, 12))
        parts.append((f"Vendor {i}", rng.uniform(0, 365 * years, n), rng.lognormal(5, 1.5, n), -1))
    frames = [
        pd.DataFrame({"vendor": v, "date": start + pd.to_timedelta(np.floor(d), unit="D")}).assign(
            amount=a, truth=t
        )
        for v, d, a, t in parts
        if len(d)
    ]
    ledger = pd.concat(frames, ignore_index=True).assign(currency="")
    ledger = ledger[ledger["date"] <= END]
    return ledger.sample(frac=1.0, random_state=seed).reset_index(drop=True)
