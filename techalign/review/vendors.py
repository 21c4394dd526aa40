"""Vendors in the review: chances to cease with what they would cost, and how chances did."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from techalign import charts
from techalign.html import escape
from techalign.numbers.formatting import compact, format_estimate, format_interval
from techalign.numbers.intervals import Interval
from techalign.report.blocks import Block, Column, note, table
from techalign.report.headline import Figure, headline
from techalign.report.page import Section
from techalign.review.experience import ExperienceCurve, practice_part
from techalign.review.history import review_name
from techalign.review.records import Record, figure_of
from techalign.review.since import scored_section
from techalign.review.subject import Clients, Earlier, Force, Part, Register, Subject
from techalign.review.vendor_blocks import Ceased, Vendors
from techalign.review.vendor_portfolio import (
    CurrencyPortfolio,
    shared_vendors,
    vendor_portfolios,
)
from techalign.review.vendor_scores import VendorScores, pool_scores, score_vendors
from techalign.text import some_of

if TYPE_CHECKING:
    import pandas as pd

    from techalign.report.page import Section

__all__ = ["SUBJECT", "Ceased", "ExperienceCurve", "Vendors"]

_BAD_YEAR = "Loss in a bad year (1 in 100)"
_HANGS_ON = "Number of companies this risk hangs on"
_ROWS = 4  # of the front page's table
_NAMED = 80  # rows for vendors whose end is told client by client
_EXPOSURE = "Exposure if each vendor ceases"
_AT_ONCE = 4  # rows that are not folded
_HUBS = 5  # shared suppliers told client by client
_WHO = 3  # clients named in a row


def _summary(records: Sequence[Record], today: dt.date) -> Part:
    """The companies whose end would cost most."""
    del today  # a chance within a year, whatever the day
    import pandas as pd

    blocks = [block for record in records if (block := record.block(Vendors))]
    frames = [block.frame() for block in blocks] or [Vendors(rows=()).frame()]
    risks = pd.concat(frames, ignore_index=True)
    risks = risks[risks["loss"] > 0].sort_values("mean", ascending=False, kind="stable")
    html = table(
        # on a page of one sheet the range of what they are ordered by is enough
        risks.head(_ROWS).drop(columns=["pd_low", "pd_high", "loss_low", "loss_high"]),
        caption="Companies whose end would cost most, on average a year",
        columns={
            "vendor": "Company",
            "pd": ("Chance a year", "%"),
            "loss": ("If it ceases", blocks[0].unit if blocks else ""),
            "mean": ("Average a year", blocks[0].unit if blocks else ""),
        },
        empty="What it would cost if a company ceased is not known: nobody has listed them yet.",
    ).html
    return Part("Largest risks in money", html)


def _stands(records: Sequence[Record]) -> str:
    bad = figure_of(records, _BAD_YEAR)
    if bad is None or not bad.ends.point:
        return ""
    return (
        f"stands to lose {compact(bad.ends.point, bad.unit)} or more in one year out of a hundred "
        "if companies it depends on cease"
    )


def _scores(now: Record, earlier: Earlier) -> Section | None:
    """How the chances of earlier reviews did."""
    if now.block(Vendors) is None:
        return None
    scores = score_vendors([now], earlier)
    left = (
        f" {scores.left} compan{'ies are' if scores.left != 1 else 'y is'} no longer in the "
        "register, and it is not said whether by ceasing: not counted."
        if scores.left
        else ""
    )
    html, reviews = note(scores.sentence + left).html, _shown(scores)
    if len(reviews):
        html += (
            "<details><summary>Review by review, with scores</summary>"
            f"{_scores_table(reviews, 'Companies expected to cease, and those that did').html}"
            '<p class="source">The score is the mean squared distance between the chance given '
            "and what happened (Brier): 0 is perfect, and lower than the column beside it means "
            "that the chances knew more than saying nobody ever ceases. A few companies over a "
            "few months say little.</p></details>"
        )
    return scored_section(html)


def _shown(scores: VendorScores) -> pd.DataFrame:
    """Scores per review with the review's name and the usual range in brackets."""
    if scores.chances.empty:
        return scores.chances.head(0)
    found = scores.by_review()
    usual = [
        f"({low} to {high})" if high > low else ""
        for low, high in zip(found["low"], found["high"], strict=True)
    ]
    return found.assign(expected_ends=usual, review=[review_name(q) for q in found["review"]])


def _scores_table(reviews: pd.DataFrame, caption: str) -> Block:
    """Expected against observed, review by review."""
    digits = {name: [f"{v:.4f}" for v in reviews[name]] for name in ("brier", "brier_none")}
    return table(
        reviews.assign(expected=[f"{v:.1f}" for v in reviews["expected"]], **digits),
        caption=caption,
        columns={
            "review": "Review",
            "companies": "Companies",
            "expected": "Expected to cease by now",
            "ceased": "Ceased",
            "p_value": ("Chance of so many or more", "%"),
            "brier": "Score",
            "brier_none": "Score of “nobody ceases”",
        },
        level=0.9,
    )


