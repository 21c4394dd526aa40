"""Rows of the partner tables: who sells for the client, what came of it, what it costs."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from techalign.intake.rows.common import Brand, Day, Money, Name, Row, Share, Text, column

__all__ = [
    "ChannelPlanRow",
    "PartnerBenefitRow",
    "PartnerCharterRow",
    "PartnerEventRow",
    "PartnerInvestmentRow",
    "PartnerRevenueRow",
    "PartnerRow",
    "PartnerTrustRow",
    "PartnerWinRow",
    "PipelineRow",
    "ServiceRow",
]


class PartnerRow(Row):
    """One company that sells for the client."""

    table: ClassVar = "partners"
    key: ClassVar = ("partner",)
    enables: ClassVar = "how many signed partners will sell, and when"

    partner: Name = column("company", ["Alder Systems", "Birch Consulting"])
    kind: Literal["reseller", "referral", "alliance", "distributor", "other"] = column(
        "kind of agreement", ["reseller", "alliance"]
    )
    segment: Literal["volume", "strategic"] = column("volume or strategic", ["volume", "strategic"])
    signed: Day = column("day the agreement was signed", ["2025-03-01", "2025-06-15"])
    ended: Day | None = column("day it ended", [None, None], default=None)
    owner: Text = column("who looks after it", ["Kim", "Kim"], default="")
    margin: Share = column("client's margin on its sales, 0 to 1", [0.25, 0.3])
    sales_cycle_days: float | None = column(
        "days from lead to order", [60, 120], default=None, ge=0, le=2000
    )
    trust_competence: Brand = column("1 doubtful … 5 proven", [4, 3], default=None)
    trust_integrity: Brand = column("1 doubtful … 5 proven", [4, 4], default=None)
    trust_consistency: Brand = column("1 people change often … 5 steady", [5, 2], default=None)
    trust_openness: Brand = column("1 guarded … 5 open", [4, 3], default=None)
    given: Money | None = column(
        "value given to it in a year", [3000.0, 6000.0], default=None, ge=0
    )
    received: Money | None = column(
        "value received in a year", [9000.0, 2000.0], default=None, ge=0
    )

    @model_validator(mode="after")
    def _ends_after_signing(self) -> PartnerRow:
        if self.ended is not None and self.ended < self.signed:
            raise ValueError(f"ended {self.ended} is before signed {self.signed}")
        return self


class PartnerRevenueRow(Row):
    """One partner's sales in one month."""

    table: ClassVar = "partner_revenue"
    reconciles: ClassVar = "revenue"
    enables: ClassVar = "a revenue forecast per partner, from its first month"
    none_yet: ClassVar = "no sale yet"

    partner: Name = column("company", ["Alder Systems", "Alder Systems"])
    month: Day = column("any day of the month", ["2025-06-01", "2025-07-01"])
    revenue: Money = column("revenue of the month", [4200.0, 6100.0])
    deals: int | None = column("orders in the month", [2, 3], default=None, ge=0)


class PipelineRow(Row):
    """One open opportunity."""

    table: ClassVar = "pipeline"
    enables: ClassVar = "a forecast that knows the open opportunities"

    partner: Name = column("company", ["Birch Consulting"])
    stage: Name = column("stage in your own words", ["proposal"])
    created: Day = column("day it was opened", ["2026-02-20"])
    value: Money = column("value if won", [18000.0], ge=0)


class PartnerInvestmentRow(Row):
    """Money spent on partners in one month."""

    table: ClassVar = "partner_investment"
    reconciles: ClassVar = "amount"
    enables: ClassVar = "the channel's net present value, peak cash need and payback"

    partner: Name = column("company, or all", ["all", "Birch Consulting"])
    month: Day = column("any day of the month", ["2025-03-01", "2025-06-01"])
    amount: Money = column("money spent", [3500.0, 1200.0], ge=0)
    kind: Literal["recruit", "enable", "manage", "market funds"] = column(
        "recruit, enable, manage or market funds", ["manage", "enable"]
    )


class PartnerEventRow(Row):
    """Something that happened to a partnership."""

    table: ClassVar = "partner_events"
    enables: ClassVar = "the effect of premature changes on a partner's sales"

    partner: Name = column("company", ["Birch Consulting"])
    date: Day = column("day it happened", ["2025-11-03"])
    kind: Literal[
        "people changed",
        "resources withdrawn",
        "responsibility moved",
        "cynical talk",
        "ownership",
        "structure",
        "policy",
        "environment",
    ] = column("kind of change", ["people changed"])
    note: Text = column("what happened", ["alliance manager replaced"], default="")


