"""Docstrings, written for Python's own help in reStructuredText, as Markdown for the site.

What differs between the two and stands in our docstrings: roles (``:func:`name```), literal blocks
after ``::``, numbered references, and tables of equal signs.
"""

from __future__ import annotations

import re
from typing import Any

import griffe

_ROLE = re.compile(r":(?:func|class|meth|mod|data|attr|exc):`(~?)([\w.]+)`")
_REFERENCE = re.compile(r"^(?:\.\. )?(\[\d+\]) ", re.MULTILINE)
_TABLE = re.compile(r"^(=+ +=[= ]*)\n(?:.*\n)*?\1$", re.MULTILINE)
# what follows the comma is no second type
_SHAPE = re.compile(r"(?<=\w), (shape \(|length \w)")
_TAG = re.compile(r"<(?=[A-Za-z/])")
_NOTATION = re.compile(r"^Notation\n-+\n((?:.+(?:\n|$))+)", re.MULTILINE)
_SECTION = re.compile(r"^(\S.*)\n-{3,}$", re.MULTILINE)
_READ_BY_GRIFFE = {
    *("Parameters", "Returns", "Yields", "Raises", "Attributes", "Examples", "References"),
}


class Markdown(griffe.Extension):
    """Turn each docstring into Markdown when it has been read."""

    def on_object(self, *, obj: griffe.Object, **_: Any) -> None:
        """Change the docstring in its place."""
        if obj.docstring is not None:
            obj.docstring.value = as_markdown(obj.docstring.value)


def as_markdown(text: str) -> str:
    """Write a docstring as Markdown; sections that griffe reads stay as they are.

    Examples
    --------
    >>> as_markdown("See :func:`~techalign.survival.cox` [1].")
    'See <autoref identifier="techalign.survival.cox" optional><code>cox</code></autoref> [1].'
    """
    text = _NOTATION.sub(r"**Notation**\n\n```text\n\1\n```\n", text)
    text = _SECTION.sub(_heading, text)
    text = _TABLE.sub(lambda found: f"```text\n{found[0]}\n```", text)
    text = "\n".join(_line(line) for line in text.split("\n"))
    text = re.sub(r"^::$\n?", "", text, flags=re.MULTILINE)
    text = re.sub(r"(?<=\w)::$", ":", text, flags=re.MULTILINE)
    return _REFERENCE.sub(r"\n\1 ", text)


def _heading(found: re.Match[str]) -> str:
    return found[0] if found[1] in _READ_BY_GRIFFE else f"**{found[1]}**\n"


def _line(line: str) -> str:
    if line.lstrip().startswith((">>>", "...")):
        return line
    # outside of code, a sign that opens a tag would be taken for one
    pieces = re.split(r"(`+[^`]*`+)", line)
    safe = "".join(p if p.startswith("`") else _TAG.sub("&lt;", p) for p in pieces)
    return _ROLE.sub(_link, _SHAPE.sub(r" of \1", safe))


def _link(found: re.Match[str]) -> str:
    short, name = found.groups()
    shown = name.rsplit(".", 1)[-1] if short else name
    return f'<autoref identifier="{name}" optional><code>{shown}</code></autoref>'
