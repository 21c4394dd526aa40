"""Every chart with hard data: names of 40 characters, numbers from 1 to a thousand million."""

import datetime as dt

import nbformat
import numpy as np
import pandas as pd

from techalign import charts
from techalign.report.page import PageInfo, render_report

NAMES = [
    "Worldwide Wholesale Machinery Works, Ltd",
    "The Very Long Name of One Small Supplier",
    "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW",
    "illillillillillillillillillillillillilli",
    "Übergröße Straßenbaumaschinen GmbH & CoKG",
    "株式会社とても長い名前の取引先",
    "A",
    "B & C <Partners>",
]
MONTHS = pd.date_range("2023-01-01", periods=42, freq="MS")


def _rows(scale: float) -> pd.DataFrame:
    spread = np.array([1, 1e-9, 1e-6, 1e-3, 0.5, 0.1, 0.03, 0.9]) * scale
    return pd.DataFrame(
        {
            "vendor": NAMES,
            "money": spread,
            "low": spread * 0.4,
            "high": spread * 1.7,
            "step": spread * [1, -1, 1, -1, -1, 1, -1, 1],
            "run": spread * 0.5,
            "grow": spread * 0.3,
            "rest": spread * 0.2,
            "later": spread[::-1] * 1.1,
            "beyond": [True, False] * 4,
            "other": [3.0, 1, 4, 1, 5, 9, 2, 6],
            "start": pd.Timestamp("2026-01-01") + pd.to_timedelta(np.arange(8) * 40, "D"),
            "act": pd.Timestamp("2026-03-01") + pd.to_timedelta(np.arange(8) * 40, "D"),
            "end": pd.Timestamp("2026-06-01") + pd.to_timedelta(np.arange(8) * 50, "D"),
            "phase": ["Quick wins", "Foundations of the whole", "Growth"] * 2 + ["Later"] * 2,
        }
    )


def gallery_charts(scale: float) -> list[charts.Chart]:
    """All charts, their largest number at ``scale``."""
    rows = _rows(scale)
    history = pd.DataFrame({"month": MONTHS, "value": np.linspace(0, scale, 42)})
    ahead = pd.DataFrame({"month": pd.date_range("2026-07-01", periods=12, freq="MS")})
    ahead = ahead.assign(point=scale, low=scale * 0.5, high=scale * 2)
    growth = pd.DataFrame({"m": np.arange(25.0)})
    growth = growth.assign(
        point=growth.m * scale / 30, low=growth.m * scale / 40, high=growth.m * scale / 25
    )
    common = {"label": "vendor", "unit": "USD"}
    today = dt.date(2026, 2, 10)
    return [
        charts.bars(rows, value="money", title="Bars", **common),
        charts.ranges(rows, point="money", low="low", high="high", title="Ranges", **common),
        charts.stacked_bars(
            rows, groups={"run": "Run the business", "grow": "Grow it", "rest": "Rest"},
            title="Stacked", **common,
        ),
        charts.stacked_bars(
            rows.assign(none=[0.0, *rows["money"][1:]], tiny=rows["money"] * 0.001),
            groups={"tiny": "Records to be rebuilt", "run": "Moving to another one",
                    "none": "Paid in advance for long", "grow": "New tools and training",
                    "rest": "Lost margin in the meantime"},
            title="Stacked, with parts too small to be named inside", **common,
        ),
        charts.waterfall(rows, value="step", start=("Last year", scale), title="Water", **common),
        charts.slope(
            rows, before=("money", "2026 Q1"), after=("later", "2026 Q2"), beyond="beyond",
            title="Slope", **common,
        ),
        charts.heat_map(
            rows, columns={"run": "Run the business", "grow": "Grow", "rest": "Everything else"},
            total="All together", title="Heat", **common,
        ),
        charts.scatter(
            rows, label="vendor", x=("money", "Yearly spend"), y=("other", "Age"),
            title="Scatter", units=("USD", "years"),
        ),
        charts.gantt(
            rows, label="vendor", start="start", end="end", phase="phase", title="Roadmap",
            today=today,
        ),
        charts.timeline(
            rows, label="vendor", start="start", mark="act", end="end", today=today,
            title="Renewals",
        ),
        charts.fan(history, ahead, title="Fan", unit="USD", level=0.8, value_header="Sales"),
        charts.fan(
            history.head(0), ahead, title="Fan without a past", unit="USD", level=0.8,
            value_header="Sales",
        ),
        charts.fan(
            history.tail(2), ahead.assign(low=scale * 0.99, high=scale * 1.01), unit="USD",
            title="A narrow fan", level=0.8, value_header="Sales",
        ),
        charts.fans(
            pd.concat([history.tail(4).assign(vendor=name) for name in NAMES[:5]]),
            pd.concat([ahead[::3].assign(vendor=name) for name in NAMES]),
            label="vendor", title="Small fans", unit="USD", level=0.8, value_header="Sales",
        ),
        charts.columns(
            history, month="month", value=("value", "Spend"), title="Columns", unit="USD",
        ),
        charts.exceedance(
            np.linspace(0, scale, 200), np.exp(-np.linspace(0, 5, 200)), title="Loss", unit="USD",
            marks={"average": 0.2 * scale, "1 year in 100": 0.96 * scale},
        ),
        charts.curve(
            growth, x=("m", "Months since signing"), x_unit="months", title="Curve",
            unit="USD", value_header="Value",
        ),
    ]  # fmt: skip


def gallery_page(scale: float) -> str:
    """A report page of all charts."""
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell("# Gallery\n\nEvery chart.")]
    for chart in gallery_charts(scale):
        data = {"text/html": chart._repr_html_()}
        cells.append(v4.new_code_cell(outputs=[v4.new_output("display_data", data=data)]))
    return render_report(v4.new_notebook(cells=cells), PageInfo("Gallery", dt.date(2026, 6, 30)))
