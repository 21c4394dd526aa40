"""The exceptions the package raises on purpose, so that callers can tell them from bugs.

::

    TechalignError
    ├── InputError            something a person can put right: a file, a table, a parameter
    │   ├── TableError        a table cannot be read: missing column, empty file, wrong type
    │   ├── ClientError       a client folder or profile is wrong
    │   ├── MappingError      an import mapping does not fit the file
    │   └── ParameterError    a notebook parameter is unknown or has the wrong type
    ├── MissingTableError     a report is not enabled, because a table is not there
    └── ModelError            a model was called with values it cannot take

The command line prints an :class:`InputError` as one line and exits with 2. A
:class:`MissingTableError` is not a failure: the report says which table would enable it.
"""

from __future__ import annotations

from collections.abc import Sequence

__all__ = [
    "ClientError",
    "InputError",
    "MappingError",
    "MissingTableError",
    "ModelError",
    "ParameterError",
    "TableError",
    "TechalignError",
]


class TechalignError(Exception):
    """Base of all exceptions the package raises on purpose."""


class InputError(TechalignError):
    """Something a person can put right, told in one line.

    Parameters
    ----------
    problem : str
        What is wrong, in one clause.
    where : str, optional
        The place: a file, ``file:line``, or ``file:line, column 'x'``.
    value : object, optional
        The offending value; shown in quotes, shortened to 80 characters.
    remedy : str, optional
        What to do about it, as a sentence.
    """

    def __init__(
        self, problem: str, *, where: str = "", value: object = None, remedy: str = ""
    ) -> None:
        self.problem = problem
        self.where = where
        self.value = value
        self.remedy = remedy
        super().__init__(_one_line(problem, where, value, remedy))


class TableError(InputError):
    """A table cannot be read at all."""


class ClientError(InputError):
    """A client folder, its name or its profile is wrong."""


class MappingError(InputError):
    """An import mapping does not fit the file it is applied to."""


class ParameterError(InputError):
    """A notebook parameter is unknown, ill-typed or out of bounds."""


class MissingTableError(TechalignError):
    """A report is not enabled because the client has no such table.

    Parameters
    ----------
    tables : sequence of str
        The tables that would enable the report.
    sentence : str
        What to tell the reader.
    """

    def __init__(self, tables: Sequence[str], sentence: str) -> None:
        self.tables = tuple(tables)
        self.sentence = sentence
        super().__init__(sentence)

    def _render_traceback_(self) -> list[str]:
        # IPython calls this instead of printing a traceback: in JupyterLab the
        # analyst sees the sentence, not forty lines of frames.
        return [self.sentence]


class ModelError(TechalignError, ValueError):
    """A model was called with a value it cannot take.

    Parameters
    ----------
    argument : str
        Name of the argument, with the row where there is one, e.g. ``"stop[3]"``.
    problem : str
        What is wrong with it.
    value : object, optional
        The offending value.
    remedy : str, optional
        What to do about it.
    """

    def __init__(
        self, argument: str, problem: str, *, value: object = None, remedy: str = ""
    ) -> None:
        self.argument = argument
        self.problem = problem
        self.value = value
        self.remedy = remedy
        super().__init__(_one_line(problem, argument, value, remedy))


def _one_line(problem: str, where: str, value: object, remedy: str) -> str:
    text = f"{where}: {problem}" if where else problem
    if value is not None:
        shown = str(value)
        shown = shown if len(shown) <= 80 else shown[:77] + "..."
        text += f" (found {shown!r})"
    if remedy:
        text = text.rstrip(".") + ". " + remedy
    return " ".join(text.split())
