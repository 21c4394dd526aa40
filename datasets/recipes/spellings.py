"""The ways in which one supplier's name appears in exports."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

__all__ = ["Spellings"]

SUFFIXES = {"USD": ("Inc", "LLC", "Inc."), "GBP": ("Ltd", "Limited", "LTD."), "EUR": ("GmbH", "AG")}
_LONGEST = 22  # card statements cut names there


class Spellings:
    """Spellings of suppliers: known aliases where the catalogue has them, else invented ones.

    Parameters
    ----------
    catalogue : pathlib.Path
        ``datasets/reference/suppliers.csv``.
    currency : str
        Chooses the legal suffixes.
    """

    def __init__(self, catalogue: Path, currency: str) -> None:
        with catalogue.open(encoding="utf-8", newline="") as file:
            self._aliases = {
                row["name"]: [alias for alias in row["aliases"].split(";") if alias]
                for row in csv.DictReader(file)
            }
        self._suffixes = SUFFIXES[currency]

    def of(self, supplier: str, rng: np.random.Generator) -> list[str]:
        """Give three to six spellings of a supplier, the usual one first."""
        if supplier in self._aliases:
            aliases = self._aliases[supplier]
            return [supplier, supplier.upper(), *(self._completed(a, rng) for a in aliases[:4])]
        suffix = self._suffixes[int(rng.integers(len(self._suffixes)))]
        shapes: list[Callable[[], str]] = [
            supplier.upper,
            lambda: f"{supplier} {suffix}",
            lambda: f"{supplier} {suffix}".upper(),
            lambda: supplier.upper()[:_LONGEST].rstrip(),
            lambda: f"{supplier}, {suffix}",
            lambda: self._numbered(supplier, rng),
        ]
        chosen = rng.permutation(len(shapes))[: int(rng.integers(2, 5))]
        return list(dict.fromkeys([supplier, *(shapes[i]() for i in sorted(chosen))]))

    @staticmethod
    def _numbered(supplier: str, rng: np.random.Generator) -> str:
        """Append a customer number; without its mark nobody knows what the number is."""
        mark = "#" if rng.random() < 0.75 else ""
        return f"{supplier.upper()} {mark}{int(rng.integers(100, 999))}"

    @staticmethod
    def _completed(alias: str, rng: np.random.Generator) -> str:
        """Append the reference that follows an alias ending in a mark or a nought."""
        if alias[-1] in "*#_0":
            return f"{alias}{int(rng.integers(1000, 9999))}"
        return alias
