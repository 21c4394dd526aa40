"""One bar chart as cleaned SVG, beside matplotlib's SVG of the same bars."""

import io
import time

import pandas as pd

from techalign import charts

RUNS = 30


def main() -> None:
    """Measure both, warm, and print milliseconds and ratio."""
    frame = pd.DataFrame({"vendor": [f"Supplier {i}" for i in range(12)], "money": range(12)})

    def ours() -> int:
        chart = charts.bars(frame, label="vendor", value="money", title="Spend", unit="USD")
        return len(chart.svg)

    try:
        from matplotlib.figure import Figure
    except ImportError:
        print("matplotlib is not installed: nothing to compare with")
        return

    def theirs() -> int:
        figure = Figure(figsize=(7.2, 4))
        figure.subplots().barh(frame["vendor"], frame["money"])
        text = io.StringIO()
        figure.savefig(text, format="svg")
        return len(text.getvalue())

    for name, draw in (("techalign.charts (lets-plot)", ours), ("matplotlib", theirs)):
        size = draw()  # the first one pays for imports and fonts
        started = time.perf_counter()
        for _ in range(RUNS):
            draw()
        taken = (time.perf_counter() - started) / RUNS * 1000
        print(f"{name}: {taken:.1f} ms, {size / 1024:.1f} KiB")


if __name__ == "__main__":
    main()
