"""The consultant's page over all clients; clients never get it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from techalign import __version__, charts
from techalign.html import escape
from techalign.numbers.formatting import compact, format_estimate, format_interval
from techalign.numbers.intervals import Interval
from techalign.report.blocks import Block, note, table
from techalign.report.headline import Figure, headline
from techalign.report.page import environment, stylesheet
from techalign.review.since import scores_table

if TYPE_CHECKING:
    from techalign.vendors import LossDistribution

__all__ = ["CurrencyPortfolio", "Portfolio", "render_portfolio"]

_NAMED = 8  # vendors of several clients whose end is told client by client
_HUBS = 5  # shared suppliers told client by client
_WHO = 3  # clients named in a row
_SIZE = re.compile(r'style="font-size:([\d.]+)px;"')
_UNSEEN = ' stroke="var(--ta-ink)" stroke-opacity="0"'
_BESIDE = re.compile(r"var\((--[\w-]+),#[0-9a-f]+\)")


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
        One row per vendor, the largest loss first: vendor, clients (how many), names (tuple), pd,
        pd_low, pd_high (by itself), chance (with what it runs on), loss, loss_low, loss_high
        (of all its clients), mean (a year).
    losses, losses_low, losses_high : LossDistribution
        Of a year over all clients: at the points, and with all ends low or high.
    partners : DataFrame
        One row per client with a forecast: client_name, label, point, low, high (money).
    hubs : DataFrame or None
        What a shared supplier's failure costs each client: hub, client_name, vendors (tuple of
        those it may take), loss, loss_low, loss_high (average), all_fall (if it takes all of them).
    hubs_left_out : bool
        Whether clients name hubs that contradict one another.
    """

    currency: str
    clients: int
    hits: pd.DataFrame
    vendors: pd.DataFrame
    losses: LossDistribution
    losses_low: LossDistribution
    losses_high: LossDistribution
    partners: pd.DataFrame
    hubs: pd.DataFrame | None = None
    hubs_left_out: bool = False


@dataclass(frozen=True, eq=False)
class Portfolio:
    """All clients.

    Attributes
    ----------
    parts : tuple of CurrencyPortfolio
        By currency.
    correlation : Interval
        Of vendors through their common factor.
    hub_chance : Interval
        That a shared supplier fails in a year that is nobody's vendor.
    said_of_forecasts : str
        How past forecasts did, in a sentence.
    forecasts : DataFrame
        Past forecasts with what became of them: client_name, point, actual, inside.
    said_of_chances : str
        How past chances to cease did, in a sentence.
    chances : DataFrame
        Per review, see :func:`techalign.review.since.chances_section`.
    groups : DataFrame
        By size of the chance: count, forecast, observed, events.
    """

    parts: tuple[CurrencyPortfolio, ...]
    correlation: Interval
    hub_chance: Interval
    said_of_forecasts: str
    forecasts: pd.DataFrame
    said_of_chances: str
    chances: pd.DataFrame
    groups: pd.DataFrame


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
    page = (
        environment()
        .get_template("portfolio.html.j2")
        .render(
            css=stylesheet(),
            parts=[_part(part, portfolio) for part in portfolio.parts],
            several=several,
            forecasts=_forecasts(portfolio),
            chances=_chances(portfolio),
            version=__version__,
        )
    )
    # this page has the palette; only a notebook needs the colours beside their names
    lean = _BESIDE.sub(r"var(\1)", page).replace(_UNSEEN, "")
    return _SIZE.sub(r'font-size="\1"', lean)


def _part(part: CurrencyPortfolio, portfolio: Portfolio) -> dict[str, str]:
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
            headers={"vendor": "Vendor", "loss": "Loss"},
            empty="No vendor's end would cost a client anything, as far as the tables say.",
        )._repr_html_(),
        "named": "".join(_one(part, row) for _, row in shared.head(_NAMED).iterrows())
        or note("No vendor serves several clients; the table above says whom each end hits.").html,
        "hubs": _hubs(part),
        "joint": _joint(part, portfolio),
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
    return headline(
        sentence,
        [
            Figure("Expected loss a year, all clients", mean, money, "the average over many years"),
            Figure(
                "Loss in a bad year (1 in 100), all clients",
                bad,
                money,
                "only one year in a hundred is worse",
            ),
        ],
    ).html


def _vendors(exposed: pd.DataFrame, money: str) -> Block:
    return table(
        exposed.assign(hits=[_named(names) for names in exposed["names"]]),
        caption=f"Vendors by what all their clients together would lose ({money})",
        columns={
            "vendor": "Vendor",
            "hits": "Clients hit",
            "chance": ("Chance a year", "%"),
            "loss": ("If it ceases", money),
            "mean": ("Average a year", money),
        },
        empty="No client has a vendors table with costs.",
        source="the clients' vendor risk reports, merged; a shared supplier's fall included",
        fold_after=12,
    )


def _named(names: Sequence[str]) -> str:
    more = f" and {len(names) - _WHO} more" if len(names) > _WHO else ""
    return ", ".join(names[:_WHO]) + more


