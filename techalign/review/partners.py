"""Partners in the review: monthly forecasts, and what was then sold."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from techalign.numbers.formatting import compact, format_chance
from techalign.numbers.intervals import Interval
from techalign.report.blocks import Column, note, table
from techalign.report.page import Section
from techalign.review.block import Block, BlockRow, Money
from techalign.review.decisions import Decided
from techalign.review.records import Ends, Record, figure_of
from techalign.review.since import scored_section
from techalign.review.subject import Clients, Earlier, Force, Part, Subject

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LEVEL", "SUBJECT", "Actual", "Forecast", "Scored", "calibrate", "pool"]

_MISSED = "Chance that the plan as a whole is missed"
_PAID_BACK = "Chance that the channel has paid back by then"
_SALES = "Partner sales, next 12 months"
_AT_ONCE = 4  # clients on the portfolio that are not folded
LEVEL = 0.8
"""Probability the recorded intervals claim to hold."""

_COLUMNS = ("client", "review", "month", "point", "low", "high", "actual", "inside")


class ForecastRow(BlockRow):
    """What partners should sell in a month; the point need not lie in the middle."""

    month: dt.date
    point: Money
    low: Money
    high: Money


class Forecast(Block):
    """Sales through all partners in the coming months."""

    name: ClassVar = "forecast"
    rows: tuple[ForecastRow, ...]


class ActualRow(BlockRow):
    """What partners have sold in a month."""

    month: dt.date
    value: Money


class Actual(Block):
    """Sales through all partners in the months that have passed."""

    name: ClassVar = "actual"
    rows: tuple[ActualRow, ...]


@dataclass(frozen=True, eq=False)
class Scored:
    """Forecasts with what became of them.

    Attributes
    ----------
    forecasts : DataFrame
        client, review (the quarter of the forecast), month (ISO day), point, low, high and
        actual (money), inside (whether the actual lies in the interval).
    """

    forecasts: pd.DataFrame

    @property
    def share_inside(self) -> float:
        """Share of the actuals inside their intervals; NaN if none can be compared."""
        return float(self.forecasts["inside"].mean())

    @property
    def sentence(self) -> str:
        """The result in words."""
        count = len(self.forecasts)
        if count == 0:
            return (
                "No past forecast can be compared yet: that takes reports of an earlier quarter "
                "and sales of the months after it."
            )
        inside = int(self.forecasts["inside"].sum())
        reviews = self.forecasts[["client", "review"]].drop_duplicates()
        return (
            f"Of {count} monthly forecasts made at {len(reviews)} earlier "
            f"review{'s' if len(reviews) != 1 else ''}, {inside} ({self.share_inside:.0%}) came "
            f"true inside their range, which is meant to hold {LEVEL:.0%} of them."
        )


def calibrate(now: Sequence[Record], earlier: Earlier) -> Scored:
    """Compare a client's earlier forecasts with the present actuals.

    Parameters
    ----------
    now : sequence of Record
        The client's present records.
    earlier : mapping of str to sequence of Record
        Those of earlier quarters.
    """
    import pandas as pd

    actual = {
        (record.notebook, row.month): row.value for record in now for row in record.rows(Actual)
    }
    rows = [
        (record.client, quarter, f"{row.month}", row.point, row.low, row.high, sold,
         row.low <= sold <= row.high)
        for quarter, records in sorted(earlier.items())
        for record in records
        for row in record.rows(Forecast)
        if (sold := actual.get((record.notebook, row.month))) is not None
        # what both reviews already knew was no forecast
        and row.month not in {known.month for known in record.rows(Actual)}
    ]  # fmt: skip
    return Scored(pd.DataFrame(rows, columns=list(_COLUMNS)))


def pool(scored: Iterable[Scored]) -> Scored:
    """Put the scores of several clients together."""
    import pandas as pd

    frames = [s.forecasts for s in scored if len(s.forecasts)]
    empty = pd.DataFrame(columns=list(_COLUMNS))
    return Scored(pd.concat(frames, ignore_index=True) if frames else empty)


def _scores(now: Record, earlier: Earlier) -> Section | None:
    """How the last review's monthly forecasts did."""
    block = now.block(Forecast)
    if block is None:
        return None
    import pandas as pd

    scored = calibrate([now], earlier)
    months = scored.forecasts[scored.forecasts["review"] == max(earlier)]
    html = note(scored.sentence).html
    if len(months):
        html += table(
            months.assign(
                inside=["yes" if i else "no" for i in months["inside"]],
                month=[f"{day:%b %Y}" for day in pd.to_datetime(months["month"])],
                point_low=months["low"],
                point_high=months["high"],
            ),
            caption="Forecast of the last review, and what was then sold",
            level=LEVEL,
            columns={
                "month": "Month",
                "point": ("Forecast", block.unit),
                "actual": ("Sold", block.unit),
                "inside": "Inside the range",
            },
        ).html
    return scored_section(html)


