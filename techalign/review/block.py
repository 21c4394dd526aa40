"""What a notebook hands on to other pages and to the next review, checked where it hands it on.

A block is a table under a name. Each kind is a pydantic model in its subject's file; a notebook
that fills one badly fails in the cell that does so, and nothing else fails with it.
"""

from __future__ import annotations

import datetime as dt
import importlib
import math
import pkgutil
from collections.abc import Mapping
from functools import cache
from types import ModuleType
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

import techalign.review
from techalign.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Block",
    "BlockRow",
    "Chance",
    "Label",
    "Money",
    "block_kinds",
    "check_block",
    "rows_of",
    "said_of",
    "subject_modules",
]

Label = Annotated[str, Field(min_length=1, max_length=2000)]
Money = Annotated[float, Field(allow_inf_nan=False)]
Chance = Annotated[float, Field(ge=0.0, le=1.0)]


class BlockRow(BaseModel):
    """One row of a block; where it has ``x_low`` and ``x_high``, they enclose ``x``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    @model_validator(mode="after")
    def _ends_enclose(self) -> Self:
        names = type(self).model_fields
        for name in names:
            if f"{name}_low" not in names:
                continue
            point, low, high = (getattr(self, n) for n in (name, f"{name}_low", f"{name}_high"))
            if point is None or low is None or high is None:
                continue
            # a millionth of play: ends may have been computed another way than the point
            play = 1e-6 * max(abs(point), 1e-6)
            if not low - play <= point <= high + play:
                raise ValueError(f"{name}_low <= {name} <= {name}_high must hold")
        return self


class Block(BaseModel):
    """Rows under a name; a subclass says which name, and of what rows.

    Attributes
    ----------
    unit : str
        Of the money in the rows; "" where there is none.
    rows : tuple
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: ClassVar[str]
    unit: str = ""
    rows: tuple[Any, ...] = ()

    @classmethod
    def columns(cls) -> list[str]:
        """Names of a row's fields, in order."""
        return list(cls.row_model().model_fields)

    @classmethod
    def row_model(cls) -> type[BlockRow]:
        """What each row must be."""
        kind: type[BlockRow] = cls.model_fields["rows"].annotation.__args__[0]  # type: ignore[union-attr]
        return kind

    def frame(self) -> pd.DataFrame:
        """The rows as a frame with all columns, also where there is no row."""
        import pandas as pd

        columns = self.columns()
        rows = [[getattr(row, name) for name in columns] for row in self.rows]
        frame = pd.DataFrame(rows, columns=columns)
        numbers = [n for n in columns if self.row_model().model_fields[n].annotation is float]
        return frame.astype(dict.fromkeys(numbers, float))


def check_block(kind: type[Block], unit: str, rows: list[dict[str, object]]) -> Block:
    """Check rows against their kind of block.

    Parameters
    ----------
    kind : type of Block
    unit : str
        Of the money in them.
    rows : list of dict
        As JSON has them.

    Returns
    -------
    Block

    Raises
    ------
    ModelError
        If a row has a field too few or too many, or a value it cannot have.
    """
    try:
        return kind(unit=unit, rows=rows)  # type: ignore[arg-type]
    except ValidationError as error:
        where, reason, value = said_of(error)
        raise ModelError(
            f"record '{kind.name}', {where}" if where else f"record '{kind.name}'",
            reason,
            value=value,
            remedy=f"A row is {', '.join(kind.columns())}.",
        ) from None


def said_of(error: ValidationError) -> tuple[str, str, object]:
    """The first thing pydantic found: where, why, and the value (None for a missing field)."""
    first = error.errors()[0]
    place = [str(part + 1) if isinstance(part, int) else str(part) for part in first["loc"]]
    where = ".".join(place).replace("rows.", "row ", 1).replace(".", ", ", 1)
    missing = first["type"] in {"missing", "extra_forbidden"}
    reason = first["msg"].removeprefix("Value error, ")
    return where, reason[:1].lower() + reason[1:], None if missing else first["input"]


def plain(value: Any) -> object:
    """A value as JSON has it: days as ISO text, what is missing or infinite as None."""
    if value is None or value != value:
        return None
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str | bool | int):
        return value
    number = float(value)
    return number if math.isfinite(number) else None


def rows_of(frame: pd.DataFrame, columns: Mapping[str, str]) -> list[dict[str, object]]:
    """Rows of a frame as JSON has them, its columns under the names of the block's fields."""
    cells = [frame[name].tolist() for name in columns]
    return [
        {name: plain(value) for name, value in zip(columns.values(), row, strict=True)}
        for row in zip(*cells, strict=True)
    ]


def subject_modules() -> list[ModuleType]:
    """The files beside this one that end in a ``SUBJECT``, found by looking for them."""
    names = (module.name for module in pkgutil.iter_modules(techalign.review.__path__))
    modules = (importlib.import_module(f"techalign.review.{name}") for name in names)
    return [module for module in modules if hasattr(module, "SUBJECT")]


@cache
def block_kinds() -> dict[str, type[Block]]:
    """Every kind of block by its name, whichever subject's file it stands in."""
    kinds = (
        kind for module in subject_modules() for kind in vars(module).values()
        if isinstance(kind, type) and issubclass(kind, Block) and kind is not Block
    )  # fmt: skip
    return {kind.name: kind for kind in kinds}