def _together(clients: Clients) -> Sequence[Part]:
    """Vendors of several clients over all currencies: names and counts together, money apart."""
    import pandas as pd

    shared = shared_vendors([r for records in clients.values() for r in records])
    title = "Vendors that several clients depend on"
    if shared.empty:
        said = note("No vendor serves several clients, as far as their tables tell.").html
        return [Part(title, said)] if any(_has_vendors(rs) for rs in clients.values()) else []
    rows: list[dict[str, Any]] = []
    for vendor, hits in shared.groupby("vendor", sort=False):
        rows.append(
            {
                "vendor": str(vendor),
                "clients": len(set(hits["client_name"])),
                "names": some_of(sorted(set(hits["client_name"])), _WHO, "; "),
                "pd": hits["pd"].mean(),
                "pd_low": hits["pd_low"].mean(),
                "pd_high": hits["pd_high"].mean(),
                "loss": _money_apart(hits),
            }
        )
    html = table(
        pd.DataFrame(rows),
        caption="Vendors of several clients, and what these together lose if one ceases",
        columns={
            "vendor": "Vendor",
            "clients": "Clients",
            "names": "Who",
            "pd": ("Chance a year", "%"),
            "loss": "If it ceases",
        },
        source="the clients' vendor risk reports, names merged; money of each currency by itself",
        shown=_AT_ONCE,
    ).html
    # a practice of a hundred clients has one page, too
    costly = [row for row in rows if row["loss"]]
    reached = accumulate(int(row["clients"]) for row in costly)
    named = [row["vendor"] for row, n in zip(costly, reached, strict=True) if n <= _NAMED]
    one_by_one = "".join(_one(name, shared[shared["vendor"] == name]) for name in named)
    return [Part(title, html + _folded("If one named vendor fails: who, and how much", one_by_one))]


def _has_vendors(records: Sequence[Record]) -> bool:
    return any(record.block(Vendors) is not None for record in records)


def _money_apart(hits: pd.DataFrame) -> str:
    """What some clients lose together, a sum for each currency; "" where it is nothing."""
    sums = hits.groupby("currency")[["loss", "loss_low", "loss_high"]].sum()
    return "; ".join(
        format_interval(Interval(*map(float, row)), str(unit), short=True)
        for unit, *row in sums.itertuples()
        if row[0] > 0
    )


def _one(vendor: str, hits: pd.DataFrame) -> str:
    hit = hits[hits["loss"] > 0]
    written = {"written": "As the client writes it"} if len(set(hit["written"])) > 1 else {}
    # most clients know the same of a vendor: then its chance is said once
    known = hit[["pd", "pd_low", "pd_high"]].to_numpy(float)
    chances = {format_interval(Interval(*map(float, row)), "%") for row in known}
    chance = {"pd": ("Chance a year", "%")} if len(chances) > 1 else {}
    said = "" if chance else f", chance a year {chances.pop()}"
    money = hit[["loss", "loss_low", "loss_high"]].to_numpy(float)
    lost = [
        format_interval(Interval(*map(float, row)), unit)
        for row, unit in zip(money, hit["currency"], strict=True)
    ]
    return table(
        hit.drop(columns=["loss_low", "loss_high"]).assign(loss=lost),
        caption=f"If {vendor} ceases, {_money_apart(hit)}{said}",
        columns={"client_name": "Client", **written, **chance, "loss": "Loss"},
    ).html


def _folded(title: str, html: str) -> str:
    return f'<details class="more"><summary>{escape(title)}</summary>{html}</details>' * bool(html)


def _portfolio(clients: Clients) -> Mapping[str, Sequence[Part]]:
    """Whom each vendor's end would hit, and all vendors and clients in one year."""
    parts: dict[str, Sequence[Part]] = {}
    records = [r for each in clients.values() for r in each]
    several = set(shared_vendors(records)["vendor"])
    for part in vendor_portfolios(records):
        money = part.currency
        exposed = part.vendors[part.vendors["loss"] > 0]
        shared = int(part.vendors["vendor"].isin(several).sum())
        table_html = _exposures(exposed, money).html
        folded = _folded("If a shared supplier fails and takes vendors with it", _hubs(part))
        folded += _folded("All vendors and all clients in one year", _joint(part))
        if part.clients == 1:  # its own report says the same, and more
            said = note(_sentence(part, shared)).html
            parts[money] = (Part("", said + _folded(_EXPOSURE, table_html) + folded),)
            continue
        parts[money] = (Part("", _headline(part, shared)), Part(_EXPOSURE, table_html + folded))
    return parts


