"""``make bench``: speed beside named peers, each table measured in one run."""

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHES = (
    "intake", "names", "charts", "warm", "batch", "vendors", "plan", "partners", "assessments",
    "workbench",
)  # fmt: skip


def main() -> None:
    """Run the benches named on the command line, or all, and print their tables.

    ``batch:cost_curve`` is one part of a bench, of those that take longer.
    """
    sys.path.insert(0, str(HERE))
    for name in sys.argv[1:] or BENCHES:
        bench, _, part = name.partition(":")
        if not (HERE / f"{bench}.py").exists():
            sys.exit(f"there is no bench {bench!r}; there are {', '.join(BENCHES)}")
        print(f"\n== {name} ==", flush=True)
        getattr(importlib.import_module(bench), part or "main")()


if __name__ == "__main__":
    main()
