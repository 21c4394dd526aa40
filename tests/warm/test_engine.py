"""The papermill engine: papermill's results, without its writing of the file at every cell."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import nbformat
import papermill
import pytest
from jupyter_client.kernelspec import KernelSpec
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import DeadKernelError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from techalign.warm import ColdKernelWarning
from techalign.warm.client import SparingExecutionManager
from techalign.warm.provisioner import why_not_fork


@pytest.fixture
def execute(
    notebook: Callable[..., NotebookNode], tmp_path: Path
) -> Callable[..., tuple[NotebookNode, Path]]:
    def run(*cells: str, **options: object) -> tuple[NotebookNode, Path]:
        source, target = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
        nbformat.write(notebook(*cells), source)
        options.setdefault("engine_name", "techalign")
        done = papermill.execute_notebook(source, target, progress_bar=False, **options)
        return done, target

    return run


def _timeless(nb: NotebookNode) -> NotebookNode:
    for holder in (nb, *nb.cells):
        record = holder.metadata.get("papermill", {})
        for name in ("start_time", "end_time", "duration"):
            assert (name in record) or not record
            record.pop(name, None)
        holder.metadata.pop("execution", None)
        holder.pop("id", None)
    return nb


def test_the_written_notebook_is_papermills(
    execute: Callable[..., tuple[NotebookNode, Path]],
) -> None:
    cells = ("n = 2", "print(n)\nn + 1", "# nothing")
    _, path = execute(*cells, parameters={"n": 5})
    ours = _timeless(nbformat.read(path, as_version=4))
    _, path = execute(*cells, parameters={"n": 5}, engine_name=None)
    assert ours == _timeless(nbformat.read(path, as_version=4))


def test_it_is_written_once(
    execute: Callable[..., tuple[NotebookNode, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[str] = []
    write = papermill.iorw.write_ipynb
    for module in (papermill.engines, papermill.execute):
        monkeypatch.setattr(
            module, "write_ipynb", lambda nb, path: (written.append(path), write(nb, path))
        )
    _, path = execute("1", "2", "3")
    assert written == [str(path)]


def test_a_long_run_is_saved_on_the_way(
    notebook: Callable[..., NotebookNode], tmp_path: Path
) -> None:
    manager = SparingExecutionManager(
        notebook("1"), str(tmp_path / "x.ipynb"), progress_bar=False, autosave_cell_every=0.01
    )
    manager.save()
    assert not (tmp_path / "x.ipynb").exists()
    threading.Event().wait(0.02)
    manager.save()
    assert (tmp_path / "x.ipynb").exists()


def test_a_failed_notebook_is_written(
    execute: Callable[..., tuple[NotebookNode, Path]], tmp_path: Path
) -> None:
    with pytest.raises(PapermillExecutionError, match="ZeroDivisionError"):
        execute("print('kept')", "1/0", "3")
    texts = [c.get("outputs") for c in nbformat.read(tmp_path / "out.ipynb", as_version=4).cells]
    assert any(o and o[0].get("text") == "kept\n" for o in texts)


def test_a_dead_kernel_leaves_the_notebook_too(
    execute: Callable[..., tuple[NotebookNode, Path]], tmp_path: Path
) -> None:
    with pytest.raises(DeadKernelError):
        execute("print('kept')", "import os; os.kill(os.getpid(), 9)")
    first = nbformat.read(tmp_path / "out.ipynb", as_version=4).cells[0]
    assert first.outputs[0].text == "kept\n"


def test_eight_threads(notebook: Callable[..., NotebookNode], tmp_path: Path) -> None:
    nbformat.write(notebook("print(job)"), tmp_path / "in.ipynb")
    told: dict[int, str] = {}

    def one(job: int) -> None:
        manager = SparingExecutionManager(
            nbformat.read(tmp_path / "in.ipynb", as_version=4), progress_bar=False
        )
        manager.nb.cells[0].source = f"print({job})"
        manager.nb.metadata.papermill = {}
        manager.notebook_start()
        papermill.engines.papermill_engines.get_engine("techalign").execute_managed_notebook(
            manager, "python3"
        )
        told[job] = manager.nb.cells[0].outputs[0].text
        ensure_event_loop().close()

    threads = [threading.Thread(target=one, args=(job,)) for job in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert told == {job: f"{job}\n" for job in range(8)}


def test_an_ordinary_kernel_where_it_cannot_fork(
    execute: Callable[..., tuple[NotebookNode, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("techalign.warm.provisioner.why_not_fork", lambda *_: "it is a test")
    with pytest.warns(ColdKernelWarning, match="ordinary kernel: it is a test"):
        done, _ = execute("import sys; print(6 * 7)")
    assert done.cells[0].outputs[0].text == "42\n"


def test_a_module_with_a_thread_is_not_forked(
    execute: Callable[..., tuple[NotebookNode, Path]],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code = (
        "import threading as t, time\nt.Thread(target=time.sleep, args=(99,), daemon=True).start()"
    )
    (tmp_path / "threaded.py").write_text(code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path), prepend=":")
    with pytest.warns(ColdKernelWarning, match=r"started 1 thread\(s\)"):
        done, _ = execute("print(6 * 7)", preload=["threaded"])
    assert done.cells[0].outputs[0].text == "42\n"


@pytest.mark.parametrize(
    ("argv", "language", "reason"),
    [
        (["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], "python", None),
        (
            [
                sys.executable,
                "-Xfrozen_modules=off",
                "-m",
                "ipykernel_launcher",
                "-f",
                "{connection_file}",
            ],
            "Python",
            None,
        ),
        (["R", "--slave"], "R", "language is R"),
        (
            ["/opt/other/bin/python3", "-m", "ipykernel_launcher", "-f", "{connection_file}"],
            "python",
            "interpreter is /opt",
        ),
        (["python", "-m", "xeus", "-f", "{connection_file}"], "python", "started by"),
    ],
)
def test_which_kernels_fork(argv: list[str], language: str, reason: str | None) -> None:
    told = why_not_fork(KernelSpec(argv=argv, language=language))
    assert (told is None) if reason is None else (reason in (told or ""))


def test_options_a_fork_cannot_have(monkeypatch: pytest.MonkeyPatch) -> None:
    spec = KernelSpec(
        argv=["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"], language="python"
    )
    assert "options --pylab" in (why_not_fork(spec, ["--pylab"]) or "")
    assert why_not_fork(spec, ["--HistoryManager.hist_file=:memory:"]) is None
    assert "stdout" in (why_not_fork(spec, (), {"stdout": -1}) or "")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert "darwin" in (why_not_fork(spec) or "")


@pytest.fixture
def registered(tmp_path: Path) -> dict[str, str]:
    """An environment in which both entry points are installed, wherever else they are or not."""
    installed = tmp_path / "site" / "warm_entry_points-1.0.dist-info"
    installed.mkdir(parents=True)
    (installed / "METADATA").write_text("Name: warm_entry_points\nVersion: 1.0\n")
    (installed / "entry_points.txt").write_text(
        "[papermill.engine]\ntechalign = techalign.warm.engine:WarmEngine\n"
        "[jupyter_client.kernel_provisioners]\n"
        "techalign-fork = techalign.warm.provisioner:ForkProvisioner\n"
    )
    path = os.pathsep.join([str(installed.parent), *filter(None, [os.environ.get("PYTHONPATH")])])
    return {**os.environ, "PYTHONPATH": path, "TECHALIGN_PRELOAD": ""}


def test_it_is_registered_whatever_is_imported_first(registered: dict[str, str]) -> None:
    """papermill loads the engine while a module of the engine's package is importing papermill."""
    code = "import sys; sys.modules['rfc3987_syntax'] = None  # which compiles for a second\n"
    code += "import techalign.warm.{}, papermill.engines as e\n"
    code += "print(e.papermill_engines.get_engine('techalign').__name__)"
    started = [
        subprocess.Popen(
            [sys.executable, "-c", code.format(first)],
            env=registered,
            stdout=subprocess.PIPE,
            text=True,
        )
        for first in ("client", "engine", "run", "provisioner")
    ]
    assert [process.communicate()[0] for process in started] == ["WarmEngine\n"] * 4


