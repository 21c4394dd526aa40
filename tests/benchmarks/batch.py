"""The batch beside what one would do with papermill and nbconvert alone, on two cores.

Four sample clients that have all tables stand for a hundred: they are copied under other ids.
The slow ways are measured on fewer reports and compared per report.
"""

import contextlib
import inspect
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
# the review reads what the others have handed on: no other way runs it
NOTEBOOKS = sorted(p for p in (ROOT / "notebooks").glob("*.ipynb") if p.stem != "review")
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
        ours, cpu = _ours(place, clients * len(NOTEBOOKS))
        _rerun(place)
        rows = [
            ("(a) papermill + nbconvert in a loop", 20, _timed(_loop, place, slow)),
            ("(b) the two commands in a shell loop", 40, _timed(_commands, place, slow)),
            ("(c) a pool of two processes doing (a)", 10, _timed(_pool, place, slow)),
        ]
        for name, target, seconds in rows:
            print(f"{name}: {seconds:.2f} s a report, {seconds / ours:.1f}x (target {target}x)")
        _where_time_goes(place, copies[:SLOW_CLIENTS], cpu)
    memory()


def cost_curve(sizes: tuple[int, ...] = (10, 100, 1000)) -> None:
    """Print the cost per report for more and more clients, with and without that of the first."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:CORES]))
    count = len(NOTEBOOKS)
    first = 0.0
    for size in (1, *sizes):
        with tempfile.TemporaryDirectory() as folder:
            _copy_clients(Path(folder) / "clients", size)
            seconds = _ours(Path(folder), size * count)[0] * size * count
        if size == 1:
            first = seconds
        else:
            further = (seconds - first) / (size - 1) / count
            print(f"  {further:.3f} s for each report after the first client's", flush=True)


def memory() -> None:
    """Print the private memory of each notebook's kernel at its end, for every sample client."""
    import asyncio

    from techalign.batch.execute import execute

    measure = "print(open('/proc/self/smaps_rollup').read())"
    clients = ROOT / "datasets" / "clients"
    for notebook in NOTEBOOKS:
        node = nbformat.read(notebook, 4)
        node.cells.append(nbformat.v4.new_code_cell(measure))
        held = []
        for client in sorted(path.name for path in clients.iterdir() if path.is_dir()):
            values = {"client": client, "clients_dir": str(clients)}
            with tempfile.TemporaryDirectory() as folder:
                job = execute(node, values, cwd=Path(folder), timeout=60, memory_limit=None)
                done = asyncio.run(job)
            if done.error is None:  # not every client has partners
                rollup = done.notebook.cells[-1].outputs[0].text
                held.append(int(rollup.split("Private_Dirty:")[1].split()[0]) / 1024)
        print(f"{notebook.stem}: {min(held):.0f} to {max(held):.0f} MB of its own (target 40)")


def _copy_clients(folder: Path, count: int) -> list[str]:
    ids = [f"{MODELS[n % len(MODELS)]}-{n // len(MODELS)}" for n in range(count)]
    for name in ids:
        source = ROOT / "datasets" / "clients" / name.rpartition("-")[0]
        shutil.copytree(source, folder / name)
    return ids


def unchanged(clients: int = 200) -> None:
    """Print how long a run takes that has nothing to do."""
    os.sched_setaffinity(0, set(sorted(os.sched_getaffinity(0))[:CORES]))
    with tempfile.TemporaryDirectory() as folder:
        _copy_clients(Path(folder) / "clients", clients)
        _ours(Path(folder), clients * len(NOTEBOOKS))
        _rerun(Path(folder))


def _ours(place: Path, reports: int) -> tuple[float, float]:
    command = [sys.executable, "-m", "techalign", "run", "--force"]
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
    return seconds / reports, cpu / reports


def _rerun(place: Path) -> None:
    command = [sys.executable, "-m", "techalign", "run"]
    command += ["--clients-dir", str(place / "clients"), "--out", str(place / "reports")]
    started = time.perf_counter()
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    seconds = time.perf_counter() - started
    clients = len(list((place / "clients").iterdir()))
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


