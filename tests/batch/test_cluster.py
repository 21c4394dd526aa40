"""A real Dask scheduler and workers as separate processes on loopback."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from techalign.review.records import read_records
from tests.example_client import example_client

pytestmark = pytest.mark.slow
SLOW = "import time; time.sleep(0.6)\nmonths"


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[tuple[str, list[subprocess.Popen[bytes]]]]:
    """A scheduler's address and its two worker processes, without nannies."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"tcp://127.0.0.1:{probe.getsockname()[1]}"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    python = [sys.executable, "-m"]
    port = ["--port", address.rpartition(":")[2], "--host", "127.0.0.1", "--no-dashboard"]
    scheduler = subprocess.Popen([*python, "distributed.cli.dask_scheduler", *port], **quiet)
    options = ["--no-nanny", "--nthreads", "2", "--no-dashboard", "--host", "127.0.0.1"]
    options += ["--local-directory", str(tmp_path / "dask")]
    workers = [
        subprocess.Popen([*python, "distributed.cli.dask_worker", address, *options], **quiet)
        for _ in range(2)
    ]
    yield address, workers
    for process in [*workers, scheduler]:
        process.terminate()
        process.wait(15)


def _run(
    workbook: Path,
    out: str,
    *arguments: str,
    how: Sequence[str] = ("-m", "techalign"),
    alone: bool = False,
) -> subprocess.Popen[str]:
    command = [sys.executable, *how, "run", "--clients-dir", "clients"]
    command += ["--notebooks-dir", "notebooks", "--out", out, *arguments]
    return subprocess.Popen(
        command,
        cwd=workbook,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=alone,
        # as from a terminal, even where the tests run in the background
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )


def _pages(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.glob("*/*.html"))}


def test_a_killed_worker_costs_a_retry_and_results_are_those_of_a_local_run(
    workbook: Path,
    notebook: Callable[..., Path],
    cluster: tuple[str, list[subprocess.Popen[bytes]]],
) -> None:
    for number in range(4):
        example_client(workbook / "clients", f"c{number}", name=f"C{number}", currency="USD")
    notebook("slow", SLOW)
    notebook("bad", "1/0")
    local = _run(workbook, "local")
    local.communicate(timeout=120)
    assert local.returncode == 1
    address, workers = cluster
    spread = _run(workbook, "spread", "--scheduler", address)
    deadline = time.monotonic() + 60
    while not list((workbook / "spread").glob("*/*.html")):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    os.kill(workers[0].pid, signal.SIGKILL)
    _, stderr = spread.communicate(timeout=120)
    assert spread.returncode == 1, stderr
    records = read_records(workbook / "spread")
    assert [r.status for r in records if r.notebook == "slow"] == ["ok"] * 5
    assert [r.status for r in records if r.notebook == "bad"] == ["failed"] * 5
    assert _pages(workbook / "spread") == _pages(workbook / "local")


def test_a_cluster_of_its_own(
    workbook: Path, notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    notebook("good", "months")
    temp = workbook / "t"
    temp.mkdir()
    monkeypatch.setenv("TMPDIR", str(temp))
    done = _run(workbook, "reports", "--cluster", "1")
    stdout, stderr = done.communicate(timeout=120)
    assert done.returncode == 0, stderr
    assert stdout.splitlines()[0] == "1 of 1 reports made"
    assert list(temp.iterdir()) == []


COLLECTING = (
    # Dask's callback at each garbage collection is where an exception gets lost
    "import gc; gc.callbacks.append(lambda *_: sum(range(2000))); gc.set_threshold(30); "
    "from techalign.cli import main; import sys; sys.exit(main())"
)


@pytest.mark.parametrize(
    ("wait", "how"),
    [(0.0, "-m"), (1.5, "-m"), (4.0, "-m"), (1.5, "-c"), (3.0, "-c")],
)
def test_interrupted_from_a_terminal_it_says_one_line_and_leaves_nothing(
    workbook: Path,
    notebook: Callable[..., Path],
    wait: float,
    how: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    notebook("slow", "import time; time.sleep(20)")
    temp = workbook / "t"
    temp.mkdir()
    monkeypatch.setenv("TMPDIR", str(temp))
    started = (how, "techalign" if how == "-m" else COLLECTING)
    process = _run(workbook, "reports", "--cluster", "2", alone=True, how=started)
    deadline = time.monotonic() + 60
    while not list(temp.glob("techalign-*/*")):  # the cluster is starting
        assert time.monotonic() < deadline
        time.sleep(0.02)
    time.sleep(wait)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all its processes
    time.sleep(0.3)
    os.killpg(process.pid, signal.SIGINT)  # and again, from impatience
    _, stderr = process.communicate(timeout=60)
    # a second one may find it done, on its way out
    assert process.returncode in {130, -signal.SIGINT}, stderr
    assert stderr == "stopped; 0 reports are whole, run again for the rest\n"
    while list(temp.iterdir()) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert list(temp.iterdir()) == []


def test_a_scheduler_that_is_not_there_is_one_line(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("good", "months")
    impatient = (
        "import techalign.batch.cluster as c; c.PATIENCE = 1; from techalign.cli import main; "
    )
    done = _run(
        workbook, "reports", "--scheduler", "tcp://127.0.0.1:1", how=["-c", impatient + "main()"]
    )
    _, stderr = done.communicate(timeout=120)
    assert done.returncode == 2
    assert stderr.splitlines()[-1].startswith("techalign: --scheduler: no scheduler answers there")
