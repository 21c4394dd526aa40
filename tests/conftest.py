"""What several parts of the tests share: the sample clients' reports, made once per run."""

import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def reports(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """All reports of all sample clients, made by the command itself."""
    if worker_id == "master":
        out = tmp_path_factory.mktemp("reports")
        _make(out)
        return out
    # workers share the folder above their own: the first makes the reports, the others wait
    out = tmp_path_factory.getbasetemp().parent / "reports"
    with FileLock(f"{out}.lock"):
        if not (out / "index.html").exists():
            _make(out)
    return out


def _make(out: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "techalign", "run", "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
