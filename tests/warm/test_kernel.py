"""What one notebook does, the next cannot notice."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from nbformat import NotebookNode

from techalign.warm import NotebookRun, TemplateSettings, run_notebook

STATE = """
import gc, json, locale, os, random, signal, sys, tempfile, threading, time, warnings
import numpy as np, pandas as pd
print(json.dumps({
    "options": pd.get_option("display.max_rows"), "numpy": np.get_printoptions()["precision"],
    "modules": "left_behind" in sys.modules, "patched": getattr(pd, "left_behind", None),
    "path": "/left/behind" in sys.path, "cwd": os.getcwd(), "env": os.environ.get("LEFT_BEHIND"),
    "threads": sorted(t.name for t in threading.enumerate() if t.name == "left"),
    "tasks": len(os.listdir("/proc/self/task")), "builtins": hasattr(__builtins__, "left"),
    "names": sorted(n for n in globals() if "left" in n), "zone": time.tzname,
    "filters": len(warnings.filters), "umask": os.umask(0o22), "tmp": tempfile.gettempdir(),
    "recursion": sys.getrecursionlimit(), "argv": len(sys.argv), "gc": gc.isenabled(),
    "handler": str(signal.getsignal(signal.SIGUSR1)), "locale": locale.getlocale(),
    "history": len(In), "count": get_ipython().execution_count,
    "extensions": sorted(get_ipython().extension_manager.loaded),
}, sort_keys=True))
"""
MESS = """
import builtins, gc, os, random, signal, sys, threading, time, types, warnings
import numpy as np, pandas as pd
pd.set_option("display.max_rows", 3); np.set_printoptions(precision=2); pd.left_behind = 1
sys.modules["left_behind"] = types.ModuleType("left_behind"); sys.path.insert(0, "/left/behind")
os.chdir("/"); os.environ["LEFT_BEHIND"] = "1"; os.environ["TZ"] = "Asia/Tokyo"; time.tzset()
os.environ["TMPDIR"] = "/"; os.umask(0)
threading.Thread(target=time.sleep, args=(60,), name="left", daemon=True).start()
builtins.left = 1; left_over = 2; warnings.simplefilter("error"); sys.setrecursionlimit(5000)
random.seed(1); np.random.seed(1); gc.disable(); signal.signal(signal.SIGUSR1, signal.SIG_IGN)
sys.argv.append("left")
"""
RANDOM = (
    "import multiprocessing, os, random, uuid, secrets, tempfile; import numpy as np\n"
    "print(random.random(), np.random.random(), np.random.default_rng().random(), uuid.uuid4(),\n"
    "      secrets.token_hex(), next(tempfile._get_candidate_names()),\n"
    "      multiprocessing.current_process().authkey.hex(), get_ipython().kernel.ident,\n"
    "      get_ipython().kernel.session.session)"
)


def test_the_next_notebook_finds_a_fresh_interpreter(
    run: Callable[..., NotebookRun], printed: Callable[[NotebookRun], str], tmp_path: Path
) -> None:
    before = printed(run(STATE, cwd=tmp_path))
    run(MESS, cwd=tmp_path).raise_for_failure()
    assert printed(run(STATE, cwd=tmp_path)) == before
    assert '"env": null' in before


def test_the_mess_is_one(run: Callable[..., NotebookRun], tmp_path: Path) -> None:
    """The test above could not fail if the mess did not show."""
    done = run("print(1)", MESS, STATE, cwd=tmp_path)
    done.raise_for_failure()
    text = done.notebook.cells[-1].outputs[0].text
    assert '"env": "1"' in text
    assert '"threads": ["left"]' in text
    assert '"options": 3' in text


def test_nothing_random_is_shared(
    run: Callable[..., NotebookRun], printed: Callable[[NotebookRun], str]
) -> None:
    drawn = [set(printed(run(RANDOM)).split()) for _ in range(3)]
    assert len(drawn[0]) == 9
    assert not drawn[0] & drawn[1] | drawn[1] & drawn[2] | drawn[0] & drawn[2]


def test_environment_and_folder_are_the_jobs_own(
    run: Callable[..., NotebookRun],
    printed: Callable[[NotebookRun], str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OWNERS_SECRET", "x")
    cell = "import os, sys, subprocess; print(os.getcwd(), os.environ.get('OWNERS_SECRET'), "
    cell += (
        "os.environ.get('JOB'), subprocess.getoutput('echo $JOB$OWNERS_SECRET'), os.getenv('A'))"
    )
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}
    env = {**kept, "JOB": "seven", "A": "\udce9"}
    told = printed(
        run(cell.replace("os.getenv('A')", "ascii(os.getenv('A'))"), cwd=tmp_path, env=env)
    )
    assert told.split() == [str(tmp_path), "None", "seven", "seven", r"'\udce9'"]


def test_variables_of_an_interpreters_start_are_heeded(
    run: Callable[..., NotebookRun], printed: Callable[[NotebookRun], str], tmp_path: Path
) -> None:
    (tmp_path / "only_here.py").write_text("answer = 42")
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    env = {**os.environ, "PYTHONPATH": path, "PYTHONHASHSEED": "0"}
    bare = TemplateSettings()
    cell = "import only_here; print(only_here.answer, hash('a'))"
    first, second = (printed(run(cell, env=env, settings=bare)) for _ in range(2))
    assert first == second
    assert first.startswith("42 ")


def test_memory_freed_between_what_is_kept_is_given_back(
    notebook: Callable[..., NotebookNode], settings: TemplateSettings
) -> None:
    nb = notebook(
        "def dirty():\n"
        "    text = open('/proc/self/smaps_rollup').read()\n"
        "    return int(text.split('Private_Dirty:')[1].split()[0])\n"
        "before = dirty()",
        "pairs = [(bytearray(40_000), bytearray(600)) for _ in range(500)]\n"
        "kept = [small for _, small in pairs]\n"
        "held = dirty() - before\n"
        "del pairs",
        "print(held, dirty() - before)",
    )
    done = asyncio.run(run_notebook(nb, settings=settings))
    held, left = (int(word) for word in done.notebook.cells[-1].outputs[0].text.split())
    assert held > 20_000  # kB, all of it between what is kept
    assert left < 8_000


def test_a_missing_folder_is_named(run: Callable[..., NotebookRun], tmp_path: Path) -> None:
    done = run("1", cwd=tmp_path / "nowhere")
    assert isinstance(done.failure, FileNotFoundError)
    assert "nowhere" in str(done.failure)


def test_eight_at_once(notebook: Callable[..., NotebookNode], settings: TemplateSettings) -> None:
    nb = notebook("import os, time; time.sleep(0.2); print(job, os.getpid())")

    async def batch() -> list[NotebookRun]:
        return await asyncio.gather(
            *(run_notebook(nb, {"job": n}, settings=settings) for n in range(8))
        )

    told = [done.notebook.cells[-1].outputs[0].text.split() for done in asyncio.run(batch())]
    assert [int(job) for job, _ in told] == list(range(8))
    assert len({pid for _, pid in told}) == 8


def test_parameters_follow_the_tagged_cell(
    notebook: Callable[..., NotebookNode], settings: TemplateSettings
) -> None:
    nb = notebook("rate = 0.1", "print(rate)")
    nb.cells[0].metadata["tags"] = ["parameters"]
    done = asyncio.run(run_notebook(nb, {"rate": 0.5}, settings=settings))
    assert done.succeeded
    assert done.notebook.cells[2].outputs[0].text == "0.5\n"
    assert done.notebook.metadata.papermill["parameters"] == {"rate": 0.5}
    assert len(nb.cells) == 2
    assert "papermill" not in nb.metadata
