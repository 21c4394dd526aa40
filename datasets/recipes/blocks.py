"""Hand-written tables as blocks of text, one row a line, cells parted by ``|``.

Eight clients with a dozen tables each are easier to check when every row stands on one
line under its header than as nested literals.
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping

__all__ = ["Cells", "parse_block", "parse_vendors"]

Cells = dict[str, str]
BRAND = ("pace", "cost", "known", "forward", "media", "people", "service")


def parse_block(text: str, constants: Mapping[str, str] | None = None) -> list[Cells]:
    """Read a block whose first line is the header.

    Parameters
    ----------
    text : str
        Lines of cells parted by ``|``; blank lines are skipped.
    constants : mapping of str to str, optional
        Cells that every row shares.

    Returns
    -------
    list of dict
        One dictionary a row, header to stripped text.
    """
    lines = [line for line in text.strip().splitlines() if line.strip()]
    header, *rows = ([cell.strip() for cell in line.split("|")] for line in lines)
    for row in rows:
        if len(row) != len(header):
            raise ValueError(f"{len(row)} cells under {len(header)} headers: {row}")
    return [{**dict(zip(header, row, strict=True)), **(constants or {})} for row in rows]


def parse_vendors(text: str, more: str = "") -> list[Cells]:
    """Read the vendors' short form into the columns of the ``vendors`` table.

    ``more`` is a block of vendors with further columns, which the others leave empty.

    The short form has ``vendor, relation, role, founded, size, sector, owner, crit, share,
    records, value, switch, retool, prepaid, weeks, margin, hubs, have, brand``: ``have``
    holds the letters of what is in place (``x`` tested export, ``s`` escrow, ``2`` second
    source), ``brand`` the seven answers as digits, ``-`` for none.
    """
    further = {row.pop("vendor"): row for row in (parse_block(more) if more else [])}
    none = dict.fromkeys((column for row in further.values() for column in row), "")
    return [_vendor(row) | none | further.get(row["vendor"], {}) for row in parse_block(text)]


def _vendor(row: Cells) -> Cells:
    names = {
        "vendor": "vendor",
        "relation": "relation",
        "role": "role",
        "founded": "founded",
        "size": "size",
        "sector": "sector",
        "owner_kind": "owner",
        "criticality": "crit",
        "revenue_share_depending": "share",
        "records_held": "records",
        "record_value": "value",
        "switching_cost": "switch",
        "retooling_cost": "retool",
        "prepaid": "prepaid",
        "weeks_out": "weeks",
        "margin_per_week": "margin",
        "hubs": "hubs",
    }
    cells = {column: row[short] for column, short in names.items()}
    cells["since"] = _since(row)
    for column, letter in (("export_tested", "x"), ("escrow", "s"), ("second_source", "2")):
        cells[column] = "yes" if letter in row["have"] else "no"
    answers = row["brand"] or "-" * len(BRAND)
    for question, answer in zip(BRAND, answers, strict=True):
        cells[f"brand_{question}"] = "" if answer == "-" else answer
    return cells


def _since(row: Cells) -> str:
    """A day the client began to rely on a company: the same at every run, after its founding."""
    from recipes.recipe import AS_OF

    number = zlib.crc32(f"{row['vendor']}/{row['role']}".encode())
    year = max(AS_OF.year - 1 - number % 12, int(row["founded"] or 0) + 1)
    return f"{min(year, AS_OF.year - 1)}-{number // 12 % 12 + 1:02}-{number // 144 % 28 + 1:02}"
