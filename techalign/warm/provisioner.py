"""A Jupyter kernel provisioner that forks kernels from a warm template process.

It is a drop-in for jupyter_client's local provisioner: a kernelspec may name it
(``"metadata": {"kernel_provisioner": {"provisioner_name": "techalign-fork"}}``), or a kernel
manager may be given one. Where a fork would be unsafe or would not be the kernel asked for, it
says so once, with :class:`ColdKernelWarning`, and starts an ordinary kernel.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import signal
import socket
import sys
import warnings
from pathlib import Path
from typing import Any

from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Bool, Int, Unicode
from traitlets import List as ListTrait

from techalign.warm.lease import KernelLease, TemplateError
from techalign.warm.owner import DEFAULT_PRELOAD, Template, TemplateSettings, shared
from techalign.warm.protocol import ForkRequest

__all__ = ["ColdKernelWarning", "ForkProvisioner", "why_not_fork"]

_LAUNCHER = ["-m", "ipykernel_launcher", "-f"]
_HARMLESS = "--HistoryManager.hist_file="


class ColdKernelWarning(RuntimeWarning):
    """A kernel was started the ordinary way, because it could not be forked."""


class ForkProvisioner(LocalProvisioner):  # type: ignore[misc]
    """Provides kernels forked from a template process that this process's kernels share."""

    preload: Any = ListTrait(
        Unicode(), help="Modules the template imports; missing ones are skipped."
    ).tag(config=True)
    watch: Any = ListTrait(
        Unicode(),
        default_value=None,
        allow_none=True,
        help="Packages whose sources make the template stale; None: the preloaded ones that are "
        "not in site-packages.",
    ).tag(config=True)
    files: Any = ListTrait(Unicode(), help="Further files to watch, such as a lock file.").tag(
        config=True
    )
    apart: Any = Unicode(help="Kernels that differ in this share no template.").tag(config=True)
    memory_limit: Any = Int(
        None, allow_none=True, help="Bytes of private memory a kernel may add to the template's."
    ).tag(config=True)

    conversation: Any = Bool(
        False, help="Whether a forked kernel speaks to this process alone, without ZeroMQ."
    ).tag(config=True)
    cells: Any = ListTrait(
        Unicode(), help="Code the kernel is going to run, if known: looked at before it is forked."
    ).tag(config=True)
    #: This process's end of a conversation, once a kernel has been forked for one.
    connection: socket.socket | None = None

    _lease: KernelLease | None = None
    _template: Template | None = None

    def _preload_default(self) -> list[str]:
        named = os.environ.get("TECHALIGN_PRELOAD")
        return list(DEFAULT_PRELOAD) if named is None else [n for n in named.split(",") if n]

    @property
    def settings(self) -> TemplateSettings:
        """The template this provisioner wants."""
        watch = None if self.watch is None else tuple(self.watch)
        return TemplateSettings(tuple(self.preload), watch, tuple(self.files), self.apart)

    @property
    def template_lost(self) -> bool:
        """Whether the kernel ended because its template was killed."""
        return self._lease is not None and self._lease.lost

    @property
    def has_process(self) -> bool:
        """Whether a kernel is being managed."""
        return self._lease is not None or bool(super().has_process)

    async def pre_launch(self, **kwargs: Any) -> dict[str, Any]:
        """Find a template, place the connection file beside its socket, build the command."""
        await self._find_template(kwargs)
        prepared: dict[str, Any] = await super().pre_launch(**kwargs)
        return prepared

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> Any:
        """Fork a kernel, or start an ordinary one where that is not possible."""
        kwargs["env"]["JPY_PARENT_PID"] = str(os.getpid())
        if self._template is not None:
            cwd = kwargs.get("cwd") or str(Path.cwd())
            if not Path(cwd).is_dir():
                raise FileNotFoundError(f"the kernel's working directory does not exist: {cwd}")
            streams = (_stream(kwargs, "stdout"), _stream(kwargs, "stderr"))
            request = ForkRequest(
                connection_file=cmd[cmd.index("-f") + 1],
                argv=(_launcher_path(), *cmd[cmd.index("-f") :]),
                cwd=str(cwd),
                env=kwargs["env"],
                memory_limit=self.memory_limit,
                conversation=self.conversation,
                cells=tuple(self.cells),
            )
            if self.conversation:
                self.connection, theirs = socket.socketpair()
                with theirs:
                    await self._fork(request, (*streams, theirs.fileno()))
            else:
                await self._fork(request, streams)
            self.cwd = cwd
            return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)

    async def poll(self) -> int | None:
        """Return the exit status if the kernel has ended."""
        if self._lease is not None:
            return self._lease.poll()
        status: int | None = await super().poll()
        return status

    async def wait(self) -> int | None:
        """Wait until the kernel has ended."""
        if self._lease is None:
            status: int | None = await super().wait()
            return status
        ended = await self._lease.wait()
        self._let_go()
        return ended

    async def wait_for_end(self) -> None:
        """Wait until the kernel has ended, and keep what is known of it."""
        if self._lease is not None:
            await self._lease.wait()
            return
        while await super().poll() is None:
            await asyncio.sleep(0.1)

    async def send_signal(self, signum: int) -> None:
        """Send a signal to the kernel's process group."""
        if self._lease is not None:
            self._lease.signal(signum)
        else:
            await super().send_signal(signum)

    async def kill(self, restart: bool = False) -> None:
        """Kill the kernel and what it started."""
        if self._lease is not None:
            self._lease.signal(signal.SIGKILL)
        else:
            await super().kill(restart=restart)

    async def terminate(self, restart: bool = False) -> None:
        """Ask the kernel's process group to end."""
        if self._lease is not None:
            self._lease.signal(signal.SIGTERM)
        else:
            await super().terminate(restart=restart)

    async def cleanup(self, restart: bool = False) -> None:
        """Give up the kernel, if it is still there, and its ports."""
        self._let_go()
        await super().cleanup(restart=restart)

    async def _find_template(self, kwargs: dict[str, Any]) -> None:
        self._template = None
        extra = kwargs.get("extra_arguments", [])
        reason = why_not_fork(self.kernel_spec, extra, kwargs)
        if reason is None:
            # in a thread: a template takes seconds to start, and other kernels may be running
            env = kwargs.get("env", os.environ)
            try:
                self._template = await asyncio.to_thread(shared().get, self.settings, dict(env))
            except TemplateError as error:
                reason = str(error)
        manager = self.parent
        if manager is not None and manager.transport == "ipc" and not manager.connection_file:
            if self._template is None:
                manager.transport = "tcp"
            else:
                name = f"{self.kernel_id[:13]}.json"
                manager.connection_file = str(shared().directory / name)
        # one in another language is an ordinary kernel as a matter of course
        if reason is not None and str(self.kernel_spec.language).lower() == "python":
            warnings.warn(f"ordinary kernel: {reason}", ColdKernelWarning, stacklevel=2)

    async def _fork(self, request: ForkRequest, streams: tuple[int, ...]) -> None:
        assert self._template is not None
        try:
            await self._lease_kernel(self._template, request, streams)
        except ConnectionError:  # it was killed: once, start another
            await asyncio.to_thread(shared().discard, self._template)
            self._template = await asyncio.to_thread(shared().get, self.settings, request.env)
            await self._lease_kernel(self._template, request, streams)

    async def _lease_kernel(
        self, template: Template, request: ForkRequest, streams: tuple[int, ...]
    ) -> None:
        lease = template.lease()
        try:
            await lease.fork(request, streams)
        except BaseException:
            lease.close()
            raise
        self._lease = lease
        self.pid = self.pgid = lease.pid

    def _let_go(self) -> None:
        if self._lease is not None:
            self._lease.close()
            self._lease = None


