"""All of a client's reports in one document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from techalign import __version__
from techalign.report.page import environment, stylesheet

__all__ = ["Part", "render_combined"]


@dataclass(frozen=True)
class Part:
    """One page's content: its anchor, its title as HTML, and its HTML, headings a level down.

    The summary keeps its own look: it is a page in print.
    """

    anchor: str
    title: str
    html: str
    summary: bool = False


def render_combined(client_name: str, parts: Sequence[Part]) -> str:
    """Render the document; each part begins on a new sheet in print."""
    return (
        environment()
        .get_template("combined.html.j2")
        .render(css=stylesheet(), name=client_name, parts=parts, version=__version__)
    )
