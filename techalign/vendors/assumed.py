"""What an assessment rests on that nobody has measured, each with the reason for its value.

Where a value comes from a table of assumptions, so does its source; the few that belong to this
package say here why they are what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from techalign.vendors.chances import OLDEST, RATE_LOW
from techalign.vendors.exposure import LossAssumptions

if TYPE_CHECKING:
    import pandas as pd

    from techalign.losses.hubs import Hubs
    from techalign.vendors.early_warning import EarlyWarnings

__all__ = ["HubPd", "assumed"]

HubPd = Mapping[str, float] | float
Row = tuple[str, float, float, float, str, str]

UNKNOWN = "No public data; given by the caller"
OWN = {
    "hazard": "No public data on how far a client's vendors lie from their sector; one directory "
    "of young technology vendors lies at a third of its sector's rate",
    "oldest": "Convention: beyond this age the chance hardly falls any further",
    "rate": "Spread of that directory's windows of 4 to 10 months",
}


def assumed(
    rho: tuple[float, float, float],
    hazard_range: tuple[float, float],
    loss: LossAssumptions,
    hubs: Hubs,
    hub_pd: tuple[HubPd, HubPd, HubPd],
    tail: tuple[str, float],
    *,
    with_rates: bool,
    warnings: EarlyWarnings | None,
    table: pd.DataFrame | None,
) -> pd.DataFrame:
    """List the assumptions used: assumption, value, low, high, unit, kind, source.

    Parameters
    ----------
    rho, hazard_range, loss, hub_pd, warnings
        As passed to ``assess_vendors``.
    hubs : Hubs
        Those of the table.
    tail : (copula, nu)
    with_rates : bool
        Whether the rate of young technology vendors was used.
    table : DataFrame or None
        Columns key, source, kind: where the values passed come from.
    """
    import pandas as pd

    rows: list[Row] = [
        ("correlation of vendors", *rho, "correlation of the latent factor",
         "vendor_failure_correlation"),
        ("hazard against the sector's", 1.0, *hazard_range, "factor", "hazard"),
        ("oldest age if unknown", OLDEST, OLDEST, OLDEST, "years", "oldest"),
    ]  # fmt: skip
    if with_rates:
        rows.append(
            ("lower end of the closure rate", RATE_LOW, RATE_LOW, RATE_LOW, "factor", "rate")
        )
    rows += [
        (name.replace("_", " "), v.point, v.low, v.high, "factor", name) for name, v in loss.items()
    ]
    rows += _of_hubs(hubs, hub_pd)
    if tail[0] == "t":
        rows.append(("heaviness of the joint tail", tail[1], tail[1], tail[1],
                     "degrees of freedom", "tail_degrees_of_freedom"))  # fmt: skip
    rows += _of_events(warnings)
    told = {name: ("assumption", source) for name, source in OWN.items()}
    if table is not None:
        keys, *kind_and_source = (table[name].tolist() for name in ("key", "kind", "source"))
        told |= dict(zip(keys, zip(*kind_and_source, strict=True), strict=True))
    full = [(*row, *told.get(key, ("assumption", UNKNOWN))) for *row, key in rows]
    names = ("assumption", "value", "low", "high", "unit", "kind", "source")
    return pd.DataFrame(dict(zip(names, zip(*full, strict=True), strict=True)))


def _of_hubs(hubs: Hubs, hub_pd: tuple[HubPd, HubPd, HubPd]) -> list[Row]:
    if all(row >= 0 for row in hubs.own):
        return []
    if isinstance(hub_pd[0], Mapping):
        return [(f"{k} fails", v, v, v, "probability a year", "") for k, v in hub_pd[0].items()]
    value, low, high = (float(p) for p in hub_pd if not isinstance(p, Mapping))
    return [("a hub fails", value, low, high, "probability a year", "hub_failure_probability")]


def _of_events(warnings: EarlyWarnings | None) -> list[Row]:
    if warnings is None or warnings.table.empty:
        return []
    rows: list[Row] = []
    for kind in dict.fromkeys(warnings.table["kind"]):
        v = warnings.hazards[kind]
        name = f"{kind}_change_hazard"
        rows.append((f"hazard after {kind} event", v.point, v.low, v.high, "factor", name))
    life = warnings.half_life
    rows.append(
        ("half-life of an event", life.point, life.low, life.high, "years", "event_half_life")
    )
    return rows
