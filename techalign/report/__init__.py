"""One page: the blocks notebooks show, and the document around an executed notebook."""

from __future__ import annotations

from techalign.report.blocks import (
    Block,
    assumptions,
    data_used,
    freshness,
    note,
    notes,
    table,
    values,
)
from techalign.report.headline import Figure, Headline, headline
from techalign.report.recorded import Recorded, record

__all__ = [
    "Block",
    "Figure",
    "Headline",
    "Recorded",
    "assumptions",
    "data_used",
    "freshness",
    "headline",
    "note",
    "notes",
    "record",
    "table",
    "values",
]
