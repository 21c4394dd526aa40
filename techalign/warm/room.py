"""How many kernels at once the limits on this process leave room for.

What runs out of descriptors or threads half way through is aborted by the library that needed one,
without a word of the reason. So it is found out before: descriptors by counting, threads and
processes, which the system counts as one, by starting as many threads as will be needed.
"""

from __future__ import annotations

import sys
import threading
from pathlib import Path

from techalign.errors import InputError

__all__ = ["kernels_at_once"]

_OF_ONE_KERNEL = 7
"""Descriptors that this process holds for a kernel that runs, its folder's files included."""
_OF_ANY = 20
"""Descriptors for everything else: event loop, template, pages being written, modules imported."""
_TASKS_OF_ONE = 5
"""Processes and threads: the kernel and what it starts to hear what is printed."""
_TASKS_OF_ANY = 10
"""The template, and threads of this process that wait for it and import."""


def kernels_at_once(wanted: int) -> tuple[int, str]:
    """How many kernels can run at once, and why not as many as wanted.

    Parameters
    ----------
    wanted : int
        At least 1.

    Returns
    -------
    tuple of int and str
        From 1 to `wanted`; a sentence if it is less, else "". The limit on descriptors is raised
        as far as this process may raise it itself.

    Raises
    ------
    InputError
        If there is no room for one.
    """
    files, allowed = _by_descriptors(wanted)
    tasks = _by_tasks(wanted) if files else wanted
    found = min(wanted, files, tasks)
    if files <= tasks:
        what, remedy = f"{allowed} open files are allowed (ulimit -n)", "ulimit -n 1024"
    else:
        what, remedy = _short_of_tasks()
    if found < 1:
        raise InputError(f"no report can run: only {what}", remedy=f"Allow more: {remedy}.")
    if found == wanted:
        return wanted, ""
    many = "reports" if found > 1 else "report"
    return found, f"{found} {many} at once instead of {wanted}: only {what}"


def _short_of_tasks() -> tuple[str, str]:
    """Which limit keeps threads from starting, and how to raise it: each has a stack of its own."""
    if sys.platform != "win32":
        import resource

        memory = resource.getrlimit(resource.RLIMIT_AS)[0]
        if memory != resource.RLIM_INFINITY:
            return f"{memory >> 20} MB of memory are allowed (ulimit -v)", "ulimit -v unlimited"
    return "few processes and threads are allowed (ulimit -u)", "ulimit -u 1000"


def _by_descriptors(wanted: int) -> tuple[int, int]:
    """How many kernels there are descriptors for, and how many descriptors may be open."""
    if sys.platform == "win32":  # it has no such limit
        return wanted, 0
    import resource

    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    needed = _open_now() + _OF_ANY + _OF_ONE_KERNEL * wanted
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return wanted, soft
    more = needed if hard == resource.RLIM_INFINITY else min(needed, hard)
    if more > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (more, hard))
    allowed = max(soft, more)
    return max(allowed - _open_now() - _OF_ANY, 0) // _OF_ONE_KERNEL, allowed


def _open_now() -> int:
    listed = next((p for p in map(Path, ("/proc/self/fd", "/dev/fd")) if p.is_dir()), None)
    return sum(1 for _ in listed.iterdir()) if listed else 0


def _by_tasks(wanted: int) -> int:
    """How many kernels there are processes and threads for."""
    enough = threading.Event()
    started: list[threading.Thread] = []
    try:
        while len(started) < _TASKS_OF_ANY + _TASKS_OF_ONE * wanted:
            thread = threading.Thread(target=enough.wait)
            thread.start()
            started.append(thread)
    except RuntimeError:  # can't start new thread
        return max(len(started) - _TASKS_OF_ANY, 0) // _TASKS_OF_ONE
    finally:
        enough.set()
        for thread in started:
            thread.join()
    return wanted
