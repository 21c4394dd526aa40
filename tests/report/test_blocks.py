import datetime as dt
import math
import re
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest

from techalign.client import load_client, load_reference
from techalign.client.create import create_client
from techalign.decision import Decision
from techalign.numbers.formatting import (
    compact,
    format_estimate,
    format_interval,
    format_money,
    format_value,
    is_counted,
)
from techalign.numbers.intervals import Interval
from techalign.report import (
    Column,
    Figure,
    assumptions,
    data_used,
    headline,
    note,
    table,
    values,
)
from techalign.report.decisions import Standing, decision_html
from techalign.report.headline import HEADLINE_MIME
from techalign.report.words import in_brackets, in_brackets_of, in_words
from tests.report.interval_form import deviations


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
        (-0.0004, "%", "0%", "0%"),
        (-0.997, "%", "\u2212100%", "\u2212100%"),
        (0.997, "%", ">99%", ">99%"),
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


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (4_822_993.0, "USD", "$4,820,000"),
        (-4_825_993.2, "USD", "\u2212$4,830,000"),
        (12.34, "USD", "$12"),
        (1.234, "USD", "$1.23"),
        (999.6, "USD", "$1,000"),
        (0.0, "USD", "$0"),
        (math.inf, "months", "never"),
        (12.34, "months", "12.3 months"),
        (7.9986, "years", "8 years"),
        (0.0432, "%", "4.3%"),
    ],
)
def test_estimates_have_three_digits(value: float, unit: str, text: str) -> None:
    assert format_estimate(value, unit) == text


def test_what_was_counted_is_written_to_the_last_digit() -> None:
    # summing a ledger leaves a little less or more than a cent
    total = sum([0.1] * 10_000) + 1_234_567.89
    assert is_counted(total)
    assert format_money(total, "USD") == "$1,235,568"
    assert format_money(1_234_567.891, "USD") == "$1,230,000"
    assert Figure("All", 1_234_567.89, "USD", "ledger").text == "$1,234,568"
    ranged = Figure("All", Interval(1_234_567.0, 1_100_000, 1_300_000), "USD", "model")
    assert ranged.text == "$1,230,000"
    assert ranged.interval_text == "$1,100,000 to $1,300,000"
    assert ranged.level == 0.8
    # what is written alike is not repeated in brackets
    of_range = "counted; the range is how far judgement may be off"
    shown = headline(
        "S.", [Figure("A", 0.0, "%", of_range), Figure("B", Interval(3, 1, 4), "", of_range)]
    )
    assert '<dd class="s">counted</dd>' in shown.html  # a range that is not there is not explained
    assert f'<dd class="s">{of_range}</dd>' in shown.html
    alike = Figure("All", Interval(210_000.0, 209_990, 210_020), "USD", "model")
    assert (alike.interval_text, alike.level) == ("", 0.0)


def test_estimated_columns_are_rounded_and_counted_ones_are_not() -> None:
    frame = pd.DataFrame(
        {"v": ["a"] * 20, "paid": 123_456.78, "guess": [123_456.0] * 19 + [100.123],
         "loss": 123_456.0, "loss_low": 1.0, "loss_high": 2e6}
    )  # fmt: skip
    columns = {"v": "V", **{c: (c, "USD") for c in ("paid", "guess", "loss")}}
    html = table(frame, caption="c", columns=columns).html
    assert html.count(">$123,457<") == 20
    assert html.count(">$123,000<") == 19 + 20


def test_a_column_without_a_text_is_left_out() -> None:
    frame = pd.DataFrame({"v": ["a", "b"], "note": ["", ""], "n": [0, 0]})
    html = table(frame, caption="c", columns={"v": "V", "note": "Note", "n": "N"}).html
    assert ">Note<" not in html
    assert ">N<" in html


def test_intervals_have_one_form() -> None:
    interval = Interval(365_000, 290_000, 480_000)
    assert format_interval(interval, "USD") == "$365,000 ($290,000 to $480,000)"
    assert format_interval(interval, "USD", short=True) == "$365k ($290k to $480k)"


def test_a_table_escapes_aligns_totals_and_folds() -> None:
    frame = pd.DataFrame({"v": [f"<i>{i}</i>" for i in range(20)], "m": np.arange(20.0)})
    html = table(
        frame,
        caption="Money & more",
        columns={"v": "Vendor", "m": Column("Spend", "USD", sum=True, bar=True)},
        source="ledger",
        shown=15,
    ).html
    assert "<caption>Money &amp; more</caption>" in html
    assert "&lt;i&gt;0&lt;/i&gt;" in html
    assert "<i>" not in html
    assert '<th scope="col" class="n">Spend</th>' in html
    assert '<table class="n2" style=\'--k2:"Spend"\'>' in html
    assert "<summary>5 more rows</summary>" in html
    assert html.count("<tr>") == 20 + 2 + 1
    assert "<tfoot><tr><th scope=row>All together, folded rows too<td>$190</tfoot>" in html
    assert "<td class=b style=--w:26%>$5<tr>" in html
    assert "Source: ledger" in html


