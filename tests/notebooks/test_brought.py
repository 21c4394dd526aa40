"""Notebooks that people bring: each runs, or fails by name with the remedy, and stops no other."""

import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign
from techalign.review.records import Record, read_records
from tests.example_client import example_client

pytestmark = pytest.mark.slow
v4 = nbformat.v4
FIELD = Path("/work/shared/field")
PYTHON = {"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}}
SHELL_KERNEL = """
import subprocess
from ipykernel.kernelapp import IPKernelApp
from ipykernel.kernelbase import Kernel

class Shell(Kernel):
    implementation, implementation_version, banner = "shell", "1", ""
    language_info = {"name": "bash", "mimetype": "text/x-sh", "file_extension": ".sh"}
    said = ""

    async def do_execute(self, code, silent, *_, **__):
        self.said += code + "\\n"
        done = subprocess.run(["bash", "-c", self.said], capture_output=True, text=True)
        self.send_response(self.iopub_socket, "stream", {"name": "stdout", "text": done.stdout})
        return {"status": "ok", "execution_count": self.execution_count, "payload": [],
                "user_expressions": {}}

IPKernelApp.launch_instance(kernel_class=Shell)
"""


def _notebook(*cells: str, parameters: str | None = "n: int = 3", **metadata: Any) -> Any:
    first = [v4.new_markdown_cell("# A title")]
    if parameters is not None:
        first.append(v4.new_code_cell(parameters, metadata={"tags": ["parameters"]}))
    made = v4.new_notebook(cells=[*first, *map(v4.new_code_cell, cells)])
    made.metadata = metadata or PYTHON  # also what nbformat would not write
    return made


def _older() -> dict[str, Any]:
    code = {"cell_type": "code", "collapsed": False, "input": ["print(6 * 7)"], "outputs": []}
    heading = {"cell_type": "heading", "level": 1, "metadata": {}, "source": ["Of old"]}
    cells = [heading, {**code, "language": "python", "metadata": {}, "prompt_number": 1}]
    return {
        "nbformat": 3,
        "nbformat_minor": 0,
        "metadata": {"name": ""},
        "worksheets": [{"cells": cells, "metadata": {}}],
    }


def _tagged(tag: str, *cells: str) -> Any:
    made = _notebook(*cells)
    made.cells[2].metadata["tags"] = [tag]
    return made


def _pictured() -> Any:
    made = _notebook("print(1)")
    made.cells[0].source = "# T\n\n![Hall](my_hall.png) ![Gone](gone.png)"
    return made


def _without_tags() -> Any:
    made = _notebook("print('no tags', n)")
    made.cells[0].metadata["tags"] = made.cells[2].metadata["tags"] = None
    return made


BROUGHT: dict[str, tuple[Any, str, str]] = {
    "product": (_notebook("print(t)", parameters="t = 60 * 60"), "ok", "3600"),
    "call": (
        _notebook("print(len(home))", parameters="import os\nhome = os.environ.get('HOME', 'x')"),
        "ok",
        "<pre>",
    ),
    "fstring": (_notebook("print(b)", parameters="a = 'x'\nb = f'{a}-{1 + 1}'"), "ok", "x-2"),
    "unknown_magic": (
        _notebook("%nosuch 3"),
        "failed",
        "Line magic function `%nosuch` not found.",
    ),
    "late_cell_magic": (
        _notebook(parameters="n: int = 3\n%%time\nn"),
        "failed",
        "function `%%time` not found",
    ),
    "no_text": (
        _notebook(
            "from IPython.display import display\n"
            "display({'text/plain': 5, 'text/html': None}, raw=True)\nprint('here')"
        ),
        "ok",
        "here",
    ),
    "half_a_character": (_notebook("print('\\ud800 abc')"), "ok", " abc"),
    "odd_record": (
        _notebook(
            "from IPython.display import display\n"
            "display({'application/vnd.techalign.record+json': 7}, raw=True)\n"
            "display({'application/vnd.techalign.headline+json': ['x']}, raw=True)"
        ),
        "failed",
        "",
    ),
    "magic": (_notebook("print(n)", parameters="%matplotlib inline\nn: int = 3"), "ok", "3"),
    "shell line": (_notebook("print(n)", parameters="!true it's\nn: int = 4"), "ok", "4"),
    "whole magic": (_notebook("print(n)", parameters="%%time\nn = 5"), "ok", "5"),
    "no language": (_notebook("print('ran')", kernelspec={"name": "python3"}), "ok", "ran"),
    "no metadata": (_notebook("print('bare')", x=1), "ok", "bare"),
    "null metadata": (_notebook("print('null')", kernelspec=None, language_info={}), "ok", "null"),
    "missing kernel": (
        _notebook("print('here')", kernelspec={"name": "py39_new", "language": "python"}),
        "ok",
        "here",
    ),
    "in R": (
        _notebook("cat(1)", kernelspec={"name": "ir", "display_name": "R", "language": "R"}),
        "failed",
        "is written in r, and no kernel for that is installed here. Install one: R -e",
    ),
    "in R by name": (_notebook("cat(1)", kernelspec={"name": "ir"}), "failed", "written in r"),
    "in julia": (
        _notebook("1", language_info={"name": "julia"}),
        "failed",
        "written in julia, and no kernel",
    ),
    "in shell": (
        _notebook(
            'echo "n is $n for $client"',
            parameters="n=3\nclient=nobody",
            kernelspec={"name": "bash", "display_name": "Bash", "language": "bash"},
        ),
        "ok",
        "n is 3 for acme",
    ),
    "of format 3": (_older(), "ok", "42"),
    "of format 9": ({"nbformat": 9, "cells": [], "metadata": {}}, "failed", "of format 4"),
    "cut": ({"nbformat": 4, "cells": [{"cell_type": "code"}]}, "failed", "not a whole notebook"),
    "a list": ([], "failed", "cannot be read as a notebook"),
    "no Python": (
        _notebook("1", parameters="n: int = ="),
        "failed",
        "parameters cell is not valid Python",
    ),
    "no tags": (_without_tags(), "ok", "no tags 3"),
    "expected": (_tagged("raises-exception", "1/0", "print('after')"), "ok", "after"),
    "asks": (_notebook("input('Name? ')"), "failed", "Make what it asks for a parameter"),
    "exit 0": (
        _notebook("print('so far'); import sys; sys.exit(0)", "print('NEVER')"),
        "ok",
        "The notebook stopped itself here",
    ),
    "exit by quit": (_notebook("quit()", "print('NEVER')"), "ok", "<h1>"),
    "exit 1": (_notebook("import sys; sys.exit(1)"), "failed", "SystemExit: 1"),
    "exit hard": (
        _notebook("import os; os._exit(3)"),
        "failed",
        "ended in this cell, with status 3",
    ),
    "killed": (_notebook("import os; os.kill(os.getpid(), 9)"), "failed", "killed by SIGKILL"),
    "leaves a child": (
        _notebook("import subprocess\nsubprocess.Popen(['sleep', '600']); print('left')"),
        "ok",
        "left",
    ),
    "awaits": (
        _notebook("import asyncio\nawait asyncio.sleep(0)\nprint('awaited')"),
        "ok",
        "awaited",
    ),
    "März bericht": (_notebook("print('Çlient')"), "ok", "Çlient"),
    "beside": (
        _notebook(
            "print(open('data/teams.csv').read())\nimport helper; print(helper.two())\n"
            "open('data/teams.csv', 'w').write('changed')"
        ),
        "ok",
        "oak,3",
    ),
    "picture beside": (_pictured(), "ok", '<img src="data:image/png;base64,aGk=" alt="Hall"'),
    "not beside": (_notebook("open('elsewhere.csv')"), "failed", "runs in a folder of its own"),
    "no module": (_notebook("import nosuchmodule"), "failed", "Install it where techalign is"),
    "python3": (_notebook("print('3')", language_info={"name": "python3"}), "ok", "3"),
    "half a letter": (_notebook("print('a\\ud800b')"), "ok", "a?b"),
    "one long word": (_notebook("raise ValueError('x' * 1_000_000)"), "failed", "ValueError: xxx"),
    "error in red": (_notebook("raise ValueError('\\x1b[31mno\\x1b[0m\\rso')"), "failed", "no so"),
    "a folder": (None, "failed", "is not a file"),
    "whole path": (_notebook("open('/nowhere/elsewhere.csv')"), "failed", "No such file"),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("brought")
    example_client(made / "clients", "acme", name="Acme & Co", currency="USD")
    notebooks = made / "Bücher & more"
    (notebooks / "data").mkdir(parents=True)
    (notebooks / "data" / "teams.csv").write_text("oak,3\n")
    (notebooks / "helper.py").write_text("def two():\n    return 2\n")
    (notebooks / "my_hall.png").write_bytes(b"hi")
    for name, (content, _, _) in BROUGHT.items():
        path = notebooks / f"{name}.ipynb"
        if content is None:
            path.mkdir()
        else:
            path.write_text(json.dumps(content), encoding="utf-8")
    kernel = made / "jupyter" / "kernels" / "bash"
    kernel.mkdir(parents=True)
    (kernel / "shell.py").write_text(SHELL_KERNEL)
    argv = [sys.executable, str(kernel / "shell.py"), "-f", "{connection_file}"]
    spec = {"argv": argv, "display_name": "Bash", "language": "bash"}
    (kernel / "kernel.json").write_text(json.dumps(spec))
    return made


def _run(folder: Path, *arguments: str) -> Result:
    places = ["--clients-dir", str(folder / "clients"), "--out", str(folder / "reports")]
    words = ["run", *places, "--notebooks-dir", str(folder / "Bücher & more"), *arguments]
    return CliRunner().invoke(techalign, words)


@pytest.fixture(scope="module")
def records(folder: Path) -> Iterator[dict[str, Record]]:
    before = os.environ.get("JUPYTER_PATH")
    os.environ["JUPYTER_PATH"] = str(folder / "jupyter")
    try:
        result = _run(folder)
        assert result.exit_code == 1, result.output
        assert "Traceback" not in result.output
        yield {record.notebook: record for record in read_records(folder / "reports")}
    finally:
        os.environ.pop("JUPYTER_PATH")
        if before is not None:
            os.environ["JUPYTER_PATH"] = before


@pytest.mark.parametrize("name", BROUGHT)
def test_it_runs_or_fails_by_name(folder: Path, records: dict[str, Record], name: str) -> None:
    _, status, said = BROUGHT[name]
    record = records[name]
    page = (folder / "reports" / record.page).read_text(encoding="utf-8")
    assert record.status == status, record.message
    assert said in (record.message if status == "failed" else page)
    assert "NEVER" not in page
    assert "\x1b" not in page
    assert str(folder) not in page


@pytest.mark.usefixtures("records")
def test_files_beside_a_notebook_are_copies_and_part_of_its_key(folder: Path) -> None:
    teams = folder / "Bücher & more" / "data" / "teams.csv"
    assert teams.read_text() == "oak,3\n", "what the report wrote went into its own copy"
    assert "up to date" in _run(folder, "--notebook", "beside").stdout
    teams.write_text("elm,5\n")
    assert "up to date" not in _run(folder, "--notebook", "beside").stdout
    assert "elm,5" in (folder / "reports" / "acme" / "beside.html").read_text()


@pytest.mark.skipif(not FIELD.is_dir(), reason="the field cases are not on this machine")
def test_field_cases_run_together(tmp_path: Path) -> None:
    example_client(tmp_path / "clients", "acme", name="Acme", currency="USD")
    notebooks = tmp_path / "Bücher & more"
    notebooks.mkdir()
    for path in FIELD.glob("nb_*/**/*.ipynb"):
        shutil.copy(path, notebooks / f"{path.relative_to(FIELD).parts[0]}.ipynb")
    shutil.copytree(FIELD / "nb_relative_data" / "data", notebooks / "data")
    shutil.copy(FIELD / "nb_relative_data" / "helper.py", notebooks)
    result = _run(tmp_path, "--timeout", "60")
    assert "Traceback" not in result.output
    failed = {r.notebook for r in read_records(tmp_path / "reports") if r.status == "failed"}
    wrong = {"bash_kernel", "input_call", "magic_fail", "os_exit", "sys_exit_1"}
    assert failed <= {f"nb_{name}" for name in wrong}
