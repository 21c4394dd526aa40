"""What to do: every model that finds something worth doing says so in this one form.

A decision is a claim that can be checked a year later: what to do, by whom, by when, what it is
worth and costs, and where the evidence stands. Its id comes from what it is about and never from
amounts or dates, so that the same decision next quarter is the same decision.
"""

from __future__ import annotations

import datetime as dt
import heapq
import math
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval

__all__ = [
    "Area", "Basis", "Decision", "DecisionKind", "Outcome", "find_subject", "first_things_first",
    "fit",
]  # fmt: skip

Area = Literal["spending", "vendors", "partners", "ecosystem", "alignment"]
"""Subjects that put decisions."""

DecisionKind = Literal["act", "protect", "stop", "ask", "decide"]
"""What is asked of the owner."""

Basis = Literal["measured", "published", "judgement"]
"""What a decision rests on."""

LONGEST = 90
"""Characters of the sentence that says what to do."""

_DAYS_PER_QUARTER = 91
_NOT_IN_IDS = re.compile(r"[^a-z0-9]+")


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One thing to do.

    Parameters
    ----------
    what : str
        An imperative sentence of at most 90 characters that names the thing and its number.
    area : str
        "spending", "vendors", "partners", "ecosystem" or "alignment".
    kind : str
        "act", "protect", "stop", "decide"; or "ask": a question without money yet.
    subject : str
        The vendor, partner, initiative or goal it is about.
    topic : str
        What of the subject, one or two words such as "seats": tells apart decisions of one kind
        about one subject.
    owner : str
        A person or a role.
    by : date or None
        The last sensible day; None where no day presses.
    value : Interval or None
        Money over the next 12 months, net of what would happen anyway; None for "ask".
    cost : Interval or None
        Money it takes to do it; None where it takes none.
    hours : float
        Hours of people's time it takes, 0 where it takes none worth naming.
    unit : str
        The currency of all money here.
    pays : float or None
        Chance that the value exceeds the cost, 0 to 1; None where no model gives one.
    waiting : Interval or None
        Money that a quarter's delay costs on average, the jump at ``by`` included.
    reversible : bool
        Whether it can be undone after ``by``.
    because : str
        One sentence a business owner understands.
    evidence : str
        The heading under which the report shows it.
    basis : str
        What the money rests on: "measured", "published" or "judgement".
    assumes : tuple of str
        Keys of the assumptions it leans on most.

    Raises
    ------
    ModelError
        If a text is missing or too long, a chance is not within 0 and 1, money has no unit or is
        not a number, or an interval's ends are out of order.

    Examples
    --------
    >>> cut = Decision(
    ...     what="Give up two of eleven seats of Autodesk before 14 August 2026",
    ...     area="spending", kind="act", subject="Autodesk", topic="seats", owner="the owner",
    ...     by=dt.date(2026, 8, 14), value=Interval(4200.0, 4200.0, 4200.0, 1.0), unit="USD",
    ...     because="Nobody has used them for three months.", evidence="Seats", basis="measured",
    ... )
    >>> cut.id, cut.days_left(dt.date(2026, 6, 30))
    ('spending-act-autodesk-seats', 45)
    """

    what: str
    area: Area
    kind: DecisionKind
    subject: str
    topic: str = ""
    owner: str
    by: dt.date | None
    value: Interval | None = None
    cost: Interval | None = None
    hours: float = 0.0
    unit: str = ""
    pays: float | None = None
    waiting: Interval | None = None
    reversible: bool = True
    because: str
    evidence: str
    basis: Basis
    assumes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("what", "subject", "owner", "because", "evidence"):
            if not getattr(self, name).strip():
                raise ModelError(f"decision.{name}", "is empty", value=self.what)
        if len(self.what) > LONGEST:
            raise ModelError(
                "decision.what", f"is longer than {LONGEST} characters", value=self.what,
                remedy="Put the reason into 'because'.",
            )  # fmt: skip
        if self.pays is not None and not 0.0 <= self.pays <= 1.0:
            raise ModelError("decision.pays", "must be from 0 to 1", value=self.pays)
        for name in ("value", "cost", "waiting"):
            self._check_money(name, getattr(self, name))
        if self.kind != "ask" and self.value is None:
            raise ModelError(
                "decision.value", "is missing", value=self.what,
                remedy="What has no money yet is of kind 'ask'.",
            )  # fmt: skip

    def _check_money(self, name: str, money: Interval | None) -> None:
        if money is None:
            return
        ends = (money.low, money.point, money.high)
        if not all(map(math.isfinite, ends)) or not money.low <= money.point <= money.high:
            raise ModelError(f"decision.{name}", "must be low <= point <= high", value=ends)
        if not self.unit:
            raise ModelError("decision.unit", "is missing beside money", value=self.what)

    @property
    def id(self) -> str:
        """Area, kind, subject and topic in small letters: the same at every review."""
        return "-".join(filter(None, map(_slug, (self.area, self.kind, self.subject, self.topic))))

    @property
    def net(self) -> float:
        """Value less cost, the points; 0 where there is no money yet."""
        value = self.value.point if self.value else 0.0
        return value - (self.cost.point if self.cost else 0.0)

    def days_left(self, today: dt.date) -> int | None:
        """Days until ``by``, negative once it has passed; None where no day presses."""
        return None if self.by is None else (self.by - today).days

    def score(self, today: dt.date) -> Interval:
        """What decisions are ordered by: what a quarter's delay costs, times the chance it pays.

        Where a model gives no cost of waiting, it is a quarter of the yearly value; where ``by``
        falls within the quarter and it cannot be undone, all of it, because then it is lost.

        Parameters
        ----------
        today : date
            The day of the review.

        Returns
        -------
        Interval
            Money; all 0 for a question.
        """
        if self.kind == "ask" or self.value is None:
            return Interval(0.0, 0.0, 0.0)
        left = self.days_left(today)
        jump = not self.reversible and left is not None and left <= _DAYS_PER_QUARTER
        cost = self.cost.point if self.cost else 0.0
        value = (self.value.point, self.value.low, self.value.high)
        lost = [max(end - cost, 0.0) * (1.0 if jump else 0.25) for end in value]
        if self.waiting is not None:
            waiting = (self.waiting.point, self.waiting.low, self.waiting.high)
            lost = [max(w, end if jump else 0.0) for w, end in zip(waiting, lost, strict=True)]
        chance = 1.0 if self.pays is None else self.pays
        point, low, high = (max(end, 0.0) * chance for end in lost)
        return Interval(point, low, high, self.value.level)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a client's tables show since a decision was carried out.

    Parameters
    ----------
    brought : float or None
        Money, in the client's currency: of a year, or once if the decision's value comes once.
        None where the tables cannot tell, or cannot tell yet.
    from_promise : bool
        Whether ``brought`` is counted from what was promised: the whole promise came unless
        prices rose after all (then it is negative), or seats are still paid for and not used.
    said : str
        What the tables show, or why they cannot tell, as a clause.
    """

    brought: float | None
    from_promise: bool = False
    said: str


