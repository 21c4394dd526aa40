"""What is kept of reports and read again: blocks, history, scores, and the pages over reports.

A subject is one file here (``spending``, ``vendors``, ``partners``, ``decisions``): what its
notebook hands on, what counts as a change, how it is scored, and its part of the front page and
the portfolio. A notebook calls :func:`record`; that of the review calls :func:`open_review` and
the blocks of the front page.
"""

from __future__ import annotations

from typing import Any

__all__ = [
    "ahead",
    "forces",
    "in_numbers",
    "open_review",
    "opening",
    "record",
    "reports",
    "since_last",
]


def __getattr__(name: str) -> Any:
    # late: subjects are found by importing what stands beside this file
    if name == "record":
        from techalign.review.recording import record

        return record
    if name in __all__:
        from techalign.review import front_page

        return getattr(front_page, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
