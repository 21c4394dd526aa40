"""What the vendors of a register run on, read from the register and told of it.

The column ``hubs`` names hosts, platforms and other vendors, each with the chance to fall with
it. What falls together is then a matter of ``techalign.losses.Hubs``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from techalign.errors import ModelError
from techalign.losses.cascade import simulate_losses
from techalign.losses.distribution import LossDistribution
from techalign.losses.hubs import Hubs
from techalign.numbers.arrays import Floats
from techalign.numbers.named_shares import named_shares
from techalign.text import folded

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "HUB_PD",
    "hub_chances",
    "hub_losses",
    "hub_table",
    "hubs_in_words",
    "parse_hubs",
    "tangled_note",
    "without_circles",
    "without_hubs",
]


HUB_PD = 0.01
"""Probability that a hub fails in a year where nobody states one. An assumption: no public data."""


NEGLIGIBLE = 0.005
"""Share of the spread that may be lost to links left out before it is told."""

DRAWS = 100_000
"""Years simulated where links were left out."""


@dataclass(frozen=True)
class _Links:
    """Who runs on what: for each vendor the chance to fall with a hub, by its small letters."""

    of_row: list[dict[str, float]]
    shown: dict[str, str]  # hubs as first written
    own: dict[str, int]  # row of a hub that is itself a vendor


def _links(vendors: pd.DataFrame) -> _Links:
    rows = [folded(str(name)) for name in vendors["vendor"]]
    of_row: list[dict[str, float]] = []
    shown: dict[str, str] = {}
    for line, text, vendor in zip(vendors.index, vendors["hubs"], rows, strict=True):
        where = f"vendors.hubs[{line}]"
        try:
            entries = named_shares(str(text))
        except ValueError as error:
            raise ModelError(where, str(error), value=text) from error
        of_row.append({folded(name): chance for name, chance in entries})
        for name, chance in entries:
            shown.setdefault(folded(name), name)
            if folded(name) == vendor and chance > 0:
                raise ModelError(where, "names the vendor itself: a circle", value=name)
    return _Links(of_row, shown, {key: rows.index(key) for key in shown if key in rows})


def parse_hubs(vendors: pd.DataFrame, hub_pd: float | Mapping[str, float] = HUB_PD) -> Hubs:
    """Read the vendors table's ``hubs``: ``"NimbusCloud:0.3; Harbor Payroll:0.2"``.

    Parameters
    ----------
    vendors : DataFrame
        Columns vendor and hubs; the number is the probability to fall with the hub.
    hub_pd : float or mapping of str to float
        Yearly probability that a hub fails: one for all, or by name (upper and lower case
        count the same). A hub that is a vendor of the table needs none.

    Returns
    -------
    Hubs
        Empty if no vendor names one.

    Raises
    ------
    ModelError
        If an entry cannot be read, a probability is not within 0 and 1, a hub is named twice
        by one vendor, hubs form a circle, or ``hub_pd`` names an unknown hub or lacks one.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"vendor": ["A", "B"], "hubs": ["Nimbus:0.3; B:20%", "nimbus:0.5"]})
    >>> hubs = parse_hubs(table)
    >>> hubs.names, hubs.takes.tolist(), hubs.own
    (('Nimbus', 'B'), [[0.3, 0.2], [0.5, 0.0]], (-1, 1))
    """
    links = _links(vendors)
    keys = list(links.shown)
    takes = np.array([[link.get(key, 0.0) for key in keys] for link in links.of_row])
    takes = takes.reshape(len(links.of_row), len(keys))
    own = tuple(links.own.get(key, -1) for key in keys)
    chained = np.array([takes[row] if row >= 0 else np.zeros(len(keys)) for row in own])
    bare = Hubs(
        names=tuple(links.shown.values()),
        pd=np.zeros(len(keys)),
        takes=takes,
        own=own,
        chained=chained.reshape(len(keys), len(keys)),
    )
    return hub_chances(bare, hub_pd)


def hub_chances(hubs: Hubs, hub_pd: float | Mapping[str, float], rho: float = 0.0) -> Hubs:
    """The same hubs with other yearly probabilities, given as for :func:`parse_hubs`.

    ``rho`` is the correlation with hard times of those that are no vendor of the table.
    """
    if not isinstance(hub_pd, Mapping):
        chances = [float(hub_pd)] * len(hubs.names)
    else:
        keys = [folded(name) for name in hubs.names]
        given = {folded(str(name)): float(value) for name, value in hub_pd.items()}
        unknown = [name for name in given if name not in keys]
        if unknown:
            raise ModelError("hub_pd", "names a hub no vendor runs on", value=unknown[0])
        bare = [k for k, row in zip(keys, hubs.own, strict=True) if row < 0 and k not in given]
        if bare:
            raise ModelError("hub_pd", "lacks a hub", value=bare[0], remedy="Give its probability.")
        chances = [given.get(key, 0.0) for key in keys]
    return replace(hubs, pd=np.array(chances), rho=rho)


def beside(hubs: Hubs, events: int) -> Hubs:
    """The same hubs among more events, the last of which run on none of them."""
    more = events - len(hubs.takes)
    if more <= 0:
        return hubs
    takes = np.vstack([hubs.takes, np.zeros((more, len(hubs.names)))])
    return replace(hubs, takes=takes)


def without_circles(vendors: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Take out the weakest link of every circle of vendors that run on one another.

    Two vendors that each fall with the other have no probability of their own from which to
    begin; the weakest link is what the circle loses least by.

    Parameters
    ----------
    vendors : DataFrame
        Columns vendor and hubs, see :func:`parse_hubs`.

    Returns
    -------
    vendors : DataFrame
        The same table, ``hubs`` without these entries.
    notes : tuple of str
        One sentence for each link left out.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"vendor": ["A", "B"], "hubs": ["B:0.5", "A:0.1; Nimbus:0.3"]})
    >>> fixed, notes = without_circles(table)
    >>> fixed["hubs"].tolist()
    ['B:0.5', ' Nimbus:0.3']
    >>> notes[0]
    'B runs on A runs on B: a circle. Its weakest link is left out: that B falls with A (10%).'
    """
    links, notes = _links(vendors), []
    names = [str(name).strip() for name in vendors["vendor"]]
    runs_on = {
        key: {hub: p for hub, p in links.of_row[row].items() if hub in links.own and p > 0}
        for key, row in links.own.items()
    }
    texts = vendors["hubs"].copy()
    while circle := _circle(runs_on):
        pairs = list(zip(circle, [*circle[1:], circle[0]], strict=True))
        # of equal links the one named first goes, so that the same table gives the same figures
        key, hub = min(pairs, key=lambda pair: (runs_on[pair[0]][pair[1]], links.own[pair[0]]))
        row, chance = links.own[key], runs_on[key].pop(hub)
        texts.iloc[row] = _without(str(texts.iloc[row]), {hub})
        around = [names[links.own[one]] for one in (*circle, circle[0])]
        notes.append(
            f"{' runs on '.join(around)}: a circle. Its weakest link is left out: that "
            f"{names[row]} falls with {names[links.own[hub]]} ({chance:.0%})."
        )
    return (vendors.assign(hubs=texts) if notes else vendors), tuple(notes)


