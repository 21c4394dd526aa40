"""Formulas are drawn whole or shown as typed, and whatever was typed is well-formed."""

from xml.etree import ElementTree as ET

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from techalign.report.formulas import formula_html, formulas_in

PIECES = [
    "\\frac",
    "\\sqrt",
    "{",
    "}",
    "[",
    "]",
    "^",
    "_",
    "x",
    "12",
    "&",
    "\\\\",
    "\\begin{matrix}",
]
PIECES += ["\\end{matrix}", "\\left(", "\\right)", "\\text{a b}", "<", " ", "'", "\\alpha", "\\hat"]


@pytest.mark.parametrize(
    ("source", "drawn"),
    [
        (r"\frac12", "<mfrac><mn>1</mn><mn>2</mn></mfrac>"),
        (r"x_1^{n}", "<msubsup><mi>x</mi><mn>1</mn><mi>n</mi></msubsup>"),
        (r"\sqrt[3]{x}", "<mroot><mi>x</mi><mrow><mn>3</mn></mrow></mroot>"),
        (
            r"\sum_{i}^{n}",
            "<munderover><mo>∑</mo><mi>i</mi><mi>n</mi></munderover>",
        ),
        (r"\text{total cost}", "<mtext>total cost</mtext>"),
        (r"\left[\alpha\right.", "<mrow><mo>[</mo><mrow><mi>α</mi></mrow></mrow>"),
        (
            r"\begin{matrix}1 & 2\\3 & 4\end{matrix}",
            "<mrow><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr>"
            "<mtr><mtd><mn>3</mn></mtd><mtd><mn>4</mn></mtd></mtr></mtable></mrow>",
        ),
        ("f'(x)", "<msup><mi>f</mi><mo>′</mo></msup><mo>(</mo><mi>x</mi><mo>)</mo>"),
    ],
)
def test_what_notebooks_hold_is_drawn(source: str, drawn: str) -> None:
    assert formula_html(source) == f"<math>{drawn}</math>"


@pytest.mark.parametrize("source", [r"\unheard{x}", "{", "}", "x^", r"\frac{1}", r"\begin{tikz}"])
def test_what_is_not_read_is_shown_as_typed(source: str) -> None:
    assert formula_html(source) == f"<code>{source}</code>"


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
@example("{" * 4_000)
@example("\\left(" * 3_000)
@settings(max_examples=80, deadline=None)
def test_whatever_is_typed_is_well_formed(source: str) -> None:
    ET.fromstring(f"<p>{formula_html(source)}</p>")


@pytest.mark.parametrize(
    "text",
    [
        "from $5 to $10",
        "$5M and $10M a year",
        "US$5, A$6 and $7",
        "it cost $3 (was $4) in all",
        "$12.50/month, $150/year",
        r"\$5 and \$6",
        "C:\\temp and \\\\server",
        "<code>$x$</code> and <pre>$$y$$</pre>",
    ],
)
def test_money_paths_and_code_are_left_alone(text: str) -> None:
    assert formulas_in(f"<p>{text}</p>") == f"<p>{text}</p>"


@pytest.mark.parametrize("text", ["$x$", "$x_1 &lt; y$", r"\(a\)", r"\[a\]", "$$a$$", "$n = 3$"])
def test_formulas_in_a_text_are_drawn(text: str) -> None:
    assert "<math" in formulas_in(f"<p>{text} and $5</p>")
