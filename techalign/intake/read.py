"""The one way from a file's bytes to a checked table."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

from techalign.intake.rows import ROW_MODELS
from techalign.intake.source import read_source
from techalign.intake.table import Table, check_table
from techalign.intake.values import DateOrder, Mark

__all__ = ["garbage_collection_paused", "read_table"]


def read_table(
    name: str,
    file: str,
    data: bytes,
    *,
    currency: str | None = None,
    date_order: DateOrder | None = None,
    decimal: Mark | None = None,
) -> Table:
    """Read and check one table.

    Parameters
    ----------
    name : str
        A table of :data:`techalign.intake.rows.ROW_MODELS`.
    file : str
        The file's name, for messages; its ending tells the kind.
    data : bytes
        The file's content.
    currency : str, optional
        The client's currency.
    date_order, decimal : optional
        What is known of how the file writes dates and numbers; None lets the file decide.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        If the file cannot be read as this table at all.
    """
    model = ROW_MODELS[name]
    with garbage_collection_paused():
        source = read_source(
            file,
            data,
            sheet=name,
            expected=tuple(model.model_fields),
            none_yet=model.none_yet,
        )
        return check_table(model, source, currency=currency, date_order=date_order, decimal=decimal)


@contextmanager
def garbage_collection_paused() -> Iterator[None]:
    """Keep the cyclic collector from scanning a million fresh cells again and again.

    Reading makes many long-lived objects and no cycles: half of the time to read a large
    ledger would otherwise go into looking for garbage that is not there.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
