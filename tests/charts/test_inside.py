"""Whatever the numbers, every shape and text of a chart lies inside its picture."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
from hypothesis import example, given, settings
from hypothesis import strategies as st

from techalign import charts
from techalign.charts.text import text_width

NUMBERS = ("x", "y", "width", "height", "x1", "x2", "y1", "y2", "cx", "cy", "r")
AMOUNTS = st.one_of(
    st.just(math.nan),
    st.sampled_from([0.0, 1e-9, 0.3, 1e12]),
    st.floats(-1e7, 1e7),
)
NAMES = st.text(min_size=1, max_size=60)
DAYS = st.dates(dt.date(2019, 1, 1), dt.date(2032, 12, 31)).map(pd.Timestamp)
ROWS = st.lists(st.tuples(NAMES, AMOUNTS, AMOUNTS, AMOUNTS), min_size=1, max_size=9)
MONTHS = st.integers(1, 70).map(lambda n: pd.date_range("2021-05-01", periods=n, freq="MS"))
SPANS = st.lists(st.tuples(NAMES, DAYS, DAYS, DAYS, NAMES), min_size=1, max_size=6)


def ends(chart: charts.Chart) -> Iterator[tuple[float, float, float, float]]:
    """Left, right, top and bottom of each shape and text, as widely as fonts run."""
    sizes: dict[ET.Element, tuple[float, str]] = {}
    for group in ET.fromstring(chart.svg).iter("g"):
        size = float(group.get("font-size", "0px")[:-2])
        sizes |= {child: (size, group.get("text-anchor", "")) for child in group}
    for shape, (size, anchor) in sizes.items():
        at = {name: float(shape.get(name, "nan")) for name in NUMBERS if name in shape.attrib}
        if shape.tag == "rect":
            assert at["width"] >= 0
            assert at["height"] >= 0
            yield at["x"], at["x"] + at["width"], at["y"], at["y"] + at["height"]
        elif shape.tag == "line":
            (left, right), (top, bottom) = (sorted([at[f"{c}1"], at[f"{c}2"]]) for c in "xy")
            yield left, right, top, bottom
        elif shape.tag == "circle":
            yield at["cx"] - 4, at["cx"] + 4, at["cy"] - 4, at["cy"] + 4
        elif shape.tag == "text":
            wide = text_width(shape.text or "", size)
            left = at["x"] - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
            yield left, left + wide, at["y"] - size, at["y"]
        elif points := shape.get("points"):
            xs, ys = zip(*(map(float, point.split(",")) for point in points.split()), strict=True)
            yield min(xs), max(xs), min(ys), max(ys)


def lies_inside(chart: charts.Chart) -> None:
    box = ET.fromstring(chart.svg).get("viewBox", "")
    _, _, width, height = map(float, box.split())
    for left, right, top, bottom in ends(chart):
        assert left >= -12.5
        assert right <= width - 12 + 0.5
        assert top >= -0.5
        assert bottom <= height + 0.5


def rows(parts: list[tuple[str, float, float, float]]) -> pd.DataFrame:
    frame = pd.DataFrame(parts, columns=["name", "point", "low", "high"])
    frame[["low", "point", "high"]] = np.sort(frame[["low", "point", "high"]].to_numpy(), axis=1)
    return frame


@settings(deadline=None, max_examples=60)
@given(ROWS)
@example([("a", math.nan, math.nan, math.nan)])
@example([("a", -5.0, -3.0, -2.0)])
def test_charts_of_rows(parts: list[tuple[str, float, float, float]]) -> None:
    frame = rows(parts)
    named = {"label": "name", "title": "T", "unit": "USD"}
    lies_inside(charts.bars(frame, value="point", **named))
    lies_inside(charts.ranges(frame, point="point", low="low", high="high", **named))
    known = frame.dropna()
    if len(known):
        lies_inside(charts.waterfall(known, value="point", start=("S", 1.0), **named))
        lies_inside(charts.slope(known, before="low", after="high", **named))
    columns = {"point": "Point", "low": "A longer heading", "high": "H"}
    lies_inside(charts.heat_map(frame, columns=columns, total="All", **named))
    whole = frame.assign(**{n: frame[n].abs().fillna(0.0) for n in ("point", "low", "high")})
    groups = {"point": "Point", "low": "A longer name of a part", "high": "H"}
    lies_inside(charts.stacked_bars(whole, groups=groups, **named))


@settings(deadline=None, max_examples=60)
@given(MONTHS, st.data())
def test_charts_over_months(months: pd.DatetimeIndex, data: st.DataObject) -> None:
    values = data.draw(st.lists(AMOUNTS, min_size=len(months), max_size=len(months)))
    past = pd.DataFrame({"month": months, "value": values})
    lies_inside(charts.columns(past, month="month", value="value", title="T", unit="USD"))
    cut = data.draw(st.integers(0, len(months) - 1))
    triples = st.lists(
        st.tuples(AMOUNTS, AMOUNTS, AMOUNTS),
        min_size=len(months) - cut,
        max_size=len(months) - cut,
    )
    ahead = rows([("", *three) for three in data.draw(triples)]).assign(month=months[cut:])
    fan = charts.fan(past[:cut], ahead, title="T", unit="USD", level=0.8, value_header="V")
    lies_inside(fan)
    named = [frame.assign(who="W" * 40) for frame in (past[:cut], ahead)]
    lies_inside(
        charts.fans(*named, label="who", title="T", unit="USD", level=0.8, value_header="V")
    )
    curve = ahead.assign(x=np.arange(len(ahead)) * 1.0)
    lies_inside(
        charts.curve(
            curve, x=("x", "Months"), x_unit="months", title="T", unit="USD",
            value_header="V",
        )
    )  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(SPANS, st.dates(dt.date(2019, 1, 1), dt.date(2032, 12, 31)))
def test_charts_over_days(
    parts: list[tuple[str, pd.Timestamp, pd.Timestamp, pd.Timestamp, str]], today: dt.date
) -> None:
    frame = pd.DataFrame(
        [(name, *sorted(days), phase) for name, *days, phase in parts],
        columns=["name", "start", "act", "end", "phase"],
    )
    frame["end"] = frame["end"].clip(lower=pd.Timestamp(today))  # nobody shows what has ended
    lies_inside(
        charts.timeline(
            frame, label="name", start="start", mark="act", end="end", today=today, title="T",
        )
    )  # fmt: skip
    lies_inside(
        charts.gantt(
            frame, label="name", start="start", end="end", phase="phase", title="T",
            today=today,
        )
    )  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(ROWS)
def test_charts_of_points_and_losses(parts: list[tuple[str, float, float, float]]) -> None:
    frame = rows(parts)
    scatter = charts.scatter(
        frame, label="name", x="low", y="high", title="T", units=("%", "USD"),
    )  # fmt: skip
    if scatter.svg:
        lies_inside(scatter)
    amounts = np.sort(frame["high"].abs().fillna(0.0).to_numpy())
    chance = np.linspace(0.9, 0.0, len(amounts))
    lies_inside(
        charts.exceedance(
            amounts, chance, title="T", unit="USD",
            marks={"expected": float(amounts.mean()), "a bad year": float(amounts.max())},
        )
    )  # fmt: skip
