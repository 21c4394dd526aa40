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
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from typing import Any, Generic, TypeVar

__all__ = ["Worker"]

Result = TypeVar("Result")
Model = Callable[[Mapping[str, float]], Result]

_IMPORTED = ("techalign.workbench.plan", "techalign.workbench.partners", "scipy.optimize")


@dataclass(frozen=True)
class _Process:
    """A process that answers, and the way to it."""

    process: mp.process.BaseProcess
    pipe: Connection

    def end(self) -> None:
        """End it, whatever it does; the pipe is left to whoever reads from it.

        Closed under a reader, its number might be given to the next pipe, whose answer that reader
        would then take away.
        """
        self.process.kill()
        self.process.join(5)


@dataclass(eq=False)
class _Errand:
    """One question, which may be taken back from another thread."""

    values: dict[str, float]
    lock: threading.Lock = field(default_factory=threading.Lock)
    by: _Process | None = None
    over: bool = False

    def given_to(self, process: _Process) -> bool:
        """Note who computes it; False if nobody waits for it any more."""
        with self.lock:
            if not self.over:
                self.by = process
            return not self.over

    def answered(self) -> bool:
        """Note that it is computed; False if it was taken back before."""
        with self.lock:
            self.by = None
            return not self.over

    def take_back(self) -> None:
        """End what computes it, unless that has answered already."""
        with self.lock:
            self.over = True
            if self.by is not None:
                self.by.end()


class Worker(Generic[Result]):
    """Calls a model elsewhere; no call hangs on what became of another.

    Each call has its process to itself, from the question to the answer, so that what ends one
    question cannot end the next or take its answer. Calls may come from several threads' loops:
    JupyterLab moves sliders in another thread of the kernel than cells run in.

    Parameters
    ----------
    model : callable
        Can be pickled; values in, a result out that can be pickled.
    """

    def __init__(self, model: Model[Result]) -> None:
        self._model = model
        self._lock = threading.Lock()
        self._idle: list[_Process] = []
        self._errands: set[_Errand] = set()

    async def call(self, values: Mapping[str, float]) -> Result:
        """The model's result; whoever cancels this ends the process that computes it.

        Raises
        ------
        Exception
            What the model raises.
        EOFError
            If the process could not begin, or was killed by somebody else.
        """
        errand = _Errand(dict(values))
        self._errands.add(errand)
        try:
            result = await asyncio.to_thread(self._run, errand)
        except asyncio.CancelledError:
            errand.take_back()
            raise
        finally:
            self._errands.discard(errand)
        if isinstance(result, Exception):
            raise result
        answer: Result = result
        return answer

    def end(self) -> None:
        """End all processes, whatever they do."""
        for errand in list(self._errands):
            errand.take_back()
        while self._idle:
            held = self._idle.pop()
            held.end()
            held.pipe.close()

    def _run(self, errand: _Errand) -> Any:
        """The answer, by whatever process is there; in a thread, as the first takes a second."""
        with self._lock:
            held = self._idle.pop() if self._idle else self._begin()
        if not errand.given_to(held):
            self._idle.append(held)
            return None
        try:
            held.pipe.send(errand.values)
            result = held.pipe.recv()
        except (EOFError, OSError) as error:
            held.pipe.close()
            raise EOFError("the process that computes it has ended") from error
        if errand.answered():
            self._idle.append(held)
        else:
            held.pipe.close()
        return result

    def _begin(self) -> _Process:
        context = mp.get_context("spawn" if sys.platform == "win32" else "forkserver")
        context.set_forkserver_preload(list(_IMPORTED))
        mine, its = context.Pipe()
        make: Any = context  # which has processes, whatever its stubs say
        process = make.Process(target=_serve, args=(self._model, its), daemon=True)
        process.start()
        its.close()  # so that the end of the process is the end of the pipe
        return _Process(process, mine)


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