def why_not_fork(
    kernel_spec: Any, extra_arguments: list[str] | tuple[str, ...] = (), options: Any = None
) -> str | None:
    """Return why a kernel cannot be forked from this interpreter, or None if it can.

    Parameters
    ----------
    kernel_spec : jupyter_client.kernelspec.KernelSpec
        The kernel asked for.
    extra_arguments : sequence of str
        Command-line arguments added to the kernelspec's.
    options : mapping, optional
        What the kernel's process is to be started with, as for :class:`subprocess.Popen`.

    Returns
    -------
    str or None
        One clause.
    """
    if sys.platform != "linux":
        return f"forking an interpreter is not safe on {sys.platform}"
    if str(kernel_spec.language).lower() != "python":
        return f"the notebook's language is {kernel_spec.language}, not Python"
    interpreter, *arguments = kernel_spec.argv
    if not _is_this_interpreter(interpreter):
        return f"the kernel's interpreter is {interpreter}, not {sys.executable}"
    rest = [argument for argument in arguments if argument != "-Xfrozen_modules=off"]
    if rest != [*_LAUNCHER, "{connection_file}"]:
        return f"the kernel is started by {' '.join(arguments)}"
    foreign = [argument for argument in extra_arguments if not argument.startswith(_HARMLESS)]
    if foreign:
        return f"the template does not have the options {' '.join(foreign)}"
    known = {"env", "cwd", "stdout", "stderr", "extra_arguments", "kernel_id"}
    given = options or {}
    unknown = {name for name in given if name not in known and given[name] is not None}
    unknown |= {
        name
        for name in ("stdout", "stderr")
        if isinstance(given.get(name), int) and given[name] < 0
    }
    if unknown:
        return f"a fork cannot be given {', '.join(sorted(unknown))}"
    return None


def _is_this_interpreter(name: str) -> bool:
    names = {
        "python",
        f"python{sys.version_info[0]}",
        f"python{sys.version_info[0]}.{sys.version_info[1]}",
    }
    if name in names:  # jupyter_client takes these to mean its own interpreter
        return True
    path, here = Path(name).absolute(), Path(sys.executable).absolute()
    # not resolved: the interpreters of two environments are links to one file
    return path == here or (path.parent == here.parent and path.name in names)


def _launcher_path() -> str:
    """Return what an ordinary kernel has as ``sys.argv[0]``, without importing it."""
    spec = importlib.util.find_spec("ipykernel_launcher")
    return str(spec.origin) if spec is not None else ""


def _stream(kwargs: dict[str, Any], name: str) -> int:
    stream = kwargs.get(name)
    if stream is None:
        return 1 if name == "stdout" else 2
    return stream if isinstance(stream, int) else int(stream.fileno())
