"""The consultant's page over all clients; clients never get it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from techalign import __version__, charts
from techalign.numbers.formatting import compact, format_value
from techalign.numbers.intervals import Interval
from techalign.report.blocks import Block, Figure, headline, note, table
from techalign.report.page import environment, stylesheet

if TYPE_CHECKING:
    from techalign.vendors import LossDistribution

__all__ = ["CurrencyPortfolio", "Portfolio", "render_portfolio"]

_NAMED = 8  # vendors of several clients whose end is told client by client
_ALONE = 3  # and of one client


@dataclass(frozen=True, eq=False)
class CurrencyPortfolio:
    """The clients that count in one currency.

    Attributes
    ----------
    currency : str
    clients : int
    hits : DataFrame
        One row per vendor and client: vendor, client_name, pd, loss, loss_low, loss_high.
    vendors : DataFrame
        One row per vendor, the largest loss first: vendor, clients (how many), names, pd,
        pd_low, pd_high, loss, loss_low, loss_high (of all its clients), mean (a year).
    losses, losses_low, losses_high : LossDistribution
        Of a year over all clients: at the points, and with all ends low or high.
    partners : DataFrame
        One row per client with a forecast: client_name, label, point, low, high (money).
    """

    currency: str
    clients: int
    hits: pd.DataFrame
    vendors: pd.DataFrame
    losses: LossDistribution
    losses_low: LossDistribution
    losses_high: LossDistribution
    partners: pd.DataFrame


@dataclass(frozen=True, eq=False)
class Portfolio:
    """All clients.

    Attributes
    ----------
    parts : tuple of CurrencyPortfolio
        By currency.
    correlation : Interval
        Of vendors through their common factor.
    said_of_forecasts : str
        How past forecasts did, in a sentence.
    forecasts : DataFrame
        Past forecasts with what became of them: client, inside.
    """

    parts: tuple[CurrencyPortfolio, ...]
    correlation: Interval
    said_of_forecasts: str
    forecasts: pd.DataFrame


def render_portfolio(portfolio: Portfolio) -> str:
    """Render the portfolio.

    Parameters
    ----------
    portfolio : Portfolio

    Returns
    -------
    str
        A whole HTML document.
    """
    several = len(portfolio.parts) > 1
    return (
        environment()
        .get_template("portfolio.html.j2")
        .render(
            css=stylesheet(),
            parts=[_part(part, portfolio.correlation) for part in portfolio.parts],
            several=several,
            forecasts=_forecasts(portfolio),
            version=__version__,
        )
    )


def _part(part: CurrencyPortfolio, correlation: Interval) -> dict[str, str]:
    money = part.currency
    exposed = part.vendors[part.vendors["loss"] > 0]
    shared = exposed[exposed["clients"] > 1]
    return {
        "currency": money,
        "headline": _headline(part, len(shared)),
        "vendors": _vendors(exposed, money).html,
        "chart": charts.ranges(
            exposed.head(12),
            label="vendor",
            point="loss",
            low="loss_low",
            high="loss_high",
            title=f"What all its clients together lose if a vendor ceases ({money})",
            unit=money,
            headers={"vendor": "Vendor", "loss": "Loss", "loss_low": "Low", "loss_high": "High"},
            empty="No vendor's end would cost a client anything, as far as the tables say.",
        )._repr_html_(),
        "named": "".join(_one(part, row) for _, row in _most_felt(exposed).iterrows()),
        "joint": _joint(part, correlation),
        "partners": _partners(part).html,
    }


def _headline(part: CurrencyPortfolio, shared: int) -> str:
    money = part.currency
    point, low, high = part.losses, part.losses_low, part.losses_high
    mean = Interval(point.el, low.el, high.el, level=1.0)
    bad = Interval(point.var(0.99), low.var(0.99), high.var(0.99), level=1.0)
    who = "1 client depends" if part.clients == 1 else f"{part.clients} clients depend"
    sentence = (
        f"{who} on {len(part.vendors)} vendors; {shared or 'none'} of these serve several "
        f"clients. Vendors ceasing would cost all clients together "
        f"{compact(mean.point, money)} in an average year and {compact(bad.point, money)} or "
        "more in one year out of a hundred."
    )
    source = "all ends of all assumptions together"
    return headline(
        sentence,
        [
            Figure("Expected loss a year, all clients", mean, money, source),
            Figure("Loss in a bad year (1 in 100), all clients", bad, money, source),
        ],
    ).html


def _vendors(exposed: pd.DataFrame, money: str) -> Block:
    return table(
        exposed,
        caption=f"Vendors by what all their clients together would lose ({money})",
        columns={
            "vendor": "Vendor",
            "clients": "Clients",
            "pd": ("Chance a year", "%"),
            "loss": ("If it ceases", money),
            "loss_low": ("from", money),
            "loss_high": ("to", money),
            "mean": ("Average a year", money),
        },
        empty="No client has a vendors table with costs.",
        source="the clients' vendor risk reports; names merged across clients",
        fold_after=12,
    )


def _most_felt(exposed: pd.DataFrame) -> pd.DataFrame:
    """Vendors several clients share come first: their failure is the consultant's busy week."""
    shared = exposed["clients"] > 1
    return pd.concat([exposed[shared].head(_NAMED), exposed[~shared].head(_ALONE)])


