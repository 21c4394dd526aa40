"""What notebooks put out looks whole on a page that runs no script and fetches nothing."""

import datetime as dt
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import nbformat
import pytest

from techalign.report.outputs import shown_outputs, without_foreign_pictures
from techalign.report.page import render_report, stylesheet
from tests.report.test_page import INFO

v4 = nbformat.v4


def _page(*outputs: Any, after: str = "", tags: Sequence[str] = ()) -> str:
    cells = [
        v4.new_markdown_cell("# T"),
        v4.new_code_cell("x", outputs=list(outputs), metadata={"tags": list(tags)}),
        v4.new_code_cell(after),
    ]
    page = render_report(v4.new_notebook(cells=cells), INFO)
    return page.split('<main id="main">')[1].split("<footer>")[0]


def _shows(**data: Any) -> str:
    return _page(
        v4.new_output("display_data", data={k.replace("__", "/"): v for k, v in data.items()})
    )


def _stream(text: str, name: str = "stdout") -> Any:
    return v4.new_output("stream", name=name, text=text)


def test_a_progress_bar_is_its_last_state_whatever_pieces_it_came_in() -> None:
    bars = [_stream(f"\r{n:3}%|{'█' * n}", "stderr") for n in range(0, 101, 10)]
    page = _page(*bars[:5], _stream("half\n"), *bars[5:], _stream("\ndone\n", "stderr"))
    assert page.count("%|") == 1
    assert f"100%|{'█' * 100}\ndone" in page
    assert page.count("half") == 1
    assert "\r" not in page


def test_colours_are_the_pages_own_and_no_escape_is_left() -> None:
    page = _page(
        _stream("\x1b[1;31mbad\x1b[0m \x1b[38;5;46mgood\x1b[m \x1b[30;40mink\x1b[m\x07\x00\n")
    )
    assert '<span class="t-red tb">bad</span>' in page
    assert '<span class="t-green">good</span>' in page
    assert "[0m" not in page
    assert not re.search(r"[\x00-\x08\x0b-\x1f]", page)


def _luminance(colour: str) -> float:
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("theme", [0, 1])
def test_every_colour_can_be_read_in_light_and_dark(theme: int) -> None:
    css = stylesheet()
    panel = re.findall(r"--panel:(#\w{6})", css)[theme]
    used = re.findall(r"\.t-\w+\{color:var\((--\w+)\)", css)
    assert len(used) >= 5
    for name in used:
        colour = re.findall(rf"{name}:(#\w{{6}})", css)[theme]
        lighter, darker = sorted(map(_luminance, (colour, panel)), reverse=True)
        assert (lighter + 0.05) / (darker + 0.05) >= 4.5, name


PLOTLY = {"data": [{"y": [1, 2]}], "layout": {"title": {"text": "Revenue by <b>month</b>"}}}
VEGA = {"mark": "bar", "title": "Spend & more"}


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"application/vnd.plotly.v1+json": PLOTLY}, "stood here: Revenue by month."),
        (
            {
                "application/vnd.plotly.v1+json": PLOTLY,
                "text/html": "<div><script>x</script></div>",
            },
            "stood here: Revenue by month.",
        ),
        (
            {"application/vnd.vegalite.v5+json": VEGA, "text/plain": "alt.Chart(...)"},
            "stood here: Spend &amp; more.",
        ),
        ({"application/geo+json": {}, "text/plain": "<GeoJSON object>"}, "stood here."),
        ({"text/html": '<div style="a"><iframe srcdoc="<p>"></iframe></div>'}, "stood here."),
        ({"text/html": "<div id=p>Loading BokehJS ...</div><script>x</script>"}, "stood here."),
        ({"text/html": '<iframe src="https://x.org/v"></iframe>'}, "stood here."),
        ({"application/javascript": "alert(1)"}, "stood here."),
        ({"application/pdf": "JVBERi0="}, "A document stood here"),
        ({"application/vnd.unheard-of+json": {}}, "stood here."),
    ],
)
def test_what_needs_scripts_leaves_a_remark(data: dict[str, Any], said: str) -> None:
    page = _page(v4.new_output("display_data", data=data))
    assert said in page
    for left in ("<script", "<iframe", "Loading", "alt.Chart", "GeoJSON", "alert"):
        assert left not in page


