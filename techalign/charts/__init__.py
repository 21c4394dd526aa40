"""Results to pictures: SVG with a text alternative and the numbers behind it."""

from __future__ import annotations

from techalign.charts.bands import curve, fan
from techalign.charts.bars import bars, ranges
from techalign.charts.chart import Chart, Shown
from techalign.charts.fans import fans
from techalign.charts.figure import from_matplotlib
from techalign.charts.gantt import gantt
from techalign.charts.heatmap import heat_map
from techalign.charts.lines import columns, exceedance
from techalign.charts.scatter import scatter
from techalign.charts.slope import slope
from techalign.charts.stacked import stacked_bars
from techalign.charts.timeline import timeline
from techalign.charts.waterfall import waterfall

__all__ = [
    "Chart",
    "Shown",
    "bars",
    "columns",
    "curve",
    "exceedance",
    "fan",
    "fans",
    "from_matplotlib",
    "gantt",
    "heat_map",
    "ranges",
    "scatter",
    "slope",
    "stacked_bars",
    "timeline",
    "waterfall",
]
