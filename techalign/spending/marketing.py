r"""Older media against search, social and video: what is spent, who is reached, what shift pays.

What is spent comes from the ledger; what share of customers a medium reaches is an assumption
unless the client has counted. Each medium is taken to bring customers as the square root of what is
spent on it (twice the money, 1.4 times the customers), which is an assumption too.

Notation
--------
s_i   money spent on medium i; S their sum
r_i   share of customers that medium i reaches
N     customers ~ sum of r_i sqrt(s_i); by the inequality of Cauchy and Schwarz at most
      sqrt(S) sqrt(sum of r_i^2), reached where s_i = S r_i^2 / sum of r_j^2
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.decision import Decision, fit
from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending.agreements import Desk

__all__ = ["MEDIA", "MarketingMix", "marketing_decisions", "marketing_mix"]

MEDIA = ("older media", "search", "social", "video")
"""Media that are compared."""
NOTED_SHARE = 0.2
"""A best split that moves less than this share of the money is not worth a question."""
_REACHED = ("reached", "reached_low", "reached_high")
_SAYS = {
    medium: re.compile(words, re.IGNORECASE)
    for medium, words in {
        "video": r"youtube|\bvideo|vimeo|connected tv|streaming ad",
        "social": r"facebook|facebk|\bmeta\b|instagram|tik ?tok|linkedin|pinterest|snapchat|social",
        "search": r"google|adwords|bing|microsoft advertising|\bsearch\b|\bppc\b|pay per click|yelp"
        r"|online ad|internet ad|display ad|web ad",
        "older media": r"print|news|gazette|herald|radio|\btv\b|television|billboard|outdoor|flyer"
        r"|leaflet|brochure|director|yellow pages|magazine|direct mail|sponsor|signage|press"
        r"|poster",
    }.items()
}
_ADVERTISING = re.compile(
    r"advert|marketing|\bads?\b|adwords|\bppc\b|sponsor|flyer|leaflet|brochure|promotion|werbung",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class MarketingMix:
    """Advertising by medium.

    Attributes
    ----------
    frame : DataFrame
        One row per medium: medium, spent (money), share_of_spend, reached, reached_low,
        reached_high (share of customers, 0 to 1), best (money of the best split), shift (best -
        spent).
    unknown : float
        Money for advertising of which the medium is not known; it takes no part.
    gain : Interval
        Customers more from the best split of the same money, 0.1 for 10 %.
    moved : float
        Money that changes its medium in the best split.

    Examples
    --------
    >>> rows = pd.DataFrame({"vendor": ["Valley Gazette", "Google Ads"], "amount": [900.0, 100.0],
    ...     "account": "Advertising"})
    >>> reach = {"older media": Interval(0.5, 0.5, 0.5), "search": Interval(0.5, 0.5, 0.5)}
    >>> found = marketing_mix(rows, reach)
    >>> found.frame["best"].tolist(), round(found.gain.point, 3)
    ([500.0, 500.0], 0.118)
    """

    frame: pd.DataFrame
    unknown: float
    gain: Interval
    moved: float

    def table(self) -> pd.DataFrame:
        """Give the media to show: none where nothing is spent on a known medium."""
        return self.frame if self.frame["spent"].sum() > 0 else self.frame.iloc[:0]


def marketing_mix(rows: pd.DataFrame, reach: Mapping[str, Interval]) -> MarketingMix:
    """Split advertising by medium and find the split of the same money that reaches most.

    Parameters
    ----------
    rows : DataFrame, n rows
        vendor, amount (money), account. A row is for advertising if its account says so.
    reach : mapping of str to Interval
        Medium of ``MEDIA`` to the share of customers it reaches, 0 to 1.

    Returns
    -------
    MarketingMix
        Of the media of ``reach``; the gain is 0 where nothing is spent.

    Raises
    ------
    ModelError
        If a medium is unknown or a share is not within 0 and 1.

    Examples
    --------
    See :class:`MarketingMix`.
    """
    for name, reached in reach.items():
        if name not in MEDIA:
            remedy = f"Use {', '.join(MEDIA)}."
            raise ModelError("reach", "has an unknown medium", value=name, remedy=remedy)
        if not 0.0 <= reached.low <= reached.point <= reached.high <= 1.0:
            raise ModelError(f"reach[{name}]", "must be within 0 and 1", value=reached)
    account = rows["account"].fillna("").astype(str)
    advertising = {text: bool(_ADVERTISING.search(text)) for text in account.unique()}
    used = rows[account.map(advertising).astype(bool)]
    bought = list(zip(used["vendor"], used["account"], strict=True))
    mediums = {pair: _medium(*pair) for pair in set(bought)}
    paid = used["amount"].groupby(np.array([mediums[p] for p in bought], dtype=object)).sum()
    spent = np.array([max(float(paid.get(name, 0.0)), 0.0) for name in reach])
    ends = np.array([(r.point, r.low, r.high) for r in reach.values()]).reshape(-1, 3)
    best = _best(spent.sum(), ends[:, 0])
    total = spent.sum()
    share = spent / total if total else np.zeros(len(spent))
    columns = (list(reach), spent, share, *ends.T, best, best - spent)
    names = ("medium", "spent", "share_of_spend", *_REACHED, "best", "shift")
    return MarketingMix(
        frame=pd.DataFrame(dict(zip(names, columns, strict=True))),
        unknown=float(paid.get("", 0.0)),
        gain=_gain(spent, ends),
        moved=float(np.maximum(best - spent, 0.0).sum()),
    )


def _medium(vendor: str, account: str) -> str:
    """The medium a name or an account speaks of, the name first; empty for none."""
    for text in (vendor, account):
        for name, words in _SAYS.items():
            if words.search(str(text)):
                return name
    return ""


def _best(total: float, reach: np.ndarray) -> np.ndarray:
    squares = reach**2
    return np.asarray(total * squares / squares.sum()) if squares.sum() else np.zeros(len(reach))


def _gain(spent: np.ndarray, ends: np.ndarray) -> Interval:
    """Customers more from the best split, over every combination of the ends of the reaches."""
    if not spent.sum() or not ends[:, 0].any():
        return Interval(0.0, 0.0, 0.0, 1.0)
    corners = np.array(np.meshgrid(*[row[1:] for row in ends], indexing="ij"))
    corners = corners.reshape(len(ends), -1)
    best = _best(spent.sum(), ends[:, 0])

    def more(reach: np.ndarray) -> np.ndarray:
        now = (reach * np.sqrt(spent)[:, None]).sum(axis=0)
        then = (reach * np.sqrt(best)[:, None]).sum(axis=0)
        return np.asarray(then / np.maximum(now, 1e-12) - 1.0)

    point, each = float(more(ends[:, :1])[0]), more(corners)
    return Interval(point, min(float(each.min()), point), max(float(each.max()), point), 1.0)


def marketing_decisions(desk: Desk, mix: MarketingMix) -> list[Decision]:
    """Ask which medium brings customers where the split of the money looks far from the best.

    Parameters
    ----------
    desk : Desk
    mix : MarketingMix

    Returns
    -------
    list of Decision
        One of kind "ask": the reach of a medium is assumed, so what moving money is worth is not
        known before the client has counted. None where little would move, or where some
        combination of the assumed reaches makes the move a loss.
    """
    total = float(mix.frame["spent"].sum())
    if total <= 0 or mix.moved < NOTED_SHARE * total or mix.gain.low <= 0:
        return []
    by_shift = mix.frame.sort_values("shift", kind="stable").to_dict("records")
    start, end = by_shift[0], by_shift[-1]
    return [
        desk.ask(
            what=fit(
                (str(start["medium"]),),
                f"Count where customers come from; perhaps move {desk.money(mix.moved)} from {{}}",
            ),
            subject="advertising",
            topic="media",
            because=f"{start['share_of_spend']:.0%} of {desk.money(total)} a year goes to "
            f"{start['medium']}. If media reach customers as assumed, the same money split "
            f"otherwise, most of the move to {end['medium']}, would bring {mix.gain.low:.0%} to "
            f"{mix.gain.high:.0%} more.",
            evidence="What technology money is for",
            basis="judgement",
            assumes=tuple(f"reach_{name.replace(' ', '_')}" for name in mix.frame["medium"]),
        )
    ]
