"""What-if sections: the base is what the page says, and what is turned reaches the model."""

import pickle
from collections.abc import Callable
from typing import Any

import pytest

from techalign.numbers.intervals import Interval
from techalign.workbench.controls import ASSUMED, WhatIf
from techalign.workbench.static import values_used
from tests.workbench.conftest import SAMPLES

Made = Callable[..., tuple[WhatIf, dict[str, Any]]]
BESIDE = {"partner_ramps": {"signed_a_month": 1.0}}
"""What has to be turned for the others to matter: where nobody is signed, no start is."""

IDLE: dict[str, set[str]] = {
    "vendor_risk": {"escrow_factor", "hub_failure_probability"},
    "plan": {
        "decision_value_share",
        "estimate_factor",
        "grant_success",
        "imitation_half_life_strong",
        "imitation_half_life_weak",
        "lease_interest",
        "leave_per_waiting_hour",
        "old_technology_doubling_years",
        "replacing_an_employee",
        "subscription_year_share",
        "unsupported_yearly_share",
    },
    "partner_ramps": {
        "cynical_talk_effect",
        "ramp_full_sales_month",
        "attrition_monthly",
        "direct_announcement_loss",
        "direct_bad_debt",
        "interview_hours_per_hire",
        "interviewing_share_of_time",
        "partner_event_recovery_months",
        "people_changed_effect",
        "resources_withdrawn_effect",
        "responsibility_moved_effect",
        "trust_effect_on_sales",
        "working_hours_month",
    },
    "ecosystem": {"pushed_sales_kept"},
    "alignment": {
        "alignment_judgement_doubt",
        "control_backup_tested",
        "control_patched",
        "cyber_breached_medium",
        "imitation_half_life_middle",
    },
    "spending": {
        "agreement_not_renewed",
        "reach_older_media",
        "reach_search",
        "reach_social",
        "reach_video",
        "unseen_price_rise",
    },
}
"""Assumptions the notebook lists that move no figure of the stated result for the sample."""


def _numbers(what: WhatIf, moved: dict[str, float]) -> tuple[float, ...]:
    values = [each.value for each in what.at(moved).figures]
    ends = [(v.point, v.low, v.high) if isinstance(v, Interval) else (v or 0.0,) for v in values]
    return tuple(number for each in ends for number in each)


@pytest.mark.parametrize("name", SAMPLES)
def test_every_control_moves_the_result(section: Made, name: str) -> None:
    what, _ = section(name)
    beside = BESIDE.get(name, {})
    base = _numbers(what, beside)
    idle = set()
    for control in (*what.controls, *what.assumptions):
        assert control.low <= control.value <= control.high, control.name
        ends = {control.low, control.high} - {control.value}
        assert ends, control.name
        if all(_numbers(what, {**beside, control.name: end}) == base for end in ends):
            idle.add(control.name.removeprefix(ASSUMED))
    assert idle == IDLE.get(name, set())
    assert _numbers(what, beside) == base  # nothing of what was turned has stayed


@pytest.mark.parametrize("name", SAMPLES)
def test_a_section_can_go_into_a_process_of_its_own(section: Made, name: str) -> None:
    what, _ = section(name)
    again = pickle.loads(pickle.dumps(what.model))
    assert again(what.base).sentence == what.at({}).sentence


@pytest.mark.parametrize("name", SAMPLES)
def test_a_page_without_scenarios_holds_the_values_used(section: Made, name: str) -> None:
    what, _ = section(name)
    shown = values_used(what).html
    assert all(control.label in shown for control in what.controls)
    assert len(shown) < 6_000
