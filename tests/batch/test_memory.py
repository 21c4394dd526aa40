"""What a kernel that runs one of our notebooks adds to the machine's memory."""

from __future__ import annotations

import asyncio
from pathlib import Path

import nbformat
import pytest

from techalign.batch.execute import execute

ROOT = Path(__file__).parents[2]
MEASURE = (
    "text = open('/proc/self/smaps_rollup').read()\n"
    "print(text.split('Private_Dirty:')[1].split()[0])"
)


@pytest.mark.parametrize("name", ["plan", "spending", "vendor_risk", "partner_ramps"])
def test_a_notebook_adds_less_than_40_megabytes(name: str, tmp_path: Path) -> None:
    nb = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", 4)
    nb.cells.append(nbformat.v4.new_code_cell(MEASURE))
    values = {"client": "channel-software", "clients_dir": str(ROOT / "datasets" / "clients")}
    done = asyncio.run(execute(nb, values, cwd=tmp_path, timeout=120, memory_limit=None))
    assert done.error is None
    kilobytes = int(done.notebook.cells[-1].outputs[0].text)
    assert 10_000 < kilobytes < 40_000
