"""Charges that come back: which ones belong together, what they cost, how fast prices rise."""

from __future__ import annotations

from techalign.spending.recurring.bands import CADENCE_DAYS
from techalign.spending.recurring.payees import RegularPayees, find_regular_payees
from techalign.spending.recurring.streams import Streams, find_streams
from techalign.spending.recurring.successors import likely_renamed

__all__ = [
    "CADENCE_DAYS",
    "RegularPayees",
    "Streams",
    "find_regular_payees",
    "find_streams",
    "likely_renamed",
]
