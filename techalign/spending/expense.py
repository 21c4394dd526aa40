"""Whether a payment is for technology, guessed from the supplier's name and the account.

Where no contract, catalogue or account rule knows a supplier, its name still tells something:
"Oakfield Telecom", "Hartley Data Systems". A logistic model with many small weights [1] on pieces
and words of the name gives a probability, calibrated on suppliers of bodies it had not seen. It
proposes; below a threshold a person decides, and no guess ever changes a sum. Memos are not read:
where a body had them, less of its money for technology was found with them than without.

Notation
--------
x   tokens of a name: pieces of 3 to 5 letters of each word ("#oak"), each 1 / sqrt(number of
    pieces); single words and pairs of words ("oak telecom"), each 1
z   sum of w x over the tokens, and half of w over the single words of the account
p   1 / (1 + exp(-(a + b z))), a and b fitted on names left out

References
----------
[1] le Cessie and van Houwelingen (1992), "Ridge estimators in logistic regression", Applied
    Statistics 41: a squared penalty, which shares a weight among tokens that go together.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending.spelling import REDACTED, normalise

__all__ = ["EXPENSE_CATEGORIES", "ExpenseGuesses", "classify_expense", "name_tokens"]

EXPENSE_CATEGORIES = (
    "internet and telephone",
    "business software",
    "computers",
    "IT services",
)
"""What a guess can say of technology; each is a category of the catalogue."""
WORD_WEIGHT = 1.0
TEXT_WEIGHT = 0.5
"""How much a word of the account counts against one of the name."""
_INTERCEPT, _SLOPE = "(intercept)", "(slope)"
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class ExpenseGuesses:
    """What is guessed of suppliers.

    Attributes
    ----------
    frame : DataFrame
        One row per supplier, the most money first: vendor, amount (charges less credits),
        probability (that it is for technology, 0 to 1), category (of those of
        ``EXPENSE_CATEGORIES`` the likeliest, were it technology), verdict (technology, review or
        other).
    sure, doubtful : float
        Probabilities from which the verdict is technology, and review.

    Examples
    --------
    >>> words = pd.DataFrame({"token": ["(intercept)", "(slope)", "telecom"],
    ...     "technology": [-3.0, 1.0, 10.0], **{name: 0.0 for name in EXPENSE_CATEGORIES}})
    >>> rows = pd.DataFrame({"vendor": ["Oak Telecom", "Oak Farm"], "amount": [9.0, 5.0]})
    >>> found = classify_expense(rows, words)
    >>> found.frame["verdict"].tolist(), round(found.expected, 1)
    (['technology', 'other'], 9.2)
    >>> round(found.total(Interval(0.6, 0.2, 1.7)).high, 1)  # no more than was paid
    14.0
    """

    frame: pd.DataFrame
    sure: float
    doubtful: float

    @property
    def expected(self) -> float:
        """Money times probability, over all suppliers."""
        return float((self.frame["amount"] * self.frame["probability"]).sum())

    def total(self, factor: Interval) -> Interval:
        """Tell the money for technology, where names are as wrong about all as elsewhere.

        Parameters
        ----------
        factor : Interval
            Times what names tell that the true total is, from bodies that knew it.

        Returns
        -------
        Interval
            Money; no more than all that was paid.
        """
        told = max(self.expected, 0.0)
        most = float(self.frame["amount"].clip(lower=0.0).sum())
        point, low, high = (min(told * x, most) for x in (factor.point, factor.low, factor.high))
        return Interval(point, low, high, factor.level)

    def review(self) -> pd.DataFrame:
        """Give the suppliers a person should look at: likely, or perhaps, for technology."""
        return self.frame[self.frame["verdict"] != "other"]


def classify_expense(
    rows: pd.DataFrame,
    words: pd.DataFrame,
    *,
    sure: float = 0.5,
    doubtful: float = 0.2,
) -> ExpenseGuesses:
    """Guess of each supplier whether what it is paid for is technology, and which.

    Parameters
    ----------
    rows : DataFrame, n rows
        vendor, amount; account where there is one. Redacted names take no part.
    words : DataFrame
        token, technology (its weight), and one weight per category; the rows ``(intercept)`` and
        ``(slope)`` hold a and b.
    sure, doubtful : float
        Probabilities from which the verdict is technology, and review; 0 to 1.

    Returns
    -------
    ExpenseGuesses

    Raises
    ------
    ModelError
        If a column or one of the two rows is missing, or the thresholds are out of order.

    Examples
    --------
    See :class:`ExpenseGuesses`.
    """
    missing = [c for c in ("vendor", "amount") if c not in rows]
    if missing:
        raise ModelError("rows", f"has no column {', '.join(missing)}")
    columns = ["technology", *EXPENSE_CATEGORIES]
    if not {"token", *columns} <= set(words) or not {_INTERCEPT, _SLOPE} <= set(words["token"]):
        raise ModelError("words", "lacks a column, or the intercept and the slope")
    if not 0.0 < doubtful <= sure < 1.0:
        raise ModelError("doubtful", "must be above 0 and at most sure", value=doubtful)
    weights = words[columns].to_numpy(dtype=float)
    at = {token: i for i, token in enumerate(words["token"])}
    used = rows[rows["vendor"] != REDACTED]
    codes, vendors = pd.factorize(used["vendor"].to_numpy(dtype=object), sort=True)
    amount = np.bincount(
        codes, weights=used["amount"].to_numpy(dtype=float), minlength=len(vendors)
    )
    texts = _texts(used, codes, len(vendors))
    keys = normalise(list(vendors)).tolist() if len(vendors) else []
    scores = np.zeros((len(vendors), len(columns)))
    for i, (key, text) in enumerate(zip(keys, texts, strict=True)):
        for token, value in [*name_tokens(key).items(), *((w, TEXT_WEIGHT) for w in text)]:
            if token in at:
                scores[i] += value * weights[at[token]]
    a, b = weights[at[_INTERCEPT]], weights[at[_SLOPE]]
    probability = 1.0 / (1.0 + np.exp(-(a[0] + b[0] * scores[:, 0])))
    kind = np.array(EXPENSE_CATEGORIES, dtype=object)[(a[1:] + scores[:, 1:]).argmax(axis=1)]
    verdict = np.where(
        probability >= sure, "technology", np.where(probability >= doubtful, "review", "other")
    )
    order = np.argsort(-amount, kind="stable")
    columns_shown = {
        "vendor": vendors,
        "amount": amount,
        "probability": probability,
        "category": kind,
        "verdict": verdict.astype(object),
    }
    frame = pd.DataFrame({name: values[order] for name, values in columns_shown.items()})
    return ExpenseGuesses(frame, sure, doubtful)


def name_tokens(key: str) -> dict[str, float]:
    """Give the tokens of a normalised name with their values.

    Parameters
    ----------
    key : str
        From ``normalise``.

    Returns
    -------
    dict of str to float

    Examples
    --------
    >>> tokens = name_tokens("oak it")
    >>> "#oak" in tokens, "# it " in tokens, tokens["oak it"]
    (True, True, 1.0)
    """
    words = key.split()
    pieces = {
        padded[i : i + n]
        for padded in (f" {word} " for word in words if word.isalpha())
        for n in (3, 4, 5)
        for i in range(len(padded) - n + 1)
    }
    value = 1.0 / np.sqrt(len(pieces)) if pieces else 0.0
    tokens = {f"#{piece}": float(value) for piece in pieces}
    for word in [*words, *map(" ".join, pairwise(words))]:
        tokens[word] = WORD_WEIGHT
    return tokens


def _texts(rows: pd.DataFrame, codes: np.ndarray, vendors: int) -> list[set[str]]:
    """Give the distinct words of the accounts of each supplier."""
    texts: list[set[str]] = [set() for _ in range(vendors)]
    if "account" in rows:
        pairs = set(zip(codes.tolist(), rows["account"].fillna("").astype(str), strict=True))
        for code, text in pairs:
            texts[code] |= set(_WORD.findall(text.casefold()))
    return texts
