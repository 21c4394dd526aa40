"""A forked kernel as its owner holds it: one connection to the template.

There is no waiting in steps. The kernel says when it is ready, the template says how it ended, and
the end of the connection says that the template itself is gone.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
from collections.abc import Callable

from techalign.warm.protocol import ForkRequest, decode, encode

__all__ = ["KernelLease", "TemplateError"]


_WAKE_SECONDS = 1.0


class TemplateError(RuntimeError):
    """A template process cannot be started, or cannot be forked safely."""


class KernelLease:
    """A forked kernel, seen from its owner; it dies when this is closed.

    Parameters
    ----------
    connection : socket.socket
        A connection to the template, not yet used.
    on_close : callable
        Called once, when it is closed.
    wake : callable, optional
        Called while it is waited for: a notebook may have stopped the template.

    Attributes
    ----------
    exit_code : int or None
        Once the kernel has ended: its status, negative for a signal.
    lost : bool
        Whether it ended because its template did.
    """

    def __init__(
        self,
        connection: socket.socket,
        on_close: Callable[[], None],
        wake: Callable[[], None] | None = None,
    ) -> None:
        connection.setblocking(False)
        self._connection: socket.socket | None = connection
        self._on_close = on_close
        self._wake = wake
        self._buffer = b""
        self.pid: int | None = None
        self.ready = False
        self.exit_code: int | None = None
        self.problem = ""
        self.lost = False

    async def fork(self, request: ForkRequest, streams: tuple[int, ...]) -> None:
        """Ask for the kernel and wait until its sockets are bound.

        Parameters
        ----------
        request : ForkRequest
            The kernel wanted.
        streams : tuple of int
            Descriptors to be its stdout and stderr, and its end of a conversation, if any.

        Raises
        ------
        ConnectionError
            If the template is gone.
        TemplateError
            If it could not fork, or the kernel ended before it was ready.
        """
        assert self._connection is not None
        line = request.encode()
        sent = socket.send_fds(self._connection, [line], list(streams))
        await asyncio.get_running_loop().sock_sendall(self._connection, line[sent:])
        while self.poll() is None and not self.ready:
            await self._readable()
        if self.ready:
            return
        if self.lost or (self.pid is None and not self.problem):
            raise ConnectionResetError("the kernel template has gone")
        reason = self.problem or f"the kernel ended with status {self.exit_code} while starting"
        raise TemplateError(reason)

    def poll(self) -> int | None:
        """Return the exit status if the kernel has ended, negative for a signal; else None."""
        while self._connection is not None and self.exit_code is None:
            try:
                data = self._connection.recv(65536)
            except BlockingIOError:
                break
            except ConnectionError:
                data = b""
            if not data:
                self._lost()
                break
            self._buffer += data
            self._understand()
        return self.exit_code

    async def wait(self) -> int:
        """Wait until the kernel has ended and return its exit status."""
        while (status := self.poll()) is None:
            await self._readable()
        return status

    def signal(self, number: int) -> None:
        """Send a signal to the kernel's process group, if it has not ended."""
        if self.poll() is None and self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.sendall(encode({"signal": int(number)}))

    def close(self) -> None:
        """Give the kernel up: whatever is left of it is killed."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None
            if self.exit_code is None:
                self.exit_code = -signal.SIGKILL
            self._on_close()

    def _understand(self) -> None:
        while b"\n" in self._buffer:
            line, self._buffer = self._buffer.split(b"\n", 1)
            message = decode(line)
            self.pid = message.get("pid", self.pid)
            self.ready = message.get("ready", self.ready)
            self.exit_code = message.get("exit", self.exit_code)
            self.problem = message.get("error", self.problem)

    def _lost(self) -> None:
        """The template was killed: its kernels die with it, what they started does not."""
        if self.exit_code is None:
            self.exit_code, self.lost = -signal.SIGKILL, True
            if self.pid is not None:
                with contextlib.suppress(OSError):
                    os.killpg(self.pid, signal.SIGKILL)

    async def _readable(self) -> None:
        # A copy of the descriptor for each waiter. The end of the connection stays readable for
        # all of them, whichever reads the message before it.
        assert self._connection is not None
        descriptor = os.dup(self._connection.fileno())
        loop, arrived = asyncio.get_running_loop(), asyncio.Event()
        loop.add_reader(descriptor, arrived.set)
        try:
            while not arrived.is_set():
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(arrived.wait(), _WAKE_SECONDS)
                if self._wake is not None and not arrived.is_set():
                    self._wake()
        finally:
            loop.remove_reader(descriptor)
            os.close(descriptor)