def _circle(runs_on: Mapping[str, Mapping[str, float]]) -> list[str]:
    """One circle, each running on the next; empty if there is none."""
    left = {key: set(hubs) for key, hubs in runs_on.items()}
    while free := [key for key, hubs in left.items() if not hubs & left.keys()]:
        for key in free:
            del left[key]
    way = list(left)[:1]
    while way:  # all that is left runs on something left: any way ends in a circle
        following = next(hub for hub in runs_on[way[-1]] if hub in left)
        if following in way:
            return way[way.index(following) :]
        way.append(following)
    return way


def without_hubs(texts: pd.Series[str], names: Sequence[str]) -> pd.Series[str]:
    """The column ``hubs`` without the entries of some names; what cannot be read stays."""
    gone = {folded(str(name)) for name in names}
    return texts.map(lambda text: _without(str(text), gone))


def _without(text: str, gone: set[str]) -> str:
    entries = text.split(";")
    return ";".join(e for e in entries if folded(e.rpartition(":")[0]) not in gone)


def hubs_in_words(hubs: Hubs, count: int) -> list[str]:
    """The hubs of each of ``count`` vendors, with its chance to fall with them."""
    if not hubs.names:
        return [""] * count
    return [
        ", ".join(
            f"{name} ({chance:.0%})"
            for name, chance in zip(hubs.names, row, strict=True)
            if chance > 0
        )
        for row in hubs.takes
    ]


