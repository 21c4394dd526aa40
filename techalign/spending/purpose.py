"""What the money is for: four purposes by run, grow and transform.

Each row is decided by the most particular source that has an opinion: the ledger's own
override, the vendor's contract, the initiative it is booked on, the vendor's entry in the
catalogue, a rule on the account. What none of them decides is unclassified, and shown.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from math import fsum
from typing import TypeVar

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.spending.ledger import last_12_months, own_currency
from techalign.spending.names import VendorNames

__all__ = [
    "INITIATIVE_NATURE",
    "NATURES",
    "PURPOSES",
    "SOURCES",
    "PurposeSplit",
    "PurposeTables",
    "classify_purpose",
    "contract_categories",
    "decide_purpose",
    "usual_categories",
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

_DECIDED = ("technology", "purpose", "nature", "source")
_STATED = ("override", "initiative")
"""Sources that state a purpose only."""
_Opinion = tuple[str, str, str]  # technology, purpose and nature; "" for none
_Opinions = Mapping[str, _Opinion]  # by source, the most particular first
_SILENCE: _Opinion = ("", "", "")
_T = TypeVar("_T")


@dataclass(frozen=True, kw_only=True)
class PurposeTables:
    """The tables that say what money is for, beside the ledger itself.

    Parameters
    ----------
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

    Examples
    --------
    Where no table says anything, each is empty and has its columns.

    >>> opinions = ["technology", "purpose", "nature"]
    >>> tables = PurposeTables(
    ...     catalogue=pd.DataFrame(columns=["name", "aliases", "capability", "category"]),
    ...     category_purpose=pd.DataFrame(columns=["category", *opinions]),
    ...     account_rules=pd.DataFrame(columns=["pattern", *opinions]),
    ...     contracts=pd.DataFrame(columns=["vendor", "capability", "annual_price"]),
    ...     initiatives=pd.DataFrame(columns=["id", "purpose"]))
    >>> len(tables.catalogue)
    0
    """

    catalogue: pd.DataFrame
    category_purpose: pd.DataFrame
    account_rules: pd.DataFrame
    contracts: pd.DataFrame
    initiatives: pd.DataFrame


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

    Examples
    --------
    >>> from techalign.spending import merge_vendors
    >>> catalogue = pd.DataFrame({"name": ["Zoom"], "aliases": [""], "capability": ["meetings"],
    ...     "category": ["software"]})
    >>> ledger = pd.DataFrame({
    ...     "date": pd.to_datetime(["2026-03-03", "2026-04-03"]), "vendor_raw": ["ZOOM.US", "Acme"],
    ...     "amount": [300.0, 100.0], "account": ["", "Rent"]})
    >>> tables = PurposeTables(
    ...     catalogue=catalogue,
    ...     category_purpose=pd.DataFrame({"category": ["software"], "technology": [True],
    ...         "purpose": ["contain"], "nature": ["run"]}),
    ...     account_rules=pd.DataFrame({"pattern": ["rent"], "technology": [False],
    ...         "purpose": [""], "nature": [""]}),
    ...     contracts=pd.DataFrame(columns=["vendor", "capability", "annual_price"]),
    ...     initiatives=pd.DataFrame(columns=["id", "purpose"]))
    >>> names = merge_vendors(ledger["vendor_raw"], catalogue)
    >>> split = classify_purpose(
    ...     ledger, names, tables, client_currency="USD", as_of=dt.date(2026, 6, 30))
    >>> print(split.by_purpose()["contain"], split.share_by_source["account rule"])
    300.0 0.25
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

    def undecided(self) -> pd.DataFrame:
        """Give the rows of which no source knows whether they are for technology."""
        return self.assignment[self.assignment["technology"] == "unknown"]


def classify_purpose(
    ledger: pd.DataFrame,
    names: VendorNames,
    tables: PurposeTables,
    *,
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
    tables : PurposeTables
        What else has an opinion.
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

    Examples
    --------
    >>> from techalign.spending import merge_vendors
    >>> catalogue = pd.DataFrame({"name": ["Zoom"], "aliases": [""], "capability": ["meetings"],
    ...     "category": ["software"]})
    >>> ledger = pd.DataFrame({
    ...     "date": pd.to_datetime(["2026-03-03", "2026-04-03"]), "vendor_raw": ["ZOOM.US", "Acme"],
    ...     "amount": [300.0, 100.0], "account": ["", "Rent"]})
    >>> tables = PurposeTables(
    ...     catalogue=catalogue,
    ...     category_purpose=pd.DataFrame({"category": ["software"], "technology": [True],
    ...         "purpose": ["contain"], "nature": ["run"]}),
    ...     account_rules=pd.DataFrame({"pattern": ["rent"], "technology": [False],
    ...         "purpose": [""], "nature": [""]}),
    ...     contracts=pd.DataFrame(columns=["vendor", "capability", "annual_price"]),
    ...     initiatives=pd.DataFrame(columns=["id", "purpose"]))
    >>> names = merge_vendors(ledger["vendor_raw"], catalogue)
    >>> split = classify_purpose(
    ...     ledger, names, tables, client_currency="USD", as_of=dt.date(2026, 6, 30))
    >>> split.technology, split.assignment["source"].tolist()
    (300.0, ['catalogue', 'account rule'])
    """
    kept = own_currency(ledger, client_currency) & last_12_months(ledger["date"], as_of)
    rows = ledger[kept].assign(vendor=lambda f: names.apply(f["vendor_raw"]))
    return _split(decide_purpose(rows, names, tables))


