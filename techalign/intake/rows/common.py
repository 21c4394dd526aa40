"""What every row model shares: strictness, and the field types whose text needs reading.

A field's annotation tells the reader how to turn text into a value (see
``techalign.intake.values``); pydantic then checks the value. A field with ``examples`` is
filled in by ``techalign new``.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, TypeAdapter
from pydantic.fields import FieldInfo

from techalign.intake.values import FIRST_DAY, LAST_DAY

__all__ = [
    "Answered", "Brand", "Counted", "Currency", "Day", "Money", "Name", "Row", "Share", "Text",
    "column",
]  # fmt: skip

# an answer on a scale as people write it: "2 - sometimes", "level 2", "4 of 5", "4/5"
_LEVEL = re.compile(
    r"(?:level\s*)?(\d)\s*(?:(?:/|of|out of)\s*5|[^\w\s.,/][^\d]*|\s[^\d]*)?", re.IGNORECASE
)
# a number of people as they write it: "about 140", "1,200 or so", "20+"
_PEOPLE = re.compile(
    r"(?:(?:about|around|roughly|some|approx\.?|approximately|ca\.?|circa|~|≈)\s*)?"
    r"(\d{1,3}(?:[,.' ]\d{3})+|\d+)\s*(?:\+|or so|people|or more)?",
    re.IGNORECASE,
)
_NOT_ANSWERED = frozenset(
    {"?", "-", "–", "—", "n/a", "na", "none", "not known", "unknown", "don't know", "no answer"}
)


class Row(BaseModel):
    """One row of a table; a subclass is the table's specification.

    ``key`` names the columns no two rows may share (none: rows may repeat, and exact
    repeats are flagged); ``reconciles`` names the money column whose total must add up;
    ``enables`` says in the reader's words what the table makes possible; ``begins`` whether a
    new client's folder begins with an example of it. ``none_yet`` says what a table means that is
    there and holds no rows, where that tells something a missing table does not; where it is
    empty, such a table is an error.

    ``column_checks`` checks a whole column's cells in one call, as a row's own check would
    one by one; ``spans_columns`` tells that a rule looks at several columns of a row.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    table: ClassVar[str]
    key: ClassVar[tuple[str, ...]] = ()
    reconciles: ClassVar[str | None] = None
    enables: ClassVar[str] = ""
    begins: ClassVar[bool] = True
    none_yet: ClassVar[str] = ""
    column_checks: ClassVar[dict[str, TypeAdapter[list[Any]]]] = {}
    spans_columns: ClassVar[bool] = False

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        """Build the checks of whole columns, when the row's own are complete."""
        super().__pydantic_init_subclass__(**kwargs)
        cls.column_checks = {
            name: TypeAdapter(_list_of(field)) for name, field in cls.model_fields.items()
        }
        cls.spans_columns = bool(cls.__pydantic_decorators__.model_validators)


def _list_of(field: FieldInfo) -> Any:
    item: Any = field.annotation
    if field.metadata:
        item = Annotated[(item, *field.metadata)]
    return list[item]


def column(description: str, examples: list[Any], **constraints: Any) -> Any:
    """Declare a column with its help text, examples and bounds.

    Parameters
    ----------
    description : str
        What to write there, with the unit.
    examples : list
        Values for the example rows, the first row first.
    **constraints
        Passed to :class:`pydantic.Field`, e.g. ``ge=0`` or ``default=None``.
    """
    return Field(description=description, examples=examples, **constraints)


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
Money = Annotated[Decimal, Field(allow_inf_nan=False, max_digits=18)]
Share = Annotated[float, Field(ge=0.0, le=1.0)]
Day = Annotated[dt.date, Field(ge=FIRST_DAY, le=LAST_DAY)]


def _answer(cell: object) -> object:
    """The number of an answer with its words; None where somebody wrote that it is none."""
    if not isinstance(cell, str):
        return cell
    text = cell.strip().replace("’", "'")
    if text.casefold() in _NOT_ANSWERED:
        return None
    found = _LEVEL.fullmatch(text)
    return int(found[1]) if found else cell


def _people(cell: object) -> object:
    """The number of people that a cell says; None where somebody wrote that it is not known."""
    if not isinstance(cell, str):
        return cell
    text = cell.strip().replace("’", "'")
    if text.casefold() in _NOT_ANSWERED - {"none"}:
        return None
    found = _PEOPLE.fullmatch(text)
    return int(re.sub(r"\D", "", found[1])) if found else cell


Answered = Annotated[int | None, BeforeValidator(_answer)]
Counted = Annotated[int | None, BeforeValidator(_people)]
Brand = Annotated[int | None, BeforeValidator(_answer), Field(ge=1, le=5)]
