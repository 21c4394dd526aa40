"""What a kernel finds out about a cell's text, found out once for all kernels of a template.

IPython tokenizes a cell, in Python, twice to find magics and once to see whether a semicolon ends
it, compiles it twice to see whether it awaits something, and hashes it to name it in tracebacks:
together longer than most cells run. All of that follows from the text, and a batch runs the same
texts for each client. So a template looks at the cells before it forks, and its kernels know. It
also sees then which of the large libraries are worth importing for all.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import gc
import importlib
import inspect
import warnings
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import ipykernel.compiler
from IPython.core import interactiveshell
from IPython.core.displayhook import DisplayHook

__all__ = ["foresee"]

#: Imported, for all kernels to come, when a cell first does so: they start no threads, but take
#: time and memory which most notebooks need not spend.
_ON_SIGHT = frozenset({"ipywidgets", "scipy.stats"})

_MOST_CELLS = 1000
#: Characters; a longer cell might be more than the parser can take.
_LONGEST = 10_000


def foresee(shell: Any) -> Callable[[Iterable[str]], None]:
    """Let a shell know what has been found out, and return a function that finds it out.

    Parameters
    ----------
    shell : IPython.core.interactiveshell.InteractiveShell

    Returns
    -------
    callable
        Takes cells that may be run later; those it has seen cost nothing.
    """
    manager = shell.input_transformer_manager
    search = manager.transform_cell
    # with other transformers than the template had, the answer is another
    transform = _Known(lambda cell, *_: search(cell))
    awaits = _Known(interactiveshell._should_be_async)
    ends = _Known(DisplayHook.semicolon_at_end_of_expression)
    name = _Known(ipykernel.compiler.murmur2_x86)

    def transformed(cell: str) -> str:
        text: str = transform(cell, *_transformers(manager))
        return text

    manager.transform_cell = transformed
    interactiveshell._should_be_async = awaits
    DisplayHook.semicolon_at_end_of_expression = staticmethod(ends)
    ipykernel.compiler.murmur2_x86 = name
    inspect.getmodule = _module_finder(inspect.getmodule)

    @functools.lru_cache(_MOST_CELLS)
    def look(cell: str) -> None:
        try:
            text = search(cell)
            tree = _parsed_silently(text)
        except Exception:  # it will have something to say when it is run
            return
        transform.learn(cell, *_transformers(manager))
        awaits.learn(text)
        ends.learn(text.rstrip("\n"))  # as the history has it, where the question is asked
        name.learn(cell, ipykernel.compiler.get_tmp_hash_seed())
        _import_for_all(_ON_SIGHT.intersection(_imported(tree)))

    def look_at(cells: Iterable[str]) -> None:
        for cell in cells:
            if len(cell) <= _LONGEST:
                look(cell)

    return look_at


def _module_finder(search: Callable[..., Any]) -> Callable[..., Any]:
    """A search for an object's module that knows that the code of a cell has none.

    For each frame of a traceback it would look through all modules a template has imported, which
    takes a hundredth of a second; a recursion without an end has thousands of frames.
    """

    def getmodule(thing: Any, _filename: str | None = None) -> Any:
        code = getattr(getattr(thing, "tb_frame", thing), "f_code", thing)
        if inspect.iscode(code) and Path(code.co_filename).parent.name.startswith("ipykernel_"):
            return None
        return search(thing, _filename)

    return getmodule


class _Known:
    """A function of hashable arguments with some answers known."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self._answers: dict[tuple[Any, ...], Any] = {}

    def __call__(self, *arguments: Any) -> Any:
        if arguments in self._answers:
            return self._answers[arguments]
        return self.function(*arguments)

    def learn(self, *arguments: Any) -> None:
        """Find an answer out."""
        if len(self._answers) >= _MOST_CELLS:
            self._answers.clear()
        self._answers[arguments] = self.function(*arguments)


def _transformers(manager: Any) -> tuple[tuple[Any, ...], ...]:
    """What a cell's text goes through."""
    return (
        tuple(manager.cleanup_transforms),
        tuple(manager.line_transforms),
        tuple(manager.token_transformers),
    )


def _parsed_silently(text: str) -> ast.Module:
    """Raise what compiling gives an error or a warning of: here nobody would see it."""
    awaiting = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(text, "<>", "exec", flags=awaiting)
        tree = compile(text, "<>", "exec", flags=awaiting | ast.PyCF_ONLY_AST)
    assert isinstance(tree, ast.Module)
    return tree


def _imported(tree: ast.Module) -> Iterator[str]:
    """Names of modules that code imports, and of what it imports from them."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _import_for_all(names: Iterable[str]) -> None:
    for name in names:
        with contextlib.suppress(Exception):  # the kernel will meet it too, and show it
            importlib.import_module(name)
            gc.freeze()  # as all that was imported before: forks leave it alone
