"""From a lets-plot specification to SVG, handing over only what is drawn.

lets-plot's own ``to_svg`` asks of each value in each column, drawn or not, whether it belongs to
one of six libraries; on a page with ten charts that takes longer than drawing them.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

__all__ = ["drawn", "to_svg"]

_SEEN = {"float", "int", "str"}  # types that the drawing library sees by itself


def drawn(frame: pd.DataFrame, *columns: str) -> dict[str, list[Any]]:
    """Take columns out of a frame as plain lists, whose types lets-plot sees at a glance.

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


def to_svg(plot: Any) -> str:
    """Draw a plot, as its method of the same name does.

    Parameters
    ----------
    plot : lets_plot PlotSpec

    Returns
    -------
    str
        A whole ``<svg>`` element, with lets-plot's random ids.
    """
    import lets_plot_kotlin_bridge

    spec = plot.as_dict()
    common = set(spec.get("mapping", {}).values())
    layers = [_slim(layer, common) for layer in spec.get("layers", [])]
    whole = _plain({**_unannotated(spec), "layers": layers})
    # -1: the size the plot itself asks for
    return str(lets_plot_kotlin_bridge.export_svg(whole, -1.0, -1.0, ""))


def _slim(layer: dict[str, Any], common: set[Any]) -> dict[str, Any]:
    """A layer with the columns it draws, and without tooltips: nobody points at the picture."""
    layer = {**_unannotated(layer), "tooltips": "none"}
    data = layer.get("data")
    if data is None:
        return layer
    drawn = {name for name in (*layer.get("mapping", {}).values(), *common) if name in data}
    return {**layer, "data": {name: data[name] for name in data if name in drawn}}


def _unannotated(part: dict[str, Any]) -> dict[str, Any]:
    """A plot or a layer without being told that text is text and a number a number."""
    told = part.get("data_meta", {}).get("series_annotations", [])
    if any(set(each) > {"column", "type"} or each.get("type") not in _SEEN for each in told):
        return part
    return {name: held for name, held in part.items() if name != "data_meta"}


def _plain(value: Any) -> Any:
    """A value as the drawing library reads it: text, float, bool, None, lists and dicts."""
    if isinstance(value, str | bool) or value is None:
        return value
    if isinstance(value, float | int):
        return float(value) if math.isfinite(value) else None
    if isinstance(value, dict):
        return {_plain(key): _plain(held) for key, held in value.items()}
    if isinstance(value, list | tuple):
        # most lists are a column of texts or of numbers
        if all(type(held) is str for held in value):
            return list(value)
        if all(type(held) is float for held in value):
            return [held if math.isfinite(held) else None for held in value]
        return [_plain(held) for held in value]
    if isinstance(value, pd.Series):
        return _plain(value.to_numpy())
    if isinstance(value, np.ndarray) and value.dtype.kind in "fO":
        return [_plain(held) for held in value.tolist()]
    from lets_plot._type_utils import standardize_dict

    return standardize_dict({"value": value})["value"]
