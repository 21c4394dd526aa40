"""A forked kernel puts out what an ordinary one does, cell by cell."""

from __future__ import annotations

import copy
import importlib.util
import json
import os
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import papermill
import pytest
from jupyter_core.utils import ensure_event_loop
from nbclient.exceptions import CellTimeoutError
from nbformat import NotebookNode
from papermill.exceptions import PapermillExecutionError

from techalign.warm import NotebookRun

STREAMS = (
    "print('out'); import sys; print('err', file=sys.stderr)",
    "import os; os.system('echo from a shell'); os.write(1, b'raw\\n'); 41 + 1",
    "!echo $((6*7)); printf 'two words'",
    "import warnings; warnings.warn('careful'); warnings.warn('old', DeprecationWarning)",
    "import logging; logging.warning('logged'); logging.info('not')",
    "1 is 1",
)
RICH = (
    "import pandas as pd; pd.DataFrame({'a': [1, 2.5], 'b': ['x', None]})",
    "from IPython.display import HTML, Markdown, display, clear_output\n"
    "display(HTML('<b>1</b>')); display({'a': 1}, metadata={}); Markdown('*x*')",
    "h = display('first', display_id='slot'); h.update('second')",
    "print('gone'); clear_output(); print('kept')",
    "class R:\n    def _repr_mimebundle_(self, **_):\n"
    "        return {'text/plain': 'p', 'text/x-y': 'z'}\nR()",
    "_, __, Out[1].shape, In[1][:6], len(In)",
)
MAGICS = (
    "_dh",
    "%cd /\n%pwd",
    "%%capture got\nprint('inside')",
    "got.stdout",
    "%config InteractiveShell.ast_node_interactivity",
    "%history -n",
    "%%bash\necho bash",
    "%who_ls",
    "%xmode Plain",
    "%alias_magic p pwd",
    "__name__, __import__('sys').modules['__main__'].__dict__ is globals()",
)
CODE = (
    "import asyncio; await asyncio.sleep(0.01); print('awaited')",
    "async def f():\n    return 5\nawait f()",
    "import multiprocessing as mp\nwith mp.get_context('fork').Pool(2) as pool:\n"
    "    print(pool.map(abs, [-1, -2, 3]))",
    "import subprocess, sys\nprint(subprocess.run([sys.executable, '-c', 'print(7)'], "
    "capture_output=True, text=True).stdout)",
    "p = mp.get_context('fork').Process(target=print, args=('from a child',)); p.start(); p.join()",
    "import contextvars; v = contextvars.ContextVar('v'); _ = v.set(7)",
    "v.get()",
    "import threading\nt = threading.Thread(target=print, args=('from a thread',)); "
    "t.start(); t.join()",
    "import os, sys\n"
    "os.path.basename(sys.argv[0]), sys.argv[1], sys.path[0] == '', sys.stdin.read()",
    "sorted(set(os.environ) - {'JPY_PARENT_PID', 'TECHALIGN_PRELOAD'})",
    "os.environ['MPLBACKEND'], os.environ['TERM'], 'OPENBLAS_NUM_THREADS' in os.environ",
    "import locale, time, gc; locale.getlocale(), time.tzname, gc.isenabled(), gc.get_threshold()",
    "import signal; signal.getsignal(signal.SIGCHLD), signal.getsignal(signal.SIGTERM)",
    "import resource; resource.getrlimit(resource.RLIMIT_DATA), os.getpgid(0) == os.getpid()",
)
ERRORS = (
    "def f(x):\n    return 1 / x\nf(0)",
    "raise ValueError('no good') from KeyError('k')",
    "this is not python",
    "import no_such_module_anywhere",
    "input('who? ')",
    "raise SystemExit(3)",
    "class Quiet(Exception):\n"
    "    def _render_traceback_(self): return ['only this']\nraise Quiet()",
    "assert 1 == 2, 'unequal'",
    "!false\nprint(_exit_code)",
)
WIDGETS = (
    "import ipywidgets as w; s = w.IntSlider(value=3); s",
    "o = w.Output()\nwith o:\n    print('in the widget')\no",
)
FIGURE = (
    "import matplotlib.pyplot as plt\nplt.rcParams['svg.hashsalt'] = 'x'\nplt.plot([1, 3, 2]);",
    "plt.get_backend(), plt.bar(['a'], [1])[0].get_height()",
)


