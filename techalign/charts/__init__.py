"""Results to pictures: lets-plot drawn as SVG, with a text alternative and the numbers."""

from __future__ import annotations

from techalign.charts.bars import bars, ranges, stacked_bars
from techalign.charts.chart import Chart
from techalign.charts.lines import columns, curve, exceedance, fan
from techalign.charts.timeline import timeline

__all__ = [
    "Chart",
    "bars",
    "columns",
    "curve",
    "exceedance",
    "fan",
    "ranges",
    "stacked_bars",
    "timeline",
]
