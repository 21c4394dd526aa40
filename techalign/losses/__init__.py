"""Exact loss distributions of events that share causes, and simulated cascades.

Nothing here knows what a vendor or an incident is. ``loss_distribution`` adds up events under one
common factor and any number of shared causes (``Hubs``), exactly up to a money grid;
``simulate_losses`` is for events that set off other events.

From the bottom up: ``convolution`` puts losses into a distribution and takes them out again,
``hubs`` says who falls with what, ``recursion`` goes through the states of hubs and the values of
the factor (``factor``), and ``distribution`` is what a caller asks.

Importing this package loads numpy only; scipy comes when a function needs it.
"""

from __future__ import annotations

from techalign.losses.cascade import SimulatedLosses, simulate_losses
from techalign.losses.distribution import Grid, LossDistribution, loss_distribution
from techalign.losses.factor import conditional_pd, worst_case_rate
from techalign.losses.hubs import Hubs

__all__ = [
    "Grid",
    "Hubs",
    "LossDistribution",
    "SimulatedLosses",
    "conditional_pd",
    "loss_distribution",
    "simulate_losses",
    "worst_case_rate",
]
