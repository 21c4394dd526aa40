"""Mappings from what people really have (bookkeeping, bank, cloud-cost exports) to tables.

A mapping is a small TOML file; those shipped lie in ``mappings/``, and a user's own has the
same form::

    table = "ledger"
    sign = "keep"                  # or "flip": costs are negative in the file
    currency = "GBP"               # of the whole file, where no column tells
    date_order = "day-first"       # optional; the file decides otherwise
    decimal = "."                  # optional

    [columns]                      # the table's column = the file's column
    date = "Payment date"
    vendor_raw = ["Supplier", "Beneficiary"]   # the first one the file has
    amount = "Net amount"          # or debit = "Money out", credit = "Money in"
    memo = "Narrative"

    [required]                     # only for choosing a mapping by itself
    headers = ["Payment date|Date paid"]
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, ValidationError, model_validator

from techalign.errors import MappingError
from techalign.intake.rows import ROW_MODELS
from techalign.intake.rows.common import Currency
from techalign.intake.source import Source
from techalign.intake.values import DateOrder, Mark, read_numbers, settle_marks

__all__ = [
    "SHIPPED_MAPPINGS",
    "Mapping",
    "apply_mapping",
    "choose_mapping",
    "parse_mapping",
    "shipped_mapping",
]

SHIPPED_MAPPINGS = ("quickbooks", "xero", "focus", "bank")


def _as_list(value: object) -> object:
    return [value] if isinstance(value, str) else value


Headers = Annotated[list[str], BeforeValidator(_as_list)]


class _Required(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    headers: list[str] = []


class Mapping(BaseModel):
    """How a file's columns become a table's; see the module's docstring for the form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = "ledger"
    sign: Literal["keep", "flip"] = "keep"
    currency: Currency | None = None
    date_order: DateOrder | None = None
    decimal: Mark | None = None
    columns: dict[str, Headers]
    required: _Required = _Required()

    @model_validator(mode="after")
    def _columns_are_known(self) -> Mapping:
        if self.table not in ROW_MODELS:
            raise ValueError(f"table must be one of {', '.join(ROW_MODELS)}")
        known = {*ROW_MODELS[self.table].model_fields, "debit", "credit"}
        for name in self.columns:
            if name not in known:
                raise ValueError(f"{self.table} has no column {name!r}; it has {sorted(known)}")
        return self

    @property
    def headers(self) -> list[str]:
        """Every header of the file the mapping could use."""
        return [header for headers in self.columns.values() for header in headers]


def parse_mapping(text: str, where: str) -> Mapping:
    """Read a mapping from TOML.

    Parameters
    ----------
    text : str
        The file's text.
    where : str
        The file's name, for the error.

    Raises
    ------
    MappingError
        If the text is not TOML or not a mapping.
    """
    try:
        return Mapping.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise MappingError(f"is not valid TOML: {error}", where=where) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise MappingError(
            f"{place + ': ' if place else ''}{first['msg']}",
            where=where,
            remedy="The form of a mapping is shown by 'techalign import --help'.",
        ) from error


def shipped_mapping(name: str) -> Mapping:
    """Load one of :data:`SHIPPED_MAPPINGS` by name."""
    text = (files("techalign.intake") / "mappings" / f"{name}.toml").read_text("utf-8")
    return parse_mapping(text, f"{name}.toml")


def choose_mapping(headers: Iterable[str]) -> str:
    """Choose the shipped mapping whose required headers a file has.

    Parameters
    ----------
    headers : iterable of str
        The file's headers.

    Returns
    -------
    str
        A name of :data:`SHIPPED_MAPPINGS`.

    Raises
    ------
    MappingError
        If none fits; it lists the closest known headers.
    """
    names = [header for header in headers if header]
    present = {name.casefold() for name in names}
    known: list[str] = []
    for shipped in SHIPPED_MAPPINGS:
        mapping = shipped_mapping(shipped)
        known += mapping.headers
        if all(
            any(option.casefold() in present for option in group.split("|"))
            for group in mapping.required.headers
        ):
            return shipped
    raise MappingError(
        f"has headers no shipped format knows: {', '.join(names)}",
        where="import",
        remedy=f"{_closest(names, known)} Write a mapping file and give it with --mapping.",
    )


