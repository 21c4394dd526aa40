"""How long kernels take to start, to end and to be missed, beside an ordinary kernel's."""

import asyncio
import os
import tempfile
import time

import nbformat
import papermill
from nbclient.exceptions import DeadKernelError

from techalign.warm import (
    NotebookRun,
    NotebookTimeoutError,
    RunLimits,
    TemplateSettings,
    run_notebook,
)

RUNS = 20
SETTINGS = TemplateSettings(preload=("numpy", "pandas"), watch=())
#: What a notebook does, how it ends, and seconds in which it should have.
WAYS = (
    ("runs to its end", ("1", "2"), None, 0.2),
    ("leaves a process behind", ("import os; os.system('sleep 300 &')",), None, 0.5),
    ("is killed in a cell", ("import os; os.kill(os.getpid(), 9)",), DeadKernelError, 0.5),
    ("has 0.5 s and never ends", ("while True: pass",), NotebookTimeoutError, 1.0),
)


def _notebook(cells: tuple[str, ...]) -> nbformat.NotebookNode:
    spec = {"name": "python3", "language": "python", "display_name": "Python"}
    nb = nbformat.v4.new_notebook(metadata={"kernelspec": spec})
    nb.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
    return nb


def _run(cells: tuple[str, ...], limit: float) -> NotebookRun:
    return asyncio.run(run_notebook(_notebook(cells), settings=SETTINGS, limits=RunLimits(limit)))


def _ordinary(cells: tuple[str, ...], folder: str) -> float:
    """Seconds of the same notebook in papermill's own engine."""
    source = os.path.join(folder, "in.ipynb")  # noqa: PTH118 - papermill takes text
    nbformat.write(_notebook(cells), source)
    started = time.perf_counter()
    papermill.execute_notebook(source, None, progress_bar=False)
    return time.perf_counter() - started


def main() -> None:
    """Print the median and the longest time of each way for a notebook to end."""
    _run(("import numpy, pandas",), 120)  # the template has started
    for name, cells, failure, target in WAYS:
        done = [_run(cells, 0.5 if failure is NotebookTimeoutError else 60) for _ in range(RUNS)]
        assert all(type(one.failure) is (failure or type(None)) for one in done), name
        seconds = sorted(one.seconds for one in done)
        print(f"a notebook that {name}: {seconds[RUNS // 2]:.3f} s, at most {seconds[-1]:.3f} s "
              f"(target {target} s)", flush=True)  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        ordinary = sorted(_ordinary(WAYS[0][1], folder) for _ in range(3))[1]
    print(f"papermill with an ordinary kernel, to its end: {ordinary:.3f} s")


if __name__ == "__main__":
    main()