def decide_purpose(rows: pd.DataFrame, names: VendorNames, tables: PurposeTables) -> pd.DataFrame:
    """Decide rows of any time, see :func:`classify_purpose`.

    Parameters
    ----------
    rows : DataFrame
        Rows of the ledger table with the column ``vendor``.
    names : VendorNames
    tables : PurposeTables

    Returns
    -------
    DataFrame
        As :attr:`PurposeSplit.assignment`.
    """
    _check_words(tables.category_purpose, "category_purpose")
    _check_words(tables.account_rules, "account_rules")
    kept = _first(tables.category_purpose["category"], _as_words(tables.category_purpose))
    signed = contract_categories(names, tables.contracts, tables.catalogue)
    known = _first(tables.catalogue["name"], tables.catalogue["category"])
    of_initiative = _initiative_opinions(tables.initiatives)
    of_account, booked = _account_opinion(tables.account_rules), "account" in rows

    def opinions(purpose: str, vendor: str, initiative: str, account: str) -> _Opinions:
        return {
            "override": ("", purpose, ""),
            "contract": kept.get(signed.get(vendor, ""), _SILENCE),
            "initiative": of_initiative.get(initiative, _SILENCE),
            "catalogue": kept.get(known.get(vendor, ""), _SILENCE),
            "account rule": of_account(account) if booked else _SILENCE,
        }

    told = ("purpose", "vendor", "initiative", "account")
    said = list(zip(*(_values(rows, column) for column in told), strict=True))
    # a ledger says the same few things again and again
    decided = {what: _decide(opinions(*what)) for what in dict.fromkeys(said)}
    words = np.array([decided[what] for what in said], dtype=object).reshape(-1, len(_DECIDED))
    money = {"vendor": rows["vendor"].to_numpy(), "amount": rows["amount"].to_numpy()}
    columns = dict(zip(_DECIDED, words.T, strict=True))
    return pd.DataFrame({**money, **columns}, index=rows.index)


def _values(rows: pd.DataFrame, column: str) -> list[str]:
    """A column, "" where it is empty or there is none."""
    if column not in rows:
        return [""] * len(rows)
    values: list[str] = rows[column].fillna("").tolist()
    return values


def _decide(opinions: _Opinions) -> tuple[str, str, str, str]:
    """Let the first source with an opinion decide, and later ones fill what it leaves open."""
    source = technology = purpose = nature = ""
    for name, (its_technology, its_purpose, its_nature) in opinions.items():
        if not source and (its_technology or its_purpose or its_nature):
            source = name
        # a purpose decided by one source must not be mixed with another's nature,
        # except that override and initiative state no nature
        if source == name:
            purpose = purpose or its_purpose
        if source == name or source in _STATED:
            technology = technology or its_technology
            nature = nature or its_nature
    technology = technology or ("yes" if source in _STATED else "unknown")
    return technology, purpose or UNCLASSIFIED, nature or UNCLASSIFIED, source or UNCLASSIFIED