def _one(part: CurrencyPortfolio, vendor: pd.Series) -> str:
    money = part.currency
    hit = part.hits[(part.hits["vendor"] == vendor["vendor"]) & (part.hits["loss"] > 0)]
    who = table(
        hit.sort_values("loss", ascending=False, kind="stable"),
        caption=f"If {vendor['vendor']} ceases ({money})",
        columns={
            "client_name": "Client",
            "written": "As the client writes it",
            "pd": ("Chance a year", "%"),
            "loss": ("Loss", money),
            "loss_low": ("from", money),
            "loss_high": ("to", money),
        },
        total={"client_name": "All", "loss": format_value(round(hit["loss"].sum()), money)},
    )
    return who.html


def _joint(part: CurrencyPortfolio, correlation: Interval) -> str:
    losses = part.losses
    chart = charts.exceedance(
        losses.amounts,
        losses.exceed(losses.amounts),
        title=f"Chance that all clients together lose more in one year ({part.currency})",
        unit=part.currency,
        marks={"average": losses.el, "1 year in 100": losses.var(0.99)},
    )
    said = note(
        "Vendors fail together in hard times: one common factor with a correlation of "
        f"{correlation.point:g} ({correlation.low:g} to {correlation.high:g}), an assumption."
    )
    return chart._repr_html_() + said.html


def _partners(part: CurrencyPortfolio) -> Block:
    money = part.currency
    frame = part.partners.sort_values("point", ascending=False, kind="stable")
    total = {
        "client_name": "All (ends added up)",
        **{end: format_value(round(frame[end].sum()), money) for end in ("point", "low", "high")},
    }
    return table(
        frame,
        caption=f"What partners should sell ({money})",
        columns={
            "client_name": "Client",
            "label": "Forecast of",
            "point": ("Middle", money),
            "low": ("from", money),
            "high": ("to (80%)", money),
        },
        total=total if len(frame) > 1 else None,
        empty="No client has a partner forecast.",
        source="the clients' partner reports",
    )


def _forecasts(portfolio: Portfolio) -> str:
    said = note(portfolio.said_of_forecasts).html
    if portfolio.forecasts.empty:
        return said
    by_client = (
        portfolio.forecasts.groupby("client")
        .agg(months=("inside", "size"), inside=("inside", "mean"))
        .reset_index()
    )
    return (
        said
        + table(
            by_client,
            caption="Past forecasts that came true inside their 80% interval",
            columns={"client": "Client", "months": "Months", "inside": ("Inside", "%")},
        ).html
    )
