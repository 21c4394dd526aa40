"""Places and files: local folders or object storage alike, and never a file half-written.

A place is a :class:`pathlib.Path` for a local folder and universal_pathlib's path for a URL such
as ``s3://bucket/clients``; both are used through the methods they share.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
from pathlib import Path
from typing import cast

from techalign.errors import InputError

__all__ = ["as_place", "file_names", "is_remote", "read_inside", "spreadsheet_safe", "write_whole"]

_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")


def as_place(text: str | Path) -> Path:
    """Turn a path or URL into a place.

    Parameters
    ----------
    text : str or Path
        ``reports``, ``/srv/clients``, ``s3://bucket/clients``, ``gs://…``, ``abfs://…``.

    Raises
    ------
    InputError
        If the URL's protocol needs a package that is not installed.
    """
    if not isinstance(text, str) or "://" not in text:
        return Path(text)
    from upath import UPath

    try:
        place = UPath(text)
        _ = place.fs  # the connection's package is imported here
    except (ImportError, ValueError) as error:
        protocol = text.partition("://")[0]
        raise InputError(
            f"cannot be reached: {error}",
            where=text,
            remedy=f"Install the storage's package, e.g. pip install 'techalign[{protocol}]'.",
        ) from error
    return cast("Path", place)


def is_remote(place: Path) -> bool:
    """Tell whether a place lies in object storage."""
    return not isinstance(place, Path) or "://" in str(place)


def file_names(folder: Path) -> set[str]:
    """Names of what lies in a folder, asked for once: a store answers slowly."""
    return {path.name for path in folder.iterdir()}


LARGEST = 2 * 1024**3
"""Bytes of a file that is read at all; a ledger of ten million rows is smaller."""


def read_inside(path: Path, folder: Path, *, most: int = LARGEST) -> bytes:
    """Read a file that must be a plain one inside a folder: no device, pipe or way out.

    Parameters
    ----------
    path : Path
    folder : Path
        A link may not lead out of it.
    most : int
        Bytes.

    Raises
    ------
    FileNotFoundError
        If there is nothing of that name.
    InputError
        If it is not a plain file, lies outside, is too large or cannot be read.
    """
    if is_remote(path):
        return path.read_bytes()
    where = f"{folder.name}/{path.name}"
    try:
        real = path.resolve(strict=True)
        if not real.is_relative_to(folder.resolve()):
            raise InputError(
                "is a link that leaves the client's folder", where=where,
                remedy="Put the file itself there.",
            )  # fmt: skip
        # not blocking: opening a pipe that nobody writes to would wait for ever
        number = os.open(real, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(number, "rb") as file:
            found = os.fstat(number)
            if not stat.S_ISREG(found.st_mode):
                raise InputError("is not a plain file", where=where, remedy="Put a file there.")
            if found.st_size > most:
                raise InputError(
                    f"is larger than {most:,} bytes", where=where, value=found.st_size,
                    remedy="Split it, or leave out what is not needed.",
                )  # fmt: skip
            return file.read()
    except FileNotFoundError:
        if path.is_symlink():
            raise InputError(
                "is a link that leads nowhere", where=where, remedy="Put the file itself there."
            ) from None
        raise
    except (OSError, RuntimeError) as error:  # a loop of links is a RuntimeError on some systems
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(
            f"cannot be read: {reason}", where=where, remedy="See who may read it, and what it is."
        ) from error


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that it is never seen half-written.

    Parameters
    ----------
    path : Path
        A local file's folder must exist. An object appears when its upload is complete.
    text : str
        Written as UTF-8, line ends unchanged.
    """
    if is_remote(path):
        path.write_bytes(text.encode())
        return
    # the process id keeps two writers from sharing one temporary file
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="")
        beside.replace(path)
    except OSError as error:  # told of the file that was wanted
        raise type(error)(error.errno, error.strerror, str(path)) from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)


def spreadsheet_safe(cell: object) -> object:
    """Keep a spreadsheet from taking a text for a formula.

    Parameters
    ----------
    cell : object
        A text beginning with ``=``, ``+``, ``-``, ``@``, a tab or a return gets an apostrophe
        before it, unless it is a plain number; anything else is returned as it is.
    """
    if not isinstance(cell, str) or not cell.startswith(("=", "+", "-", "@", "\t", "\r")):
        return cell
    return cell if _NUMBER.fullmatch(cell) else f"'{cell}"
