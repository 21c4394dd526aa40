"""The kernel's two halves: what a template does once, and what each forked child does.

An ordinary ``ipykernel`` spends 75-150 ms of CPU on starting after its imports: reading profiles,
building the interactive shell with its magics and history, listing modules for the debugger. All
of that is the same for every kernel of one template, so :func:`prepare` does it before the fork.
:func:`run` then does what differs: identity, environment, sockets, threads.

A forked kernel must look like a fresh interpreter. What a fork copies and a fresh interpreter
would not share is renewed in :func:`_renew`: random states, the authentication key of
``multiprocessing``, cached directories, time zone. What cannot be renewed after a start - the
secret of string hashing, above all - is the same for all kernels of one template.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import ctypes
import importlib
import inspect
import multiprocessing
import os
import random
import resource
import signal
import socket
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from ipykernel.ipkernel import IPythonKernel
from ipykernel.kernelapp import IPKernelApp
from IPython.core.application import (
    ENV_CONFIG_DIRS,
    SYSTEM_CONFIG_DIRS,
    BaseIPythonApplication,
)
from tornado.ioloop import IOLoop
from traitlets import Type

from techalign.warm.cells import foresee
from techalign.warm.protocol import ForkRequest, encode
from techalign.warm.wire import WirePublisher, WireSession, WireStream, converse

__all__ = ["WarmKernel", "WarmKernelApp", "foresight", "prepare", "run"]

#: Imported by a kernel only when it starts, runs its first cell or ends.
_IMPORTED_LATE = (
    "IPython.core.completerlib",
    "IPython.core.magics",
    "IPython.core.pylabtools",
    "IPython.extensions.storemagic",
    "asyncio",
    "faulthandler",
    "ipykernel.debugger",
    "tornado.platform.asyncio",
)

_LIBC = ctypes.CDLL(None)
_PR_SET_PDEATHSIG = 1
#: Bytes beyond a memory limit in which a kernel that has reached it can say so.
_MEMORY_TO_TELL = 64 * 1024 * 1024
_LAST_REPLY_SECONDS = 2.0
#: For what a notebook left running to end by itself, before it is killed.
_GRACE_SECONDS = 0.1
#: Pages a cell takes anew, 4 KiB each, from which on what it freed of them is given back.
_MANY_PAGES = 250


class _NoDebugger:
    """Stands for the debugger, whose sockets a template cannot hold open."""

    def __init__(self, *_: object) -> None:
        self.breakpoint_list: dict[str, Any] = {}


class WarmKernel(IPythonKernel):  # type: ignore[misc]
    """An IPython kernel built without sockets, and given them later.

    The application makes its kernel by calling :meth:`instance` with sockets and streams. In the
    template that builds the one kernel; in a child it hands the sockets to the kernel built.
    """

    debugger_class = Type(_NoDebugger)

    @classmethod
    def instance(cls, *args: Any, **kwargs: Any) -> WarmKernel:
        """Return the kernel; the first call builds it, a later one with arguments connects it."""
        built = cls.initialized()
        kernel: WarmKernel = super().instance(*args, **kwargs)
        if built and kwargs:
            kernel._connect(kwargs)
        return kernel

    def _connect(self, traits: dict[str, Any]) -> None:
        for name in traits.keys() - {"parent", "profile_dir", "user_ns", "log"}:
            setattr(self, name, traits[name])
        self.ident = str(uuid.uuid4())
        self._stdout, self._stderr = sys.stdout, sys.stderr
        shell = self.shell
        shell.init_environment()
        shell.history_manager.dir_hist[:] = [Path.cwd()]
        shell.displayhook.session = shell.display_pub.session = self.session
        shell.displayhook.pub_socket = shell.display_pub.pub_socket = self.iopub_socket
        shell.displayhook.topic = self._topic("execute_result")
        if session_name := os.environ.get("JPY_SESSION_NAME"):
            shell.user_ns["__session__"] = session_name

    def start(self) -> None:
        """Begin to serve."""
        if isinstance(self.session, WireSession):  # no debugger can be reached, none is missed
            self.shell.exit_now = False
            super(IPythonKernel, self).start()
        else:
            super().start()

    @property
    def _supports_kernel_subshells(self) -> bool:
        return not isinstance(self.session, WireSession) and super()._supports_kernel_subshells

    async def execute_request(self, stream: Any, ident: Any, parent: Any) -> None:
        """Run a cell; a kernel too short of memory to answer ends instead of staying silent."""
        pages = _pages_taken()
        try:
            await super().execute_request(stream, ident, parent)
        except MemoryError:
            os.kill(os.getpid(), signal.SIGKILL)
        if _pages_taken() - pages > _MANY_PAGES:
            _give_back()

    def _abort_queues(self, subshell_id: str | None = None) -> None:
        # after an error, requests that are queued are refused; a conversation has no queue
        if not isinstance(self.session, WireSession):
            super()._abort_queues(subshell_id)

    async def do_shutdown(self, restart: bool) -> dict[str, Any]:
        """End; a coroutine, so that a notebook that turns warnings into errors ends too."""
        reply: dict[str, Any] = super().do_shutdown(restart)
        return reply

    async def _progressively_terminate_all_children(self) -> None:
        # ipykernel walks all processes of the machine, and waits seconds for those that have ended
        # but were not waited for. The template kills the whole group right after the kernel's end.
        if _has_children():
            self._signal_children(signal.SIGTERM)
            await asyncio.sleep(_GRACE_SECONDS)


class WarmKernelApp(IPKernelApp):  # type: ignore[misc]
    """The kernel application with its configuration read and its kernel built before the fork."""

    kernel_class = Type(WarmKernel)
    _prepared = False
    _has_startup_code = True
    #: The owner's end of this, if the kernel is to speak to its owner alone.
    connection: socket.socket | None = None

    def prepare(self) -> None:
        """Read profile and configuration, build kernel and shell, load extensions."""
        BaseIPythonApplication.initialize(self, [])
        # A history database is a file and a thread, and nobody recalls a batch's input.
        self.config.HistoryManager.enabled = False
        self.config.IPKernelApp.parent_handle = 1
        # 1 stands for init: the app is quiet and polls for no parent. Dying with it is seen to.
        self.parent_handle = 1
        kernel = self.kernel_class.instance(
            parent=self, log=self.log, profile_dir=self.profile_dir, user_ns=self.user_ns
        )
        self.shell = kernel.shell
        self.init_pdb()
        self.init_extensions()
        self.log.setLevel(self.log_level)  # or each debug message is composed and then dropped
        self._has_startup_code = _has_startup_code(self)
        if not self._has_startup_code:
            self.init_code()
        self._prepared = True

    def parse_command_line(self, argv: list[str] | None = None) -> None:
        """Do nothing in a child: `prepare` has parsed what there is."""
        if not self._prepared:
            super().parse_command_line(argv)

    def init_profile_dir(self) -> None:
        """Do nothing in a child, as above."""
        if not self._prepared:
            super().init_profile_dir()

    def init_config_files(self) -> None:
        """Do nothing in a child, as above."""
        if not self._prepared:
            super().init_config_files()

    def load_config_file(self, suppress_errors: bool = True) -> None:
        """Do nothing in a child, as above."""
        if not self._prepared:
            super().load_config_file(suppress_errors=suppress_errors)

    def init_pdb(self) -> None:
        """Do nothing in a child, as above."""
        if not self._prepared:
            super().init_pdb()

    def init_extensions(self) -> None:
        """Do nothing in a child, as above."""
        if not self._prepared:
            super().init_extensions()

    def init_connection_file(self) -> None:
        """Read the connection file, which is always there where it is needed."""
        if self.connection is None:
            self.load_connection_file()

    def init_code(self) -> None:
        """Run the user's startup files in the child, if there are any; they may do anything."""
        if not self._prepared or self._has_startup_code:
            super().init_code()

    def init_sockets(self) -> None:
        """Bind sockets, or speak through the one connection."""
        if self.connection is None:
            super().init_sockets()
            return
        self.session = WireSession(parent=self)
        self.session.attach(self.connection)
        self.iopub_thread = WirePublisher()
        self.outstream_class = f"{WireStream.__module__}.WireStream"
        self.iopub_socket = None

    def init_heartbeat(self) -> None:
        """Start the heartbeat, if someone can listen to it."""
        if self.connection is None:
            super().init_heartbeat()

    def write_connection_file(self, **kwargs: Any) -> None:
        """Tell others the sockets, if there are any."""
        if self.connection is None:
            super().write_connection_file(**kwargs)

    def init_kernel(self) -> None:
        """Give the kernel that was built before the fork its sockets or its connection."""
        if self.connection is None:
            super().init_kernel()
            return
        kernel = self.kernel_class.instance(
            session=self.session,
            iopub_thread=self.iopub_thread,
            iopub_socket=None,
            # only asked which thread is the shell's
            shell_channel_thread=SimpleNamespace(parent_thread=threading.current_thread()),
        )
        kernel._execute_sleep = 0  # it lets messages settle; these are in order
        self.kernel = kernel
        self.displayhook.get_execution_count = lambda: kernel.execution_count