class ChannelPlanRow(Row):
    """One month of the plan."""

    table: ClassVar = "channel_plan"
    key: ClassVar = ("month",)
    enables: ClassVar = "the gap between the plan and what partners will bring"

    month: Day = column("any day of the month", ["2026-04-01", "2026-05-01"])
    target: Money = column("revenue wanted, direct and channel", [60000.0, 62000.0], ge=0)
    direct: Money = column("revenue expected without partners", [45000.0, 45500.0], ge=0)


class ServiceRow(Row):
    """One kind of work a partner does besides selling."""

    table: ClassVar = "services"
    key: ClassVar = ("partner", "service")
    enables: ClassVar = "the margin at which selling direct breaks even"

    partner: Name = column("company, or all", ["all"])
    service: Name = column("quotes, design checks, credit checks, support", ["quotes"])
    volume: float = column("times a year", [6000], ge=0)
    hours_each: float = column("hours each", [0.5], ge=0)
    wage: Money = column("wage per hour", [35.0], ge=0)
    dso_days: float = column("days until customers pay", [45], default=0, ge=0, le=1000)


class PartnerWinRow(Row):
    """One customer won in which a partner had a part."""

    table: ClassVar = "partner_wins"
    enables: ClassVar = "whether partners are named in the wins they had a part in"

    partner: Name = column("company", ["Alder Systems", "Birch Consulting"])
    date: Day = column("day the customer signed", ["2025-06-10", "2025-11-20"])
    customer: Name = column("who was won", ["Fennel Foods", "Harbour Hotels"])
    value: Money = column("value of the order", [4200.0, 18000.0], ge=0)
    named_inside: bool | None = column(
        "did the notice to your own staff name the partner: yes or no", [True, False], default=None
    )
    named_outside: bool | None = column(
        "does the public reference name the partner: yes or no", [False, False], default=None
    )


class PartnerCharterRow(Row):
    """One thing promised for a partnership, by either side."""

    table: ClassVar = "partner_charter"
    enables: ClassVar = "whether what was agreed with a partner has been given"

    partner: Name = column("company", ["Birch Consulting", "Birch Consulting"])
    what: Name = column("what was promised", ["trained engineers", "hours of our designer a month"])
    kind: Literal["scope", "people", "money", "set-up"] = column(
        "scope, people, money or set-up", ["people", "people"]
    )
    side: Literal["ours", "theirs"] = column("who promised it", ["theirs", "ours"])
    agreed: float = column("how much, in any unit; 1 for yes", [2, 20], gt=0)
    given: float | None = column(
        "how much is given now, in the same unit", [1, 20], default=None, ge=0
    )
    since: Day = column("day it was to begin", ["2025-06-15", "2025-06-15"])
    until: Day | None = column(
        "day until which it was promised", ["2027-06-14", "2027-06-14"], default=None
    )

    @model_validator(mode="after")
    def _ends_after_beginning(self) -> PartnerCharterRow:
        if self.until is not None and self.until < self.since:
            raise ValueError(f"until {self.until} is before since {self.since}")
        return self


class PartnerBenefitRow(Row):
    """Something a partner brought besides sales and everyday work."""

    table: ClassVar = "partner_benefits"
    enables: ClassVar = "what partners bring besides sales"

    partner: Name = column("company", ["Birch Consulting", "Alder Systems"])
    date: Day = column("day", ["2025-09-04", "2026-01-15"])
    kind: Literal["introduction", "learning", "development"] = column(
        "introduction, learning or development", ["introduction", "learning"]
    )
    note: Text = column("what it was", ["customers met at its fair", "taught us to test backups"])
    count: float = column("how many", [3, 1], default=1, ge=0)
    hours: float = column("hours of your own that each saved", [0, 24], default=0, ge=0)
    wage: Money | None = column(
        "wage per hour of those, if not the usual", [None, 45.0], default=None, ge=0
    )


class PartnerTrustRow(Row):
    """One answer to how far a partner is trusted, and what it rests on."""

    table: ClassVar = "partner_trust"
    key: ClassVar = ("partner", "principle")
    enables: ClassVar = "how far each partner is trusted, principle by principle, with evidence"

    partner: Name = column("company", ["Birch Consulting", "Birch Consulting"])
    principle: Literal[
        "competence",
        "working on trust",
        "integrity",
        "consistency",
        "openness",
        "customer first",
        "help without return",
        "honest disagreement",
        "conflict as a chance",
        "empathy",
        "flexibility",
        "shared view",
        "uneven give and take",
    ] = column(
        "competence or one of the twelve principles of trust", ["customer first", "shared view"]
    )
    score: Brand = column("1 doubtful … 5 proven; empty: not answered", [4, None], default=None)
    evidence: Text = column(
        "what the answer rests on", ["turned down a sale that did not fit", ""], default=""
    )
    date: Day | None = column("day it was answered", ["2026-02-03", None], default=None)
