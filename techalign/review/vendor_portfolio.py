"""Vendors over all clients: who is hit, and for how much, if one ceases; and all of it together.

Made from the clients' records alone; no table is read and no model of a client run again. Money
of different currencies is never added up. Vendors say in their record what they run on (``hubs``,
as in the vendors table); two clients may know different links of one vendor: all count, the
stronger where both name the same.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from techalign.numbers.intervals import Interval
from techalign.numbers.named_shares import named_shares
from techalign.review.records import Record
from techalign.review.vendor_blocks import Vendors

if TYPE_CHECKING:
    import pandas as pd

    from techalign.vendors import Hubs, LossDistribution

__all__ = [
    "CurrencyPortfolio",
    "hub_hits",
    "shared_hubs",
    "shared_vendors",
    "vendor_portfolios",
]

_PER_CLIENT = ("client", "client_name", "currency", "written", "hubs")
_NUMBERS = ("pd", "pd_low", "pd_high", "loss", "loss_low", "loss_high")


@dataclass(frozen=True, eq=False)
class CurrencyPortfolio:
    """What vendors' ends would cost the clients that count in one currency.

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
    correlation, hub_chance : Interval
        Of vendors through their common factor; that a shared supplier fails in a year that is
        nobody's vendor. Assumptions.
    hubs : DataFrame or None
        What a shared supplier's failure costs each client: hub, client_name, vendors (tuple of
        those it may take), loss, loss_low, loss_high (average), all_fall (if it takes all of them).
    notes : tuple of str
        Links between shared suppliers that were left out as they contradict one another.
    """

    currency: str
    clients: int
    hits: pd.DataFrame
    vendors: pd.DataFrame
    losses: LossDistribution
    losses_low: LossDistribution
    losses_high: LossDistribution
    correlation: Interval
    hub_chance: Interval
    hubs: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()


def vendor_portfolios(records: Sequence[Record]) -> list[CurrencyPortfolio]:
    """Put the vendors of all clients together, currency by currency.

    Parameters
    ----------
    records : sequence of Record
        Present records of all clients.
    """
    from techalign.client import load_reference

    facts = load_reference()
    rho = facts.assumption("vendor_failure_correlation")
    hub_pd = facts.assumption("hub_failure_probability")
    hits, name_of = _hits(records, facts.suppliers)
    return [
        _part(currency, hits[hits["currency"] == currency], rho, hub_pd, name_of)
        for currency in sorted(set(hits["currency"]))
    ]


def shared_vendors(records: Sequence[Record]) -> pd.DataFrame:
    """Vendors that several clients depend on, whatever money these count in.

    Parameters
    ----------
    records : sequence of Record
        Present records of all clients.

    Returns
    -------
    DataFrame
        One row per vendor and client of those that have two clients or more, the vendor of the
        most clients first: vendor, clients (how many), client_name, currency, written, pd,
        pd_low, pd_high, loss, loss_low, loss_high. Money is each client's own.
    """
    from techalign.client import load_reference

    hits, _ = _hits(records, load_reference().suppliers)
    hits["clients"] = hits.groupby("vendor")["client"].transform("nunique")
    shared = hits[hits["clients"] > 1].drop(columns=["client", "hubs"])
    order = ["clients", "vendor", "currency", "client_name"]
    return shared.sort_values(order, ascending=[False, True, True, True], kind="stable")


def _hits(
    records: Sequence[Record], catalogue: pd.DataFrame
) -> tuple[pd.DataFrame, Callable[[str], str]]:
    """Vendor by client, names merged; and the merged name of any name, hubs included."""
    import pandas as pd

    from techalign.spending.names import merge_vendors

    rows = [
        (r.client, r.client_name, block.unit, row.vendor, row.hubs,
         *(getattr(row, name) for name in _NUMBERS))
        for r in records
        if (block := r.block(Vendors)) is not None
        for row in block.rows
    ]  # fmt: skip
    frame = pd.DataFrame(rows, columns=[*_PER_CLIENT, *_NUMBERS])
    frame = frame.astype(dict.fromkeys(_NUMBERS, float))
    hubs = pd.Series(_hub_names(frame["hubs"]), dtype=object)
    written = pd.concat([frame["written"], hubs], ignore_index=True)
    merged = merge_vendors(written, catalogue).apply(written)
    shown = dict(zip(written, merged, strict=True))
    frame["vendor"] = merged.iloc[: len(frame)].to_numpy()
    return frame, lambda name: str(shown.get(name, name))


def _part(
    currency: str,
    hits: pd.DataFrame,
    rho: Interval,
    hub_pd: Interval,
    name_of: Callable[[str], str],
) -> CurrencyPortfolio:
    from techalign.vendors import loss_distribution
    from techalign.vendors.hubs import hub_chances

    groups = hits.groupby("vendor", sort=True)
    # clients may know different things of one vendor: the chance is their average
    vendors = groups[["pd", "pd_low", "pd_high"]].mean()
    vendors = vendors.join(groups[["loss", "loss_low", "loss_high"]].sum())
    vendors["clients"] = groups["client"].nunique()
    vendors["names"] = [tuple(sorted(set(names))) for _, names in groups["client_name"]]
    vendors = vendors.sort_values("loss", ascending=False, kind="stable").reset_index()
    shared, notes = shared_hubs(vendors["vendor"], hits, name_of)
    ends = ((hub_pd.point, rho.point), (hub_pd.low, rho.low), (hub_pd.high, rho.high))
    hubs = [None if shared is None else hub_chances(shared, *end) for end in ends]
    losses, low, high = (
        loss_distribution(
            vendors[f"pd{end}"].to_numpy(float), vendors[f"loss{end}"].to_numpy(float),
            rho=r, hubs=on,
        )
        for end, r, on in zip(
            ("", "_low", "_high"), (rho.point, rho.low, rho.high), hubs, strict=True
        )
    )  # fmt: skip
    vendors["chance"] = losses.chance
    vendors["mean"] = vendors["chance"] * vendors["loss"]
    return CurrencyPortfolio(
        currency=currency,
        clients=hits["client"].nunique(),
        hits=hits,
        vendors=vendors,
        losses=losses,
        losses_low=low,
        losses_high=high,
        correlation=rho,
        hub_chance=hub_pd,
        hubs=None if hubs[0] is None else hub_hits(hubs[0], vendors["vendor"], hits),
        notes=notes,
    )


def _hub_names(texts: pd.Series[str]) -> list[str]:
    """Names of all hubs in the vendors' texts, in order, without repeats."""
    return list(dict.fromkeys(name for text in texts for name, _ in named_shares(text)))


