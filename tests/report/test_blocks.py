import math

import nbformat
import numpy as np
import pandas as pd
import pytest

from techalign.numbers.formatting import compact, format_interval, format_value
from techalign.numbers.intervals import Interval
from techalign.report import Figure, assumptions, headline, table
from techalign.report.blocks import HEADLINE_MIME


@pytest.mark.parametrize(
    ("value", "unit", "full", "short"),
    [
        (1234567.0, "USD", "$1,234,567", "$1.2M"),
        (12.5, "USD", "$12.50", "$12"),
        (-45.0, "GBP", "\u2212£45", "\u2212£45"),
        (0.0, "EUR", "€0", "€0"),
        (-0.001, "USD", "$0", "$0"),
        (999_960.0, "CHF", "CHF 999,960", "CHF 1M"),
        (0.0432, "%", "4.3%", "4.3%"),
        (0.5, "%", "50%", "50%"),
        (0.0004, "%", "<0.1%", "<0.1%"),
        (math.inf, "months", "never", "never"),
        (math.nan, "USD", "–", "–"),
        (18.0, "months", "18 months", "18 months"),
        (2.345, "", "2.3", "2.35"),
        (1e9, "USD", "$1,000,000,000", "$1bn"),
    ],
)
def test_numbers_are_written_for_people(value: float, unit: str, full: str, short: str) -> None:
    assert format_value(value, unit) == full
    assert compact(value, unit) == short


def test_intervals_have_one_form() -> None:
    interval = Interval(365_000, 290_000, 480_000)
    assert format_interval(interval, "USD") == "$365,000 ($290,000 to $480,000)"
    assert format_interval(interval, "USD", short=True) == "$365k ($290k to $480k)"


def test_a_table_escapes_aligns_totals_and_folds() -> None:
    frame = pd.DataFrame({"v": [f"<i>{i}</i>" for i in range(20)], "m": np.arange(20.0)})
    html = table(
        frame,
        caption="Money & more",
        columns={"v": "Vendor", "m": ("Spend", "USD")},
        total={"v": "Total", "m": "$190"},
        source="ledger",
        fold_after=15,
    ).html
    assert "<caption>Money &amp; more</caption>" in html
    assert "&lt;i&gt;0&lt;/i&gt;" in html
    assert "<i>" not in html
    assert '<th scope="col" class="n">Spend</th>' in html
    assert "<summary>5 more rows</summary>" in html
    assert html.count("<tr>") == 20 + 2 + 1
    assert "Source: ledger" in html


def test_an_empty_table_is_a_sentence() -> None:
    html = table(pd.DataFrame({"v": []}), caption="x", columns={"v": "V"}, empty="Add it.").html
    assert html == '<p class="note info">Add it.</p>'


def test_the_headline_carries_its_numbers_as_plain_json() -> None:
    shown = headline(
        "You spend a lot.",
        [Figure("Spend", Interval(np.float64(10), 5, math.inf), "USD", "ledger, 12 months")],
    )
    bundle = shown._repr_mimebundle_()
    figure = bundle[HEADLINE_MIME]["figures"][0]
    assert figure["text"] == "$10"
    assert figure["value"]["high"] == "Infinity"
    assert "80% interval $5 to ∞" in bundle["text/html"]
    nbformat.validate(
        nbformat.v4.new_output("display_data", data=bundle), ref="display_data", version=4
    )


def test_assumptions_say_of_what_kind_they_are() -> None:
    frame = pd.DataFrame(
        [
            ("Rate", 0.1, 0.05, 0.15, "%", "assumption", "adviser"),
            ("Spend", 5000.0, math.nan, math.nan, "USD", "measured from this client", "ledger"),
        ],
        columns=["what", "value", "low", "high", "unit", "kind", "source"],
    )
    html = assumptions(frame).html
    assert "10% (5% to 15%)" in html
    assert ">$5,000</td>" in html
    assert ">assumption</td>" in html
