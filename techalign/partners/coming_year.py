"""The coming twelve months of a client's partners, from which their decisions are read.

All decisions share the same futures, margins and words; they are laid out here once.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from techalign.decision import Basis, Decision
from techalign.numbers.arrays import Floats
from techalign.numbers.formatting import compact, format_value
from techalign.partners.activation import Activation
from techalign.partners.outlook import PartnerOutlook

__all__ = ["YEAR", "ComingYear", "months_in_words", "percent", "rests_on"]

YEAR = 12
FEW_STARTS = 5
"""With fewer first sales seen, starting rests more on other firms than on the client."""
_OF_OTHERS = ("partner_never_sells", "partner_start_months")


@dataclass(frozen=True, kw_only=True)
class ComingYear:
    """The coming 12 months at most, and what all decisions of one client share.

    ``draws`` (S, N, H), money per month; ``margin`` (N,), 0 to 1; ``besides`` (N,), money a year
    that each brings besides sales.
    """

    outlook: PartnerOutlook
    draws: Floats
    margin: Floats
    besides: Floats
    as_of: dt.date
    currency: str
    owner: str

    @cached_property
    def sales(self) -> Floats:
        """Sales of each partner over the months, shape (S, N), money."""
        totals: Floats = self.draws.sum(axis=2)
        return totals

    @property
    def months(self) -> int:
        """Months ahead, 12 or fewer."""
        return int(self.draws.shape[2])

    def decide(self, by: dt.date | None = None, **said: Any) -> Decision:
        """Fill in what is common."""
        return Decision(area="partners", owner=self.owner, unit=self.currency, by=by, **said)

    def money(self, amount: float) -> str:
        """Write an amount in few characters."""
        return compact(amount, self.currency)


def rests_on(activation: Activation) -> dict[str, Any]:
    """Tell what the chances to start rest on: the client's own first sales, or other firms'."""
    own = activation.sold >= FEW_STARTS
    basis: Basis = "measured" if own else "published"
    return {"basis": basis, "assumes": () if own else _OF_OTHERS}


def percent(chance: float) -> str:
    """Write a chance in whole per cent; what rounds to never or always is not said to be so."""
    if chance < 0.005:
        return "under 1%"
    if 0.995 <= chance < 1.0:
        return "over 99%"
    return format_value(round(chance, 2), "%")


def months_in_words(count: int) -> str:
    """Write a number of months."""
    return "1 month" if count == 1 else f"{count} months"
