"""The wheel alone, outside the repository: it carries the workbook, and the workbook runs."""

import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel's content on a path of its own."""
    folder = tmp_path_factory.mktemp("wheel")
    code = f"from hatchling.build import build_wheel; print(build_wheel({str(folder)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    name = done.stdout.strip().splitlines()[-1]
    with zipfile.ZipFile(folder / name) as wheel:
        wheel.extractall(folder / "site")
    return folder / "site"


def _techalign(site: Path, cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "techalign", *arguments],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_wheel_carries_the_workbook_and_nothing_private(installed: Path) -> None:
    assert (installed / "techalign" / "workbook" / "notebooks" / "spending.ipynb").is_file()
    clients = installed / "techalign" / "workbook" / "datasets" / "clients"
    assert len([path for path in clients.iterdir() if path.is_dir()]) == 8
    assert not list(installed.rglob("test_*.py"))


def test_a_workbook_written_from_the_wheel_runs(installed: Path, tmp_path: Path) -> None:
    assert _techalign(installed, tmp_path, "init", "wb").returncode == 0
    inside = tmp_path / "wb"
    done = _techalign(installed, inside, "run", "machine-shop", "--notebook", "vendor_risk")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == str(Path("reports") / "index.html")
    page = (inside / "reports" / "machine-shop" / "vendor_risk.html").read_text()
    assert "Who you depend on" in page
