"""What changed between two reviews: a line per row from the earlier to the later value."""

from __future__ import annotations

import pandas as pd

from techalign.charts.chart import Chart, empty_chart
from techalign.charts.plot import draw
from techalign.charts.svg import safe_label
from techalign.charts.text import fit_text, spread, text_width
from techalign.charts.theme import COLOURS, SERIES, WIDTH
from techalign.numbers.formatting import compact

__all__ = ["slope"]

_TEXT = 12.0
_LEFT, _RIGHT = 372.0, 560.0  # where the lines begin and end, in pixels
_TOP = 30.0
_GAP = 19.0


def slope(
    frame: pd.DataFrame,
    *,
    label: str,
    before: str,
    after: str,
    title: str,
    unit: str,
    when: tuple[str, str],
    beyond: str = "",
    label_header: str = "",
    empty: str = "",
) -> Chart:
    """Draw the change of each row, with its name and both values written beside the line.

    Parameters
    ----------
    frame : DataFrame
        One row per line, at most some fifteen.
    label, before, after : str
        Columns of text and of numbers.
    title, unit : str
    when : (str, str)
        What the two sides are, e.g. ``("2026 Q1", "2026 Q2")``.
    beyond : str
        Column of booleans: whether the change is larger than its noise. Other lines are thin
        and dashed. All are drawn alike without it.
    label_header : str
        Heading of the label column in the data table.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    import lets_plot as lp

    height = _TOP + 16 + max(8 * _GAP, _GAP * len(frame))
    lines, texts = _layout(frame[[label, before, after]], unit, height)
    lines["firm"] = frame[beyond].to_numpy(bool) if beyond else True
    heads = pd.DataFrame({"x": [_LEFT - 8, _RIGHT + 8], "y": height - 12, "text": list(when)})
    plot = lp.ggplot()
    for firm, part in lines.groupby("firm"):
        plot += lp.geom_segment(
            lp.aes(x="x0", xend="x1", y="y0", yend="y1"),
            data=part,
            color=SERIES[0] if firm else COLOURS["soft"],
            size=1.8 if firm else 0.9,
            linetype=1 if firm else 2,
            tooltips="none",
        )
    for side, hjust in (("before", 1), ("after", 0)):
        end = "0" if side == "before" else "1"
        plot += lp.geom_point(
            lp.aes(x=f"x{end}", y=f"y{end}"), data=lines, color=SERIES[0], size=3, tooltips="none"
        )
        leads = texts[texts["side"] == side]
        plot += lp.geom_segment(
            lp.aes(x="from", xend="x", y="at", yend="y"), data=leads, color=COLOURS["soft"],
            size=0.5, tooltips="none",
        )  # fmt: skip
        for part in (leads, heads.iloc[[0 if side == "before" else 1]]):
            plot += lp.geom_text(
                lp.aes("x", "y", label="text"), data=part, hjust=hjust, size=5.4,
                color=COLOURS["ink"] if part is leads else COLOURS["soft"],
            )  # fmt: skip
    plot = (
        plot
        + lp.scale_x_continuous(limits=[0, WIDTH], expand=[0, 0])
        + lp.scale_y_continuous(limits=[0, height], expand=[0, 0])
    )
    alt = f"{title}. " + "; ".join(
        f"{row[label]}: {compact(row[before], unit)} to {compact(row[after], unit)}"
        for _, row in frame.iterrows()
    )
    names = [label, before, after]
    return Chart(
        title,
        alt,
        draw(plot, height=int(height) + 8, alt=alt, grid="", bare=True),
        frame[names],
        dict(zip(names, [label_header or label.capitalize(), *when], strict=True)),
        {before: unit, after: unit},
    )


def _layout(frame: pd.DataFrame, unit: str, height: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Lines and their texts in pixels, the texts moved apart."""
    values = frame.iloc[:, 1:].astype(float)
    low, high = float(values.min().min()), float(values.max().max())
    scale = (height - _TOP - 24) / (high - low if high > low else 1.0)
    ends = {
        side: [12 + (v - low) * scale for v in values.iloc[:, i]]
        for i, side in enumerate(("before", "after"))
    }
    lines = pd.DataFrame({"x0": _LEFT, "x1": _RIGHT, "y0": ends["before"], "y1": ends["after"]})
    parts = []
    for side, place, sign in (("before", _LEFT, -1), ("after", _RIGHT, 1)):
        column = values.iloc[:, 0 if side == "before" else 1]
        written = [compact(v, unit) for v in column]
        if side == "before":
            names = [safe_label(text) for text in frame.iloc[:, 0]]
            written = [
                f"{fit_text(n, _TEXT, _LEFT - 40 - text_width(t, _TEXT))}  {t}"
                for n, t in zip(names, written, strict=True)
            ]
        parts.append(
            pd.DataFrame(
                {
                    "side": side,
                    "from": place,
                    "at": ends[side],
                    "x": place + sign * 14,
                    "y": spread(ends[side], _GAP, 10, height - _TOP),
                    "text": written,
                }
            )
        )
    return lines, pd.concat(parts, ignore_index=True)
