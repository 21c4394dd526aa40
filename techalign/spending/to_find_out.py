"""What ten more cells would tell of technology spending: which suppliers to name first.

The range of what is known to be spent on technology is the money of suppliers of whom nobody has
said what they sell. Naming one takes its money out of the range, whichever the answer is, so that
the narrowing is known before it is asked.
"""

from __future__ import annotations

from techalign.decision import Decision
from techalign.numbers.formatting import format_interval
from techalign.numbers.intervals import Interval
from techalign.spending.purpose import PurposeSplit
from techalign.spending.spelling import REDACTED

__all__ = ["suppliers_to_name"]

CELLS = 10
_WORTH_ASKING = 0.1  # a range that narrows by less is not worth a morning


def suppliers_to_name(
    purpose: PurposeSplit, *, currency: str = "", owner: str = "the owner"
) -> list[Decision]:
    """Ask what the suppliers sell that would narrow the range of technology spending most.

    Parameters
    ----------
    purpose : PurposeSplit
    currency, owner : str

    Returns
    -------
    list of Decision
        One question, or none where fewer than a tenth of the range would go.

    Examples
    --------
    >>> import pandas as pd
    >>> split = PurposeSplit(
    ...     matrix=pd.DataFrame(), technology=100.0, technology_at_most=1100.0,
    ...     assignment=pd.DataFrame({"vendor": ["Oak", "Elm"], "amount": [900.0, 100.0],
    ...                              "technology": "unknown"}),
    ...     share_unclassified=0.9, share_by_source=pd.Series(dtype=float))
    >>> print(suppliers_to_name(split, currency="USD")[0].because)
    Known technology spending is $100 ($100 to $1,100); once Oak and Elm are told apart from it or \
counted in it, nothing of the range is left.
    """
    unknown = purpose.undecided()
    money = unknown[unknown["vendor"] != REDACTED].groupby("vendor")["amount"].sum().astype(float)
    chosen = money[money > 0].nlargest(CELLS)
    low, high = purpose.technology, purpose.technology_at_most
    if chosen.empty or not high > low:
        return []
    narrower = min(float(chosen.sum()) / (high - low), 1.0)
    if narrower < _WORTH_ASKING:
        return []
    known = Interval(low, low, high, 1.0)
    names = [str(name) for name in chosen.index]
    first = ", ".join(names[:-1] if len(names) <= 4 else names[:3])
    rest = names[-1] if len(names) <= 4 else f"{len(names) - 3} more"
    left = "nothing" if narrower > 0.995 else f"{1 - narrower:.0%}"
    many = len(names) > 1
    return [
        Decision(
            what=f"Say what {len(names)} suppliers sell" if many else f"Say what {names[0]} sells",
            area="spending", kind="ask", subject="suppliers", topic="what they sell", owner=owner,
            by=None, unit=currency, evidence="What technology money is for", basis="measured",
            because=f"Known technology spending is {format_interval(known, currency)}; once "
            f"{f'{first} and {rest}' if many else rest} {'are' if many else 'is'} told apart from "
            f"it or counted in it, {left} of the range is left.",
        )
    ]  # fmt: skip
