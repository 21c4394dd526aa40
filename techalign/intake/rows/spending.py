"""Rows of the spending tables: what was paid, what is owed, what is owned, what is planned."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from techalign.intake.rows.common import Currency, Day, Money, Name, Row, Share, Text, column

__all__ = [
    "AssetRow",
    "ContractRow",
    "InitiativeRow",
    "LedgerRow",
    "OptionRow",
    "Purpose",
    "SupplierRow",
    "VendorNameRow",
]

Purpose = Literal["reduce", "contain", "generate", "differentiate"]


class LedgerRow(Row):
    """One payment or credit."""

    table: ClassVar = "ledger"
    reconciles: ClassVar = "amount"
    enables: ClassVar = "spending by vendor and purpose, recurring charges and price rises"

    date: Day = column(
        "day of the payment", ["2026-01-05", "2026-01-31", "2026-02-05", "2026-02-11"]
    )
    vendor_raw: Name = column(
        "supplier as the export writes it",
        ["Microsoft 365", "NORTHSIDE BROADBAND LTD", "Microsoft 365", "Hillcrest Computers"],
    )
    amount: Money = column("cost positive, credit negative", [132.0, 89.5, 132.0, -45.0])
    currency: Currency | None = column(
        "three letters; empty means the client's own", ["USD", "USD", "USD", "USD"], default=None
    )
    account: Text = column(
        "account or category in the bookkeeping",
        ["Software", "Telephone and internet", "Software", "Computer equipment"],
        default="",
    )
    memo: Text = column(
        "note or invoice text", ["11 seats", "", "11 seats", "returned keyboard"], default=""
    )
    purpose: Purpose | None = column(
        "overrides the purpose worked out from the supplier",
        ["contain", None, "contain", None],
        default=None,
    )
    initiative: Text = column(
        "id of the initiative the payment belongs to", ["", "", "", ""], default=""
    )
    reference: Text = column(
        "the bank's or bookkeeping's own id of the payment", ["", "", "", ""], default=""
    )


class ContractRow(Row):
    """One agreement with a term and a price."""

    table: ClassVar = "contracts"
    key: ClassVar = ("vendor", "capability", "start")
    enables: ClassVar = "renewals with the date to act by, unused seats and overlapping tools"

    vendor: Name = column("supplier", ["Microsoft 365", "Northside Broadband"])
    capability: Name = column("what it does for the business", ["office suite", "internet"])
    start: Day = column("first day of the term", ["2025-09-01", "2024-07-01"])
    end: Day = column("last day of the term", ["2026-08-31", "2027-06-30"])
    notice_days: int = column("days of notice to cancel", [30, 90], ge=0, le=1000)
    auto_renew: bool = column("renews by itself: yes or no", [True, True])
    annual_price: Money = column("price of one year", [1584.0, 1074.0], ge=0)
    seats_paid: int | None = column("seats on the bill", [11, None], default=None, ge=0)
    seats_active: int | None = column("seats in use", [9, None], default=None, ge=0)
    uplift: float | None = column(
        "price rise at renewal, 0.07 for 7 %", [0.07, None], default=None, ge=-1, le=5
    )

    @model_validator(mode="after")
    def _term_runs_forward(self) -> ContractRow:
        if self.end < self.start:
            raise ValueError(f"end {self.end} is before start {self.start}")
        return self


class AssetRow(Row):
    """One system or device the client owns."""

    table: ClassVar = "assets"
    enables: ClassVar = "what old technology costs and the best date to replace it"

    technology: Name = column("system or device", ["Windows Server 2016", "Front-desk computers"])
    vendor: Text = column("maker", ["Microsoft", "Dell"], default="")
    capability: Text = column("what it does", ["file server", "computers"], default="")
    cost: Money = column("price paid", [4200.0, 5400.0], ge=0)
    in_service: Day = column("first day of use", ["2018-03-01", "2021-06-15"])
    salvage: Money = column("what it could be sold for", [0, 300.0], default=0, ge=0)
    yearly_cost: Money = column("maintenance a year", [600.0, 250.0], default=0, ge=0)
    staff_hours: float = column("staff hours a year", [40.0, 12.0], default=0, ge=0, le=1e5)
    end_of_life: Day | None = column(
        "end of security support, if announced", ["2027-01-12", None], default=None
    )
    integrates_with: Text = column(
        "systems it talks to, separated by ;", ["Front-desk computers", ""], default=""
    )
    operating_system: Text = column(
        "operating system with its version", ["Windows Server 2016", "Windows 11 Pro 24H2"],
        default="",
    )  # fmt: skip
    warranty_end: Day | None = column(
        "last day of the maker's warranty", [None, "2024-06-14"], default=None
    )
    serial: Text = column("serial number", ["", ""], default="")


class InitiativeRow(Row):
    """One project the client could start."""

    table: ClassVar = "initiatives"
    key: ClassVar = ("id",)
    enables: ClassVar = "what each project is worth and a roadmap that fits budget and staff"

    id: Name = column("short id", ["crm", "backup"])
    name: Name = column("name", ["Customer database", "Tested off-site backup"])
    goal: Text = column("business goal it serves", ["grow repeat sales", "stay open"], default="")
    purpose: Purpose = column("reduce, contain, generate or differentiate", ["generate", "contain"])
    owner: Text = column("who is responsible", ["Dana", "Lee"], default="")
    cost_per_quarter: Money = column("money a quarter while it runs", [4000.0, 1500.0], ge=0)
    hours_per_quarter: float = column("staff hours a quarter", [120.0, 40.0], ge=0)
    benefit_low: Money = column("yearly benefit, pessimistic", [3000.0, 1000.0])
    benefit_mode: Money = column("yearly benefit, most likely", [14000.0, 4000.0])
    benefit_high: Money = column("yearly benefit, optimistic", [30000.0, 9000.0])
    p_success: Share = column("probability that it works, 0 to 1", [0.6, 0.9])
    earliest: Day | None = column("earliest start", ["2026-07-01", "2026-04-01"], default=None)
    deadline: Day | None = column("must be finished by", [None, "2026-12-31"], default=None)
    duration: int = column("quarters from start to benefit", [2, 1], ge=1, le=40)
    after: Text = column("ids that must come first, separated by ;", ["backup", ""], default="")
    mandatory: bool = column("must be done: yes or no", [False, True], default=False)
    synergy_with: Text = column("ids it helps, separated by ;", ["", ""], default="")
    tags: Text = column("strategies it serves, separated by ;", ["data", "security"], default="")
    imitation: Literal["weak", "middle", "strong"] = column(
        "how hard rivals find it to copy: weak, middle or strong",
        ["middle", "middle"],
        default="middle",
    )
    resource: Text = column(
        "resource it builds on, as named in the resources table: how hard it is to copy then "
        "comes from there",
        ["", ""],
        default="",
    )
    grant: Money = column("grant it may get", [0, 0], default=0, ge=0)
    grant_chance: Share | None = column(
        "chance to get it, as you judge", [None, None], default=None
    )
    grant_deadline: Day | None = column("last day to apply for it", [None, None], default=None)
    replaces: Text = column(
        "technology of the assets table it replaces, separated by ;",
        ["", "Windows Server 2016"],
        default="",
    )

    @model_validator(mode="after")
    def _benefits_in_order(self) -> InitiativeRow:
        if not self.benefit_low <= self.benefit_mode <= self.benefit_high:
            raise ValueError("benefit_low, benefit_mode and benefit_high must not decrease")
        return self


class OptionRow(Row):
    """One way to buy something that has several providers."""

    table: ClassVar = "options"
    key: ClassVar = ("decision", "option")
    enables: ClassVar = "a yearly-cost comparison of providers, with the headcount to break even"

    decision: Name = column("what is being chosen", ["payroll", "payroll"])
    option: Name = column("provider", ["bookkeeper by hand", "payroll service"])
    fee: Money = column("fee a year", [2400.0, 3100.0], ge=0)
    admin_hours: float = column("own staff hours a year", [60.0, 12.0], ge=0)
    queries: float = column("questions per employee a year", [4.0, 4.0], ge=0)
    wait_hours: float = column("hours an employee waits per question", [6.0, 0.2], ge=0)
    error_rate: float = column("errors a year", [5.0, 0.5], ge=0)
    penalty: Money = column("cost of one error", [180.0, 180.0], ge=0)
    decision_days: float = column("days until figures are there", [12.0, 0.0], ge=0)
    p_fail: Share = column("probability that it ceases within a year", [0.06, 0.01])
    switching_cost: Money = column("cost of changing provider", [1500.0, 900.0], ge=0)
    current: bool = column("used today: yes or no", [True, False], default=False)
    offers: Text = column(
        "what else it offers, separated by ;",
        ["bank transfer", "bank transfer;self-service;tax filings"],
        default="",
    )


class SupplierRow(Row):
    """One supplier the shipped catalogue does not know."""

    table: ClassVar = "suppliers"
    key: ClassVar = ("name",)
    enables: ClassVar = "local suppliers recognised by name"

    name: Name = column("supplier", ["Hillcrest Computers"])
    aliases: Text = column(
        "other ways it is written, separated by ;", ["HILLCREST COMP SVCS;HCC*ONLINE"], default=""
    )
    capability: Name = column("what it does for the business", ["computers"])
    category: Name = column("a category of the shipped catalogue", ["hardware"])


class VendorNameRow(Row):
    """One decision about a name on the review list."""

    table: ClassVar = "vendor_names"
    key: ClassVar = ("raw",)
    enables: ClassVar = "your decisions on the names that needed review"

    raw: Name = column("supplier as the ledger writes it", ["NORTHSIDE BROADBAND LTD"])
    vendor: Name = column("the supplier it is", ["Northside Broadband"])
