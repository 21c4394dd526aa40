"""What a notebook put out, as a page without scripts can show it.

An output is a bundle of forms, of which Jupyter shows the richest. A page that is sent around runs
no script and fetches nothing, so of each bundle it shows a form that needs neither: HTML that
stands by itself, a picture, a formula, a text. Where there is none, a remark stands in its place.
Printed text is shown as a terminal would show it in the end.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from techalign.report.formulas import formula_html
from techalign.report.terminal import is_plain, plain_text, terminal_html

__all__ = ["remark", "shown_outputs", "without_foreign_pictures"]

_WIDGET = "application/vnd.jupyter.widget-view+json"
_PICTURES = ("image/svg+xml", "image/png", "image/jpeg", "image/gif", "image/webp", "image/bmp")
_OF_OURS = "application/vnd.techalign"
_TEXTS = ("text/html", "text/markdown", "text/latex", "text/plain")
_MOST_JSON = 20_000  # characters
_SCRIPT = re.compile(r"<script\b.*?(?:</script\s*>|$)", re.DOTALL | re.IGNORECASE)
_NEEDS_SCRIPT = re.compile(
    r"<script\b|<(?:iframe|object|embed|video|audio|canvas|applet|frame)\b|"
    r"\bsrcdoc\s*=|<img\b[^>]*\bsrc\s*=\s*[\"']?(?!data:)[^\s\"'>]",
    re.IGNORECASE,
)
# looked for first, since that takes a tenth of the time
_MAY_NEED: tuple[str, ...] = (
    "<script",
    "<iframe",
    "<object",
    "<embed",
    "<video",
    "<audio",
    "<canvas",
    "<applet",
)
_MAY_NEED += ("<frame", "<img", "srcdoc")
_STANDS = re.compile(r"<table\b|<svg\b|<img\b[^>]*\bsrc\s*=\s*[\"']?data:", re.IGNORECASE)
_LIVE = re.compile(
    r"<(iframe|object|video|audio|canvas|applet)\b.*?(?:</\1\s*>|$)|<(?:embed|frame)\b[^>]*>",
    re.DOTALL | re.IGNORECASE,
)
_FOREIGN_PICTURE = re.compile(
    r"<img\b(?=[^>]*\bsrc\s*=\s*[\"']?(?!data:)[^\s\"'>])[^>]*>", re.IGNORECASE
)
_ALT = re.compile(r"\balt\s*=\s*\"([^\"]*)\"|\balt\s*=\s*'([^']*)'", re.IGNORECASE)
_COLOURED = re.compile(
    r"<[a-z][^>]*\bstyle\s*=\s*([\"'])(?:(?!\1).)*?(?<![-\w])(?:color|background(?:-color)?)\s*:"
    r"\s*(?!var\(|inherit|transparent|currentcolor)|"
    r"<style\b(?:(?!</style).)*?(?<![-\w])(?:color|background(?:-color)?)\s*:\s*(?!var\()|\bbgcolor\s*=",
    re.IGNORECASE | re.DOTALL,
)
_HANDS_ON = re.compile(r"\}\)\((?=\{)")
_NOT_STATED = frozenset(
    {"ButtonModel", "FloatProgressModel", "IntProgressModel", "PasswordModel", "PlayModel"}
)
"""Widgets that hold nothing a reader of the page misses: what one presses, and how far it is."""
_BOXED = '<div class="scroll" tabindex="0" role="group" aria-label="Table">'
_TAG = re.compile(r"<[^>]+>")
_MOVES = re.compile(r"\r(?!\n)|\x08|\x1b\[[0-9;]*[ABCDEFGHJKf]")
# what IPython says of an exit to a person at a keyboard
_EXIT_HINT = re.compile(
    r"An exception has occurred, use %tb to see the full traceback\.\s*(?:SystemExit[^\n]*\n)?|"
    r"^\S*interactiveshell\.py:\d+: UserWarning: To exit: use .*\n(?:\s+warn\(.*\n?)?",
    re.MULTILINE,
)
_STOPPED = (
    '<p class="note info">The notebook stopped itself here, before its end. What would follow was '
    "not computed.</p>"
)


def shown_outputs(
    outputs: Sequence[Any], *, widgets: Mapping[str, Any] | None = None, is_last: bool = False
) -> list[Any]:
    """Outputs of one cell, each in a form that a page can show.

    Parameters
    ----------
    outputs : sequence of mappings
        As a notebook holds them; not changed.
    widgets : mapping, optional
        The notebook's widgets: model id to what its state is.
    is_last : bool
        Whether no cell with code follows, so that a notebook that stops itself leaves nothing out.

    Returns
    -------
    list of mappings
        Outputs whose data nbconvert shows as they are.
    """
    known = widgets or {}
    stops = any(o.get("ename") == "SystemExit" for o in outputs)
    shown = []
    for output in _once(_merged(outputs)):
        kind = output["output_type"]
        if kind == "stream":
            text = _EXIT_HINT.sub("", output["text"]) if stops else output["text"]
            shown += [_printed({**output, "text": text})] if text.strip() else []
        elif kind == "error":
            shown += _error(output, is_last)
        else:
            shown += _rich(output, known)
    return shown


def remark(title: str = "") -> str:
    """The remark in the place of an output that needs scripts, with its title if it has one."""
    what = f": {html.escape(plain_text(title))}." if title else "."
    return (
        f'<p class="note info">An interactive output stood here{what} It needs scripts, which a '
        "report that is sent around does not run.</p>"
    )


_DOCUMENT = (
    '<p class="note info">A document stood here that only a program of its own can show; it is not '
    "part of this page.</p>"
)


def without_foreign_pictures(page: str) -> str:
    """HTML in which a remark stands for each picture that lies elsewhere: nothing is fetched.

    Examples
    --------
    >>> without_foreign_pictures('<p><img src="a.png" alt="Our hall"></p>')
    '<p><em>[picture not in this page: Our hall]</em></p>'
    """
    return _FOREIGN_PICTURE.sub(_named_picture, page) if "<img" in page else page


def _named_picture(match: re.Match[str]) -> str:
    found = _ALT.search(match[0])
    name = (found[1] or found[2] or "") if found else ""
    return f"<em>[picture not in this page{': ' if name else ''}{name}]</em>"


def _merged(outputs: Sequence[Any]) -> list[dict[str, Any]]:
    """Outputs with the pieces of a stream joined: those in a row, and all of one with movements."""
    moving = {o["name"] for o in outputs if "text" in o and _MOVES.search(_joined(o["text"]))}
    merged: list[dict[str, Any]] = []
    for output in outputs:
        copied = dict(output)
        if copied["output_type"] == "stream":
            copied["text"] = _joined(copied["text"])
            before = merged if copied["name"] in moving else merged[-1:]
            same = [m for m in before if m.get("name") == copied["name"]]
            if same:
                same[0]["text"] += copied["text"]
                continue
        merged.append(copied)
    return merged


def _once(outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Outputs without a picture that one before is: a figure named last is drawn again by itself.

    What a cell draws, matplotlib puts out at its end, also where the cell's value is that figure.
    """
    kept: list[dict[str, Any]] = []
    pictures: list[Any] = []
    for output in outputs:
        data = output.get("data", {})
        picture = next((data[form] for form in _PICTURES if data.get(form)), None)
        if picture is not None and picture in pictures:
            continue
        pictures += [picture] if picture is not None else []
        kept.append(output)
    return kept


