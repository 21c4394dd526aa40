"""What the owner of a template process and the template say to each other.

One Unix-socket connection stands for one kernel and is its lease: the kernel lives while the
connection does. Every message is one line of JSON. The owner opens with a :class:`ForkRequest`
(the kernel's stdout and stderr travel beside it as file descriptors) and may then send
``{"signal": n}``. The template answers ``{"pid": n}``, the kernel itself ``{"ready": true}`` as
soon as its sockets are bound, and the template ends with ``{"exit": status}``, negative for a
signal, as :class:`subprocess.Popen` has it.

A kernel that is to run one notebook for its owner is given a third descriptor, one end of a
conversation (:mod:`techalign.warm.wire`, :mod:`techalign.warm.conversation`). There
every message is a frame: eight bytes of length, then JSON. The owner's messages are Jupyter's; the
kernel's have its ``type``, the id of the request they belong to as ``parent``, ``content``,
``metadata`` and, in base64, ``buffers``. The end of the owner's side asks the kernel to end.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

__all__ = ["ForkRequest", "decode", "encode", "frame", "split_frames", "startup_environment"]

#: Variables which an interpreter, its C library or the kernel's configuration read only once,
#: when they start. A fork cannot change them, so a template is started for each set of them.
_STARTUP_NAMES = frozenset({"LANG", "LANGUAGE", "IPYTHONDIR", "GLIBC_TUNABLES"})
_LENGTH_SIZE = 8
_STARTUP_PREFIXES = ("PYTHON", "LD_", "LC_", "MALLOC_")


@dataclass(frozen=True)
class ForkRequest:
    """One kernel to fork.

    Parameters
    ----------
    connection_file : str
        The Jupyter connection file the kernel binds its sockets from.
    argv : tuple of str
        The kernel's ``sys.argv``, as an ordinary kernel would see it.
    cwd : str
        Its working directory.
    env : mapping of str to str
        Its whole environment; nothing of the template's remains.
    memory_limit : int or None
        Bytes of private writable memory it may add to what it is born with (``RLIMIT_DATA``).
    conversation : bool
        Whether a third descriptor travels beside it, to be spoken through instead of sockets.
    cells : tuple of str
        Code it is going to run, as far as it is known, for the template to look at.
    """

    connection_file: str
    argv: tuple[str, ...]
    cwd: str
    env: Mapping[str, str]
    memory_limit: int | None = None
    conversation: bool = False
    cells: tuple[str, ...] = ()

    def encode(self) -> bytes:
        """Return the request as one line."""
        return encode(asdict(self))

    @classmethod
    def decode(cls, line: bytes) -> ForkRequest:
        """Read a request from one line."""
        fields = decode(line)
        lists = {name: tuple(fields[name]) for name in ("argv", "cells")}
        return cls(**{**fields, **lists})


def encode(message: Mapping[str, Any]) -> bytes:
    """Return a message as one line of JSON; undecodable bytes of the environment survive."""
    return json.dumps(message).encode("ascii") + b"\n"


def decode(line: bytes) -> dict[str, Any]:
    """Read one line of JSON."""
    message: dict[str, Any] = json.loads(line)
    return message


def frame(body: bytes) -> bytes:
    """Return a message of a conversation as it travels."""
    return len(body).to_bytes(_LENGTH_SIZE, "big") + body


def split_frames(buffer: bytearray) -> Iterator[bytes]:
    """Take the messages that are whole out of what has been read."""
    while len(buffer) >= _LENGTH_SIZE:
        end = _LENGTH_SIZE + int.from_bytes(buffer[:_LENGTH_SIZE], "big")
        if len(buffer) < end:
            return
        body = bytes(buffer[_LENGTH_SIZE:end])
        del buffer[:end]
        yield body


def startup_environment(env: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of `env` that take effect only when an interpreter starts."""
    return {
        name: value
        for name, value in env.items()
        if name in _STARTUP_NAMES or name.startswith(_STARTUP_PREFIXES)
    }
