"""What an assessment rests on that nobody has measured, each with the reason for its value.

Values and their sources come from a table of assumptions (``VendorAssumptions.from_table``) or from
published tables.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from math import isnan
from typing import TYPE_CHECKING

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval
from techalign.vendors.agreements import AgreementChances
from techalign.vendors.chances import ChanceBasis
from techalign.vendors.company_size import SizeEffect
from techalign.vendors.exposure import LossAssumptions
from techalign.vendors.hubs import HUB_PD
from techalign.vendors.outages import OutageAssumptions

if TYPE_CHECKING:
    import pandas as pd

    from techalign.losses.hubs import Hubs
    from techalign.vendors.early_warning import EarlyWarnings

__all__ = ["HubPd", "VendorAssumptions", "assumption_table"]

HubPd = Mapping[str, float] | float
Row = tuple[str, float, float, float, str, str]

UNKNOWN = "No public data; given by the caller"

OF_HUB = "Its own chance as a vendor where the practice knows it; otherwise no public data"
CENSUS = "US Census, firm deaths by age 2010-2019, against BLS, establishments by age 1994-2023"
DIRECTORY = "Acquisitions by size in a public directory of young technology vendors, 2021-2023"


KEYS = {
    "rho": "vendor_failure_correlation",
    "hub_pd": "hub_failure_probability",
    "hazard": "vendor_hazard_against_sector",
    "oldest": "vendor_oldest_age",
    "rate_low": "closure_rate_low_end",
    "not_renewed": "agreement_not_renewed",
    "worse_terms": "agreement_worse_terms",
    "outage_hours": "outage_hours_a_year",
    "outage_at_work": "outage_hours_at_work",
    "outage_next_year": "outage_hours_next_year",
}
"""Rows of a table of assumptions that :meth:`VendorAssumptions.from_table` takes."""


@dataclass(frozen=True, kw_only=True, eq=False)
class VendorAssumptions:
    """What an assessment rests on beside the client's tables and published survival.

    Parameters
    ----------
    rho : float or (value, low, high)
        Correlation of vendors through one factor, at least 0 and below 1. An assumption.
    hub_pd : (value, low, high), float, or mapping of str to float
        Yearly probability that a hub fails, see :func:`parse_hubs`. An assumption.
    known : DataFrame, optional
        Hubs that are vendors of others of the same practice: vendor, founded, size, sector,
        owner_kind. They fail with a vendor's own chance, whoever runs on them.
    hazard_range, oldest, rate_low
        See ``ChanceBasis``. Assumptions.
    loss : LossAssumptions
        Factors on the client's estimates of losses.
    rates : DataFrame, optional
        Columns event, rate (per year), population, source: the rate ``closure`` then serves for
        young, venture-owned vendors of the sector information, and ``acquisition`` for their
        chance to be bought.
    sizes : SizeEffect, optional
        How closing depends on the people a vendor employs; without it, size moves nothing.
    company : Interval, optional
        Deaths of companies against those of establishments of the same age, where ``facts`` were
        moved by it (see ``company_survival``); shown among the assumptions.
    agreements : AgreementChances
        What is taken of agreements that end. Assumptions.
    outages : OutageAssumptions
        What is taken of services that are down. Assumptions.
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
    known: pd.DataFrame | None = None
    hazard_range: tuple[float, float] = (0.5, 1.5)
    oldest: float = 50.0
    rate_low: float = 0.7
    loss: LossAssumptions = field(default_factory=LossAssumptions)
    rates: pd.DataFrame | None = None
    sizes: SizeEffect | None = None
    company: Interval | None = None
    agreements: AgreementChances = field(default_factory=AgreementChances)
    outages: OutageAssumptions = field(default_factory=OutageAssumptions)
    copula: str = "gaussian"
    nu: float = 4.0
    sources: pd.DataFrame | None = None

    @cached_property
    def basis(self) -> ChanceBasis:
        """What the vendors' own chances rest on."""
        return ChanceBasis(
            rates=self.rates, sizes=self.sizes, hazard_range=self.hazard_range,
            oldest=self.oldest, rate_low=self.rate_low,
        )  # fmt: skip

    def __post_init__(self) -> None:
        self.basis  # noqa: B018  what is out of bounds is refused at once

    @classmethod
    def from_table(
        cls,
        table: pd.DataFrame,
        *,
        rates: pd.DataFrame | None = None,
        sizes: SizeEffect | None = None,
        company: Interval | None = None,
        known: pd.DataFrame | None = None,
    ) -> VendorAssumptions:
        """Take every value from a table of assumptions.

        Parameters
        ----------
        table : DataFrame
            Columns key, value, low, high (NaN for none), source, kind.
        rates, sizes, company, known
            See the class.

        Raises
        ------
        ModelError
            If a key is missing.
        """
        keys = table["key"].tolist()
        rows = dict(zip(keys, table[["value", "low", "high"]].to_numpy(float), strict=True))
        lacking = [key for key in KEYS.values() if key not in rows]
        if lacking:
            raise ModelError("table", "lacks the assumption", value=lacking[0])
        ends = {name: _ends(rows[key]) for name, key in KEYS.items()}
        ranges = {name: Interval(*three, level=1.0) for name, three in ends.items()}
        return cls(
            rho=ends["rho"], hub_pd=ends["hub_pd"], hazard_range=ends["hazard"][1:],
            oldest=ends["oldest"][0], rate_low=ends["rate_low"][0],
            loss=LossAssumptions.from_table(table), rates=rates, sizes=sizes, company=company,
            known=known, sources=table,
            agreements=AgreementChances(ranges["not_renewed"], ranges["worse_terms"]),
            outages=OutageAssumptions(
                ranges["outage_hours"], ranges["outage_at_work"], ranges["outage_next_year"]
            ),
        )  # fmt: skip

    @property
    def rho_ends(self) -> tuple[float, float, float]:
        """Point, low and high of the correlation."""
        return self.rho if isinstance(self.rho, tuple) else (self.rho,) * 3

    @property
    def hub_ends(self) -> tuple[HubPd, HubPd, HubPd]:
        """Point, low and high of the hubs' probabilities."""
        return self.hub_pd if isinstance(self.hub_pd, tuple) else (self.hub_pd,) * 3


