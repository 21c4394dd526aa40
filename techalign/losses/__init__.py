"""Exact loss distributions of events that share causes, and simulated cascades.

Nothing here knows what a vendor or an incident is. ``loss_distribution`` adds up events under one
common factor and any number of shared causes (``Hubs``), exactly up to a money grid;
``simulate_losses`` is for failures that pass from one to the next.

Importing this package loads numpy only; scipy and pandas come when a function needs them.
"""

from __future__ import annotations

from techalign.losses.cascade import (
    SimulatedLosses,
    simulate_losses,
)
from techalign.losses.distribution import (
    LossDistribution,
    loss_distribution,
)
from techalign.losses.factor import (
    conditional_pd,
    worst_case_rate,
)
from techalign.losses.hubs import (
    Hubs,
    parse_hubs,
)

__all__ = [
    "Hubs",
    "LossDistribution",
    "SimulatedLosses",
    "conditional_pd",
    "loss_distribution",
    "parse_hubs",
    "simulate_losses",
    "worst_case_rate",
]
