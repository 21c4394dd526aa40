"""Processes that draw the plots of all kernels of one template.

lets-plot's native runtime writes to 17 MB of memory when a process draws its first plot. Each
kernel is a new process, so a kernel that draws would add half as much memory again, and take
longer over its first plot than over the next ten. But a picture depends on its specification
alone: the template forks a process that draws and stays, and the kernels send it specifications.

It is help and never a need. What it does not draw - a specification that is no JSON or is very
long, one that fails or takes too long, or when it is gone - a kernel draws itself.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from techalign.batch.warm.protocol import frame, split_frames

__all__ = ["DrawnElsewhere", "can_draw", "draw_elsewhere", "drawers", "serve"]

_BRIDGE = "lets_plot_kotlin_bridge"
#: Characters of a specification; a kernel's memory limit does not hold elsewhere.
_LONGEST = 2_000_000
#: For one picture; they take milliseconds.
_SECONDS = 10
#: After as many a process makes room for another: lets-plot keeps some kilobytes of each.
_PICTURES = 2_000
_READ_SIZE = 1 << 18
_KERNELS_A_DRAWER = 8


def can_draw() -> bool:
    """Tell whether what draws has been imported."""
    return _BRIDGE in sys.modules


def drawers() -> int:
    """Return how many processes draw fast enough for a kernel on each processor."""
    return 1 + len(os.sched_getaffinity(0)) // _KERNELS_A_DRAWER


def serve(listener: socket.socket) -> None:
    """Draw plots, one after the other, until it is time for another process to do so.

    Parameters
    ----------
    listener : socket.socket
        Each connection brings the arguments of one call and takes the picture; "" if there is
        none.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the owner to handle
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    for _ in range(_PICTURES):
        connection, _ = listener.accept()
        signal.alarm(_SECONDS)  # ends this process; the template will fork another
        with connection, contextlib.suppress(OSError):
            connection.sendall(frame(_drawn(_receive(connection))))
        signal.alarm(0)


def draw_elsewhere(path: Path) -> None:
    """Let lets-plot's ``to_svg`` draw in the process that listens at a path."""
    bridge = sys.modules[_BRIDGE]
    bridge.export_svg = DrawnElsewhere(path, bridge.export_svg)  # type: ignore[attr-defined]


class DrawnElsewhere:
    """Takes the place of a drawing function of JSON arguments.

    Parameters
    ----------
    path : Path
        The socket of those who draw.
    draw : callable
        The function, for what they do not draw.
    """

    def __init__(self, path: Path, draw: Callable[..., str]) -> None:
        self._path = str(path)
        self._draw = draw

    def __call__(self, *arguments: Any) -> str:
        """Return the picture as the function would."""
        with contextlib.suppress(OSError, TypeError, ValueError, RecursionError):
            request = json.dumps(arguments, allow_nan=False)
            if len(request) <= _LONGEST and (picture := self._ask(request)):
                return picture
        return self._draw(*arguments)

    def _ask(self, request: str) -> str:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(_SECONDS)
            connection.connect(self._path)
            connection.sendall(frame(request.encode()))
            return _receive(connection).decode()


def _drawn(request: bytes) -> bytes:
    try:
        picture: str = sys.modules[_BRIDGE].export_svg(*json.loads(request))
        return picture.encode()
    except Exception:  # the kernel will meet it too, and show it where it belongs
        return b""


def _receive(connection: socket.socket) -> bytes:
    """Read one message; ConnectionError if it ends early."""
    buffer = bytearray()
    while data := connection.recv(_READ_SIZE):
        buffer += data
        for body in split_frames(buffer):
            return body
    raise ConnectionResetError("the other end has gone")
