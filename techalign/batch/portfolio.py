"""All clients together: whom a vendor's end would hit, and what a bad year would cost them all.

Made from the clients' records alone; no table is read and no model of a client run again.
Money of different currencies is never added up: there is one portfolio per currency.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from techalign.batch.calibration import calibrate, pool
from techalign.batch.history import recorded_rows
from techalign.batch.records import Record

if TYPE_CHECKING:
    import pandas as pd

    from techalign.numbers.intervals import Interval
    from techalign.report.portfolio_page import CurrencyPortfolio, Portfolio

__all__ = ["assemble_portfolio"]

_PER_CLIENT = ("client", "client_name", "currency", "written")
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
    from techalign.report.portfolio_page import Portfolio

    facts = load_reference()
    rho = facts.assumption("vendor_failure_correlation")
    hits = _hits([*chain.from_iterable(clients.values())], facts.suppliers)
    partners = _partners([*chain.from_iterable(clients.values())])
    currencies = sorted({*hits["currency"], *partners["currency"]})
    scored = pool(calibrate(now, earlier.get(client, {})) for client, now in clients.items())
    parts = tuple(
        _part(c, hits[hits["currency"] == c], partners[partners["currency"] == c], rho)
        for c in currencies
    )
    parts = tuple(sorted(parts, key=lambda part: -part.clients))
    return Portfolio(parts, rho, scored.sentence, scored.forecasts)


def _hits(records: Sequence[Record], catalogue: pd.DataFrame) -> pd.DataFrame:
    import pandas as pd

    from techalign.spending.names import merge_vendors

    rows = [
        (r.client, r.client_name, r.headline["recorded"]["vendors"]["unit"], row["vendor"],
         *(row[n] for n in _NUMBERS))
        for r in records
        for row in recorded_rows(r, "vendors")
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[*_PER_CLIENT, *_NUMBERS])
    frame = frame.astype(dict.fromkeys(_NUMBERS, float))
    frame["vendor"] = merge_vendors(frame["written"], catalogue).apply(frame["written"])
    return frame


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
    currency: str, hits: pd.DataFrame, partners: pd.DataFrame, rho: Interval
) -> CurrencyPortfolio:
    from techalign.report.portfolio_page import CurrencyPortfolio
    from techalign.vendors import loss_distribution

    groups = hits.groupby("vendor", sort=True)
    # clients may know different things of one vendor: the chance is their average
    vendors = groups[["pd", "pd_low", "pd_high"]].mean()
    vendors = vendors.join(groups[["loss", "loss_low", "loss_high"]].sum())
    vendors["clients"] = groups["client"].nunique()
    vendors["names"] = groups["client_name"].agg(lambda names: ", ".join(sorted(set(names))))
    vendors["mean"] = vendors["pd"] * vendors["loss"]
    vendors = vendors.sort_values("loss", ascending=False, kind="stable").reset_index()
    at_stake = vendors[vendors["loss"] > 0]
    point, low, high = (
        loss_distribution(
            at_stake[f"pd{end}"].to_numpy(float), at_stake[f"loss{end}"].to_numpy(float), rho=r
        )
        for end, r in (("", rho.point), ("_low", rho.low), ("_high", rho.high))
    )
    return CurrencyPortfolio(
        currency, hits["client"].nunique(), hits, vendors, point, low, high, partners
    )