def find_subject(decision_id: str, names: Iterable[str]) -> tuple[str, str] | None:
    """Find whom or what a kept decision is about, from its id alone.

    Parameters
    ----------
    decision_id : str
        See :attr:`Decision.id`.
    names : iterable of str
        Vendors, partners, tools, as tables write them.

    Returns
    -------
    tuple of (str, str) or None
        The longest name that fits, and the topic in small letters; None where none fits.

    Examples
    --------
    >>> find_subject("spending-act-oak-hill-seats", ["Oak", "Oak Hill", "Elm"])
    ('Oak Hill', 'seats')
    """
    rest = "-".join(decision_id.split("-")[2:])
    fitting = [(slug, name) for name in names if f"{rest}-".startswith(f"{(slug := _slug(name))}-")]
    if not fitting:
        return None
    slug, name = max(fitting, key=lambda each: (len(each[0]), each[1]))
    return name, rest[len(slug) + 1 :]


def first_things_first(decisions: Iterable[Decision], today: dt.date) -> list[Decision]:
    """Order decisions: what waiting costs first; of near-ties the one that cannot be undone.

    Near-ties are decisions whose ranges share more than half of the wider one. Between them
    amounts do not count, so that a small change of one does not reshuffle a page: of all that
    nothing left is clearly larger than, the irreversible goes first, then the one with less time,
    then the cheaper. What is clearly larger never comes later. Questions without money come last.

    Parameters
    ----------
    decisions : iterable of Decision
    today : date

    Returns
    -------
    list of Decision

    Examples
    --------
    >>> make = lambda subject, money, kind="act": Decision(
    ...     what=f"Act on {subject}", area="spending", kind=kind, subject=subject, owner="me",
    ...     by=None, value=None if kind == "ask" else Interval(money, money, money), unit="USD",
    ...     because="so", evidence="here", basis="measured")
    >>> some = [make("q", 0, "ask"), make("small", 10.0), make("large", 1000.0)]
    >>> [d.subject for d in first_things_first(some, dt.date(2026, 6, 30))]
    ['large', 'small', 'q']
    """
    every = sorted(decisions, key=lambda d: d.id)
    scores = [decision.score(today) for decision in every]
    below: list[list[int]] = [[] for _ in every]
    above = [0] * len(every)
    for i, one in enumerate(scores):
        for j, other in enumerate(scores):
            if one.point > other.point and not _near(one, other):
                below[i].append(j)
                above[j] += 1

    def key(position: int) -> tuple[bool, bool, float, float, int]:
        decision = every[position]
        left = decision.days_left(today)
        return (
            decision.kind == "ask",
            decision.reversible,
            math.inf if left is None else left,
            decision.cost.point if decision.cost else 0.0,
            position,
        )

    ordered: list[Decision] = []
    open_ones = [(key(i), i) for i in range(len(every)) if not above[i]]
    heapq.heapify(open_ones)
    while open_ones:
        _, first = heapq.heappop(open_ones)
        ordered.append(every[first])
        for i in below[first]:
            above[i] -= 1
            if not above[i]:
                heapq.heappush(open_ones, (key(i), i))
    return ordered


