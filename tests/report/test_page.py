import base64
import datetime as dt
import gzip
import hashlib
import re

import nbformat
import numpy as np
import pandas as pd
import pytest
from nbconvert import HTMLExporter
from nbconvert.exporters.templateexporter import TemplateExporter

from techalign.decision import Decision
from techalign.numbers.intervals import Interval
from techalign.report import Figure, headline, note, table
from techalign.report.page import (
    _BARE_IMAGE,
    PageInfo,
    cells_html,
    headline_of,
    render_notice,
    render_report,
)
from techalign.report.recorded import Recorded
from techalign.review.calendar import Appointment
from techalign.review.index import IndexReport, IndexRow, render_index
from techalign.review.since import Section
from tests.browser.gallery import gallery_charts

INFO = PageInfo("Oak & Sons <b>", dt.date(2026, 6, 30), (("ledger.csv", "ab" * 32),))


def _notebook() -> nbformat.NotebookNode:
    v4 = nbformat.v4
    shown = headline("In short.", [Figure("Spend", 12.0, "USD", "ledger")])
    first = v4.new_code_cell(
        "secret_code = 1",
        outputs=[v4.new_output("execute_result", data=shown._repr_mimebundle_())],
    )
    second = v4.new_code_cell(
        "other",
        outputs=[v4.new_output("display_data", data={"text/html": note("A <remark>").html})],
    )
    cells = [
        v4.new_markdown_cell("# The title\n\nIntro."),
        v4.new_markdown_cell("## First part"),
        second,
        v4.new_markdown_cell("## Second & last"),
        first,
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    return v4.new_notebook(cells=cells)


@pytest.fixture(scope="module")
def page() -> str:
    return render_report(_notebook(), INFO)


def test_the_page_has_its_landmarks_title_and_contents(page: str) -> None:
    assert "<title>The title – Oak &amp; Sons &lt;b&gt;</title>" in page
    assert page.count("<h1") == 1
    assert '<a href="#First-part">First part</a>' in page
    assert '<a href="#Second-&amp;-last">' in page
    assert 'id="Second-&amp;-last"' in page
    for landmark in ('<html lang="en">', "<header>", '<main id="main">', "<footer>", "<nav"):
        assert landmark in page


def test_the_summary_comes_first_and_only_once(page: str) -> None:
    assert page.count("In short.") == 1
    assert page.index("In short.") < page.index("Intro.")


def test_an_output_that_needs_scripts_is_its_picture_or_a_remark() -> None:
    v4 = nbformat.v4
    interactive = {"text/html": "<div id=p></div><script>draw('p')</script>", "text/plain": "p"}
    script = {"application/javascript": "alert(1)"}
    pictured = {**interactive, "image/png": "iVBORw0KGgo="}
    widget = {"application/vnd.jupyter.widget-view+json": {"model_id": "m"}, "text/plain": "W()"}
    bundles = (interactive, script, pictured, widget)
    outputs = [v4.new_output("display_data", data=data) for data in bundles]
    notebook = _notebook()
    state = {"state": {"m": {"model_name": "IntSliderModel", "model_module": "x"}}}
    notebook.metadata["widgets"] = {"application/vnd.jupyter.widget-state+json": state}
    notebook.cells.append(v4.new_code_cell("p", outputs=outputs))
    page = render_report(notebook, INFO)
    assert page.count("An interactive output stood here.") == 3
    assert "data:image/png;base64,iVBORw0KGgo=" in page
    assert "<script" not in page
    assert "alert(1)" not in page
    assert "script" in notebook.cells[-1].outputs[0].data["text/html"], "the log keeps it"


def test_nothing_runs_nothing_is_fetched_and_no_code_is_shown(page: str) -> None:
    assert "default-src 'none'; style-src 'unsafe-inline'; img-src data:" in page
    assert "<script" not in page
    assert "http:" not in page
    assert "https:" not in page
    assert "secret_code" not in page
    assert "&lt;remark&gt;" in page


def test_the_same_notebook_gives_the_same_bytes(page: str) -> None:
    assert render_report(_notebook(), INFO) == page
    assert len(page.encode()) < 20_000


def test_the_footer_names_inputs_by_checksum(page: str) -> None:
    assert "ledger <code>abababababababab</code>" in page


def test_headline_data_are_found() -> None:
    assert headline_of(_notebook())["figures"][0]["label"] == "Spend"
    assert headline_of(nbformat.v4.new_notebook()) == {}


def test_a_notice_says_what_first() -> None:
    page = render_notice("T", INFO, "It <failed>.", tone="bad", retry="techalign run x")
    assert '<p class="note bad">It &lt;failed&gt;.</p>' in page
    assert "<code>techalign run x</code>" in page


def test_the_index_says_what_a_consultant_works_from_failures_first() -> None:
    cut = Decision(
        what="Leave <Oak>", area="spending", kind="stop", subject="Oak", topic="", owner="Ann",
        by=None, value=Interval(900.0, 400.0, 1200.0, 0.8), unit="USD", because="It is dear.",
        evidence="Seats", basis="measured",
    )  # fmt: skip
    today = dt.date(2026, 6, 30)
    ends = Appointment("agreement Elm: ends", dt.date(2026, 7, 4), "Elm & Co ends", "")
    rows = [
        IndexRow(
            "aa", "Alpha", (IndexReport("Spending", "aa/s.html", "ok"),), as_of=today,
            next_date=ends, overdue=2, decision=cut,
        ),
        IndexRow(
            "zz",
            "Zeta <b>",
            (
                IndexReport("Spending", "zz/s.html", "failed", "no such table. More."),
                IndexReport("Partners", "zz/p.html", "not enabled", "add partners"),
            ),
            since="2026Q1",
            changes=("Spend: +$3",),
        ),
    ]  # fmt: skip
    page = render_index(rows)
    assert page.index("Zeta &lt;b&gt;") < page.index("Alpha")
    assert "1 report ready for 2 clients, 1 failed, 1 needs more data." in page
    assert '<a class="k" href="aa/s.html">Spending</a>' in page
    assert '<td role="cell" data-v="4"><b>4 days left</b>' in page
    assert "Elm &amp; Co ends" in page
    assert "2 overdue</a>" in page
    assert ">Leave &lt;Oak&gt;</a>" in page
    assert "$900 ($400 to $1.2k)" in page
    assert "since 2026 Q1" in page
    assert "no such table<" in page


def test_the_index_allows_its_own_script_and_no_other() -> None:
    page = render_index([])
    script = page.split("<script>")[1].split("</script>")[0]
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in page
    assert page.count("<script") == 1


def test_a_reason_that_stops_every_report_of_a_client_is_said_once() -> None:
    why = ("no profile", "no profile", "no such table", "no profile")
    reports = tuple(IndexReport(f"R{n}", "", "failed", said) for n, said in enumerate(why))
    page = render_index([IndexRow("oak", "Oak", reports)])
    assert page.count("no profile<") == 2
    assert page.count("no such table<") == 1
    assert page.index("R1") < page.index("no profile<") < page.index("R2")


def test_twelve_charts_and_eight_tables_are_a_small_page() -> None:
    v4 = nbformat.v4
    frame = pd.DataFrame({f"c{i}": np.arange(18) * 1234.5 * (i + 1) for i in range(5)})
    frame.insert(0, "name", [f"Vendor number {i} & Sons" for i in range(18)])
    columns = {"name": "Vendor", **{f"c{i}": (f"Column {i}", "USD") for i in range(5)}}
    shown = [chart._repr_html_() for chart in gallery_charts(1e9)[:12]]
    shown += [table(frame, caption=f"Table {n}", columns=columns).html for n in range(8)]
    cells = [
        v4.new_code_cell(outputs=[v4.new_output("display_data", data={"text/html": html})])
        for html in shown
    ]
    made = render_report(v4.new_notebook(cells=cells), INFO).encode()
    assert made.count(b'<svg class="ta-svg"') == 12
    assert made.count(b'ta-narrow" viewBox') == 12
    assert len(made) <= 150 * 1024
    assert len(gzip.compress(made)) <= 40 * 1024


def test_sections_stand_after_the_summary_or_at_the_end(page: str) -> None:
    early = Section("since", "Since <then>", "<p>It moved.</p>")
    late = Section("first", "First", "<p>Nothing yet.</p>", late=True)
    shown = render_report(_notebook(), INFO, sections=[late, early])
    places = [
        "In short.", '<a href="#since">Since &lt;then&gt;</a>', '<a href="#first">First</a>',
        "Intro.", "It moved.", 'id="First-part"', "A &lt;remark&gt;", "Nothing yet.", "<footer>",
    ]  # fmt: skip
    found = [shown.index(text) for text in places]
    assert found == sorted(found)
    assert "It moved." not in page


def test_code_is_shown_folded_only_on_request(page: str) -> None:
    shown = render_report(_notebook(), INFO, show_code=True)
    assert "<summary>Code of this step</summary>" in shown
    assert "secret_code = 1" in shown
    assert "Code of this step" not in page


def test_what_is_recorded_is_data_and_not_shown() -> None:
    handed = Recorded("ceased", "", [{"vendor": "Oak", "date": "2026-01-05"}])
    notebook = _notebook()
    output = nbformat.v4.new_output("execute_result", data=handed._repr_mimebundle_())
    notebook.cells.append(nbformat.v4.new_code_cell("x", outputs=[output]))
    rows = headline_of(notebook)["recorded"]["ceased"]["rows"]
    assert rows == [{"vendor": "Oak", "date": "2026-01-05"}]
    assert "Recorded for the summary" not in render_report(notebook, INFO)


def _without_boxes(body: str) -> str:
    return " ".join(re.sub(r"</?div[^>]*>", " ", body).split())


def test_cells_are_shown_as_nbconvert_shows_them_but_for_its_boxes() -> None:
    v4 = nbformat.v4
    outputs = [
        v4.new_output("stream", name="stdout", text="one\ntwo <b>\n"),
        v4.new_output("stream", name="stderr", text="a warning\n"),
        v4.new_output("display_data", data={"image/png": "aGk=", "text/plain": "an image"}),
        v4.new_output("execute_result", data={"text/plain": "1 < 2"}, execution_count=1),
        v4.new_output("display_data", data={"text/markdown": "*words*", "text/latex": "$x$"}),
    ]
    cells = [
        v4.new_markdown_cell("# Title\n\nA [link](https://example.com) and `code` & $5 < $6"),
        v4.new_raw_cell("raw <b>text</b>"),
        v4.new_code_cell("hidden = 1", outputs=outputs, metadata={"tags": ["a-tag"]}),
        v4.new_code_cell("", outputs=[]),
    ]
    for number, cell in enumerate(cells):
        cell["id"] = f"cell-{number}"
    notebook = v4.new_notebook(cells=cells)
    exporter = HTMLExporter(
        template_name="basic", exclude_input=True, exclude_output_prompt=True, sanitize_html=False
    )
    exporter.register_filter("highlight_code", lambda source, **_: source)
    body, _ = TemplateExporter.from_notebook_node(exporter, notebook)
    expected = _BARE_IMAGE.sub('<img alt="Picture made by the notebook" ', body)
    shown = cells_html(notebook)
    assert _without_boxes(shown) == _without_boxes(expected)
    assert shown.count("<div") < expected.count("<div") / 2
    assert 'id="cell-id=cell-2"' in shown
    assert "cell-3" not in shown  # it shows nothing
