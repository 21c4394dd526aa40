"""The owner's end of a conversation with a forked kernel.

It has the methods and channels of a Jupyter kernel client that a notebook client uses, so that
nbclient runs a notebook through it as through ZeroMQ. The kernel's end is
:mod:`techalign.warm.wire`.
"""

from __future__ import annotations

import asyncio
import base64
import itertools
import socket
from collections.abc import Awaitable, Callable
from queue import Empty
from typing import Any

from jupyter_client.session import json_packer, json_unpacker

from techalign.warm.protocol import frame, split_frames

__all__ = ["Conversation"]

_READ_SIZE = 1 << 18
#: A kernel whose own code fails logs it and becomes idle; nobody should wait for its answer.
_NO_ANSWER = {
    "status": "error",
    "ename": "KernelError",
    "evalue": "the kernel could not run the cell; its log says why",
    "traceback": [],
}


class Channel:
    """Messages of one kind, in the order they came."""

    def __init__(self, send: Callable[[dict[str, Any]], None]) -> None:
        self._waiting: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self.send = send
        self.put = self._waiting.put_nowait

    async def get_msg(self, timeout: float | None = None) -> dict[str, Any]:
        """Wait for the next message.

        Raises
        ------
        queue.Empty
            If none has come within `timeout` seconds.
        """
        if timeout is None or not self._waiting.empty():
            return await self._waiting.get()
        try:
            return await asyncio.wait_for(self._waiting.get(), timeout)
        except TimeoutError:
            raise Empty from None


class Conversation:
    """A client of one kernel, over one Unix socket.

    Parameters
    ----------
    connection : socket.socket
        The owner's end, connected.
    is_alive : callable
        Tells whether the kernel's process is there.
    """

    allow_stdin = False

    def __init__(self, connection: socket.socket, is_alive: Callable[[], Awaitable[bool]]) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._numbers = itertools.count(1)
        self._unanswered: set[str] = set()
        self._unread = bytearray()
        self._unsent = bytearray()
        self._stuck = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self.is_alive = is_alive
        self.session = self
        self.shell_channel = Channel(self._send)
        self.iopub_channel = Channel(self._send)

    def start_channels(self) -> None:
        """Begin to listen, in the running event loop."""
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._connection, self._hear)

    def stop_channels(self) -> None:
        """Hang up; the kernel ends, if it has not."""
        if self._loop is not None:
            self._loop.remove_reader(self._connection)
            self._loop.remove_writer(self._connection)
            self._loop = None
        self._connection.close()

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Return: a forked kernel is there only once it listens."""
        del timeout

    def execute(self, code: str, store_history: bool = True, stop_on_error: bool = True) -> str:
        """Ask for code to be run.

        Returns
        -------
        str
            The request's id, which the answers name as their parent.
        """
        content = {
            "code": code,
            "silent": False,
            "store_history": store_history,
            "user_expressions": {},
            "allow_stdin": False,
            "stop_on_error": stop_on_error,
        }
        return self._ask("execute_request", content)

    def kernel_info(self) -> str:
        """Ask what kernel it is."""
        return self._ask("kernel_info_request", {})

    def msg(self, msg_type: str, content: Any = None, **parts: Any) -> dict[str, Any]:
        """Compose a message, as a Jupyter session does; answers to widgets are such messages."""
        header = {"msg_id": str(next(self._numbers)), "msg_type": msg_type}
        return {
            "header": header,
            "parent_header": parts.get("parent") or {},
            "metadata": parts.get("metadata") or {},
            "content": content or {},
            "buffers": [],
        }

    def _ask(self, msg_type: str, content: dict[str, Any]) -> str:
        message = self.msg(msg_type, content)
        number = str(message["header"]["msg_id"])
        self._unanswered.add(number)
        self._send(message)
        return number

    def _send(self, message: dict[str, Any]) -> None:
        self._unsent += frame(json_packer(message))
        self._write()

    def _write(self) -> None:
        if self._loop is None:
            return
        try:
            sent = self._connection.send(self._unsent)
        except BlockingIOError:
            sent = 0
        except OSError:  # the kernel has gone, which its provisioner notices
            self._unsent.clear()
            sent = 0
        del self._unsent[:sent]
        if self._unsent and not self._stuck:
            self._loop.add_writer(self._connection, self._write)
        elif self._stuck and not self._unsent:
            self._loop.remove_writer(self._connection)
        self._stuck = bool(self._unsent)

    def _hear(self) -> None:
        try:
            data = self._connection.recv(_READ_SIZE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data and self._loop is not None:
            self._loop.remove_reader(self._connection)
        self._unread += data
        for body in split_frames(self._unread):
            self._take(json_unpacker(body))

    def _take(self, said: dict[str, Any]) -> None:
        kind = said["type"]
        message = {
            "header": {"msg_type": kind},
            "msg_type": kind,
            "parent_header": {"msg_id": said["parent"]},
            "content": said["content"],
            "metadata": said["metadata"],
            "buffers": [base64.b64decode(text) for text in said["buffers"]],
        }
        if kind.endswith("_reply"):
            self._unanswered.discard(said["parent"])
            self.shell_channel.put(message)
            return
        if kind == "status" and said["parent"] in self._unanswered:
            self._take({**said, "type": "error", "content": _NO_ANSWER})
            self._take({**said, "type": "execute_reply", "content": _NO_ANSWER})
        self.iopub_channel.put(message)
