"""Kernels, templates and owners that die, hang or grow leave nothing behind."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode, v4
from papermill.engines import NotebookExecutionManager
from papermill.exceptions import PapermillExecutionError

from techalign.warm import (
    NotebookRun,
    NotebookTimeoutError,
    OutputLimitError,
    RunLimits,
    TemplateSettings,
    run_notebook,
)
from techalign.warm.client import WarmNotebookClient
from techalign.warm.lease import KernelLease
from techalign.warm.owner import shared
from techalign.warm.provisioner import ForkProvisioner

pytestmark = pytest.mark.slow
OWNER = """
import asyncio, nbformat, signal, sys
# a background job of a shell is started with Ctrl-C ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
from techalign.warm import TemplateSettings, run_notebook
nb = nbformat.v4.new_notebook()
nb.cells = [nbformat.v4.new_code_cell(
    "import os, subprocess, time; os.system('sleep 300 &'); "
    "open(os.environ['STARTED'], 'w').write('x'); time.sleep(300)")]
asyncio.run(run_notebook(nb, kernel_name="python3", settings=TemplateSettings()))
"""


def _eventually(condition: Callable[[], object], seconds: float = 60.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_kernel_killed_in_a_cell_is_reported_at_once(run: Callable[..., NotebookRun]) -> None:
    run("1").raise_for_failure()
    done = run("print('before', flush=True)", "import os; os.kill(os.getpid(), 9)", "after = 1")
    assert isinstance(done.failure, DeadKernelError)
    assert done.failed_cell == 1
    assert done.notebook.cells[0].outputs[0].text == "before\n"


def test_a_kernel_that_exits_is_dead_too(run: Callable[..., NotebookRun]) -> None:
    assert isinstance(run("import os; os._exit(0)").failure, DeadKernelError)


def test_a_kernel_that_cannot_answer_is_not_waited_for(run: Callable[..., NotebookRun]) -> None:
    run("1").raise_for_failure()
    done = run("get_ipython().kernel.do_execute = None", "x = 1")
    assert isinstance(done.failure, PapermillExecutionError)
    assert done.failure.ename == "KernelError"
    assert done.failed_cell == 1


def test_what_was_put_out_before_the_time_was_up_is_kept(run: Callable[..., NotebookRun]) -> None:
    run("1").raise_for_failure()
    done = run("print('so far'); import time; time.sleep(60)", limits=RunLimits(3))
    assert isinstance(done.failure, NotebookTimeoutError)
    assert done.notebook.cells[0].outputs[0].text == "so far\n"


def test_too_much_output_fails_also_if_its_cell_has_ended(run: Callable[..., NotebookRun]) -> None:
    for _ in range(5):
        done = run("print('x' * 3_000)", "print('next')", limits=RunLimits(output=1_000))
        assert isinstance(done.failure, OutputLimitError)
        assert done.failed_cell == 0
        assert [cell.outputs for cell in done.notebook.cells] == [[], []]


def test_a_notebook_that_takes_too_long_is_killed_with_what_it_started(
    run: Callable[..., NotebookRun], processes: Callable[[str], set[int]]
) -> None:
    run("1").raise_for_failure()
    env = {**os.environ, "MARK": f"late-notebook-{os.getpid()}"}
    done = run(
        "import os\nos.system('sleep 300 &')\nwhile True: pass", limits=RunLimits(0.7), env=env
    )
    assert isinstance(done.failure, NotebookTimeoutError)
    assert done.failed_cell == 0
    assert _eventually(lambda: not processes(f"late-notebook-{os.getpid()}"))


def test_a_cell_that_takes_too_long_is_interrupted(run: Callable[..., NotebookRun]) -> None:
    done = run("import time; time.sleep(600)", limits=RunLimits(cell_timeout=1))
    assert isinstance(done.failure, CellTimeoutError)


def test_interrupts_do_not_tear_messages(run: Callable[..., NotebookRun]) -> None:
    """A thread interrupts the kernel all the time while it puts out long texts."""
    done = run(
        "import os, signal, threading, time\n"
        "def interrupt():\n"
        "    for _ in range(200):\n"
        "        time.sleep(0.001); os.kill(os.getpid(), signal.SIGINT)\n"
        "caught, speaking = 0, False\n"
        "def handle(*_):  # not beside the speaking, where nobody would catch it\n"
        "    global caught, speaking\n"
        "    if speaking:\n"
        "        caught, speaking = caught + 1, False\n"
        "        raise KeyboardInterrupt\n"
        "signal.signal(signal.SIGINT, handle)\n"
        "thread = threading.Thread(target=interrupt); thread.start()\n"
        "while thread.is_alive():\n"
        "    try:\n"
        "        speaking = True\n"
        "        print('x' * 400_000); display('y' * 300_000)\n"
        "        speaking = False\n"
        "    except KeyboardInterrupt:\n"
        "        pass\n"
        "speaking = False",
        "print('caught', caught > 20)",
    )
    done.raise_for_failure()
    assert "".join(part.text for part in done.notebook.cells[1].outputs) == "caught True\n"


def test_memory_is_limited(run: Callable[..., NotebookRun]) -> None:
    fits = "import numpy as np; a = np.ones(20_000_000 // 8)"
    grows = "b = [np.ones(10_000_000) for _ in range(10)]"
    done = run(fits, grows, limits=RunLimits(memory=200_000_000))
    assert done.failed_cell == 1
    assert getattr(done.failure, "ename", "") in {"MemoryError", "_ArrayMemoryError"}


def test_exit_hooks_run(run: Callable[..., NotebookRun], tmp_path: Path) -> None:
    run(f"import atexit; atexit.register(open({str(tmp_path / 'x')!r}, 'w').close)", "1")
    run(f"import atexit, pathlib; atexit.register(pathlib.Path({str(tmp_path / 'y')!r}).touch)")
    assert (tmp_path / "y").exists()


def test_a_kernel_ends_when_asked(
    run: Callable[..., NotebookRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not when the manager loses patience, after 2.5 seconds, and sends SIGTERM."""
    sent: list[int] = []
    monkeypatch.setattr(KernelLease, "signal", lambda _, number: sent.append(number))
    for _ in range(4):
        run("print(1)").raise_for_failure()
    assert sent == []


