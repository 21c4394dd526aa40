"""What an assessment rests on that nobody has measured, each with the reason for its value.

Where a value comes from a table of assumptions, so does its source; the few that belong to this
package say here why they are what they are.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from techalign.errors import ModelError
from techalign.vendors.chances import OLDEST, RATE_LOW
from techalign.vendors.exposure import LossAssumptions
from techalign.vendors.hubs import HUB_PD

if TYPE_CHECKING:
    import pandas as pd

    from techalign.losses.hubs import Hubs
    from techalign.vendors.early_warning import EarlyWarnings

__all__ = ["VendorAssumptions", "assumption_table"]

HubPd = Mapping[str, float] | float
Row = tuple[str, float, float, float, str, str]

UNKNOWN = "No public data; given by the caller"
OWN = {
    "hazard": "No public data on how far a client's vendors lie from their sector; one directory "
    "of young technology vendors lies at a third of its sector's rate",
    "oldest": "Convention: beyond this age the chance hardly falls any further",
    "rate": "Spread of that directory's windows of 4 to 10 months",
}
"""Why the values that belong to this package are what they are."""


@dataclass(frozen=True, kw_only=True, eq=False)
class VendorAssumptions:
    """What an assessment rests on beside the client's tables and published survival.

    Parameters
    ----------
    rho : float or (value, low, high)
        Correlation of vendors through one factor, at least 0 and below 1. An assumption.
    hub_pd : (value, low, high), float, or mapping of str to float
        Yearly probability that a hub fails, see :func:`parse_hubs`. An assumption.
    hazard_range : (low, high)
        Factors on the sector's hazard that this client's vendors may lie within. An
        assumption: the published tables say nothing of it.
    loss : LossAssumptions
        Factors on the client's estimates of losses.
    rates : DataFrame, optional
        Columns event, rate (per year), population, source: the rate ``closure`` then serves for
        young, venture-owned vendors of the sector information.
    copula : str
        ``"gaussian"`` or ``"t"``, with ``nu`` degrees of freedom.
    nu : float
    sources : DataFrame, optional
        Columns key, source, kind: where these values come from.

    Raises
    ------
    ModelError
        If the hazard's range does not hold 1.

    Examples
    --------
    >>> VendorAssumptions(rho=0.2).rho_ends
    (0.2, 0.2, 0.2)
    """

    rho: tuple[float, float, float] | float = (0.15, 0.05, 0.30)
    hub_pd: tuple[float, float, float] | Mapping[str, float] | float = (HUB_PD, 0.003, 0.03)
    hazard_range: tuple[float, float] = (0.5, 1.5)
    loss: LossAssumptions = field(default_factory=LossAssumptions)
    rates: pd.DataFrame | None = None
    copula: str = "gaussian"
    nu: float = 4.0
    sources: pd.DataFrame | None = None

    def __post_init__(self) -> None:
        if not 0 < self.hazard_range[0] <= 1 <= self.hazard_range[1]:
            raise ModelError("hazard_range", "must be low <= 1 <= high", value=self.hazard_range)

    @property
    def rho_ends(self) -> tuple[float, float, float]:
        """Point, low and high of the correlation."""
        return self.rho if isinstance(self.rho, tuple) else (self.rho,) * 3

    @property
    def hub_ends(self) -> tuple[HubPd, HubPd, HubPd]:
        """Point, low and high of the hubs' probabilities."""
        return self.hub_pd if isinstance(self.hub_pd, tuple) else (self.hub_pd,) * 3


def assumption_table(
    given: VendorAssumptions, hubs: Hubs, warnings: EarlyWarnings | None
) -> pd.DataFrame:
    """List the assumptions used: assumption, value, low, high, unit, kind, source."""
    import pandas as pd

    rows: list[Row] = [
        ("correlation of vendors", *given.rho_ends, "correlation of the latent factor",
         "vendor_failure_correlation"),
        ("hazard against the sector's", 1.0, *given.hazard_range, "factor", "hazard"),
        ("oldest age if unknown", OLDEST, OLDEST, OLDEST, "years", "oldest"),
    ]  # fmt: skip
    if given.rates is not None:
        rows.append(
            ("lower end of the closure rate", RATE_LOW, RATE_LOW, RATE_LOW, "factor", "rate")
        )
    rows += [
        (name.replace("_", " "), v.point, v.low, v.high, "factor", name)
        for name, v in given.loss.items()
    ]
    rows += _of_hubs(hubs, given.hub_ends)
    if given.copula == "t":
        rows.append(("heaviness of the joint tail", given.nu, given.nu, given.nu,
                     "degrees of freedom", "tail_degrees_of_freedom"))  # fmt: skip
    rows += _of_events(warnings)
    told = {name: ("assumption", source) for name, source in OWN.items()}
    if given.sources is not None:
        keys, *kind_and_source = (given.sources[n].tolist() for n in ("key", "kind", "source"))
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
