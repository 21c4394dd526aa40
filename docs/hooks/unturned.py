"""Assumptions with a range that no what-if section turns, each with the reason.

The documentation lists them, and a test holds the list against the sections: a new assumption is
either turned somewhere or stands here.
"""

from __future__ import annotations

from collections.abc import Mapping

from techalign.partners.priors import ORDER_KEYS

__all__ = ["NOT_TURNED", "SOMETIMES"]

_NOWHERE = "published or kept for comparison; no report uses it yet"
_DRAFT = "used by `techalign draft`, whose proposals you change in the table itself"

NOT_TURNED: Mapping[str, str] = {
    "partner_independent_months": _NOWHERE,
    "partner_integrated_months": _NOWHERE,
    "brand_debt_extra_churn": _NOWHERE,
    "technology_debt_rework": _NOWHERE,
    "migration_cost_share": _NOWHERE,
    "guessed_technology_factor": "how far guesses by name were off elsewhere; it is in no sum",
    "discount_rate": "the client's own stands in `client.toml`, and What if? turns that one",
    "tail_degrees_of_freedom": "used only by who asks the vendor model, in Python, for a heavier "
    "joint tail",
    "hub_takedown_probability": "named beside a decision as what it rests on; no figure is made "
    "of it",
    "proposed_notice_days": _DRAFT,
    "proposed_moving_share": _DRAFT,
    "usual_device_price": "used by `techalign import` for devices without a price, which you "
    "change in the table itself",
}
"""Key of the assumption, and why it is not turned."""

SOMETIMES: Mapping[str, str] = dict.fromkeys(
    ORDER_KEYS,
    "turned in partner ramps where a hundred partners or more have sold; with fewer the model of "
    "orders is not used",
)
"""Those that a section turns only for some clients."""
