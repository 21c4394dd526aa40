"""Rows of the vendor tables: who the client depends on, what happened, what would help."""

from __future__ import annotations

import datetime as dt
from typing import Annotated, ClassVar, Literal, Self

from pydantic import AfterValidator, ValidationError, model_validator
from pydantic_core import InitErrorDetails, PydanticCustomError

from techalign.intake.rows.common import Brand, Day, Money, Name, Row, Share, Text, column
from techalign.numbers.named_shares import named_shares
from techalign.text import folded

__all__ = ["EventKind", "MitigationRow", "Sector", "VendorEventRow", "VendorRow"]

Sector = Literal[
    "information",
    "professional",
    "administrative",
    "wholesale",
    "finance",
    "manufacturing",
    "retail",
    "health",
    "agriculture",
    "all",
]
EventKind = Literal["ownership", "structure", "personnel", "policy", "environment"]


def _readable(hubs: str) -> str:
    """A cell that cannot be read must not wait until a whole report fails by it."""
    if hubs:
        named_shares(hubs)
    return hubs


def _not_in_the_future(year: int | None) -> int | None:
    # the day a report speaks of is not known here: this year is generous
    if year is not None and year > dt.date.today().year:
        raise ValueError("lies in the future: correct the year, or leave it empty")
    return year


