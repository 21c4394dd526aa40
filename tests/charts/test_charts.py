import datetime as dt
import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from techalign import charts
from techalign.charts.axes import date_breaks, nice_breaks
from techalign.charts.text import fit_text, row_of, safe_label, spread, text_width
from techalign.charts.theme import out_of_notebook

MONTHS = pd.date_range("2025-01-01", periods=18, freq="MS")
NASTY = [
    '<a href="javascript:alert(1)">x</a>',
    "</text><script>alert(1)</script>",
    'A & B "Ltd" <b>bold</b>',
    "\\(x^2\\)",
    "line\nbreak\x00",
    "A" * 80,
]


def _examples() -> dict[str, charts.Chart]:
    rows = pd.DataFrame(
        {
            "vendor": NASTY,
            "money": [1e9, 12_000.0, 800.5, -40.0, 0.0, 1.0],
            "low": [9e8, 1.0, 2.0, -60.0, 0.0, 0.5],
            "high": [1.2e9, 20_000.0, 900.0, -10.0, 1.0, 2.0],
            "run": [1.0, 2, 3, 4, 5, 6],
            "grow": [6.0, 5, 4, 3, 2, 1],
        }
    )
    past = pd.DataFrame({"month": MONTHS[:12], "value": np.arange(12.0) * 100})
    ahead = pd.DataFrame({"month": MONTHS[12:], "point": 1000.0, "low": 500.0, "high": 1600.0})
    terms = pd.DataFrame(
        {
            "vendor": NASTY[:3],
            "start": pd.to_datetime(["2025-01-01"] * 3),
            "act": pd.to_datetime(["2026-01-01", "2026-02-01", "2026-09-01"]),
            "end": pd.to_datetime(["2026-06-30", "2026-07-31", "2027-01-31"]),
        }
    )
    growth = pd.DataFrame({"m": np.arange(25.0)})
    growth = growth.assign(point=growth.m / 30, low=growth.m / 40, high=growth.m / 25)
    return {
        "bars": charts.bars(rows, label="vendor", value="money", title="Spend", unit="USD"),
        "ranges": charts.ranges(
            rows, label="vendor", point="money", low="low", high="high", title="Risk", unit="EUR"
        ),
        "stacked": charts.stacked_bars(
            rows, label="vendor", groups={"run": "Run", "grow": "Grow"}, title="Use", unit="GBP"
        ),
        "fan": charts.fan(
            past, ahead, title="Sales", unit="USD", level=0.8, value_header="Revenue"
        ),
        "fans": charts.fans(
            pd.concat([past[::3].assign(vendor=name) for name in NASTY[:4]]),
            pd.concat([ahead[::3].assign(vendor=name) for name in NASTY]),
            label="vendor",
            title="Each",
            unit="USD",
            level=0.8,
            value_header="Revenue",
        ),
        "columns": charts.columns(past, month="month", value="value", title="Months", unit="USD"),
        "exceedance": charts.exceedance(
            np.linspace(0, 1e5, 200),
            np.exp(-np.linspace(0, 5, 200)),
            title="Loss",
            unit="USD",
            marks={"expected": 2e4},
        ),
        "curve": charts.curve(
            growth,
            x=("m", "Months since signing"),
            x_unit="months",
            title="Active",
            unit="%",
            value_header="Share",
        ),
        "timeline": charts.timeline(
            terms,
            label="vendor",
            start="start",
            mark=("act", "Act by"),
            end="end",
            today=dt.date(2026, 3, 1),
            title="Renewals",
        ),
    }


@pytest.fixture(scope="module")
def examples() -> dict[str, charts.Chart]:
    return _examples()


