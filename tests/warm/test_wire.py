"""What a kernel says over its socket reaches the owner whole and in order."""

import asyncio
import os
import signal
import socket
import threading
from collections.abc import Iterator

import pytest

from techalign.warm.conversation import Conversation
from techalign.warm.wire import WireSession


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    kernel, owner = socket.socketpair()
    owner.setblocking(False)
    yield kernel, owner
    kernel.close()
    owner.close()


def _session(kernel: socket.socket) -> WireSession:
    session = WireSession()
    session.attach(kernel)
    return session


async def _alive() -> bool:
    return True


def test_what_can_wait_travels_with_the_next_message_that_matters(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    kernel, owner = ends
    session = _session(kernel)
    session.send(None, "execute_input", {"code": "1"})
    session.send(None, "status", {"execution_state": "busy"})
    with pytest.raises(BlockingIOError):
        owner.recv(1, socket.MSG_PEEK)
    session.send(None, "stream", {"name": "stdout", "text": "1"})
    assert b"execute_input" in owner.recv(1 << 16)


def test_messages_reach_the_owner_in_order_with_their_buffers(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    kernel, owner = ends
    session = _session(kernel)

    async def hear() -> list[tuple[str, object, list[bytes]]]:
        heard = Conversation(owner, _alive)
        heard.start_channels()
        # more than fits into a socket at once
        session_thread = threading.Thread(target=_talk, args=(session,))
        session_thread.start()
        messages = [await heard.iopub_channel.get_msg(10) for _ in range(4)]
        session_thread.join()
        heard.stop_channels()
        return [(m["msg_type"], m["content"], m["buffers"]) for m in messages]

    said = asyncio.run(hear())
    assert [kind for kind, _, _ in said] == ["stream", "stream", "display_data", "stream"]
    assert [len(content["text"]) for kind, content, _ in said if kind == "stream"] == [
        1,
        500_000,
        2,
    ]  # type: ignore[index]
    assert said[2][2] == [b"\x00\xff" * 9]


def _talk(session: WireSession) -> None:
    session.send(None, "stream", {"name": "stdout", "text": "a"})
    session.send(None, "stream", {"name": "stdout", "text": "b" * 500_000})
    session.send(None, "display_data", {"data": {}}, buffers=[b"\x00\xff" * 9])
    session.send(None, "stream", {"name": "stdout", "text": "c\n"})


def test_a_forked_process_may_print_but_not_answer(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    kernel, owner = ends
    session = _session(kernel)
    child = os.fork()
    if child == 0:
        session.send(None, "execute_reply", {"status": "ok"})
        session.send(None, "error", {"ename": "E"})
        session.send(None, "stream", {"name": "stdout", "text": "child"})
        os._exit(0)
    os.waitpid(child, 0)
    heard = owner.recv(1 << 16)
    assert b"child" in heard
    assert b"execute_reply" not in heard
    assert b"ename" not in heard


def test_an_interrupt_waits_until_the_message_is_out(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    kernel, owner = ends
    session = _session(kernel)

    class Interrupting:
        """A socket that is interrupted as it writes."""

        def sendall(self, data: bytes) -> None:
            os.kill(os.getpid(), signal.SIGINT)
            kernel.sendall(data)

    monkeypatch.setattr(session, "connection", Interrupting())
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    with pytest.raises(KeyboardInterrupt):
        session.send(None, "stream", {"name": "stdout", "text": "whole"})
    signal.signal(signal.SIGINT, before)
    assert b"whole" in owner.recv(1 << 16)
