"""Each subject's base is what its page says; what is turned is the model's own answer."""

from collections.abc import Callable
from dataclasses import astuple, replace
from typing import Any

import numpy as np
import pytest

from techalign import alignment, ecosystem, spending
from techalign.numbers.intervals import Interval, interval_of
from techalign.workbench.alignment import goal_controls
from techalign.workbench.controls import ASSUMED, WEIGHT, WhatIf
from techalign.workbench.ecosystem import ecosystem_controls
from techalign.workbench.partners import partner_controls
from techalign.workbench.plan import plan_controls
from techalign.workbench.spending import spending_controls
from tests.workbench.conftest import point

Made = Callable[..., tuple[WhatIf, dict[str, Any]]]


def test_the_plan(section: Made) -> None:
    what, names = section("plan")
    worth, worst, money, count, _ = (each.value for each in what.at({}).figures)
    plan = names["plan"]
    assert worth == plan.total
    assert (worst, money) == (plan.worst, plan.quarters["money"].sum())
    assert count == len(plan.tasks)
    limits = replace(names["limits"], money=500.0, caution=1.0)
    poorer = spending.plan_roadmap(names["initiatives"], limits, names["replacements"])
    turned = what.at({"money_a_quarter": 500.0, "caution": 1.0})
    assert turned.figures[0].value == poorer.total != plan.total
    assert poorer.sentence in turned.sentence
    # money that is a share of revenue follows its assumption
    share = f"{ASSUMED}project_money_share"
    low = next(each.low for each in what.assumptions if each.name == share)
    assert what.at({share: low}).figures[0].value != worth
    names_ = [each.name for each in plan_controls(names["limits"], names["book"])]
    assert names_ == ["money_a_quarter", "hours_a_quarter", "caution", "discount_rate"]


def test_partner_ramps(section: Made) -> None:
    what, names = section("partner_ramps")
    total, new, cost, missed, ahead = (each.value for each in what.at({}).figures)
    outlook = names["outlook"]
    # the same numbers, summed in another order
    assert astuple(total) == pytest.approx(astuple(interval_of(outlook.total)), rel=1e-12)
    assert (new, cost) == (0.0, 0.0)
    assert missed == outlook.gap.probability
    npv = outlook.economics.intervals()["npv_ahead"]
    assert astuple(ahead) == pytest.approx(astuple(npv), rel=1e-12)
    more = what.at({"signed_a_month": 1.0}).figures
    later = what.at({"signed_a_month": 1.0, "start_month": 6.0}).figures
    assert (more[1].value, later[1].value) == (12.0, 6.0)
    assert point(more[0].value) > point(later[0].value) > point(total)
    assert point(more[3].value) <= point(missed)
    dear = what.at({"signed_a_month": 1.0, "effort_factor": 2.0}).figures
    assert point(dear[2].value) == pytest.approx(2 * point(more[2].value))
    richer = what.at({"margin_change": 0.1}).figures
    sold = point(richer[4].value) - point(ahead)
    # a tenth of the sales paid within the year, a little less for being later
    assert 0.06 * outlook.total.mean() < sold < 0.1 * outlook.total.mean()
    assert [each.name for each in partner_controls()][:2] == ["signed_a_month", "start_month"]


def test_the_ecosystem(section: Made) -> None:
    what, names = section("ecosystem")
    margin, health, feeding, entrant, one_way = (each.value for each in what.at({}).figures)
    told, split = names["told"], names["found"].split
    assert (health, feeding) == (told.health, told.feeding)
    assert (entrant, one_way) == (told.entrant, told.one_way)
    tried = split.curve.set_index("farming")
    assert point(margin) == pytest.approx(tried.loc[split.split, "margin"])
    best = what.at({"farming_share": split.best})
    assert point(best.figures[0].value) == pytest.approx(tried.loc[split.best, "margin"])
    assert f"{split.best:.0%} of selling time" in best.sentence
    assert len(ecosystem_controls(ecosystem.EcosystemFound(), names["book"], 3)) == 1


def test_alignment(section: Made) -> None:
    what, names = section("alignment")
    index, saving, cyber, bad, _ = (each.value for each in what.at({}).figures)
    told = names["told"]
    assert (index, saving, cyber, bad) == (told.index, told.saving, told.cyber, told.bad_year)
    goals = names["found"].alignment.goals
    first = goals.iloc[0]
    # all weight on one goal: the index is how far that one is carried
    alone = {f"{WEIGHT}{goal}": float(goal == first["goal"]) for goal in goals["goal"]}
    assert point(what.at(alone).figures[0].value) == pytest.approx(first["coverage"])
    even = what.at({f"{WEIGHT}{goal}": 0.5 for goal in goals["goal"]})
    assert point(even.figures[0].value) == pytest.approx(np.mean(goals["coverage"]))
    none = what.at({f"{WEIGHT}{goal}": 0.0 for goal in goals["goal"]})
    assert none.figures[0].value == index  # weights that say nothing change nothing
    assert goal_controls(alignment.AlignmentFound()) == ()


def test_spending(section: Made) -> None:
    what, names = section("spending")
    year, cut, left, renewing, _ = (each.value for each in what.at({}).figures)
    assert year == left == names["budget"].total
    assert (cut, renewing) == (0.0, names["renewals"].exposure(365))
    half = what.at({"cut_unused_seats": 0.5, "drop_overlaps": 1.0})
    given_up = 0.5 * names["renewals"].seat_waste + names["overlaps"].frame["saving"].sum()
    assert point(half.figures[1].value) == pytest.approx(given_up)
    rest = half.figures[2].value
    assert isinstance(rest, Interval)
    assert rest.high == pytest.approx(names["budget"].total.high - given_up)
    rise = what.at({f"{ASSUMED}saas_list_inflation": 0.12}).figures
    assert point(rise[3].value) > point(renewing)
    assert len(spending_controls()) == 2


def test_what_is_made_again_is_what_would_be_made_anew(section: Made) -> None:
    """Findings kept from before are those of a model that has kept nothing."""
    for name in ("alignment", "partner_ramps", "vendor_risk"):
        what, _ = section(name)
        what.at({})
        for control in what.assumptions[::3]:
            again = what.at({control.name: control.high})
            fresh = replace(what.model)({**what.base, control.name: control.high})
            assert fresh.figures == again.figures, control.name
            assert fresh.sentence == again.sentence, control.name
