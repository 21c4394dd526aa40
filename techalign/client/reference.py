"""Published facts and assumptions, as typed into ``datasets/reference`` with their sources."""

from __future__ import annotations

import contextlib
import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from techalign.client.folder import Client
from techalign.client.shipped import shipped
from techalign.errors import TableError
from techalign.intake.delimited import sharing_cells
from techalign.numbers.intervals import Interval

__all__ = ["Reference", "load_reference"]


@dataclass(frozen=True)
class Reference:
    """The reference tables, one frame each; every row of facts names its source.

    A table is an attribute named as its file, ``facts.suppliers`` for ``suppliers.csv``, and is
    read when it is first asked for: a report needs two or three of them.
    """

    folder: Path

    def __getattr__(self, name: str) -> pd.DataFrame:
        # only asked for what is not there yet; names with a bar are Python's own questions
        if name.startswith("_"):
            raise AttributeError(name)
        frame = _read(self.folder / f"{name}.csv")
        self.__dict__[name] = frame
        return frame

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
        (place,) = self._places([key])
        columns = (self.assumptions[name].to_numpy() for name in ("value", "low", "high"))
        value, low, high = (float(column[place]) for column in columns)
        low, high = (value if math.isnan(end) else end for end in (low, high))
        return Interval(value, low, high, level=1.0)

    def assuming(self, values: Mapping[str, float]) -> Reference:
        """The same tables with some assumptions at other values; their ranges stay.

        Parameters
        ----------
        values : mapping of str to float
            Key to value.

        Returns
        -------
        Reference
            This one is not changed.

        Raises
        ------
        KeyError
            If there is no such assumption.

        Examples
        --------
        >>> facts = load_reference()
        >>> facts.assuming({"discount_rate": 0.15}).assumption("discount_rate").point
        0.15
        """
        self._places(list(values))
        table = self.assumptions
        moved = table["key"].map(dict(values)).astype(float)
        other = Reference(self.folder)
        other.__dict__.update(self.__dict__)
        other.__dict__["assumptions"] = table.assign(value=moved.fillna(table["value"]))
        return other

    def assumptions_used(self, keys: Sequence[str]) -> pd.DataFrame:
        """Rows of the assumptions table for a report: what, value, low, high, unit, kind, source.

        Raises
        ------
        KeyError
            If one of the keys is unknown.
        """
        rows = self.assumptions.take(self._places(keys))
        plain = [key.replace("_", " ").capitalize() for key in keys]
        unit = ["%" if text.startswith(("share", "prob")) else text for text in rows["unit"]]
        says, said_in = rows["says"].tolist(), rows["said_in"].tolist()
        numbers = {name: rows[name].to_numpy() for name in ("value", "low", "high")}
        return pd.DataFrame(
            {
                "what": [said or key for said, key in zip(says, plain, strict=True)],
                **numbers,
                "unit": [s if w else u for w, s, u in zip(says, said_in, unit, strict=True)],
                "kind": rows["kind"].to_numpy(),
                "source": rows["source"].to_numpy(),
            },
            index=pd.Index(list(keys), name="key"),
        )

    def _places(self, keys: Sequence[str]) -> list[int]:
        """The rows that assumptions stand in."""
        known = self.assumptions["key"].tolist()
        for key in keys:
            if key not in known:
                raise KeyError(f"no assumption {key!r} in assumptions.csv")
        return [known.index(key) for key in keys]


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
        If there is no such folder; a table that is missing is named when it is asked for.

    Examples
    --------
    >>> load_reference().assumption("discount_rate").point
    0.1
    """
    place = Path(folder) if folder else shipped("datasets") / "reference"
    if not place.is_dir():
        raise TableError("is no folder", where=str(place), remedy="Restore the reference files.")
    return Reference(place)


def _read(file: Path) -> pd.DataFrame:
    """A table, the caller's own; it is parsed again only once the file has changed."""
    try:
        state = file.stat()
    except FileNotFoundError:
        raise TableError(
            "is missing", where=str(file), remedy="Restore the reference files."
        ) from None
    return _read_once(file, state.st_mtime_ns, state.st_size).copy()


@lru_cache(maxsize=64)
def _read_once(file: Path, _written: int, _size: int) -> pd.DataFrame:
    """A table with its columns as numbers, yes or no, or text; pandas' reader starts slowly."""
    with file.open(encoding="utf-8-sig", newline="") as lines:
        header, *rows = sharing_cells(row for row in csv.reader(lines) if row)
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
    distinct = dict.fromkeys(cells)
    if all(cell in ("true", "false") for cell in distinct):
        return np.array([cell == "true" for cell in cells], dtype=bool if cells else object)
    with contextlib.suppress(ValueError):
        whole = {cell: int(cell) for cell in distinct}
        return np.fromiter(map(whole.__getitem__, cells), dtype=np.int64, count=len(cells))
    with contextlib.suppress(ValueError):
        number = {cell: float(cell or "nan") for cell in distinct}
        return np.fromiter(map(number.__getitem__, cells), dtype=np.float64, count=len(cells))
    return np.array(cells, dtype=object)