def _where_time_goes(place: Path, clients: list[str], total: float) -> None:
    """Split the CPU time of a report into its parts, each measured by itself."""
    cells, charts, count = 0.0, 0.0, 0
    for client in clients:
        for notebook in NOTEBOOKS:
            whole, drawn = _warm_cells(place, client, notebook)
            cells, charts, count = cells + whole, charts + drawn, count + 1
    records = [json.loads(p.read_text()) for p in sorted((place / "reports").glob("*/*.json"))]
    render = sum(record["seconds"].get("render", 0) for record in records) / len(records)
    parts = {
        "fork, handshake, end (an empty notebook)": _empty_notebook(),
        "cells, in a warm interpreter": (cells - charts) / count,
        "charts, in a warm interpreter": charts / count,
        "render": render,
    }
    rest = "the rest: what a fresh process does first, messages, writing"
    for name, seconds in {**parts, rest: total - sum(parts.values())}.items():
        print(f"  {seconds * 1000:5.0f} CPU ms  {name}")
    logs = [
        place / "reports" / client / "logs" / f"{n.stem}.ipynb"
        for client in clients
        for n in NOTEBOOKS
    ]
    for name, rendering in (("our", render), ("nbconvert's", _nbconvert(logs))):
        warm = cells / count + rendering
        print(
            f"CPU of a report to warm cells and {name} rendering ({rendering * 1000:.0f} ms): "
            f"{total / warm:.2f} (target 1.5)"
        )


def _nbconvert(logs: list[Path]) -> float:
    """CPU seconds in which nbconvert makes a page of an executed notebook, warm."""
    from nbconvert import HTMLExporter

    exporter = HTMLExporter()
    exporter.from_filename(str(logs[0]))
    started = _cpu()
    for log in logs:
        exporter.from_filename(str(log))
    return (_cpu() - started) / len(logs)


_EMPTY = """
import asyncio, nbformat
from techalign.batch.execute import execute, start_template
from pathlib import Path
async def main():
    await start_template()
    for _ in range({runs}):
        await execute(nbformat.v4.new_notebook(), {{}}, cwd=Path.cwd(), timeout=60,
                      memory_limit=None)
asyncio.run(main())
"""


def _empty_notebook(runs: int = 40) -> float:
    """CPU seconds of a notebook without cells, its kernel's and its owner's."""
    taken = []
    for count in (0, runs):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([sys.executable, "-c", _EMPTY.format(runs=count)], check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        taken.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return (taken[1] - taken[0]) / runs


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _warm_cells(place: Path, client: str, notebook: Path) -> tuple[float, float]:
    """CPU seconds of a notebook's cells in this interpreter, and of those the charts'."""
    from IPython.core.interactiveshell import InteractiveShell
    from IPython.utils.capture import capture_output

    shell = InteractiveShell.instance()
    values = f"client = {client!r}\nclients_dir = {str(place / 'clients')!r}"
    sources = [c.source for c in nbformat.read(notebook, 4).cells if c.cell_type == "code"]
    sources.insert(1, values)
    drawing = [0.0]
    with _clocked(drawing), capture_output():
        for source in sources:  # once before, so that the interpreter is warm
            shell.run_cell(source)
        drawing[0], started = 0.0, _cpu()
        for source in sources:
            shell.run_cell(source)
    return _cpu() - started, drawing[0]


@contextlib.contextmanager
def _clocked(total: list[float]) -> Iterator[None]:
    """Add up the CPU time of all charts a notebook makes."""
    from techalign import charts

    def clocked(chart: Callable[..., object]) -> Callable[..., object]:
        def drawn(*arguments: object, **named: object) -> object:
            started = _cpu()
            try:
                return chart(*arguments, **named)
            finally:
                total[0] += _cpu() - started

        return drawn

    own = {name: getattr(charts, name) for name in charts.__all__}
    functions = {name: f for name, f in own.items() if inspect.isfunction(f)}
    for name, function in functions.items():
        setattr(charts, name, clocked(function))
    yield
    for name, function in functions.items():
        setattr(charts, name, function)


if __name__ == "__main__":
    main()