@pytest.mark.parametrize("form", ["image/png", "image/gif", "image/webp", "image/svg+xml"])
def test_a_picture_in_the_output_is_shown(form: str) -> None:
    page = _page(
        v4.new_output(
            "display_data",
            data={"application/vnd.vegalite.v5+json": VEGA, form: "aGk=", "text/plain": "c"},
        )
    )
    assert f"data:{form};base64," in page
    assert "stood here" not in page


def test_a_table_that_scripts_would_sort_is_a_table() -> None:
    page = _shows(text__html="<table><tr><td>5</td></tr></table><script>sort()</script>")
    assert "<td>5</td>" in page
    assert "sort()" not in page


@pytest.mark.parametrize(
    ("text", "is_white"),
    [
        ('<pre style="line-height:normal"><span style="color: #800000">rich</span></pre>', True),
        ("<style>#T_1 td {background-color: #08306b; color: #f1f1f1}</style><table></table>", True),
        ("<style scoped>.dataframe th {vertical-align: top}</style><table></table>", False),
        ('<p style="color:var(--ta-soft)">ours</p>', False),
        ('<p title="color: red">words</p>', False),
    ],
)
def test_what_has_colours_of_its_own_keeps_its_white_ground(text: str, is_white: bool) -> None:
    assert ('<div class="paper">' in _shows(text__html=text)) == is_white


def test_a_widget_is_what_it_says_and_holds() -> None:
    held = v4.new_output("display_data", data={"text/plain": "held by it"})
    models = {
        "box": ("HBoxModel", {"children": ["IPY_MODEL_bar", "IPY_MODEL_text", "IPY_MODEL_out"]}),
        "bar": ("FloatProgressModel", {"value": 10}),
        "text": ("HTMLModel", {"value": " 10/10 [00:01&lt;00:00]<b> </b>"}),
        "out": ("OutputModel", {"outputs": [held]}),
    }
    widgets = {name: {"model_name": kind, "state": s} for name, (kind, s) in models.items()}
    view = {"application/vnd.jupyter.widget-view+json": {"model_id": "box"}, "text/plain": "HBox()"}
    shown = shown_outputs([v4.new_output("display_data", data=view)], widgets=widgets)
    assert [o["data"].get("text/html", o["data"].get("text/plain")) for o in shown] == [
        "<p>10/10 [00:01&lt;00:00]</p>",
        "held by it",
    ]


def test_ones_own_controls_become_a_table_of_the_values_used() -> None:
    import ipywidgets as w

    controls = [
        w.IntSlider(value=7, min=0, max=10, description="Years & more"),
        w.FloatSlider(value=0.125, description="Share"),
        w.FloatRangeSlider(value=(1.5, 3.0), min=0, max=5, description="Range"),
        w.Dropdown(options=[("Low", 1), ("High", 2)], value=2, description="Risk"),
        w.SelectMultiple(options=["a", "b", "c"], value=("a", "c"), description="Which"),
        w.Checkbox(value=False, description="Strict"),
        w.DatePicker(value=dt.date(2026, 3, 5), description="From"),
        w.Text(value="Ash <Ltd>", description="Name"),
        w.Password(value="hunter2", description="Secret"),
        w.Button(description="Go"),
        w.IntProgress(value=3, description="Done"),
    ]
    box = w.VBox(controls)
    state = {
        each.model_id: {
            "model_name": each._model_name,
            "state": json.loads(json.dumps(each.get_state())),
        }
        for each in (box, *controls)
    }
    view = {
        "application/vnd.jupyter.widget-view+json": {"model_id": box.model_id},
        "text/plain": "VBox()",
    }
    (shown,) = shown_outputs([v4.new_output("display_data", data=view)], widgets=state)
    table = shown["data"]["text/html"]
    rows = re.findall(r'<th scope="row">(.*?)</th><td>(.*?)</td>', table)
    assert rows == [
        ("Years &amp; more", "7"),
        ("Share", "0.125"),
        ("Range", "1.5 to 3"),
        ("Risk", "High"),
        ("Which", "a, c"),
        ("Strict", "no"),
        ("From", "2026-03-05"),
        ("Name", "Ash &lt;Ltd&gt;"),
    ]
    assert "hunter2" not in table


