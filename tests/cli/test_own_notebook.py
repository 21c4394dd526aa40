"""A notebook of one's own: it runs as written for every client, and nothing it shows vanishes."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign

ROOT = Path(__file__).parents[2]
Write = Callable[..., Path]


def _call(*words: object) -> Result:
    return CliRunner().invoke(techalign, [str(word) for word in words])


def _made(folder: Path, *more: str, clients: Path | None = None) -> str:
    """Run a folder's one notebook for a client; return its page."""
    clients = clients or folder / "clients"
    words = ["run", *more, "--clients-dir", clients, "--notebooks-dir", folder / "notebooks"]
    done = _call(*words, "--out", folder / "out")
    assert done.exit_code == 0, done.output
    (page,) = (p for p in (folder / "out").glob("*/*.html") if p.name != "index.html")
    return page.read_text()


def test_it_runs_for_a_new_client_and_is_picked_up(workbook: Path) -> None:
    where = ["--notebooks-dir", workbook / "notebooks", "--clients-dir", workbook / "clients"]
    made = _call("new-notebook", "card_fees", "--title", "What  cards cost", *where)
    assert made.exit_code == 0, made.output
    assert "techalign run --notebook card_fees" in made.output
    page = _made(workbook)
    assert "<h1>What cards cost</h1>" in page
    assert page.count("<svg") == 2  # one chart, and its drawing for a phone
    assert "<caption>Largest suppliers" in page
    record = json.loads((workbook / "out" / "acme" / "card_fees.json").read_text())
    assert [f["label"] for f in record["headline"]["figures"]] == ["Paid, 12 months"]
    again = _call("new-notebook", "card_fees", *where)
    assert isinstance(again.exception, Exception)
    assert "is there already" in str(again.exception)


def test_it_names_a_client_that_opens_when_it_is_run_by_hand(workbook: Path) -> None:
    where = ["--notebooks-dir", workbook / "notebooks", "--clients-dir", workbook / "clients"]
    _call("new-notebook", "mine", *where)
    book = nbformat.read(workbook / "notebooks" / "mine.ipynb", as_version=4)
    nbformat.validate(book)
    assert book.cells[1].source.startswith('client: str = "acme"')
    assert 'clients_dir: str = "../clients"' in book.cells[1].source
    assert not any(re.search(r"\b(TITLE|CLIENT|CLIENTS_DIR)\b", c.source) for c in book.cells)


@pytest.mark.parametrize("name", ["", "a b", "../x", "x.ipynb", "9x"])
def test_a_name_that_is_none_is_one_line_with_a_remedy(name: str, tmp_path: Path) -> None:
    done = _call("new-notebook", name, "--notebooks-dir", tmp_path)
    assert "Use letters, digits and _" in str(done.exception)
    assert list(tmp_path.iterdir()) == []


def test_without_a_kernelspec_it_runs(workbook: Path) -> None:
    cells = [nbformat.v4.new_markdown_cell("# Bare"), nbformat.v4.new_code_cell("print(6 * 7)")]
    path = workbook / "notebooks" / "bare.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata={}), path)
    assert "42" in _made(workbook)


PLOTLY = """
import plotly.express as px
px.bar(x=[1, 2], y=[3, 4], title="Cards by month")
"""
ALTAIR = """
import altair as alt
import pandas as pd
alt.Chart(pd.DataFrame({"a": [1, 2], "b": [3, 4]}), title="Cash by week").mark_bar().encode(x="a:Q", y="b:Q")
"""  # noqa: E501
SLIDERS = """
import ipywidgets
ipywidgets.VBox([
    ipywidgets.HTML("<b>What if</b>"),
    ipywidgets.IntSlider(description="Seats", value=12, min=0, max=40),
    ipywidgets.FloatSlider(description="Rate", value=0.25, min=0, max=1),
    ipywidgets.Dropdown(description="Plan", options=["basic", "full"], value="full"),
    ipywidgets.Checkbox(description="Backup", value=True),
])
"""


@pytest.mark.parametrize(
    ("code", "said"),
    [(PLOTLY, "Cards by month"), (ALTAIR, "Cash by week")],
    ids=["plotly", "altair"],
)
def test_an_interactive_chart_leaves_a_remark_with_its_title(
    code: str, said: str, workbook: Path, notebook: Write
) -> None:
    pytest.importorskip("plotly" if "plotly" in code else "altair")
    notebook("own", code)
    page = _made(workbook)
    assert f"An interactive output stood here: {said}" in page
    assert "<script" not in page


def test_sliders_are_the_values_that_were_used(workbook: Path, notebook: Write) -> None:
    notebook("own", SLIDERS)
    page = _made(workbook)
    text = re.sub(r"<[^>]+>", " ", page)
    said = " ".join(text.split())
    for name, value in (("Seats", "12"), ("Rate", "0.25"), ("Plan", "full"), ("Backup", "yes")):
        assert re.search(rf"{name}\W+{value}\b", said), f"{name} is lost"
    assert "What if" in said


def test_a_slider_alone_is_its_value(workbook: Path, notebook: Write) -> None:
    notebook("own", "import ipywidgets\nipywidgets.IntSlider(description='Seats', value=12)")
    assert re.search(r"Seats\W+12\b", re.sub(r"<[^>]+>", " ", _made(workbook)))


def test_what_interact_draws_is_there_with_its_control(workbook: Path, notebook: Write) -> None:
    code = "import ipywidgets\n\ndef show(months=6):\n    print('twice', 2 * months)\n"
    notebook("own", f"{code}\nipywidgets.interact(show, months=(1, 12));")
    said = re.sub(r"<[^>]+>", " ", _made(workbook))
    assert "twice 12" in said
    assert re.search(r"months\W+6\b", said)


def test_a_figure_of_matplotlib_comes_once(workbook: Path, notebook: Write) -> None:
    pytest.importorskip("matplotlib")
    draw = "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.plot([1, 2], [3, 4])\n"
    notebook("own", f"{draw}fig")
    assert len(re.findall(r"<img|<svg", _made(workbook))) == 1


def test_a_wide_table_of_pandas_scrolls_in_its_own_box(workbook: Path, notebook: Write) -> None:
    wide = "pd.DataFrame([range(40)], columns=[f'column {i}' for i in range(40)])"
    notebook("own", f"import pandas as pd\n{wide}")
    page = _made(workbook)
    assert re.search(r'<div[^>]*class="[^"]*\bscroll\b[^"]*"[^>]*>\s*<div>[^§]{0,700}?<table', page)
