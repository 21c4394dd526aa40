"""The template process: imports once, forks a kernel whenever its owner asks.

Starting Python and importing numpy, pandas and scipy costs seconds of CPU; a fork of a process that
has done so costs milliseconds. What makes the fork safe is kept here: the template runs no second
thread (it counts, and tells its owner), it has run nothing of what it imported (a process that has
drawn with lets-plot, say, hangs its forked children), and it holds no event loop.

It is started by :mod:`techalign.warm.owner` as
``python -m techalign.warm.template --socket PATH --owner PID ...`` with a socket to its
owner as standard input. It ends when its owner says farewell there or is gone; then it kills the
kernels that are left and, for a dead owner, removes the private directory of their sockets.
"""

from __future__ import annotations

import argparse
import contextlib
import gc
import importlib
import os
import selectors
import shutil
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from techalign.warm.protocol import ForkRequest, decode, encode

__all__ = ["Lease", "Server", "main", "preload"]

#: Set before anything is imported. One thread per kernel: a batch runs a kernel per core, and a
#: thread pool of the template's would not survive the fork. One of Arrow's allocators would start
#: one, too, and another takes 4 MB at once.
_ONE_THREAD = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMEXPR_NUM_THREADS": "1",
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "JE_ARROW_MALLOC_CONF": "background_thread:false",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",
}


@dataclass
class Lease:
    """One connection: a request being read, then a kernel being looked after.

    Parameters
    ----------
    connection : socket.socket
        The connection to the owner.
    buffer : bytes
        What has been read and not yet understood.
    streams : list of int
        The descriptors of the kernel's stdout and stderr and of its conversation, until it is
        forked.
    pid : int or None
        The kernel's process, once there is one.
    """

    connection: socket.socket
    buffer: bytes = b""
    streams: list[int] = field(default_factory=list)
    pid: int | None = None

    def tell(self, **message: object) -> None:
        """Send a message; an owner who has hung up does not want to know."""
        with contextlib.suppress(OSError):
            self.connection.sendall(encode(message))

    def signal(self, number: int) -> None:
        """Send a signal to the kernel's process group, and so to what it started."""
        if self.pid is None:
            return
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:  # it has not made its group yet
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def close(self) -> None:
        """Close the connection and the streams of a kernel that was not forked."""
        self.connection.close()
        while self.streams:
            os.close(self.streams.pop())


