"""How past chances did: vendors that were given a chance to cease, and those that have since.

A chance was given for one year. A review less than a year old is scored with the part of the
year that has passed, taking the hazard as even over it; of an older one only its first year
counts. Who has ceased is what the present report recorded as ``"ceased"`` (vendor, date).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from techalign.numbers.formatting import format_date
from techalign.review.history import review_name
from techalign.review.records import Record
from techalign.review.vendor_blocks import Ceased, Vendors
from techalign.text import folded

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["VendorScores", "pool_scores", "score_vendors"]

_YEAR = 365.25
_COLUMNS = ("client", "review", "years", "vendor", "pd", "ceased", "date")
_UNLIKELY = 0.05  # below this, so many failures speak against the chances that were given


@dataclass(frozen=True, eq=False)
class VendorScores:
    """Chances with what became of them.

    Attributes
    ----------
    chances : DataFrame
        client, review (its quarter), years (from then to now, at most 1), vendor, pd (chance to
        have ceased by now), ceased (whether it has), date (when, or NaT).
    known : bool
        Whether any present report says which vendors have ceased.
    left : int
        Vendors that are in no present register and not known to have ceased: not scored.
    asked : bool
        Whether there was an earlier review to score.
    """

    chances: pd.DataFrame
    known: bool
    left: int
    asked: bool

    def by_review(self, rho: float = 0.15) -> pd.DataFrame:
        """Expected against observed for each review, the latest first.

        Parameters
        ----------
        rho : float
            Correlation of vendors through their common factor, an assumption.

        Returns
        -------
        DataFrame
            review, years, companies, expected, low, high (the 90% range of the number under
            the chances), ceased, p_value (chance of so many or more), brier, brier_none (of
            saying that nobody ceases).
        """
        import pandas as pd

        from techalign.vendors import brier, count_test

        rows = []
        for review, part in self.chances.groupby("review", sort=True):
            chance, gone = part["pd"].to_numpy(float), part["ceased"].to_numpy(bool)
            most, least = (count_test(chance, int(gone.sum()), rho=rho, level=q)
                           for q in (0.95, 0.05))  # fmt: skip
            rows.append(
                (review, float(part["years"].max()), len(part), most.expected, least.limit,
                 most.limit, int(gone.sum()), most.p_value, brier(chance, gone),
                 float(gone.mean()))
            )  # fmt: skip
        columns = ["review", "years", "companies", "expected", "low", "high", "ceased",
                   "p_value", "brier", "brier_none"]  # fmt: skip
        return pd.DataFrame(rows[::-1], columns=columns)

    def groups(self) -> pd.DataFrame:
        """Vendors in up to four groups by their chance: count, forecast, observed, events."""
        from techalign.vendors import calibration

        return calibration(
            self.chances["pd"].to_numpy(float), self.chances["ceased"].to_numpy(bool), groups=4
        ).groups

    @property
    def sentence(self) -> str:
        """What became of the chances of the last review, in words."""
        if not self.asked:
            return ""
        if not self.known:
            return (
                "The vendor register does not say which companies have ceased, so the chances "
                "given at earlier reviews cannot be scored yet."
            )
        if self.chances.empty:
            return "No company of an earlier review can be scored yet."
        last = self.by_review().iloc[0]
        part = self.chances[self.chances["review"] == last["review"]]
        low, high = int(last["low"]), int(last["high"])
        usual = f" ({low} to {high})" if high > low else ""
        return (
            f"At the review of {review_name(str(last['review']))} a chance to cease was given for "
            f"{len(part)} compan{'ies' if len(part) != 1 else 'y'}. By now about "
            f"{last['expected']:.1f}{usual} should have ceased; {_gone(part)}. {_verdict(last)}"
        )


def score_vendors(now: Sequence[Record], earlier: Mapping[str, Sequence[Record]]) -> VendorScores:
    """Compare a client's earlier chances with what has happened since.

    Parameters
    ----------
    now : sequence of Record
        The client's present records.
    earlier : mapping of str to sequence of Record
        Those of earlier quarters.
    """
    import pandas as pd

    present = {record.notebook: record for record in now if record.block(Vendors)}
    rows: list[tuple[Any, ...]] = []
    left: set[str] = set()
    known = asked = False
    for quarter, records in sorted(earlier.items()):
        for old in records:
            new = present.get(old.notebook)
            if new is None or not old.rows(Vendors):
                continue
            asked = True
            if new.block(Ceased) is None:
                continue
            known = True
            found, gone = _score(old, new, quarter)
            rows += found
            left |= gone
    frame = pd.DataFrame(rows, columns=list(_COLUMNS))
    return VendorScores(frame.astype({"pd": float, "ceased": bool}), known, len(left), asked)


def pool_scores(scored: Iterable[VendorScores]) -> VendorScores:
    """Put the scores of several clients together."""
    import pandas as pd

    every = list(scored)
    frames = [s.chances for s in every if len(s.chances)]
    empty = pd.DataFrame(columns=list(_COLUMNS))
    return VendorScores(
        pd.concat(frames, ignore_index=True) if frames else empty,
        any(s.known for s in every),
        sum(s.left for s in every),
        any(s.asked for s in every),
    )


def _score(old: Record, new: Record, quarter: str) -> tuple[list[tuple[Any, ...]], set[str]]:
    """Rows of one review, and the vendors nobody knows the fate of."""
    then, today = (dt.date.fromisoformat(r.as_of) for r in (old, new))
    years = min((today - then).days / _YEAR, 1.0)
    end = min(today, then + dt.timedelta(days=round(_YEAR)))
    ends = {folded(row.vendor): row.date for row in new.rows(Ceased) if row.date}
    here = {folded(row.vendor) for row in new.rows(Vendors)}
    rows: list[tuple[Any, ...]] = []
    left = set()
    for row in old.rows(Vendors):
        name = folded(row.vendor)
        day = ends.get(name)
        if day is not None and day <= then:
            continue
        if day is None and name not in here:
            left.add(name)
            continue
        chance = 1.0 - (1.0 - row.pd) ** years
        gone = day is not None and day <= end
        rows.append((old.client, quarter, years, row.vendor, chance, gone, day))
    return rows, left


def _gone(part: pd.DataFrame) -> str:
    gone = part[part["ceased"]]
    if gone.empty:
        return "none has"
    first = gone.head(5)
    named = [f"{v} ({format_date(d)})" for v, d in zip(first["vendor"], first["date"], strict=True)]
    more = f" and {len(gone) - 5} more" if len(gone) > 5 else ""
    return f"{len(gone)} ha{'ve' if len(gone) != 1 else 's'}: {', '.join(named)}{more}"


def _verdict(review: pd.Series) -> str:
    if review["p_value"] < _UNLIKELY:
        return "That is more than these chances can explain: they were too low."
    return "That is within what these chances allow."
