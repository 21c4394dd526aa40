"""Defaults from techalign.toml, options before them, and how much a run says."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign

Write = Callable[..., Path]
SETTINGS = """
clients_dir = "clients"
notebooks_dir = "notebooks"
out = "made"
[run]
notebooks = ["one"]
jobs = 1
[parameters]
as_of = 2026-06-30
months = 5
[practice]
name = "Hill & Daughters"
"""


def _call(*words: str) -> Result:
    return CliRunner().invoke(techalign, words)


@pytest.fixture
def advice(workbook: Path, notebook: Write, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A workbook with a techalign.toml and two notebooks; the working directory is below it."""
    notebook("one", "print('months', months, as_of)")
    notebook("two", "print('never')")
    (workbook / "techalign.toml").write_text(SETTINGS)
    monkeypatch.chdir(workbook / "clients")
    return workbook


def test_what_the_file_says_holds_in_a_folder_below_and_options_come_before_it(
    advice: Path,
) -> None:
    done = _call("run")
    assert done.exit_code == 0, done.output
    page = advice / "made" / "acme" / "one.html"
    assert "months 5 2026-06-30" in page.read_text()
    assert not (advice / "made" / "acme" / "two.html").exists()
    assert _call("run", "-p", "months=7").exit_code == 0
    assert "months 7 2026-06-30" in page.read_text()
    file = advice / "more.yaml"
    file.write_text("months: 9\n")
    assert _call("run", "-f", str(file)).exit_code == 0
    assert "months 9 2026-06-30" in page.read_text()
    assert _call("run", "--notebook", "two", "--out", str(advice / "other")).exit_code == 0
    assert [p.name for p in (advice / "other" / "acme").glob("two.html")] == ["two.html"]


def test_the_help_says_so_and_shows_what_holds(advice: Path) -> None:
    said = " ".join(_call("run", "--help").output.split())
    assert "A file techalign.toml, here or in a folder above, holds defaults" in said
    assert "[default: ../made]" in said
    assert str(advice / "techalign.toml") in _call("run", "-v", "--dry-run").stderr


def test_other_commands_look_where_it_says(advice: Path) -> None:
    assert "acme/ledger.csv: 4 rows" in _call("check").output
    assert "acme" in _call("list", "clients").output
    assert (advice / "clients" / "acme").is_dir()


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("jobs = 1", "job = 1", ":7: unknown key 'run.job'. Did you mean 'jobs'?"),
        ("months = 5", "mnths = 5", "'mnths'. Did you mean 'months'?"),
        ("months = 5", "months = 50", "parameter 'months': must be between 1 and 12"),
    ],
)
def test_a_mistake_in_it_is_one_line_that_names_it(
    old: str, new: str, said: str, advice: Path
) -> None:
    (advice / "techalign.toml").write_text(SETTINGS.replace(old, new))
    done = _call("run")
    assert "techalign.toml" in str(done.exception)
    assert said in str(done.exception)
    assert not (advice / "made").exists()


@pytest.mark.usefixtures("advice")
def test_quiet_says_only_what_failed_and_verbose_says_why(notebook: Write) -> None:
    assert _call("run", "-q").output == ""
    notebook("one", "1 / 0")
    done = _call("run", "-q")
    assert done.exit_code == 1
    assert done.stdout == ""
    assert done.stderr.startswith("failed: acme one: division by zero\n  retry: techalign run")
    notebook("one", "print(1)")
    said = _call("run", "-v").stderr
    assert "acme/one.html; execute" in said
    assert "failed last time (division by zero), the notebook changed" in said


@pytest.mark.parametrize(
    ("words", "page"),
    [
        ([], "index.html"),
        (["acme"], "acme/one.html"),
        (["acme", "--notebook", "one", "--notebook", "two"], "acme/index.html"),
    ],
)
def test_open_shows_the_page_that_was_asked_for(
    words: list[str], page: str, advice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = advice / "browser.py"
    browser.write_text("import pathlib, sys\npathlib.Path('opened').write_text(sys.argv[1])\n")
    monkeypatch.setenv("BROWSER", f"{sys.executable} {browser} %s")
    _forget_browsers(monkeypatch)
    assert _call("run", *words, "--open").exit_code == 0
    assert Path("opened").read_text() == (advice / "made" / page).as_uri()


def test_where_no_browser_can_be_opened_the_page_is_named(
    advice: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BROWSER", "no-such-browser")
    monkeypatch.setenv("PATH", str(advice))
    monkeypatch.delenv("DISPLAY", raising=False)
    _forget_browsers(monkeypatch)
    done = _call("run", "--open")
    assert done.exit_code == 0
    assert "no browser could be opened; open ../made/index.html yourself" in done.stderr


def _forget_browsers(monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a new process: the library looks for browsers once."""
    import webbrowser

    monkeypatch.setattr(webbrowser, "_tryorder", None)
    monkeypatch.setattr(webbrowser, "_browsers", {})
