"""Technology spending: who is paid, what for, what recurs, what renews and what overlaps."""

from __future__ import annotations

from techalign.spending.decisions import SpendingFindings, spending_decisions
from techalign.spending.ledger import LedgerSummary, summarise_ledger
from techalign.spending.names import VendorNames, merge_vendors
from techalign.spending.purpose import (
    ContainedSaving,
    PurposeSplit,
    classify_purpose,
    contained_saving,
)
from techalign.spending.renewals import Overlaps, Renewals, find_renewals, overlap
from techalign.spending.spelling import NOISE_WORDS, REDACTED, normalise
from techalign.spending.streams import CADENCE_DAYS, Streams, find_streams

__all__ = [
    "CADENCE_DAYS",
    "NOISE_WORDS",
    "REDACTED",
    "ContainedSaving",
    "LedgerSummary",
    "Overlaps",
    "PurposeSplit",
    "Renewals",
    "SpendingFindings",
    "Streams",
    "VendorNames",
    "classify_purpose",
    "contained_saving",
    "find_renewals",
    "find_streams",
    "merge_vendors",
    "normalise",
    "overlap",
    "spending_decisions",
    "summarise_ledger",
]
