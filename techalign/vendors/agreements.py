"""Agreements that end although the company lives on: not renewed, or renewed on worse terms.

A franchise, a dealership or a licence has a day on which it ends. A partner that is in good
health may then say no, or ask for more: both cost money in a year in which nobody has ceased.
How often that happens is not published; the client's own judgement counts where it is given,
else a stated assumption.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from techalign.numbers.arrays import Floats
from techalign.numbers.formatting import format_date
from techalign.numbers.intervals import Interval
from techalign.vendors.exposure import Exposure, LossAssumptions, exposure

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AgreementChances", "AgreementEnds", "agreement_ends", "cost_of_ends"]

ORDERLY = ("switching", "retooling", "margin")
"""Parts of a loss that an end with notice costs, too: records are handed over, and what was paid
in advance is used up or paid back."""


@dataclass(frozen=True)
class AgreementChances:
    """What is taken where the client has no judgement of its own.

    Attributes
    ----------
    not_renewed : Interval
        Chance that an agreement that ends is not renewed, its partner being there.
    worse_terms : Interval
        Chance that it is renewed on worse terms, where what these would cost is given.
    """

    not_renewed: Interval = field(default=Interval(0.10, 0.03, 0.30, level=1.0))
    worse_terms: Interval = field(default=Interval(0.25, 0.10, 0.50, level=1.0))


@dataclass(frozen=True, eq=False)
class AgreementEnds:
    """What the ends of agreements within a year may cost.

    Attributes
    ----------
    table : DataFrame, one row per event
        vendor, what ("not renewed" or "worse terms"), ends (day), days_left, judged ("you" or
        "assumed"); chance, loss (money if it happens) and expected_loss (money) with their _low
        and _high; the next end first.
    row : ndarray of int, shape (m,)
        Each event's vendor, as a position in the register.
    notes : tuple of str
        Agreements whose end has passed.
    """

    table: pd.DataFrame
    row: NDArray[np.intp]
    notes: tuple[str, ...] = ()

    def events(self, end: str) -> tuple[Floats, Floats]:
        """Chances and losses, shape (m,), at "point", "low" or "high"."""
        tail = "" if end == "point" else f"_{end}"
        return (
            self.table[f"chance{tail}"].to_numpy(float),
            self.table[f"loss{tail}"].to_numpy(float),
        )


def agreement_ends(
    vendors: pd.DataFrame,
    at_stake: Exposure,
    as_of: dt.date,
    chances: AgreementChances | None = None,
) -> AgreementEnds:
    """Find the agreements that end within a year of a day, and what their ends may cost.

    An end with notice costs moving, new tools and the margin of the weeks until work is normal,
    within their ranges. Worse terms cost what the client says they would in a year.

    Parameters
    ----------
    vendors : DataFrame
        Columns vendor, agreement_ends (day or missing), not_renewed (chance or missing),
        worse_terms_cost (money a year or missing); a table without them holds no such agreement.
    at_stake : Exposure
        Of the same rows.
    as_of : date
    chances : AgreementChances, optional

    Returns
    -------
    AgreementEnds

    Examples
    --------
    A franchise that ends in five months; leaving it would cost 30,000 for another shop sign:

    >>> import datetime as dt, pandas as pd
    >>> from techalign.vendors.exposure import FLAGS, NUMBERS, exposure
    >>> row = dict.fromkeys((*NUMBERS, *FLAGS), 0.0) | {
    ...     "vendor": "Sunpress", "retooling_cost": 30000.0, "prepaid": 500.0,
    ...     "agreement_ends": pd.Timestamp("2026-11-30"), "not_renewed": 0.2,
    ...     "worse_terms_cost": None}
    >>> register = pd.DataFrame([row])
    >>> found = agreement_ends(register, exposure(register), dt.date(2026, 6, 30))
    >>> found.table[["vendor", "what", "days_left", "chance", "loss", "expected_loss"]].to_numpy(
    ...     ).tolist()
    [['Sunpress', 'not renewed', 153, 0.2, 30000.0, 6000.0]]
    """
    import pandas as pd

    given = chances or AgreementChances()
    losses = _orderly(at_stake)
    rows: list[tuple[Any, ...]] = []
    notes: list[str] = []
    if "agreement_ends" in vendors.columns:
        days = vendors["agreement_ends"].to_numpy("datetime64[D]")
        left = (days - np.datetime64(as_of)).astype(float)
        within = np.datetime64((pd.Timestamp(as_of) + pd.DateOffset(years=1)).date())
        for at in np.flatnonzero(~np.isnat(days)):
            if left[at] <= 0:
                notes.append(
                    f"The agreement with {vendors['vendor'].iloc[at]} ended on "
                    f"{format_date(pd.Timestamp(days[at]))}: whether it was renewed is not known, "
                    "so its end is not counted."
                )
            elif days[at] <= within:
                rows += _events(vendors, losses[at], int(at), (days[at], int(left[at])), given)
    rows.sort(key=lambda row: (row[4], row[0]))
    table = pd.DataFrame([row[1:] for row in rows], columns=list(_COLUMNS))
    return AgreementEnds(table, np.array([row[0] for row in rows], dtype=np.intp), tuple(notes))


def cost_of_ends(
    vendors: pd.DataFrame, assumptions: LossAssumptions, not_renewed: Interval
) -> dict[str, tuple[Interval, Interval]]:
    """Say of each vendor how likely its agreement is not to be renewed, and what that would cost.

    The same as :func:`agreement_ends` counts with, whenever the agreement ends.

    Parameters
    ----------
    vendors : DataFrame
        Rows of the vendors table.
    assumptions : LossAssumptions
    not_renewed : Interval
        Chance, 0 to 1, where the table states none.

    Returns
    -------
    dict of str to (Interval, Interval)
        Chance, and money; only of vendors whose end is known to cost something.

    Examples
    --------
    >>> import pandas as pd
    >>> from techalign.vendors.exposure import FLAGS, NUMBERS
    >>> row = dict.fromkeys((*NUMBERS, *FLAGS), 0.0) | {
    ...     "vendor": "Sunpress", "retooling_cost": 30000.0, "not_renewed": 0.2}
    >>> found = cost_of_ends(pd.DataFrame([row]), LossAssumptions(), Interval(0.1, 0.03, 0.3))
    >>> found["Sunpress"][0].point, found["Sunpress"][1].point
    (0.2, 30000.0)
    """
    losses = _orderly(exposure(vendors, assumptions))
    found = {}
    for at, (name, loss) in enumerate(zip(vendors["vendor"].tolist(), losses, strict=True)):
        own = _number(vendors, "not_renewed", at)
        if loss.point > 0:
            chance = not_renewed if own is None else Interval(own, own, own, level=1.0)
            found[str(name)] = (chance, loss)
    return found


_COLUMNS = (
    "vendor", "what", "ends", "days_left", "judged", "chance", "chance_low", "chance_high",
    "loss", "loss_low", "loss_high", "expected_loss", "expected_loss_low", "expected_loss_high",
)  # fmt: skip


def _events(
    vendors: pd.DataFrame,
    loss: Interval,
    at: int,
    day: tuple[Any, int],
    given: AgreementChances,
) -> list[tuple[Any, ...]]:
    """The one or two things that the end of one agreement may bring."""
    own = _number(vendors, "not_renewed", at)
    chance = given.not_renewed if own is None else Interval(own, own, own, level=1.0)
    first = (at, vendors["vendor"].iloc[at])
    rows = []
    if loss.high > 0 and chance.high > 0:
        judged = "assumed" if own is None else "you"
        rows.append((*first, "not renewed", *day, judged, *_money(chance, loss)))
    worse = _number(vendors, "worse_terms_cost", at)
    if worse:
        # it takes a renewal to have terms
        terms = [w * (1.0 - q) for w, q in zip(
            _three(given.worse_terms), (chance.point, chance.high, chance.low), strict=True
        )]  # fmt: skip
        cost = Interval(worse, worse, worse, level=1.0)
        rows.append((*first, "worse terms", *day, "assumed", *_money(_interval(terms), cost)))
    return rows


def _number(vendors: pd.DataFrame, name: str, at: int) -> float | None:
    value = vendors[name].iloc[at] if name in vendors.columns else None
    return None if value is None or value != value else float(value)


def _orderly(at_stake: Exposure) -> list[Interval]:
    """What each vendor's end with notice costs; independent ranges add in squares."""
    low, point, high = (
        frame[list(ORDERLY)].to_numpy(float)
        for frame in (at_stake.low, at_stake.parts, at_stake.high)
    )
    total = point.sum(axis=1)
    down = np.hypot.reduce(point - low, axis=1)
    up = np.hypot.reduce(high - point, axis=1)
    ends = zip(total.tolist(), (total - down).tolist(), (total + up).tolist(), strict=True)
    return [Interval(middle, max(least, 0.0), most, level=1.0) for middle, least, most in ends]


def _three(value: Interval) -> tuple[float, float, float]:
    return value.point, value.low, value.high


def _interval(ends: Sequence[float]) -> Interval:
    return Interval(ends[0], min(ends), max(ends), level=1.0)


def _money(chance: Interval, loss: Interval) -> tuple[float, ...]:
    """Chance, loss and their product, each with its ends."""
    expected = [c * m for c, m in zip(_three(chance), _three(loss), strict=True)]
    return (*_three(chance), *_three(loss), *expected)
