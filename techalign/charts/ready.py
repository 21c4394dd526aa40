"""The style sheets of charts and tables, read when this is imported.

A batch's template imports it, so that the kernels it forks find them read.
"""

from __future__ import annotations

from techalign.charts.theme import in_notebook

in_notebook("")
