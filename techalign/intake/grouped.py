"""Reports that put the supplier or the account on a line of its own, and totals below the rows.

::

    Software                        a group line: names the rows below it
      01/05/2026  Adobe    79.99
    Total for Software     79.99    a total: repeats money that was counted above

A total is recognised by what it says and by arithmetic, and is set aside as a total.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from techalign.intake.days import looks_like_day
from techalign.intake.values import looks_like_number

__all__ = [
    "BALANCE_ACCOUNT",
    "GROUP",
    "Groups",
    "adds_up",
    "is_bare_total",
    "is_group_line",
    "is_total_text",
    "name_groups",
]

GROUP = "(group)"
"""Name of the column that holds the groups' names."""

_TOTAL = re.compile(
    r"(?:grand |sub-? ?|net )?totals?\b|gesamt(?:summe|betrag)?\b|(?:zwischen)?summe\b|endsumme\b"
    r"|(?:sub)?totaa?le?\b|(?:sous-)?total\b|totaux\b|somme\b|suma\b|soma\b|totali\b|i alt\b"
    r"|celkem\b|razem\b|summa\b|toplam\b|yhteensä\b|összesen\b|合計|spolu\b|итого\b|всего\b"
    r"|σύνολο\b|разом\b|общо\b|всичко\b",
    re.IGNORECASE,
)
_WHOLE = {"amount", "all", "général", "general", "generale", "geral", "debit", "credit"}
_TOTAL_BEHIND = re.compile(r".+\s(?:sub-?)?(?:totals?|ergebnis|gesamt|totaal)", re.IGNORECASE)
_BALANCE = re.compile(
    r"(?:opening|closing|beginning|starting|ending|brought forward|carried forward)\b"
    r"|balance\b|(?:brought|carried) forward|saldo\b|kontostand\b"
    r"|anfangssaldo|endsaldo|solde\b|eröffnung",
    re.IGNORECASE,
)
BALANCE_ACCOUNT = re.compile(
    r"\b(?:checking|chequing|savings?|bank|cash|petty cash|undeposited|credit card|visa|mastercard"
    r"|amex|american express|accounts? (?:payable|receivable)|a/[pr]|creditors?|debtors?"
    r"|paypal|stripe clearing|clearing|opening balance equity|current account)\b",
    re.IGNORECASE,
)
"""Accounts that are the other side of a payment: a bank, a card, a payable or a receivable."""


@dataclass(frozen=True)
class Groups:
    """Which rows are rows, by position, and the innermost group each stands in."""

    rows: list[int]
    names: list[str]


def is_total_text(text: str) -> bool:
    """Tell whether a line says that it is a total or a balance.

    Examples
    --------
    >>> [is_total_text(text) for text in ("Total for Software", "Adobe Total", "TotalEnergies")]
    [True, True, False]
    """
    bare = text.strip()
    return bool(_TOTAL.match(bare) or _BALANCE.match(bare) or _TOTAL_BEHIND.fullmatch(bare))


def is_bare_total(text: str) -> bool:
    """Tell whether a text says total and nothing that could be a name.

    Examples
    --------
    >>> [is_bare_total(text) for text in ("Grand total:", "Total January", "Total Security Ltd")]
    [True, True, False]
    """
    rest = _TOTAL.sub("", text.strip(), count=1).strip(" :.-").casefold()
    return not rest or looks_like_day(rest) or looks_like_day(f"1 {rest} 2026") or rest in _WHOLE


def is_group_line(cells: Sequence[object]) -> bool:
    """Tell whether a short line names a group or is a total: one text first, then numbers."""
    filled = [(i, str(cell).strip()) for i, cell in enumerate(cells) if cell not in (None, "")]
    if not filled or filled[0][0] > 1:
        return False
    first = filled[0][1]
    if looks_like_day(first) or looks_like_number(first):
        return False
    return all(looks_like_number(text) for _, text in filled[1:])


