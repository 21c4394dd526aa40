"""A table's columns: found by header, read by the kind its row model gives them.

Kept apart from the checking of rows, because here a file is one thing: its date order and
its decimal mark are settled once, over all its columns.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from typing import Literal, get_args, get_origin

import numpy as np
import pandas as pd
from pydantic import TypeAdapter, ValidationError

from techalign.errors import TableError
from techalign.intake.rows.common import Row
from techalign.intake.source import Source
from techalign.intake.unshown import SheetError
from techalign.intake.values import (
    DateOrder,
    Mark,
    read_boolean,
    read_dates,
    read_numbers,
    settle_dates,
    settle_marks,
)

__all__ = [
    "ReadColumns",
    "check_columns",
    "columns_to_frame",
    "field_kind",
    "match_columns",
    "read_columns",
]

_CONTROL = re.compile("[\x00-\x08\x0e-\x1f\x7f]")  # mean nothing, and make a file look binary
FieldKind = Literal["date", "money", "float", "int", "bool", "text", "choice"]


@dataclass(frozen=True)
class ReadColumns:
    """Columns with their cells read: values where possible, raw cells where not."""

    cells: dict[str, list[object]]
    currencies: dict[str, list[str]]
    notes: tuple[str, ...]
    date_order: str
    decimal: str
    date_form: str = ""


@cache
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
    by_folded = {header.casefold().replace(" ", "_"): header for header in source.columns}
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
    date_form: str = "",
) -> ReadColumns:
    """Read every cell by its column's kind.

    Parameters
    ----------
    model : type of Row
    columns : mapping
        Raw cells by the model's column names.
    currency : str or None
        The client's currency.
    date_order, decimal, date_form : optional
        What a person has said of the file; None or "" lets the file decide.

    Returns
    -------
    ReadColumns
    """
    kinds = {name: field_kind(model, name) for name in columns}
    dates = [c for n, k in kinds.items() if k == "date" for c in columns[n]]
    numbers = [c for n, k in kinds.items() if k in {"money", "float", "int"} for c in columns[n]]
    stated = "day-first" if date_form else date_order  # a form leaves no order to settle
    order = settle_dates(dates, stated=stated, currency=currency)
    mark = settle_marks(numbers, stated=decimal)
    values: dict[str, list[object]] = {}
    signs: dict[str, list[str]] = {}
    for name, cells in columns.items():
        if kinds[name] == "date":
            values[name] = read_dates(cells, order.choice, date_form)
        elif kinds[name] in {"money", "float", "int"}:
            values[name], signs[name] = read_numbers(cells, mark.choice)
        elif kinds[name] == "bool":
            values[name] = [read_boolean(cell) for cell in cells]
        else:
            texts = _read_texts(cells, kinds[name], name == "currency")
            if SheetError in set(map(type, cells)):
                required = model.model_fields[name].is_required()
                texts = [
                    (cell if required else None) if isinstance(cell, SheetError) else text
                    for cell, text in zip(cells, texts, strict=True)
                ]
            values[name] = texts
    notes = tuple(settled.note for settled in (order, mark) if settled.note)
    return ReadColumns(values, signs, notes, order.choice, mark.choice, date_form)


def _distinct(cells: list[object]) -> tuple[list[object], Sequence[int]]:
    """Distinct cells of a column, and for each cell its place among them.

    What is found for each of them once is shared by all cells that are equal, which saves most of
    a long column's time and memory. Of other types equal cells may be unlike, as 1 and yes are.
    """
    if not set(map(type, cells)) <= {str, dt.date, type(None)}:
        return cells, range(len(cells))
    distinct = list(dict.fromkeys(cells))
    places = dict(zip(distinct, range(len(distinct)), strict=True))
    return distinct, list(map(places.__getitem__, cells))


def _read_texts(cells: list[object], kind: FieldKind, upper: bool) -> list[object]:
    distinct, places = _distinct(cells)
    texts = _read_distinct_texts(distinct, kind, upper)
    return [texts[place] for place in places]


def _read_distinct_texts(cells: list[object], kind: FieldKind, upper: bool) -> list[object]:
    written = ["" if cell is None else cell if type(cell) is str else str(cell) for cell in cells]
    texts = list(map(str.strip, written))
    together = "".join(texts)
    if "\r" in together:
        # csv writers leave a return unquoted, and its row would end there when it is read again
        texts = [text.replace("\r\n", "\n").replace("\r", "\n") for text in texts]
    if _CONTROL.search(together):
        texts = [_CONTROL.sub("", text).strip() for text in texts]
    if upper:
        return [text.upper() or None for text in texts]
    if kind == "choice":
        return [text.casefold() or None for text in texts]
    return [text or None for text in texts]


def check_columns(
    model: type[Row], read: ReadColumns, rows: int
) -> tuple[dict[str, list[object]], set[int]]:
    """Check each column as a whole, which takes a fraction of the time of checking rows.

    Parameters
    ----------
    model : type of Row
    read : ReadColumns
    rows : int
        Number of rows.

    Returns
    -------
    columns : dict
        Checked values by column of the model; its default where a cell is empty, None where
        that is wrong.
    wrong : set of int
        Rows with a cell that is missing or wrong.
    """
    columns: dict[str, list[object]] = {}
    wrong: set[int] = set()
    for name, field in model.model_fields.items():
        cells = read.cells.get(name, [None] * rows)
        given = [cell for cell in cells if cell is not None] if None in cells else cells
        values, failed = _check_cells(model.column_checks[name], given)
        if len(values) < rows:
            filled = [i for i, cell in enumerate(cells) if cell is not None]
            wrong.update(filled[k] for k in failed)
            right = [i for k, i in enumerate(filled) if k not in failed]
            if field.is_required():
                wrong.update(i for i, cell in enumerate(cells) if cell is None)
            values = _spread(values, right, rows, None if field.is_required() else field.default)
        columns[name] = values
    return columns, wrong


def _spread(values: list[object], places: list[int], rows: int, default: object) -> list[object]:
    spread = [default] * rows
    for i, value in zip(places, values, strict=True):
        spread[i] = value
    return spread


def _check_cells(
    check: TypeAdapter[list[object]], cells: list[object]
) -> tuple[list[object], set[int]]:
    """Give the values of the cells that are right, and the positions of those that are not."""
    distinct, places = _distinct(cells)
    try:
        values = check.validate_python(distinct)
        return [values[place] for place in places], set()
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        wrong = {int(detail["loc"][0]) for detail in details}
        failed = {k for k, place in enumerate(places) if place in wrong}
        right = [cell for k, cell in enumerate(cells) if k not in failed]
        return check.validate_python(right), failed


def columns_to_frame(
    model: type[Row], lines: list[int], columns: Mapping[str, list[object]]
) -> pd.DataFrame:
    """Turn checked columns into a frame with the types the models expect.

    Parameters
    ----------
    model : type of Row
    lines : list of int
        The rows' lines in the file: the frame's index.
    columns : mapping
        Checked values by the model's column names.

    Returns
    -------
    DataFrame
    """
    arrays = {name: _column_array(model, name, columns[name]) for name in model.model_fields}
    index = pd.Index(np.array(lines, dtype=np.int64), name="line")
    return pd.DataFrame(arrays, index=index)


def _column_array(
    model: type[Row], name: str, values: list[object]
) -> np.ndarray | pd.DatetimeIndex:
    kind = field_kind(model, name)
    if kind == "date":
        distinct, places = _distinct(values)
        return pd.DatetimeIndex(distinct).take(places)
    if kind == "int" and _never_missing(model, name):
        return np.array(values, dtype=np.int64)
    if kind in {"money", "float", "int"}:
        return np.array(values, dtype=np.float64)
    if kind == "bool":
        return np.array(values, dtype=bool)
    return np.array(["" if value is None else value for value in values], dtype=object)


def _never_missing(model: type[Row], name: str) -> bool:
    return type(None) not in get_args(model.model_fields[name].annotation)