def _closest(headers: Sequence[str], known: Sequence[str]) -> str:
    from rapidfuzz import process, utils

    known = list(dict.fromkeys(known))
    near = []
    for header in headers:
        hits = process.extract(
            header, known, processor=utils.default_process, score_cutoff=70, limit=2
        )
        names = " or ".join(f"'{hit[0]}'" for hit in hits)
        near.append(f"'{header}' is closest to {names or 'none'}")
    return "; ".join(near) + "."


def apply_mapping(mapping: Mapping, source: Source) -> Source:
    """Rename and combine a file's columns into a table's.

    Parameters
    ----------
    mapping : Mapping
    source : Source
        Raw cells under the file's own headers.

    Returns
    -------
    Source
        Raw cells under the table's columns; lines and ragged rows are kept.

    Raises
    ------
    MappingError
        If the file has none of the headers a required column needs.
    """
    by_folded = {header.casefold(): header for header in source.header if header}
    found = {
        name: next(by_folded[h.casefold()] for h in options if h.casefold() in by_folded)
        for name, options in mapping.columns.items()
        if any(h.casefold() in by_folded for h in options)
    }
    _check_required(mapping, found, source)
    columns = {name: source.columns[header] for name, header in found.items()}
    notes = [f"{header} read as {name}" for name, header in found.items()]
    debit, credit = columns.pop("debit", None), columns.pop("credit", None)
    if debit is not None or credit is not None:
        columns["amount"] = _net(debit, credit, mapping.decimal, len(source.lines))
    if mapping.sign == "flip":
        columns["amount"] = _flipped(columns["amount"], mapping.decimal)
        notes.append("signs flipped: costs are negative in the file")
    if mapping.currency and "currency" not in columns:
        columns["currency"] = [mapping.currency] * len(source.lines)
    unused = [h for h in source.header if h and h not in found.values()]
    if unused:
        notes.append(f"columns not used: {', '.join(unused)}")
    return replace(source, columns=columns, header=tuple(columns), notes=(*source.notes, *notes))


def _check_required(mapping: Mapping, found: dict[str, str], source: Source) -> None:
    fields = ROW_MODELS[mapping.table].model_fields
    needed = [name for name, field in fields.items() if field.is_required()]
    if "debit" in found or "credit" in found:
        needed.remove("amount")
    for name in needed:
        if name not in found:
            options = mapping.columns.get(name, [])
            looked = f"looked for {', '.join(options)}" if options else "the mapping names none"
            raise MappingError(
                f"has no column for '{name}' ({looked})",
                where=source.file,
                remedy=f"{_closest([name, *options], [h for h in source.header if h])} "
                "Name the right one in a mapping file.",
            )


def _net(
    debit: list[object] | None, credit: list[object] | None, decimal: Mark | None, rows: int
) -> list[object]:
    """Money out less money in; a cell that is no number stays raw, to be quarantined."""
    empty: list[object] = [None] * rows
    mark = settle_marks([*(debit or []), *(credit or [])], stated=decimal).choice
    out, _ = read_numbers(debit or empty, mark)
    into, _ = read_numbers(credit or empty, mark)
    net: list[object] = []
    for paid, received in zip(out, into, strict=True):
        wrong = [cell for cell in (paid, received) if not isinstance(cell, Decimal | None)]
        if wrong:
            net.append(wrong[0])
        elif paid is None and received is None:
            net.append(None)
        else:
            # exports write money out as 12.00 or as -12.00; the column says which it is
            net.append(abs(_money(paid)) - abs(_money(received)))
    return net


def _flipped(cells: list[object], decimal: Mark | None) -> list[object]:
    values, _ = read_numbers(cells, settle_marks(cells, stated=decimal).choice)
    return [-value if isinstance(value, Decimal) else value for value in values]


def _money(cell: object) -> Decimal:
    return cell if isinstance(cell, Decimal) else Decimal(0)