def test_what_a_notebook_leaves_running_ends_with_it(
    run: Callable[..., NotebookRun], processes: Callable[[str], set[int]]
) -> None:
    env = {**os.environ, "MARK": f"left-running-{os.getpid()}"}
    done = run("import subprocess; p = subprocess.Popen(['sleep', '300'])", env=env)
    done.raise_for_failure()
    assert _eventually(lambda: not processes(f"left-running-{os.getpid()}"))


def test_a_kernels_own_processes_die_with_it_however_it_ends(
    run: Callable[..., NotebookRun], processes: Callable[[str], set[int]]
) -> None:
    env = {**os.environ, "MARK": f"of-a-dead-kernel-{os.getpid()}"}
    done = run("import os; os.system('sleep 300 &'); os._exit(1)", env=env)
    assert isinstance(done.failure, DeadKernelError)
    assert _eventually(lambda: not processes(f"of-a-dead-kernel-{os.getpid()}"))


def test_a_kernel_holds_nothing_of_the_others(
    notebook: Callable[..., NotebookNode], settings: TemplateSettings
) -> None:
    """A copy of another's lease would keep its end from being noticed."""
    nb = notebook(
        "import os, time; n = len(os.listdir('/proc/self/fd')); time.sleep(0.5); print(n)"
    )

    async def batch() -> list[NotebookRun]:
        return await asyncio.gather(*(run_notebook(nb, settings=settings) for _ in range(4)))

    assert len({done.notebook.cells[0].outputs[0].text for done in asyncio.run(batch())}) == 1


def test_a_killed_template_is_replaced(
    run: Callable[..., NotebookRun], settings: TemplateSettings
) -> None:
    run("1").raise_for_failure()
    first = shared().get(settings, os.environ)
    os.kill(first.pid, signal.SIGKILL)
    run("1").raise_for_failure()
    assert shared().get(settings, os.environ).pid != first.pid


def test_kernels_die_with_their_template(
    notebook: Callable[..., NotebookNode],
    settings: TemplateSettings,
    processes: Callable[[str], set[int]],
) -> None:
    async def scene() -> NotebookRun:
        env = {**os.environ, "MARK": f"with-template-{os.getpid()}"}
        nb = notebook("import os, time; os.system('sleep 300 &'); time.sleep(300)")
        task = asyncio.create_task(run_notebook(nb, settings=settings, env=env))
        # the sleep is found; the kernel is not, for a fork keeps its template's environ
        while not processes(f"with-template-{os.getpid()}") and not task.done():
            await asyncio.sleep(0.02)
        os.kill(shared().get(settings, os.environ).pid, signal.SIGKILL)
        return await task

    done = asyncio.run(scene())
    assert isinstance(done.failure, DeadKernelError)
    assert _eventually(lambda: not processes(f"with-template-{os.getpid()}"))


