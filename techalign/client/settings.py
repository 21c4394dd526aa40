"""``techalign.toml``: what one practice always means, said once in place of on every command line.

It is looked for in the working directory and above it, as other tools look for theirs. What is
given on the command line comes before it.
"""

from __future__ import annotations

import datetime as dt
import difflib
import os
import re
import tomllib
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from techalign.errors import InputError

__all__ = ["SETTINGS", "RunSettings", "Settings", "find_settings", "read_settings"]

SETTINGS = "techalign.toml"
_MODEL = ConfigDict(frozen=True, extra="forbid", strict=True)
_PLACES = ("clients_dir", "notebooks_dir", "out")

Word = Annotated[str, Field(min_length=1)]
Plain = str | int | float | bool | dt.date


class RunSettings(BaseModel):
    """What ``techalign run`` takes where its command line says nothing: the table ``[run]``.

    The names are those of its options; ``notebooks`` stands for several ``--notebook``,
    ``jobs`` for ``-j``, ``timeout`` is in seconds and ``memory`` in megabytes.
    """

    model_config = _MODEL

    notebooks: tuple[Word, ...] | None = Field(default=None, strict=False)
    jobs: int | None = Field(default=None, ge=1)
    timeout: float | None = Field(default=None, gt=0)
    memory: int | None = Field(default=None, ge=1)
    reviews: int | None = Field(default=None, ge=1, le=40)
    fail_fast: bool | None = None
    show_code: bool | None = None
    cluster: int | None = Field(default=None, ge=1)
    scheduler: str | None = None


class Settings(BaseModel):
    """What ``techalign.toml`` says; a field that it does not name is None or empty.

    Attributes
    ----------
    clients_dir, notebooks_dir, out : str or None
        Folders, or URLs of folders; relative ones are relative to the file.
    run : RunSettings
    parameters : dict
        Values for notebooks' parameters, where a notebook has one of that name.
    practice : dict
        Who advises: the name, logo and colours that pages bear. Not checked here.
    """

    model_config = _MODEL

    clients_dir: Word | None = None
    notebooks_dir: Word | None = None
    out: Word | None = None
    run: RunSettings = RunSettings()
    parameters: dict[str, Plain] = Field(default_factory=dict)
    practice: dict[str, Any] = Field(default_factory=dict)

    def folders(self, beside: Path) -> dict[str, str]:
        """The folders it names, as they are written in the working directory.

        Parameters
        ----------
        beside : Path
            The folder the file lies in.

        Returns
        -------
        dict
            Any of ``clients_dir``, ``notebooks_dir`` and ``out``.

        Examples
        --------
        >>> Settings(out="s3://firm/reports").folders(Path("/srv/advice"))
        {'out': 's3://firm/reports'}
        """
        named = {name: str(value) for name in _PLACES if (value := getattr(self, name))}
        return {
            name: value if "://" in value else os.path.relpath(beside / value)
            for name, value in named.items()
        }


def find_settings(start: Path) -> Path | None:
    """The nearest ``techalign.toml`` in a folder or above it; None if there is none.

    Parameters
    ----------
    start : Path

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = Path(folder, "techalign.toml").write_text("")
    ...     found = find_settings(Path(folder, "clients", "oak-street"))
    ...     found == Path(folder, "techalign.toml")
    True
    """
    whole = start.absolute()
    for folder in (whole, *whole.parents):
        if (folder / SETTINGS).is_file():
            return folder / SETTINGS
    return None


def read_settings(path: Path) -> Settings:
    """Read and check a ``techalign.toml``.

    Parameters
    ----------
    path : Path

    Returns
    -------
    Settings

    Raises
    ------
    InputError
        If it cannot be read, is not TOML, or has a key that is unknown or of the wrong type.
    """
    try:
        text = path.read_text(encoding="utf-8")
        return Settings.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"is not valid TOML: {error}", where=str(path)) from error
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", "") or "it is not UTF-8"
        raise InputError(f"cannot be read: {reason}", where=str(path)) from error
    except ValidationError as error:
        raise _said(error, path, text) from error


def _said(error: ValidationError, path: Path, text: str) -> InputError:
    """The first thing that is wrong, with the key's line and what to do."""
    first = error.errors()[0]
    inside, key = [str(part) for part in first["loc"][:-1]], str(first["loc"][-1])
    if first["loc"][0] == "parameters":  # behind the name pydantic lists each type it tried
        inside, key = ["parameters"], str(first["loc"][1])
    if first["type"] == "extra_forbidden":
        return InputError(
            f"unknown key '{'.'.join([*inside, key])}'",
            where=_place(path, text, key),
            remedy=_nearest(key, RunSettings if inside else Settings),
        )
    remedy = f"Set {key} to a value of that kind, or take the line out."
    if inside == ["parameters"]:
        remedy = "A parameter is a text, a number, true, false or a day."
    return InputError(
        f"'{'.'.join([*inside, key])}': {first['msg'][:1].lower()}{first['msg'][1:]}",
        where=_place(path, text, key),
        value=first["input"],
        remedy=remedy,
    )


def _place(path: Path, text: str, key: str) -> str:
    written = re.compile(rf"\s*\[?\s*[\"']?(?:\w+\.)*{re.escape(key)}[\"']?\s*[=\].]")
    for number, line in enumerate(text.splitlines(), 1):
        if written.match(line):
            return f"{path}:{number}"
    return str(path)


def _nearest(key: str, model: type[BaseModel]) -> str:
    known = list(model.model_fields)
    other = RunSettings if model is Settings else Settings
    if key.replace("-", "_") in other.model_fields:
        place = "the table [run]" if other is RunSettings else "the top of the file"
        return f"It belongs into {place}."
    near = difflib.get_close_matches(key.replace("-", "_").casefold(), known, 1)
    if near:
        return f"Did you mean '{near[0]}'?"
    return f"There are {', '.join(known)}."