def shared_hubs(
    vendors: pd.Series[str], hits: pd.DataFrame, name_of: Callable[[str], str]
) -> tuple[Hubs | None, tuple[str, ...]]:
    """Put the clients' hubs together.

    Parameters
    ----------
    vendors : Series
        Merged vendor names, one each.
    hits : DataFrame
        One row per vendor and client: vendor (merged), hubs (text).
    name_of : callable
        From a hub's name as written to its merged name.

    Returns
    -------
    hubs : Hubs or None
        None if there are none.
    notes : tuple of str
        Where what clients say makes a circle: the weakest link, which is left out.
    """
    import pandas as pd

    from techalign.vendors import parse_hubs, without_circles

    links: dict[str, dict[str, float]] = {name: {} for name in vendors}
    for vendor, text in zip(hits["vendor"], hits["hubs"], strict=True):
        mine = links.get(vendor, {})
        for written, chance in named_shares(text):
            hub = name_of(written)
            if hub != vendor:
                mine[hub] = max(chance, mine.get(hub, 0.0))
    texts = ["; ".join(f"{hub}:{chance}" for hub, chance in links[v].items()) for v in vendors]
    table, notes = without_circles(pd.DataFrame({"vendor": list(vendors), "hubs": texts}))
    found = parse_hubs(table)
    return (found if found.names else None), notes


def hub_hits(hubs: Hubs, vendors: pd.Series[str], hits: pd.DataFrame) -> pd.DataFrame:
    """Tell for each hub and client what its failure would cost on average.

    Parameters
    ----------
    hubs : Hubs
    vendors : Series
        Vendor names in the order of the hubs' rows.
    hits : DataFrame
        One row per vendor and client: vendor, client, client_name, loss, loss_low, loss_high.

    Returns
    -------
    DataFrame
        hub, client, client_name, vendors (tuple of names, the costliest first), loss, loss_low,
        loss_high (each vendor's, times the chance that it falls with the hub), all_fall (if all
        do).
    """
    import pandas as pd

    parts = []
    for k, hub in enumerate(hubs.names):
        falls = dict(zip(vendors, _falls(hubs, k), strict=True))
        hit = hits.assign(falls=hits["vendor"].map(falls))
        hit = hit[(hit["falls"] > 0) & (hit["loss"] > 0)].sort_values(
            "loss", ascending=False, kind="stable"
        )
        for end in ("loss", "loss_low", "loss_high"):
            hit[f"mean_{end}"] = hit[end] * hit["falls"]
        parts.append(
            hit.groupby(["client", "client_name"], sort=False)
            .agg(
                vendors=("vendor", lambda names: tuple(dict.fromkeys(names))),
                loss=("mean_loss", "sum"),
                loss_low=("mean_loss_low", "sum"),
                loss_high=("mean_loss_high", "sum"),
                all_fall=("loss", "sum"),
            )
            .reset_index()
            .assign(hub=hub)
        )
    return pd.concat(parts, ignore_index=True)


def _falls(hubs: Hubs, k: int) -> NDArray[np.float64]:
    """Chance that each vendor falls because of hub k, directly or through hubs that run on it."""
    assert hubs.chained is not None  # filled in by its constructor
    down = np.zeros(len(hubs.names))
    down[k] = 1.0
    for j in hubs.order():  # each after those it runs on
        if j != k:
            down[j] = 1.0 - np.prod(1.0 - hubs.chained[j] * down)
    falls: NDArray[np.float64] = 1.0 - np.prod(1.0 - hubs.takes * down, axis=1)
    if hubs.own[k] >= 0:
        falls[hubs.own[k]] = 1.0
    return falls