def name_groups(rows: Sequence[Sequence[object]], names: Sequence[str]) -> Groups | None:
    """Find group lines and give every row the name of its innermost group.

    Parameters
    ----------
    rows : sequence of sequences
        Cells below the header, all of one width.
    names : sequence of str
        The header.

    Returns
    -------
    Groups or None
        None where the file has no groups.
    """
    sparse = [i for i, row in enumerate(rows) if "" in row or None in row]
    lines = [i for i in sparse if rows[i][0] not in (None, "") and _may_name(rows[i])]
    lines += [
        i for i in sparse
        if rows[i][0] in (None, "") and len(rows[i]) > 1 and rows[i][1] not in (None, "")
        and _may_name(rows[i])
    ]  # fmt: skip
    labels = {i: _first(rows[i]) for i in lines}
    totals = {i: text for i, text in labels.items() if is_total_text(text)}
    labels = {i: text for i, text in labels.items() if i not in totals and _has_rows(rows, i)}
    closed = any(_closes(total, label) for total in totals.values() for label in labels.values())
    unnamed = not names[0] or names[0].startswith("column ")
    if not labels or not (closed or (unnamed and all(rows[i][0] for i in labels))):
        return None
    return _walk(rows, labels, totals)


def _walk(
    rows: Sequence[Sequence[object]], labels: dict[int, str], totals: dict[int, str]
) -> Groups:
    open_groups: list[str] = []
    kept, found = [], []
    ended = True  # a label right after a row of its own level replaces it
    for i in range(len(rows)):
        if i in labels:
            if ended and open_groups and not _closed_later(labels[i], totals):
                open_groups.pop()
            open_groups.append(labels[i])
            ended = False
            continue
        kept.append(i)
        found.append(open_groups[-1] if open_groups else "")
        ended = True
        if i in totals:
            while open_groups and any(_closes(totals[i], label) for label in open_groups):
                if _closes(totals[i], open_groups.pop()):
                    break
            ended = False
    return Groups(kept, found)


def _closed_later(label: str, totals: dict[int, str]) -> bool:
    return any(_closes(total, label) for total in totals.values())


def _closes(total: str, label: str) -> bool:
    rest = _TOTAL.sub("", total.strip(), count=1).strip(" :-")
    return re.sub(r"^(?:for|für|de|von|of) ", "", rest).casefold() == label.casefold()


def _may_name(row: Sequence[object]) -> bool:
    blank = row.count("") + row.count(None)
    if 0 < blank < len(row) - 4:  # a total has a sum in each column of money
        first = _first(row)
        return not first[:1].isdigit() and is_total_text(first) and is_group_line(row)
    return blank > 0 and is_group_line(row)


def _has_rows(rows: Sequence[Sequence[object]], i: int) -> bool:
    """A group line holds no money but an opening balance at its end, and rows with days follow."""
    filled = [c for c in rows[i] if c not in (None, "")]
    last_only = len(filled) == 1 or (len(filled) == 2 and rows[i][-1] not in (None, ""))
    below = next((row for row in rows[i + 1 : i + 9] if not _may_name(row)), ())
    return last_only and any(looks_like_day(str(cell).strip()) for cell in below if cell)


def _first(row: Sequence[object]) -> str:
    return next(str(cell).strip() for cell in row if cell not in (None, ""))


def adds_up(total: Decimal, amounts: Sequence[Decimal], sums: Sequence[Decimal]) -> bool:
    """Tell whether a total is the sum of the rows just above it, of all rows, or of totals.

    Parameters
    ----------
    total : Decimal
    amounts : sequence of Decimal
        Amounts of the rows above, the first row first.
    sums : sequence of Decimal
        Totals found before this one.

    Returns
    -------
    bool
    """
    if total in (sum(amounts, Decimal(0)), sum(sums, Decimal(0))):
        return True
    running = Decimal(0)
    for amount in reversed(amounts):
        running += amount
        if running == total:
            return True
    return False
