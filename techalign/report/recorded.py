"""What carries rows from a notebook to its record: plain JSON under a type of its own.

The page of the report shows nothing of them; they go into the record beside it, so that other
pages need neither run the notebook again nor read HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from techalign.charts.theme import in_notebook
from techalign.html import escape

__all__ = ["RECORD_MIME", "Recorded"]

RECORD_MIME = "application/vnd.techalign.record+json"


@dataclass(frozen=True, repr=False)
class Recorded:
    """Rows under a name; in JupyterLab a line says how many."""

    name: str
    unit: str
    rows: Sequence[Mapping[str, object]]

    def __repr__(self) -> str:
        return f"<{len(self.rows)} rows of {self.name}>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        del include, exclude  # both forms are always wanted
        said = f"Recorded for the summary: {len(self.rows)} rows of {self.name}."
        data = {"name": self.name, "unit": self.unit, "rows": list(self.rows)}
        html = in_notebook(f'<p class="source">{escape(said)}</p>')
        return {"text/html": html, RECORD_MIME: data}