NAMES = [
    "bars", "ranges", "stacked", "fan", "fans", "columns", "exceedance", "curve", "timeline",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_chart_is_small_well_formed_and_harmless(
    name: str, examples: dict[str, charts.Chart]
) -> None:
    svg = examples[name].svg
    assert len(svg) < 12_000
    elements = [element.tag for element in ET.fromstring(svg).iter()]
    assert not {"a", "script", "style", "image", "foreignObject"} & set(elements)
    assert "href" not in svg.replace("&quot;", "").replace("&lt;a href=", "")
    assert "rgb(" not in svg
    assert not re.search(r"\d\.\d{3,}", svg)
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert root.get("aria-label", "").startswith(examples[name].title)


@pytest.mark.parametrize("name", ["bars", "ranges", "stacked"])
def test_hostile_labels_are_shown_as_text(name: str, examples: dict[str, charts.Chart]) -> None:
    texts = ["".join(t.itertext()) for t in ET.fromstring(examples[name].svg).iter("text")]
    assert '<a href="javascript:alert(1)">x</a>' in texts
    assert "</text><script>alert(1)</script>" in texts
    assert "\\(x^2\\)" in texts
    assert "line break" in texts
    page = examples[name]._repr_html_()
    assert "<script" not in page
    assert "A" * 80 in page, "the whole label is in the data table"


def test_the_same_data_give_the_same_bytes(examples: dict[str, charts.Chart]) -> None:
    again = _examples()
    assert {n: c.svg for n, c in again.items()} == {n: c.svg for n, c in examples.items()}


def test_every_chart_has_its_numbers_in_a_table(examples: dict[str, charts.Chart]) -> None:
    for chart in examples.values():
        page = chart._repr_html_()
        assert "<details><summary>Numbers behind this chart</summary>" in page
        assert page.count("<tr>") == len(chart.data) + 1
        assert all(f">{header}</th>" in page for header in chart.headers.values())


def test_colours_follow_the_page(examples: dict[str, charts.Chart]) -> None:
    for chart in examples.values():
        bare = re.sub(r"var\(--[a-z0-9-]+,#[0-9a-f]{3,6}\)", "", chart.svg)
        assert not re.findall(r"(?<![&(])#[0-9a-f]{6}", bare)


def test_a_label_keeps_its_words_and_loses_its_controls() -> None:
    assert safe_label("two\n lines\t\x07") == "two lines"
    assert len(safe_label("word " * 40)) <= 44
    assert safe_label("word " * 40).endswith("…")


def test_amounts_below_ten_cents_are_written_as_they_are() -> None:
    names = pd.DataFrame({"vendor": ["Version 2.125", "B"], "money": [0.03, 2.25]})
    chart = charts.bars(names, label="vendor", value="money", title="T", unit="USD")
    assert {"Version 2.125", "$0.03", "$2.25"} <= set(_texts(chart))


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 9.7e5), (-40, 3), (0.001, 0.0049), (5, 5)])
def test_breaks_are_round_and_cover_the_range(low: float, high: float) -> None:
    breaks = nice_breaks(low, high)
    assert breaks[0] <= low
    assert breaks[-1] >= high
    assert 3 <= len(breaks) <= 8
    steps = np.diff(breaks)
    assert np.allclose(steps, steps[0])


BARS = pd.DataFrame({"what": ["A", "B", "C"], "money": [4000.0, -1000.0, 2500.0]})


def _shapes(chart: charts.Chart, tag: str) -> list[dict[str, float]]:
    """Numbers of each shape of a kind."""
    return [
        {name: float(value) for name, value in shape.items() if name != "fill"}
        for shape in ET.fromstring(chart.svg).iter(tag)
    ]


def _places(chart: charts.Chart) -> dict[str, tuple[float, float]]:
    root = ET.fromstring(chart.svg)
    return {
        "".join(t.itertext()): (float(t.get("x", "nan")), float(t.get("y", "nan")))
        for t in root.iter("text")
    }


def test_bars_are_as_long_as_their_amounts_and_begin_at_zero() -> None:
    chart = charts.bars(BARS, label="what", value="money", title="T", unit="USD")
    first, second, third = _shapes(chart, "rect")
    at = _places(chart)
    pixels = (at["$2k"][0] - at["$0"][0]) / 2000  # as the axis has them
    assert first["width"] == pytest.approx(4000 * pixels, abs=0.3)
    assert second["width"] == pytest.approx(1000 * pixels, abs=0.3)
    assert third["width"] == pytest.approx(2500 * pixels, abs=0.3)
    assert first["x"] == third["x"] == pytest.approx(at["$0"][0], abs=0.1)
    assert second["x"] + second["width"] == pytest.approx(at["$0"][0], abs=0.2)
    for name, bar in zip("ABC", (first, second, third), strict=True):
        assert at[name][1] - 0.36 * 13 == pytest.approx(bar["y"] + bar["height"] / 2, abs=0.2)
    assert first["y"] < second["y"] < third["y"]


