"""A subject of review: what its reports hand on, and what other pages make of it.

Each subject is one file beside this one that ends in ``SUBJECT = Subject(...)``. Pages and runs
find it there by itself; a new subject edits none of them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from techalign.review.block import Block, subject_modules
from techalign.review.records import Record

if TYPE_CHECKING:
    import datetime as dt

    from techalign.report.page import Section

__all__ = ["Clients", "Earlier", "Force", "Part", "Register", "Subject", "subjects"]

Clients: TypeAlias = Mapping[str, Sequence[Record]]
"""Present records by client."""

Earlier: TypeAlias = Mapping[str, Sequence[Record]]
"""A client's kept records by quarter, the earliest first."""


@dataclass(frozen=True)
class Part:
    """A titled piece of a page, as HTML whose every text is escaped."""

    title: str
    html: str


@dataclass(frozen=True)
class Register:
    """Rows that come and go between two reviews, and how a sentence calls one or several."""

    block: type[Block]
    key: str
    one: str
    several: str


@dataclass(frozen=True)
class Force:
    """What a headline number says for or against the business, where it is large enough.

    Attributes
    ----------
    label : str
        The headline number's.
    kind : str
        "strength", "weakness", "opportunity" or "threat".
    text : str
        What it says, without the number.
    least, most : float
        Ends within which the number says so.
    """

    label: str
    kind: Literal["strength", "weakness", "opportunity", "threat"]
    text: str
    least: float = 0.0
    most: float = math.inf


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the pages need to know of a subject.

    Attributes
    ----------
    name : str
        As its model package and its area of decisions.
    place : int
        Where its parts stand on pages: smaller ones first.
    blocks : tuple of type of Block
        What its notebooks may hand on.
    registers : tuple of Register
        Whose coming and going is a change.
    scores : callable, optional
        From a report's record and its predecessors to the section that says how they did.
    sentence : callable, optional
        From a client's present and earlier records to how past forecasts did, in a sentence.
    stands : callable, optional
        From a client's present records to what the front page's first sentence says of it, as
        "spends $40k a year on technology"; "" where its tables say nothing.
    numbers : tuple of str
        Labels of headline numbers that the front page shows, the most telling first; those
        that a report leads with by default.
    forces : tuple of Force
        What its headline numbers say for or against the business.
    summary : callable, optional
        From a client's present records and the day to its part of the front page.
    together : callable, optional
        From all clients' records to parts of the portfolio over all currencies.
    portfolio : callable, optional
        From all clients' records to parts of the portfolio, by currency.
    practice : callable, optional
        From all clients' present and earlier records to how past statements did over all.
    """

    name: str
    place: int = 50
    blocks: tuple[type[Block], ...] = ()
    registers: tuple[Register, ...] = ()
    scores: Callable[[Record, Earlier], Section | None] | None = None
    sentence: Callable[[Sequence[Record], Earlier], str] | None = None
    stands: Callable[[Sequence[Record]], str] | None = None
    numbers: tuple[str, ...] = ()
    forces: tuple[Force, ...] = ()
    summary: Callable[[Sequence[Record], dt.date], Part] | None = None
    together: Callable[[Clients], Sequence[Part]] | None = None
    portfolio: Callable[[Clients], Mapping[str, Sequence[Part]]] | None = None
    practice: Callable[[Clients, Mapping[str, Earlier]], Part] | None = None


@cache
def subjects() -> tuple[Subject, ...]:
    """All subjects, in the order of their parts on pages."""
    found = [module.SUBJECT for module in subject_modules()]
    return tuple(sorted(found, key=lambda subject: (subject.place, subject.name)))
