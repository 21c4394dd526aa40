"""One page: the blocks notebooks show, and the document around an executed notebook."""

from __future__ import annotations

from techalign.report.blocks import (
    Block,
    Column,
    assumptions,
    data_used,
    freshness,
    note,
    notes,
    table,
    values,
)
from techalign.report.decisions import Decisions, decisions
from techalign.report.headline import Figure, Headline, headline

__all__ = [
    "Block",
    "Column",
    "Decisions",
    "Figure",
    "Headline",
    "assumptions",
    "data_used",
    "decisions",
    "freshness",
    "headline",
    "note",
    "notes",
    "table",
    "values",
]
