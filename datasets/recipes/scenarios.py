"""What-if scenarios that invented clients have kept: a page shows them beside the base."""

from __future__ import annotations

from recipes.recipe import AS_OF
from techalign.client.scenarios import Scenario

__all__ = ["SCENARIOS"]

SCENARIOS = {
    "family-clinic": (
        Scenario(
            notebook="vendor_risk",
            title="A worse year",
            kept=AS_OF,
            values={"horizon_years": 3.0},
            assumptions={"vendor_failure_correlation": 0.3, "weeks_out_factor": 2.0},
            weights={},
        ),
    ),
}
"""By client."""
