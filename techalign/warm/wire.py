"""A kernel's end of a conversation: Jupyter's messages over one Unix socket, without ZeroMQ.

A kernel that runs one notebook for one owner needs no sockets that others may find, no keys to
sign with, and none of the threads that keep ZeroMQ going while a cell computes. The kernel itself
is the ordinary one: it is given a session and a publishing thread of the kind it expects, whose
messages go down the socket as they are. The owner's end is
:mod:`techalign.warm.conversation`; what travels is described in
:mod:`techalign.warm.protocol`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import contextvars
import fcntl
import json
import os
import select
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from typing import Any

from ipykernel.iostream import IOPubThread, OutStream
from jupyter_client.jsonutil import json_default
from jupyter_client.session import Session, json_packer, json_unpacker
from tornado.ioloop import IOLoop

from techalign.warm.protocol import frame, split_frames

__all__ = ["WirePublisher", "WireSession", "WireStream", "converse"]

#: Said before and after an output; they travel with the next message that matters.
_CAN_WAIT = frozenset({"execute_input", "execute_reply"})
_READ_SIZE = 1 << 18


class WireSession(Session):  # type: ignore[misc]
    """A session whose messages go down a Unix socket, whatever ZeroMQ socket they are meant for.

    Signing, identities and the split into frames are of no use on a socket that two processes
    share; `deserialize` takes what :func:`converse` has read.
    """

    connection: socket.socket
    _held = b""

    def attach(self, connection: socket.socket) -> None:
        """Speak through a connected stream socket, from this process alone."""
        self.connection = connection
        self._kernel = self._writer = os.getpid()
        self._lock = threading.RLock()
        # locked while a message is written, since processes that a notebook forks write, too
        self._turn = os.memfd_create("techalign-wire")

    def send(
        self,
        stream: Any,
        msg_or_type: Any,
        content: Any = None,
        parent: Any = None,
        ident: Any = None,
        buffers: Any = None,
        **more: Any,
    ) -> Any:
        """Send a message, as :meth:`jupyter_client.session.Session.send` does."""
        del stream, ident
        header, metadata = more.get("header"), more.get("metadata")
        if isinstance(msg_or_type, str):
            message = self.msg(msg_or_type, content, parent, header, metadata)
        else:
            message, buffers = msg_or_type, buffers or msg_or_type.get("buffers")
        if self._writer != os.getpid():  # a thread that is not here may have held the lock
            self._writer, self._lock, self._held = os.getpid(), threading.RLock(), b""
        if self._writer == self._kernel or message["header"]["msg_type"] == "stream":
            self._write(message, buffers or [])
        return message

    def feed_identities(self, msg_list: Any, copy: bool = True) -> Any:
        """Return no identities, and the message."""
        del copy
        return [], msg_list[1]

    def deserialize(self, msg_list: Any, content: bool = True, copy: bool = True) -> Any:
        """Return the message, which has been read already."""
        del content, copy
        return msg_list

    def _write(self, message: dict[str, Any], buffers: list[Any]) -> None:
        kind, content = message["header"]["msg_type"], message["content"]
        if kind == "status" and content["execution_state"] != "idle":
            return  # who waits for one cell knows that it runs
        said = {
            "type": kind,
            "parent": message["parent_header"].get("msg_id"),
            "content": content,
            "metadata": message["metadata"],
            "buffers": [base64.b64encode(buffer).decode("ascii") for buffer in buffers],
        }
        packed = frame(_packed(said))
        with _uninterrupted(), self._lock:
            self._held += packed
            if kind not in _CAN_WAIT:
                held, self._held = self._held, b""
                fcntl.lockf(self._turn, fcntl.LOCK_EX)
                # an owner that has hung up is about to kill this process
                with contextlib.suppress(OSError):
                    self.connection.sendall(held)
                fcntl.lockf(self._turn, fcntl.LOCK_UN)


def _packed(said: dict[str, Any]) -> bytes:
    """A message as JSON; half a character, which is no text, becomes a question mark."""
    try:
        return bytes(json_packer(said))
    except UnicodeEncodeError:
        text = json.dumps(said, default=json_default, ensure_ascii=False)
        return text.encode("utf-8", "replace")


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let an interrupt wait: half a message would make nonsense of all that follow."""
    if threading.current_thread() is not threading.main_thread():
        yield  # interrupts are the main thread's
        return
    came: list[tuple[Any, ...]] = []
    handler = signal.signal(signal.SIGINT, lambda *interrupt: came.append(interrupt))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, handler)
        if came and callable(handler):
            handler(*came[0])


class WirePublisher(IOPubThread):  # type: ignore[misc]
    """Stands for the thread that publishes: what it is asked to do is done at once."""

    thread = None

    def __init__(self) -> None:
        # not the parent's: it would bind sockets and make a thread
        self.io_loop = _Timers()
        self.background_socket = None

    def schedule(self, f: Callable[[], None]) -> None:
        """Call a function now."""
        f()


class WireStream(OutStream):  # type: ignore[misc]
    """A standard stream that has, when it is flushed, what was written to its descriptor.

    The parent's thread may still be holding what a subprocess wrote when the cell ends; nobody
    would then know which cell it belongs to.
    """

    def flush(self) -> None:
        """Send what has been written, by whatever way."""
        self._drain()
        super().flush()

    def _watch_pipe_fd(self) -> None:
        while self._should_watch:
            select.select([self._fid], [], [])
            self._drain()

    def _drain(self) -> None:
        if not self._should_watch or not self._is_master_process():
            return
        with self._buffer_lock:
            while select.select([self._fid], [], [], 0)[0]:
                written = os.read(self._fid, _READ_SIZE)
                self.write(written.decode(errors="replace"))
                os.write(self._original_stdstream_copy, written)


class _Timers:
    """The one thing output streams ask of the publishing thread's loop: to be flushed later."""

    def call_later(self, delay: float, callback: Callable[[], None]) -> None:
        timer = threading.Timer(delay, callback)
        timer.daemon = True
        timer.start()


async def converse(kernel: Any, connection: socket.socket) -> None:
    """Serve an owner's requests, one after the other, until it has no more.

    Parameters
    ----------
    kernel : WarmKernel
        Started, with a :class:`WireSession`.
    connection : socket.socket
        Blocking, since threads write to it; it is read as it becomes readable.
    """
    # one context for all cells, as if they were typed into one task
    context = contextvars.copy_context()
    buffer = bytearray()
    working: set[asyncio.Task[None]] = set()
    while data := await _read(connection):
        buffer += data
        for body in split_frames(buffer):
            message = json_unpacker(body)
            message["buffers"] = [base64.b64decode(text) for text in message["buffers"]]
            task = asyncio.create_task(kernel.shell_main(None, [b"", message]), context=context)
            working.add(task)
            task.add_done_callback(working.discard)
    await kernel.do_shutdown(False)
    await kernel._at_shutdown()
    IOLoop.current().stop()


def _set_once(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)


async def _read(connection: socket.socket) -> bytes:
    loop = asyncio.get_running_loop()
    readable = loop.create_future()
    loop.add_reader(connection, _set_once, readable)
    try:
        await readable
    finally:
        loop.remove_reader(connection)
    try:
        return connection.recv(_READ_SIZE, socket.MSG_DONTWAIT)
    except ConnectionError:
        return b""
