"""A process that is stuck at its memory limit is told from one that is not."""

from __future__ import annotations

import asyncio
import subprocess
import sys

import pytest

from techalign.warm import memory

HOLD = (
    "import re, resource, sys, time\n"
    "held = int(re.search(r'VmData:\\s+(\\d+)', open('/proc/self/status').read())[1]) * 1024\n"
    "limit = held + int(sys.argv[1])\n"
    "resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))\n"
    "print('ready', flush=True)\n"
    "time.sleep(60)"
)


@pytest.mark.parametrize(("room", "is_stuck"), [(200_000, True), (50_000_000, False)])
def test_a_process_at_its_limit_is_seen(
    room: int, is_stuck: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memory, "_SECONDS", 0.01)
    command = [sys.executable, "-c", HOLD, str(room)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        process.stdout.readline()
        watch = asyncio.wait_for(memory.stuck_at_limit(lambda: process.pid), 2)
        try:
            if is_stuck:
                asyncio.run(watch)
            else:
                with pytest.raises(TimeoutError):
                    asyncio.run(watch)
        finally:
            process.kill()


def test_a_process_that_is_not_there_is_at_no_limit() -> None:
    with pytest.raises(TimeoutError):
        asyncio.run(asyncio.wait_for(memory.stuck_at_limit(lambda: None), 0.7))