def _comparable(outputs: list[NotebookNode]) -> str:
    """Streams joined, since the number of messages is chance; process and random ids hidden."""
    joined: list[NotebookNode] = []
    for output in copy.deepcopy(outputs):
        before = joined[-1] if joined else None
        if output.output_type == "stream" and before and before.get("name") == output.name:
            before.text += output.text
        else:
            joined.append(output)
    joined.sort(key=lambda o: (o.output_type == "stream", o.get("name", "")))
    text = json.dumps(joined, sort_keys=True)
    text = re.sub(r"ipykernel_\d+", "ipykernel_N", text)
    text = re.sub(r"0x[0-9a-f]+|[0-9a-f]{32}", "N", text)
    for chance in set(re.findall(r'id=\\"([A-Za-z0-9_-]{5,10})\\"', text)):
        text = text.replace(chance, "ID")
    return text


_PATIENCE = 60  # seconds for a cell of an ordinary kernel
SETS = {
    "streams": STREAMS,
    "rich": RICH,
    "magics": MAGICS,
    "code": CODE,
    "errors": ERRORS,
    "widgets": WIDGETS,
    "figure": FIGURE,
}


@pytest.fixture(scope="module")
def ordinary() -> dict[str, NotebookNode]:
    """All sets of cells as an ordinary kernel runs them, four kernels at a time."""
    before = Path.cwd()
    os.chdir("/")
    try:
        with ThreadPoolExecutor(4) as pool:
            return dict(zip(SETS, pool.map(_run_ordinarily, SETS.values()), strict=True))
    finally:
        os.chdir(before)


def _run_ordinarily(cells: tuple[str, ...], attempts: int = 3) -> NotebookNode:
    """Over TCP a message is lost now and then while the machine is busy: then once more."""
    nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    manager = papermill.engines.NotebookExecutionManager(_with_metadata(nb), progress_bar=False)
    engine = papermill.engines.NBClientEngine
    try:
        engine.execute_managed_notebook(
            manager, "python3", allow_errors=True, execution_timeout=_PATIENCE
        )
    except (CellTimeoutError, RuntimeError):
        if attempts == 1:
            raise
        return _run_ordinarily(cells, attempts - 1)
    finally:
        ensure_event_loop().close()
    return nb


@pytest.mark.parametrize("name", SETS)
def test_outputs_are_those_of_an_ordinary_kernel(
    name: str, ordinary: dict[str, NotebookNode], run: Callable[..., NotebookRun]
) -> None:
    if name == "figure" and importlib.util.find_spec("matplotlib") is None:
        pytest.skip("matplotlib is not installed")
    warm = run(*SETS[name], allow_errors=True, cwd="/").notebook
    for theirs, ours in zip(ordinary[name].cells, warm.cells, strict=True):
        assert ours.execution_count == theirs.execution_count
        assert _comparable(ours.outputs) == _comparable(theirs.outputs), ours.source
    assert warm.metadata.language_info == ordinary[name].metadata.language_info


def test_widget_state_is_stored(run: Callable[..., NotebookRun]) -> None:
    done = run(*WIDGETS)
    state = done.notebook.metadata.widgets["application/vnd.jupyter.widget-state+json"]["state"]
    assert {"IntSliderModel", "OutputModel"} <= {model["model_name"] for model in state.values()}


def test_an_error_is_papermills(run: Callable[..., NotebookRun]) -> None:
    done = run("x = 1", "1/0", "never = 1")
    assert isinstance(done.failure, PapermillExecutionError)
    assert done.failure.ename == "ZeroDivisionError"
    assert done.failed_cell == 1
    assert "An Exception was encountered" in done.notebook.cells[0].source
    assert done.notebook.cells[-1].metadata.papermill["status"] == "pending"
    with pytest.raises(PapermillExecutionError):
        done.raise_for_failure()


def _with_metadata(nb: NotebookNode) -> NotebookNode:
    nb.metadata.papermill = {}
    for cell in nb.cells:
        cell.metadata.papermill = {
            "status": "pending",
            "exception": None,
            "start_time": None,
            "end_time": None,
            "duration": None,
        }
    return nb
