"""Cells that were proposed and that nobody has confirmed: how a table's file marks them.

A table may have one more column, ``proposed``, which lists the row's proposed cells with their
values: ``end=2026-08-31; notice_days=30``. The value stands there so that a cell that somebody
corrects is no proposal any more, whether or not the list is corrected too; whoever agrees with a
cell takes it out of the list, or empties the whole column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

__all__ = ["DRAFTS", "MARKS", "cell_text", "marks", "unconfirmed"]

DRAFTS = {"contracts": "vendor", "vendors": "vendor", "assets": "technology", "players": "player"}
"""Tables that are proposed from a ledger, and the column that tells their rows apart."""

MARKS = "proposed"
"""Name of the column that lists a row's proposals; no table has one of its own."""
_PIECE = re.compile(r"\s*([a-z_]+)=(.*?)\s*(?:;|$)")


def cell_text(value: object) -> str:
    """Write a cell the way a table's file has it, so that both readings can be compared.

    Examples
    --------
    >>> cell_text(30.0), cell_text(True), cell_text(pd.Timestamp("2026-08-31")), cell_text(None)
    ('30', 'yes', '2026-08-31', '')
    """
    if value is None or value is pd.NaT or value != value:
        return ""
    if hasattr(value, "strftime"):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    try:
        number = round(float(value), 4)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        return str(value).strip()
    return f"{number:.0f}" if number.is_integer() else repr(number)


def marks(cells: Mapping[str, object]) -> str:
    """Write the list of a row's proposed cells; empty ones propose nothing.

    Parameters
    ----------
    cells : mapping of str to object
        Column to proposed value.

    Examples
    --------
    >>> marks({"capability": "backup; files", "seats_paid": None, "notice_days": 30})
    'capability=backup, files; notice_days=30'
    """
    texts = {name: cell_text(value).replace(";", ",") for name, value in cells.items()}
    return "; ".join(f"{name}={text}" for name, text in texts.items() if text)


def unconfirmed(frame: pd.DataFrame, listed: Iterable[object]) -> dict[int, tuple[str, ...]]:
    """Find the cells that still are what was proposed.

    Parameters
    ----------
    frame : DataFrame
        Checked rows, indexed by their line.
    listed : iterable
        What stands in each row's ``proposed``.

    Returns
    -------
    dict of int to tuple of str
        Columns by line; rows without any are left out.

    Examples
    --------
    >>> frame = pd.DataFrame({"notice_days": [30, 60], "role": ["web", "web"]}, index=[2, 3])
    >>> unconfirmed(frame, ["notice_days=30; role=web", "notice_days=30"])
    {2: ('notice_days', 'role')}
    """
    found = {}
    for (line, row), cell in zip(frame.iterrows(), listed, strict=True):
        said = _PIECE.findall(str(cell or ""))
        names = [n for n, text in said if n in row and _same(cell_text(row[n]), text)]
        if names:
            found[int(str(line))] = tuple(dict.fromkeys(names))
    return found


def _same(text: str, proposed: str) -> bool:
    return bool(text) and text.replace(";", ",").casefold() == proposed.strip().casefold()
