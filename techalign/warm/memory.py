"""Sees from outside that a process is stuck at its memory limit.

Python gives small objects what is left over in corners of the heap, and asks the system in vain
before each: that can go on for hours before a ``MemoryError`` is raised.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable
from pathlib import Path

__all__ = ["stuck_at_limit"]

_SECONDS = 0.5  # between two looks
_LOOKS = 10
#: Python asks the system for so much at once.
_ARENA = 1 << 20


async def stuck_at_limit(process: Callable[[], int | None]) -> None:
    """Return once a process has been at its limit for some seconds.

    Parameters
    ----------
    process : callable
        Tells its number; None as long as there is none.
    """
    looks = 0
    while looks < _LOOKS:
        await asyncio.sleep(_SECONDS)
        number = process()
        looks = looks + 1 if number is not None and _room(number) < _ARENA else 0


def _room(process: int) -> float:
    """Bytes it may still ask for; infinite if there is no limit, or it has ended."""
    try:
        import resource

        limit, _ = resource.prlimit(process, resource.RLIMIT_DATA)
        status = Path(f"/proc/{process}/status").read_text("ascii")
    except (ImportError, AttributeError, OSError):  # or this is not Linux
        return math.inf
    held = next((ln for ln in status.splitlines() if ln.startswith("VmData:")), "VmData: 0 kB")
    return math.inf if limit == resource.RLIM_INFINITY else limit - int(held.split()[1]) * 1024
