"""Mappings from what people really have (bookkeeping, bank, cloud-cost exports) to tables.

A mapping is a small TOML file; those shipped lie in ``mappings/``, and a user's own has the
same form::

    table = "ledger"
    sign = "keep"                  # or "flip": costs are negative; left out, the file decides
    currency = "GBP"               # of the whole file, where no column tells
    date_order = "day-first"       # or "month-first", "year-first"; the file decides otherwise
    date_form = "%d.%m.%Y"         # or the form itself, as of strptime
    decimal = "."                  # optional

    [columns]                      # the table's column = the file's column, or its number
    date = "Payment date"
    vendor_raw = ["Supplier", "Beneficiary"]   # the first one the file has
    amount = "Net amount"          # or debit = "Money out", credit = "Money in"
    fee = "Fee"                    # added to the cost
    direction = "Af Bij"           # says of each amount whether it is money out or in
    memo = "Narrative"

    [otherwise]                    # where the cell above is empty
    vendor_raw = "Description"

    [before]                       # only what stands before a mark; the memo keeps the whole
    vendor_raw = " - "

    [received]                     # where money came in, which other column names who paid it
    vendor_raw = "Payer"

    [constant]                     # the same in every row
    account = "Card 1234"

    [direction]                    # only for words that are not known
    out = ["Af"]
    in = ["Bij"]

    [keep]                         # only rows with one of these values count
    State = ["COMPLETED"]

    [drop]                         # rows with one of these values do not; * stands for any rest
    Type = ["Transfer*"]

    [stand_in]                     # where a file cannot tell: a key of assumptions.csv, and the
    cost = "usual_device_price"    # cell is marked as a proposal

    [required]                     # only for choosing a mapping by itself
    headers = ["Payment date|Date paid"]

Of seats a console lists products or people, which are counted into the agreements that are there::

    table = "contracts"
    [seats]
    vendor = "Zoom"                # the agreement's
    product = "Plan"
    paid = "Licences"              # a line a product: bought and given out
    active = "Assigned"
    user = "Email"                 # or a line a person: who has a licence, and was there last when
    licensed = "License type"
    last_seen = ["Last login"]
    billed = true                  # and is each of them paid for?
"""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from techalign.errors import MappingError
from techalign.intake.days import DateOrder
from techalign.intake.rows import ROW_MODELS
from techalign.intake.rows.common import Currency
from techalign.intake.values import Mark

__all__ = [
    "SHIPPED_MAPPINGS",
    "Format",
    "Mapping",
    "Seats",
    "parse_mapping",
    "shipped_formats",
    "shipped_mapping",
]

SHIPPED_MAPPINGS = (
    # bank standards and files without a header first, then the most particular headers
    "statement", "datev", "fec", "sie", "iif", "wells-fargo", "paypal", "stripe", "revolut",
    "revolut-business", "wise", "wise-transfers", "monzo", "starling", "n26", "ing", "ing-nl",
    "sparkasse", "deutsche-bank", "chase-card", "chase", "amex", "capital-one", "bank-of-america",
    "barclays", "rbc", "hsbc", "xero-statement", "xero", "xero-transactions", "xero-account",
    "xero-payables", "wave", "sage", "freshbooks", "zoho", "focus", "uk-spend", "microsoft-365",
    "microsoft-365-licences",
    "google-workspace", "intune", "ninjaone", "datto", "lansweeper", "quickbooks", "bank",
    "pipedrive", "pipedrive-won", "deals", "deals-won", "general",
)  # fmt: skip
"""Names of the shipped mappings, in the order in which they are tried."""

BESIDE_FIELDS = ("debit", "credit", "fee", "direction", "status")
"""What a mapping may name beside the table's own columns."""


def _as_list(value: object) -> object:
    values = value if isinstance(value, list) else [value]
    return [f"column {v}" if isinstance(v, int) and not isinstance(v, bool) else v for v in values]


Headers = Annotated[list[str], BeforeValidator(_as_list)]
Values = Annotated[list[str], BeforeValidator(_as_list)]


