"""What the money is for: four purposes by run, grow and transform.

Each row is decided by the most particular source that has an opinion: the ledger's own
override, the vendor's contract, the initiative it is booked on, the vendor's entry in the
catalogue, a rule on the account. What none of them decides is unclassified, and shown.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending.ledger import last_12_months, own_currency
from techalign.spending.names import VendorNames

__all__ = [
    "INITIATIVE_NATURE",
    "NATURES",
    "PURPOSES",
    "SOURCES",
    "ContainedSaving",
    "PurposeSplit",
    "classify_purpose",
    "contained_saving",
]

PURPOSES = ("reduce", "contain", "generate", "differentiate")
NATURES = ("run", "grow", "transform")
SOURCES = ("override", "contract", "initiative", "catalogue", "account rule", "unclassified")
UNCLASSIFIED = "unclassified"

INITIATIVE_NATURE = {
    "reduce": "run",
    "contain": "run",
    "generate": "grow",
    "differentiate": "transform",
}
"""Assumption: an initiative states its purpose only; this is the nature that goes with it."""

_OPINION = ["technology", "purpose", "nature"]


@dataclass(frozen=True)
class PurposeSplit:
    """The last 12 months' money by purpose and nature.

    Attributes
    ----------
    matrix : DataFrame, shape (5, 4)
        Money, net of credits; rows are purposes, columns natures, both with unclassified.
        Money known not to be technology is left out; money of which that is not known is in
        the unclassified corner.
    assignment : DataFrame
        One row per ledger row of the last 12 months in the client's currency, same index:
        vendor, amount, purpose, nature, technology (yes, no or unknown), source.
    technology : float
        Money known to be technology.
    technology_at_most : float
        The same, plus all money of which it is not known.
    share_unclassified : float
        Share of the charges no source decided, 0 to 1; NaN without charges.
    share_by_source : Series
        Share of the charges decided by each source, indexed by source; sums to 1.
    """

    matrix: pd.DataFrame
    assignment: pd.DataFrame
    technology: float
    technology_at_most: float
    share_unclassified: float
    share_by_source: pd.Series[float]

    def by_purpose(self) -> pd.Series[float]:
        """Give money per purpose, over all natures."""
        return self.matrix.sum(axis=1)


@dataclass(frozen=True)
class ContainedSaving:
    """What was not spent, because spending was kept below its expected growth.

    Attributes
    ----------
    expected : ndarray, shape (T,)
        Money that years 1 to T would have cost.
    saving : ndarray, shape (T,)
        Expected less actual; negative where more was spent.
    total : Interval
        Sum over the years; the interval is that of the growth rate.
    """

    expected: np.ndarray
    saving: np.ndarray
    total: Interval


def contained_saving(
    baseline: float, growth: float | Interval, actual: ArrayLike
) -> ContainedSaving:
    """Compare actual spending with a baseline that kept growing: b (1 + g)^t - actual.

    Parameters
    ----------
    baseline : float
        Money of the year before the first of ``actual``.
    growth : float or Interval
        Expected growth per year, above -1. A bare number gives an interval without width.
    actual : array_like, shape (T,)
        Money of years 1 to T.

    Returns
    -------
    ContainedSaving

    Raises
    ------
    ModelError
        If the growth is not above -1.
    """
    rate = growth if isinstance(growth, Interval) else Interval(growth, growth, growth, 1.0)
    if rate.low <= -1:
        raise ModelError("growth", "must be above -1", value=rate.low)
    paid = np.atleast_1d(np.asarray(actual, dtype=float))
    years = np.arange(1, paid.size + 1)
    expected = [baseline * (1.0 + g) ** years for g in (rate.point, rate.low, rate.high)]
    point, low, high = (float((e - paid).sum()) for e in expected)
    total = Interval(point, min(low, high), max(low, high), rate.level)
    return ContainedSaving(expected=expected[0], saving=expected[0] - paid, total=total)


def classify_purpose(
    ledger: pd.DataFrame,
    names: VendorNames,
    *,
    catalogue: pd.DataFrame,
    category_purpose: pd.DataFrame,
    account_rules: pd.DataFrame,
    contracts: pd.DataFrame,
    initiatives: pd.DataFrame,
    client_currency: str,
    as_of: dt.date,
) -> PurposeSplit:
    """Say what each row of the last 12 months is for, and on whose word.

    An override or an initiative states a purpose only: nature and technology then come from
    the next source that has them, and such a row counts as technology unless that source
    says no.

    Parameters
    ----------
    ledger : DataFrame
        Rows of the ledger table.
    names : VendorNames
        From :func:`merge_vendors`.
    catalogue : DataFrame
        name, aliases, capability, category.
    category_purpose : DataFrame
        category, technology (bool), purpose, nature (empty where it has none).
    account_rules : DataFrame
        pattern (regular expression, searched in the account without regard to case),
        technology, purpose, nature. The first match wins.
    contracts : DataFrame
        Rows of the contracts table. A vendor's dearest contract speaks for it, through the
        most frequent category the catalogue gives for the contract's capability.
    initiatives : DataFrame
        Rows of the initiatives table.
    client_currency : str
        Rows in another currency are left out, never converted.
    as_of : date
        The 12 months end on this day, inclusive.

    Returns
    -------
    PurposeSplit

    Raises
    ------
    ModelError
        If a pattern is not a regular expression, or a purpose or nature is unknown.
    """
    _check_words(category_purpose, "category_purpose")
    _check_words(account_rules, "account_rules")
    kept = own_currency(ledger, client_currency) & last_12_months(ledger["date"], as_of)
    rows = ledger[kept].assign(vendor=lambda f: names.apply(f["vendor_raw"]))
    opinions = {
        "override": _override_opinion(rows),
        "contract": _contract_opinion(rows, names, contracts, catalogue, category_purpose),
        "initiative": _initiative_opinion(rows, initiatives),
        "catalogue": _catalogue_opinion(rows, catalogue, category_purpose),
        "account rule": _account_opinion(rows, account_rules),
    }
    return _split(_decide(rows, opinions))


def _decide(rows: pd.DataFrame, opinions: dict[str, pd.DataFrame]) -> pd.DataFrame:
    """Let the first source with an opinion decide, and later ones fill what it leaves open."""
    decided = pd.DataFrame("", index=rows.index, columns=[*_OPINION, "source"], dtype=object)
    for source, opinion in opinions.items():
        speaks = (opinion != "").any(axis=1)
        decided["source"] = decided["source"].mask(speaks & (decided["source"] == ""), source)
        for part in _OPINION:
            # a purpose decided by one source must not be mixed with another's nature,
            # except that override and initiative state no nature
            open_ = (decided[part] == "") & _may_fill(decided, source, part)
            decided[part] = decided[part].mask(open_, opinion[part])
    stated = decided["source"].isin(["override", "initiative"]) & (decided["technology"] == "")
    decided["technology"] = decided["technology"].mask(stated, "yes").replace("", "unknown")
    decided = decided.replace("", UNCLASSIFIED)
    return pd.concat([rows[["vendor", "amount"]], decided], axis=1)


def _may_fill(decided: pd.DataFrame, source: str, part: str) -> pd.Series[bool]:
    own = decided["source"] == source
    if part == "purpose":
        return own
    return own | decided["source"].isin(["override", "initiative"])


def _split(assignment: pd.DataFrame) -> PurposeSplit:
    purposes, natures = [*PURPOSES, UNCLASSIFIED], [*NATURES, UNCLASSIFIED]
    counted = assignment[assignment["technology"] != "no"]
    sums = counted.pivot_table(values="amount", index="purpose", columns="nature", aggfunc="sum")
    matrix = sums.reindex(index=purposes, columns=natures).fillna(0.0).astype(float)
    charges = assignment["amount"].clip(lower=0.0)
    by_source = charges.groupby(assignment["source"]).sum().reindex(SOURCES, fill_value=0.0)
    shares = (by_source / charges.sum() if charges.sum() > 0 else by_source * np.nan).rename(
        "share"
    )
    known = assignment.loc[assignment["technology"] == "yes", "amount"].sum()
    return PurposeSplit(
        matrix=matrix,
        assignment=assignment,
        technology=float(known),
        technology_at_most=float(matrix.to_numpy().sum()),
        share_unclassified=float(shares[UNCLASSIFIED]),
        share_by_source=shares,
    )


def _override_opinion(rows: pd.DataFrame) -> pd.DataFrame:
    opinion = _silence(rows)
    if "purpose" in rows:
        opinion["purpose"] = rows["purpose"].fillna("").astype(object)
    return opinion


def _initiative_opinion(rows: pd.DataFrame, initiatives: pd.DataFrame) -> pd.DataFrame:
    opinion = _silence(rows)
    if "initiative" in rows:
        purposes = dict(zip(initiatives["id"], initiatives["purpose"], strict=True))
        opinion["purpose"] = rows["initiative"].map(purposes).fillna("").astype(object)
        opinion["nature"] = opinion["purpose"].map(INITIATIVE_NATURE).fillna("").astype(object)
    return opinion


def _contract_opinion(
    rows: pd.DataFrame,
    names: VendorNames,
    contracts: pd.DataFrame,
    catalogue: pd.DataFrame,
    category_purpose: pd.DataFrame,
) -> pd.DataFrame:
    pairs = catalogue.groupby(["capability", "category"]).size().reset_index(name="n")
    pairs = pairs.sort_values(["n", "category"], ascending=[False, True])
    pairs["capability"] = pairs["capability"].str.casefold()
    category = pairs.drop_duplicates("capability").set_index("capability")["category"]
    signed = contracts.assign(
        vendor=names.apply(contracts["vendor"]),
        category=contracts["capability"].str.casefold().map(category),
    ).dropna(subset=["category"])
    signed = signed.sort_values(["annual_price", "capability"], ascending=[False, True])
    by_vendor = signed.drop_duplicates("vendor").set_index("vendor")["category"]
    return _category_opinion(rows["vendor"].map(by_vendor), category_purpose)


def _catalogue_opinion(
    rows: pd.DataFrame, catalogue: pd.DataFrame, category_purpose: pd.DataFrame
) -> pd.DataFrame:
    by_vendor = catalogue.drop_duplicates("name").set_index("name")["category"]
    return _category_opinion(rows["vendor"].map(by_vendor), category_purpose)


def _category_opinion(categories: pd.Series[str], category_purpose: pd.DataFrame) -> pd.DataFrame:
    known = category_purpose.drop_duplicates("category").set_index("category")
    words = _as_words(known)
    return pd.DataFrame(
        {part: categories.map(words[part]).fillna("").astype(object) for part in _OPINION},
        index=categories.index,
    )


def _account_opinion(rows: pd.DataFrame, rules: pd.DataFrame) -> pd.DataFrame:
    opinion = _silence(rows)
    codes, accounts = pd.factorize(rows["account"].fillna("").astype(object))
    chosen = np.full(len(accounts), -1)
    for i, pattern in enumerate(rules["pattern"]):
        try:
            expression = re.compile(pattern, re.IGNORECASE)
        except re.error as error:
            problem = f"is not a regular expression: {error}"
            raise ModelError(f"account_rules.pattern[{i}]", problem, value=pattern) from error
        hit = np.array([bool(expression.search(account)) for account in accounts], dtype=bool)
        chosen[hit & (chosen < 0)] = i
    words = _as_words(rules.reset_index(drop=True))
    rule = pd.Series(chosen[codes] if len(accounts) else -1, index=rows.index)
    for part in _OPINION:
        opinion[part] = rule.map(words[part]).fillna("").astype(object)
    return opinion


def _as_words(frame: pd.DataFrame) -> pd.DataFrame:
    words = frame[["purpose", "nature"]].fillna("").astype(object)
    technology = frame["technology"].astype(bool).map({True: "yes", False: "no"})
    return words.assign(technology=technology.astype(object))


def _silence(rows: pd.DataFrame) -> pd.DataFrame:
    return pd.DataFrame("", index=rows.index, columns=_OPINION, dtype=object)


def _check_words(frame: pd.DataFrame, argument: str) -> None:
    for column, allowed in (("purpose", PURPOSES), ("nature", NATURES)):
        values = frame[column].fillna("")
        wrong = values[~values.isin(["", *allowed])]
        if len(wrong):
            where = f"{argument}.{column}[{wrong.index[0]}]"
            remedy = f"Use {', '.join(allowed)}, or leave it empty."
            raise ModelError(where, "is not known", value=wrong.iloc[0], remedy=remedy)
