"""What ten more cells, or one more table, would tell of technology spending.

The range of what is known to be spent on technology is the money of suppliers of whom nobody has
said what they sell. Naming one takes its money out of the range, whichever the answer is, so that
the narrowing is known before it is asked. Agreements behind charges that run would hardly narrow
the range of the budget, of which those charges are a part already; what they tell is by when to
act. The day on which security support of a device ends is a range only until its maker's day is
looked up.
"""

from __future__ import annotations

import pandas as pd

from techalign.decision import Decision, fit
from techalign.numbers.formatting import format_interval, format_money
from techalign.numbers.intervals import Interval
from techalign.spending.forecast import SpendForecast
from techalign.spending.purpose import PurposeSplit
from techalign.spending.recurring.streams import Streams
from techalign.spending.spelling import REDACTED
from techalign.spending.technology import TechnologyRows

__all__ = ["agreements_to_enter", "devices_to_date", "suppliers_to_name"]

CELLS = 10
_WEEKS = 0.25  # years; a narrower range changes no plan
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
    left = "nothing" if narrower > 0.995 else f"{1 - narrower:.0%}"
    many = len(names) > 1
    return [
        Decision(
            what=f"Say what {len(names)} suppliers sell" if many else f"Say what {names[0]} sells",
            area="spending", kind="ask", subject="suppliers", topic="what they sell", owner=owner,
            by=None, unit=currency, evidence="What technology money is for", basis="measured",
            because=f"Known technology spending is {format_interval(known, currency)}; once "
            f"{_listed(names)} {'are' if many else 'is'} told apart from "
            f"it or counted in it, {left} of the range is left.",
        )
    ]  # fmt: skip


def agreements_to_enter(
    streams: Streams,
    technology: TechnologyRows,
    budget: SpendForecast,
    *,
    currency: str = "",
    owner: str = "the owner",
) -> list[Decision]:
    """Ask for the agreements behind charges that run, and say what knowing them would change.

    Parameters
    ----------
    streams : Streams
        Recurring charges of the whole ledger.
    technology : TechnologyRows
        Payments for technology and the agreements that are known.
    budget : SpendForecast
        Of these payments, made with these agreements.
    currency, owner : str

    Returns
    -------
    list of Decision
        One question; none where agreements are known for all but a tenth of the running money.

    Examples
    --------
    >>> import datetime as dt
    >>> from techalign.spending.forecast import ForecastOptions, forecast_spend
    >>> from techalign.spending.recurring.streams import find_streams
    >>> rows = pd.DataFrame({"date": pd.date_range("2024-07-15", periods=24, freq="MS"),
    ...     "vendor": "Oak IT", "amount": 100.0, "currency": "", "category": "IT services"})
    >>> day, options = dt.date(2026, 6, 30), ForecastOptions(growth=0.0)
    >>> found = find_streams(rows, day)
    >>> known = TechnologyRows(rows, pd.DataFrame({"vendor": []}), ())
    >>> budget = forecast_spend(rows, day, streams=found, options=options)
    >>> agreements_to_enter(found, known, budget, currency="USD")[0].what
    'Enter the agreement with Oak IT'
    """
    running = streams.active("fixed")
    money = running.groupby("vendor")["yearly_cost"].sum()
    money = money[money.index.isin(technology.frame["vendor"])].astype(float)
    unknown = money[~money.index.isin(technology.agreements["vendor"])].nlargest(CELLS)
    if unknown.empty or unknown.sum() < _WORTH_ASKING * money.sum():
        return []
    names, many = [str(name) for name in unknown.index], len(unknown) > 1
    whose = "their charges run already and are" if many else "its charge runs already and is"
    return [
        Decision(
            what=f"Enter the agreements with {len(names)} suppliers" if many
            else fit([names[0]], "Enter the agreement with {}"),
            area="spending", kind="ask", subject="agreements", topic="terms", owner=owner,
            by=None, unit=currency, evidence="Charges that come back", basis="measured",
            because="The budget for technology is expected at "
            f"{format_interval(budget.total, currency)}; the agreement{'s' if many else ''} with "
            f"{_listed(names)} would hardly narrow it, since {whose} counted, "
            "but would show by when to act on an expected "
            f"{format_money(float(unknown.sum()), currency)} a year.",
        )
    ]  # fmt: skip


def devices_to_date(
    devices: pd.DataFrame, *, currency: str = "", owner: str = "the owner"
) -> list[Decision]:
    """Ask for the ends of security support that are only predicted, the widest ranges first.

    Parameters
    ----------
    devices : DataFrame
        technology, support ("announced", "predicted", "unknown") and support_left with ``_low``
        and ``_high`` (years), as of :class:`techalign.spending.plan.economic_life.Lifecycle`.
    currency, owner : str

    Returns
    -------
    list of Decision
        One question; none where no end is predicted, or all ranges are of weeks.

    Examples
    --------
    >>> devices = pd.DataFrame({"technology": ["Server", "Phone"], "support_left": [2.0, 1.0],
    ...     "support": ["predicted", "announced"], "support_left_low": [0.5, 1.0],
    ...     "support_left_high": [4.0, 1.0]})
    >>> print(devices_to_date(devices)[0].because)
    It is predicted to end in 2 (0.5 to 4) years; the maker's day would leave nothing of that range.
    """
    predicted = devices[devices["support"] == "predicted"]
    width = (predicted["support_left_high"] - predicted["support_left_low"]).astype(float)
    chosen = predicted.loc[width[width > _WEEKS].nlargest(CELLS).index]
    if chosen.empty:
        return []
    names, many = [str(name) for name in chosen["technology"]], len(chosen) > 1
    point, low, high = (
        float(chosen[name].iloc[0])
        for name in ("support_left", "support_left_low", "support_left_high")
    )
    ends = f"{format_interval(Interval(point, low, high, 0.8))} years"
    left = 1.0 - width[chosen.index].sum() / width.sum()
    because = (
        f"Of {names[0]} it is predicted to end in {ends}, the widest range of {len(width)}; with "
        f"the makers' days of {_listed(names)}, {f'{left:.0%}' if left > 0.005 else 'nothing'} of "
        "all these ranges is left."
        if many
        else f"It is predicted to end in {ends}; the maker's day would leave nothing of that range."
    )
    return [
        Decision(
            what=f"Look up when security support of {len(names)} devices ends" if many
            else fit([names[0]], "Look up when security support of {} ends"),
            area="spending", kind="ask", subject="devices", topic="support", owner=owner,
            by=None, unit=currency, evidence="End of security support", basis="published",
            because=because,
        )
    ]  # fmt: skip


def _listed(names: list[str]) -> str:
    """Up to four names, or three and how many more."""
    if len(names) == 1:
        return names[0]
    first = ", ".join(names[:-1] if len(names) <= 4 else names[:3])
    return f"{first} and {names[-1] if len(names) <= 4 else f'{len(names) - 3} more'}"
