"""Places and files: local folders or object storage alike, and never a file half-written.

A place is a :class:`pathlib.Path` for a local folder and universal_pathlib's path for a URL such
as ``s3://bucket/clients``; both are used through the methods they share.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import stat
from pathlib import Path
from typing import cast
from urllib.parse import unquote, urlsplit

from techalign.errors import InputError

__all__ = [
    "as_place",
    "file_names",
    "find_bucket",
    "is_remote",
    "make_folder",
    "read_inside",
    "read_plain",
    "spreadsheet_safe",
    "unreachable",
    "write_whole",
]

_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")
_BUCKETS = frozenset({"s3", "s3a", "gs", "gcs", "abfs", "abfss", "az"})
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gcs", "gcs": "gcs"}
_EXTRAS |= dict.fromkeys(("abfs", "abfss", "az"), "azure")
_STORE_LIBRARIES = frozenset({"aiobotocore", "aiohttp", "azure", "botocore", "gcsfs", "google"})
_QUERY = re.compile(r"""(https?://[^\s"'?]+)[^\s"']*""")


def as_place(text: str | Path) -> Path:
    """Turn a path or URL into a place.

    Parameters
    ----------
    text : str or Path
        ``reports``, ``/srv/clients``, ``s3://bucket/clients``, ``gs://…``, ``abfs://…``. What is
        a place already is returned as it is.

    Returns
    -------
    Path
        A local path, or one of the store that behaves like it.

    Raises
    ------
    InputError
        If the URL's protocol needs a package that is not installed.
    """
    if not isinstance(text, str):
        return text
    if "://" not in text:
        return Path(text)
    if text.startswith(("file://", "local://")):
        return Path(unquote(urlsplit(text).path))
    from upath import UPath

    try:
        place = UPath(text)
        _ = place.fs  # the connection's package is imported here
    except (ImportError, ValueError) as error:
        extra = _EXTRAS.get(text.partition("://")[0].casefold())
        install = f"Install the storage's package: pip install 'techalign[{extra}]'."
        known = "Places are folders, s3://…, gs://… and abfs://…."
        raise InputError(
            f"cannot be reached: {error}", where=text, remedy=install if extra else known
        ) from error
    return cast("Path", place)


def is_remote(place: Path) -> bool:
    """Tell whether a place lies in object storage.

    Parameters
    ----------
    place : Path

    Returns
    -------
    bool

    Examples
    --------
    >>> is_remote(Path("reports"))
    False
    """
    return not isinstance(place, Path) or "://" in str(place)


def unreachable(error: BaseException) -> str | None:
    """Say why a file or a store could not be read or written.

    Parameters
    ----------
    error : exception
        Of the system, or of a library that speaks with a store; those have no common base.

    Returns
    -------
    str or None
        One line; None if the error is of another kind.

    Examples
    --------
    >>> unreachable(OSError(28, "No space left on device"))
    'No space left on device'
    >>> unreachable(ValueError("negative")) is None
    True
    """
    if isinstance(error, OSError) and error.strerror:
        return str(error.strerror)
    libraries = {kind.__module__.partition(".")[0] for kind in type(error).__mro__}
    if not isinstance(error, OSError) and libraries.isdisjoint(_STORE_LIBRARIES):
        return None
    said = " ".join(_QUERY.sub(r"\1", str(error)).split())
    return said or type(error).__name__


def make_folder(place: Path) -> None:
    """Make a folder and those above it, unless they are there; a bucket has and needs none.

    Parameters
    ----------
    place : Path
        Local or in a store.
    """
    if not _in_bucket(place):
        place.mkdir(parents=True, exist_ok=True)


def find_bucket(place: Path) -> None:
    """Make sure that the bucket of a place is there, where a place is in one.

    It is never made: a name that is not there is more likely mistyped, and whoever makes it
    decides who may read it.

    Parameters
    ----------
    place : Path
        Local or in a store.

    Raises
    ------
    FileNotFoundError
        If there is no such bucket.
    """
    if not _in_bucket(place):
        return
    url = urlsplit(str(place))
    if not as_place(f"{url.scheme}://{url.netloc}").exists():
        raise FileNotFoundError(errno.ENOENT, "there is no such bucket", str(place))


def _in_bucket(place: Path) -> bool:
    return getattr(place, "protocol", "") in _BUCKETS


def file_names(folder: Path) -> set[str]:
    """Names of what lies in a folder, asked for once: a store answers slowly.

    Parameters
    ----------
    folder : Path
        Local or in a store.

    Returns
    -------
    set of str
        Files and folders; empty where there is no such folder.
    """
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

    Returns
    -------
    bytes

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


def read_plain(path: Path) -> bytes:
    """Read a file of our own, if it is one: what only has its name, such as a pipe, is none.

    Parameters
    ----------
    path : Path
        Local or in a store.

    Returns
    -------
    bytes

    Raises
    ------
    OSError
        If it is not there, no plain file, or cannot be read.

    Examples
    --------
    >>> read_plain(Path(os.devnull))
    Traceback (most recent call last):
    OSError: [Errno 22] is not a plain file: '/dev/null'
    """
    if is_remote(path):
        return path.read_bytes()
    number = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(number, "rb", closefd=True) as file:
        if not stat.S_ISREG(os.fstat(number).st_mode):
            raise OSError(errno.EINVAL, "is not a plain file", str(path))
        return file.read()


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that it is never seen half-written.

    Parameters
    ----------
    path : Path
        A local file's folder must exist. An object appears when its upload is complete.
    text : str
        Written as UTF-8, line ends unchanged.
    """
    # half a character, which a notebook may well print, is written as its number
    data = text.encode("utf-8", "backslashreplace")
    if is_remote(path):
        try:
            path.write_bytes(data)
        except OSError as error:
            raise OSError(error.errno, unreachable(error), str(path)) from error
        return
    # the process id keeps two writers from sharing one temporary file
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_bytes(data)
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
        before it, unless it is a plain number; a return alone, which ends a row unseen, becomes a
        line's end; anything else is returned as it is.

    Returns
    -------
    object

    Examples
    --------
    >>> spreadsheet_safe("=1+1"), spreadsheet_safe("-12.50")
    ("'=1+1", '-12.50')
    """
    if not isinstance(cell, str):
        return cell
    opens = cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    cell = cell.replace("\r\n", "\n").replace("\r", "\n") if "\r" in cell else cell
    if not opens:
        return cell
    return cell if _NUMBER.fullmatch(cell) else f"'{cell}"
