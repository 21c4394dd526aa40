"""Rows of the alignment tables: goals and what serves them, answers, systems, people, work."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from techalign.intake.rows.common import (
    Answered,
    Counted,
    Day,
    Money,
    Name,
    Row,
    Share,
    Text,
    column,
)

__all__ = [
    "AssessmentRow",
    "CapacityRow",
    "GoalRow",
    "InsuranceRow",
    "IntegrationRow",
    "JudgementRow",
    "LinkRow",
    "ResourceRow",
    "SkillRow",
    "SwotRow",
    "TaskRow",
]

Theme = Literal["efficiency", "growth", "customers", "resilience", "insight", "compliance"]


class GoalRow(Row):
    """One thing the business wants to reach."""

    table: ClassVar = "goals"
    key: ClassVar = ("goal",)
    enables: ClassVar = "how well technology serves what the business wants"

    goal: Name = column("goal in your own words", ["answer within a day", "stay open"])
    weight: float | None = column("how much it matters, any scale", [3, 2], default=None, ge=0,
                                  le=1e6)  # fmt: skip
    metric: Text = column("how you would know", ["hours to first answer", ""], default="")
    baseline: float | None = column("where it was", [46, None], default=None)
    target: float | None = column("where it should be", [24, None], default=None)
    actual: float | None = column("where it is now", [40, None], default=None)
    date: Day | None = column("day by which", ["2026-12-31", None], default=None)
    feasibility: Share | None = column(
        "how doable closing it is, 0 to 1", [0.7, None], default=None
    )
    theme: Theme | None = column(
        "efficiency, growth, customers, resilience, insight or compliance",
        ["customers", "resilience"], default=None,
    )  # fmt: skip
    worth: Money | None = column("margin a year if reached", [12000.0, None], default=None, ge=0)


class JudgementRow(Row):
    """One comparison of two goals by one person."""

    table: ClassVar = "judgements"
    key: ClassVar = ("judge", "goal_a", "goal_b")
    enables: ClassVar = "what matters how much, from comparing goals two by two"

    judge: Name = column("who compares", ["Dana"])
    goal_a: Name = column("first goal", ["answer within a day"])
    goal_b: Name = column("second goal", ["stay open"])
    ratio: float = column(
        "how many times more the first matters: 1 alike … 9, or 0.2 for a fifth", [2],
        ge=1 / 9 - 1e-9, le=9,
    )  # fmt: skip


class LinkRow(Row):
    """How one technology serves one goal."""

    table: ClassVar = "links"
    key: ClassVar = ("goal", "technology")
    enables: ClassVar = "which technology serves which goal, and which goal has none"

    goal: Name = column("goal", ["answer within a day"])
    technology: Name = column("system or tool", ["shared mailbox"])
    support: Share = column("how much of the goal it could carry, 0 to 1", [0.5])
    fit: Share = column("how well it does so today, 0 to 1", [0.6])
    yearly_cost: Money = column("cost a year", [600.0], default=0, ge=0)


class AssessmentRow(Row):
    """One answer of the questionnaire."""

    table: ClassVar = "assessment"
    enables: ClassVar = "how mature the use of technology is, with evidence"

    item: Name = column("the question's short name", ["goals_written", "people_clients"])
    level: Answered = column("0 not at all … 5 always and checked", [2, 4], default=None, ge=0,
                             le=5)  # fmt: skip
    evidence: Text = column("what shows it", ["plan of January", "cards at the till"], default="")
    date: Day | None = column("day of the evidence", ["2026-01-20", "2026-05-12"], default=None)
    assessor: Text = column("who answered", ["Dana", "Lee"], default="")
    count: Counted = column(
        "only of people: how many there are", [None, 140], default=None, ge=0, le=1_000_000_000
    )
    gets: Text = column("only of people: what they get from you", ["", "quick repairs"], default="")
    gives: Text = column("only of people: what they give you", ["", "fees, referrals"], default="")


class IntegrationRow(Row):
    """Two systems that should talk to each other."""

    table: ClassVar = "integrations"
    key: ClassVar = ("system_a", "system_b")
    enables: ClassVar = "which systems should talk and do not, and what typing twice costs"

    system_a: Name = column("system", ["till"])
    system_b: Name = column("system", ["bookkeeping"])
    needed: bool = column("should they talk: yes or no", [True], default=True)
    live: bool = column("do they: yes or no", [False])
    effort: Money = column("cost to join them", [1800.0], default=0, ge=0)
    hours: float = column("hours a year lost without it", [90], default=0, ge=0, le=1e5)


class ResourceRow(Row):
    """Something the business has that others may not."""

    table: ClassVar = "resources"
    key: ClassVar = ("resource",)
    enables: ClassVar = "how long an advantage lasts before rivals have it too"

    resource: Name = column("what it is", ["customer records since 1998"])
    value: Share = column("valuable to customers, 0 to 1", [0.7])
    rarity: Share = column("rare among rivals, 0 to 1", [0.6])
    imitability: Share = column("easy to imitate, 0 to 1", [0.3])
    substitutability: Share = column("easy to do without, 0 to 1", [0.4])
    evidence: Text = column("what shows it", ["nobody else has them"], default="")


class SkillRow(Row):
    """How well one person can run one system."""

    table: ClassVar = "skills"
    key: ClassVar = ("system", "person")
    enables: ClassVar = "which system hangs on one person"

    system: Name = column("system", ["till", "till"])
    person: Name = column("person or role", ["Kim", "Lee"])
    level: int = column("0 not … 3 runs it alone", [3, 1], ge=0, le=3)
    training_hours: float = column("hours of training in the last year", [6, 0], default=0, ge=0,
                                   le=5000)  # fmt: skip


class TaskRow(Row):
    """Work that comes again and again."""

    table: ClassVar = "tasks"
    key: ClassVar = ("task",)
    enables: ClassVar = "which repeated work a tool could take over, and what it would save"

    task: Name = column("what is done", ["typing invoices"])
    hours: float = column("hours a year", [180], ge=0, le=1e6)
    wage: Money | None = column("cost of an hour; empty: the usual wage", [None], default=None,
                                ge=0)  # fmt: skip
    share_low: Share = column("least share a tool takes over", [0.3])
    share_high: Share = column("largest share a tool takes over", [0.8])
    tool_cost: Money | None = column(
        "cost of the tool a year; empty: not known", [900.0], default=None, ge=0
    )

    @model_validator(mode="after")
    def _range(self) -> TaskRow:
        if self.share_high < self.share_low:
            raise ValueError(f"share_high {self.share_high} is below share_low {self.share_low}")
        return self


class CapacityRow(Row):
    """What is used of something that can be full: people, seats, systems, rooms."""

    table: ClassVar = "capacity"
    key: ClassVar = ("resource",)
    enables: ClassVar = "what breaks first if the business grows by 10, 25 or 50 %"

    resource: Name = column("what it is", ["front desk hours a week"])
    kind: Literal["people", "seats", "system", "space", "money"] = column(
        "people, seats, system, space or money", ["people"]
    )
    load: float = column("used now", [68], ge=0, le=1e12)
    capacity: float = column("most that can be used", [80], gt=0, le=1e12)
    extend_cost: Money | None = column(
        "cost a year of the next step; empty: not known", [9000.0], default=None, ge=0
    )


class InsuranceRow(Row):
    """One insurance against a cyber incident."""

    table: ClassVar = "insurance"
    key: ClassVar = ("insurer",)
    enables: ClassVar = "what an insurance leaves of a cyber loss"

    insurer: Name = column("insurer", ["Hollin Mutual"])
    premium: Money = column("premium a year", [1400.0], ge=0)
    deductible: Money = column("own part of each claim", [5000.0], ge=0)
    cover: Money = column("most it pays a year", [250000.0], ge=0)


class SwotRow(Row):
    """An adviser's edit of the strengths, weaknesses, opportunities and threats."""

    table: ClassVar = "swot"
    key: ClassVar = ("kind", "entry")
    enables: ClassVar = "strengths and threats that no number tells, in the adviser's own words"

    kind: Literal["strength", "weakness", "opportunity", "threat"] = column(
        "strength, weakness, opportunity or threat", ["strength", "threat"]
    )
    entry: Name = column(
        "what it is, in your words; to take an entry out, its words on the page",
        ["regulars who bring friends", "a rival opens next door"],
    )
    why: Text = column("what shows it", ["heard at the counter", "its sign is up"], min_length=1)
    replaces: Text = column(
        "words of the entry on the page that it stands for; empty: a new one", ["", ""], default=""
    )
    keep: bool = column("no: that entry is taken out", [True, True], default=True)