def fit(names: Sequence[str], *sentences: str) -> str:
    """Put names into the first sentence short enough for a decision; cut names only in the last.

    Parameters
    ----------
    names : sequence of str
    sentences : str
        With ``{}``, or its number, for each name, from the fullest to the shortest.

    Returns
    -------
    str
        At most 90 characters, so long as the words around the names leave room for them.

    Examples
    --------
    >>> fit(["Alder"], "Back up {}: it brings half of all sales")
    'Back up Alder: it brings half of all sales'
    >>> len(fit(["Alder " * 40], "Back up {}: it brings half of all sales"))
    90
    """
    for sentence in sentences:
        if len(text := sentence.format(*names)) <= LONGEST:
            return text
    short = list(names)
    while (excess := len(text := sentences[-1].format(*short)) - LONGEST) > 0:
        longest = max(range(len(short)), key=lambda i: len(short[i]))
        kept = short[longest].rstrip("…")
        short[longest] = kept[: max(len(kept) - excess - 1, 1)].rstrip(" ,;") + "…"
    return text


def _near(one: Interval, other: Interval) -> bool:
    """Whether two ranges share more than half of the wider one."""
    shared = min(one.high, other.high) - max(one.low, other.low)
    wider = max(one.high - one.low, other.high - other.low)
    return shared > wider / 2.0 if wider > 0 else one.point == other.point > 0


def _slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return _NOT_IN_IDS.sub("-", plain).strip("-") or _digits(text)


def _digits(text: str) -> str:
    """A name without a Latin letter in it still needs to be told apart."""
    return "-".join(f"{ord(letter):x}" for letter in text.strip()[:12])
