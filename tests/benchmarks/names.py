"""Merging the supplier names of 100,000 ledger rows, beside rapidfuzz's all-pairs matrix."""

import time

import numpy as np
from rapidfuzz import distance, process

from techalign.client import load_reference
from techalign.spending import merge_vendors, normalise

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


def main() -> None:
    """Measure both and print seconds."""
    raw = ledger_names(ROWS)
    catalogue = load_reference().suppliers
    started = time.perf_counter()
    merged = merge_vendors(raw, catalogue)
    ours = time.perf_counter() - started
    keys = sorted(set(normalise(list(dict.fromkeys(raw)))))
    started = time.perf_counter()
    process.cdist(keys, keys, scorer=distance.JaroWinkler.similarity, score_cutoff=0.88)
    matrix = time.perf_counter() - started
    print(
        f"{ROWS:,} rows, {len(merged.frame):,} spellings, {merged.vendors:,} vendors: {ours:.2f} s"
    )
    print(f"all-pairs Jaro-Winkler of the {len(keys):,} normalised names alone: {matrix:.2f} s")


if __name__ == "__main__":
    main()
