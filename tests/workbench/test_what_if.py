"""What-if sections: the base is what the page says, and what is turned reaches the model."""

import ast
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest

from techalign import partners
from techalign.alignment import ASSUMED as ASSUMED_OF_ALIGNMENT
from techalign.client import load_reference
from techalign.numbers.intervals import Interval
from techalign.partners.assumptions import ACTIVATION_KEYS
from techalign.partners.charter import CHARTER_KEYS
from techalign.partners.credit import CREDIT_KEYS
from techalign.partners.neglect import NEGLECT_KEYS
from techalign.partners.network import NETWORK_KEYS
from techalign.partners.outlook import DIRECT_KEYS, EVENT_KEYS, HIRING_KEYS, TRUST_KEYS
from techalign.partners.pipeline import PIPELINE_KEYS
from techalign.partners.priors import RAMP_KEYS
from techalign.workbench.controls import ASSUMED, WhatIf
from techalign.workbench.static import values_used
from techalign.workbench.vendors import vendor_assumptions
from tests.workbench.conftest import ROOT, SAMPLES
from unturned import NOT_TURNED, SOMETIMES

Made = Callable[..., tuple[WhatIf, dict[str, Any]]]
BESIDE = {"partner_ramps": {"signed_a_month": 1.0}}
"""What has to be turned for the others to matter: where nobody is signed, no start is."""

IDLE: dict[str, set[str]] = {
    "vendor_risk": {
        "agreement_not_renewed",
        "agreement_worse_terms",
        "escrow_factor",
        "hub_failure_probability",
        "outage_hours_next_year",
    },
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
        "acquisition_retention_hazard",
        "attrition_monthly",
        "credit_effect_on_sales",
        "cynical_talk_effect",
        "detector_false_alarm_months",
        "direct_announcement_loss",
        "direct_bad_debt",
        "effort_on_ramp",
        "integration_lag_months",
        "interview_hours_per_hire",
        "interviewing_share_of_time",
        "introduction_win_chance",
        "neglect_decay_monthly",
        "partner_event_recovery_months",
        "people_changed_effect",
        "ramp_full_sales_month",
        "resources_withdrawn_effect",
        "responsibility_moved_effect",
        "route_build_cost",
        "route_build_ramp_months",
        "route_price_of_sales",
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
        "learning_share_of_projects",
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


def _listed(name: str) -> set[str]:
    """Texts of the list or mapping of assumptions that a notebook's cell makes."""
    cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())["cells"]
    sources = ["".join(cell["source"]) for cell in cells]
    made = next(s for s in sources if s.startswith(("assumed_here = ", "keys = ")))
    value = ast.parse(made).body[0].value  # type: ignore[attr-defined]
    return {n.value for n in ast.walk(value) if isinstance(n, ast.Constant)}


def test_every_assumption_with_a_range_is_turned_somewhere_or_is_said_why_not() -> None:
    table = load_reference().assumptions
    ranged = set(table.loc[table["low"].notna() & (table["low"] < table["high"]), "key"])
    turned = {*vendor_assumptions(True), *ASSUMED_OF_ALIGNMENT, *partners.ROUTE_KEYS}
    for keys in (ACTIVATION_KEYS, RAMP_KEYS, EVENT_KEYS, TRUST_KEYS, DIRECT_KEYS, HIRING_KEYS,
                 PIPELINE_KEYS, CREDIT_KEYS, CHARTER_KEYS, NEGLECT_KEYS, NETWORK_KEYS):  # fmt: skip
        turned |= {*keys}
    for name in ("plan", "spending", "ecosystem", "partner_ramps"):
        turned |= _listed(name)
    assert ranged - turned == {*NOT_TURNED, *SOMETIMES} & ranged
    assert not turned & {*NOT_TURNED}


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
