"""The consultant's page over all clients; clients never get it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from techalign import __version__
from techalign.report.blocks import table
from techalign.report.page import environment, stylesheet
from techalign.review.subject import Clients, Earlier, Part, subjects

__all__ = ["render_portfolio"]

_SIZE = re.compile(r'style="font-size:([\d.]+)px;"')
_UNSEEN = ' stroke="var(--ta-ink)" stroke-opacity="0"'
_BESIDE = re.compile(r"var\((--[\w-]+),#[0-9a-f]+\)")


def render_portfolio(clients: Clients, earlier: Mapping[str, Earlier]) -> str:
    """Render the portfolio: each subject's part per currency, and how past statements did.

    Parameters
    ----------
    clients : mapping of str to sequence of Record
        Present records by client.
    earlier : mapping of str to mapping of str to sequence of Record
        Records of earlier quarters by client and quarter.

    Returns
    -------
    str
        A whole HTML document.
    """
    by_currency: dict[str, list[Part]] = defaultdict(list)
    size: dict[str, int] = defaultdict(int)
    for subject in subjects():
        found = subject.portfolio(clients) if subject.portfolio else {}
        for currency, parts in found.items():
            by_currency[currency] += parts
            size[currency] = max(size[currency], len(_counting_in(clients, currency)))
    order = sorted(by_currency, key=lambda currency: (-size[currency], currency))
    page = (
        environment()
        .get_template("portfolio.html.j2")
        .render(
            css=stylesheet(),
            together=[
                *(part for s in subjects() if s.together for part in s.together(clients)),
                *_not_on_record(clients),
            ],
            currencies=[(currency, by_currency[currency]) for currency in order],
            scores=[s.practice(clients, earlier) for s in subjects() if s.practice],
            version=__version__,
        )
    )
    # this page has the palette; only a notebook needs the colours beside their names
    lean = _BESIDE.sub(r"var(\1)", page).replace(_UNSEEN, "")
    return _SIZE.sub(r'font-size="\1"', lean)


def _not_on_record(clients: Clients) -> list[Part]:
    """Whose records end before the day of a report, or have months without data in between."""
    found = [
        (record.client_name, record.title, gap)
        for records in clients.values()
        for record in records
        for gap in dict.fromkeys(each.gap for each in record.headline.figures if each.gap)
    ]
    if not found:
        return []
    html = table(
        pd.DataFrame(found, columns=["client", "report", "gap"]),
        caption="What is not on record: months without data are no saving and no drop",
        columns={"client": "Client", "report": "Report", "gap": "What is missing"},
        source="the clients' reports, which compare no number of such months with other reviews",
        shown=6,
    ).html  # fmt: skip
    return [Part("Records to bring up to date", html)]


def _counting_in(clients: Clients, currency: str) -> set[str]:
    """Clients that hand on money of a currency."""
    return {
        client
        for client, records in clients.items()
        for record in records
        if any(block.unit == currency for block in record.headline.recorded.values())
    }
