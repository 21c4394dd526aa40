"""``make validate``: the models on data nobody here wrote, beside simple baselines.

With ``--keep`` what each study prints is kept for the documentation, with the day.
"""

import contextlib
import datetime as dt
import importlib
import io
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
KEPT = HERE.parents[1] / "docs" / "method" / "printed"
STUDIES = (
    "first_report",
    "spending_ledger",
    "vendor_names",
    "expense_classifier",
    "vendor_directory",
    "business_deaths",
    "marketplace",
    "synthetic_partners",
    "support_life",
)


def main(*, keep: bool = False) -> None:
    """Run every study and print its tables."""
    sys.path.insert(0, str(HERE))
    for name in STUDIES:
        started = time.perf_counter()
        print(f"\n== {name.replace('_', ' ')} ==", flush=True)
        tables = io.StringIO()
        with contextlib.redirect_stdout(tables) if keep else contextlib.nullcontext():
            importlib.import_module(name).main()
        if keep:
            print(tables.getvalue())
            KEPT.joinpath(f"{name}.txt").write_text(_page(tables.getvalue()), encoding="utf-8")
        print(f"({time.perf_counter() - started:.1f} s)", flush=True)


def _page(tables: str) -> str:
    lines = [f"printed on {dt.date.today()}", "", *map(str.rstrip, tables.strip("\n").split("\n"))]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main(keep="--keep" in sys.argv[1:])
