"""Faults, injected for real: the batch survives each, and what it leaves is whole."""

import json
import os
import random
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from techalign.review.records import read_records
from tests.command import techalign
from tests.example_client import example_client

pytestmark = pytest.mark.slow
GOOD = (
    "import time\n"
    "from techalign import report\n"
    "time.sleep(0.05)\n"
    "report.headline('In short.', [report.Figure('Months', float(months), 'months', 'given')])"
)


class Runner:
    """Runs the command in a workbook, in processes of its own that can be found and counted."""

    def __init__(self, workbook: Path) -> None:
        self.workbook = workbook
        self.out = workbook / "reports"
        self.temp = workbook / "t"
        self.temp.mkdir(exist_ok=True)

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command and do not wait."""
        command = [sys.executable, "-m", "techalign", "run", "-j", "3", *arguments]
        command += ["--clients-dir", "clients", "--notebooks-dir", "notebooks"]
        return subprocess.Popen(
            command,
            cwd=self.workbook,
            env={**os.environ, "TMPDIR": str(self.temp)},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
            # as from a terminal, even where the tests run in the background
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run the command to its end."""
        process = self.start(*arguments)
        stdout, stderr = process.communicate(timeout=120)
        return process.returncode, stdout, stderr

    def here(self, *arguments: str) -> tuple[int, str, str]:
        """Run the command in the tests' own process, where no process of its own is looked at."""
        command = ["run", "-j", "3", *arguments, "--clients-dir", "clients"]
        done = techalign([*command, "--notebooks-dir", "notebooks"], os.environ, self.workbook)
        return done.returncode, done.stdout, done.stderr

    def pages(self) -> dict[str, bytes]:
        """Every report, by its place."""
        found = sorted(p for p in self.out.glob("*/*.html") if p.name != "index.html")
        return {str(path.relative_to(self.out)): path.read_bytes() for path in found}

    def left_over(self) -> list[str]:
        """Processes, sockets and temporary files that belong to no run any more."""
        mark = f"TMPDIR={self.temp}"
        deadline = time.monotonic() + 15
        while True:
            found = [str(path) for path in self.temp.rglob("*")]
            for process in psutil.process_iter():
                try:
                    if f"TMPDIR={process.environ().get('TMPDIR')}" == mark:
                        found.append(f"process {process.pid} {process.cmdline()}")
                except psutil.Error:
                    continue
            if not found or time.monotonic() > deadline:
                return found
            time.sleep(0.1)

    def half_written(self) -> list[str]:
        """Temporary names in the output folder, and pages that do not end."""
        parts = [str(path) for path in self.out.rglob("*.part")]
        cut = [n for n, page in self.pages().items() if not page.rstrip().endswith(b"</html>")]
        return parts + cut


@pytest.fixture
def runner(workbook: Path) -> Iterator[Runner]:
    made = Runner(workbook)
    yield made
    assert made.left_over() == []


def _clients(workbook: Path, count: int) -> None:
    for number in range(count):
        example_client(workbook / "clients", f"c{number:04d}", name=f"C{number}", currency="USD")


def test_killed_at_random_moments_then_resumed(
    runner: Runner, notebook: Callable[..., Path]
) -> None:
    _clients(runner.workbook, 3)
    notebook("good", GOOD)
    notebook("other", GOOD, title="Other")
    assert runner.run()[0] == 0
    undisturbed = runner.pages()
    assert len(undisturbed) == 8
    moments = random.Random(5)
    seen = set()
    for written in range(0, 8, 2):  # and then at any moment of the next few
        shutil.rmtree(runner.out, ignore_errors=True)  # it may have been killed before it made it
        process = runner.start()
        while process.poll() is None and len(list(runner.out.glob("*/*.html"))) < written:
            time.sleep(0.002)
        time.sleep(moments.uniform(0, 0.1 if written else 2))
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=30)
        assert [n for n, page in runner.pages().items() if page != undisturbed[n]] == []
        seen.add(len(runner.pages()))
    assert runner.left_over() == []
    assert len(seen) > 2, "the kills fell into different stages"
    assert runner.run()[0] == 0
    assert runner.pages() == undisturbed
    assert runner.half_written() == []


