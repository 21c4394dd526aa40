"""What an analyst moves in JupyterLab: what-if controls, a run of a client, tables to edit.

It only wires: models compute, charts draw, and widgets call them. Widgets are imported when a
notebook is open in a program that can show them, never in a run.
"""

from __future__ import annotations
