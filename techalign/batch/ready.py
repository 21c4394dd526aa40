"""What follows from the package's own files alone, found out once for all kernels of a template.

A template imports this module for what importing it does (see :mod:`techalign.batch.preload`): the
shipped tables are read, and so are the style sheets; the frame of a table that a client does not
have is made of each table, and what reports may hand on is looked for. Each is remembered where it
is found out. A kernel that is forked from the template then finds it there.
"""

from __future__ import annotations

from techalign.charts.theme import in_notebook
from techalign.client.reference import load_reference
from techalign.intake.rows import ROW_MODELS
from techalign.intake.table import empty_table
from techalign.review.block import block_kinds

__all__: list[str] = []

_facts = load_reference()
for _table in sorted(path.stem for path in _facts.folder.glob("*.csv")):
    getattr(_facts, _table)
for _model in ROW_MODELS.values():
    empty_table(_model)
in_notebook("")
block_kinds()
