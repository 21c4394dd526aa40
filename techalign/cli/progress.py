"""What a run says while it goes: nothing, a bar or a line for each report, all of it, or JSON."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import TYPE_CHECKING

from techalign.cli.telling import say

if TYPE_CHECKING:
    import rich.progress

    from techalign.batch.jobs import Job
    from techalign.review.records import Record

__all__ = ["Progress", "Voice"]


class Voice(Enum):
    """How much a run says, apart from failures, which are always told."""

    QUIET = "quiet"
    PLAIN = "plain"
    VERBOSE = "verbose"
    JSON = "json"


class Progress:
    """A bar with rate and time left on a terminal, a line per report elsewhere.

    Parameters
    ----------
    total : int
        Reports in all.
    voice : Voice
    reasons : mapping
        By client and notebook, why a report is made; told if verbose.
    changed_only : bool
        Whether nothing is said of reports that are up to date.
    """

    def __init__(
        self,
        total: int,
        voice: Voice,
        *,
        reasons: Mapping[tuple[str, str], str] | None = None,
        changed_only: bool = False,
    ) -> None:
        self.ended = 0
        self._total = total
        self._voice = voice
        self._reasons = reasons or {}
        self._changed_only = changed_only
        self._started = time.monotonic()
        self._bar: rich.progress.Progress | None = None
        self._task: rich.progress.TaskID | None = None
        if voice is Voice.PLAIN and not changed_only:
            self._begin_bar()

    def _begin_bar(self) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        console = Console(stderr=True)
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=console,
            )
            self._task = self._bar.add_task("reports", total=self._total)

    def __enter__(self) -> Progress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar:
            self._bar.stop()

    def tell(self, record: Record, reused: bool) -> None:
        """Tell that a job has ended."""
        self.ended += 1
        if self._voice is Voice.JSON:
            said = {"client": record.client, "notebook": record.notebook, "status": record.status}
            more = {"reused": reused, "message": record.message, "page": record.page}
            say(json.dumps({**said, **more, "seconds": record.seconds}))
        elif self._bar and self._task is not None:
            rate = self.ended / max(time.monotonic() - self._started, 1e-9)
            described = f"{rate:.1f}/s  {self._line(record, reused)}"
            self._bar.update(self._task, completed=self.ended, description=described)
        elif self._voice is not Voice.QUIET and not (reused and self._changed_only):
            place = "" if self._changed_only else f"[{self.ended}/{self._total}] "
            say(f"{place}{self._line(record, reused)}", err=True)

    def _line(self, record: Record, reused: bool) -> str:
        how = "up to date" if reused else f"{sum(record.seconds.values()):.1f} s"
        line = f"{record.client} {record.notebook}: {record.status} ({how})"
        if self._voice is not Voice.VERBOSE:
            return line
        steps = ", ".join(f"{name} {taken:.2f} s" for name, taken in record.seconds.items())
        why = self._reasons.get((record.client, record.notebook), "")
        more = [record.page, "" if reused else steps, "" if reused else why]
        return "; ".join([line, *filter(None, more)])


def reasons_of(jobs: Sequence[Job], *, force: bool) -> dict[tuple[str, str], str]:
    """Why each report is made that is, by client and notebook.

    Parameters
    ----------
    jobs : sequence of Job
    force : bool
        Whether those that are up to date are made, too.
    """
    from techalign.batch.why import standing

    told = {(job.client, job.name): standing(job, force=force).reasons for job in jobs}
    return {which: ", ".join(reasons) for which, reasons in told.items() if reasons}