def test_ranges_reach_from_low_to_high_around_their_point() -> None:
    frame = pd.DataFrame({"what": ["A", "B"], "p": [2e3, 1e3], "l": [1e3, 0], "h": [4e3, 3e3]})
    chart = charts.ranges(frame, label="what", point="p", low="l", high="h", title="T", unit="USD")
    at = _places(chart)
    zero, pixels = at["$0"][0], (at["$4k"][0] - at["$0"][0]) / 4000
    for band, dot, row in zip(
        _shapes(chart, "rect"), _shapes(chart, "circle"), frame.itertuples(), strict=True
    ):
        assert (band["x"] - zero) / pixels == pytest.approx(row.l, abs=2)
        assert (band["x"] + band["width"] - zero) / pixels == pytest.approx(row.h, abs=3)
        assert (dot["cx"] - zero) / pixels == pytest.approx(row.p, abs=2)
        assert dot["cy"] == pytest.approx(band["y"] + band["height"] / 2, abs=0.2)


def test_columns_stand_on_zero_and_point_down_below_it() -> None:
    frame = pd.DataFrame({"month": MONTHS[:3], "value": [1000.0, -500.0, 2000.0]})
    chart = charts.columns(frame, month="month", value=("value", "V"), title="T", unit="USD")
    at = _places(chart)
    zero = at["$0"][1] - 0.36 * 12
    up, down, tall = _shapes(chart, "rect")
    assert up["y"] + up["height"] == pytest.approx(zero, abs=0.2)
    assert tall["y"] + tall["height"] == pytest.approx(zero, abs=0.2)
    assert down["y"] == pytest.approx(zero, abs=0.2)
    assert tall["height"] == pytest.approx(2 * up["height"], abs=0.3)
    assert down["height"] == pytest.approx(up["height"] / 2, abs=0.3)
    assert up["width"] == down["width"] == tall["width"]


def test_points_lie_where_the_axes_say() -> None:
    frame = pd.DataFrame({"what": ["A", "B"], "x": [0.1, 0.2], "y": [1000.0, 3000.0]})
    chart = charts.scatter(
        frame, label="what", x=("x", "X"), y=("y", "Y"), title="T", units=("%", "USD")
    )
    at = _places(chart)
    first, second = _shapes(chart, "circle")
    assert first["cx"] == pytest.approx(at["10%"][0], abs=0.1)
    assert first["cy"] == pytest.approx(at["$1k"][1] - 0.36 * 12, abs=0.2)
    assert second["cx"] == pytest.approx(at["20%"][0], abs=0.1)
    assert second["cy"] == pytest.approx(at["$3k"][1] - 0.36 * 12, abs=0.2)


def test_what_is_not_known_is_not_drawn() -> None:
    frame = BARS.assign(money=[1.0, np.nan, 3.0])
    chart = charts.bars(frame, label="what", value="money", title="T", unit="USD")
    assert len(_shapes(chart, "rect")) == 2
    past = pd.DataFrame({"month": MONTHS[:9], "value": [1.0, 2, np.nan, 4, 5, 6, np.nan, 8, 9]})
    ahead = pd.DataFrame({"month": MONTHS[9:], "point": 9.0, "low": 8.0, "high": 10.0})
    fan = charts.fan(past, ahead, title="T", unit="USD", level=0.8, value_header="V")
    assert fan.svg.count("<polyline") == 3 + 3  # the line's stretches, the band and its ends
    assert "nan" not in fan.svg + chart.svg


@pytest.mark.parametrize("months", [1, 2, 5, 18, 30, 61, 200])
def test_labels_of_an_axis_of_days_keep_apart_inside_the_picture(months: int) -> None:
    days = pd.date_range("2025-01-01", periods=months, freq="MS")
    frame = pd.DataFrame({"month": days, "value": 1e6})
    chart = charts.columns(frame, month="month", value=("value", "V"), title="T", unit="USD")
    below = sorted((x, text) for text, (x, _) in _places(chart).items() if "20" in text)
    assert below
    ends = [(x - text_width(text, 12) / 2, x + text_width(text, 12) / 2) for x, text in below]
    assert ends[0][0] >= -12
    assert ends[-1][1] <= 708
    assert all(left[1] < right[0] for left, right in pairwise(ends))


def test_date_breaks_suit_the_span() -> None:
    _, labels = date_breaks(dt.date(2025, 1, 1), dt.date(2025, 6, 1))
    assert labels[:2] == ["Jan 2025", "Feb 2025"]
    _, labels = date_breaks(dt.date(2015, 1, 1), dt.date(2026, 6, 1))
    assert labels[0] == "2016"
    assert len(labels) <= 9


