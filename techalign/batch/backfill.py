"""Reviews of earlier quarters made now, so that a client taken on today has something to compare.

Each report is made once more for the last day of each earlier quarter, from the rows dated up to
then; only its record is kept. Tables without dates are used as they are, and the pages that
compare with such a review say so. A review that was kept when it was held is never replaced.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from techalign.batch.jobs import Job, plan_jobs
from techalign.review.history import keep_history, quarter_of
from techalign.review.records import Record

__all__ = ["earlier_quarter_ends", "keep_backfill", "plan_backfill"]


def earlier_quarter_ends(as_of: dt.date, count: int) -> list[dt.date]:
    """The last days of the quarters before a day's own, the earliest first.

    Parameters
    ----------
    as_of : date
    count : int
        How many, 0 or more.

    Examples
    --------
    >>> [str(day) for day in earlier_quarter_ends(dt.date(2026, 5, 12), 2)]
    ['2025-12-31', '2026-03-31']
    """
    ends = []
    day = as_of
    for _ in range(count):
        first = day.replace(month=3 * ((day.month - 1) // 3) + 1, day=1)
        day = first - dt.timedelta(days=1)
        ends.append(day)
    return ends[::-1]


def plan_backfill(
    jobs: Sequence[Job],
    *,
    reviews: int,
    clients_dir: Path,
    staging: Path,
    given: Mapping[str, object],
) -> list[Job]:
    """Plan the reports of the reviews before the present one that nobody has kept.

    Parameters
    ----------
    jobs : sequence of Job
        The present review's.
    reviews : int
        Reviews to have in all, the present one included.
    clients_dir : Path
    staging : Path
        An empty folder for pages that nobody will read.
    given : mapping
        Parameter values from the command line.

    Returns
    -------
    list of Job
        The earliest quarter first.
    """
    found = []
    by_review: dict[tuple[str, str], list[Job]] = defaultdict(list)
    for job in jobs:
        if not job.problem:
            by_review[job.client, job.as_of].append(job)
    for (client, as_of), present in by_review.items():
        for day in earlier_quarter_ends(dt.date.fromisoformat(as_of), reviews - 1):
            kept = present[0].folder / "history" / quarter_of(f"{day}")
            missing = [job.notebook for job in present if not (kept / f"{job.name}.json").exists()]
            if missing:
                found += plan_jobs(
                    [client],
                    missing,
                    clients_dir=clients_dir,
                    out=staging / quarter_of(f"{day}"),
                    given={**given, "as_of": f"{day}"},
                    strict=False,
                )
    return sorted(found, key=lambda job: job.as_of)


def keep_backfill(records: Sequence[Record], out: Path) -> int:
    """Keep the records of reports that could be made; return how many.

    Parameters
    ----------
    records : sequence of Record
    out : Path
        The output folder.
    """
    later = {"made_later": True, "page": ""}
    ready = [record.model_copy(update=later) for record in records if record.status == "ok"]
    keep_history(ready, out)
    return len(ready)
