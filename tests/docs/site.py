"""The site, built once for all tests that look at it, and again only when something has changed."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import time
from importlib.metadata import version
from pathlib import Path

import pytest
from filelock import FileLock

ROOT = Path(__file__).parents[2]
_READ = (
    "docs", "techalign", "notebooks", "datasets", "mkdocs.yml", "pyproject.toml",
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
)  # fmt: skip
_WITH = ("mkdocs", "mkdocs-material", "mkdocstrings", "mkdocstrings-python")
_A_DAY = 86_400.0  # seconds


def built_site(config: pytest.Config) -> Path:
    """The folder of the site, as ``make docs`` builds it: warnings are errors.

    It is kept in pytest's cache by what it is built from, so that workers of one run, and the run
    of the browser after the others, share it.
    """
    assert config.cache is not None
    kept = config.cache.mkdir("site")
    out = kept / _state()
    with FileLock(kept / "lock"):
        if not out.exists():
            _build(out)
        for other in kept.iterdir():
            if other.is_dir() and other != out and time.time() - other.stat().st_mtime > _A_DAY:
                shutil.rmtree(other, ignore_errors=True)
    return out


def _state() -> str:
    """A name for everything that the site is built from."""
    found = hashlib.sha256(repr([(name, version(name)) for name in _WITH]).encode())
    for place in _READ:
        path = ROOT / place
        files = [path] if path.is_file() else sorted(path.rglob("*"))
        for file in files:
            if file.is_file() and "__pycache__" not in file.parts:
                found.update(f"{file.relative_to(ROOT)}\0".encode())
                found.update(hashlib.sha256(file.read_bytes()).digest())
    return found.hexdigest()[:16]


def _build(out: Path) -> None:
    making = out.with_name(f"{out.name}.making")
    shutil.rmtree(making, ignore_errors=True)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(making)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    making.rename(out)