class VendorRow(Row):
    """One alliance: a company the client represents or relies on."""

    table: ClassVar = "vendors"
    key: ClassVar = ("vendor",)
    enables: ClassVar = "how likely each vendor is to cease, and what that would cost"

    vendor: Name = column("company", ["Harbor Payroll", "Cobalt Docs"])
    relation: Literal["direct", "indirect"] = column(
        "direct: you represent them; indirect: they help you run", ["indirect", "indirect"]
    )
    role: Text = column(
        "manufacturer, franchisor, carrier, brand, accountant, web, IT, marketing …",
        ["payroll service", "document storage"],
        default="",
    )
    founded: Annotated[int | None, AfterValidator(_not_in_the_future)] = column(
        "year it was founded", [2009, 2023], default=None, ge=1600
    )
    size: int | None = column("employees, roughly", [120, 9], default=None, ge=0)
    sector: Sector = column("sector of its business", ["professional", "information"])
    owner_kind: Literal["public", "private", "venture", "franchise", "government", "unknown"] = (
        column("who owns it", ["private", "venture"], default="unknown")
    )
    criticality: int = column("1 a convenience … 5 work stops without it", [4, 3], ge=1, le=5)
    revenue_share_depending: Share = column(
        "share of your revenue that stops with it", [0.0, 0.05], default=0.0
    )
    records_held: float = column("records it keeps for you", [300, 12000], default=0, ge=0)
    record_value: Money = column("cost to rebuild one record", [4.0, 1.5], default=0, ge=0)
    switching_cost: Money = column("cost to move to another", [1500.0, 2500.0], default=0, ge=0)
    retooling_cost: Money = column("new tools and training", [0, 800.0], default=0, ge=0)
    prepaid: Money = column("paid in advance and lost", [0, 1200.0], default=0, ge=0)
    weeks_out: float = column("weeks until work is normal", [1.0, 2.0], default=0, ge=0, le=260)
    margin_per_week: Money = column("margin lost in such a week", [900.0, 400.0], default=0, ge=0)
    hubs: Annotated[Text, AfterValidator(_readable)] = column(
        "what it runs on, name:probability that it falls with it, separated by ;",
        ["", "NimbusCloud:0.3"],
        default="",
    )
    export_tested: bool = column("a full export has been tested", [True, False], default=False)
    escrow: bool = column("source code or data in escrow", [False, False], default=False)
    second_source: bool = column("a second supplier stands ready", [True, False], default=False)
    ceased: Day | None = column(
        "day it closed or ended the product; keep its row, and leave this empty while it is there",
        [None, None],
        default=None,
    )
    since: Day | None = column(
        "day you began to rely on it", ["2018-03-01", "2024-06-01"], default=None
    )
    acquired: Day | None = column(
        "day it was bought by another company; keep its row, whether it goes on or not",
        [None, None],
        default=None,
    )
    agreement_ends: Day | None = column(
        "day your agreement with it ends unless it is renewed, as of a franchise or a dealership",
        [None, None],
        default=None,
    )
    not_renewed: Share | None = column(
        "chance that it will not be renewed, as you judge", [None, None], default=None
    )
    worse_terms_cost: Money | None = column(
        "what worse terms would cost you a year", [None, None], default=None, ge=0
    )
    outage_hours: float | None = column(
        "hours it was down in the last 12 months, as you counted",
        [None, None], default=None, ge=0, le=8784,
    )  # fmt: skip
    outage_cost_hour: Money | None = column(
        "cost of a working hour without it; empty: the margin of a week by 40 hours",
        [None, None], default=None, ge=0,
    )  # fmt: skip
    total_assets: Money | None = column(
        "from its last accounts, if you have them, in any one currency", [None, None],
        default=None, gt=0,
    )  # fmt: skip
    total_liabilities: Money | None = column(
        "from the same accounts: all it owes", [None, None], default=None, gt=0
    )
    working_capital: Money | None = column(
        "current assets less current liabilities", [None, None], default=None
    )
    retained_earnings: Money | None = column(
        "profits kept since it began", [None, None], default=None
    )
    ebit: Money | None = column(
        "its year's profit before interest and tax", [None, None], default=None
    )
    brand_pace: Brand = column("1 slow and stodgy … 5 as quick as you", [4, 5], default=None)
    brand_cost: Brand = column("1 slows you down … 5 makes work easier", [4, 4], default=None)
    brand_known: Brand = column("1 nobody knows them … 5 proven", [4, 1], default=None)
    brand_forward: Brand = column("1 looks back … 5 looks forward", [3, 5], default=None)
    brand_media: Brand = column("1 old media only … 5 where customers are", [3, 4], default=None)
    brand_people: Brand = column("1 old people policies … 5 current", [4, 3], default=None)
    brand_service: Brand = column("1 always ask someone … 5 self-service", [5, 5], default=None)
    brings_access: Money | None = column(
        "margin a year of customers who come only because of it", [None, 2400.0],
        default=None, ge=0,
    )  # fmt: skip
    brings_marketing: Money | None = column(
        "money a year it puts into advertising or stands of yours", [None, None],
        default=None, ge=0,
    )  # fmt: skip
    brings_learning: float | None = column(
        "hours a year in which it teaches your people", [12, None], default=None, ge=0, le=100_000
    )

    @model_validator(mode="after")
    def _runs_not_on_itself(self) -> Self:
        own = folded(self.vendor)
        entries = named_shares(self.hubs) if self.hubs else []
        if any(folded(name) == own and share > 0 for name, share in entries):
            # named for the column, so that the reader is led to the cell
            problem = PydanticCustomError(
                "value_error", "{error}", {"error": "names the vendor itself: a circle"}
            )
            detail = InitErrorDetails(type=problem, loc=("hubs",), input=self.hubs)
            raise ValidationError.from_exception_data("VendorRow", [detail])
        return self


class VendorEventRow(Row):
    """Something that happened at a vendor and may be an early warning."""

    table: ClassVar = "vendor_events"
    enables: ClassVar = "early warnings with dates"

    vendor: Name = column("company", ["Cobalt Docs"])
    date: Day = column("day it became known", ["2026-02-10"])
    kind: EventKind = column(
        "ownership, structure, personnel, policy or environment", ["personnel"]
    )
    note: Text = column("what happened", ["head of support left"], default="")


class MitigationRow(Row):
    """Something that can be bought against a vendor's failure."""

    table: ClassVar = "mitigations"
    key: ClassVar = ("vendor", "option")
    enables: ClassVar = "the protections worth buying within a budget"

    vendor: Name = column("company", ["Cobalt Docs", "Cobalt Docs"])
    option: Name = column("what to do", ["monthly export", "second provider"])
    yearly_cost: Money = column("cost a year", [180.0, 900.0], ge=0)
    probability_factor: float = column(
        "what remains of the probability, 1 for no effect", [1.0, 1.0], ge=0, le=1
    )
    loss_factor: float = column("what remains of the loss, 1 for no effect", [0.4, 0.3], ge=0, le=1)
