"""The consultant's page over all clients; clients never get it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping

from techalign import __version__
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
            together=[part for s in subjects() if s.together for part in s.together(clients)],
            currencies=[(currency, by_currency[currency]) for currency in order],
            scores=[s.practice(clients, earlier) for s in subjects() if s.practice],
            version=__version__,
        )
    )
    # this page has the palette; only a notebook needs the colours beside their names
    lean = _BESIDE.sub(r"var(\1)", page).replace(_UNSEEN, "")
    return _SIZE.sub(r'font-size="\1"', lean)


def _counting_in(clients: Clients, currency: str) -> set[str]:
    """Clients that hand on money of a currency."""
    return {
        client
        for client, records in clients.items()
        for record in records
        if any(block.unit == currency for block in record.headline.recorded.values())
    }