def _ends(row: Floats) -> tuple[float, float, float]:
    """Value, low and high; the value where there is no range."""
    value, low, high = (float(number) for number in row)
    return value, value if isnan(low) else low, value if isnan(high) else high


def assumption_table(
    given: VendorAssumptions,
    hubs: Hubs,
    hub_ends: tuple[HubPd, HubPd, HubPd],
    warnings: EarlyWarnings | None,
    short_of_ceasing: tuple[pd.DataFrame, pd.Series[str]],
) -> pd.DataFrame:
    """List the assumptions used: assumption, value, low, high, unit, kind, source.

    ``short_of_ceasing`` are the ends of agreements and where the hours of outages come from.
    """
    import pandas as pd

    rows: list[Row] = [
        ("correlation of vendors", *given.rho_ends, "correlation of the latent factor",
         KEYS["rho"]),
        ("hazard against the sector's", 1.0, *given.hazard_range, "factor", KEYS["hazard"]),
        ("oldest age if unknown", *(given.oldest,) * 3, "years", KEYS["oldest"]),
    ]  # fmt: skip
    if given.rates is not None:
        rows.append(
            ("lower end of the closure rate", *(given.rate_low,) * 3, "factor", KEYS["rate_low"])
        )
    if given.company is not None:
        one = given.company
        rows.append(("companies against establishments", *_rounded(one.point, one.low, one.high),
                     "times as often", "company"))  # fmt: skip
    rows += _of_size(given.sizes)
    rows += [
        (name.replace("_", " "), v.point, v.low, v.high, "factor", name)
        for name, v in given.loss.items()
    ]
    rows += _of_hubs(hubs, hub_ends)
    if given.copula == "t":
        rows.append(("heaviness of the joint tail", given.nu, given.nu, given.nu,
                     "degrees of freedom", "tail_degrees_of_freedom"))  # fmt: skip
    rows += _of_events(warnings) + _of_agreements(given.agreements, short_of_ceasing[0])
    rows += _of_outages(given.outages, set(short_of_ceasing[1]))
    told = {"company": ("published statistic", CENSUS), "hub": ("assumption", OF_HUB)}
    if given.sources is not None:
        keys, *kind_and_source = (given.sources[n].tolist() for n in ("key", "kind", "source"))
        told |= dict(zip(keys, zip(*kind_and_source, strict=True), strict=True))
    if given.sizes is not None:
        told |= {"size": ("published statistic", given.sizes.source)}
        told |= {"bought": ("measured", DIRECTORY)}
    full = [(*row, *told.get(key, ("assumption", UNKNOWN))) for *row, key in rows]
    names = ("assumption", "value", "low", "high", "unit", "kind", "source")
    return pd.DataFrame(dict(zip(names, zip(*full, strict=True), strict=True)))


def _rounded(point: float, low: float, high: float) -> tuple[float, float, float]:
    """Factors as a reader can use them."""
    return round(point, 2), round(low, 2), round(high, 2)


def _of_size(sizes: SizeEffect | None) -> list[Row]:
    if sizes is None:
        return []
    k, m, g = sizes.exponent, sizes.merging, sizes.growth
    half = sorted(2.0**-end for end in (k.low, k.high))
    return [
        ("closing at twice the size", *_rounded(2.0**-k.point, *half), "times as often", "size"),
        ("being bought at twice the size", *_rounded(*(2.0**e for e in (g.point, g.low, g.high))),
         "times as often", "bought"),
        ("a company of one is bought or merged", m.point, m.low, m.high, "probability a year",
         "size"),
    ]  # fmt: skip


def _of_hubs(hubs: Hubs, hub_pd: tuple[HubPd, HubPd, HubPd]) -> list[Row]:
    if all(row >= 0 for row in hubs.own):
        return []
    if isinstance(hub_pd[0], Mapping):
        least, most = (one if isinstance(one, Mapping) else {} for one in hub_pd[1:])
        return [
            (f"{name} fails in a year", p, least.get(name, p), most.get(name, p), "%", "hub")
            for name, p in hub_pd[0].items()
        ]
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


def _of_agreements(given: AgreementChances, ends: pd.DataFrame) -> list[Row]:
    assumed = ends.loc[ends["judged"] == "assumed", "what"]
    names = (("not renewed", "an agreement that ends is not renewed", given.not_renewed),
             ("worse terms", "renewed, it gets worse terms", given.worse_terms))  # fmt: skip
    return [
        (name, v.point, v.low, v.high, "%", KEYS[what.replace(" ", "_")])
        for what, name, v in names
        if (assumed == what).any()
    ]


def _of_outages(given: OutageAssumptions, basis: set[str]) -> list[Row]:
    rows: list[Row] = []
    if "as promised" in basis:
        h = given.hours
        rows.append(("hours a service is down", h.point, h.low, h.high, "hours a year",
                     KEYS["outage_hours"]))  # fmt: skip
    if "counted" in basis:
        n = given.next_year
        rows.append(("hours down next year against the last", n.point, n.low, n.high, "factor",
                     KEYS["outage_next_year"]))  # fmt: skip
    if basis:
        w = given.at_work
        rows.append(("outages that fall into working hours", w.point, w.low, w.high, "%",
                     KEYS["outage_at_work"]))  # fmt: skip
    return rows
