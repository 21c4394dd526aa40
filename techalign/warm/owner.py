"""The owner's side of a template process: starting it, borrowing kernels, ending it.

A process has one :class:`Templates`, made on first use and closed at exit; :func:`shared` returns
it. It is the package's only process-wide state, and there must be one: kernels of different
notebooks share a template exactly because their provisioners, which know nothing of each other,
find the same one.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from techalign.warm.fingerprint import fingerprint, own_packages
from techalign.warm.lease import KernelLease, TemplateError
from techalign.warm.protocol import decode, startup_environment

__all__ = ["DEFAULT_PRELOAD", "Template", "TemplateSettings", "Templates", "shared"]

#: What most notebooks about data import, apart from what a template imports when a cell first
#: does (:mod:`techalign.warm.cells`). A comma-separated ``TECHALIGN_PRELOAD`` replaces it; who runs
#: many notebooks of one kind names their modules in :class:`TemplateSettings`.
DEFAULT_PRELOAD = (
    "numpy",
    "pandas",
    "scipy",
)
"""Modules that a template imports before it is forked."""

_START_SECONDS = 120.0
_STOP_SECONDS = 5.0
#: A Unix socket's path may have 107 bytes; our folder and the kernel's name take 44.
_LONGEST_FOLDER = 60


@dataclass(frozen=True)
class TemplateSettings:
    """What a template imports, and which changes make it stale.

    Parameters
    ----------
    preload : tuple of str
        Modules to import before any kernel is forked; those missing are skipped. None may start
        a thread on import, and nothing may be drawn.
    watch : tuple of str or None
        Packages whose source files, when edited, make the template stale. None: those of
        `preload` that do not lie in site-packages.
    files : tuple of str
        Further files to watch, such as a lock file.
    apart : str
        A template is shared only by kernels that give the same text here: one that may be killed
        need not take others with it.
    """

    preload: tuple[str, ...] = ()
    watch: tuple[str, ...] | None = None
    files: tuple[str, ...] = ()
    apart: str = ""

    def covers(self, other: TemplateSettings) -> bool:
        """Whether a template with these settings serves whoever wants one with the others."""
        same = replace(self, preload=other.preload)
        return same == other and set(other.preload) <= set(self.preload)

    def fingerprint(self) -> str:
        """Return the present state of the watched sources."""
        watch = own_packages(self.preload) if self.watch is None else self.watch
        return fingerprint(watch, self.files)


class Template:
    """A template process, starting or running.

    Parameters
    ----------
    settings : TemplateSettings
        What it imports.
    startup : mapping of str to str
        Variables that take effect only when an interpreter starts; they replace this process's.
    path : Path
        Where it is to listen.

    Attributes
    ----------
    skipped : dict of str to str
        Once it is ready: the modules it could not import, with the reason.
    """

    def __init__(self, settings: TemplateSettings, startup: Mapping[str, str], path: Path) -> None:
        self.fingerprint = settings.fingerprint()
        self._path = path
        self._leases = 0
        self._retired = False
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self.skipped: dict[str, str] | None = None
        self._owner, theirs = socket.socketpair()
        command = [sys.executable, "-m", "techalign.warm.template"]
        command += ["--socket", str(path), "--owner", str(os.getpid())]
        command += ["--preload", ",".join(settings.preload), "--fingerprint", self.fingerprint]
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own module, our own arguments
                command,
                stdin=theirs.fileno(),
                cwd=path.parent,
                env=_template_environment(startup),
                start_new_session=True,
            )

    def wait_until_ready(self) -> None:
        """Wait until it can be asked for kernels.

        Raises
        ------
        TemplateError
            If it does not come up, or has threads that a fork would not survive.
        """
        with self._starting:
            if self.skipped is None:
                try:
                    self.skipped = self._hear_hello()
                except BaseException:
                    self.close()
                    raise

    @property
    def pid(self) -> int:
        """The template's process."""
        return self._process.pid

    def is_running(self) -> bool:
        """Whether it can be asked for kernels."""
        return not self._retired and self._process.poll() is None

    def lease(self) -> KernelLease:
        """Open a connection for one kernel; raises ConnectionError if the template is gone."""
        connection = socket.socket(socket.AF_UNIX)
        try:
            connection.connect(str(self._path))
        except BaseException as error:
            connection.close()
            if isinstance(error, FileNotFoundError):
                raise ConnectionResetError("the kernel template has gone") from error
            raise
        with self._lock:
            self._leases += 1
        return KernelLease(connection, self.release, self.wake)

    def wake(self) -> None:
        """Let it go on if something has stopped it; otherwise this does nothing."""
        if self._process.returncode is None:  # or its number might be another's
            with contextlib.suppress(OSError):
                os.kill(self._process.pid, signal.SIGCONT)

    def release(self) -> None:
        """Count one kernel fewer; a retired template ends with its last one."""
        with self._lock:
            self._leases -= 1
            last = self._retired and self._leases == 0
        if last:
            self.close()

    def retire(self) -> None:
        """Take no more requests, and end when the kernels there are have ended."""
        with self._lock:
            self._retired = True
            idle = self._leases == 0
        if idle:
            self.close()

    def close(self) -> None:
        """End the process, its kernels and its socket."""
        self._retired = True
        with contextlib.suppress(OSError):  # without a farewell it takes its owner for dead
            self._owner.sendall(b".")
        self._owner.close()
        if self.skipped is None:  # it would hear that only when it has imported everything
            self._process.kill()
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._path.unlink(missing_ok=True)

    def forget(self) -> None:
        """Let go of it in a process forked from its owner: it is not this one's to end."""
        self._owner.close()
        self._process.returncode = 0

    def _hear_hello(self) -> dict[str, str]:
        self._owner.settimeout(_START_SECONDS)
        line = b""
        while not line.endswith(b"\n"):
            try:
                data = self._owner.recv(65536)
            except TimeoutError:
                raise TemplateError("the kernel template did not start in time") from None
            except OSError:
                data = b""
            if not data:
                raise TemplateError("the kernel template ended while starting")
            line += data
        hello = decode(line)
        if hello["threads"] > 1:
            raise TemplateError(
                f"a preloaded module started {hello['threads'] - 1} thread(s), and a process "
                "with threads cannot be forked safely"
            )
        skipped: dict[str, str] = hello["skipped"]
        return skipped


