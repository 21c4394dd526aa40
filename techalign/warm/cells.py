"""What a kernel finds out about a cell's text, found out once for all kernels of a template.

IPython tokenizes a cell, in Python, twice to find magics and once to see whether a semicolon ends
it, compiles it twice to see whether it awaits something, hashes it to name it in tracebacks, and
parses and compiles it to run it: together longer than most cells run. All of that follows from the
text, and a batch runs the same texts for each client. So a template looks at the cells before it
forks, and its kernels know. It also sees then which of the large libraries are worth importing for
all.
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
from types import CodeType
from typing import Any

import ipykernel.compiler
from ipykernel.compiler import XCachingCompiler
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
    shell.compile = compiler = _Compiler(shell)

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
        compiler.learn(text, tree)
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


class _Compiler(XCachingCompiler):  # type: ignore[misc]
    """A shell's compiler that has some cells parsed and compiled, each to be run once.

    A tree is handed out and forgotten, since the shell may change it: a cell that is run again is
    parsed again. What was compiled of a statement is taken for that very object, and not where
    somebody has asked the shell to change trees.
    """

    def __init__(self, shell: Any) -> None:
        super().__init__()
        self._shell = shell
        self._trees: dict[str, ast.Module] = {}
        self._compiled: dict[int, tuple[ast.stmt, str, int, CodeType]] = {}

    def learn(self, text: str, tree: ast.Module) -> None:
        """Compile a cell's statements as a shell does: the last to be shown, if it has a value."""
        if "__future__" in text:  # it changes how later cells are compiled
            return
        if len(self._trees) >= _MOST_CELLS:
            self._trees.clear()
            self._compiled.clear()
        flags = self.flags | ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
        for node in tree.body:
            shown = node is tree.body[-1] and isinstance(node, ast.Expr)
            source = ast.Interactive([node]) if shown else ast.Module([node], [])
            mode = "single" if shown else "exec"
            code = compile(source, "<>", mode, flags, dont_inherit=True)
            self._compiled[id(node)] = node, mode, flags, code
        self._trees[text] = tree

    def ast_parse(self, source: str, filename: str = "<unknown>", symbol: str = "exec") -> Any:
        """Parse a cell."""
        known = self._trees.pop(source, None) if symbol == "exec" else None
        return super().ast_parse(source, filename, symbol) if known is None else known

    def __call__(self, source: Any, filename: str, symbol: str, **options: Any) -> CodeType:
        """Compile a statement."""
        code = self._found(source, symbol)
        if code is not None:
            return _renamed(code, filename)
        compiled: CodeType = super().__call__(source, filename, symbol, **options)
        return compiled

    def _found(self, source: Any, symbol: str) -> CodeType | None:
        alone = isinstance(source, ast.Module | ast.Interactive) and len(source.body) == 1
        if not alone or self._shell.ast_transformers:
            return None
        statement = source.body[0]
        node, *how, code = self._compiled.get(id(statement), (None, "", 0, None))
        return code if node is statement and how == [symbol, self.flags] else None


def _renamed(code: CodeType, filename: str) -> CodeType:
    """The same code, and that of functions in it, as if compiled from another file."""
    parts = (_renamed(it, filename) if inspect.iscode(it) else it for it in code.co_consts)
    return code.replace(co_filename=filename, co_consts=tuple(parts))


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