def _one(part: CurrencyPortfolio, vendor: pd.Series) -> str:
    money = part.currency
    hit = part.hits[(part.hits["vendor"] == vendor["vendor"]) & (part.hits["loss"] > 0)]
    written = {"written": "As the client writes it"} if len(set(hit["written"])) > 1 else {}
    # most clients know the same of a vendor: then its chance is said once
    known = hit[["pd", "pd_low", "pd_high"]].to_numpy(float)
    chances = {format_interval(Interval(*map(float, row)), "%") for row in known}
    chance = {"pd": ("Chance a year", "%")} if len(chances) > 1 else {}
    said = "" if chance else f", chance a year {chances.pop()}"
    return table(
        hit.sort_values("loss", ascending=False, kind="stable"),
        caption=f"If {vendor['vendor']} ceases ({money}){said}",
        columns={
            "client_name": "Client",
            **written,
            **chance,
            "loss": ("Loss", money),
        },
        sums=["loss"],
    ).html


def _hubs(part: CurrencyPortfolio) -> str:
    if part.hubs_left_out:
        return note(
            "What clients say of shared suppliers contradicts itself, so it is left out here; "
            "each client's own report has it.",
            "warn",
        ).html
    if part.hubs is None or part.hubs.empty:
        return note(
            "No client's vendor report says what its vendors run on (column hubs of the vendors "
            "table)."
        ).html
    money = part.currency
    total = part.hubs.groupby("hub")["loss"].sum().sort_values(ascending=False, kind="stable")
    tables = []
    for hub in total.index[:_HUBS]:
        hit = part.hubs[part.hubs["hub"] == hub]
        hit = hit.sort_values("loss", ascending=False, kind="stable")
        # a long list of clients tells the vendors once, with how many of the clients have each
        once = len(hit) > _WHO
        if once:
            count = hit["vendors"].explode().value_counts()
            names = ", ".join(f"{vendor} ({n})" for vendor, n in count.items())
            said = f"{hub} may take with it (in brackets, of how many clients): {names}."
            tables.append(f"<p>{escape(said)}</p>")
        tables.append(
            table(
                hit.assign(
                    vendors=hit["vendors"].map(len if once else ", ".join),
                ),
                caption=f"If {hub} fails ({money})",
                columns={
                    "client_name": "Client",
                    "vendors": "Vendors it may take" if once else "May take with it",
                    "loss": ("Average loss", money),
                    "all_fall": ("If all fall", money),
                },
                sums=["loss", "all_fall"],
                rounded=["all_fall"],
            ).html
        )
    rest = [
        f"{hub}: {format_estimate(float(loss), money)}" for hub, loss in total.iloc[_HUBS:].items()
    ]
    more = f"<p>Others, with their average loss: {escape('; '.join(rest))}.</p>" if rest else ""
    return "".join(tables) + more


def _joint(part: CurrencyPortfolio, portfolio: Portfolio) -> str:
    rho, hub = portfolio.correlation, format_interval(portfolio.hub_chance, "%")
    losses = part.losses
    chart = charts.exceedance(
        losses.amounts,
        losses.exceed(losses.amounts),
        title=f"Chance that all clients together lose more in one year ({part.currency})",
        unit=part.currency,
        marks={"average": losses.el, "1 year in 100": losses.var(0.99)},
    )
    shared = (
        f" Shared suppliers are counted: one that is nobody's vendor fails with a chance of {hub} "
        "a year, an assumption, too."
        if part.hubs is not None
        else ""
    )
    said = note(
        "Vendors fail together in hard times: one common factor with a correlation of "
        f"{rho.point:g} ({rho.low:g} to {rho.high:g}), an assumption.{shared}"
    )
    return chart._repr_html_() + said.html


def _partners(part: CurrencyPortfolio) -> Block:
    money = part.currency
    frame = part.partners.sort_values("point", ascending=False, kind="stable")
    labels = list(dict.fromkeys(frame["label"]))
    several = {"label": "What"} if len(labels) > 1 else {}
    return table(
        frame.rename(columns={"low": "point_low", "high": "point_high"}),
        caption=f"{labels[0] if len(labels) == 1 else 'What partners should sell'} ({money})",
        columns={
            "client_name": "Client",
            **several,
            "point": ("Forecast", money),
        },
        sums=["point"],
        sums_label="All together, ends added up",
        level=0.8,
        empty="No client has a partner forecast.",
        source="the clients' partner reports",
    )


def _forecasts(portfolio: Portfolio) -> str:
    said = note(portfolio.said_of_forecasts).html
    if portfolio.forecasts.empty:
        return said
    by_client = (
        portfolio.forecasts.groupby("client_name")
        .agg(
            months=("inside", "size"),
            inside=("inside", "mean"),
            point=("point", "sum"),
            actual=("actual", "sum"),
        )
        .reset_index()
    )
    return (
        said
        + table(
            by_client.assign(ratio=by_client["actual"] / by_client["point"]),
            caption="Past forecasts that came true inside their 80% range",
            columns={
                "client_name": "Client",
                "months": "Months",
                "inside": ("Inside", "%"),
                "ratio": ("Sold, of what was forecast", "%"),
            },
        ).html
    )


def _chances(portfolio: Portfolio) -> str:
    said = note(portfolio.said_of_chances).html
    if portfolio.chances.empty:
        return said
    groups = portfolio.groups.assign(
        group=[f"Group {n} of {len(portfolio.groups)}" for n in range(1, len(portfolio.groups) + 1)]
    )
    return (
        said
        + scores_table(portfolio.chances, "Expected to cease, and ceased, all clients").html
        + table(
            groups,
            caption="By size of the chance, the smallest first: what was said, and what happened",
            columns={
                "group": "Chances",
                "count": "Given",
                "forecast": ("Said on average", "%"),
                "observed": ("Came true", "%"),
                "events": "Ceased",
            },
        ).html
    )
