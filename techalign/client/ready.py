"""The shipped reference tables, read when this is imported.

A batch's template imports it, so that the kernels it forks find the tables read.
"""

from __future__ import annotations

from techalign.client.reference import load_reference

_facts = load_reference()
for _table in sorted(path.stem for path in _facts.folder.glob("*.csv")):
    getattr(_facts, _table)
