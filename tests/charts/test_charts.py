import datetime as dt
import re
from xml.etree import ElementTree as ET

import numpy as np
import pandas as pd
import pytest

from techalign import charts
from techalign.charts.axes import date_breaks, nice_breaks
from techalign.charts.svg import clean_svg, safe_label

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
        "columns": charts.columns(
            past, month="month", value="value", title="Months", unit="USD", value_header="Spend"
        ),
        "exceedance": charts.exceedance(
            np.linspace(0, 1e5, 200),
            np.exp(-np.linspace(0, 5, 200)),
            title="Loss",
            unit="USD",
            marks={"expected": 2e4},
        ),
        "curve": charts.curve(
            growth,
            x="m",
            x_unit="months",
            x_header="Months since signing",
            title="Active",
            unit="%",
            value_header="Share",
        ),
        "timeline": charts.timeline(
            terms,
            label="vendor",
            start="start",
            mark="act",
            end="end",
            today=dt.date(2026, 3, 1),
            title="Renewals",
            headers={"vendor": "Vendor", "start": "Start", "act": "Act by", "end": "End"},
        ),
    }


@pytest.fixture(scope="module")
def examples() -> dict[str, charts.Chart]:
    return _examples()


NAMES = ["bars", "ranges", "stacked", "fan", "columns", "exceedance", "curve", "timeline"]


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


def test_what_is_no_svg_is_refused() -> None:
    with pytest.raises(ValueError, match="no <svg> element"):
        clean_svg("<p>", "alt")


@pytest.mark.parametrize(("low", "high"), [(0, 1), (0, 9.7e5), (-40, 3), (0.001, 0.0049), (5, 5)])
def test_breaks_are_round_and_cover_the_range(low: float, high: float) -> None:
    breaks = nice_breaks(low, high)
    assert breaks[0] <= low
    assert breaks[-1] >= high
    assert 3 <= len(breaks) <= 8
    steps = np.diff(breaks)
    assert np.allclose(steps, steps[0])


def test_date_breaks_suit_the_span() -> None:
    _, labels = date_breaks(dt.date(2025, 1, 1), dt.date(2025, 6, 1))
    assert labels[:2] == ["Jan 2025", "Feb 2025"]
    _, labels = date_breaks(dt.date(2015, 1, 1), dt.date(2026, 6, 1))
    assert labels[0] == "2016"
    assert len(labels) <= 9