class _Required(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    headers: list[str] = []
    columns: bool = False  # any header of each column that the table needs
    cells: list[str] = []  # of a file without a header line: a pattern a column
    absent: list[str] = []


class _Direction(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True)

    out: Values = []
    into: Values = Field(default=[], alias="in")


class Seats(BaseModel):
    """What of a console's list counts as a seat that is paid, and as one that is used."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    vendor: str
    product: Headers = []
    paid: Headers = []
    active: Headers = []
    user: Headers = []
    licensed: Headers = []
    last_seen: Headers = []
    billed: bool = False  # each of these people is a seat that is paid
    day: Headers = []

    @property
    def headers(self) -> list[str]:
        """Every header it could use."""
        parts = (self.product, self.paid, self.active, self.user, self.licensed, self.last_seen)
        return [header for part in (*parts, self.day) for header in part]

    @model_validator(mode="after")
    def _counts_something(self) -> Seats:
        if bool(self.paid) == bool(self.user):
            raise ValueError("seats need either paid (a line a product) or user (a line a person)")
        return self


class Mapping(BaseModel):
    """How a file's columns become a table's; see the module's docstring for the form."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: str = "ledger"
    source: str = ""  # where the form is described
    also: str = ""  # another mapping that takes other rows of the same file
    kind: Literal["books", "bank", "bills", ""] = ""
    sign: Literal["keep", "flip"] | None = None
    usual: Literal["out-negative", "out-positive"] | None = None
    currency: Currency | None = None
    date_order: DateOrder | None = None
    date_form: str = ""
    decimal: Mark | None = None
    balance_accounts: bool = False
    columns: dict[str, Headers] = {}
    seats: Seats | None = None
    stand_in: dict[str, str] = {}
    otherwise: dict[str, Headers] = {}
    before: dict[str, str] = {}
    received: dict[str, Headers] = {}
    constant: dict[str, str] = {}
    direction: _Direction = _Direction()
    keep: dict[str, Values] = {}
    drop: dict[str, Values] = {}
    required: _Required = _Required()

    @model_validator(mode="after")
    def _is_consistent(self) -> Mapping:
        if self.table not in ROW_MODELS:
            raise ValueError(f"table must be one of {', '.join(ROW_MODELS)}")
        known = {*ROW_MODELS[self.table].model_fields, *BESIDE_FIELDS}
        if not self.columns and self.seats is None:
            raise ValueError("columns: Field required")
        if self.seats is not None and self.table != "contracts":
            raise ValueError('seats are counted into the table "contracts"')
        for name in (
            *self.columns,
            *self.otherwise,
            *self.before,
            *self.received,
            *self.constant,
            *self.stand_in,
        ):
            if name not in known:
                raise ValueError(f"{self.table} has no column {name!r}; it has {sorted(known)}")
        if self.date_form:
            _check_form(self.date_form)
        return self

    @property
    def headers(self) -> list[str]:
        """Every header of the file the mapping could use."""
        taken = (self.columns, self.otherwise, self.received)
        named = [*(h for part in taken for h in part.values()), [*self.keep, *self.drop]]
        every = [h for headers in named for h in headers if not re.fullmatch(r"column \d+", h)]
        return every + (self.seats.headers if self.seats else [])


def _check_form(form: str) -> None:
    day = dt.date(2026, 11, 23)
    try:
        back = dt.datetime.strptime(day.strftime(form), form).date()
    except ValueError as error:
        raise ValueError(f"date_form cannot be read: {error}") from error
    if back != day:
        raise ValueError("date_form must hold day, month and year, such as %d.%m.%Y")


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
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise MappingError(f"is not valid TOML: {error}", where=where) from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"]))
        raise MappingError(
            f"{place + ': ' if place else ''}{first['msg']}",
            where=where,
            remedy="The form of a mapping is shown by 'techalign import --help'.",
        ) from error


@dataclass(frozen=True)
class Format:
    """A form that is read by name: what writes it, which table it fills, where it is described."""

    name: str
    what: str
    table: str
    source: str


def shipped_formats() -> list[Format]:
    """Every shipped format, in the order in which a file is tried against them.

    Examples
    --------
    >>> next(f for f in shipped_formats() if f.name == "amex").table
    'ledger'
    """
    found = []
    for name in SHIPPED_MAPPINGS:
        mapping = shipped_mapping(name)
        what = _text_of(name).partition("\n")[0].removeprefix("# ")
        found.append(Format(name, what, mapping.table, mapping.source))
    return found


def _text_of(name: str) -> str:
    return (files("techalign.intake") / "mappings" / f"{name}.toml").read_text("utf-8")


@cache
def shipped_mapping(name: str) -> Mapping:
    """Load one of :data:`SHIPPED_MAPPINGS` by name; of a table, its own columns are the mapping.

    Examples
    --------
    >>> shipped_mapping("channel_plan").columns["target"]
    ['target']
    """
    if name in ROW_MODELS:
        return Mapping(
            table=name, sign="keep", columns={n: [n] for n in ROW_MODELS[name].model_fields}
        )
    return parse_mapping(_text_of(name), f"{name}.toml")