def _joined(text: Any) -> str:
    """A text, the lines of one, or whatever was put out in its place."""
    if isinstance(text, list | tuple):
        return "".join(map(str, text))
    return "" if text is None else str(text)


def _printed(output: dict[str, Any]) -> dict[str, Any]:
    if is_plain(output["text"]):  # nbconvert shows it as it is
        return output
    return _of_html(f"<pre>{terminal_html(output['text'])}</pre>")


def _of_html(text: str) -> dict[str, Any]:
    return {"output_type": "display_data", "metadata": {}, "data": {"text/html": text}}


def _error(output: Mapping[str, Any], is_last: bool) -> list[Any]:
    """An error that did not stop the report: one that was expected, or an exit."""
    if output["ename"] == "SystemExit" and output["evalue"] in {"", "0", "None"}:
        return [] if is_last else [_of_html(_STOPPED)]
    said = terminal_html(f"{output['ename']}: {output['evalue']}".removesuffix(": "))
    return [_of_html(f"<pre>{said}</pre>")]


def _rich(output: Mapping[str, Any], widgets: Mapping[str, Any]) -> list[Any]:
    """The form of an output that a page shows, as outputs: a widget may hold several."""
    data = output.get("data", {})
    if any(form.startswith(_OF_OURS) for form in data):
        return [output]
    text = _joined(data.get("text/html", ""))
    if "text/html" in data and not text.strip() and data.keys() <= {"text/html", "text/plain"}:
        return []  # it has nothing to say
    if text.strip() and (kept := _standing(text)):
        return [{**output, "data": {"text/html": _boxed(kept)}}]
    for form in _PICTURES:
        if data.get(form):
            return [_picture(output, form)]
    if _WIDGET in data:
        return _widget(data[_WIDGET].get("model_id"), widgets) or [_of_html(remark())]
    lively = [form for form in data if form not in _TEXTS and form != "application/json"]
    if lively == ["application/pdf"]:
        return [_of_html(_DOCUMENT)]
    if lively or "text/html" in data:
        return [_of_html(remark(_title(data) or _title_in_script(text)))]
    return [_said(output)] if data else []


