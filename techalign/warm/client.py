"""Kernel manager and notebook client without their fixed waits and writes.

jupyter_client and nbclient are written for kernels that take half a second to start, and wait in
steps of that order: 0.2 s to see that no message is left, 0.1 s between two looks at a dying
kernel, 1 s between two looks at a running one, 10 ms so that a test can see a state. A forked
kernel tells when it is ready and when it has ended, so the classes here wait for that instead.
They work with any kernel; with an ordinary one they merely look more often.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import uuid
from collections.abc import Mapping
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from jupyter_client import AsyncKernelManager
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbclient.util import run_sync
from nbformat import from_dict
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NotebookExecutionManager
from traitlets import Dict, Unicode

from techalign.warm.conversation import Conversation
from techalign.warm.provisioner import ForkProvisioner

__all__ = [
    "SparingExecutionManager",
    "TemplateLostError",
    "WarmKernelManager",
    "WarmNotebookClient",
]

_OF_ONE_RUN = "injected-parameters"

#: The parts of each kind of output, as nbformat has them.
_SHAPES = {
    "stream": ("name", "text"),
    "display_data": ("metadata", "data"),
    "execute_result": ("metadata", "data", "execution_count"),
    "error": ("ename", "evalue", "traceback"),
}
#: After a kernel's death, how long messages it sent before may still be on their way, seconds.
_LAST_WORDS = 0.1


class TemplateLostError(DeadKernelError):  # type: ignore[misc]
    """The template of a kernel was killed, and the kernel with it: another may be tried."""


class WarmKernelManager(AsyncKernelManager):  # type: ignore[misc]
    """A manager of one kernel, forked if possible and then spoken to through one Unix socket."""

    provisioner: Any
    kernel_id: Any
    _ready: Any
    _conversation: Conversation | None = None
    fork_options = Dict(help="Traits of the ForkProvisioner to be made.")

    async def pre_start_kernel(self, **kw: Any) -> Any:
        """Put the forking provisioner in place, unless the kernelspec asks for another."""
        metadata = self.kernel_spec.metadata or {}
        if self.provisioner is None and "kernel_provisioner" not in metadata:
            self.transport = "ipc"
            self.kernel_id = self.kernel_id or kw.pop("kernel_id", None) or str(uuid.uuid4())
            self.provisioner = ForkProvisioner(
                kernel_id=self.kernel_id,
                kernel_spec=self.kernel_spec,
                parent=self,
                conversation=True,
                **self.fork_options,
            )
        return await super().pre_start_kernel(**kw)

    async def start_kernel(self, **kw: Any) -> None:
        """Start the kernel."""
        self._attempted_start = True
        self._ready = Future()
        try:
            command, options = await self.pre_start_kernel(**kw)
            await self._launch_kernel(command, **options)
            await self.post_start_kernel(**options)
        except Exception as error:
            self._ready.set_exception(error)
            raise
        self._ready.set_result(None)

    async def shutdown_kernel(self, now: bool = False, restart: bool = False) -> None:
        """End the kernel, after its exit hooks, or at once.

        Unlike the parent this does not interrupt it: an idle kernel has nothing to interrupt and
        may log that it was, so the notebook client does that for a kernel it knows to be busy.
        """
        if not self.owns_kernel:
            return
        self.shutting_down = True
        self.stop_restarter()
        if now:
            await self._kill_kernel()
        else:
            await self.request_shutdown(restart=restart)
            await self.finish_shutdown(restart=restart)
        await self.cleanup_resources(restart=restart)

    async def cleanup_resources(self, restart: bool = False) -> None:
        """Close the connection, if there is one, and remove files."""
        connection = getattr(self.provisioner, "connection", None)
        await super().cleanup_resources(restart=restart)
        if self._conversation is not None:
            self._conversation.stop_channels()
        elif connection is not None:
            connection.close()

    def client(self, **kwargs: Any) -> Any:
        """Return the kernel's conversation, or an ordinary client of an ordinary kernel."""
        connection = getattr(self.provisioner, "connection", None)
        if connection is not None:
            self._conversation = Conversation(connection, self.is_alive)
            return self._conversation
        return super().client(**kwargs)

    def _connect_control_socket(self) -> None:
        # a conversation needs none; it would take two threads and six descriptors for each kernel
        if getattr(self.provisioner, "connection", None) is None:
            super()._connect_control_socket()

    async def request_shutdown(self, restart: bool = False) -> None:
        """Ask the kernel to end."""
        connection = getattr(self.provisioner, "connection", None)
        if connection is None:
            await super().request_shutdown(restart=restart)
            return
        with contextlib.suppress(OSError):  # it has ended by itself
            connection.shutdown(socket.SHUT_WR)
        await self.provisioner.shutdown_requested(restart=restart)

    async def _async_wait(self, pollinterval: float = 0.1) -> None:
        if isinstance(self.provisioner, ForkProvisioner):
            await self.provisioner.wait_for_end()
        else:
            await super()._async_wait(pollinterval=pollinterval)