def test_interrupted_then_resumed(runner: Runner, notebook: Callable[..., Path]) -> None:
    _clients(runner.workbook, 3)
    notebook("good", GOOD)
    for wait in (0.4, 0.9, 1.5, 2.2):
        process = runner.start()
        time.sleep(wait)
        os.kill(process.pid, signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
        # a shell says 130, too, of a process that was interrupted when all its work was done
        assert process.returncode in {0, 130, -signal.SIGINT}, stderr
        assert "Traceback" not in stderr
        assert runner.left_over() == []
        assert runner.half_written() == []
    assert runner.run()[0] == 0
    assert len(runner.pages()) == 4


def test_interrupted_while_a_library_is_imported(
    runner: Runner, notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that makes another error of the interrupt, as those with compiled parts do."""
    _clients(runner.workbook, 1)
    notebook("good", GOOD)
    slow = "import pathlib, time\npathlib.Path({!r}).touch()\ntry:\n    time.sleep(3)\n"
    slow += "except BaseException:\n    raise ImportError('the C extension') from None\n"
    reached, folder = runner.workbook / "reached", runner.workbook / "libraries"
    folder.mkdir()
    (folder / "pandas.py").write_text(slow.format(str(reached)))
    monkeypatch.setenv("PYTHONPATH", str(folder))
    process = runner.start()
    while not reached.exists():
        time.sleep(0.02)
    os.kill(process.pid, signal.SIGINT)
    assert process.communicate(timeout=30) == ("", "")
    assert process.returncode == -signal.SIGINT
    assert not runner.out.exists()


OUT_OF_MEMORY = {
    "at once": ("x = bytearray(2_000_000_000)", "MemoryError"),
    "by and by": ("s = []\nwhile True: s.append('x' * 100_000)", "MemoryError"),
    "in small pieces": (
        "rows, i = [], 0\nwhile True:\n    rows.append({'a': i, 'b': str(i)}); i += 1",
        "emory",  # an error of Python's, or stuck short of one
    ),
}
OTHERWISE = {
    "dies": ("import os, signal; os.kill(os.getpid(), signal.SIGKILL)", "died"),
    "hangs": ("while True: pass", "longer than 6 seconds"),
    "raises": ("{}['amount']", "KeyError: 'amount'"),
    "exits": ("import sys; sys.exit(3)", "SystemExit: 3"),
    "is interrupted": ("raise KeyboardInterrupt", "KeyboardInterrupt"),
}


@pytest.mark.parametrize(
    ("wrong", "arguments"),
    [(OUT_OF_MEMORY, ["--memory", "300"]), (OTHERWISE, ["--timeout", "6"])],
    ids=["memory", "otherwise"],
)
def test_a_notebook_that_goes_wrong_fails_alone(
    runner: Runner,
    notebook: Callable[..., Path],
    wrong: dict[str, tuple[str, str]],
    arguments: list[str],
) -> None:
    for name, (cell, _) in wrong.items():
        notebook(name, cell)
    notebook("good", GOOD)
    code, _, stderr = runner.here(*arguments)
    assert code == 1
    records = {record.notebook: record for record in read_records(runner.out)}
    assert records["good"].status == "ok"
    for name, (_, problem) in wrong.items():
        assert records[name].status == "failed"
        assert problem in records[name].message
        assert records[name].cell == 3
        asked = shlex.quote(name)
        assert f"retry: techalign run acme --notebook {asked} --" in stderr


def test_a_flood_of_output_neither_stops_the_batch_nor_fills_a_page(
    runner: Runner, notebook: Callable[..., Path]
) -> None:
    notebook("flood", "for _ in range(200): print('x' * 1_000_000)")
    notebook("good", GOOD)
    code, _, _ = runner.here()
    records = {record.notebook: record for record in read_records(runner.out)}
    assert records["good"].status == "ok"
    assert code == 1
    assert "output" in records["flood"].message
    assert records["flood"].bytes < 100_000


def test_two_runs_on_one_folder_refuse_each_other(
    runner: Runner, notebook: Callable[..., Path]
) -> None:
    notebook("slow", "import time; time.sleep(4)")
    first = runner.start()
    while not (runner.out / ".lock").exists():
        time.sleep(0.05)
    time.sleep(0.5)
    code, _, stderr = runner.run()
    assert code == 2
    assert "another run is writing to this folder" in stderr
    first.communicate(timeout=30)
    assert first.returncode == 0


def test_a_client_deleted_mid_run_fails_alone(
    runner: Runner, notebook: Callable[..., Path]
) -> None:
    _clients(runner.workbook, 1)
    notebook("a", "import time; time.sleep(2)\n" + GOOD)
    load = "from techalign.client import load_client; load_client(clients_dir, client)"
    notebook("b", "import time; time.sleep(2)", load, GOOD)
    process = runner.start()
    while not (runner.out / ".lock").exists():
        time.sleep(0.02)
    shutil.rmtree(runner.workbook / "clients" / "c0000")
    _, stderr = process.communicate(timeout=60)
    assert process.returncode == 1
    records = {(r.client, r.notebook): r for r in read_records(runner.out)}
    assert records["acme", "b"].status == "ok"
    assert "there is no such client" in records["c0000", "b"].message
    assert "Traceback" not in stderr


def test_a_clock_that_goes_back_changes_nothing(
    runner: Runner, notebook: Callable[..., Path]
) -> None:
    path = notebook("good", GOOD)
    assert runner.here()[0] == 0
    future = time.time() + 10 * 365 * 86400
    for file in [path, *runner.out.rglob("*.*")]:
        os.utime(file, (future, future))
    code, stdout, _ = runner.here()
    assert (code, stdout.splitlines()[0]) == (
        0,
        "1 of 1 reports made, 1 of them up to date: nothing to do",
    )


def _mount(size: str, folder: Path, *options: str) -> None:
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", ",".join([f"size={size}", *options]), "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"a small file system cannot be mounted here: {done.stderr.strip()}")


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_full_disk_is_a_clear_error_and_earlier_reports_stay(
    runner: Runner, notebook: Callable[..., Path]
) -> None:
    _mount("160k", runner.out)
    try:
        notebook("a", GOOD)
        assert runner.here()[0] == 0
        before = runner.pages()
        notebook("b", "print('x' * 300_000)")
        code, _, stderr = runner.here()
        assert code == 2
        assert "No space left on device" in stderr
        assert "Traceback" not in stderr
        assert runner.pages() == before
        assert runner.half_written() == []
    finally:
        subprocess.run(["umount", str(runner.out)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="mounting needs root")
def test_a_read_only_output_folder_starts_nothing(
    runner: Runner, notebook: Callable[..., Path]
) -> None:
    _mount("96k", runner.out, "ro")
    try:
        notebook("a", GOOD)
        code, _, stderr = runner.here()
        assert code == 2
        assert "reports: cannot be written to: Read-only file system" in stderr
    finally:
        subprocess.run(["umount", str(runner.out)], check=True)


def test_many_clients_with_broken_ones_among_them(
    runner: Runner, notebook: Callable[..., Path]
) -> None:
    shutil.rmtree(runner.workbook / "clients" / "acme")
    profile = "name = 'C'\nsector = 'retail'\nsetting = 'retail'\ncurrency = 'USD'\n"
    profile += "employees = 1\nyearly_revenue = 1.0\nhourly_wage = 1.0\nas_of = 2026-06-30\n"
    for number in range(60):
        folder = runner.workbook / "clients" / f"c{number:04d}"
        folder.mkdir()
        broken = number % 20 == 0
        (folder / "client.toml").write_text("name =" if broken else profile)
    notebook("good", "months")
    code, stdout, stderr = runner.here("--json")
    assert code == 1
    summary = json.loads(stdout.splitlines()[-1])
    assert (summary["made"], summary["failed"], summary["total"]) == (57, 3, 60)
    assert stderr.count("failed: c") == 3
    assert len(runner.pages()) == 60
