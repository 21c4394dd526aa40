"""A finished chart: the picture, what it says in words, and the numbers behind it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import pandas as pd

from techalign.charts.theme import NARROW, WIDTH, in_notebook
from techalign.html import Heading, columns_of, escape, estimated, table_html

__all__ = ["Chart", "Shown", "drawn", "empty_chart", "named", "two_widths"]

Shown: TypeAlias = str | tuple[str, str]
"""A column of the frame to draw: its name, or its name and the heading people read."""


@dataclass(frozen=True, repr=False)
class Chart:
    """A chart that shows itself in JupyterLab and in a report.

    Attributes
    ----------
    title : str
        Shown above the picture; says what is drawn and in which unit.
    alt : str
        The text alternative: what a reader would see.
    svg : str
        A cleaned ``<svg>`` element; "" where there was nothing to draw.
    data : DataFrame
        The numbers behind the picture, shown folded below it.
    headers, units : dict
        Heading and unit per column of ``data``.
    narrow : str
        The same drawn for a phone or a column on paper, shown there instead; "" if the picture
        stays as it is.

    Examples
    --------
    >>> from techalign.charts import bars
    >>> frame = pd.DataFrame({"tool": ["Ledger", "Mail"], "cost": [4200.0, 900.0]})
    >>> chart = bars(frame, label="tool", value="cost", title="Cost a year", unit="USD")
    >>> chart
    <chart: Cost a year>
    >>> chart.svg.startswith("<svg"), len(chart.data), chart.units
    (True, 2, {'cost': 'USD'})
    """

    title: str
    alt: str
    svg: str
    data: pd.DataFrame
    headers: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    narrow: str = ""

    def __repr__(self) -> str:
        # not the picture and its numbers: a notebook keeps this beside them
        return f"<chart: {self.title}>"

    def _repr_html_(self) -> str:
        return in_notebook(self.html)

    @property
    def html(self) -> str:
        """The chart as a page has it."""
        if not self.svg:
            return f'<p class="note info">{escape(self.alt)}</p>'
        columns = columns_of(self.data)
        rough = estimated(columns, self.units)
        table = table_html(
            columns,
            {k: Heading(v, self.units.get(k, ""), k in rough) for k, v in self.headers.items()},
            caption=f"Numbers behind: {self.title}",
            hide_caption=True,
        )
        return (
            f'<figure class="ta-chart"><figcaption>{escape(self.title)}</figcaption>'
            # on a phone the picture scrolls sideways, also by the keyboard
            f'<div class="ta-pic" tabindex="0" role="group" aria-label="{escape(self.title)}">'
            f"{self.svg}{self.narrow}</div>"
            f"<details><summary>Numbers behind this chart</summary>{table}</details></figure>"
        )


def empty_chart(title: str, sentence: str, data: pd.DataFrame) -> Chart:
    """Give the chart of no rows: a sentence in the picture's place."""
    return Chart(title, sentence or f"{title}: nothing to show.", "", data)


def two_widths(draw: Callable[[float], str]) -> dict[str, str]:
    """Draw a picture for a page and for a phone.

    Parameters
    ----------
    draw : callable
        From a width in pixels to an ``<svg>`` element.

    Returns
    -------
    dict
        The fields ``svg`` and ``narrow`` of a :class:`Chart`.

    Examples
    --------
    >>> two_widths(lambda width: f"<svg {width}>")
    {'svg': '<svg 720>', 'narrow': '<svg 328>'}
    """
    return {"svg": draw(WIDTH), "narrow": draw(NARROW)}


def named(column: Shown) -> tuple[str, str]:
    """Take a column's name and its heading: the name itself in words where none is given.

    Examples
    --------
    >>> named("yearly_cost"), named(("yearly_cost", "Cost a year"))
    (('yearly_cost', 'Yearly cost'), ('yearly_cost', 'Cost a year'))
    """
    if isinstance(column, str):
        return column, column.replace("_", " ").capitalize()
    return column


def drawn(frame: pd.DataFrame, *columns: str) -> dict[str, list[Any]]:
    """Take columns out of a frame as plain lists.

    A chart takes them once and works on lists from there: for some dozen rows, pandas would take
    longer to find a column than Python to go through it.

    Parameters
    ----------
    frame : DataFrame
    *columns : str
        Numbers become floats.
    """
    taken = {name: frame[name] for name in columns}
    return {
        name: part.astype(float).tolist() if part.dtype.kind in "iu" else part.tolist()
        for name, part in taken.items()
    }
