"""A model in a process of its own: it answers, it can be ended, and nothing of it remains.

The model tells where it is, and waits to be let go, by named pipes: nothing here hangs on how long
anything takes.
"""

import asyncio
import contextlib
import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from techalign.workbench.worker import Worker


class Doubled:
    """Twice ``x`` and the process's number, once it is let go if it is told to ``wait``."""

    def __init__(self, folder: Path) -> None:
        self.begun, self.go = folder / "begun", folder / "go"

    def __call__(self, values: Mapping[str, float]) -> tuple[int, float]:
        """The answer."""
        if values["x"] < 0:
            raise ValueError("negative")
        if values.get("wait"):
            self.begun.write_bytes(b".")  # until somebody reads it
            self.go.read_bytes()
        return os.getpid(), 2 * values["x"]


@pytest.fixture
def model(tmp_path: Path) -> Doubled:
    """The model with its two pipes."""
    made = Doubled(tmp_path)
    os.mkfifo(made.begun)
    os.mkfifo(made.go)
    return made


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def _cancelled(task: "asyncio.Task[tuple[int, float]]") -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def _used(model: Doubled) -> None:
    worker = Worker(model)
    # taken back while its process is on its way, which the next one then has
    early = asyncio.create_task(worker.call({"x": 9.0}))
    await asyncio.sleep(0)
    await _cancelled(early)
    first, answer = await worker.call({"x": 2.0})
    assert (answer, first != os.getpid()) == (4.0, True)
    with pytest.raises(ValueError, match="negative"):
        await worker.call({"x": -1.0})
    assert await worker.call({"x": 1.0}) == (first, 2.0)  # an error has not cost the process
    long = asyncio.create_task(worker.call({"x": 1.0, "wait": 1.0}))
    await asyncio.to_thread(model.begun.read_bytes)
    await _cancelled(long)
    assert not _is_there(first)
    other, answer = await worker.call({"x": 3.0})
    assert (other != first, answer) == (True, 6.0)
    worker.end()
    assert not _is_there(other)


def test_a_run_that_is_cancelled_ends_with_its_process(model: Doubled) -> None:
    asyncio.run(_used(model))


async def _beside(model: Doubled) -> None:
    worker = Worker(model)
    long = asyncio.create_task(worker.call({"x": 1.0, "wait": 1.0}))
    await asyncio.to_thread(model.begun.read_bytes)
    # as from the thread in which JupyterLab moves sliders, while a cell's own move is not over
    answers = await asyncio.to_thread(lambda: asyncio.run(worker.call({"x": 4.0})))
    assert answers[1] == 8.0
    model.go.write_bytes(b".")
    assert (await long)[1] == 2.0
    worker.end()


def test_a_call_from_another_thread_gets_its_own_answer(model: Doubled) -> None:
    asyncio.run(_beside(model))


async def _killed(model: Doubled) -> None:
    worker = Worker(model)
    pid, _ = await worker.call({"x": 1.0})
    long = asyncio.create_task(worker.call({"x": 1.0, "wait": 1.0}))
    await asyncio.to_thread(model.begun.read_bytes)
    os.kill(pid, 9)
    with pytest.raises(EOFError, match="has ended"):
        await long
    other, answer = await worker.call({"x": 5.0})
    assert (other != pid, answer) == (True, 10.0)
    worker.end()
    with contextlib.suppress(ProcessLookupError):
        assert not _is_there(other)


def test_a_process_that_somebody_kills_is_told_and_replaced(model: Doubled) -> None:
    asyncio.run(_killed(model))
