"""Numbers that rest on what was only proposed say so, wherever a page shows them.

A notebook names the tables behind each number in the number's source, so that no notebook has to
know what a client has confirmed: where a named table holds proposals, the page adds that here. A
source that names no table (``one year in a hundred is worse``) may rest on any of them, and is
marked too: rather once too often.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from techalign.html import escape
from techalign.text import listed

__all__ = ["PROPOSED", "Unconfirmed"]

PROPOSED = "proposed from the ledger, not confirmed"
_TABLES = ("ledger", "contracts", "agreements", "vendors", "assets", "players", "partners")
_FIGURE_SOURCE = re.compile(r'(<dd class="s">)(.*?)(</dd>)', re.DOTALL)
_TABLE_SOURCE = re.compile(r'(<p class="source">)(Source: .*?)(</p>)', re.DOTALL)


@dataclass(frozen=True)
class Unconfirmed:
    """What nobody has confirmed of a client's data.

    Attributes
    ----------
    cells : mapping of str to int
        Table to proposed cells.
    facts : tuple of str
        Of the profile, in words, for which usual values stand in.
    """

    cells: Mapping[str, int]
    facts: tuple[str, ...] = ()

    def marked(self, source: str) -> str:
        """A number's source, with the remark where it rests on proposals.

        Examples
        --------
        >>> some = Unconfirmed({"contracts": 12})
        >>> some.marked("ledger"), some.marked("ledger and contracts")
        ('ledger', 'ledger and contracts; proposed from the ledger, not confirmed')
        >>> some.marked("within one year")
        'within one year; proposed from the ledger, not confirmed'
        """
        if not self.cells or PROPOSED in source:
            return source
        named = {name for name in _TABLES if re.search(rf"\b{name}\b", source)}
        rests = any(_names(table, source) for table in self.cells)
        open_to_all = not named and source != ""
        return f"{source}; {PROPOSED}" if rests or open_to_all else source

    def marked_page(self, page: str) -> str:
        """A page's HTML with the remark at figures and tables that rest on proposals."""
        if not self.cells:
            return page

        def figure(found: re.Match[str]) -> str:
            return f"{found[1]}{self.marked(found[2])}{found[3]}"

        def table(found: re.Match[str]) -> str:
            rests = any(_names(name, found[2]) for name in self.cells) or "above" in found[2]
            return f"{found[1]}{found[2]}{f'; {PROPOSED}' if rests else ''}{found[3]}"

        return _TABLE_SOURCE.sub(table, _FIGURE_SOURCE.sub(figure, page))

    @property
    def html(self) -> str:
        """What stands under a page's summary, "" where all is confirmed."""
        said = []
        if self.cells:
            cells = [
                f"{many} cell{'s' if many != 1 else ''} of the {name.replace('_', ' ')}"
                for name, many in self.cells.items()
            ]
            said.append(
                f"{listed(cells)} were {PROPOSED} by anybody. Each number that rests on them says "
                "so; a picture does where the table beside it does."
            )
        if "assets" in self.cells:
            said.append("Where nobody has told the price of a device, a usual one stands in.")
        if self.facts:
            said.append(
                f"Nobody has told yet {listed(self.facts)}: usual values of a small business "
                "stand in, and what is said per employee, by the hour or by revenue rests on them."
            )
        return "".join(f'<p class="note warn">{escape(text)}</p>' for text in said)


def _names(table: str, source: str) -> bool:
    words = {"contracts": "contracts|agreements"}.get(table, table.replace("_", " "))
    return re.search(rf"\b(?:{words})\b", source) is not None
