"""The workbook's own notebooks give the same outputs in a warm kernel as in an ordinary one."""

import asyncio
from pathlib import Path

import nbformat
import papermill
import pytest

from techalign.warm import RunLimits, run_notebook

ROOT = Path(__file__).parents[2]
# but the review, which reads the others' records
NOTEBOOKS = sorted(p for p in (ROOT / "notebooks").glob("*.ipynb") if p.stem != "review")
VALUES = {"client": "machine-shop", "clients_dir": str(ROOT / "datasets" / "clients")}


def _outputs(notebook: nbformat.NotebookNode) -> list[list[dict[str, object]]]:
    return [[dict(output) for output in cell.get("outputs", [])] for cell in notebook.cells]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_outputs_are_those_of_an_ordinary_kernel(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TECHALIGN_STATIC", "1")  # as a run says that nobody can move a control
    ordinary = papermill.execute_notebook(
        str(path), str(tmp_path / "out.ipynb"), VALUES, progress_bar=False,
        kernel_name="python3", execution_timeout=120,
    )  # fmt: skip
    read = nbformat.read(path, as_version=4)
    warm = asyncio.run(run_notebook(read, VALUES, kernel_name="python3", limits=RunLimits(300)))
    warm.raise_for_failure()
    assert _outputs(warm.notebook) == _outputs(ordinary)
    assert sum(map(len, _outputs(ordinary))) >= 10