def _sentence(part: CurrencyPortfolio, shared: int) -> str:
    money, count = part.currency, len(part.vendors)
    who = "1 client depends" if part.clients == 1 else f"{part.clients} clients depend"
    together = "it" if part.clients == 1 else "all clients together"
    return (
        f"{who} on {count} vendor{'s' if count != 1 else ''}; {shared or 'none'} of these "
        f"serve{'s' if shared == 1 else ''} several clients. Vendors ceasing would cost {together} "
        f"{compact(part.losses.el, money)} in an average year and "
        f"{compact(part.losses.var(0.99), money)} or more in one year out of a hundred."
    )


def _headline(part: CurrencyPortfolio, shared: int) -> str:
    money = part.currency
    point, low, high = part.losses, part.losses_low, part.losses_high
    mean = Interval(point.el, low.el, high.el, level=1.0)
    bad = Interval(point.var(0.99), low.var(0.99), high.var(0.99), level=1.0)
    return headline(
        _sentence(part, shared),
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


def _exposures(exposed: pd.DataFrame, money: str) -> Block:
    return table(
        exposed.assign(hits=[some_of(names, _WHO, "; ") for names in exposed["names"]]),
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
        shown=_AT_ONCE,
    )


def _hubs(part: CurrencyPortfolio) -> str:
    left_out = "".join(note(text, "warn").html for text in part.notes)
    if part.hubs is None or part.hubs.empty:
        told = note(
            "No client's vendor report says what its vendors run on (column hubs of the vendors "
            "table)."
        ).html
        return left_out + told
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
                    "loss": Column("Average loss", money, sum=True),
                    "all_fall": Column("If all fall", money, sum=True, rounded=True),
                },
            ).html
        )
    rest = [
        f"{hub}: {format_estimate(float(loss), money)}" for hub, loss in total.iloc[_HUBS:].items()
    ]
    more = f"<p>Others, with their average loss: {escape('; '.join(rest))}.</p>" if rest else ""
    return left_out + "".join(tables) + more


def _joint(part: CurrencyPortfolio) -> str:
    rho, hub = part.correlation, format_interval(part.hub_chance, "%")
    losses = part.losses
    chart = charts.exceedance(
        losses.amounts,
        losses.exceed(losses.amounts),
        title=f"Chance that all clients together lose more in one year ({part.currency})",
        unit=part.currency,
        marks={"average": losses.el, "1 year in 100": losses.var(0.99)},
    )
    shared = (
        " Shared suppliers are counted, and fail in hard times, too: with the vendor's own "
        f"chance where one is a vendor, otherwise with {hub} a year, an assumption."
        if part.hubs is not None
        else ""
    )
    said = note(
        "Vendors fail together in hard times: one common factor with a correlation of "
        f"{rho.point:g} ({rho.low:g} to {rho.high:g}), an assumption.{shared}"
    )
    return chart.html + said.html


def _practice(clients: Clients, earlier: Mapping[str, Earlier]) -> Part:
    """Past chances of all clients, a company counted once for each client and review."""
    scores = pool_scores(
        score_vendors(now, earlier[c]) for c, now in clients.items() if earlier.get(c)
    )
    html, reviews = note(_said_of(scores)).html, _shown(scores)
    if len(reviews):
        groups = scores.groups()
        more = _scores_table(reviews, "Expected to cease, and ceased, all clients").html
        more += table(
            groups.assign(group=[f"Group {n} of {len(groups)}" for n in range(1, len(groups) + 1)]),
            caption="By size of the chance, the smallest first: what was said, and what happened",
            columns={
                "group": "Chances",
                "count": "Given",
                "forecast": ("Said on average", "%"),
                "observed": ("Came true", "%"),
                "events": "Ceased",
            },
        ).html
        html += _folded("Review by review, and by size of the chance", more)
    html += practice_part([record for records in clients.values() for record in records])
    return Part("Chances to cease", html)


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


SUBJECT = Subject(
    name="vendors",
    place=20,
    blocks=(Vendors, Ceased, ExperienceCurve),
    registers=(Register(Vendors, "vendor", "company", "companies"),),
    scores=_scores,
    summary=_summary,
    stands=_stands,
    forces=(
        Force(_BAD_YEAR, "threat", "Companies it depends on: a year that one in a hundred is", 1.0),
        Force(_HANGS_ON, "threat", "Its risk hangs on few companies", 0.0, 3.0),
        Force(_HANGS_ON, "strength", "Its risk is spread over many companies", 8.0),
    ),
    numbers=(_BAD_YEAR,),
    together=_together,
    portfolio=_portfolio,
    practice=_practice,
)
