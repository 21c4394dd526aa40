"""All clients together: whom a vendor's end would hit, and what a bad year would cost them all.

Made from the clients' records alone; no table is read and no model of a client run again.
Money of different currencies is never added up: there is one portfolio per currency.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from techalign.review.calibration import calibrate, pool
from techalign.review.history import recorded_rows
from techalign.review.hubs import hub_hits, hub_names, shared_hubs
from techalign.review.records import Record
from techalign.review.scores import pool_scores, score_vendors
from techalign.review.sections import shown_scores

if TYPE_CHECKING:
    import pandas as pd

    from techalign.numbers.intervals import Interval
    from techalign.review.portfolio_page import CurrencyPortfolio, Portfolio
    from techalign.review.scores import VendorScores

__all__ = ["assemble_portfolio"]

_PER_CLIENT = ("client", "client_name", "currency", "written", "hubs")
_NUMBERS = ("pd", "pd_low", "pd_high", "loss", "loss_low", "loss_high")


def assemble_portfolio(
    clients: Mapping[str, Sequence[Record]],
    earlier: Mapping[str, Mapping[str, Sequence[Record]]],
) -> Portfolio:
    """Put all clients' records together.

    Parameters
    ----------
    clients : mapping of str to sequence of Record
        Present records by client.
    earlier : mapping of str to mapping of str to sequence of Record
        Records of earlier quarters by client and quarter.

    Returns
    -------
    Portfolio
    """
    from techalign.client import load_reference
    from techalign.review.portfolio_page import Portfolio

    facts = load_reference()
    rho = facts.assumption("vendor_failure_correlation")
    hub_pd = facts.assumption("hub_failure_probability")
    every = [*chain.from_iterable(clients.values())]
    hits, name_of = _hits(every, facts.suppliers)
    partners = _partners(every)
    currencies = sorted({*hits["currency"], *partners["currency"]})
    parts = tuple(
        _part(
            c,
            hits[hits["currency"] == c],
            partners[partners["currency"] == c],
            rho,
            hub_pd,
            name_of,
        )
        for c in currencies
    )
    reviewed = [(now, earlier[client]) for client, now in clients.items() if earlier.get(client)]
    scored = pool(calibrate(now, before) for now, before in reviewed)
    chances = pool_scores(score_vendors(now, before) for now, before in reviewed)
    names = {client: records[0].client_name for client, records in clients.items()}
    return Portfolio(
        tuple(sorted(parts, key=lambda part: -part.clients)),
        rho,
        hub_pd,
        scored.sentence,
        scored.forecasts.assign(client_name=scored.forecasts["client"].map(names)),
        _said_of(chances),
        shown_scores(chances),
        chances.groups() if len(chances.chances) else chances.chances,
    )


def _said_of(chances: VendorScores) -> str:
    """All clients' chances to cease against what happened, in words."""
    if not chances.asked:
        return "No chance to cease can be compared yet: that takes reports of an earlier quarter."
    if not chances.known or chances.chances.empty:
        return chances.sentence
    given = chances.chances
    return (
        f"{len(given)} chances to cease were given at earlier reviews, a company counted once for "
        f"each client and review. {given['pd'].sum():.1f} should have come true by now, and "
        f"{int(given['ceased'].sum())} did."
    )


def _hits(
    records: Sequence[Record], catalogue: pd.DataFrame
) -> tuple[pd.DataFrame, Callable[[str], str]]:
    """Vendor by client, names merged; and the merged name of any name, hubs included."""
    import pandas as pd

    from techalign.spending.names import merge_vendors

    rows = [
        (r.client, r.client_name, r.headline["recorded"]["vendors"]["unit"], row["vendor"],
         row.get("hubs") or "", *(row[n] for n in _NUMBERS))
        for r in records
        for row in recorded_rows(r, "vendors")
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[*_PER_CLIENT, *_NUMBERS])
    frame = frame.astype(dict.fromkeys(_NUMBERS, float))
    hubs = pd.Series(hub_names(frame["hubs"]), dtype=object)
    written = pd.concat([frame["written"], hubs], ignore_index=True)
    merged = merge_vendors(written, catalogue).apply(written)
    shown = dict(zip(written, merged, strict=True))
    frame["vendor"] = merged.iloc[: len(frame)].to_numpy()
    return frame, lambda name: str(shown.get(name, name))


def _partners(records: Sequence[Record]) -> pd.DataFrame:
    import pandas as pd

    rows = []
    for record in records:
        figure = next(iter(_partner_figures(record)), None)
        if figure is not None:
            ends: dict[str, Any] = figure["value"]
            rows.append(
                (record.client_name, figure["unit"], figure["label"],
                 ends["point"], ends["low"], ends["high"])
            )  # fmt: skip
    columns = ["client_name", "currency", "label", "point", "low", "high"]
    return pd.DataFrame(rows, columns=columns)


def _partner_figures(record: Record) -> list[dict[str, Any]]:
    """Headline money of a report that hands a forecast on; the forecast's sum leads it."""
    if not recorded_rows(record, "forecast"):
        return []
    unit = record.headline["recorded"]["forecast"]["unit"]
    figures = record.headline.get("figures", [])
    return [f for f in figures if f["unit"] == unit and isinstance(f["value"], dict)]


def _part(
    currency: str,
    hits: pd.DataFrame,
    partners: pd.DataFrame,
    rho: Interval,
    hub_pd: Interval,
    name_of: Callable[[str], str],
) -> CurrencyPortfolio:
    from techalign.review.portfolio_page import CurrencyPortfolio
    from techalign.vendors import loss_distribution

    groups = hits.groupby("vendor", sort=True)
    # clients may know different things of one vendor: the chance is their average
    vendors = groups[["pd", "pd_low", "pd_high"]].mean()
    vendors = vendors.join(groups[["loss", "loss_low", "loss_high"]].sum())
    vendors["clients"] = groups["client"].nunique()
    vendors["names"] = [tuple(sorted(set(names))) for _, names in groups["client_name"]]
    vendors = vendors.sort_values("loss", ascending=False, kind="stable").reset_index()
    hubs = [
        shared_hubs(vendors["vendor"], hits, name_of, chance)
        for chance in (hub_pd.point, hub_pd.low, hub_pd.high)
    ]
    losses, low, high = (
        loss_distribution(
            vendors[f"pd{end}"].to_numpy(float), vendors[f"loss{end}"].to_numpy(float),
            rho=r, hubs=shared,
        )
        for end, r, shared in zip(
            ("", "_low", "_high"), (rho.point, rho.low, rho.high), hubs, strict=True
        )
    )  # fmt: skip
    vendors["chance"] = losses.chance
    vendors["mean"] = vendors["chance"] * vendors["loss"]
    named = hits["hubs"].str.contains(":", regex=False).any()
    return CurrencyPortfolio(
        currency,
        hits["client"].nunique(),
        hits,
        vendors,
        losses,
        low,
        high,
        partners,
        None if hubs[0] is None else hub_hits(hubs[0], vendors["vendor"], hits),
        bool(named and hubs[0] is None),
    )