class Templates:
    """The templates of one process, one for each combination of settings and environment."""

    def __init__(self) -> None:
        self._running: dict[tuple[TemplateSettings, frozenset[tuple[str, str]]], Template] = {}
        self._lock = threading.Lock()
        self._directory: Path | None = None
        self._started = 0

    @property
    def directory(self) -> Path:
        """A directory of this user's alone, for the sockets of templates and kernels.

        This process removes it at exit; if it is killed, its templates do.
        """
        if self._directory is None or not self._directory.is_dir():
            self._directory = _private_directory()
        return self._directory

    def get(self, settings: TemplateSettings, env: Mapping[str, str]) -> Template:
        """Return a template that is ready and imported the sources as they are now.

        Parameters
        ----------
        settings, env
            As for :meth:`begin`.

        Raises
        ------
        TemplateError
            If one has to be started and cannot be.
        """
        template = self.begin(settings, env)
        try:
            template.wait_until_ready()
        except TemplateError:
            self.discard(template)
            raise
        return template

    def begin(self, settings: TemplateSettings, env: Mapping[str, str]) -> Template:
        """Start a template if there is none of the sources as they are now, and do not wait.

        One that has imported more than is wanted serves as well.

        Parameters
        ----------
        settings : TemplateSettings
            What to have imported.
        env : mapping of str to str
            The environment of the kernel wanted; those of its variables that only an interpreter's
            start can heed choose the template.

        Returns
        -------
        Template
            The one started, now or before.
        """
        startup = startup_environment(env)
        with self._lock:
            settings = self._fullest(settings, startup)
            key = settings, frozenset(startup.items())
            template = self._running.get(key)
            if template is not None and template.is_running():
                if template.fingerprint == settings.fingerprint():
                    return template
                template.retire()
            elif template is not None:
                template.close()
            self._running.pop(key, None)
            self._started += 1
            with _undisturbed():
                path = self.directory / f"template-{self._started}"
                template = self._running[key] = Template(settings, startup, path)
            return template

    def _fullest(self, settings: TemplateSettings, startup: Mapping[str, str]) -> TemplateSettings:
        """Settings of a running template that has imported all of this and more, or the same."""
        for running, variables in self._running:
            if variables == frozenset(startup.items()) and running.covers(settings):
                return running
        return settings

    def discard(self, template: Template) -> None:
        """End a template that was found dead; the system may be slower to tell that it is."""
        with self._lock:
            self._running = {
                key: kept for key, kept in self._running.items() if kept is not template
            }
        template.close()

    def end(self, settings: TemplateSettings) -> None:
        """End the templates with these settings, and their kernels."""
        with self._lock:
            wanted = [key for key in self._running if key[0] == settings]
            ended = [self._running.pop(key) for key in wanted]
        for template in ended:
            template.close()

    def close(self) -> None:
        """End all templates and their kernels."""
        with self._lock:
            while self._running:
                self._running.popitem()[1].close()
            if self._directory is not None:
                shutil.rmtree(self._directory, ignore_errors=True)
                self._directory = None

    def forget(self) -> None:
        """Start anew in a process forked from the owner."""
        self._lock = threading.Lock()
        self._directory = None
        while self._running:
            self._running.popitem()[1].forget()


@functools.cache
def shared() -> Templates:
    """Return this process's templates; closed when it exits, renewed in what it forks."""
    templates = Templates()
    atexit.register(templates.close)
    os.register_at_fork(after_in_child=templates.forget)
    return templates


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back: now a directory or a process would be left that nobody knows of."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _template_environment(startup: Mapping[str, str]) -> dict[str, str]:
    fixed = startup_environment(os.environ)
    return {name: value for name, value in os.environ.items() if name not in fixed} | dict(startup)


def _private_directory() -> Path:
    """Make a directory of this user's alone, with a name short enough for sockets."""
    base = tempfile.gettempdir()
    if len(os.fsencode(base)) > _LONGEST_FOLDER:
        base = "/tmp"  # noqa: S108 - mkdtemp makes it private
    return Path(tempfile.mkdtemp(prefix="techalign-warm-", dir=base))