def _split(assignment: pd.DataFrame) -> PurposeSplit:
    purposes, natures = [*PURPOSES, UNCLASSIFIED], [*NATURES, UNCLASSIFIED]
    said = ("technology", "purpose", "nature", "source", "amount")
    sums: dict[tuple[str, str], list[float]] = {}
    charged: dict[str, list[float]] = {source: [] for source in SOURCES}
    known: list[float] = []
    for technology, purpose, nature, source, amount in zip(
        *(assignment[name].tolist() for name in said), strict=True
    ):
        if technology != "no":
            sums.setdefault((purpose, nature), []).append(amount)
        if technology == "yes":
            known.append(amount)
        charged[source].append(max(amount, 0.0))
    matrix = pd.DataFrame(
        [[fsum(sums.get((purpose, nature), ())) for nature in natures] for purpose in purposes],
        index=pd.Index(purposes, name="purpose"),
        columns=pd.Index(natures, name="nature"),
        dtype=float,
    )
    by_source = pd.Series({source: fsum(charges) for source, charges in charged.items()})
    shares = (by_source / (by_source.sum() or np.nan)).rename("share").rename_axis("source")
    return PurposeSplit(
        matrix=matrix,
        assignment=assignment,
        technology=fsum(known),
        technology_at_most=float(matrix.to_numpy().sum()),
        share_unclassified=float(shares[UNCLASSIFIED]),
        share_by_source=shares,
    )


def _initiative_opinions(initiatives: pd.DataFrame) -> dict[str, _Opinion]:
    purposes = zip(initiatives["id"], initiatives["purpose"].fillna(""), strict=True)
    return {name: ("", purpose, INITIATIVE_NATURE.get(purpose, "")) for name, purpose in purposes}


def usual_categories(catalogue: pd.DataFrame) -> dict[str, str]:
    """Give the most frequent category of each capability, casefolded, in a catalogue."""
    pairs = Counter(zip(catalogue["capability"], catalogue["category"], strict=True))
    usual: dict[str, str] = {}
    for capability, category in sorted(pairs, key=lambda pair: (-pairs[pair], pair[1], pair[0])):
        usual.setdefault(capability.casefold(), category)
    return usual


def contract_categories(
    names: VendorNames, contracts: pd.DataFrame, catalogue: pd.DataFrame
) -> dict[str, str]:
    """Give each vendor the category most frequent for what its dearest contract does."""
    usual = usual_categories(catalogue)
    signed = zip(
        names.apply(contracts["vendor"]),
        contracts["capability"],
        contracts["annual_price"],
        strict=True,
    )
    categories: dict[str, str] = {}
    for vendor, capability, _ in sorted(signed, key=lambda row: (-row[2], row[1])):
        if capability.casefold() in usual:
            categories.setdefault(vendor, usual[capability.casefold()])
    return categories


def _account_opinion(rules: pd.DataFrame) -> Callable[[str], _Opinion]:
    patterns = tuple(rules["pattern"])
    _expressions(patterns)  # one that is wrong is named, whether or not a row has an account
    words = _as_words(rules)

    def opinion(account: str) -> _Opinion:
        rule = _first_match(account, patterns)
        return _SILENCE if rule is None else words[rule]

    return opinion


@functools.lru_cache(maxsize=4)
def _expressions(patterns: tuple[str, ...]) -> tuple[re.Pattern[str], ...]:
    """Compile the account rules: longer than a ledger takes, and the same for every client."""
    expressions = []
    for i, pattern in enumerate(patterns):
        try:
            expressions.append(re.compile(pattern, re.IGNORECASE))
        except re.error as error:
            problem = f"is not a regular expression: {error}"
            raise ModelError(f"account_rules.pattern[{i}]", problem, value=pattern) from error
    return tuple(expressions)


@functools.lru_cache(maxsize=1024)  # one year's rows and all of them hold the same accounts
def _first_match(account: str, patterns: tuple[str, ...]) -> int | None:
    """The position of the first rule that speaks of an account; None where none does."""
    hits = (i for i, found in enumerate(_expressions(patterns)) if found.search(account))
    return next(hits, None)


def _as_words(frame: pd.DataFrame) -> list[_Opinion]:
    technology = ("yes" if known else "no" for known in frame["technology"])
    purposes, natures = frame["purpose"].fillna(""), frame["nature"].fillna("")
    return list(zip(technology, purposes, natures, strict=True))


def _first(keys: pd.Series[str], values: Iterable[_T]) -> dict[str, _T]:
    """Map keys to values; the first of equal keys wins."""
    first: dict[str, _T] = {}
    for key, value in zip(keys, values, strict=True):
        first.setdefault(key, value)
    return first


def _check_words(frame: pd.DataFrame, argument: str) -> None:
    for column, allowed in (("purpose", PURPOSES), ("nature", NATURES)):
        for place, value in zip(frame.index, frame[column].fillna(""), strict=True):
            if value not in ("", *allowed):
                where = f"{argument}.{column}[{place}]"
                remedy = f"Use {', '.join(allowed)}, or leave it empty."
                raise ModelError(where, "is not known", value=value, remedy=remedy)