def _stands(records: Sequence[Record]) -> str:
    """How likely the plan is to be missed, or what is to come where there is none."""
    gap = next(
        (
            row
            for r in records
            for row in r.rows(Decided)
            if (row.subject, row.topic) == ("plan", "gap")
        ),
        None,
    )
    if gap is not None and gap.pays is not None:
        return f"is {format_chance(gap.pays)} likely to sell less through partners than planned"
    sales = figure_of(records, _SALES)
    if sales is None:
        return ""
    return f"should sell {compact(sales.ends.point, sales.unit)} through partners in 12 months"


def _sentence(now: Sequence[Record], earlier: Earlier) -> str:
    scored = calibrate(now, earlier)
    return scored.sentence if len(scored.forecasts) else ""


def _portfolio(clients: Clients) -> Mapping[str, Sequence[Part]]:
    """What partners should sell, client by client."""
    import pandas as pd

    by_currency: dict[str, list[tuple[str, str, float, float, float]]] = defaultdict(list)
    for records in clients.values():
        for record in records:
            found = _leading(record)
            if found is not None:
                label, unit, ends = found
                by_currency[unit].append(
                    (record.client_name, label, ends.point, ends.low, ends.high)
                )
    parts = {}
    for money, rows in by_currency.items():
        columns = ["client_name", "label", "point", "point_low", "point_high"]
        frame = pd.DataFrame(rows, columns=columns)
        frame = frame.sort_values("point", ascending=False, kind="stable")
        labels = list(dict.fromkeys(frame["label"]))
        several = {"label": "What"} if len(labels) > 1 else {}
        html = table(
            frame,
            caption=f"{labels[0] if len(labels) == 1 else 'What partners should sell'} ({money})",
            columns={
                "client_name": "Client",
                **several,
                "point": Column("Forecast", money, sum=True),
            },
            total="All together, ends added up",
            level=LEVEL,
            source="the clients' partner reports",
            shown=_AT_ONCE,
        ).html
        parts[money] = (Part("Partners", html),)
    return parts


def _leading(record: Record) -> tuple[str, str, Interval] | None:
    """Headline money of a report that hands a forecast on; the forecast's sum leads it."""
    block = record.block(Forecast)
    if block is None or not block.rows:
        return None
    for figure in record.figures:
        if figure.unit == block.unit and isinstance(figure.value, Ends):
            return figure.label, figure.unit, figure.ends
    return None


def _practice(clients: Clients, earlier: Mapping[str, Earlier]) -> Part:
    """Past forecasts of all clients."""
    scored = pool(calibrate(now, earlier[c]) for c, now in clients.items() if earlier.get(c))
    html = note(scored.sentence).html
    if len(scored.forecasts):
        names = {client: records[0].client_name for client, records in clients.items()}
        found = scored.forecasts.assign(client_name=scored.forecasts["client"].map(names))
        by_client = (
            found.groupby("client_name")
            .agg(
                months=("inside", "size"),
                inside=("inside", "mean"),
                point=("point", "sum"),
                actual=("actual", "sum"),
            )
            .reset_index()
        )
        html += table(
            by_client.assign(ratio=by_client["actual"] / by_client["point"]),
            caption="Past forecasts that came true inside their 80% range",
            columns={
                "client_name": "Client",
                "months": "Months",
                "inside": ("Inside", "%"),
                "ratio": ("Sold, of what was forecast", "%"),
            },
        ).html
    return Part("Partner sales", html)


SUBJECT = Subject(
    name="partners",
    place=30,
    blocks=(Forecast, Actual),
    scores=_scores,
    sentence=_sentence,
    stands=_stands,
    forces=(
        Force(_MISSED, "threat", "Partners will not bring what the plan counts on", 0.5, 1.0),
        Force(_MISSED, "strength", "Partners bring what the plan counts on", 0.0, 0.2),
        Force(_PAID_BACK, "strength", "Its channel pays back", 0.8, 1.0),
        Force(_PAID_BACK, "weakness", "Its channel may never pay back", 0.0, 0.5),
    ),
    numbers=(_SALES,),
    portfolio=_portfolio,
    practice=_practice,
)