def test_from_the_command_line(
    notebook: Callable[..., NotebookNode], tmp_path: Path, registered: dict[str, str]
) -> None:
    source, target = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    nbformat.write(notebook("import sys; print('techalign.warm' in sys.modules)"), source)
    command = [sys.executable, "-m", "papermill", str(source), str(target)]
    command += ["--engine", "techalign", "--no-progress-bar"]
    subprocess.run(command, env=registered, check=True, capture_output=True)
    assert nbformat.read(target, as_version=4).cells[0].outputs[0].text == "True\n"


def test_a_kernelspec_may_name_the_provisioner(
    notebook: Callable[..., NotebookNode], tmp_path: Path, registered: dict[str, str]
) -> None:
    spec = tmp_path / "share" / "kernels" / "warm"
    spec.mkdir(parents=True)
    argv = ["python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    provisioner = {"provisioner_name": "techalign-fork", "config": {"watch": []}}
    content = {"argv": argv, "display_name": "warm", "language": "python"}
    content["metadata"] = {"kernel_provisioner": provisioner}
    (spec / "kernel.json").write_text(json.dumps(content))
    source, target = tmp_path / "in.ipynb", tmp_path / "out.ipynb"
    cell = "import sys; print('techalign.warm' in sys.modules)"
    nbformat.write(notebook(cell, kernel="warm"), source)
    command = [sys.executable, "-m", "papermill", str(source), str(target), "--no-progress-bar"]
    env = {**registered, "JUPYTER_PATH": str(tmp_path / "share")}
    subprocess.run(command, env=env, check=True, capture_output=True)
    assert nbformat.read(target, as_version=4).cells[0].outputs[0].text == "True\n"
