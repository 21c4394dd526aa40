"""What goes to a client tells nothing of the machine: folders, user, host."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from techalign.batch.machine import Machine, hide_in_error, hide_in_notebook, this_machine

JANES = Machine(("/home/Jane Doe/My Work", "/home/Jane Doe", "/tmp"), ("janes-laptop", "Jane Doe"))


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("No such file: '/home/Jane Doe/My Work/clients/a b.csv'", "No such file: 'a b.csv'"),
        ("reading /home/Jane Doe/My Work/a.csv failed", "reading a.csv failed"),
        ("/tmp/x/y.py:3: UserWarning: odd", "y.py:3: UserWarning: odd"),
        ("/home/Someone Else/a.csv is missing", "a.csv is missing"),
        ("/Users/Someone Else/a.csv is missing", "a.csv is missing"),
        (r"C:\Users\Jane Doe\data\a.csv is missing", "a.csv is missing"),
        ("see file:///home/Jane%20Doe/x/a.csv", "see file://~/x/a.csv"),
        ("run by Jane Doe on janes-laptop.local", "run by ••• on •••.local"),
        ("s3://firm/clients/acme/ledger.csv: odd", "ledger.csv: odd"),
        ('endpoint URL: "http://10.0.0.5:9000/firm"', 'endpoint URL: "•••"'),
    ],
)
def test_errors_keep_the_last_part_of_a_path(said: str, left: str) -> None:
    assert hide_in_error(said, JANES) == left


@pytest.mark.parametrize(
    "said",
    [
        "on 01/02/2024",
        "and/or both/either/or",
        "see https://example.com/a/b.html",
        "3 km/h",
        "5 / 7",
    ],
)
def test_what_is_no_path_stays(said: str) -> None:
    assert hide_in_error(said, JANES) == said


def test_folders_are_known_as_they_are_written_elsewhere(tmp_path: Path) -> None:
    machine = this_machine(tmp_path / "Big Firm")
    said = f"file://{tmp_path}/Big%20Firm/a.csv"
    assert str(tmp_path) not in hide_in_error(said, machine)


TALKING = """
import getpass, os, socket, sys, warnings
from pathlib import Path
from IPython.display import HTML
from techalign import report
print(os.getcwd(), Path.home(), getpass.getuser(), os.environ["HOSTNAME"], clients_dir)
print(getpass.getuser(), file=sys.stderr)
warnings.warn(f"{clients_dir}/acme/ledger.csv was odd")
display(HTML(f"<p>{clients_dir} of {getpass.getuser()}: {os.environ['HOSTNAME']}</p>"))
report.headline(f"Read from {clients_dir}/acme.", [report.Figure("Months", 3.0, "months", "given")])
Path.home() / "x"
"""
FAILING = "open(f'{clients_dir}/no such file.csv')"
RAISING = "raise ValueError(f'{clients_dir}/acme/a.csv, seen by Jane Doe on janes-laptop')"


@pytest.fixture
def janes(workbook: Path, notebook: Callable[..., Path], tmp_path: Path) -> Path:
    """A workbook in Jane's home."""
    notebook("talking", TALKING)
    notebook("failing", FAILING)
    notebook("raising", RAISING)
    work = tmp_path / "home" / "Jane Doe" / "My Work"
    work.mkdir(parents=True)
    for name in ("clients", "notebooks"):
        shutil.move(workbook / name, work / name)
    return work


def _run(work: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    names = {"HOME": str(work.parent), "LOGNAME": "Jane Doe", "HOSTNAME": "janes-laptop"}
    command = [sys.executable, "-m", "techalign", "run", "--clients-dir", "clients"]
    command += ["--notebooks-dir", "notebooks", "--out", "reports", *arguments]
    return subprocess.run(
        command, cwd=work, env={**os.environ, **names}, capture_output=True, text=True, check=False
    )


@pytest.mark.slow
def test_pages_and_records_tell_nothing_of_the_machine(janes: Path) -> None:
    done = _run(janes)
    assert done.returncode == 1, done.stderr
    written = [p for p in (janes / "reports").rglob("*.*") if p.suffix in {".html", ".json"}]
    assert len(written) >= 8
    for path in written:
        text = path.read_text("utf-8")
        for secret in ("Jane", "janes-laptop", "My Work", "/home/", str(janes.parents[2])):
            assert secret not in text, path.name
    record = json.loads((janes / "reports" / "acme" / "failing.json").read_text())
    assert record["message"] == "[Errno 2] No such file or directory: 'no such file.csv'"
    page = (janes / "reports" / "acme" / "talking.html").read_text("utf-8")
    assert "ledger.csv was odd" in page


@pytest.mark.parametrize(
    ("said", "left"),
    [
        ("<pre>jane@server:~$ ls</pre>", "<pre>•••@•••:~$ ls</pre>"),
        ("<td>server:5432</td>", "<td>•••:5432</td>"),
        ("<td>server.local</td>", "<td>•••.local</td>"),
        ("<p>a new server for jane, on-server</p>", "<p>a new server for jane, on-server</p>"),
        ("<p>the server: slow</p>", "<p>the server: slow</p>"),
    ],
)
def test_names_that_are_words_are_cut_where_they_tell_of_a_machine(said: str, left: str) -> None:
    output = nbformat.v4.new_output("display_data", {"text/html": said})
    cell = nbformat.v4.new_code_cell("", outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[cell])
    hide_in_notebook(notebook, Machine((), ("server", "jane")), known=lambda _: False)
    assert notebook.cells[0].outputs[0].data["text/html"] == left


@pytest.mark.slow
def test_a_name_that_the_clients_data_hold_stays(janes: Path) -> None:
    profile = janes / "clients" / "acme" / "client.toml"
    profile.write_text(profile.read_text() + '\nowner = "Jane Doe"\n')
    _run(janes, "--notebook", "talking")
    page = (janes / "reports" / "acme" / "talking.html").read_text("utf-8")
    assert "of Jane Doe: •••" in page
    assert "My Work" not in page