class SparingExecutionManager(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's record of a run, which saves when it is due rather than at every step."""

    def save(self, **kwargs: Any) -> None:
        """Write the notebook if `autosave_cell_every` seconds have passed since it was written."""
        elapsed = (self.now() - self.last_save_time).total_seconds()
        if self.autosave_cell_every and elapsed >= self.autosave_cell_every:
            self.save_now(**kwargs)

    def cell_complete(self, cell: Any, cell_index: int | None = None, **kwargs: Any) -> None:
        """Take the cell's times down; papermill would parse the one it has written."""
        times = cell.metadata.papermill
        started, times["start_time"] = times["start_time"], None
        super().cell_complete(cell, cell_index=cell_index, **kwargs)
        times["start_time"] = started
        taken = datetime.fromisoformat(times["end_time"]) - datetime.fromisoformat(started)
        times["duration"] = taken.total_seconds()

    def save_now(self, **kwargs: Any) -> None:
        """Write the notebook."""
        super().save(**kwargs)


class WarmNotebookClient(PapermillNotebookClient):  # type: ignore[misc]
    """papermill's notebook client on a :class:`WarmKernelManager`.

    Parameters
    ----------
    nb_man : papermill.engines.NotebookExecutionManager
        The notebook being run.
    fork_options : dict, optional
        Traits of the :class:`~techalign.warm.provisioner.ForkProvisioner`.
    **traits
        As for papermill's client.
    """

    fork_options = Dict(help="Traits of the ForkProvisioner to be made.")
    #: Bytes of output after which the kernel is killed; None for no limit.
    output_limit: int | None = None
    #: Bytes of output so far.
    output_size = 0

    #: After `run_cells`: the cell that failed or was running when the kernel was lost.
    unfinished_cell: int | None = None

    #: The warm kernel keeps no history database, so it need not be told where.
    ipython_hist_file = Unicode("")

    #: Whether a cell has called IPython's ``exit`` or ``quit``, after which no other is to run.
    _exit_asked = False

    def _hear_reply(self, execute_reply: Any, **_: Any) -> None:
        asked = execute_reply["content"].get("payload", ())
        self._exit_asked |= any(one.get("source") == "ask_exit" for one in asked)

    def create_kernel_manager(self) -> WarmKernelManager:
        """Create the manager of a warm kernel."""
        self.km = WarmKernelManager(
            kernel_name=self.kernel_name,
            config=self.config,
            fork_options={"cells": self._lasting_cells(), **self.fork_options},
        )
        return self.km

    def _lasting_cells(self) -> list[str]:
        """Code that the next run of the notebook will have, too."""
        return [
            str(cell.source)
            for cell in self.nb.cells
            if cell.cell_type == "code" and _OF_ONE_RUN not in cell.metadata.get("tags", ())
        ]

    async def run_cells(self, **start_options: Any) -> None:
        """Run the notebook as papermill does, as one coroutine beside others.

        Parameters
        ----------
        **start_options
            For starting the kernel: ``cwd``, ``env``.
        """
        self.reset_execution_trackers()
        self.on_cell_executed = self._hear_reply
        self.km = self.create_kernel_manager()
        try:
            await self.async_start_new_kernel(**start_options)
            await self.async_start_new_kernel_client()
            await self._run_cells()
            if self._exit_asked:  # it is on its way out
                return
            info = await self.async_wait_for_reply(self.kc.kernel_info())
            self.nb.metadata["language_info"] = info["content"]["language_info"]
            self.set_widgets_metadata()
        except DeadKernelError as error:
            raise await self._explained(error) from None
        finally:
            if self.km is not None:  # starting has already tidied up after its own failure
                await self._async_cleanup_kernel()

    async def _explained(self, error: DeadKernelError) -> DeadKernelError:
        """How the kernel ended, as far as it is known."""
        provisioner = None if self.km is None else self.km.provisioner
        status = None if provisioner is None else await provisioner.poll()
        if getattr(provisioner, "template_lost", False):
            return TemplateLostError("the process that its kernel was forked from was killed")
        if status is None:
            return error
        if status >= 0:
            return DeadKernelError(f"Kernel died: it ended in this cell, with status {status}")
        name = signal.Signals(-status).name
        return DeadKernelError(f"Kernel died: it was killed by {name} in this cell")

    @property
    def flooded(self) -> bool:
        """Whether the notebook has put out more than it may."""
        return self.output_limit is not None and self.output_size > self.output_limit

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        """Take a message of the kernel in, or kill the kernel when it has put out too much."""
        self.output_size += _text_size(msg["content"])
        if not self.flooded:
            return super().process_message(msg, cell, cell_index)
        if msg["msg_type"] == "status":
            return super().process_message(msg, cell, cell_index)
        if self._killing is None:  # a reference, or the task could be collected before it ends
            self._killing = asyncio.ensure_future(self.abort())
        return None

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: Any, index: int) -> Any:
        """Add an output; the plain ones without a check of each against the notebook's schema."""
        held = display_id or self.clear_before_next_output
        shape = _SHAPES.get(msg["msg_type"])
        if shape is None or held or self.output_hook_stack[msg["parent_header"].get("msg_id")]:
            return super().output(outs, msg, display_id, index)
        content = msg["content"]
        parts = {name: content[name] for name in shape}
        out = from_dict({"output_type": msg["msg_type"], **parts})
        outs.append(out)
        return out

    _killing: asyncio.Future[None] | None = None

    @property
    def kernel_pid(self) -> int | None:
        """The process of a kernel that runs on this machine."""
        provisioner = None if self.km is None else self.km.provisioner
        return getattr(provisioner, "pid", None)

    async def abort(self) -> None:
        """Kill the kernel; the cell that is running ends with a DeadKernelError."""
        self.shutdown_kernel = "immediate"
        if self.km is not None and self.km.provisioner is not None:
            await self.km.provisioner.kill()

    async def _async_cleanup_kernel(self) -> None:
        last = self.task_poll_for_reply
        busy = last is not None and (not last.done() or last.cancelled() or last.exception())
        if busy and self.km is not None and self.km.has_kernel:
            await self.km.interrupt_kernel()
        await super()._async_cleanup_kernel()

    _cleanup_kernel = run_sync(_async_cleanup_kernel)

    async def _run_cells(self) -> None:
        for index, cell in enumerate(self.nb.cells):
            self.unfinished_cell = index
            try:
                self.nb_man.cell_start(cell, index)
                await self.async_execute_cell(cell, index)
            except CellExecutionError as error:
                self.nb_man.cell_exception(cell, cell_index=index, exception=error)
                break
            else:
                if self._exit_asked:
                    # as sys.exit leaves it: papermill takes that for an end, not for an error
                    stop = {"ename": "SystemExit", "evalue": "", "traceback": []}
                    cell.outputs.append(from_dict({"output_type": "error", **stop}))
                    break
            finally:
                self.nb_man.cell_complete(cell, cell_index=index)
            if self.flooded:  # it ended before the kernel could be killed
                raise DeadKernelError("the kernel put out too much and was killed")
        else:
            self.unfinished_cell = None

    async def _async_poll_kernel_alive(self) -> None:
        provisioner = getattr(self.km, "provisioner", None)
        if not isinstance(provisioner, ForkProvisioner):
            await super()._async_poll_kernel_alive()
            return
        await provisioner.wait_for_end()
        await asyncio.sleep(_LAST_WORDS)
        if self.kc is None:  # meanwhile the cell has ended otherwise, and all is put away
            return
        with contextlib.suppress(DeadKernelError):
            await self._async_check_alive()
        if self.task_poll_for_reply is not None:
            self.task_poll_for_reply.cancel()


def _text_size(content: Mapping[str, Any]) -> int:
    """Characters in what a message would add to the notebook."""
    texts = [content.get("text", ""), *content.get("traceback", ())]
    texts += content.get("data", {}).values()
    return sum(len(text) for text in texts if isinstance(text, str))