WORTH = pd.DataFrame({"what": ["Up <b>", "Down"], "a": [100.0, 50.0], "b": [-40.0, 70.0]})


def _texts(chart: charts.Chart) -> list[str]:
    return ["".join(t.itertext()) for t in ET.fromstring(chart.svg).iter("text")]


def test_a_waterfall_ends_at_the_sum_and_signs_its_steps() -> None:
    steps = WORTH.assign(a=[100.0, -30.0])
    chart = charts.waterfall(
        steps, label="what", value="a", start=("Before", 50.0), end="After", title="T", unit="USD"
    )
    assert {"$50", "+$100", "\u2212$30", "$120", "Up <b>"} <= set(_texts(chart))
    assert chart.data["value"].tolist() == [50.0, 100.0, -30.0, 120.0]
    assert "rgb(" not in chart.svg


def test_a_slope_names_both_ends() -> None:
    chart = charts.slope(
        WORTH, label="what", before=("a", "Q1"), after=("b", "Q2"), title="T", unit="USD"
    )
    assert {"Q1", "Q2", "\u2212$40", "$70"} <= set(_texts(chart))
    assert any(text.startswith("Up <b>") and text.endswith("$100") for text in _texts(chart))


def _heat(chart: charts.Chart) -> int:
    """Cells that have a colour of the heat map."""
    groups = ET.fromstring(chart.svg).iter("g")
    return sum(len(g) for g in groups if "--ta-h" in g.get("fill", ""))


def test_a_heat_map_writes_every_value_and_a_dash_for_none() -> None:
    gap = WORTH.assign(b=[np.nan, 70.0])
    chart = charts.heat_map(
        gap, label="what", columns={"a": "First", "b": "Second"}, title="T", unit="USD"
    )
    assert {"$100", "$50", "$70", "–", "First", "Second"} <= set(_texts(chart))
    assert _heat(chart) == 4


def test_a_heat_map_leaves_zero_blank() -> None:
    paid = WORTH.assign(a=0.0, b=0.0)
    chart = charts.heat_map(
        paid, label="what", columns={"a": "A", "b": "B"}, title="T", unit="USD", total="All"
    )
    assert not any("$" in text for text in _texts(chart))
    assert "nothing" in chart.alt


def test_on_a_phone_the_line_of_today_leaves_out_the_names(
    examples: dict[str, charts.Chart],
) -> None:
    chart = examples["timeline"]
    root = ET.fromstring(chart.narrow)
    days = next(g for g in root.iter("g") if "--ta-alert" in g.get("stroke", ""))
    ends = [(float(line.get("y1", "")), float(line.get("y2", ""))) for line in days]
    assert len(ends) == len(chart.data)
    names = set(chart.data[chart.data.columns[0]])
    heights = [float(t.get("y", "")) for t in root.iter("text") if t.text in names]
    assert len(heights) == len(ends)
    assert all(not top - 4 < at < low + 4 for at in heights for top, low in ends)


def test_a_heat_map_of_hostile_names_is_harmless() -> None:
    hostile = pd.DataFrame({"what": NASTY, "a": np.arange(6.0)})
    chart = charts.heat_map(
        hostile, label="what", columns={"a": NASTY[1]}, title=NASTY[0], unit="USD", total=NASTY[3]
    )
    assert {element.tag for element in ET.fromstring(chart.svg).iter()} == {
        "svg", "g", "rect", "text"
    }  # fmt: skip
    assert {'<a href="javascript:alert(1)">x</a>', "\\(x^2\\)", "line break"} <= set(_texts(chart))
    assert ET.fromstring(chart.svg).get("aria-label", "").startswith(NASTY[0])


def test_a_heat_map_sums_its_rows_without_colouring_the_sums() -> None:
    chart = charts.heat_map(
        WORTH, label="what", columns={"a": "A", "b": "B"}, title="T", unit="USD", total="All"
    )
    assert {"$60", "$120", "All"} <= set(_texts(chart))
    assert _heat(chart) == 4


