"""The client's profile, ``client.toml``: the few facts that no table holds."""

from __future__ import annotations

import datetime as dt
import tomllib
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from techalign.client.brand import Brand
from techalign.errors import ClientError
from techalign.intake.rows.common import Currency, Name, Share
from techalign.intake.rows.vendors import Sector
from techalign.intake.values import FIRST_DAY, LAST_DAY

__all__ = ["PROFILE_FACTS", "Profile", "ReadingOptions", "parse_profile"]

PROFILE_FACTS = {
    "sector": "the sector",
    "setting": "the kind of business",
    "employees": "the number of employees",
    "yearly_revenue": "the yearly revenue",
    "hourly_wage": "the cost of an hour of staff time",
}
"""What a client alone can tell of itself, and how its pages name it."""


Fact = Literal["sector", "setting", "employees", "yearly_revenue", "hourly_wage"]


class ReadingOptions(BaseModel):
    """How this client's files write dates and numbers, where the files do not show it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    date_order: Literal["day-first", "month-first"] | None = Field(
        default=None, description="which number of 03/04/2026 is the day"
    )
    decimal: Literal[".", ","] | None = Field(default=None, description="the mark before the cents")


class Profile(BaseModel):
    """What is known of a client beside its tables.

    Money is in ``currency``, ``discount_rate`` is per year, ``owner`` decides where nothing
    names another, ``as_of`` is the day the reports speak of (today, when it is left out).
    ``unconfirmed`` names the facts for which a usual value stands in until somebody tells them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Name = Field(description="the client's name, as it is written")
    sector: Sector = Field(description="what the business does, for published statistics")
    setting: Literal["manufacturing", "services", "retail", "health care"] = Field(
        description="which menu of technology, goals and remedies fits it"
    )
    currency: Currency = Field(description="in which all money is, three letters")
    employees: int = Field(ge=1, description="people who work there")
    yearly_revenue: float = Field(gt=0, description="a year's revenue, in the currency")
    hourly_wage: float = Field(gt=0, description="cost of an hour of staff time, in the currency")
    discount_rate: Share = Field(
        default=0.10, description="how much less money counts a year later, per year"
    )
    owner: Name = Field(default="the owner", description="who decides, where nothing names another")
    as_of: Annotated[dt.date, Field(ge=FIRST_DAY, le=LAST_DAY)] | None = Field(
        default=None, description="the day the reports speak of; today when it is left out"
    )
    reading: ReadingOptions = Field(
        default=ReadingOptions(), description="a section of its own, below"
    )
    brand: Brand = Field(default=Brand(), description="name, logo and colours on its pages, below")
    unconfirmed: tuple[Fact, ...] = Field(
        default=(), description="facts above that nobody has confirmed yet"
    )


def parse_profile(text: str, where: str) -> Profile:
    """Read a profile from the text of ``client.toml``.

    Parameters
    ----------
    text : str
        The file's text.
    where : str
        The file's name, for the error.

    Returns
    -------
    Profile

    Raises
    ------
    ClientError
        If the text is not TOML, or a field is missing, unknown or out of bounds.
    """
    try:
        return Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ClientError(f"is not valid TOML: {error}", where=where) from error
    except RecursionError:
        raise ClientError(
            "is nested too deeply", where=where, remedy="Write one line for each field."
        ) from None
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        missing = first["type"] == "missing"
        raise ClientError(
            f"field '{field}': {first['msg'].removeprefix('Value error, ')}",
            where=where,
            value=None if missing else first["input"],
            remedy=f"Set {field} in {where}.",
        ) from error
