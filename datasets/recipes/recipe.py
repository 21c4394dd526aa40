"""What a client's recipe consists of."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from recipes.blocks import Cells
from recipes.channels import Channel

__all__ = ["AS_OF", "LEDGER_COLUMNS", "Dialect", "Recipe"]

AS_OF = dt.date(2026, 6, 30)
LEDGER_COLUMNS = ("date", "vendor_raw", "amount", "currency", "account", "memo")


@dataclass(frozen=True)
class Dialect:
    """How a client's programs write files.

    ``date`` is a ``strftime`` format; ``sign`` the currency sign used where someone typed
    an amount by hand; ``formats`` gives the ending of tables that are not plain ``.csv``.
    """

    encoding: str = "utf-8"
    delimiter: str = ","
    decimal: str = "."
    date: str = "%Y-%m-%d"
    newline: str = "\n"
    sign: str = "$"
    formats: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """One invented client.

    ``regular`` and ``occasional`` are blocks of payments (see ``recipes.ledgers``);
    ``tables`` holds the hand-written tables; ``channel`` what to simulate of its partners;
    ``blemishes`` counts the planted blemishes of the ledger by kind; ``spoiled`` lists
    blemishes of other tables as (table, row from 0, column, text, kind). ``credits`` are rows
    of the ledger that come after all others, so that none of those moves.
    """

    id: str
    profile: Mapping[str, object]
    dialect: Dialect
    start: dt.date
    regular: str
    occasional: str
    tables: Mapping[str, list[Cells]]
    ledger_columns: tuple[str, ...]
    blemishes: Mapping[str, int]
    reading: Mapping[str, str] = field(default_factory=dict)
    channel: Channel | None = None
    spoiled: tuple[tuple[str, int, str, str, str], ...] = ()
    credits: str = ""
