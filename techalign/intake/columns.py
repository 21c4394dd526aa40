"""A table's columns: found by header, read by the kind its row model gives them.

Kept apart from the checking of rows, because here a file is one thing: its date order and
its decimal mark are settled once, over all its columns.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, get_args, get_origin

import pandas as pd

from techalign.errors import TableError
from techalign.intake.rows.common import Row
from techalign.intake.source import Source
from techalign.intake.values import (
    DateOrder,
    Mark,
    read_boolean,
    read_dates,
    read_numbers,
    settle_dates,
    settle_marks,
)

__all__ = ["ReadColumns", "field_kind", "match_columns", "read_columns", "rows_to_frame"]

FieldKind = Literal["date", "money", "float", "int", "bool", "text", "choice"]


@dataclass(frozen=True)
class ReadColumns:
    """Columns with their cells read: values where possible, raw cells where not."""

    cells: dict[str, list[object]]
    currencies: dict[str, list[str]]
    notes: tuple[str, ...]
    date_order: str
    decimal: str


def field_kind(model: type[Row], name: str) -> FieldKind:
    """Tell how a column's text is read, from the model's annotation."""
    annotation = model.model_fields[name].annotation
    options = [part for part in get_args(annotation) if part is not type(None)]
    if get_origin(annotation) is Literal or any(get_origin(o) is Literal for o in options):
        return "choice"
    base = annotation if isinstance(annotation, type) else options[0] if options else str
    base = get_args(base)[0] if get_origin(base) is not None else base
    kinds: dict[object, FieldKind] = {
        dt.date: "date",
        Decimal: "money",
        float: "float",
        int: "int",
        bool: "bool",
    }
    return kinds.get(base, "text")


def match_columns(model: type[Row], source: Source) -> tuple[dict[str, list[object]], list[str]]:
    """Find a model's columns among a file's headers, without regard to case and blanks.

    Returns
    -------
    columns : dict
        Cells by the model's column names.
    unused : list of str
        Headers the model does not know.

    Raises
    ------
    TableError
        If a required column is missing; the remedy names the closest headers.
    """
    by_folded = {header.casefold().replace(" ", "_"): header for header in source.header}
    found = {name: by_folded[name] for name in model.model_fields if name in by_folded}
    unused = [h for h in source.header if h and h not in found.values()]
    missing = [n for n, f in model.model_fields.items() if f.is_required() and n not in found]
    if missing:
        from rapidfuzz import process

        near = {n: process.extractOne(n, unused, score_cutoff=70) for n in missing}
        guesses = [f"'{hit[0]}' looks like '{n}'" for n, hit in near.items() if hit]
        remedy = f"Columns of {model.table}: {', '.join(model.model_fields)}."
        if guesses:
            remedy = f"Rename: {'; '.join(guesses)}. {remedy}"
        raise TableError(
            f"has no column {', '.join(repr(n) for n in missing)}", where=source.file, remedy=remedy
        )
    return {name: source.columns[header] for name, header in found.items()}, unused


def read_columns(
    model: type[Row],
    columns: Mapping[str, list[object]],
    currency: str | None,
    date_order: DateOrder | None,
    decimal: Mark | None,
) -> ReadColumns:
    """Read every cell by its column's kind.

    Parameters
    ----------
    model : type of Row
    columns : mapping
        Raw cells by the model's column names.
    currency : str or None
        The client's currency.
    date_order, decimal : optional
        What a person has said of the file; None lets the file decide.

    Returns
    -------
    ReadColumns
    """
    kinds = {name: field_kind(model, name) for name in columns}
    dates = [c for n, k in kinds.items() if k == "date" for c in columns[n]]
    numbers = [c for n, k in kinds.items() if k in {"money", "float", "int"} for c in columns[n]]
    order = settle_dates(dates, stated=date_order, currency=currency)
    mark = settle_marks(numbers, stated=decimal)
    values: dict[str, list[object]] = {}
    signs: dict[str, list[str]] = {}
    for name, cells in columns.items():
        if kinds[name] == "date":
            values[name] = read_dates(cells, order.choice)
        elif kinds[name] in {"money", "float", "int"}:
            values[name], signs[name] = read_numbers(cells, mark.choice)
        elif kinds[name] == "bool":
            values[name] = [read_boolean(cell) for cell in cells]
        else:
            values[name] = _read_texts(cells, kinds[name], name == "currency")
    notes = tuple(settled.note for settled in (order, mark) if settled.note)
    return ReadColumns(values, signs, notes, order.choice, mark.choice)


def _read_texts(cells: list[object], kind: FieldKind, upper: bool) -> list[object]:
    texts = ["" if cell is None else str(cell).strip() for cell in cells]
    if upper:
        return [text.upper() or None for text in texts]
    if kind == "choice":
        return [text.casefold() or None for text in texts]
    return [text or None for text in texts]


def rows_to_frame(model: type[Row], lines: list[int], rows: list[Row]) -> pd.DataFrame:
    """Turn checked rows into a frame with the types the models expect.

    Parameters
    ----------
    model : type of Row
    lines : list of int
        The rows' lines in the file: the frame's index.
    rows : list of Row

    Returns
    -------
    DataFrame
    """
    frame = pd.DataFrame.from_records(
        [row.__dict__ for row in rows], columns=list(model.model_fields)
    )
    for name in model.model_fields:
        kind = field_kind(model, name)
        if kind == "date":
            frame[name] = pd.to_datetime(frame[name])
        elif kind in {"money", "float"}:
            frame[name] = frame[name].astype("float64")
        elif kind == "int":
            required = not frame[name].isna().any() and _never_missing(model, name)
            frame[name] = frame[name].astype("int64" if required else "float64")
        elif kind == "bool":
            frame[name] = frame[name].astype("bool")
        else:
            frame[name] = frame[name].fillna("").astype("object")
    frame.index = pd.Index(lines, name="line", dtype="int64")
    return frame


def _never_missing(model: type[Row], name: str) -> bool:
    return type(None) not in get_args(model.model_fields[name].annotation)
