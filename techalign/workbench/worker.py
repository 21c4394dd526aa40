"""A model in a process of its own, so that a run nobody waits for any more can be ended.

What searches for seconds cannot be stopped from within: the solver does not look up. A process can
be. It is forked from a server that has imported the models already, so that the next one begins at
once, and ends with the kernel whatever becomes of that.
"""

from __future__ import annotations

import asyncio
import contextlib
import multiprocessing as mp
import sys
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

__all__ = ["Worker"]

Result = TypeVar("Result")
Model = Callable[[Mapping[str, float]], Result]

_IMPORTED = ("techalign.workbench.plan", "techalign.workbench.partners", "scipy.optimize")


class Worker(Generic[Result]):
    """Calls a model elsewhere, once at a time.

    Parameters
    ----------
    model : callable
        Can be pickled; values in, a result out that can be pickled.
    """

    def __init__(self, model: Model[Result]) -> None:
        self._model = model
        self._process: mp.process.BaseProcess | None = None
        self._pipe: Connection | None = None
        self._starting: asyncio.Future[Connection] | None = None

    async def call(self, values: Mapping[str, float]) -> Result:
        """The model's result; whoever cancels this ends the process that computes it.

        Raises
        ------
        Exception
            What the model raises.
        EOFError
            If the process was killed by somebody else.
        """
        pipe = await self._started()
        pipe.send(dict(values))
        try:
            result = await asyncio.to_thread(pipe.recv)
        except (asyncio.CancelledError, EOFError):
            self.end()
            raise
        if isinstance(result, Exception):
            raise result
        answer: Result = result
        return answer

    def end(self) -> None:
        """End the process, whatever it does."""
        process, pipe = self._process, self._pipe
        self._process = self._pipe = None
        if process is not None:
            process.kill()
            process.join(5)
        if pipe is not None:
            pipe.close()

    async def _started(self) -> Connection:
        """The way to the process; one that is on its way is waited for, whoever asked for it."""
        if self._process is not None and self._process.is_alive() and self._pipe is not None:
            return self._pipe
        if self._starting is None or self._starting.done():
            self.end()
            # the first takes a second, in which the kernel has other things to do
            self._starting = asyncio.ensure_future(asyncio.to_thread(self._begin))
        return await asyncio.shield(self._starting)

    def _begin(self) -> Connection:
        context = mp.get_context("spawn" if sys.platform == "win32" else "forkserver")
        context.set_forkserver_preload(list(_IMPORTED))
        mine, its = context.Pipe()
        make: Any = context  # which has processes, whatever its stubs say
        process = make.Process(target=_serve, args=(self._model, its), daemon=True)
        process.start()
        its.close()  # so that the end of the process is the end of the pipe
        self._process, self._pipe = process, mine
        return mine


def _serve(model: Model[Result], pipe: Connection) -> None:
    """Answer until the other side has gone."""
    with contextlib.suppress(EOFError, BrokenPipeError, KeyboardInterrupt):
        while True:
            values = pipe.recv()
            try:
                answer: object = model(values)
            except Exception as error:  # told to whoever asked
                answer = error
            pipe.send(answer)
