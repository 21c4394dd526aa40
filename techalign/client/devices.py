"""Devices of an inventory: what its operating system tells of the end of security support."""

from __future__ import annotations

import re
from dataclasses import replace

import pandas as pd

from techalign.intake.source import Source

__all__ = ["with_end_of_support"]


def with_end_of_support(source: Source, support: pd.DataFrame) -> Source:
    """Fill the end of support of devices whose operating system's maker has announced it.

    Parameters
    ----------
    source : Source
        Cells under the columns of the assets table.
    support : DataFrame
        pattern (a regular expression on the operating system's name), product, end (ISO day),
        source; the first that fits decides.

    Returns
    -------
    Source

    Examples
    --------
    >>> cells = {"technology": ["PC-1", "PC-2"],
    ...          "operating_system": ["Windows 10 Pro", "ChromeOS"]}
    >>> support = pd.DataFrame([("windows 10", "Windows 10", "2025-10-14", "maker")],
    ...     columns=["pattern", "product", "end", "source"])
    >>> source = Source("x.csv", "", cells, [2, 3], (), (), tuple(cells), 2)
    >>> with_end_of_support(source, support).columns["end_of_life"]
    ['2025-10-14', '']
    """
    systems = source.columns.get("operating_system")
    if systems is None:
        return source
    known = [(re.compile(p, re.IGNORECASE), e)
             for p, e in zip(support["pattern"], support["end"], strict=True)]  # fmt: skip
    there = source.columns.get("end_of_life", [""] * len(systems))
    ends: list[object] = []
    told = 0
    for system, end in zip(systems, there, strict=True):
        found = "" if end else next((e for p, e in known if p.search(str(system or ""))), "")
        told += bool(found)
        ends.append(end or found)
    if not told:
        return source
    note = f"end of support of {told} devices by what the system's maker has announced"
    columns = {**source.columns, "end_of_life": ends}
    return replace(source, columns=columns, header=tuple(columns), notes=(*source.notes, note))
