"""``make bench``: speed beside named peers, each table measured in one run."""

import importlib
import sys
from pathlib import Path

HERE = Path(__file__).parent
BENCHES = ("intake", "names", "charts", "batch", "vendors")


def main() -> None:
    """Run the benches named on the command line, or all, and print their tables."""
    sys.path.insert(0, str(HERE))
    for name in sys.argv[1:] or BENCHES:
        if not (HERE / f"{name}.py").exists():
            sys.exit(f"there is no bench {name!r}; there are {', '.join(BENCHES)}")
        print(f"\n== {name} ==", flush=True)
        importlib.import_module(name).main()


if __name__ == "__main__":
    main()
