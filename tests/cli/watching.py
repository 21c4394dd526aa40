"""A process that watches, as tests of the command line and of the browser have it."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MOST_SECONDS = 60.0


class Watching:
    """A process that watches, and what it has said on standard error."""

    def __init__(self, workbook: Path, *more: str, package: Path | None = None) -> None:
        self._log = workbook / "said.txt"
        where = ["--clients-dir", "clients", "--notebooks-dir", "notebooks", "--out", "out"]
        env = {**os.environ, "BROWSER": f"{sys.executable} {workbook / 'browser.py'} %s"}
        if package is not None:
            env["PYTHONPATH"] = str(package)
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "techalign", "run", "--watch", *where, *more],
                cwd=workbook,
                env=env,
                stdout=subprocess.DEVNULL,
                stderr=log,
                # as from a terminal, even where the tests run in the background
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
            )

    def said(self) -> str:
        """All it has said so far."""
        return self._log.read_text()

    def until(self, words: str, *, times: int = 1) -> None:
        """Wait until it has said something so many times."""
        ends = time.monotonic() + MOST_SECONDS
        while self.said().count(words) < times:
            assert self.process.poll() is None, f"ended: {self.said()}"
            assert time.monotonic() < ends, f"never said {words!r}: {self.said()}"
            time.sleep(0.05)

    def url(self) -> str:
        """The address of the pages."""
        found = re.search(r"http://127\.0\.0\.1:\d+/[\w-]+/", self.said())
        assert found
        return found[0]


@contextmanager
def watching(workbook: Path, *more: str, package: Path | None = None) -> Iterator[Watching]:
    started = Watching(workbook, *more, package=package)
    try:
        yield started
    finally:
        started.process.kill()
        started.process.wait()