def _boxed(text: str) -> str:
    """HTML in a box that scrolls if it may be wider than the page."""
    if _COLOURED.search(text):  # for a white page, and could not be read on a dark one
        return f'<div class="paper">{text}</div>'
    # our own tables have theirs, with their captions as its name
    bare = "<table" in text.lower() and 'class="scroll"' not in text
    return f"{_BOXED}{text}</div>" if bare else text


def _standing(text: str) -> str:
    """HTML that shows something by itself, without what runs in it; "" if nothing is left."""
    small = text.lower()
    if not any(mark in small for mark in _MAY_NEED) or not _NEEDS_SCRIPT.search(text):
        return text
    still = _LIVE.sub(remark(), _SCRIPT.sub("", text))
    if _STANDS.search(still):
        return without_foreign_pictures(still)
    only_pictures = still == text
    return without_foreign_pictures(text) if only_pictures else ""


def _picture(output: Mapping[str, Any], form: str) -> Any:
    data = _joined(output["data"][form])
    if form in {"image/svg+xml", "image/png", "image/jpeg"}:  # nbconvert sizes and describes them
        return {**output, "data": {form: data}}
    source = f"data:{form};base64,{html.escape(''.join(data.split()))}"
    return _of_html(f'<img alt="Picture made by the notebook" src="{source}">')


def _said(output: Mapping[str, Any]) -> Any:
    """What has a text only: Markdown, a formula, JSON, plain text."""
    data = output.get("data", {})
    if "text/markdown" in data:
        return {**output, "data": {"text/markdown": _joined(data["text/markdown"])}}
    if "text/latex" in data:
        return _of_html(f"<p>{formula_html(_joined(data['text/latex']), block=True)}</p>")
    if "application/json" in data:
        written = json.dumps(data["application/json"], ensure_ascii=False, indent=2)
        cut = written if len(written) <= _MOST_JSON else f"{written[:_MOST_JSON]}\n…"
        return _of_html(f"<pre>{terminal_html(cut)}</pre>")
    text = _joined(data.get("text/plain", ""))
    return output if is_plain(text) else _of_html(f"<pre>{terminal_html(text)}</pre>")


