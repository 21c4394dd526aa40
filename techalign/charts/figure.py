"""An analyst's own matplotlib figure, made to look and behave like the other charts.

matplotlib is not needed by the package: the figure brings it along.
"""

from __future__ import annotations

import hashlib
import io
import re
from typing import Any
from xml.etree import ElementTree as ET

import pandas as pd

from techalign.charts.chart import Chart
from techalign.charts.theme import COLOURS, INK, SERIES
from techalign.html import escape

__all__ = ["from_matplotlib"]

_SVG = "{http://www.w3.org/2000/svg}"
_LINK = "{http://www.w3.org/1999/xlink}href"
_SHAPES = {"path", "rect", "circle", "line", "polyline", "polygon", "image"}
_DRAWN = _SHAPES | {
    "svg",
    "g",
    "defs",
    "text",
    "tspan",
    "use",
    "clipPath",
    "linearGradient",
    "stop",
}
# what matplotlib draws with unless told, as the house's colours
_HOUSE = {
    "#000000": f"var(--ta-ink,{INK})",
    "#ffffff": "var(--bg,#fff)",
    "#b0b0b0": f"var(--ta-grid,{COLOURS['grid']})",
    **{
        theirs: f"var(--ta-s{number},{ours})"
        for number, (theirs, ours) in enumerate(
            zip(("#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#7f7f7f"), SERIES, strict=True), 1
        )
    },
    "#d62728": f"var(--ta-alert,{COLOURS['alert']})",
}


def from_matplotlib(
    figure: Any,
    *,
    title: str,
    alt: str,
    data: pd.DataFrame,
    headers: dict[str, str],
    units: dict[str, str] | None = None,
) -> Chart:
    """Take a matplotlib figure into a report.

    Colours that matplotlib uses by default become the house's and follow the page into the
    dark; other colours stay as they are. Text stays text.

    Parameters
    ----------
    figure : matplotlib.figure.Figure
    title : str
        Says what is drawn and in which unit.
    alt : str
        What a reader would see, in words.
    data : DataFrame
        The numbers behind it.
    headers, units : dict
        Heading and unit per column of ``data``.

    Returns
    -------
    Chart

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> figure = Figure()
    >>> lines = figure.subplots().plot([1, 2], [3, 5])
    >>> chart = from_matplotlib(
    ...     figure, title="Hours per week", alt="Hours rise from 3 to 5.",
    ...     data=pd.DataFrame({"week": [1, 2], "hours": [3, 5]}),
    ...     headers={"week": "Week", "hours": "Hours"})
    >>> chart, "<metadata>" in chart.svg
    (<chart: Hours per week>, False)
    """
    import matplotlib as mpl

    target = io.BytesIO()
    # a fixed salt and no date: the same figure gives the same bytes
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "techalign"}):
        figure.savefig(
            target, format="svg", transparent=True, bbox_inches="tight", metadata={"Date": None}
        )
    return Chart(title, alt, _cleaned(target.getvalue(), alt), data, headers, units or {})


def _cleaned(svg: bytes, alt: str) -> str:
    # the parser reads what matplotlib has just written, not a stranger's file
    root = ET.fromstring(svg)  # noqa: S314
    box = root.get("viewBox", "0 0 720 400")
    _keep_drawing(root)
    used = {
        target for e in root.iter() for value in e.attrib.values()
        for target in re.findall(r"#([\w-]+)", value)
    }  # fmt: skip
    for element in root.iter():
        if element.get("id") not in used:
            element.attrib.pop("id", None)
    inner = "".join(ET.tostring(child, encoding="unicode") for child in root)
    inner = re.sub(r' xmlns(?::\w+)?="[^"]*"', "", inner)
    inner = re.sub(r"<(/?)(?:ns\d+|svg):", r"<\1", inner)
    inner = re.sub(r"ns\d+:href|xlink:href", "href", inner)
    inner = re.sub(r"-?\d+\.\d{3,}", lambda m: f"{float(m[0]):.2f}", inner)
    inner = re.sub(r"#[0-9a-f]{6}\b", lambda m: _HOUSE.get(m[0], m[0]), inner)
    inner = re.sub(r"font: ([\d.]+px)[^;\"]*", r"font: \1 system-ui,sans-serif", inner)
    prefix = "m" + hashlib.sha256(inner.encode()).hexdigest()[:8]
    inner = re.sub(r'\bid="', f'id="{prefix}-', inner)
    inner = re.sub(r'href="#', f'href="#{prefix}-', inner)
    inner = re.sub(r"url\(#", f"url(#{prefix}-", inner)
    return (
        f'<svg class="ta-svg" viewBox="{escape(box)}" role="img" aria-label="{escape(alt)}" '
        f'fill="var(--ta-ink,{INK})">{inner.strip()}</svg>'
    )


def _keep_drawing(element: ET.Element) -> None:
    """Leave out whatever is not drawing: metadata, styles, links, scripts."""
    for child in list(element):
        if child.tag.removeprefix(_SVG) not in _DRAWN:
            element.remove(child)
            if child.tag == f"{_SVG}a":
                element.extend(child)  # a link's text stays, the link goes
                _keep_drawing(element)
                return
            continue
        outside = child.get(_LINK, "#")
        if not outside.startswith(("#", "data:image/png;base64,")):
            child.attrib.pop(_LINK)
        _keep_drawing(child)