def test_cancellation_kills_the_kernel(
    notebook: Callable[..., NotebookNode],
    settings: TemplateSettings,
    processes: Callable[[str], set[int]],
) -> None:
    async def scene() -> None:
        env = {**os.environ, "MARK": f"cancelled-job-{os.getpid()}"}
        nb = notebook("import os, time; os.system('sleep 300 &'); time.sleep(300)")
        task = asyncio.create_task(run_notebook(nb, settings=settings, env=env))
        while not processes(f"cancelled-job-{os.getpid()}") and not task.done():
            await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scene())
    assert _eventually(lambda: not processes(f"cancelled-job-{os.getpid()}"))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_nothing_outlives_its_owner(
    number: signal.Signals, tmp_path: Path, processes: Callable[[str], set[int]]
) -> None:
    short = Path("/tmp") / f"w{os.getpid()}-{int(number)}"
    short.mkdir()
    mark, started = f"owner-{number.name}-{os.getpid()}", tmp_path / "started"
    env = {**os.environ, "MARK": mark, "STARTED": str(started), "TMPDIR": str(short)}
    owner = subprocess.Popen([sys.executable, "-c", OWNER], env=env, stderr=subprocess.DEVNULL)
    try:
        assert _eventually(started.exists, 120)
        assert len(processes(mark)) >= 4
        assert list(short.iterdir())
        owner.send_signal(number)
        owner.wait(60)
        assert _eventually(lambda: not processes(mark))
        assert _eventually(lambda: not list(short.iterdir()))
    finally:
        owner.kill()
        for pid in processes(mark):
            os.kill(pid, signal.SIGKILL)
        short.rmdir()


def test_kernels_die_even_if_owner_and_template_are_killed_together(
    tmp_path: Path, processes: Callable[[str], set[int]]
) -> None:
    mark, started = f"both-killed-{os.getpid()}", tmp_path / "started"
    env = {**os.environ, "MARK": mark, "STARTED": str(started)}
    code = OWNER.replace("os.system('sleep 300 &'); ", "")
    owner = subprocess.Popen([sys.executable, "-c", code], env=env, stderr=subprocess.DEVNULL)
    try:
        assert _eventually(started.exists, 120)
        template = next(pid for pid in processes(mark) if _parent(pid) == owner.pid)
        folder = Path(_argument(template, "--socket")).parent
        owner.send_signal(signal.SIGSTOP)  # so that it cannot tidy up in between
        os.kill(template, signal.SIGKILL)
        owner.kill()
        owner.wait(60)
        assert _eventually(lambda: not processes(mark))
        shutil.rmtree(folder)
    finally:
        owner.kill()
        owner.wait()
        for pid in processes(mark):
            os.kill(pid, signal.SIGKILL)


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _argument(pid: int, name: str) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
    return words[words.index(name) + 1]


def test_a_forked_owner_starts_its_own_template(settings: TemplateSettings) -> None:
    mine = shared().get(settings, os.environ).pid
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            theirs = shared().get(TemplateSettings(), os.environ).pid
            kept = shared().get(settings, os.environ).pid
            os.write(write, f"{theirs} {kept}".encode())
            shared().close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    answer = [int(number) for number in os.read(read, 100).split()]
    os.close(read)
    os.close(write)
    assert len({*answer, mine}) == 3
    assert shared().get(settings, os.environ).pid == mine


def test_no_descriptors_or_files_pile_up(run: Callable[..., NotebookRun]) -> None:
    def held() -> tuple[int, int, int]:
        gc.collect()  # what an earlier test left for the collector is not of these runs
        files = sum(1 for _ in shared().directory.iterdir())
        tasks = len(os.listdir("/proc/self/task"))  # noqa: PTH208
        return len(os.listdir("/proc/self/fd")), tasks, files  # noqa: PTH208

    def no_more() -> bool:
        return all(now <= then for now, then in zip(held(), before, strict=True))

    run("1").raise_for_failure()
    before = held()
    for _ in range(3):
        run("1").raise_for_failure()
    # a thread of the last run may need a moment to end
    assert _eventually(no_more), (before, held())


def test_a_watch_that_outlives_its_cell_ends_quietly(monkeypatch: pytest.MonkeyPatch) -> None:
    async def ends_while_the_client_is_put_away(_: ForkProvisioner) -> None:
        client.kc = client.km = None

    monkeypatch.setattr(ForkProvisioner, "wait_for_end", ends_while_the_client_is_put_away)
    client = WarmNotebookClient(NotebookExecutionManager(v4.new_notebook()))
    client.km = SimpleNamespace(provisioner=ForkProvisioner())
    # nobody awaits this task: what it raised would be a traceback on the terminal
    asyncio.run(client._async_poll_kernel_alive())
