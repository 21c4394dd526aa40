"""What takes long to make, made once for all tests that look at it.

It is kept in pytest's cache by what it is made from, so that the workers of a run, and runs beside
and after each other, share it.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Callable, Sequence
from importlib.metadata import distributions
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[1]
MAKES_REPORTS = ("techalign", "notebooks", "datasets", "pyproject.toml")
_A_DAY = 86_400.0  # seconds


def kept(
    config: pytest.Config, name: str, reads: Sequence[str], make: Callable[[Path], None]
) -> Path:
    """The folder that ``make`` fills; made again only when what it ``reads`` has changed.

    Parameters
    ----------
    config : pytest.Config
    name : str
        Of what is made.
    reads : sequence of str
        Files and folders of the project.
    make : callable
        Given the folder to make; what it leaves is not to be changed by tests.
    """
    assert config.cache is not None
    folder = config.cache.mkdir(name)
    out = folder / _state(reads)
    with FileLock(folder / "lock"):
        if not out.exists():
            making = out.with_name(f"{out.name}.making")
            shutil.rmtree(making, ignore_errors=True)
            make(making)
            making.rename(out)
        for other in folder.iterdir():
            if other.is_dir() and other != out and time.time() - other.stat().st_mtime > _A_DAY:
                shutil.rmtree(other, ignore_errors=True)
    return out


def _state(reads: Sequence[str]) -> str:
    """A name for all that is read, and for what is installed to make something of it."""
    installed = sorted((each.name, each.version) for each in distributions())
    found = hashlib.sha256(repr(installed).encode())
    for place in reads:
        path = ROOT / place
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(f"{file.relative_to(ROOT)}\0".encode())
                found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:16]