def _title(data: Mapping[str, Any]) -> str:
    """The title of an interactive chart, where Plotly and Vega keep it."""
    for form, spec in data.items():
        if not isinstance(spec, Mapping) or "json" not in form:
            continue
        layout = spec.get("layout")
        found = layout.get("title") if isinstance(layout, Mapping) else spec.get("title")
        if isinstance(found, Mapping):
            found = found.get("text")
        if isinstance(found, str):
            return html.unescape(_TAG.sub("", found)).strip()
    return ""


def _title_in_script(text: str) -> str:
    """The title of a chart whose HTML hands Vega its description, as Altair's does; "" if none."""
    for begin in _HANDS_ON.finditer(text):
        try:
            spec, _ = json.JSONDecoder().raw_decode(text, begin.end())
        except ValueError:
            continue
        return _title({"json": spec})
    return ""


def _widget(model: Any, widgets: Mapping[str, Any]) -> list[Any]:
    """What a widget shows without its script: texts, values of controls, and what it holds."""
    held = _Held()
    _collect(str(model), widgets, held, set())
    said = " ".join(" ".join(held.texts).split())
    found = [_of_html(f"<p>{html.escape(said)}</p>")] if said else []
    found += [_of_html(_values_table(held.values))] if held.values else []
    found += [_of_html(remark(what)) for what in held.lost]
    return found + (shown_outputs(held.outputs, widgets=widgets) if held.outputs else [])


@dataclass
class _Held:
    """What is found in a widget: texts, controls with their values, outputs, and what else."""

    texts: list[str] = field(default_factory=list)
    values: list[tuple[str, str]] = field(default_factory=list)
    outputs: list[Any] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


def _collect(model: str, widgets: Mapping[str, Any], held: _Held, seen: set[str]) -> None:
    if model in seen or not isinstance(widgets.get(model), Mapping):
        return
    seen.add(model)
    kind = str(widgets[model].get("model_name", ""))
    state = widgets[model].get("state", {})
    if kind in {"HTMLModel", "LabelModel", "HTMLMathModel"}:
        held.texts.append(html.unescape(_TAG.sub(" ", str(state.get("value", "")))))
    elif kind == "OutputModel":
        held.outputs += [o for o in state.get("outputs", []) if isinstance(o, Mapping)]
    elif kind in _NOT_STATED:
        pass
    elif "value" in state or "_options_labels" in state:
        held.values.append((str(state.get("description") or "").strip(": "), _chosen(state)))
    elif "children" not in state and state.get("_view_name"):
        held.lost.append(str(state.get("description") or ""))
    for child in state.get("children", []):
        _collect(str(child).removeprefix("IPY_MODEL_"), widgets, held, seen)


def _chosen(state: Mapping[str, Any]) -> str:
    """A control's value in words."""
    labels = state.get("_options_labels")
    value = state.get("index") if isinstance(labels, Sequence) else state.get("value")
    several = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    if isinstance(labels, Sequence):
        several = [labels[n] for n in several if isinstance(n, int) and n < len(labels)]
    joint = " to " if isinstance(labels, type(None)) else ", "
    return joint.join(map(_in_words, several)) or "none"


def _in_words(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping) and {"year", "month", "date"} <= value.keys():
        # as JavaScript counts months
        return f"{value['year']}-{int(value['month']) + 1:02}-{int(value['date']):02}"
    return f"{value:g}" if isinstance(value, float) and abs(value) < 1e6 else str(value)


def _values_table(values: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><th scope="row">{html.escape(name or f"Control {number}")}</th>'
        f"<td>{html.escape(value)}</td></tr>"
        for number, (name, value) in enumerate(values, 1)
    )
    return f"<table><caption>Values that were used</caption><tbody>{rows}</tbody></table>"
