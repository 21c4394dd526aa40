"""The files beside a notebook that it names: a report gets a copy, since it runs on its own.

Reports run at the same time, and none may see or change what another reads; so each runs in a
folder of its own, and not where its notebook lies. What a notebook names in its code it would have
found in Jupyter, where it runs beside it. That is copied, as far as it is small.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from techalign.batch.notebook import OF_A_CLIENT, read_notebook

__all__ = ["WHERE_IT_RUNS", "Beside", "beside", "copy_beside"]

WHERE_IT_RUNS = (
    "A report runs in a folder of its own, with a copy of the files beside its notebook that it "
    "names; name others by their whole path."
)
"""What is said where a notebook misses a file that lies beside it."""

_MOST_BYTES = 20_000_000
_MOST_FILES = 500
_NOT_DATA = {"__pycache__", "node_modules"}
_OTHERS = ("client.toml", "*/client.toml", ".pages", "pyvenv.cfg")
"""What is in folders that are no notebook's data: clients, reports, environments."""


@dataclass(frozen=True)
class Beside:
    """What a notebook names of the files beside it.

    Attributes
    ----------
    folder : Path
        Where the notebook lies.
    files : tuple of Path
        The files, below the folder and relative to it.
    too_large : tuple of str
        What it names but is not copied: names in the folder.
    """

    folder: Path
    files: tuple[Path, ...] = ()
    too_large: tuple[str, ...] = ()

    def fingerprint(self) -> str:
        """Return a fingerprint of the files' names and content; "" if there are none."""
        if not self.files:
            return ""
        digest = hashlib.sha256()
        for file in self.files:
            digest.update(f"{file}\0".encode(errors="surrogateescape"))
            with suppress(OSError):
                digest.update((self.folder / file).read_bytes())
        return digest.hexdigest()


def beside(notebook: Path, parameters: Mapping[str, object] | None = None) -> Beside:
    """Find what a notebook names of the files and folders beside it.

    Parameters
    ----------
    notebook : Path
        A notebook's file, as :func:`~techalign.batch.notebook.read_notebook` takes it.
    parameters : mapping, optional
        Values given to it, which may name files, too.

    Returns
    -------
    Beside
        A module counts as named by its name without ``.py``; a folder is taken as a whole.
    """
    cells = read_notebook(notebook)["cells"]
    # pictures are named in its prose
    text = "\n".join([*("".join(cell["source"]) for cell in cells), *_given(parameters)])
    files: list[Path] = []
    too_large = []
    size = 0
    for entry in sorted(notebook.parent.iterdir()):
        if entry.name == notebook.name or not _is_named(entry, text) or not _is_data(entry):
            continue
        found = list(_files_of(entry))
        more = sum(file.stat().st_size for file in found)
        if size + more > _MOST_BYTES or len(files) + len(found) > _MOST_FILES:
            too_large.append(entry.name)
            continue
        size += more
        files += [file.relative_to(notebook.parent) for file in found]
    return Beside(notebook.parent, tuple(files), tuple(too_large))


def copy_beside(found: Beside, folder: Path) -> None:
    """Copy a notebook's files into the folder it is to run in.

    Parameters
    ----------
    found : Beside
    folder : Path
        What cannot be read is left out; the notebook will say that it is missing.
    """
    for file in found.files:
        with suppress(OSError):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(found.folder / file, folder / file)


def _given(parameters: Mapping[str, object] | None) -> Iterator[str]:
    """The values that name no client, and so are the same for all."""
    for name, value in (parameters or {}).items():
        if name not in OF_A_CLIENT:
            yield str(value)


def _is_named(entry: Path, text: str) -> bool:
    names = {entry.name} | ({entry.stem} if entry.suffix == ".py" else set())
    return any(re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text) for name in names)


def _is_data(entry: Path) -> bool:
    if entry.name.startswith(".") or entry.name in _NOT_DATA:
        return False
    if not entry.is_dir():
        return entry.is_file()
    is_this = (entry / "__init__.py").is_file() and entry.name == "techalign"
    return not is_this and not any(any(entry.glob(pattern)) for pattern in _OTHERS)


def _files_of(entry: Path) -> Iterator[Path]:
    """A file, or the plain files of a folder, up to one more than may be copied."""
    if entry.is_file():
        yield entry
        return
    count = 0
    for folder, within, names in os.walk(entry):
        within[:] = sorted(n for n in within if not n.startswith(".") and n not in _NOT_DATA)
        for file in sorted(Path(folder) / name for name in names):
            if file.is_file():
                yield file
                count += 1
                if count > _MOST_FILES:
                    return
