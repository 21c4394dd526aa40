"""``techalign run --watch`` as a person has it: real processes, real changes, a real address."""

import re
import signal
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from techalign.client.create import create_client
from tests.cli.watching import MOST_SECONDS, watching
from tests.example_client import example_client

Write = Callable[..., Path]
SLOW = pytest.mark.slow


def _get(url: str) -> str:
    with urllib.request.urlopen(url, timeout=10) as answer:
        return str(answer.read().decode())


@pytest.fixture
def two(workbook: Path, notebook: Write) -> Path:
    """A workbook of two clients and two notebooks, one of which reads the ledger."""
    example_client(workbook / "clients", "zeta", name="Zeta", currency="USD")
    notebook("one", "print('first')")
    notebook("two", "print('second')")
    return workbook


def test_a_change_makes_just_its_reports_again_and_ctrl_c_ends_with_one_line(two: Path) -> None:
    with watching(two) as watched:
        watched.until("watching; pages at")
        before = {p: p.stat().st_mtime_ns for p in (two / "out").glob("*/*.json")}
        assert len(before) == 4

        ledger = two / "clients" / "zeta" / "ledger.csv"
        ledger.write_text(ledger.read_text() + "\n")
        watched.until("changed: zeta/ledger.csv")
        watched.until("zeta two: ok", times=2)
        watched.until("zeta one: ok", times=2)
        changed = {p for p, when in before.items() if p.stat().st_mtime_ns != when}
        assert {p.parent.name for p in changed} == {"zeta"}
        assert len(changed) == 2

        book = two / "notebooks" / "one.ipynb"
        book.write_text(book.read_text().replace("first", "third"))
        watched.until("changed: notebooks/one.ipynb")
        watched.until("acme one: ok", times=2)
        watched.until("zeta one: ok", times=3)
        assert "third" in (two / "out" / "acme" / "one.html").read_text()
        assert watched.said().count("acme two: ok") == 1

        said = watched.said()
        watched.process.send_signal(signal.SIGINT)
        assert watched.process.wait(MOST_SECONDS) == 0
        ended = watched.said().removeprefix(said).splitlines()
        assert ended.pop() == "stopped watching"
        # the last report is told before its round has ended
        assert [line[:8] for line in ended] in ([], ["stopped;"])


def test_ctrl_c_during_a_round_ends_the_watching_too(two: Path) -> None:
    with watching(two, "acme", "--notebook", "one") as watched:
        watched.until("watching; pages at")
        book = two / "notebooks" / "one.ipynb"
        book.write_text(book.read_text().replace("print", "import time; time.sleep(50); print"))
        watched.until("changed: notebooks/one.ipynb")
        watched.process.send_signal(signal.SIGINT)
        assert watched.process.wait(MOST_SECONDS) == 0
        assert watched.said().endswith("stopped watching\n")


def test_a_new_client_and_a_new_notebook_are_taken_up_and_a_bad_profile_is_waited_for(
    two: Path, notebook: Write
) -> None:
    with watching(two) as watched:
        watched.until("watching; pages at")
        notebook("three", "print('new')")
        watched.until("acme three: ok")
        create_client(two / "clients", "mid", name="Mid", currency="USD")
        watched.until("mid one: ok")
        profile = two / "clients" / "mid" / "client.toml"
        good = profile.read_text()
        profile.write_text("name = ")
        watched.until("failed: mid one: mid/client.toml: is not valid TOML")
        profile.write_text(good)
        watched.until("mid one: ok", times=2)


def test_what_was_typed_wrong_is_said_and_nothing_is_watched(two: Path) -> None:
    with watching(two, "nobody") as watched:
        assert watched.process.wait(MOST_SECONDS) == 2
        assert watched.said().count("\n") == 1
        assert "nobody" in watched.said()


def test_pages_served_reload_and_pages_kept_hold_no_script(two: Path) -> None:
    with watching(two, "acme", "--notebook", "one", "--open") as watched:
        (two / "browser.py").write_text("")
        watched.until("watching; pages at")
        url = watched.url() + "acme/one.html"
        served, kept = _get(url), (two / "out" / "acme" / "one.html").read_text()
        assert "<script" not in kept
        nonce = re.search(r'<script nonce="([^"]+)">', served)
        assert nonce
        assert f"script-src 'nonce-{nonce[1]}'" in served
        assert served.count("<script") == 1

        path = "/" + url.split("/", 3)[3]
        with urllib.request.urlopen(f"{watched.url()}.changes?page={path}", timeout=30) as told:
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
    with watching(two, "acme", "--notebook", "one", "--open") as watched:
        watched.until("watching; pages at")
        assert (two / "opened.txt").read_text() == watched.url() + "acme/one.html"
        watched.process.send_signal(signal.SIGINT)
        assert watched.process.wait(MOST_SECONDS) == 0


@SLOW
def test_a_change_of_the_package_begins_anew_at_the_same_address(two: Path, tmp_path: Path) -> None:
    import shutil

    root = Path(__file__).parents[2]
    copied = tmp_path / "site"
    shutil.copytree(root / "techalign", copied / "techalign")
    shutil.copytree(root / "datasets" / "reference", copied / "datasets" / "reference")
    with watching(two, "acme", "--notebook", "one", package=copied) as watched:
        watched.until("watching; pages at")
        url, started = watched.url(), watched.process.pid
        words = copied / "techalign" / "report" / "words.py"
        good = words.read_text()
        words.write_text(good + "\ndef broken(:\n")
        watched.until("waiting until it is put right")
        assert "words.py:" in watched.said()
        words.write_text(good + "\n# as good\n")
        watched.until("acme one: ok", times=2)
        assert "one" in _get(url + "acme/one.html")
        assert watched.process.pid == started
        watched.process.send_signal(signal.SIGINT)
        assert watched.process.wait(MOST_SECONDS) == 0
        assert watched.said().endswith("stopped watching\n")


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