@pytest.mark.parametrize(
    "first", [[50.0, 30.0, 20.0], [1.0, 98.0, 1.0], [0.0, 100.0, 0.0], [0.0, 0.0, 0.0]]
)
def test_every_part_of_a_stacked_bar_is_named_once(first: list[float]) -> None:
    parts = {"a": "Records", "b": "Moving to another", "c": "Lost margin"}
    frame = pd.DataFrame([first, [10.0, 20.0, 30.0]], columns=list(parts))
    frame.insert(0, "what", ["First", "Second"])
    chart = charts.stacked_bars(frame, label="what", groups=parts, title="T", unit="USD")
    texts = _texts(chart)
    assert [texts.count(name) for name in parts.values()] == [1, 1, 1]
    assert "$60" in texts


def test_a_fan_names_its_band_and_where_the_forecast_begins() -> None:
    past = pd.DataFrame({"month": MONTHS[:12], "value": np.arange(12.0) * 100})
    ahead = pd.DataFrame({"month": MONTHS[12:], "point": 1000.0, "low": 500.0, "high": 1600.0})
    chart = charts.fan(past, ahead, title="T", unit="USD", level=0.8, value_header="V")
    named = {"measured", "forecast", "high $1.6k", "middle $1k", "low $500"}
    assert named <= set(_texts(chart))
    alone = charts.fan(past.head(0), ahead, title="T", unit="USD", level=0.8, value_header="V")
    assert "forecast" in _texts(alone)
    assert "measured" not in _texts(alone)


def test_a_long_curve_keeps_its_steps_and_few_points() -> None:
    amounts = np.arange(2000.0)
    chance = np.where(amounts < 700, 0.9, 0.1)
    chart = charts.exceedance(amounts, chance, title="T", unit="USD", marks={"here": 1990.0})
    assert len(chart.svg) < 8000
    assert "here $2k" in _texts(chart)


def test_no_line_of_a_curve_strikes_out_the_name_of_another() -> None:
    marks = {"average": 100.0, "1 year in 100": 300.0}
    chart = charts.exceedance(
        np.arange(2000.0), np.linspace(0.9, 0.0, 2000), title="T", unit="USD", marks=marks
    )
    for svg in (chart.svg, chart.narrow):
        dashed = re.findall(r'dasharray="[^"]*"><line [^>]*y1="([\d.]+)"', svg)
        written = re.findall(r'y="([\d.]+)">(average|1 year)', svg)
        tops, names = [float(y) for y in dashed], {name: float(y) for y, name in written}
        assert len(tops) == 2
        assert names["average"] < tops[1] < names["1 year"]


@pytest.mark.parametrize("wanted", [[0.0, 5.0, 10.0], [90.0, 90.0, 90.0], [-50.0, 0.0, 300.0]])
def test_texts_in_a_row_keep_order_and_distance(wanted: list[float]) -> None:
    wide = [20.0, 30.0, 10.0]
    placed = row_of(wanted, wide, 5.0, 100.0)
    assert placed[0] >= 0
    assert placed[-1] + wide[-1] <= 100 + 1e-9
    for i in range(2):
        assert placed[i + 1] >= placed[i] + wide[i] + 5 - 1e-9


def test_a_scatter_leaves_out_names_that_would_cover_others() -> None:
    crowd = pd.DataFrame({"what": [f"Name {i}" for i in range(40)], "x": 1.0, "y": 1.0})
    chart = charts.scatter(
        crowd, label="what", x=("x", "X"), y=("y", "Y"), title="T", units=("", "")
    )
    assert sum(text.startswith("Name") for text in _texts(chart)) < 6
    assert len(chart.data) == 40


def test_a_roadmap_writes_the_phase_beside_its_bar() -> None:
    plan = WORTH.assign(
        start=pd.to_datetime(["2026-01-01", "2026-05-01"]),
        end=pd.to_datetime(["2026-04-01", "2026-12-01"]),
        phase=["Quick wins", "Growth"],
    )
    chart = charts.gantt(plan, label="what", start="start", end="end", phase="phase", title="T")
    assert {"Quick wins", "Growth", "Up <b>"} <= set(_texts(chart))


def test_charts_of_no_rows_are_a_sentence() -> None:
    none = WORTH.head(0)
    chart = charts.waterfall(none, label="what", value="a", title="T", unit="USD", empty="Nothing.")
    assert chart.html == '<p class="note info">Nothing.</p>'
    assert out_of_notebook(chart._repr_html_()) == chart.html


