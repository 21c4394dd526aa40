"""What changed since the last round, of all that reports are made from, as it happens."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import techalign

__all__ = ["Change", "Watched", "broken_code", "changes"]

_PACKAGE = Path(techalign.__file__).parent
_QUIET_MS = 300  # without a further change, before a change is told
_WAIT_MS = 200
_LEFT_BEHIND = (".part", ".tmp", ".swp", "~", ".pyc", ".lock", ".crswap")


@dataclass(frozen=True)
class Watched:
    """Where what reports are made from lies.

    Attributes
    ----------
    clients_dir, notebooks_dir : Path
    out : Path
        Where reports go; what is written there is no change.
    files : tuple of Path
        Single files: parameters, settings.
    clients : tuple of str
        Only these; all if there are none.
    """

    clients_dir: Path
    notebooks_dir: Path
    out: Path
    files: tuple[Path, ...] = ()
    clients: tuple[str, ...] = ()

    def paths(self) -> list[Path]:
        """What is to be watched, as far as it is there."""
        folders = [self.clients_dir, self.notebooks_dir, _PACKAGE]
        # a file is replaced by another of its name when it is saved, so its folder is watched
        folders += [file.absolute().parent for file in self.files]
        return [folder for folder in dict.fromkeys(folders) if folder.is_dir()]

    def concerns(self, path: Path) -> bool:
        """Whether a report may be made from a file.

        Parameters
        ----------
        path : Path
            Absolute.

        Examples
        --------
        >>> watched = Watched(Path("/w/clients"), Path("/w/notebooks"), Path("/w/reports"))
        >>> watched.concerns(Path("/w/clients/oak-street/ledger.csv"))
        True
        >>> watched.concerns(Path("/w/reports/oak-street/spending.html"))
        False
        """
        out, clients = self.out.absolute(), self.clients_dir.absolute()
        if path.is_relative_to(out):
            return False
        if path in {file.absolute() for file in self.files}:
            return True
        for folder in (clients, self.notebooks_dir.absolute(), _PACKAGE):
            if path.is_relative_to(folder):
                parts = path.relative_to(folder).parts
                theirs = folder == clients and self.clients and len(parts) > 1
                return not _is_left_behind(parts) and (not theirs or parts[0] in self.clients)
        return False


@dataclass(frozen=True)
class Change:
    """Files that were written, made or taken away together.

    Attributes
    ----------
    files : tuple of Path
        Absolute, sorted.
    """

    files: tuple[Path, ...]

    @property
    def code(self) -> tuple[Path, ...]:
        """Those that are part of this package; a process that runs has the old ones."""
        return tuple(file for file in self.files if file.is_relative_to(_PACKAGE))


def changes(watched: Watched) -> Iterator[Change | None]:
    """Watch until Ctrl-C.

    Parameters
    ----------
    watched : Watched

    Yields
    ------
    Change or None
        None now and then, while nothing changes; the first is None, as soon as it watches.

    Raises
    ------
    KeyboardInterrupt
    """
    from watchfiles import watch

    def is_one(_: object, path: str) -> bool:
        return watched.concerns(Path(path))

    yielded = watch(
        *watched.paths(),
        watch_filter=is_one,
        debounce=4 * _QUIET_MS,
        step=_QUIET_MS,
        rust_timeout=_WAIT_MS,
        yield_on_timeout=True,
        ignore_permission_denied=True,
    )
    for found in yielded:
        yield Change(tuple(sorted(Path(path) for _, path in found))) if found else None


def broken_code(files: Sequence[Path]) -> str:
    """What is wrong with the first of some files of Python that is none; "" if all are.

    Parameters
    ----------
    files : sequence of Path
        Those that are gone are passed over, and so are those in other languages.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Path(folder, "words.py")
    ...     _ = file.write_text("def f(:")
    ...     broken_code([file]).removeprefix(folder)
    '/words.py:1: invalid syntax'
    """
    for file in files:
        if file.suffix != ".py" or not file.is_file():
            continue
        try:
            compile(file.read_bytes(), str(file), "exec")
        except (SyntaxError, ValueError) as error:
            line = getattr(error, "lineno", None)
            return f"{file}{f':{line}' if line else ''}: {getattr(error, 'msg', error)}"
    return ""


def _is_left_behind(parts: Sequence[str]) -> bool:
    """Whether a file is hidden, or what an editor or Python leaves beside the real ones."""
    hidden = any(part.startswith(".") or part == "__pycache__" for part in parts)
    return hidden or parts[-1].endswith(_LEFT_BEHIND)