def test_formulas_are_drawn_and_money_is_not() -> None:
    page = _shows(text__latex=r"$\displaystyle \frac{x^{2}}{2}$", text__plain="x**2/2")
    assert "<mfrac><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow><mn>2</mn></mfrac>" in page
    page = _shows(text__markdown=r"From $5 to $10, $\alpha_1$, `$x^2$`, $$\unheard{x}$$")
    assert "From $5 to $10, <math><msub><mi>α</mi><mn>1</mn></msub></math>" in page
    assert "<code>$x^2$</code>" in page
    assert r"<code>\unheard{x}</code>" in page
    assert "$$" not in page


def test_data_for_lab_alone_are_written_out() -> None:
    page = _shows(application__json={"a": ["<b>"]}, text__plain="<JSON object>")
    assert "&lt;b&gt;" in page
    assert "JSON object" not in page


def test_a_notebook_that_stops_itself_says_so_in_no_terminals_words() -> None:
    told = (
        "An exception has occurred, use %tb to see the full traceback.\n\nSystemExit: 0\n"
        "/a/IPython/core/interactiveshell.py:3587: UserWarning: To exit: use 'exit', 'quit', or "
        "Ctrl-D.\n  warn(\"To exit: use 'exit', 'quit', or Ctrl-D.\", stacklevel=1)\n"
    )
    stop = v4.new_output("error", ename="SystemExit", evalue="0", traceback=["\x1b[31mno\x1b[0m"])
    page = _page(_stream("before\n"), _stream(told, "stderr"), stop, after="more = 1")
    assert "before" in page
    assert "The notebook stopped itself here" in page
    for word in ("%tb", "UserWarning", "SystemExit", "Ctrl-D", "\x1b"):
        assert word not in page
    assert "stopped itself" not in _page(stop), "nothing was left out"


def test_an_expected_error_is_one_line() -> None:
    error = v4.new_output(
        "error", ename="ValueError", evalue="no <x>", traceback=["/home/jane/a.py", "\x1b[31m"]
    )
    page = _page(error, tags=["raises-exception"])
    assert "<pre>ValueError: no &lt;x&gt;</pre>" in page
    assert "jane" not in page


def test_a_picture_that_lies_elsewhere_is_named() -> None:
    page = without_foreign_pictures(
        '<img src="https://x.org/a.png" alt="Our hall"><img src="data:,">'
    )
    assert page == '<em>[picture not in this page: Our hall]</em><img src="data:,">'


def test_an_output_with_nothing_to_say_leaves_no_remark() -> None:
    assert "interactive output" not in _shows(text__html="", text__plain="<block>")


def test_no_sample_page_has_a_remark_of_a_lost_output(reports: Path) -> None:
    pages = sorted(reports.glob("*/*.html"))
    assert len(pages) > 20
    assert [p for p in pages if "interactive output" in p.read_text("utf-8")] == []


def test_a_picture_beside_html_that_is_empty_is_shown() -> None:
    assert "data:image/png" in _shows(text__html=" ", image__png="aGk=", text__plain="p")
    assert "<pre>" not in _shows(text__html="", text__plain="<Block>")
