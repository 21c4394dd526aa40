"""A model in a process of its own: it answers, it can be ended, and nothing of it remains."""

import asyncio
import math
import os
import time
from collections.abc import Mapping

import pytest

from techalign.workbench.worker import Worker


def _doubled(values: Mapping[str, float]) -> tuple[int, float]:
    if values["x"] < 0:
        raise ValueError("negative")
    time.sleep(values.get("wait", 0.0))
    return os.getpid(), 2 * values["x"]


def _is_there(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


async def _used() -> None:
    worker = Worker(_doubled)
    first, answer = await worker.call({"x": 2.0})
    assert answer == 4.0
    assert first != os.getpid()
    with pytest.raises(ValueError, match="negative"):
        await worker.call({"x": -1.0})
    same, _ = await worker.call({"x": 1.0})
    assert same == first  # an error has not cost the process
    began = time.perf_counter()
    long = asyncio.create_task(worker.call({"x": 1.0, "wait": 60.0}))
    await asyncio.sleep(0.3)
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long
    assert not _is_there(first)
    other, answer = await worker.call({"x": 3.0})
    assert (other != first, answer) == (True, 6.0)
    assert math.floor(time.perf_counter() - began) < 30
    worker.end()
    assert not _is_there(other)


def test_a_run_that_is_cancelled_ends_with_its_process() -> None:
    asyncio.run(_used())
