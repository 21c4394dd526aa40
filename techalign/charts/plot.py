"""The one place where a lets-plot specification becomes a cleaned picture."""

from __future__ import annotations

from typing import Any

from techalign.charts.bridge import to_svg
from techalign.charts.svg import clean_svg
from techalign.charts.theme import COLOURS, WIDTH

__all__ = ["draw"]


def draw(
    plot: Any,
    *,
    height: int,
    alt: str,
    grid: str = "xy",
    x_title: str = "",
    y_title: str = "",
) -> str:
    """Render a plot in the house style.

    Parameters
    ----------
    plot : lets_plot PlotSpec
    height : int
        In pixels; the width is the house's.
    alt : str
        The text alternative.
    grid : str
        Which grid lines to keep: "x", "y", "xy" or "".
    x_title : str
        What the horizontal axis shows, where its labels do not say it.
    y_title : str
        The same of the vertical axis.

    Returns
    -------
    str
        A cleaned ``<svg>`` element.
    """
    import lets_plot as lp

    line = lp.element_line(color=COLOURS["grid"], size=0.7)
    soft = lp.element_text(color=COLOURS["soft"], size=12)
    style = lp.theme(
        plot_background=lp.element_blank(),
        panel_background=lp.element_blank(),
        panel_grid_minor=lp.element_blank(),
        panel_grid_major_x=line if "x" in grid else lp.element_blank(),
        panel_grid_major_y=line if "y" in grid else lp.element_blank(),
        axis_line=lp.element_blank(),
        axis_ticks=lp.element_blank(),
        axis_text_x=lp.element_text(color=COLOURS["soft"], size=12, angle=0),
        axis_text_y=lp.element_text(color=COLOURS["ink"], size=13),
        axis_title=soft,
        legend_position="none",
        plot_margin=[4, 8, 4, 4 if y_title else 0],
    )
    whole = plot + lp.labs(x=x_title, y=y_title) + style + lp.ggsize(WIDTH, height)
    return clean_svg(to_svg(whole), alt)
