"""Values for notebooks' parameters: from settings, from files, from the command line.

The later of these comes before the earlier. Each value is checked against the notebooks that have
a parameter of its name while it is still known where it stands.
"""

from __future__ import annotations

import datetime as dt
import difflib
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from techalign.batch.parameters import Parameter, check_parameters, notebook_parameters
from techalign.client.settings import Settings
from techalign.errors import ParameterError

__all__ = ["Source", "assumed_source", "gather", "read_parameters_file"]

_LARGEST = 1_000_000  # bytes; YAML can be made to grow while it is read


@dataclass(frozen=True)
class Source:
    """Values that stand in one place.

    Attributes
    ----------
    where : str
        The file, for errors.
    values : mapping
        By the parameter's name.
    everywhere : Path or None
        The folder of all notebooks, where the values are meant for whichever has such a
        parameter; None where those that are run must have it.
    """

    where: str
    values: Mapping[str, object]
    everywhere: Path | None = None


def assumed_source(found: tuple[Settings, Path] | None, notebooks_dir: Path) -> Source | None:
    """Parameters from the practice's settings, for whichever notebook has them.

    Parameters
    ----------
    found : (Settings, Path) or None
        The settings with their file.
    notebooks_dir : Path
        The folder of all notebooks.

    Returns
    -------
    Source or None
        None if there are none.
    """
    if found is None or not found[0].parameters:
        return None
    values = {name: _plain(value) for name, value in found[0].parameters.items()}
    return Source(str(found[1]), values, notebooks_dir)


def read_parameters_file(path: Path) -> dict[str, object]:
    """Read parameters from a YAML or JSON file, as papermill's ``-f`` takes it.

    Parameters
    ----------
    path : Path

    Returns
    -------
    dict
        Values by name; days are texts such as "2026-06-30".

    Raises
    ------
    ParameterError
        If it cannot be read, is no mapping of names to values, or names one twice.
    """
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise ParameterError(
                "is not a plain file", where=str(path), remedy="Name a file after -f."
            )
        if found.st_size > _LARGEST:
            raise ParameterError(
                "is too large for parameters", where=str(path), remedy="Name another file with -f."
            )
        node = yaml.compose(path.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is not UTF-8"
        raise ParameterError(
            f"cannot be read: {reason}", where=str(path), remedy="Check the path after -f."
        ) from error
    except (yaml.YAMLError, RecursionError) as error:
        raise _not_yaml(path, error) from error
    if node is None:
        return {}
    if not isinstance(node, yaml.MappingNode):
        raise ParameterError(
            "holds no parameters", where=str(path), remedy="Write a line 'name: value' for each."
        )
    return dict(_values(node, path))


def _not_yaml(path: Path, error: Exception) -> ParameterError:
    mark = getattr(error, "problem_mark", None)
    return ParameterError(
        f"is not YAML: {getattr(error, 'problem', None) or type(error).__name__}",
        where=f"{path}:{mark.line + 1}" if mark else str(path),
        remedy="Write a line 'name: value' for each parameter.",
    )


def _values(node: yaml.MappingNode, path: Path) -> Iterator[tuple[str, object]]:
    """The values by name; YAML itself would take the last of two, silently."""
    seen = set()
    for key, value in node.value:
        where = f"{path}:{key.start_mark.line + 1}"
        name = key.value
        if not isinstance(name, str) or not name.isidentifier():
            raise ParameterError("is no parameter's name", where=where, value=name)
        if name in seen:
            raise ParameterError(
                "stands here twice", where=where, value=name, remedy="Keep one of the lines."
            )
        seen.add(name)
        loader = yaml.SafeLoader("")
        try:
            yield name, _plain(loader.construct_document(value))
        except (yaml.YAMLError, ValueError, TypeError) as error:
            raise ParameterError(
                f"'{name}' has a value that is no text, number, day, list or mapping",
                where=where,
                remedy="Put it in quotes to make it a text.",
            ) from error


def _plain(value: Any) -> object:
    """A value as a notebook can take it: days are texts; TypeError if it cannot be one."""
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if value is None or isinstance(value, str | int | float | bool):
        return value
    raise TypeError(type(value).__name__)


def gather(
    notebooks: Sequence[Path], sources: Sequence[Source], assigned: Mapping[str, str]
) -> dict[str, object]:
    """Put the values of all places together.

    Parameters
    ----------
    notebooks : sequence of Path
        Those that are run.
    sources : sequence of Source
        The later comes before the earlier.
    assigned : mapping
        From the command line, as texts; checked when the jobs are planned.

    Returns
    -------
    dict

    Raises
    ------
    ParameterError
        If a value does not fit, or no notebook has such a parameter; it names the place.
    """
    given: dict[str, object] = {}
    known = {notebook.name: _known(notebook) for notebook in notebooks}
    for source in (source for source in sources if source.values):
        for name, value in source.values.items():
            fits = _fits(known, name, value, source.where)
            if fits:
                given[name] = value
            elif source.everywhere is None:
                raise _unknown(name, known, source.where)
        _check_names(source, known)
    return {**given, **assigned}


def _known(notebook: Path) -> dict[str, Parameter]:
    try:
        return notebook_parameters(notebook)
    except ParameterError:  # told when the jobs are planned
        return {}


def _fits(known: Mapping[str, Mapping[str, Parameter]], name: str, value: object, at: str) -> bool:
    """Whether a notebook has such a parameter; ParameterError if the value is not for it."""
    having = {notebook: found for notebook, found in known.items() if name in found}
    for notebook, found in having.items():
        try:
            check_parameters(found, {name: value}, notebook)
        except ParameterError as error:
            raise ParameterError(
                error.problem,
                where=f"{at}: {error.where}",
                value=error.value,
                remedy=error.remedy or f"Change '{name}' in {at}.",
            ) from error
    return bool(having)


def _check_names(source: Source, known: Mapping[str, Mapping[str, Parameter]]) -> None:
    """Refuse what no notebook at all has: it is misspelt."""
    if source.everywhere is None:
        return
    names = {name for found in known.values() for name in found}
    if source.values.keys() <= names:
        return
    beside = {path.name: _known(path) for path in sorted(source.everywhere.glob("*.ipynb"))}
    for name in source.values:
        if not any(name in found for found in beside.values()):
            raise _unknown(name, beside, source.where)


def _unknown(name: str, known: Mapping[str, Mapping[str, Parameter]], where: str) -> ParameterError:
    names = sorted({each for found in known.values() for each in found})
    near = difflib.get_close_matches(name, names, 1)
    remedy = f"Did you mean '{near[0]}'?" if near else f"They have {', '.join(names) or 'none'}."
    which = ", ".join(known) if len(known) == 1 else "none of the notebooks"
    has = "has no" if len(known) == 1 else "has a"
    return ParameterError(f"{which} {has} parameter '{name}'", where=where, remedy=remedy)
