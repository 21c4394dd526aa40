"""The recipes of docs/scheduling.md, run as cron and systemd would: twice, the second idle."""

import configparser
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from techalign.cli.main import techalign

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "scheduling.md").read_text()
IDLE = "1 of 1 reports made, 1 of them up to date: nothing to do"
# all that cron gives
ENVIRONMENT = {"PATH": "/usr/bin:/bin", "SHELL": "/bin/sh", "LOGNAME": "advice"}


def _blocks(kind: str) -> list[str]:
    return re.findall(rf"^```{kind}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)


def _unit(holding: str) -> configparser.ConfigParser:
    unit = configparser.ConfigParser(interpolation=None)
    unit.optionxform = str  # type: ignore[assignment,method-assign]
    unit.read_string(next(block for block in _blocks("ini") if holding in block))
    return unit


@pytest.fixture
def advice(tmp_path: Path) -> Path:
    """A workbook with an environment in it, a client and a notebook."""
    advice = tmp_path / "advice"
    command = advice / ".venv" / "bin" / "techalign"
    command.parent.mkdir(parents=True)
    command.write_text(
        f'#!/bin/sh\nPYTHONPATH="{ROOT}" exec "{sys.executable}" -m techalign "$@"\n'
    )
    command.chmod(0o755)
    (advice / "techalign.toml").write_text('clients_dir = "clients"\n')
    where = ["--clients-dir", f"{advice / 'clients'}"]
    books = ["--notebooks-dir", f"{advice / 'notebooks'}"]
    for words in (["new", "acme", *where], ["new-notebook", "paid", *where, *books]):
        assert CliRunner().invoke(techalign, words).exit_code == 0
    profile = advice / "clients" / "acme" / "client.toml"
    profile.write_text("as_of = 2026-06-30\n" + profile.read_text())
    return advice


def _here(text: str, advice: Path) -> str:
    return text.replace("/srv/advice", str(advice))


def test_the_line_for_cron_runs_and_the_second_time_does_nothing(advice: Path) -> None:
    (line,) = _blocks("cron")
    fields = line.split(maxsplit=5)
    assert all(re.fullmatch(r"[\d*,/-]+", field) for field in fields[:5])
    assert "%" not in fields[5]  # which cron would take for the end of a line
    said = []
    for _ in range(2):
        done = subprocess.run(
            ["/bin/sh", "-c", _here(fields[5], advice)],
            cwd="/",
            env={**ENVIRONMENT, "HOME": str(advice.parent)},
            capture_output=True,
            text=True,
            check=True,
        )
        assert (done.stdout, done.stderr) == ("", "")  # so cron mails nothing
        said.append((advice / "techalign.log").read_text())
    assert "1 of 1 reports made\n" in said[0]
    assert IDLE in said[1].removeprefix(said[0])
    assert (advice / "reports" / "index.html").is_file()


def test_cron_mails_what_failed(advice: Path) -> None:
    book = advice / "notebooks" / "paid.ipynb"
    book.write_text(book.read_text().replace("book.require", "book.requires"))
    (line,) = _blocks("cron")
    done = subprocess.run(
        ["/bin/sh", "-c", _here(line.split(maxsplit=5)[5], advice)],
        cwd="/",
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "failed: acme paid" in done.stdout
    assert "retry: techalign run acme --notebook paid" in done.stdout


def test_the_service_runs_and_the_second_time_does_nothing(advice: Path) -> None:
    service = _unit("ExecStart")["Service"]
    assert service["Type"] == "oneshot"
    words = shlex.split(_here(service["ExecStart"], advice))
    said = [
        subprocess.run(
            words,
            cwd=_here(service["WorkingDirectory"], advice),
            env={},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert said[0].splitlines()[0] == "1 of 1 reports made"
    assert said[1].splitlines()[0] == IDLE


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    timer = _unit("OnCalendar")
    assert timer["Timer"]["Persistent"] == "true"
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("no systemd-analyze on this machine")
    subprocess.run([analyze, "calendar", timer["Timer"]["OnCalendar"]], check=True)
    for name, block in zip(("techalign.service", "techalign.timer"), _blocks("ini"), strict=True):
        (tmp_path / name).write_text(block.replace("/srv/advice/.venv/bin/techalign", "/bin/true"))
    subprocess.run([analyze, "verify", f"{tmp_path / 'techalign.timer'}"], check=True)


def test_what_the_page_says_that_a_run_says_is_what_it_says() -> None:
    assert IDLE.replace("1", "48") in PAGE
    assert "another run is writing to this" in (ROOT / "techalign/batch/run.py").read_text()
