"""One bar chart as SVG, beside matplotlib's and lets-plot's SVG of the same bars."""

import io
import time
from collections.abc import Callable

import pandas as pd

from techalign import charts

RUNS = 30


def main() -> None:
    """Measure all, warm, and print milliseconds, size and ratio."""
    frame = pd.DataFrame({"vendor": [f"Supplier {i}" for i in range(12)], "money": range(12)})
    ways: dict[str, Callable[[pd.DataFrame], str]] = {
        "techalign.charts": _ours,
        "matplotlib": _matplotlib,
        "lets-plot": _lets_plot,
    }
    fastest = 0.0
    for name, draw in ways.items():
        try:
            size = len(draw(frame))  # the first one pays for imports and fonts
        except ImportError:
            print(f"{name} is not installed: not compared with")
            continue
        started = time.perf_counter()
        for _ in range(RUNS):
            draw(frame)
        taken = (time.perf_counter() - started) / RUNS * 1000
        fastest = fastest or taken
        print(f"{name}: {taken:.2f} ms, {size / 1024:.1f} KiB, {taken / fastest:.0f}x")


def _ours(frame: pd.DataFrame) -> str:
    return charts.bars(frame, label="vendor", value="money", title="Spend", unit="USD").svg


def _matplotlib(frame: pd.DataFrame) -> str:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(7.2, 4))
    figure.subplots().barh(frame["vendor"], frame["money"])
    text = io.StringIO()
    figure.savefig(text, format="svg")
    return text.getvalue()


def _lets_plot(frame: pd.DataFrame) -> str:
    import lets_plot as lp

    bars = lp.geom_bar(stat="identity", orientation="y")
    plot = lp.ggplot(frame, lp.aes("money", "vendor")) + bars + lp.ggsize(720, 400)
    return str(plot.to_svg())


if __name__ == "__main__":
    main()
