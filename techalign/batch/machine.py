"""Keep the machine out of what goes to a client: its folders, and its user's and host's names.

A warning names the file it comes from, a notebook prints where it runs, an error says what was
not found. Folders that are known are cut wherever they stand, blanks in them or not. What looks
like a path is cut only from errors and warnings, because elsewhere it may be the client's own.
"""

from __future__ import annotations

import contextlib
import getpass
import os
import re
import socket
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

__all__ = ["Machine", "hide_in_error", "hide_in_notebook", "this_machine"]

MARK = "•••"
_NOBODY = frozenset(
    ("admin", "administrator", "app", "debian", "docker", "ec2-user", "guest", "home", "jovyan",
     "localdomain", "localhost", "nobody", "root", "runner", "test", "ubuntu", "user", "users",
     "vagrant", "www-data")
)  # fmt: skip
"""Names that tell nothing of whose machine it is, and stand in texts of every kind."""

_HOME = re.compile(
    r"(?<![\w.~])(?:[A-Za-z]:)?(?:/|\\{1,2})(?:home|Users)(?:/|\\{1,2})"
    r"[^/\\\n\"'<>:|]{1,64}(?=[/\\])"
)
"""A home of anybody's, blanks in it or not, up to the next separator."""

_QUOTED = re.compile(r"""(["'])(?:~|[A-Za-z]:)?[/\\](?:[^"'\n<>]*[/\\])?([^"'\n/\\<>]+)(?=\1)""")
_PATHS = (
    re.compile(r"(?<![\w:/.~])(?:~|/[^\s/:\"'<>]+)(?:/[^\s/:\"'<>]+)*/([^\s/:\"'<>]+)"),
    re.compile(r"(?<!\w)(?:~|[A-Za-z]:)\\(?:[^\\\s:\"'<>]+\\)*([^\\\s:\"'<>]+)"),
    re.compile(r"\b(?:s3a?|gs|gcs|abfss?|az)://(?:[^\s\"'<>]*/)?([^\s/\"'<>]+)"),
)
_ENDPOINT = re.compile(r"https?://(?:[\w.-]+:\d+|\d+(?:\.\d+){3})[^\s\"'<>]*")


@dataclass(frozen=True)
class Machine:
    """What would tell of a machine: its folders, the longest first, and names of people and hosts.

    Attributes
    ----------
    folders : tuple of str
        Without a separator at their end.
    names : tuple of str
        The user's and the host's, those left out that every machine has.
    """

    folders: tuple[str, ...]
    names: tuple[str, ...]


def this_machine(*folders: str | Path) -> Machine:
    """Find out what would tell of this machine.

    Parameters
    ----------
    *folders : str or Path
        More folders of this run; URLs of stores may be among them.
    """
    known = {str(folder).rstrip("/\\") for folder in (*folders, *_own_folders())}
    known |= {os.path.realpath(folder) for folder in known if "://" not in folder}
    # as addresses and as JSON write them; a folder's name need not be text
    known |= {quote(os.fsencode(folder)) for folder in known}
    known |= {folder.replace("\\", "\\\\") for folder in known}
    # "/tmp" is a folder; "/" or "C:" would be found in everything
    long_enough = (folder for folder in known if len(folder) > 3)
    return Machine(tuple(sorted(long_enough, key=len, reverse=True)), _own_names())


def _own_folders() -> Iterable[str]:
    yield from (str(Path.home()), tempfile.gettempdir(), sys.prefix, sys.base_prefix)
    yield str(Path(__file__).parents[2])
    try:
        yield str(Path.cwd())
    except FileNotFoundError:  # it has been deleted
        return


def _own_names() -> tuple[str, ...]:
    names = {Path.home().name, socket.gethostname()}
    names |= {os.environ.get(name, "") for name in ("HOSTNAME", "COMPUTERNAME")}
    with contextlib.suppress(KeyError, OSError):  # an account without a name, as in a container
        names.add(getpass.getuser())
    names |= {name.partition(".")[0] for name in names}
    telling = (n for n in names if len(n) >= 3 and n.lower() not in _NOBODY and not n.isdigit())
    return tuple(sorted(telling, key=len, reverse=True))


def hide_in_error(text: str, machine: Machine) -> str:
    """Cut folders, addresses and names from a message, a warning or a trace.

    Parameters
    ----------
    text : str
    machine : Machine

    Returns
    -------
    str
        A path is left with its last part, which is what the reader knows of it.

    Examples
    --------
    >>> hide_in_error("no '/srv/Big Firm/a.csv' on pc-17", Machine(("/srv",), ("pc-17",)))
    "no 'a.csv' on •••"
    """
    text = _QUOTED.sub(r"\1\2", _without_folders(text, machine))
    for pattern in _PATHS:
        text = pattern.sub(r"\1", text)
    return _without_names(_ENDPOINT.sub(MARK, text), machine.names)


def hide_in_notebook(notebook: Any, machine: Machine, *, known: Callable[[str], bool]) -> None:
    """Cut folders and names from everything a notebook has put out, in place.

    Parameters
    ----------
    notebook : NotebookNode
        Executed.
    machine : Machine
    known : callable
        Whether the client's own data hold a name: an adviser may own a decision, too.
    """
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                output["text"] = hide_in_error(output["text"], machine)
            elif "text" in output:
                output["text"] = _shown(output["text"], machine, machine.names)
            for part in ("data", "metadata"):
                if part in output:
                    output[part] = _hidden(output[part], machine, known)


def _hidden(value: Any, machine: Machine, known: Callable[[str], bool]) -> Any:
    if isinstance(value, str):
        found = [name for name in machine.names if name in value and not known(name)]
        # one that is a word of every day stays: a host called "server" is in many a sentence
        words = [name for name in found if name.isalpha() and name.islower()]
        shown = _shown(value, machine, [name for name in found if name not in words])
        return _without_addresses(shown, words)
    if isinstance(value, list):
        return [_hidden(item, machine, known) for item in value]
    if isinstance(value, dict):
        hidden = {
            name: item if name.startswith("image/") and name != "image/svg+xml"
            else _hidden(item, machine, known)
            for name, item in value.items()
        }  # fmt: skip
        return type(value)(hidden)
    return value


def _shown(text: str, machine: Machine, names: Iterable[str]) -> str:
    return _without_names(_without_folders(text, machine), names)


def _without_folders(text: str, machine: Machine) -> str:
    if "/" not in text and "\\" not in text and "%2F" not in text:
        return text
    for folder in machine.folders:
        if folder in text:
            text = re.sub(rf"(?<![\w.~-]){re.escape(folder)}(?![\w.-])", "~", text)
    # a pattern that may begin anywhere takes long on a long page
    return _HOME.sub("~", text) if "home" in text or "Users" in text else text


def _without_names(text: str, names: Iterable[str]) -> str:
    for name in names:
        if name in text:
            text = re.sub(rf"(?<!\w){re.escape(name)}(?!\w)", MARK, text)
    return text


def _without_addresses(text: str, names: Iterable[str]) -> str:
    """Cut names that are words where they tell of a machine: in a prompt, an address, a path."""
    for name in names:
        text = re.sub(rf"(?<=[@~\\]){re.escape(name)}(?!\w)", MARK, text)
        text = re.sub(
            rf"(?<![\w/]){re.escape(name)}(?=@|:[\d~/\\]|\.(?:local|lan|home)\b)", MARK, text
        )
    return text
