"""One executed notebook to one self-contained HTML page.

nbconvert turns the cells into HTML; the document around them is ours: its default page
weighs 742 KiB, loads two scripts from a server and fails 67 contrast checks.
"""

from __future__ import annotations

import datetime as dt
import html
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from techalign import __version__
from techalign.charts.theme import out_of_notebook
from techalign.client.brand import Look
from techalign.html import escape
from techalign.numbers.formatting import format_date
from techalign.report.blocks import INPUTS_MIME
from techalign.report.formulas import formulas_in
from techalign.report.headline import HEADLINE_MIME
from techalign.report.outputs import shown_outputs, without_foreign_pictures
from techalign.report.proposed import Unconfirmed
from techalign.report.recorded import RECORD_MIME

if TYPE_CHECKING:
    from jinja2 import Environment, Template

__all__ = [
    "LAB_MIME",
    "PageInfo",
    "Section",
    "cells_html",
    "environment",
    "headline_of",
    "inputs_of",
    "prepare",
    "render_notice",
    "render_report",
    "stylesheet",
]

LAB_MIME = "application/vnd.techalign.lab+json"
"""The type of what is said in a notebook and not on its page."""
_HEADING = re.compile(r'<h([1-6])[^>]*\bid="([^"]*)"[^>]*>(.*?)</h\1>', re.DOTALL)
_ANCHOR_LINK = re.compile(r'<a class="anchor-link".*?</a>', re.DOTALL)
# where the clients' folders lie is nobody's business who reads a page
_FOLDER = re.compile(r"^(?:clients|reports)_dir = .*\n?", re.MULTILINE)
_PASSAGES = 500  # of prose, kept as HTML
_TAG = re.compile(r"<[^>]+>")
_WIDGETS = "application/vnd.jupyter.widget-state+json"
_BARE_IMAGE = re.compile(r"<img (?![^>]*\balt=)")
# nbconvert puts five boxes around each output, for styles that our pages do not have: a twentieth
# of a long page. What stands in a frame of its own keeps its box
_CELLS = """{%- extends "basic/index.html.j2" -%}
{%- block codecell -%}
{%- if cell.outputs or resources.global_content_filter.include_input -%}
<div id="cell-id={{ cell.id }}">{{ super.super() }}</div>
{% endif -%}
{%- endblock -%}
{%- block output_group -%}{{ super.super() }}{%- endblock -%}
{%- block output -%}{{ super.super() }}{%- endblock -%}
{%- block markdowncell -%}
<div id="cell-id={{ cell.id }}" class="text_cell">
{{- cell.source | markdown2html | strip_files_prefix }}</div>
{% endblock -%}
{%- block data_html -%}
{%- if output.get("metadata", {}).get("text/html", {}).get("isolated") -%}{{ super() }}
{%- else -%}{{ output.data["text/html"] }}
{% endif -%}
{%- endblock -%}
"""


@dataclass(frozen=True)
class PageInfo:
    """What a page says of itself: whose it is, of what day, from which inputs."""

    client_name: str
    as_of: dt.date
    inputs: tuple[tuple[str, str], ...] = ()
    look: Look = field(default_factory=Look)


@dataclass(frozen=True)
class Section:
    """A part of a page: its anchor, its heading and its HTML, every text escaped.

    ``late`` puts it at the end of the page, because it has nothing to say yet.
    """

    anchor: str
    title: str
    html: str
    late: bool = False


def render_report(
    notebook: Any, info: PageInfo, *, sections: Sequence[Section] = (), show_code: bool = False
) -> str:
    """Render an executed notebook.

    Parameters
    ----------
    notebook : NotebookNode
        Executed; its first heading is the report's title.
    info : PageInfo
    sections : sequence of Section
        Shown after the executive summary and the notebook's opening words.
    show_code : bool
        Show each cell's code, folded, above what it made.

    Returns
    -------
    str
        A whole HTML document, the same bytes for the same notebook and info.
    """
    body = _ANCHOR_LINK.sub("", cells_html(notebook, show_code=show_code))
    headings = [
        (int(level), html.unescape(anchor), html.unescape(_TAG.sub("", text)).strip())
        for level, anchor, text in _HEADING.findall(body)
    ]
    title = next((text for level, _, text in headings if level == 1), "Report")
    open_cells = _unconfirmed(notebook)
    body = open_cells.marked_page(re.sub(r"<h1[^>]*>.*?</h1>", "", body, flags=re.DOTALL))
    begins = _first_part(body)
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            css=stylesheet(),
            title=title,
            client_name=info.client_name,
            as_of=format_date(info.as_of),
            sections=sections,
            contents=[
                *((s.anchor, s.title) for s in sections if not s.late),
                *((anchor, text) for level, anchor, text in headings if level == 2),
                *((s.anchor, s.title) for s in sections if s.late),
            ],
            summary=open_cells.marked_page(_headline_html(notebook)) + open_cells.html,
            opening=body[:begins],
            body=body[begins:],
            inputs=info.inputs,
            look=info.look,
            version=__version__,
        )
    )


