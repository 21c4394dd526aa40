"""A table as colour: rows against columns, the value written in each cell."""

from __future__ import annotations

import numpy as np
import pandas as pd

from techalign.charts.bridge import drawn
from techalign.charts.chart import Chart, empty_chart
from techalign.charts.plot import draw
from techalign.charts.svg import safe_label
from techalign.charts.text import fit_text, text_width
from techalign.charts.theme import COLOURS, HEAT, WIDTH
from techalign.numbers.formatting import compact

__all__ = ["heat_map"]

_CELL = 30.0
_TEXT = 12.0
_SUM = "sum of the row"


def heat_map(
    frame: pd.DataFrame,
    *,
    label: str,
    columns: dict[str, str],
    title: str,
    unit: str,
    label_header: str = "",
    total: str = "",
    empty: str = "",
) -> Chart:
    """Draw a cell per row and column, darker where the value is larger.

    Parameters
    ----------
    frame : DataFrame
        One row per line, drawn from the top; numbers, NaN where there is none.
    label : str
        Column of text.
    columns : dict
        Numeric column to its heading, at most ten.
    title, unit : str
    label_header : str
        Heading of the label column in the data table.
    total : str
        Heading of a last column with the sum of each row, not coloured; none by default.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    import lets_plot as lp

    shaded = len(columns)
    if total:
        frame = frame.assign(**{_SUM: frame[list(columns)].sum(axis=1)})
        columns = {**columns, _SUM: total}
    names = [safe_label(text) for text in frame[label]]
    left = min(max(text_width(name, _TEXT) for name in names) + 14, 330.0)
    width = (WIDTH - left - 4) / len(columns)
    height = _CELL * (len(frame) + 1)
    values = frame[list(columns)].astype(float).to_numpy()
    rows, across = np.indices(values.shape)
    cells = pd.DataFrame(
        {
            "x0": left + across.ravel() * width,
            "y1": height - _CELL * (rows.ravel() + 1),
            "value": values.ravel(),
            "step": np.where(
                across < shaded,
                _steps(values[:, :shaded]).take(np.minimum(across, shaded - 1) + rows * shaded),
                -1,
            ).ravel(),
        }
    )
    cells = cells.assign(x1=cells["x0"] + width, y0=cells["y1"] - _CELL)
    cells = cells.assign(x=(cells["x0"] + cells["x1"]) / 2, y=(cells["y0"] + cells["y1"]) / 2)
    cells["text"] = [
        fit_text(compact(v, unit), _TEXT, width - 4) if np.isfinite(v) else "–"
        for v in cells["value"]
    ]
    heads = pd.DataFrame(
        {
            "x": [left + (i + 0.5) * width for i in range(len(columns))],
            "y": height - _CELL / 2,
            "text": [fit_text(safe_label(name), _TEXT, width - 6) for name in columns.values()],
        }
    )
    sides = pd.DataFrame(
        {
            "x": left - 8,
            "y": [height - _CELL * (i + 1.5) for i in range(len(frame))],
            "text": [fit_text(name, _TEXT, left - 12) for name in names],
        }
    )
    shades = cells[cells["step"] >= 0]
    shades = shades.assign(colour=[HEAT[step] for step in shades["step"]])
    # few layers: each costs as much as what is in it
    plot = lp.ggplot() + lp.geom_rect(
        lp.aes(xmin="x0", xmax="x1", ymin="y0", ymax="y1", fill="colour"),
        data=drawn(shades, "x0", "x1", "y0", "y1", "colour"),
        color="#ffffff",
        size=1,
        tooltips="none",
    )
    for part, hjust in ((pd.concat([cells, heads]), 0.5), (sides, 1)):
        plot += lp.geom_text(
            lp.aes("x", "y", label="text"),
            data=drawn(part, "x", "y", "text"),
            hjust=hjust,
            size=5.4,
            color=COLOURS["ink"],
        )
    plot = (
        plot
        + lp.scale_fill_identity()
        + lp.scale_x_continuous(limits=[0, WIDTH], expand=[0, 0])
        + lp.scale_y_continuous(limits=[0, height], expand=[0, 0])
    )
    seen = dict(list(columns.items())[:shaded])
    alt = f"{title}. " + "; ".join(_said(row, label, seen, unit) for _, row in frame.iterrows())
    return Chart(
        title,
        alt,
        draw(plot, height=int(height) + 8, alt=alt, grid="", bare=True),
        frame[[label, *columns]],
        {label: label_header or label.capitalize(), **columns},
        dict.fromkeys(columns, unit),
    )


def _said(row: pd.Series, label: str, columns: dict[str, str], unit: str) -> str:
    most = max(columns, key=lambda c: -np.inf if pd.isna(row[c]) else float(row[c]))
    return f"{row[label]}: most in {columns[most]}, {compact(float(row[most]), unit)}"


def _steps(values: np.ndarray) -> np.ndarray:
    """Which of the colours each value gets; a missing one gets the palest."""
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
    share = (np.nan_to_num(values, nan=low) - low) / (high - low if high > low else 1.0)
    steps: np.ndarray = np.minimum((share * len(HEAT)).astype(int), len(HEAT) - 1)
    return steps