def hub_losses(losses: LossDistribution) -> tuple[Floats, Floats, Floats]:
    """Chance of each hub to fail in a year, expected loss of that year, and what it causes of it.

    The last is an expected loss a year: what would go if the hub never failed.
    """
    chance, lost = losses.hub_losses()
    without = losses.el - chance * lost
    # expected loss of the years in which the hub stands
    spared = np.where(chance < 1, without / np.where(chance < 1, 1.0 - chance, 1.0), 0.0)
    return chance, lost, chance * (lost - spared)


def tangled_note(losses: LossDistribution, hubs: Hubs) -> tuple[str, ...]:
    """Say what was left out where too many hubs hang together, beside years simulated with all.

    Parameters
    ----------
    losses : LossDistribution
        Of the vendors, in money.
    hubs : Hubs
        As passed to it, with their probabilities.

    Returns
    -------
    tuple of str
        Empty where the spread is right within ``NEGLIGIBLE``.
    """
    if losses.neglected <= NEGLIGIBLE:
        return ()
    pd, money, takes = _as_cascade(losses, hubs)
    load = np.concatenate([losses.rho, np.full(pd.size - losses.pd.size, hubs.rho)])
    years = simulate_losses(pd, money, takes, np.random.default_rng(0), rho=load, draws=DRAWS)
    found = years.var_interval(0.99)
    return (
        f"{losses.note} In {DRAWS:,} years simulated with every link, one in a hundred loses "
        f"{found.point:,.0f} ({found.low:,.0f} to {found.high:,.0f}) or more; the exact figure "
        f"without those links is {losses.var(0.99):,.0f}.",
    )


def _as_cascade(losses: LossDistribution, hubs: Hubs) -> tuple[Floats, Floats, Floats]:
    """Vendors, then hubs that are none, as events that set off one another."""
    assert hubs.chained is not None  # filled in by its constructor
    n = losses.pd.size
    outside = [k for k, row in enumerate(hubs.own) if row < 0]
    event = [row if row >= 0 else n + outside.index(k) for k, row in enumerate(hubs.own)]
    size = n + len(outside)
    takes = np.zeros((size, size))
    takes[:n, event] = hubs.takes
    for k in outside:
        takes[event[k], event] = hubs.chained[k]
    pd = np.concatenate([losses.pd, hubs.pd[outside]])
    return pd, np.concatenate([losses.loss, np.zeros(len(outside))]), takes


def hub_table(vendors: pd.DataFrame, hubs: Hubs, losses: LossDistribution) -> pd.DataFrame:
    """Hubs by what their failure would cost; the columns are those of ``VendorRisk.hubs``."""
    import pandas as pd

    names = vendors["vendor"].to_numpy(str)
    chance, lost, caused = hub_losses(losses)
    on = [names[hubs.takes[:, k] > 0] for k in range(len(hubs.names))]
    order = np.argsort(-lost, kind="stable")
    return pd.DataFrame({
        "hub": [hubs.names[k] for k in order], "vendors": [len(on[k]) for k in order],
        "names": [", ".join(on[k]) for k in order], "chance": chance[order],
        "loss_if_down": lost[order], "expected_loss": caused[order],
    })  # fmt: skip
