"""The batch beside what one would do with papermill and nbconvert alone, on two cores.

Four sample clients that have all tables stand for a hundred: they are copied under other ids.
The slow ways are measured on fewer reports and compared per report.
"""

import asyncio
import contextlib
import io
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MODELS = ("beauty-rep", "carrier-store", "channel-software", "machine-shop")
CORES = 2
SLOW_CLIENTS = 4


def main(clients: int = 100) -> None:
    """Measure every way and print seconds per report, ratios and where the time goes."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:CORES]))
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        copies = _copy_clients(place / "clients", clients)
        slow = [(client, nb) for client in copies[:SLOW_CLIENTS] for nb in NOTEBOOKS]
        print(f"{clients} clients x {len(NOTEBOOKS)} notebooks on {CORES} cores", flush=True)
        ours = _ours(place, clients * len(NOTEBOOKS))
        _rerun(place, clients)
        rows = [
            ("(a) papermill + nbconvert in a loop", 20, _timed(_loop, place, slow)),
            ("(b) the two commands in a shell loop", 40, _timed(_commands, place, slow)),
            ("(c) a pool of two processes doing (a)", 10, _timed(_pool, place, slow)),
        ]
        for name, target, seconds in rows:
            print(f"{name}: {seconds:.2f} s a report, {seconds / ours:.1f}x (target {target}x)")
        _where_time_goes(place, copies[:SLOW_CLIENTS])


def cost_curve(sizes: tuple[int, ...] = (10, 100, 1000)) -> None:
    """Print the cost per report for more and more clients."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:CORES]))
    for size in sizes:
        with tempfile.TemporaryDirectory() as folder:
            _copy_clients(Path(folder) / "clients", size)
            _ours(Path(folder), size * len(NOTEBOOKS))


def _copy_clients(folder: Path, count: int) -> list[str]:
    ids = [f"{MODELS[n % len(MODELS)]}-{n // len(MODELS)}" for n in range(count)]
    for name in ids:
        source = ROOT / "datasets" / "clients" / name.rpartition("-")[0]
        shutil.copytree(source, folder / name)
    return ids


def _ours(place: Path, reports: int) -> float:
    command = [sys.executable, "-m", "techalign", "run", "-j", str(CORES + 1), "--force"]
    command += ["--clients-dir", str(place / "clients"), "--out", str(place / "reports")]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    started = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    seconds = time.perf_counter() - started
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(done.stderr[-2000:])
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    print(
        f"techalign run, {reports} reports: {seconds:.1f} s, {seconds / reports:.3f} s a report, "
        f"{cpu / reports:.3f} CPU s a report",
        flush=True,
    )
    return seconds / reports


def _rerun(place: Path, clients: int) -> None:
    command = [sys.executable, "-m", "techalign", "run"]
    command += ["--clients-dir", str(place / "clients"), "--out", str(place / "reports")]
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    seconds = time.perf_counter() - started
    print(f"the same again, nothing changed, {clients} clients: {seconds:.2f} s", flush=True)


def _timed(way: Callable[[Path, list[tuple[str, Path]]], None], place: Path, jobs: list) -> float:
    started = time.perf_counter()
    way(place, jobs)
    return (time.perf_counter() - started) / len(jobs)


def _papermill_one(place: Path, client: str, notebook: Path) -> None:
    import papermill
    from nbconvert import HTMLExporter

    out = place / f"{client}-{notebook.stem}"
    values = {"client": client, "clients_dir": str(place / "clients")}
    with contextlib.redirect_stderr(io.StringIO()):
        papermill.execute_notebook(str(notebook), f"{out}.ipynb", values, progress_bar=False)
    page, _ = HTMLExporter().from_filename(f"{out}.ipynb")
    Path(f"{out}.html").write_text(page)


def _loop(place: Path, jobs: list[tuple[str, Path]]) -> None:
    for client, notebook in jobs:
        _papermill_one(place, client, notebook)


def _pool(place: Path, jobs: list[tuple[str, Path]]) -> None:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        for future in [pool.submit(_papermill_one, place, *job) for job in jobs]:
            future.result()


def _commands(place: Path, jobs: list[tuple[str, Path]]) -> None:
    for client, notebook in jobs:
        out = str(place / f"shell-{client}-{notebook.stem}.ipynb")
        values = ["-p", "client", client, "-p", "clients_dir", str(place / "clients")]
        for command in (
            [BIN / "papermill", notebook, out, *values],
            [BIN / "jupyter", "nbconvert", "--to", "html", out],
        ):
            subprocess.run(list(map(str, command)), capture_output=True, check=True)


def _where_time_goes(place: Path, clients: list[str]) -> None:
    """Split the cost of a report into its parts, each measured by itself."""
    from techalign.batch.warm import run_notebook

    empty = nbformat.v4.new_notebook()
    asyncio.run(run_notebook(empty, kernel_name="python3"))  # the first one starts the template
    runs = 20
    started = time.perf_counter()
    for _ in range(runs):
        asyncio.run(run_notebook(empty, kernel_name="python3"))
    print(f"fork, handshake, end: {(time.perf_counter() - started) / runs * 1000:.0f} ms")
    cells, charts, count = 0.0, 0.0, 0
    for client in clients:
        for notebook in NOTEBOOKS:
            whole, drawn = _warm_cells(place, client, notebook)
            cells, charts, count = cells + whole, charts + drawn, count + 1
    print(f"cells in a warm interpreter: {(cells - charts) / count * 1000:.0f} CPU ms")
    print(f"charts in a warm interpreter: {charts / count * 1000:.0f} CPU ms")
    records = [json.loads(p.read_text()) for p in sorted((place / "reports").glob("*/*.json"))]
    render = sum(record["seconds"].get("render", 0) for record in records) / len(records)
    print(f"render: {render * 1000:.0f} ms")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _warm_cells(place: Path, client: str, notebook: Path) -> tuple[float, float]:
    """CPU seconds of a notebook's cells in this interpreter, and of those the charts'."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    from techalign.charts import bars, lines, timeline

    shell = InteractiveShell.instance()
    values = f"client = {client!r}\nclients_dir = {str(place / 'clients')!r}"
    sources = [c.source for c in nbformat.read(notebook, 4).cells if c.cell_type == "code"]
    sources.insert(1, values)
    drawing = [0.0]
    with _clocked(drawing, (bars, lines, timeline)), capture_output():
        for source in sources:  # once before, so that the interpreter is warm
            shell.run_cell(source)
        drawing[0], started = 0.0, _cpu()
        for source in sources:
            shell.run_cell(source)
    return _cpu() - started, drawing[0]


@contextlib.contextmanager
def _clocked(total: list[float], modules: tuple) -> Iterator[None]:
    """Add up the CPU time of the charts' one drawing function."""
    from techalign.charts import plot

    def clocked(*arguments: object, **named: object) -> str:
        started = _cpu()
        try:
            return plot.draw(*arguments, **named)
        finally:
            total[0] += _cpu() - started

    for module in modules:
        module.draw = clocked
    yield
    for module in modules:
        module.draw = plot.draw


if __name__ == "__main__":
    main()
