"""``make validate``: the models on data nobody here wrote, beside simple baselines."""

import importlib
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
STUDIES = (
    "spending_ledger",
    "expense_classifier",
    "vendor_directory",
    "business_deaths",
    "marketplace",
    "synthetic_partners",
    "support_life",
)


def main() -> None:
    """Run every study and print its tables."""
    sys.path.insert(0, str(HERE))
    for name in STUDIES:
        started = time.perf_counter()
        print(f"\n== {name.replace('_', ' ')} ==", flush=True)
        importlib.import_module(name).main()
        print(f"({time.perf_counter() - started:.1f} s)", flush=True)


if __name__ == "__main__":
    main()
