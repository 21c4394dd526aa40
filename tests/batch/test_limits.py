"""Small limits and notebooks that harm their parent: one line, and the other reports are made."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from techalign.review.records import read_records

pytestmark = pytest.mark.slow
KILLER = "import os, signal, time\nos.kill(os.getppid(), signal.SIGKILL)\ntime.sleep(5)"
# fails if the folder holds what a first try has left
OTHER = (
    "import pathlib, time\nassert not list(pathlib.Path('.').iterdir())\n"
    "open('left', 'w').close()\ntime.sleep(1)\nprint('whole')"
)
UNPRIVILEGED = (
    "setpriv --reuid 65534 --regid 65534 --clear-groups --inh-caps +dac_override,+dac_read_search "
    "--ambient-caps +dac_override,+dac_read_search bash -c"
)


def _run(
    workbook: Path, *arguments: str, before: str = "true", **env: str
) -> subprocess.CompletedProcess[str]:
    words = [sys.executable, "-m", "techalign", "run", "--clients-dir", "clients", *arguments]
    return subprocess.run(
        ["bash", "-c", f'{before}; exec "$@"', "-", *words],
        cwd=workbook,
        env={**os.environ, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )


def test_sixty_four_descriptors_are_fewer_reports_at_once(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    for number in range(8):
        notebook(f"n{number}", "import time; time.sleep(0.1)\nopen('x', 'w').close()")
    done = _run(workbook, "-j", "8", before="ulimit -n 64")
    assert done.returncode == 0, done.stderr
    assert "reports at once instead of 8: only 64 open files are allowed" in done.stderr
    assert "8 of 8 reports made" in done.stdout
    none = _run(workbook, "-j", "8", "--force", before="ulimit -n 24")
    assert none.returncode == 2
    assert none.stderr.count("\n") == 1


def test_few_processes_are_fewer_reports_at_once(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    if not shutil.which("setpriv") or subprocess.run([*UNPRIVILEGED.split(), "true"]).returncode:
        pytest.skip("this user may not become one to whom the limit applies")
    notebook("one", "print(1)")
    notebook("two", "print(2)")
    workbook.chmod(0o777)
    code = "import sys; from techalign.cli import main; sys.exit(main())"
    words = [sys.executable, "-c", code, "run", "--clients-dir", "clients", "-j", "8"]
    home = {"HOME": str(workbook), "PYTHONDONTWRITEBYTECODE": "1", "TMPDIR": "/tmp"}
    told = []
    for limit in (30, 5):
        done = subprocess.run(
            [*UNPRIVILEGED.split(), f'ulimit -u {limit}; exec "$@"', "-", *words],
            cwd=workbook,
            env={**os.environ, **home},
            capture_output=True,
            text=True,
            timeout=120,
        )
        told.append((done.returncode, done.stderr))
    assert told[0][0] == 0, told[0][1]
    assert "at once instead of 8: only few processes" in told[0][1]
    assert told[1][0] == 2, told[1][1]
    assert told[1][1].count("\n") == 1


def test_a_long_unicode_temporary_folder_in_the_c_locale(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("one", "print('made')")
    temp = workbook / ("ü" * 40)
    temp.mkdir()
    env = {"LC_ALL": "C", "TMPDIR": str(temp), "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    done = _run(workbook, **env)
    assert done.returncode == 0, done.stderr
    assert not list(temp.iterdir())


def test_a_notebook_that_kills_its_parent_harms_only_itself(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("sigkill", KILLER)
    stop = "import os, signal\nos.kill(os.getppid(), signal.SIGSTOP)\nprint('whole')"
    notebook("sigstop", stop)
    for number in range(2):
        notebook(f"other{number}", OTHER)
    done = _run(workbook, "-j", "4", "--timeout", "60")
    assert "Traceback" not in done.stderr
    records = {record.notebook: record for record in read_records(workbook / "reports")}
    failed = {name for name, record in records.items() if record.status == "failed"}
    assert failed == {"sigkill"}, done.stderr
    assert "forked from was killed" in records["sigkill"].message
    assert records["sigkill"].cell == 3
    for name in set(records) - failed:
        log = json.loads((workbook / "reports" / "acme" / "logs" / f"{name}.ipynb").read_text())
        assert "whole" in json.dumps(log["cells"][-1]["outputs"])