def test_parts_that_there_are_none_of_are_blank_and_what_is_not_known_has_a_dash() -> None:
    frame = pd.DataFrame({"v": ["x", "y", "z"], "m": [0.0, 5.0, math.nan], "n": [0.0, 1.0, 2.0]})
    html = table(
        frame,
        caption="c",
        columns={"v": "V", "m": Column("M", "USD", blank=True), "n": Column("N", "USD")},
    ).html
    assert "x<td><td>$0<tr>" in html
    assert "y<td>$5<td>$1<tr>" in html
    assert "z<td>–<td>$2" in html


def test_a_heading_cannot_end_the_style_that_labels_its_cells_on_a_phone() -> None:
    heading = "a\"b'c</style>;}\\d\ne&"
    html = table(
        pd.DataFrame({"v": ["x"], "w": ["y"]}), caption="c", columns={"v": "V", "w": heading}
    ).html
    (style,) = re.findall(r"<table class=\"s2\" style='([^']*)'>", html)
    assert style == r'--k2:"a\22 b\27 c\3c /style\3e ;}\5c d e\26 "'


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
    assert "($5 to ∞)</dd>" in bundle["text/html"]
    assert (
        "In brackets: the 80% range, meant to hold the true number 8 times out of 10."
        in (bundle["text/html"])
    )
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
    assert "<td>10%<td>(5% to 15%)<td>" in html
    assert "used; in brackets the range</caption>" in html
    assert ">$5,000<td>" in html
    assert ">assumption<td>" in html


def test_a_number_is_shown_with_its_ends_and_never_with_columns_of_them() -> None:
    frame = pd.DataFrame(
        {"v": ["a", "b", "c"], "loss": [1230.0, 5.0, 4.0], "loss_low": [900.0, 5.0, np.nan],
         "loss_high": [1600.0, 5.0, np.nan]}
    )  # fmt: skip
    columns = {"v": "V", "loss": Column("Loss", "USD", sum=True)}
    html = table(frame, caption="Risk", columns=columns).html
    assert "<caption>Risk; in brackets the range</caption>" in html
    assert '<th scope="col" class="c" colspan="2">Loss</th>' in html
    assert "<td>$1,230<td>($900 to $1,600)<tr>" in html
    # what is certain, and what has no ends, has empty brackets' place
    assert html.count("<td><tr>") + html.count("<td></tbody>") == 2
    assert "<td>$1,240<td>($905 to $1,600)</tfoot>" in html
    # a range of the whole that is known is shown, not the parts' ends added up
    whole = Column("Loss", "USD", sum=True, whole=Interval(1239.0, 1000.0, 1500.0))
    html = table(frame, caption="Risk", columns={"v": "V", "loss": whole}).html
    assert "<td>$1,240<td>($1,000 to $1,500)</tfoot>" in html
    # where no row has ends that differ, nothing is said of brackets
    certain = table(frame.iloc[1:2], caption="Risk", columns=columns).html
    assert "brackets" not in certain
    assert "colspan" not in certain


def test_a_single_row_is_not_folded_away() -> None:
    frame = pd.DataFrame({"v": [f"r{i}" for i in range(16)]})
    assert "more rows" not in table(frame, caption="c", columns={"v": "V"}).html


def test_values_of_several_units_share_a_column() -> None:
    rows = [("Worth", Interval(5e6, 4e6, 6e6), "USD"), ("Share", 0.82, "%")]
    html = values(rows, caption="c", source="s").html
    assert "<td>$5,000,000<td>($4,000,000 to $6,000,000)<tr>" in html
    assert "<td>82%<td></tbody>" in html
    assert "c; in brackets the 80% range" in html
    alone = values(rows[1:], caption="c", source="s").html
    assert "<td>82%</tbody>" in alone
    assert "brackets" not in alone


def test_brackets_are_explained_by_what_they_hold() -> None:
    assert in_brackets([0.0]) == ""
    assert in_brackets([0.8], brief=True) == "in brackets the 80% range"
    said = in_brackets_of({"Partners": {0.8}, "Spending": {1.0}, "Risk": {1.0}, "None": set()})
    assert said.startswith("In brackets: in Partners the 80% range, meant to hold")
    assert "; in Spending and Risk the range, from the lowest" in said
    assert in_brackets_of({"Spending": {1.0}}) == in_brackets({1.0})


def test_no_assumption_is_shown_by_its_key() -> None:
    facts = load_reference()
    keys = ["saas_list_inflation", "renewal_lead_days", "unseen_price_rise",
            "partner_first_deal_months", "partner_never_sells_180_days"]  # fmt: skip
    used = facts.assumptions_used(keys)
    html = assumptions(used).html
    assert not [key for key in keys if key.replace("_", " ").capitalize() in html]
    assert used["what"].tolist() == [what for what in used["what"] if what in html]
    assert "Time to act before notice is due" in html
    assert in_words("something new", "USD") == ("something new", "USD")