class Server:
    """Accepts leases, forks kernels, reaps them.

    Parameters
    ----------
    listener : socket.socket
        Where the owner connects.
    owner : socket.socket
        The socket whose end means that the owner is gone.
    owner_pid : int
        The owner's process: watched as well, since a process it forked may hold the socket open.
    foresee : callable
        Told the cells a kernel is going to run, before it is forked.
    """

    def __init__(
        self,
        listener: socket.socket,
        owner: socket.socket,
        owner_pid: int,
        foresee: Callable[[Sequence[str]], None],
    ) -> None:
        self._selector = selectors.DefaultSelector()
        self._open: list[socket.socket] = [listener, owner]
        self._leases: set[int] = set()
        self._kernels: dict[int, Lease] = {}
        self._born: tuple[ForkRequest, Lease] | None = None
        self._foresee = foresee
        self._ended = False
        self.orphaned = False
        self._owner = owner
        self._listener = listener
        self._watch(listener, self._accept)
        self._watch(owner, self._hear_owner)
        self._owner_fd = _process_descriptor(owner_pid)
        if self._owner_fd is not None:
            self._selector.register(self._owner_fd, selectors.EVENT_READ, self._lose_owner)
        self._wake_read, self._wake_write = socket.socketpair()
        for end in (self._wake_read, self._wake_write):
            end.setblocking(False)
            self._open.append(end)
        self._watch(self._wake_read, self._reap)

    def serve(self) -> tuple[ForkRequest, Lease] | None:
        """Serve until the owner is gone.

        Returns
        -------
        tuple of ForkRequest and Lease, or None
            None in the template, when all is over; in each forked child, what it was forked for,
            so that a kernel runs on a short stack with nothing of the server's around it.
        """
        signal.set_wakeup_fd(self._wake_write.fileno(), warn_on_full_buffer=False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        while not self._is_over():
            for key, _ in self._selector.select():
                key.data()
                if self._is_over():
                    break
        if self._born is None:
            self._kill_all()
        return self._born

    def _is_over(self) -> bool:
        return self._ended or self._born is not None

    def _watch(self, connection: socket.socket, handler: Callable[[], None]) -> None:
        self._selector.register(connection, selectors.EVENT_READ, handler)

    def _hear_owner(self) -> None:
        try:
            farewell = self._owner.recv(1)
        except ConnectionError:
            farewell = b""
        self.orphaned = not farewell
        self._ended = True

    def _lose_owner(self) -> None:
        self._ended = self.orphaned = True

    def _accept(self) -> None:
        connection, _ = self._listener.accept()
        lease = Lease(connection)
        self._open.append(connection)
        self._watch(connection, lambda: self._hear(lease))

    def _hear(self, lease: Lease) -> None:
        try:
            data, streams, _, _ = socket.recv_fds(lease.connection, 65536, 3)
        except ConnectionError:
            data, streams = b"", []
        lease.streams.extend(streams)
        lease.buffer += data
        if not data:  # the lease is given up, and the kernel with it
            lease.signal(signal.SIGKILL)
            self._forget(lease)
            return
        while b"\n" in lease.buffer and self._born is None:
            line, lease.buffer = lease.buffer.split(b"\n", 1)
            if lease.pid is None:
                self._fork(lease, ForkRequest.decode(line))
            else:
                lease.signal(int(decode(line)["signal"]))

    def _fork(self, lease: Lease, request: ForkRequest) -> None:
        self._foresee(request.cells)
        try:
            pid = os.fork()
        except OSError as error:
            lease.tell(error=str(error))
            self._forget(lease)
            return
        if pid == 0:
            self._leave_to_child(lease)
            self._born = request, lease
            return
        lease.pid = pid
        self._kernels[pid] = lease
        lease.tell(pid=pid)
        while lease.streams:
            os.close(lease.streams.pop())

    def _leave_to_child(self, lease: Lease) -> None:
        # A copy of another kernel's lease would keep that one alive for its owner.
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        if self._owner_fd is not None:
            os.close(self._owner_fd)
        for connection in self._open:
            if connection is not lease.connection:
                connection.close()

    def _reap(self) -> None:
        with contextlib.suppress(BlockingIOError):
            self._wake_read.recv(4096)
        while True:
            try:
                found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
            except ChildProcessError:
                return
            if found is None:
                return
            lease = self._kernels.pop(found.si_pid, None)
            if lease is not None:  # before it is reaped: its number still names its own group
                lease.signal(signal.SIGKILL)
            _, status = os.waitpid(found.si_pid, 0)
            if lease is not None:
                lease.pid = None
                lease.tell(exit=os.waitstatus_to_exitcode(status))
                self._forget(lease)

    def _forget(self, lease: Lease) -> None:
        if lease.connection in self._open:
            self._open.remove(lease.connection)
            self._selector.unregister(lease.connection)
        lease.close()

    def _kill_all(self) -> None:
        for lease in self._kernels.values():
            lease.signal(signal.SIGKILL)
        for pid in self._kernels:
            os.waitpid(pid, 0)


def preload(names: Sequence[str]) -> dict[str, str]:
    """Import what the kernels should find imported.

    Parameters
    ----------
    names : sequence of str
        Module names.

    Returns
    -------
    dict of str to str
        The modules that could not be imported, with the reason; the rest are.
    """
    skipped = {}
    for name in names:
        try:
            importlib.import_module(name)
        except Exception as error:
            skipped[name] = f"{type(error).__name__}: {error}"
    return skipped


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a template process; in its forked children, run the kernel."""
    options = _options(arguments)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})  # the owner holds it back
    owner, template = _take_stdin(), os.getpid()
    path = Path(options.socket)
    with contextlib.suppress(ValueError):  # ``-m`` put the starting directory there
        sys.path.remove(str(path.parent.resolve()))
    os.environ.update(_ONE_THREAD)
    before = dict(os.environ)
    from techalign.warm import kernel

    # the shell first: some libraries ask on import whether they are in a terminal or a kernel
    with kernel.prepare():
        skipped = preload([name for name in options.preload.split(",") if name])
    imported = {name: value for name, value in os.environ.items() if before.get(name) != value}
    try:
        listener = _listen(path)
    except FileNotFoundError:  # the owner has ended and taken its directory along
        os._exit(0)
    gc.collect()
    gc.freeze()
    hello = {"fingerprint": options.fingerprint, "skipped": skipped, "threads": _threads()}
    with contextlib.suppress(BrokenPipeError):  # the server will find the owner gone
        owner.sendall(encode(hello))
    server = Server(listener, owner, options.owner, kernel.foresight())
    born = server.serve()
    if born is None:
        path.unlink(missing_ok=True)
        if server.orphaned:  # nobody else is left to tidy up
            shutil.rmtree(path.parent, ignore_errors=True)
        os._exit(0)  # the exit hooks of what was imported are the kernels' to run
    request, lease = born
    # what importing a module sets, an ordinary kernel would have set too
    request = replace(request, env={**imported, **request.env})
    kernel.run(request, lease.connection, tuple(lease.streams), template)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="techalign.warm.template", description=__doc__)
    parser.add_argument("--socket", required=True, help="where to listen, in a private directory")
    parser.add_argument("--owner", required=True, type=int, help="the process to live for")
    parser.add_argument("--preload", default="", help="modules to import, separated by commas")
    parser.add_argument("--fingerprint", default="", help="of the sources this template imports")
    return parser.parse_args(arguments)


def _take_stdin() -> socket.socket:
    """Return the socket given as standard input, and put the null device in its place."""
    owner = socket.socket(fileno=os.dup(0))
    os.set_inheritable(owner.fileno(), False)
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return owner


def _listen(path: Path) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(path))
    listener.listen(128)
    return listener


def _process_descriptor(pid: int) -> int | None:
    """Return a descriptor that becomes readable when a process ends; None on an old system."""
    try:
        return os.pidfd_open(pid)
    except (AttributeError, OSError):
        return None


def _threads() -> int:
    """Return how many threads the system sees, those of C libraries included."""
    return sum(1 for _ in Path("/proc/self/task").iterdir())


if __name__ == "__main__":
    # The kernel puts its own module in the place of ``__main__``; what runs on must not be it.
    from techalign.warm.template import main as main_of_module

    main_of_module()
