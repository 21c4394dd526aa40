"""Published facts and assumptions, as typed into ``datasets/reference`` with their sources."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
import pandas as pd

from techalign.client.folder import Client
from techalign.client.shipped import shipped
from techalign.errors import TableError
from techalign.numbers.intervals import Interval

__all__ = ["Reference", "load_reference"]

TABLES = (
    "account_rules",
    "activation_benchmarks",
    "assumptions",
    "category_purpose",
    "establishment_survival",
    "firm_death_rates",
    "it_spend_benchmarks",
    "sales_cycles",
    "suppliers",
    "support_life",
    "vendor_rates",
)


def _table(name: str) -> cached_property[pd.DataFrame]:
    """A table read when it is first asked for: a report needs two or three of them."""
    return cached_property(lambda self: _read(self.folder / f"{name}.csv"))


@dataclass(frozen=True)
class Reference:
    """The reference tables, one frame each; every row of facts names its source."""

    folder: Path

    account_rules = _table("account_rules")
    activation_benchmarks = _table("activation_benchmarks")
    assumptions = _table("assumptions")
    category_purpose = _table("category_purpose")
    establishment_survival = _table("establishment_survival")
    firm_death_rates = _table("firm_death_rates")
    it_spend_benchmarks = _table("it_spend_benchmarks")
    sales_cycles = _table("sales_cycles")
    suppliers = _table("suppliers")
    support_life = _table("support_life")
    vendor_rates = _table("vendor_rates")

    def catalogue(self, client: Client) -> pd.DataFrame:
        """The shipped suppliers with the client's own before them."""
        own = client.table("suppliers")
        return pd.DataFrame(
            {
                name: np.concatenate([own[name], self.suppliers[name]])
                for name in ("name", "aliases", "capability", "category")
            }
        )

    def assumption(self, key: str) -> Interval:
        """One assumption or published figure with its range.

        Raises
        ------
        KeyError
            If there is no such assumption.
        """
        self._check_assumptions([key])
        row = self.assumptions["key"].tolist().index(key)
        columns = (self.assumptions[name].to_numpy() for name in ("value", "low", "high"))
        value, low, high = (float(column[row]) for column in columns)
        low, high = (value if math.isnan(end) else end for end in (low, high))
        return Interval(value, low, high, level=1.0)

    def assumptions_used(self, keys: Sequence[str]) -> pd.DataFrame:
        """Rows of the assumptions table for a report: what, value, low, high, unit, kind, source.

        Raises
        ------
        KeyError
            If one of the keys is unknown.
        """
        self._check_assumptions(keys)
        rows = self.assumptions.set_index("key", drop=False).loc[list(keys)]
        unit = ["%" if text.startswith(("share", "prob")) else text for text in rows["unit"]]
        return pd.DataFrame(
            {
                "what": rows["key"].str.replace("_", " ").str.capitalize(),
                "value": rows["value"],
                "low": rows["low"],
                "high": rows["high"],
                "unit": unit,
                "kind": rows["kind"],
                "source": rows["source"],
            }
        )

    def _check_assumptions(self, keys: Sequence[str]) -> None:
        known = set(self.assumptions["key"])
        for key in keys:
            if key not in known:
                raise KeyError(f"no assumption {key!r} in assumptions.csv")


def load_reference(folder: str | Path | None = None) -> Reference:
    """Load the reference tables.

    Parameters
    ----------
    folder : str or Path, optional
        Where they lie; the shipped ones by default.

    Returns
    -------
    Reference

    Raises
    ------
    TableError
        If a table is missing.
    """
    place = Path(folder) if folder else shipped("datasets") / "reference"
    for name in TABLES:
        if not (place / f"{name}.csv").is_file():
            raise TableError(
                "is missing",
                where=str(place / f"{name}.csv"),
                remedy="Restore the reference files.",
            )
    return Reference(place)


def _read(file: Path) -> pd.DataFrame:
    """A table with its columns as numbers, yes or no, or text; pandas' reader starts slowly."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        header, *rows = (row for row in csv.reader(lines) if row)
    for number, row in enumerate(rows, 1):
        if len(row) != len(header):
            raise TableError(
                f"row {number} has {len(row)} fields, the header has {len(header)}",
                where=str(file), remedy="Restore the reference files.",
            )  # fmt: skip
    columns = zip(*rows, strict=True) if rows else [()] * len(header)
    return pd.DataFrame({name: _typed(cells) for name, cells in zip(header, columns, strict=True)})


def _typed(cells: tuple[str, ...]) -> np.ndarray:
    """Whole numbers, numbers (NaN where empty), yes or no, or text ("" where empty)."""
    if all(cell in ("true", "false") for cell in cells):
        return np.array([cell == "true" for cell in cells], dtype=bool if cells else object)
    kinds = (int, np.int64), (lambda cell: float(cell or "nan"), np.float64)
    for read, kind in kinds:
        try:
            return np.array([read(cell) for cell in cells], dtype=kind)
        except ValueError:
            continue
    return np.array(cells, dtype=object)
