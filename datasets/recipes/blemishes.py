"""What is wrong with real exports, planted in few rows and written down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from recipes.recipe import Dialect

__all__ = ["QUARANTINED", "Line", "plant"]

QUARANTINED = frozenset(
    {
        "missing amount",
        "impossible date",
        "no date",
        "amount in words",
        "no supplier",
        "too few fields",
    }
)
"""Kinds that cannot be read; all other kinds are read correctly."""

FOREIGN = {"USD": "CAD", "GBP": "EUR", "EUR": "CHF"}


@dataclass
class Line:
    """One line of a file to be written: its cells and what was done to it."""

    cells: list[object]
    kind: str = ""
    column: str = ""


@dataclass(frozen=True)
class _Bench:
    """What every blemish needs to know of the ledger it is planted in."""

    columns: Sequence[str]
    dialect: Dialect
    currency: str
    amounts: Sequence[float] = field(default=())

    def at(self, column: str) -> int:
        return list(self.columns).index(column)


def plant(
    lines: list[Line],
    amounts: Sequence[float],
    columns: Sequence[str],
    counts: Mapping[str, int],
    dialect: Dialect,
    currency: str,
    rng: np.random.Generator,
) -> list[Line]:
    """Plant blemishes in a ledger.

    Parameters
    ----------
    lines : list of Line
        The ledger; changed in place.
    amounts : sequence of float
        The amount of each line, to find large ones and credits.
    columns : sequence of str
        Header.
    counts : mapping of str to int
        How many blemishes of each kind.
    dialect : Dialect
        How the file writes dates and numbers.
    currency : str
        The client's currency.
    rng : numpy.random.Generator
        Chooses the lines; no line gets two blemishes.

    Returns
    -------
    list of Line
        The ledger with exact duplicates inserted.
    """
    bench = _Bench(columns, dialect, currency, amounts)
    repeats: list[int] = []
    for kind, count in counts.items():
        for _ in range(count):
            at = _free_line(lines, amounts, kind, rng)
            lines[at].kind = kind
            if kind == "exact duplicate":
                repeats.append(at)
            else:
                lines[at].column = _PLANTERS[kind](lines[at].cells, amounts[at], bench, rng)
    for at in sorted(repeats, reverse=True):  # from the end, so that places stay right
        lines[at].kind = ""
        lines.insert(at + 1, Line(list(lines[at].cells), "exact duplicate"))
    return lines


def _free_line(
    lines: Sequence[Line], amounts: Sequence[float], kind: str, rng: np.random.Generator
) -> int:
    fits: Callable[[float], bool] = {
        "thousands mark": lambda amount: amount >= 1000,
        "brackets": lambda amount: amount < 0,
    }.get(kind, lambda amount: amount > 0)
    free = [i for i, line in enumerate(lines) if not line.kind and fits(amounts[i])]
    return free[int(rng.integers(len(free)))]


Planter = Callable[[list[object], float, _Bench, np.random.Generator], str]


def _replace(column: str, text: str) -> Planter:
    def planter(
        cells: list[object], _amount: float, bench: _Bench, _rng: np.random.Generator
    ) -> str:
        cells[bench.at(column)] = text
        return column

    return planter


def _impossible_date(
    cells: list[object], _amount: float, bench: _Bench, rng: np.random.Generator
) -> str:
    # written in the file's own order, or it would be evidence for another one
    real = dt.date(2025, 2, 28).strftime(bench.dialect.date)
    cells[bench.at("date")] = real.replace("28", ("29", "30")[int(rng.integers(2))])
    return "date"


def _rewritten(write: Callable[[str, str], str]) -> Planter:
    """Rewrite the amount, given as text with and without thousands marks."""

    def planter(
        cells: list[object], amount: float, bench: _Bench, _rng: np.random.Generator
    ) -> str:
        marks = {",": "", ".": bench.dialect.decimal}
        if bench.dialect.decimal == ",":
            marks[","] = "."
        grouped = "".join((marks[c] or ",") if c in marks else c for c in f"{abs(amount):,.2f}")
        cells[bench.at("amount")] = write(grouped, bench.dialect.sign)
        return "amount"

    return planter


def _changed_name(change: Callable[[str], str]) -> Planter:
    def planter(
        cells: list[object], _amount: float, bench: _Bench, _rng: np.random.Generator
    ) -> str:
        at = bench.at("vendor_raw")
        cells[at] = change(str(cells[at]))
        return "vendor_raw"

    return planter


def _other_currency(
    cells: list[object], _amount: float, bench: _Bench, _rng: np.random.Generator
) -> str:
    cells[bench.at("currency")] = FOREIGN[bench.currency]
    return "currency"


def _too_few_fields(
    cells: list[object], _amount: float, _bench: _Bench, _rng: np.random.Generator
) -> str:
    del cells[2:]
    return ""


def _signed(grouped: str, sign: str) -> str:
    return f"{grouped} {sign}" if sign == "€" else f"{sign}{grouped}"


_PLANTERS: Mapping[str, Planter] = {
    "missing amount": _replace("amount", ""),
    "amount in words": _replace("amount", "tbc"),
    "no date": _replace("date", "n/a"),
    "no supplier": _replace("vendor_raw", ""),
    "redacted supplier": _replace("vendor_raw", "REDACTED PERSONAL DATA"),
    "impossible date": _impossible_date,
    "thousands mark": _rewritten(lambda grouped, _sign: grouped),
    "brackets": _rewritten(lambda grouped, _sign: f"({grouped})"),
    "currency sign": _rewritten(_signed),
    "trailing blanks": _changed_name(lambda name: name + "   "),
    "letter case": _changed_name(str.swapcase),
    "other currency": _other_currency,
    "too few fields": _too_few_fields,
}
