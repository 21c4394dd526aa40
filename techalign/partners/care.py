"""How partners are looked after: credit, promises, neglect, and what they bring besides sales.

The four stand together because they read the same outlook and because what they say to do
competes for the same hours of whoever looks after partners.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
import pandas as pd

from techalign.decision import Decision, fit
from techalign.numbers.arrays import Floats, places_of
from techalign.numbers.formatting import compact, format_value
from techalign.numbers.intervals import Interval
from techalign.partners.assumptions import PartnerAssumptions
from techalign.partners.charter import CHARTER_KEYS, Charter, charter
from techalign.partners.credit import CREDIT_KEYS, Credit, credit_for_wins
from techalign.partners.neglect import NEGLECT_KEYS, Neglect, lost_in_a_year, neglect
from techalign.partners.network import NETWORK_KEYS, NetworkValue, Prices, network_value
from techalign.partners.outlook import PartnerOutlook

__all__ = ["CARE_TABLES", "PartnerCare", "assess_care", "care_decisions"]

CARE_TABLES = (
    "partner_wins",
    "partner_charter",
    "partner_investment",
    "services",
    "partner_benefits",
)
"""Tables of a client that :func:`assess_care` takes, each empty where there is none."""
YEAR = 12
LONG_ALONE = 6
"""Months without anything spent on a partner from which it is called left alone."""
FEW_PAIRS = 20
"""With fewer quarters seen alone, the decay rests on the assumption."""
HOURS_A_NOTICE = 0.5


@dataclass(frozen=True, kw_only=True)
class PartnerCare:
    """How partners are looked after.

    Parameters
    ----------
    credit : Credit
    charter : Charter
    neglect : Neglect
    network : NetworkValue
    assumes : tuple of str
        Keys of the assumptions behind what is there to be shown.
    """

    credit: Credit
    charter: Charter
    neglect: Neglect
    network: NetworkValue
    assumes: tuple[str, ...]


def assess_care(
    outlook: PartnerOutlook,
    tables: Mapping[str, pd.DataFrame],
    wage: float,
    as_of: dt.date,
    assumptions: PartnerAssumptions,
) -> PartnerCare:
    """Look at credit, promises, neglect and what partners bring besides sales.

    Parameters
    ----------
    outlook : PartnerOutlook
        Of N partners.
    tables : mapping of str to DataFrame
        The tables named in ``CARE_TABLES`` and ``partners``; any may be empty.
    wage : float
        The client's usual wage, money an hour.
    as_of : date
    assumptions : PartnerAssumptions

    Returns
    -------
    PartnerCare

    Examples
    --------
    See ``notebooks/partner_ramps.ipynb``, which calls this with the client's tables.

    >>> len(CARE_TABLES) > 3
    True
    """
    panel, spent = outlook.panel, tables["partner_investment"]
    credit = credit_for_wins(tables["partner_wins"], assumptions)
    agreed = charter(tables["partner_charter"], outlook.ramp, as_of, assumptions)
    alone = neglect(panel, spent, assumptions)
    orders = panel.deals.sum() if panel.deals is not None else 0.0
    prices = Prices(
        wage=wage,
        order=float(panel.revenue.sum() / orders) if orders else float("nan"),
        margin=float(tables["partners"]["margin"].median()) if len(tables["partners"]) else 0.0,
    )
    network = network_value(
        tables["services"], tables["partner_benefits"], prices, as_of, assumptions
    )
    shown = {
        CREDIT_KEYS: len(credit.table),
        CHARTER_KEYS: len(agreed.partners),
        NEGLECT_KEYS: len(alone.table),
        NETWORK_KEYS: network.table["made"].sum(),
    }
    return PartnerCare(
        credit=credit,
        charter=agreed,
        neglect=alone,
        network=network,
        assumes=tuple(key for keys, there in shown.items() if there for key in keys),
    )


@dataclass(frozen=True, kw_only=True)
class _Margins:
    """Expected sales of a year and the margin on them, (N,) each, with who decides."""

    partner: np.ndarray
    sales: Floats
    margin: Floats
    currency: str
    owner: str

    def of(self, name: str) -> tuple[float, float]:
        """Expected sales of one partner, money, and the margin on them, 0 to 1."""
        row = int(np.flatnonzero(self.partner == name)[0])
        return float(self.sales[row]), float(self.margin[row])


def care_decisions(
    care: PartnerCare, outlook: PartnerOutlook, partners: pd.DataFrame, currency: str, owner: str
) -> list[Decision]:
    """Say which partner to name, to give what was promised, to look after again.

    Parameters
    ----------
    care : PartnerCare
    outlook : PartnerOutlook
    partners : DataFrame
        Columns ``partner``, ``margin`` (0 to 1).
    currency, owner : str

    Returns
    -------
    list of Decision
        At most one of each kind: the partner with the most at stake. A kind is left out where
        its point does not exceed what it takes.

    Examples
    --------
    See ``notebooks/partner_ramps.ipynb``, which calls this with the client's tables.

    >>> len(CARE_TABLES) > 3
    True
    """
    panel = outlook.panel
    months = min(outlook.draws.shape[2], YEAR)
    sales = outlook.draws[:, :, :months].sum(axis=2).mean(axis=0) * YEAR / months
    margin = np.append(partners["margin"].to_numpy(dtype=float), np.nan)
    margin = margin[places_of(panel.partner, partners["partner"])]
    known = _Margins(
        partner=panel.partner, sales=sales, margin=margin, currency=currency, owner=owner
    )
    return [*_give_credit(care, known), *_keep_promises(care, known), *_look_after(care, known)]


def _give_credit(care: PartnerCare, known: _Margins) -> Iterator[Decision]:
    """Name the partner whose wins were announced without it."""
    table = care.credit.table
    found = table[(table["unnamed"] > 0) & table["partner"].isin(known.partner)].copy()
    if found.empty:
        return
    found["gain"] = care.credit.gain(*_sales_of(found["partner"], known))
    row = found.sort_values("gain", kind="stable").iloc[-1]
    sales, margin = known.of(row["partner"])
    missing = (1.0 - row["named"]) * sales * margin
    count, told = int(row["unnamed"]), int(row["told"])
    if care.credit.effect.point * missing <= 0:
        return
    wins = "1 win" if told == 1 else f"{told} wins"
    yield Decision(
        what=fit([row["partner"]], f"Name {{}} in its wins: {count} of {wins} told without it"),
        area="partners",
        kind="act",
        subject=row["partner"],
        topic="credit",
        owner=known.owner,
        by=None,
        value=care.credit.effect.scaled(missing),
        unit=known.currency,
        hours=HOURS_A_NOTICE * count,
        because=f"{count} of the {wins} it had a part in were announced without its name, worth "
        f"{compact(float(row['unnamed_value']), known.currency)}; it takes a line in each notice, "
        "and those inside who never read its name come to doubt what partners are for.",
        evidence="What was promised, and who is looked after",
        basis="judgement",
        assumes=CREDIT_KEYS,
    )


def _sales_of(names: pd.Series, known: _Margins) -> tuple[Floats, np.ndarray]:
    row = places_of(names, known.partner)
    return known.sales[row] * known.margin[row], names.to_numpy()


def _keep_promises(care: PartnerCare, known: _Margins) -> Iterator[Decision]:
    """Give the partner what was promised to it, where the client itself falls short."""
    table = care.charter.partners
    found = table[(table["ours"] < 1.0) & (table["lost"] > 0)]
    if found.empty:
        return
    row = found.iloc[0]
    _, margin = known.of(row["partner"])
    # only what our side withholds is ours to give
    short = 1.0 - row["ours"]
    theirs = 0.0 if np.isnan(row["theirs"]) else 1.0 - row["theirs"]
    part = margin * short / (short + theirs)
    lost, low, high = (float(row[f"lost{end}"]) * part for end in ("", "_low", "_high"))
    yield Decision(
        what=fit(
            [row["partner"]],
            f"Give {{}} what was promised: {_percent(row['ours'])} of it is there",
        ),
        area="partners",
        kind="protect",
        subject=row["partner"],
        topic="promises",
        owner=known.owner,
        by=None,
        value=Interval(lost, low, high, 1.0),
        unit=known.currency,
        because="Of the people, money and set-up that you promised it, "
        f"{_percent(row['ours'])} is there; its sales are about "
        f"{_months(float(row['behind']))} behind what they could be by now.",
        evidence="What was promised, and who is looked after",
        basis="judgement",
        assumes=CHARTER_KEYS,
    )


def _look_after(care: PartnerCare, known: _Margins) -> Iterator[Decision]:
    """Look after the partner left alone that has the most to lose."""
    table = care.neglect.table
    found = table[table["alone"] >= LONG_ALONE].copy()
    if found.empty:
        return
    found["net"] = found["at_risk"] * _sales_of(found["partner"], known)[0] - found["care"]
    row = found.sort_values("net", kind="stable").iloc[-1]
    if row["net"] <= 0:
        return
    sales, margin = known.of(row["partner"])
    earned = sales * margin
    lost, low, high = (float(row[f"at_risk{end}"]) * earned for end in ("", "_low", "_high"))
    cost = float(row["care"])
    own = care.neglect.pairs_alone >= FEW_PAIRS
    yield Decision(
        what=fit(
            [row["partner"]],
            f"Look after {{}} again: nothing was spent there for {int(row['alone'])} months",
        ),
        area="partners",
        kind="protect",
        subject=row["partner"],
        topic="left alone",
        owner=known.owner,
        by=None,
        value=Interval(lost, low, high, care.neglect.rate.level),
        cost=Interval(cost, cost, cost, 1.0),
        unit=known.currency,
        pays=_chance_to_pay(care.neglect, cost / earned),
        because=f"Partners left alone lose about {_percent(max(care.neglect.rate.point, 0.0))} of "
        f"their sales a month; it should bring {compact(sales, known.currency)} in the coming "
        f"year, and looking after it took {compact(cost, known.currency)} a year.",
        evidence="What was promised, and who is looked after",
        basis="measured" if own else "judgement",
        assumes=() if own else NEGLECT_KEYS,
    )


def _chance_to_pay(alone: Neglect, share: float) -> float:
    """Chance that being left alone loses more than ``share`` of a year's sales.

    Over quantiles of the law of the decay: the lost share is no inverse of a simple form.
    """
    places = np.array([NormalDist().inv_cdf((i + 0.5) / 200.0) for i in range(200)])
    rates = alone.rate.point + alone.rate_sd * places
    return float(np.mean([lost_in_a_year(rate) > share for rate in rates]))


def _percent(share: float) -> str:
    return "under 1%" if 0 < share < 0.005 else format_value(round(float(share), 2), "%")


def _months(count: float) -> str:
    whole = max(round(count), 1)
    return "1 month" if whole == 1 else f"{whole} months"
