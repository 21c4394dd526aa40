"""``techalign run --watch`` as a person has it: real processes, real changes, a real address."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from techalign.client.create import create_client

Write = Callable[..., Path]
_MOST_SECONDS = 60.0
SLOW = pytest.mark.slow


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
            )

    def said(self) -> str:
        """All it has said so far."""
        return self._log.read_text()

    def until(self, words: str, *, times: int = 1) -> None:
        """Wait until it has said something so many times."""
        ends = time.monotonic() + _MOST_SECONDS
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
def _watching(workbook: Path, *more: str, package: Path | None = None) -> Iterator[Watching]:
    watching = Watching(workbook, *more, package=package)
    try:
        yield watching
    finally:
        watching.process.kill()
        watching.process.wait()


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.fixture
def two(workbook: Path, notebook: Write) -> Path:
    """A workbook of two clients and two notebooks, one of which reads the ledger."""
    create_client(workbook / "clients", "zeta", name="Zeta", currency="USD")
    notebook("one", "print('first')")
    notebook("two", "print('second')")
    return workbook


def test_a_change_makes_just_its_reports_again_and_ctrl_c_ends_with_one_line(two: Path) -> None:
    with _watching(two) as watching:
        watching.until("watching; pages at")
        before = {p: p.stat().st_mtime_ns for p in (two / "out").glob("*/*.json")}
        assert len(before) == 4

        ledger = two / "clients" / "zeta" / "ledger.csv"
        ledger.write_text(ledger.read_text() + "\n")
        watching.until("changed: zeta/ledger.csv")
        watching.until("zeta two: ok", times=2)
        watching.until("zeta one: ok", times=2)
        changed = {p for p, when in before.items() if p.stat().st_mtime_ns != when}
        assert {p.parent.name for p in changed} == {"zeta"}
        assert len(changed) == 2

        book = two / "notebooks" / "one.ipynb"
        book.write_text(book.read_text().replace("first", "third"))
        watching.until("changed: notebooks/one.ipynb")
        watching.until("acme one: ok", times=2)
        watching.until("zeta one: ok", times=3)
        assert "third" in (two / "out" / "acme" / "one.html").read_text()
        assert watching.said().count("acme two: ok") == 1

        said = watching.said()
        watching.process.send_signal(signal.SIGINT)
        assert watching.process.wait(_MOST_SECONDS) == 0
        assert watching.said().removeprefix(said) == "stopped watching\n"


def test_a_new_client_and_a_new_notebook_are_taken_up_and_a_bad_profile_is_waited_for(
    two: Path, notebook: Write
) -> None:
    with _watching(two) as watching:
        watching.until("watching; pages at")
        notebook("three", "print('new')")
        watching.until("acme three: ok")
        create_client(two / "clients", "mid", name="Mid", currency="USD")
        watching.until("mid one: ok")
        profile = two / "clients" / "mid" / "client.toml"
        good = profile.read_text()
        profile.write_text("name = ")
        watching.until("failed: mid one: mid/client.toml: is not valid TOML")
        profile.write_text(good)
        watching.until("mid one: ok", times=2)


def test_pages_served_reload_and_pages_kept_hold_no_script(two: Path) -> None:
    with _watching(two, "acme", "--notebook", "one", "--open") as watching:
        (two / "browser.py").write_text("")
        watching.until("watching; pages at")
        url = watching.url() + "acme/one.html"
        served, kept = _get(url), (two / "out" / "acme" / "one.html").read_text()
        assert "<script" not in kept
        nonce = re.search(r'<script nonce="([^"]+)">', served)
        assert nonce
        assert f"script-src 'nonce-{nonce[1]}'" in served
        assert served.count("<script") == 1

        path = "/" + url.split("/", 3)[3]
        with urllib.request.urlopen(f"{watching.url()}.changes?page={path}", timeout=30) as told:
            first = _next(told)
            assert first in served  # what the page was when it was served
            book = two / "notebooks" / "one.ipynb"
            book.write_text(book.read_text().replace("first", "third"))
            second = _next(told)
        assert second != first
        assert second in _get(url)


def _next(told: Iterator[bytes]) -> str:
    return next(line for line in told if line.startswith(b"data: ")).decode().split()[1]


def test_it_opens_the_page_that_was_asked_for(two: Path) -> None:
    (two / "browser.py").write_text(
        "import pathlib, sys\npathlib.Path('opened.txt').write_text(sys.argv[1])\n"
    )
    with _watching(two, "acme", "--notebook", "one", "--open") as watching:
        watching.until("watching; pages at")
        assert (two / "opened.txt").read_text() == watching.url() + "acme/one.html"
        watching.process.send_signal(signal.SIGINT)
        assert watching.process.wait(_MOST_SECONDS) == 0


def test_others_cannot_read_what_is_served(two: Path) -> None:
    (two / "secret.txt").write_text("x")
    with _watching(two, "acme", "--notebook", "one") as watching:
        watching.until("watching; pages at")
        url = watching.url()
        root = url.rsplit("/", 2)[0]
        wrong = [f"{root}/acme/one.html", f"{root}/x/acme/one.html", f"{url}..%2fsecret.txt"]
        for address in [*wrong, f"{url}.pages", f"{url}.lock"]:
            with pytest.raises(urllib.error.HTTPError, match="404"):
                _get(address)
        request = urllib.request.Request(url, headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(request, timeout=10)


@SLOW
def test_a_change_of_the_package_begins_anew_at_the_same_address(two: Path, tmp_path: Path) -> None:
    import shutil

    root = Path(__file__).parents[2]
    copied = tmp_path / "site"
    shutil.copytree(root / "techalign", copied / "techalign")
    shutil.copytree(root / "datasets" / "reference", copied / "datasets" / "reference")
    with _watching(two, "acme", "--notebook", "one", package=copied) as watching:
        watching.until("watching; pages at")
        url, started = watching.url(), watching.process.pid
        words = copied / "techalign" / "report" / "words.py"
        good = words.read_text()
        words.write_text(good + "\ndef broken(:\n")
        watching.until("waiting until it is put right")
        assert "words.py:" in watching.said()
        words.write_text(good + "\n# as good\n")
        watching.until("acme one: ok", times=2)
        assert "one" in _get(url + "acme/one.html")
        assert watching.process.pid == started
        watching.process.send_signal(signal.SIGINT)
        assert watching.process.wait(_MOST_SECONDS) == 0
        assert watching.said().endswith("stopped watching\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--watch", "--dry-run"], "--dry-run makes nothing to watch"),
        (["--watch", "--out", "s3://firm/reports"], "--watch needs clients and reports on this"),
        (["--open", "--out", "s3://firm/reports"], "--open needs reports on this machine"),
        (["-q", "-v"], "Of --quiet, --verbose and --json give one."),
        (["-q", "--json"], "Of --quiet, --verbose and --json give one."),
    ],
)
def test_what_does_not_go_together_is_said(words: list[str], said: str) -> None:
    from click.testing import CliRunner

    from techalign.cli.main import techalign

    done = CliRunner().invoke(techalign, ["run", *words])
    assert done.exit_code == 2
    assert said in " ".join(done.output.split())
