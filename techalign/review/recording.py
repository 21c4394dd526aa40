"""Hand rows on from a notebook, checked in the cell that does so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from techalign.errors import ModelError
from techalign.report.recorded import Recorded
from techalign.review.block import block_kinds, check_block, rows_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["record"]


def record(
    name: str, frame: pd.DataFrame, *, columns: Mapping[str, str], unit: str = ""
) -> Recorded:
    """Hand rows on to the client's front page, the portfolio and the next review.

    Parameters
    ----------
    name : str
        The kind of block: ``"vendors"``, ``"ceased"``, ``"dates"``, ``"forecast"``,
        ``"actual"``, or what another subject's file adds.
    frame : DataFrame
    columns : mapping
        Column of the frame to its name in the block.
    unit : str
        Of the money in it.

    Returns
    -------
    Recorded

    Raises
    ------
    ModelError
        If there is no such kind of block, a column is missing, or a row is not as it must be.

    Examples
    --------
    >>> import pandas as pd
    >>> sold = pd.DataFrame({"month": [pd.Timestamp("2026-05-01")], "value": [120.0]})
    >>> record("actual", sold, columns={"month": "month", "value": "value"}, unit="USD")
    <1 rows of actual>
    """
    kind = block_kinds().get(name)
    if kind is None:
        raise ModelError(
            "record", "is no kind of block", value=name,
            remedy=f"There are {', '.join(sorted(block_kinds()))}.",
        )  # fmt: skip
    absent = [column for column in columns if column not in frame]
    if absent:
        raise ModelError(f"record '{name}'", "the frame lacks a column", value=absent[0])
    rows = rows_of(frame, columns)
    check_block(kind, unit, rows)
    return Recorded(name, unit, rows)
