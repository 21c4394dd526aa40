"""The review on paper: each report in short, registers and assumptions once in an appendix."""

import re
from pathlib import Path

import pytest

pytest.importorskip("lxml")

from techalign.client.brand import Look
from techalign.report.paper import paper_html

_TABLE = (
    '<div class="scroll"><table><caption>Paid</caption><thead><tr><th>Who</th>'
    '<th colspan="2">Cost</th><th colspan="2">Risk</th><th>Why</th></tr></thead><tbody>'
    + "".join(f"<tr><th>Firm {i}<td>${i}<td>(1 to 2)<td>3%<td>(1%)<td>so" for i in range(9))
    + "</tbody></table></div>"
)
_ASSUMED = (
    '<details class="more whole"><summary>A</summary><table><caption>Assumptions used</caption>'
    "<thead><tr><th>What</th><th>Value</th><th>Source</th></tr></thead><tbody>"
    "<tr><th>Rate<td>10%<td>Convention{}</tbody></table></details>"
)
_PAGE = (
    "<body><header><h1>{}</h1></header><main><p class='lead'>In short.</p>"
    "<h2>Who is paid</h2><p>First sentence. Second one.</p>{}"
    "<h2>Where the figures come from</h2>{}</main></body>"
)


def _pages(folder: Path) -> list[Path]:
    texts = {
        "index": "<body><header><h1>Oak</h1></header><main><p>Stands <a href='a.html#x'>well</a>"
        "</p></main></body>",
        "a": _PAGE.format("Spending", _TABLE, _ASSUMED.format("")),
        "b": _PAGE.format("Vendors", "", _ASSUMED.format("<tr><th>Wage<td>$20<td>Survey")),
    }
    for name, text in texts.items():
        (folder / f"{name}.html").write_text(text)
    return [folder / f"{name}.html" for name in texts]


def test_a_section_is_its_first_sentence_and_the_head_of_what_it_shows(tmp_path: Path) -> None:
    html = paper_html(_pages(tmp_path), "Oak", "30 Jun 2026", Look())
    assert "First sentence." in html
    assert "Second one." not in html
    assert [f"Firm {i}" in html for i in range(5)] == [True] * 4 + [False]
    assert "5 more rows and more columns in the report." in html
    assert "(1%)" in html
    assert ">so<" not in html
    assert '<a href="#a">well</a>' in html


def test_a_section_that_shows_nothing_is_left_out_and_one_row_is_one(tmp_path: Path) -> None:
    pages = _pages(tmp_path)
    few = _TABLE.replace("<tr><th>Firm 5<td>$5<td>(1 to 2)<td>3%<td>(1%)<td>so", "")
    for n in (6, 7, 8):
        few = few.replace(f"<tr><th>Firm {n}<td>${n}<td>(1 to 2)<td>3%<td>(1%)<td>so", "")
    pages[1].write_text(_PAGE.format("Spending", few, "") + "<h2>Empty</h2><p>It would tell.</p>")
    html = paper_html(pages, "Oak", "30 Jun 2026", Look())
    assert "1 more row and more columns in the report." in html
    assert "It would tell." not in html
    assert ">Empty<" not in html


def test_data_used_is_told_in_rows(tmp_path: Path) -> None:
    pages = _pages(tmp_path)
    used = (
        '<details class="more whole"><table><caption>Data used, as of 30 Jun 2026</caption><thead>'
        "<tr><th>Table<th>Status<th>Rows used<th>Rows set aside<th>Money</tr></thead><tbody>"
        "<tr><th>goals<td>read<td>1<td>0<td><tr><th>ledger<td>read<td>20<td>2<td>USD 9 = 8 + 1"
        "<tr><th>links<td>not there<td>0<td>0<td></tbody></table></details>"
    )
    pages[2].write_text(_PAGE.format("Vendors", "", used))
    html = paper_html(pages, "Oak", "30 Jun 2026", Look())
    told = "goals: 1 row; ledger: 20 rows, 2 set aside (USD 9 = 8 + 1); links: not there."
    assert told in html


def test_what_several_reports_assume_stands_once_in_the_appendix(tmp_path: Path) -> None:
    html = paper_html(_pages(tmp_path), "Oak", "30 Jun 2026", Look())
    appendix = html[html.index('id="appendix"') :]
    assert re.findall(r"<b>(\w+)</b>: ([^<]*)<", appendix) == [
        ("Rate", "10%; Convention"), ("Wage", "$20; Survey")
    ]  # fmt: skip
    assert "Where the figures come from" not in html


def test_a_hostile_name_stays_text_in_the_running_header(tmp_path: Path) -> None:
    name = 'Oak"}</style><script>alert(1)</script>'
    html = paper_html(_pages(tmp_path), name, "30 Jun 2026", Look(practice=name))
    assert "<script" not in html
    (style,) = re.findall(r"@top-left\{content:(\"[^\"]*\")", html)
    assert style.startswith('"Oak\\22 }\\3c /style')