def prepare() -> contextlib.AbstractContextManager[Any]:
    """Do in the template all that kernels have in common, starting no thread.

    Returns
    -------
    context manager
        While it is entered, imported code finds itself in a kernel, as it does in a cell.
    """
    for name in _IMPORTED_LATE:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    app = WarmKernelApp.instance()
    app.prepare()
    _settle(app.shell)
    IOLoop(make_current=False).close()  # the first one sets up tornado's classes
    trap: contextlib.AbstractContextManager[Any] = app.shell.builtin_trap
    return trap


def _settle(shell: Any) -> None:
    """Make what a shell makes when it is first asked, and note what it asks for each cell."""
    formatter = shell.display_formatter
    for name in ("formatters", "mimebundle_formatter", "ipython_display_formatter"):
        getattr(formatter, name)
    for method in (type(shell).run_cell, type(shell).run_cell_async):
        method.__signature__ = inspect.signature(method)


def foresight() -> Callable[[Sequence[str]], None]:
    """Return what looks at cells before the kernels that are to run them are forked."""
    return foresee(WarmKernelApp.instance().shell)


def run(
    request: ForkRequest, lease: socket.socket, streams: tuple[int, ...], template: int
) -> None:
    """Be a kernel until it is shut down; never returns.

    Parameters
    ----------
    request : ForkRequest
        What kernel to be.
    lease : socket.socket
        Told when the kernel's sockets are bound, then closed.
    streams : tuple of int
        Descriptors to use as stdout and stderr, and for a conversation.
    template : int
        The process to die with.
    """
    status = 1
    app = WarmKernelApp.instance()
    try:
        _detach(template, streams[:2])
        _renew(request)
        app.connection_file = request.connection_file
        if request.conversation:
            app.connection = socket.socket(fileno=streams[2])
        app.initialize([])
        if request.memory_limit is not None:
            _limit_memory(request.memory_limit, app.shell)
        # told from within the loop: by then the streams of all channels listen
        IOLoop.current().add_callback(_tell_ready, lease)
        if app.connection is not None:
            IOLoop.current().add_callback(converse, app.kernel, app.connection)
        app.start()
        status = 0
    except SystemExit as stop:
        status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
    except BaseException:
        sys.__excepthook__(*sys.exc_info())
    _leave(app, status)


