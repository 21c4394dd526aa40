"""One spelling for one name: what tables call the same thing is written as its own row writes it.

Models put rows together by their names. A name in other case, width or with a character that
nobody sees is the same name to a person; here it becomes the same text, once, for every table
and every model behind.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from techalign.client.references import REGISTERS
from techalign.intake.table import Table
from techalign.text import folded

__all__ = ["SYSTEMS", "spell_alike"]


@dataclass(frozen=True)
class _Names:
    """Columns that name the same things, those whose spelling counts first.

    ``table.column``; with ``;`` behind it a cell is a list, with ``:`` a list of names with shares.
    """

    columns: tuple[str, ...]
    known: tuple[str, ...] = ()


_WITHOUT_BLANKS = re.compile(r"\S(?:.*\S)?", re.DOTALL)
_PARTNER_TABLES = tuple(table for table, register in REGISTERS.items() if register == "partners")
SYSTEMS = (
    "assets.technology", "assets.integrates_with;", "initiatives.replaces;", "links.technology",
    "integrations.system_a", "integrations.system_b", "skills.system",
)  # fmt: skip
"""Columns that name systems, those whose spelling counts first; ``;`` marks lists."""

_NAMES = (
    _Names(("vendors.vendor", "vendors.hubs:", "vendor_events.vendor", "mitigations.vendor")),
    _Names(
        ("partners.partner", *(f"{name}.partner" for name in _PARTNER_TABLES), "message.who"),
        known=("all",),
    ),
    _Names(("initiatives.id", "initiatives.after;", "initiatives.synergy_with;",
            "ledger.initiative")),
    _Names(("goals.goal", "links.goal", "judgements.goal_a", "judgements.goal_b",
            "initiatives.goal")),
    _Names(("resources.resource", "initiatives.resource")),
    _Names(SYSTEMS),
    _Names(("judgements.judge",)),
    _Names(("skills.person",)),
    _Names(("options.decision",)),
    _Names(("contracts.vendor", "assets.vendor")),
    _Names(("contracts.capability", "assets.capability")),
    _Names(("pipeline.stage",)),
)  # fmt: skip


def spell_alike(tables: Mapping[str, Table]) -> dict[str, Table]:
    r"""Write each name in a client's tables as the table that lists it does.

    Parameters
    ----------
    tables : mapping of str to Table
        A client's tables; where the one that lists a name is not among them, the first that
        has it counts.

    Returns
    -------
    dict of str to Table
        The same, with clean rows in which names are compared as texts.

    Examples
    --------
    >>> from techalign.intake.read import read_table
    >>> vendors = read_table("vendors", "v.csv",
    ...     b"vendor,relation,sector,criticality\nNimbra Cloud,direct,retail,3\n")
    >>> events = read_table("vendor_events", "e.csv",
    ...     b"vendor,date,kind\nNIMBRA  cloud,2026-01-05,policy\n")
    >>> alike = spell_alike({"vendors": vendors, "vendor_events": events})
    >>> alike["vendor_events"].clean["vendor"].tolist()
    ['Nimbra Cloud']
    """
    alike = dict(tables)
    for names in _NAMES:
        spelled = {folded(name): name for name in names.known}
        for column in names.columns:
            table, _, rest = column.partition(".")
            if table in alike:
                alike[table] = _spelled(alike[table], rest, spelled)
    return alike


def _spelled(table: Table, column: str, spelled: dict[str, str]) -> Table:
    """The table with one column's names as they were first met, which this adds to."""
    form = column[-1] if column[-1] in ";:" else ""
    name = column.rstrip(";:")
    if name not in table.clean or table.clean.empty:
        return table
    cells = table.clean[name]
    written: dict[object, object] = {}
    for cell in dict.fromkeys(cells.tolist()):
        written[cell] = _FORMS[form](cell, spelled) if isinstance(cell, str) and cell else cell
    if all(old is new or old == new for old, new in written.items()):
        return table
    return replace(table, clean=table.clean.assign(**{name: cells.map(written)}))


def _one(cell: str, spelled: dict[str, str]) -> str:
    return spelled.setdefault(folded(cell), cell)


def _list(cell: str, spelled: dict[str, str]) -> str:
    return _each(cell, lambda part: _one(part, spelled))


def _shares(cell: str, spelled: dict[str, str]) -> str:
    def entry(part: str) -> str:
        name, colon, share = part.rpartition(":")
        return f"{_one(name.strip(), spelled)}{colon}{share}" if colon else part

    return _each(cell, entry)


def _each(cell: str, spell: Callable[[str], str]) -> str:
    """Every entry between semicolons, with the blanks around it left as they are."""
    parts: Iterable[str] = cell.split(";")
    return ";".join(
        _WITHOUT_BLANKS.sub(lambda found: spell(found[0]), part, count=1) for part in parts
    )


_FORMS: Mapping[str, Callable[[str, dict[str, str]], str]] = {
    "": _one,
    ";": _list,
    ":": _shares,
}