@pytest.mark.parametrize(
    "text",
    ["<p>80% interval $5 to $9", "<p>$7 (80% interval $5 to $9)", "<p>range £24,700 to £27,400",
     "<p>$5–$9", "<p>$7 ± 2", "<p>a chance of 80 %", "<p>$7 ($5 to about $9)", "<p>so ($5 to $9)",
     '<th scope="col" class="n">from</th>', '<th scope="col" class="n">to (80%)</th>',
     '<svg aria-label="Sales $7, between $5 and $9.">'],
)  # fmt: skip
def test_another_form_of_an_interval_is_seen(text: str) -> None:
    assert deviations(text)


@pytest.mark.parametrize(
    "text",
    ["<td>$7<td>($5 to $9)", "$4.9M ($3.9M to $6.1M).", "0.15 (0.05 to 0.3)", "1% (<0.1% to 3%)",
     "\u22125% (\u221211% to 26%)", "CHF 7 (CHF 5 to CHF 9)", "90 days (60 to 120)", "7 (5 to ∞)",
     "(needs 3 to be filled in)".replace("3 ", ""), "cohorts 1994-2023"],
)  # fmt: skip
def test_the_form_of_an_interval_passes(text: str) -> None:
    assert deviations(text) == []


def test_a_sum_of_blank_cells_is_blank_and_a_sign_keeps_its_currency() -> None:
    frame = pd.DataFrame({"v": ["a", "b"], "m": [0.0, 0.0], "n": [-5.0, 7.0],
                          "n_low": [-9.0, 6.0], "n_high": [-2.0, 8.0]})  # fmt: skip
    looks = {"v": "V", "m": Column("M", "USD", sum=True, blank=True),
             "n": Column("N", "USD", sum=True)}  # fmt: skip
    html = table(frame, caption="c", columns=looks, source="s").html
    assert re.findall(r"<t[hd][^>]*>([^<]*)", html.partition("<tfoot>")[2])[:3] == [
        "All together", "", "$2",
    ]  # fmt: skip
    low, high = (f'<span class="whole">\u2212${end}</span>' for end in (9, 2))
    assert f"<td><span>({low} to {high})</span>" in html  # one part: a card sets each on its line
    worth = "over 5 years it is worth $14 (\u2212$9 to $31)."
    assert f"({low} to $31)" in note(worth).html
    ask = Decision(what="Ask", area="plan", kind="ask", subject="s", topic="t", owner="Ann",
                   by=None, value=None, unit="USD", because=worth, evidence="Seats",
                   basis="measured")  # fmt: skip
    assert f"({low} to $31)" in decision_html(ask, Standing(), dt.date(2026, 6, 30))


def test_long_texts_that_recur_are_written_once_below() -> None:
    frame = pd.DataFrame({"v": ["a", "b", "c"], "why": ["long <one>", "another", "long <one>"]})
    columns = {"v": "V", "why": Column("Comes from", below=True)}
    html = table(frame, caption="c", columns=columns, source="s").html
    assert html.count("long &lt;one&gt;") == 1
    assert "<th scope=row>c<td>1</tbody>" in html
    assert "Source: s. Comes from: 1 long &lt;one&gt;; 2 another</p>" in html
    same = table(frame.iloc[[0, 2]], caption="c", columns=columns).html
    assert '<p class="source">Comes from: long &lt;one&gt;</p>' in same
    assert "<th scope=row>c</tbody>" in same


def test_numbers_written_out_stand_right_also_where_no_row_has_ends() -> None:
    frame = pd.DataFrame({"what": ["a", "b"], "value": ["10%", "3 months"], "value_ends": ["", ""]})
    html = table(frame, caption="c", columns={"what": "What", "value": "Value"}).html
    assert '<th scope="col" class="n">Value</th>' in html


def test_money_whose_ends_never_differ_is_counted_and_not_estimated() -> None:
    frame = pd.DataFrame(
        {"v": ["a", "b"], "m": [51_012.0, 8_014.0], "m_low": [51_012.0, 8_014.0],
         "m_high": [51_012.0, 8_014.0]}
    )  # fmt: skip
    html = table(frame, caption="c", columns={"v": "V", "m": ("Paid", "USD")}).html
    assert "$51,012" in html


def test_a_table_folded_whole_shows_every_row_once_opened() -> None:
    frame = pd.DataFrame({"v": [f"row {i}" for i in range(40)]})
    html = table(frame, caption="Register", columns={"v": "V"}, shown=0).html
    assert "<summary>Register (40 rows)</summary>" in html
    assert "more rows" not in html


def test_rows_set_aside_are_named_with_the_reason(tmp_path: Path) -> None:
    folder = create_client(tmp_path, "acme", name="Acme", currency="USD")
    lines = (folder / "examples" / "assets.csv").read_text().splitlines()
    bad = [lines[1].replace("4200.0", "much"), *[lines[2].replace("2021-06-15", "soon")] * 4]
    (folder / "assets.csv").write_text("\n".join([*lines, *bad]) + "\n")
    used = data_used(load_client(tmp_path, "acme", tables=["assets"], as_of="2026-06-30"))
    said = used.html.partition("Set aside, and why: ")[2].partition("</p>")[0]
    assert said.startswith("assets line 4 (cost is not a number")
    assert said.endswith("line 6 (in service is not a date (read month-first)) and 2 more.")