def render_notice(
    title: str,
    info: PageInfo,
    message: str,
    *,
    tone: str = "info",
    place: str = "",
    retry: str = "",
    trace: str = "",
) -> str:
    """Render the page that stands in a report's place when there is none.

    Parameters
    ----------
    title : str
        The report's title.
    info : PageInfo
    message : str
        What the reader should know, first.
    tone : "info", "warn" or "bad"
    place : str
        Which notebook and cell.
    retry : str
        The command to try again.
    trace : str
        Details, folded.
    """
    return (
        environment()
        .get_template("notice.html.j2")
        .render(
            css=stylesheet(),
            title=title,
            client_name=info.client_name,
            as_of=format_date(info.as_of),
            message=message,
            look=info.look,
            tone=tone,
            place=place,
            retry=retry,
            trace=trace,
            version=__version__,
        )
    )


def headline_of(notebook: Any) -> dict[str, Any]:
    """What the notebook recorded: its headline's sentence and figures, and rows by name.

    Returns
    -------
    dict
        ``sentence`` and ``figures`` if there is a headline; ``recorded``, a mapping of name to
        ``unit`` and ``rows``, if the notebook handed rows on.
    """
    found: dict[str, Any] = {}
    recorded = {}
    for bundle in _outputs(notebook):
        if HEADLINE_MIME in bundle and not found:
            found = dict(bundle[HEADLINE_MIME])
        if RECORD_MIME in bundle:
            block = bundle[RECORD_MIME]
            recorded[str(block["name"])] = {k: v for k, v in block.items() if k != "name"}
    open_cells = _unconfirmed(notebook)
    for figure in found.get("figures", ()):
        figure["source"] = open_cells.marked(str(figure["source"]))
    return {**found, "recorded": recorded} if recorded else found


def _unconfirmed(notebook: Any) -> Unconfirmed:
    """What the notebook said nobody has confirmed of the data it used."""
    said = [bundle.get(INPUTS_MIME, {}).get("unconfirmed", {}) for bundle in _outputs(notebook)]
    cells: dict[str, int] = {}
    facts: list[str] = []
    for one in said:
        cells |= one.get("cells", {})
        facts += one.get("facts", [])
    return Unconfirmed(cells, tuple(dict.fromkeys(facts)))


def inputs_of(notebook: Any) -> tuple[tuple[str, str], ...]:
    """Files and checksums the notebook recorded as read, without repeats."""
    pairs = [
        (str(name), str(checksum))
        for bundle in _outputs(notebook)
        for name, checksum in bundle.get(INPUTS_MIME, {}).get("inputs", [])
    ]
    return tuple(dict.fromkeys(pairs))


def prepare() -> None:
    """Compile the templates now, so that the first page need not wait for it."""
    environment().get_template("report.html.j2")
    stylesheet()
    _cells_template()


@cache
def environment() -> Environment:
    """The template environment, built once: it compiles templates."""
    from jinja2 import Environment, PackageLoader

    return Environment(
        loader=PackageLoader("techalign.report", "templates"), autoescape=True, trim_blocks=True
    )


@cache
def stylesheet() -> str:
    """The page's style sheet with the charts' palette and the tables' columns in it."""
    from importlib.resources import files

    from techalign.charts.theme import block_styles, css_variables

    css = (files("techalign.report") / "templates" / "page.css").read_text("utf-8")
    made = {
        "__LIGHT__": css_variables(dark=False),
        "__DARK__": css_variables(dark=True),
        "__BLOCKS__": block_styles(),
    }
    for place, text in made.items():
        css = css.replace(place, text)
    return css


def _first_part(body: str) -> int:
    """Where the cell with the first heading begins."""
    heading = body.find("<h2")
    return max(body.rfind('<div id="cell-id=', 0, heading), 0) if heading >= 0 else len(body)


def _outputs(notebook: Any) -> Sequence[dict[str, Any]]:
    return [
        _bare(output)["data"]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if "data" in output
    ]


def _bare(output: Any) -> Any:
    """An output of ours without the styles that it carries in a notebook: the page has them."""
    text = output.get("data", {}).get("text/html")
    if not isinstance(text, str) or (bare := out_of_notebook(text)) == text:
        return output
    return {**output, "data": {**output["data"], "text/html": bare}}


def _headline_html(notebook: Any) -> str:
    """The headline, and under it what to decide, wherever the notebook shows them."""
    shown = _outputs(notebook)
    first = [bundle for bundle in shown if HEADLINE_MIME in bundle]
    first += [b for b in shown if b.get(RECORD_MIME, {}).get("name") == "decisions"]
    return "".join(str(bundle.get("text/html", "")) for bundle in first)


