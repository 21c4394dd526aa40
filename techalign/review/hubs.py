"""What a shared supplier's failure would do to all clients: which vendors it takes, and whose.

Vendors say in their record what they run on (``hubs``, as in the vendors table). Two clients may
know different links of one vendor: all count, the stronger where both name the same.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

    from techalign.vendors import Hubs

__all__ = ["hub_hits", "hub_names", "shared_hubs"]


def hub_names(texts: pd.Series[str]) -> list[str]:
    """Names of all hubs in the vendors' texts, in order, without repeats."""
    return list(dict.fromkeys(name for text in texts for name, _ in _links(text)))


def shared_hubs(
    vendors: pd.Series[str], hits: pd.DataFrame, name_of: Callable[[str], str], hub_pd: float
) -> Hubs | None:
    """Put the clients' hubs together.

    Parameters
    ----------
    vendors : Series
        Merged vendor names, one each.
    hits : DataFrame
        One row per vendor and client: vendor (merged), hubs (text).
    name_of : callable
        From a hub's name as written to its merged name.
    hub_pd : float
        Yearly probability that a hub fails that is not itself a vendor.

    Returns
    -------
    Hubs or None
        None if there are none, or the clients' links contradict one another (a circle).
    """
    import pandas as pd

    from techalign.vendors import parse_hubs

    links: dict[str, dict[str, float]] = {name: {} for name in vendors}
    for vendor, text in zip(hits["vendor"], hits["hubs"], strict=True):
        mine = links.get(vendor, {})
        for written, chance in _links(text):
            hub = name_of(written)
            if hub != vendor:
                mine[hub] = max(chance, mine.get(hub, 0.0))
    texts = ["; ".join(f"{hub}:{chance}" for hub, chance in links[v].items()) for v in vendors]
    try:
        found = parse_hubs(pd.DataFrame({"vendor": list(vendors), "hubs": texts}), hub_pd)
    except ModelError:
        return None
    return found if found.names else None


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


def _links(text: object) -> list[tuple[str, float]]:
    """Hubs and chances of one vendor; the notebook has checked them."""
    entries = (entry.rpartition(":") for entry in str(text or "").split(";") if ":" in entry)
    return [(name.strip(), _share(chance)) for name, _, chance in entries]


def _share(text: str) -> float:
    number = text.strip()
    return float(number.rstrip("%")) / (100.0 if number.endswith("%") else 1.0)