def test_a_matplotlib_figure_is_themed_and_harmless() -> None:
    figure_module = pytest.importorskip("matplotlib.figure")

    def drawn() -> charts.Chart:
        figure = figure_module.Figure(figsize=(6, 3))
        axes = figure.subplots()
        axes.plot([1, 2, 3], label="<script>alert(1)</script>")
        axes.set_title("Mine", url="javascript:alert(1)")
        axes.legend()
        return charts.from_matplotlib(
            figure, title="Own", alt="A line that rises.", data=WORTH, headers={"what": "What"}
        )

    chart = drawn()
    root = ET.fromstring(chart.svg)
    tags = {element.tag for element in root.iter()}
    assert not {"a", "script", "style", "metadata"} & tags
    assert "javascript" not in chart.svg
    assert "Mine" in _texts(chart)
    assert "<script>alert(1)</script>" in _texts(chart)
    assert "var(--ta-s1," in chart.svg
    assert root.get("aria-label") == "A line that rises."
    assert drawn().svg == chart.svg


@pytest.mark.parametrize("places", [[5.0, 5.0, 5.0], [0.0, 100.0, 99.0], [50.0] * 30])
def test_labels_are_moved_apart_inside_their_room(places: list[float]) -> None:
    moved = spread(places, 10.0, 0.0, 120.0)
    assert min(moved) >= -1e-9
    assert max(moved) <= 120 + 1e-9
    gaps = np.diff(sorted(moved))
    assert gaps.min() >= min(10.0, 120 / (len(places) - 1)) - 1e-6
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    assert [moved[i] for i in order] == sorted(moved)


def test_texts_are_cut_to_their_room() -> None:
    cut = fit_text("W" * 50, 12.0, 100.0)
    assert cut.endswith("…")
    assert text_width(cut, 12.0) <= 100
    assert fit_text("short", 12.0, 100.0) == "short"


def test_small_forecasts_stand_in_columns_each_with_its_own_height() -> None:
    past = pd.DataFrame({"month": MONTHS[:3], "value": [1.0, 2.0, 3.0]})
    ahead = pd.DataFrame(
        {"month": MONTHS[3:5], "point": [3.0, 4.0], "low": [2.0, 1.0], "high": [4.0, 6.0]}
    )
    scales = {"Large": 1e6, "Small": 10.0, "New": 5.0, "Fourth": 1.0, "Fifth": 1.0}
    values = ["value", "point", "low", "high"]

    def scaled(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
        kept = [column for column in values if column in frame]
        return pd.concat(
            [
                frame.assign(partner=name, **{c: frame[c] * scales[name] for c in kept})
                for name in names
            ]
        )

    chart = charts.fans(
        scaled(past, ["Small", "Large"]), scaled(ahead, list(scales)), label=("partner", "Partner"),
        title="Sales", unit="USD", level=0.8, value_header="Sales",
    )  # fmt: skip
    root = ET.fromstring(chart.svg)
    written = ["".join(t.itertext()) for t in root.iter("text")]
    assert written[:5] == list(scales)
    assert "$4M ($1M to $6M)" in written
    assert "$4 ($1 to $6)" in written
    bands = [e.get("points", "") for e in root.iter("polygon")]
    assert len(bands) == 5
    tops = [min(float(p.split(",")[1]) for p in band.split()) for band in bands]
    # four side by side, all as high; the fifth below the first
    assert tops[:4] == [tops[0]] * 4
    assert tops[4] > tops[0]
    assert bands[4].split(",")[0] == bands[0].split(",")[0]
    # who has no past begins with the forecast
    lines = [e.get("points", "").split() for e in root.iter("polyline")]
    assert [len(line) for line in lines] == [5, 5, 2, 2, 2]
    assert chart.data["partner"].tolist() == list(scales)
    assert chart.headers["point"] == "Sales in May 2025"
    narrow = ET.fromstring(chart.narrow)
    assert [t.text for t in narrow.iter("text")][:5] == list(scales)
    assert chart.alt.startswith("Sales. In May 2025, with its 80% range: Large $4M ($1M to $6M), ")


def test_small_forecasts_of_nobody_are_a_sentence() -> None:
    none = pd.DataFrame(columns=["partner", "month", "low", "point", "high"])
    chart = charts.fans(
        none, none, label="partner", title="T", unit="USD", level=0.8, value_header="V",
        empty="Nobody sells.",
    )  # fmt: skip
    assert (chart.svg, chart.alt) == ("", "Nobody sells.")
