"""Monthly columns, and the chance of exceeding an amount."""

from __future__ import annotations

import numpy as np
import pandas as pd

from techalign.charts.axes import date_breaks, nice_breaks, reach, value_labels
from techalign.charts.bridge import drawn
from techalign.charts.chart import Chart, empty_chart
from techalign.charts.plot import draw
from techalign.charts.theme import COLOURS, SERIES
from techalign.numbers.formatting import compact, format_date

__all__ = ["columns", "exceedance"]

_HEIGHT = 260
_POINTS = 120
_FLAT = 4e-4  # of the height: less than a tenth of a pixel


def columns(
    frame: pd.DataFrame,
    *,
    month: str,
    value: str,
    title: str,
    unit: str,
    value_header: str,
    empty: str = "",
) -> Chart:
    """Draw one column per month.

    Parameters
    ----------
    frame : DataFrame
    month, value : str
        Columns: datetime64, and numbers.
    title, unit, value_header : str
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    import lets_plot as lp

    taken = drawn(frame, month, value)
    months, values = taken[month], taken[value]
    low, high = reach(values)
    breaks = nice_breaks(min(0.0, low), high)
    positions, labels = date_breaks(min(months), max(months))
    # whole numbers, so that every column is as wide as the next
    data = {"x": [m.year * 12 + m.month - 1 for m in months], "y": values}
    plot = (
        lp.ggplot(data, lp.aes("x", "y"))
        + lp.geom_bar(stat="identity", width=0.72, fill=SERIES[0], size=0)
        + lp.scale_x_continuous(breaks=[round(p * 12) for p in positions], labels=labels)
        + lp.scale_y_continuous(breaks=breaks, labels=value_labels(breaks, unit))
    )
    alt = (
        f"{title}. {len(months)} months from {format_date(min(months))}; lowest "
        f"{compact(low, unit)}, highest {compact(high, unit)}."
    )
    return Chart(
        title,
        alt,
        draw(plot, height=_HEIGHT, alt=alt, grid="y"),
        frame[[month, value]],
        {month: "Month", value: value_header},
        {month: "month", value: unit},
    )


def exceedance(
    amounts: np.ndarray,
    probability: np.ndarray,
    *,
    title: str,
    unit: str,
    marks: dict[str, float],
    empty: str = "",
) -> Chart:
    """Draw the chance that a loss is at least as large as each amount.

    Parameters
    ----------
    amounts : ndarray, shape (k,)
        Money, ascending.
    probability : ndarray, shape (k,)
        Chance of at least that amount, 0 to 1.
    title, unit : str
    marks : dict
        Name and amount of points worth a line, e.g. the expected loss.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    if amounts.size == 0:
        return empty_chart(title, empty, pd.DataFrame())
    import lets_plot as lp

    kept = _telling(amounts, probability)
    curve = {"amount": amounts[kept].tolist(), "chance": probability[kept].tolist()}
    across = nice_breaks(0.0, reach(curve["amount"])[1])
    top = nice_breaks(0.0, reach(curve["chance"])[1])
    named = [f"{name} {compact(amount, unit)}" for name, amount in marks.items()]
    lines = [
        (amount, top[-1] * (1 - 0.09 * i), name)
        for i, (amount, name) in enumerate(zip(marks.values(), named, strict=True))
    ]
    plot = (
        lp.ggplot()
        + lp.geom_vline(
            lp.aes(xintercept="amount"),
            data={"amount": list(marks.values())},
            color=COLOURS["soft"],
            size=0.8,
            linetype=2,
        )
        + lp.geom_line(lp.aes("amount", "chance"), data=curve, color=SERIES[0], size=1.6)
    )
    # a name is written on the side of its line where there is room for it
    for far in (False, True):
        part = [line for line in lines if (line[0] > 0.7 * across[-1]) == far]
        if part:
            plot += lp.geom_text(
                lp.aes("amount", "y", label="name"),
                data={
                    "amount": [amount for amount, _, _ in part],
                    "y": [y for _, y, _ in part],
                    "name": [name for _, _, name in part],
                },
                hjust=int(far),
                nudge_x=across[-1] * (-0.008 if far else 0.008),
                color=COLOURS["ink"],
                size=5.6,
            )
    plot = (
        plot
        + lp.scale_x_continuous(
            breaks=across, labels=value_labels(across, unit), limits=[0, across[-1] * 1.04]
        )
        + lp.scale_y_continuous(breaks=top, labels=value_labels(top, "%"))
    )
    alt = f"{title}. {'; '.join(named)}."
    svg = draw(plot, height=_HEIGHT, alt=alt, grid="xy")
    picked = np.unique(np.linspace(0, len(kept) - 1, 12).round().astype(int)).tolist()
    shown = pd.DataFrame({name: [part[i] for i in picked] for name, part in curve.items()})
    headers = {"amount": "Loss of at least", "chance": "Chance in a year"}
    return Chart(title, alt, svg, shown, headers, {"amount": unit, "chance": "%"})


def _telling(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Places of the points that make a curve: evenly along both axes, and as many as are seen."""
    places = [
        np.linspace(0, len(across) - 1, _POINTS).round().astype(int),
        np.searchsorted(-up, -np.linspace(up.max(), up.min(), _POINTS)).clip(max=len(up) - 1),
    ]
    found: np.ndarray = np.unique(np.concatenate(places))
    # where the curve is straight its ends say it all; halves at a time, so that no bend is lost
    for _ in range(4):
        x, y = across[found] / max(across[-1], 1e-300), up[found] / max(up.max(), 1e-300)
        line = y[:-2] + (y[2:] - y[:-2]) * (x[1:-1] - x[:-2]) / np.maximum(x[2:] - x[:-2], 1e-300)
        straight = np.abs(y[1:-1] - line) < _FLAT
        straight[1::2] = False
        found = found[np.r_[True, ~straight, True]]
    return found