def _tell_ready(lease: socket.socket) -> None:
    with lease:
        lease.sendall(encode({"ready": True}))


def _detach(template: int, streams: tuple[int, ...]) -> None:
    os.setsid()
    _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != template:  # it died before we asked to be told
        os._exit(1)
    for target, stream in zip((1, 2), streams, strict=True):
        os.dup2(stream, target)
        os.close(stream)


def _renew(request: ForkRequest) -> None:
    """Make what a fork has copied what it would be in a fresh interpreter."""
    for name in os.environ.keys() - request.env.keys():
        del os.environ[name]
    for name, value in request.env.items():
        if os.environ.get(name) != value:
            os.environ[name] = value
    os.chdir(request.cwd)
    sys.argv = list(request.argv)
    time.tzset()
    tempfile.tempdir = None
    random.seed()
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed()
    multiprocessing.current_process().authkey = os.urandom(32)


def _limit_memory(extra: int, shell: Any) -> None:
    """Limit memory, with some kept back in which to tell of the error."""
    limit = _private_writable() + extra
    ends = limit, limit + _MEMORY_TO_TELL
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        ends = min(ends[0], hard), min(ends[1], hard)
    resource.setrlimit(resource.RLIMIT_DATA, ends)
    tell = shell.showtraceback

    def showtraceback(*arguments: Any, **options: Any) -> Any:
        if isinstance(sys.exc_info()[1], MemoryError):
            resource.setrlimit(resource.RLIMIT_DATA, (ends[1], ends[1]))
        return tell(*arguments, **options)

    shell.showtraceback = showtraceback


def _private_writable() -> int:
    """Return this process's private writable memory, in bytes, as ``RLIMIT_DATA`` counts it."""
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * 1024
    return 0


def _pages_taken() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def _give_back() -> None:
    """Give the system what was freed in the middle of the heap, where glibc keeps it for good."""
    with contextlib.suppress(AttributeError, OSError):  # another C library
        _LIBC.malloc_trim(0)


def _has_children() -> bool:
    try:
        return any(
            (task / "children").read_bytes().strip() for task in Path("/proc/self/task").iterdir()
        )
    except OSError:  # a system that does not list them
        return True


def _has_startup_code(app: WarmKernelApp) -> bool:
    folders = [Path(app.profile_dir.startup_dir)]
    folders += [Path(parent) / "startup" for parent in (*ENV_CONFIG_DIRS, *SYSTEM_CONFIG_DIRS)]
    scripts = (
        file for folder in folders for kind in ("*.py", "*.ipy") for file in folder.glob(kind)
    )
    configured = (app.exec_lines, app.exec_files, app.code_to_run, app.file_to_run)
    startup = app.exec_PYTHONSTARTUP and os.environ.get("PYTHONSTARTUP")
    return any(configured) or bool(app.module_to_run or startup) or any(scripts)


def _leave(app: WarmKernelApp, status: int) -> None:
    """End as an interpreter does, short of freeing everything it ever imported."""
    # The control thread may be flushing output through the thread that the exit hooks stop
    # first; it would then wait ten seconds for an answer.
    if app.control_thread is not None and app.control_thread.is_alive():
        app.control_thread.stop()
        app.control_thread.join(_LAST_REPLY_SECONDS)
    with contextlib.suppress(BaseException):
        threading._shutdown()  # type: ignore[attr-defined]
    with contextlib.suppress(BaseException):
        atexit._run_exitfuncs()
    for stream in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__):
        with contextlib.suppress(BaseException):
            if stream is not None:
                stream.flush()
    os._exit(status)