def cells_html(notebook: Any, *, show_code: bool = False) -> str:
    """The cells of an executed notebook as they stand in a page.

    Parameters
    ----------
    notebook : NotebookNode
    show_code : bool
        Show each cell's code, folded, above what it made.
    """
    shown, said = notebook.copy(), set[str]()
    shown.cells = []
    shown.metadata = {k: v for k, v in notebook.metadata.items() if k != "widgets"}
    widgets = notebook.metadata.get("widgets", {}).get(_WIDGETS, {}).get("state", {})
    steps = [n for n, c in enumerate(notebook.cells) if "outputs" in c and c["source"].strip()]
    for number, cell in enumerate(notebook.cells):
        is_last = not any(step > number for step in steps[-1:])
        shown.cells.append(_as_shown(number, cell, said, widgets, is_last))
    if show_code:
        _add_code(shown.cells)
    template, resources = _cells_template()
    body = template.render(nb=shown, resources=resources).lstrip("\r\n")
    return _BARE_IMAGE.sub('<img alt="Picture made by the notebook" ', body)


@cache
def _cells_template() -> tuple[Template, Any]:
    """The cells' template, which is nbconvert's, and what it is told beside the notebook.

    The exporter itself would copy the notebook three times, offer each copy to preprocessors
    that have nothing to do here, and parse the whole page again to describe images: three
    quarters of its time.
    """
    from nbconvert import HTMLExporter
    from nbconvert.exporters.templateexporter import TemplateExporter
    from nbformat.v4 import new_notebook

    exporter = HTMLExporter(
        raw_template=_CELLS,
        exclude_input=True,
        exclude_output_prompt=True,
        sanitize_html=False,
    )
    # the template names the filter, though no code is shown
    exporter.register_filter("highlight_code", lambda source, **_: escape(source))
    exporter.register_filter("markdown2html", _once(exporter.markdown2html))
    _, resources = TemplateExporter.from_notebook_node(exporter, new_notebook())
    return exporter.template, resources


def _once(markdown2html: Callable[[Any, str], str]) -> Callable[[Any, str], str]:
    """Turn the prose, which is the same in each client's report, into HTML once."""
    from jinja2 import pass_context

    @lru_cache(_PASSAGES)
    def known(source: str) -> str:
        return without_foreign_pictures(formulas_in(markdown2html({}, source)))

    @pass_context
    def prose(context: Any, source: str) -> str:
        if context.get("cell", {}).get("attachments"):  # pictures of its own
            return without_foreign_pictures(formulas_in(markdown2html(context, source)))
        return known(source)

    return prose


def _as_shown(
    number: int, cell: Any, said: set[str], widgets: Mapping[str, Any], is_last: bool
) -> Any:
    """The cell with a plain id, without what the page shows elsewhere, hands on or has said."""
    kept = cell.copy()
    # papermill gives the cell it injects a random id, and nbconvert writes ids out
    kept["id"] = f"cell-{number}"
    if "outputs" not in kept:
        return kept
    ours = [
        o
        for o in map(_bare, cell["outputs"])
        if not {HEADLINE_MIME, RECORD_MIME, LAB_MIME} & set(o.get("data", {}))
        and not _said_before(o, said)
    ]
    kept["outputs"] = shown_outputs(ours, widgets=widgets, is_last=is_last)
    return kept


def _add_code(cells: Sequence[Any]) -> None:
    """Put each step's code, folded, above what it made; with it that of steps that show nothing."""
    sources: list[str] = []
    last = len(cells) - 1
    for number, cell in enumerate(cells):
        if "outputs" in cell:
            source = str(cell["source"])
            if "injected-parameters" in cell.get("metadata", {}).get("tags", []):
                source = _FOLDER.sub("", source)
            sources += [source.strip()] if source.strip() else []
        following = cells[number + 1] if number < last else None
        # a heading ends what came before it
        ends = following is None or "outputs" not in following
        if sources and "outputs" in cell and (cell["outputs"] or ends):
            cell["outputs"] = [_folded_code("\n\n".join(sources)), *cell["outputs"]]
            sources = []


def _said_before(output: Any, said: set[str]) -> bool:
    """Whether an output is a remark, such as what a missing table would enable, made before."""
    text = str(output.get("data", {}).get("text/html", ""))
    if not text.startswith('<p class="note'):
        return False
    again = text in said
    said.add(text)
    return again


def _folded_code(source: str) -> Any:
    from nbformat.v4 import new_output

    page = (
        "<details><summary>Code of this step</summary>"
        f"<pre><code>{escape(source)}</code></pre></details>"
    )
    return new_output("display_data", data={"text/html": page})
