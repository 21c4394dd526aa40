"""When is a template stale? When a source file it may have imported has changed.

A fork carries the modules its template imported. After an edit those are not what is on disk, and
a report would silently come from the old code. So the owner compares, before each kernel, the
names, sizes and modification times of the watched files with those the template was started on.
"""

from __future__ import annotations

import importlib.util
import os
import sysconfig
from collections.abc import Iterable, Iterator
from hashlib import blake2b
from pathlib import Path

__all__ = ["fingerprint", "own_packages"]


def fingerprint(packages: Iterable[str], files: Iterable[str] = ()) -> str:
    """Return a digest that changes when a watched source does.

    Parameters
    ----------
    packages : iterable of str
        Names of packages or modules; all ``*.py`` files of each count. Unknown names count as
        absent, so that installing one changes the digest.
    files : iterable of str
        Further files, such as a lock file.

    Returns
    -------
    str
        Thirty-two hexadecimal digits.
    """
    digest = blake2b(digest_size=16)
    for package in sorted(set(packages)):
        digest.update(f"package {package}\n".encode())
        for root in _roots(package):
            _add_sources(digest, root)
    for name in sorted(set(files)):
        _add_file(digest, name)
    return digest.hexdigest()


def own_packages(modules: Iterable[str]) -> tuple[str, ...]:
    """Return the top-level packages among `modules` that are not installed in site-packages.

    Those are the ones someone may be editing: an editable install, or a folder on the path.
    """
    installed = tuple({sysconfig.get_path(kind) for kind in ("purelib", "platlib", "stdlib")})
    tops = sorted({name.partition(".")[0] for name in modules if name})
    return tuple(top for top in tops if any(not root.startswith(installed) for root in _roots(top)))


def _roots(package: str) -> list[str]:
    """Return the folders of a package, or the one file of a module."""
    try:
        spec = importlib.util.find_spec(package.partition(".")[0])
    except (ImportError, ValueError):
        return []
    if spec is None:
        return []
    if spec.submodule_search_locations is not None:
        return list(spec.submodule_search_locations)
    return [spec.origin] if spec.origin and os.sep in spec.origin else []


def _add_sources(digest: blake2b, root: str) -> None:
    if root.endswith(".py"):
        _add_file(digest, root)
        return
    for name in sorted(_sources(root)):
        _add_file(digest, name)


def _sources(folder: str) -> Iterator[str]:
    # os.scandir, not Path.rglob: this runs before every kernel
    try:
        entries = list(os.scandir(folder))
    except OSError:
        return
    for entry in entries:
        if entry.name.endswith(".py"):
            yield entry.path
        elif entry.name != "__pycache__" and entry.is_dir(follow_symlinks=False):
            yield from _sources(entry.path)


def _add_file(digest: blake2b, name: str) -> None:
    try:
        found = Path(name).stat()
    except OSError:
        digest.update(f"{name} absent\n".encode())
    else:
        digest.update(f"{name} {found.st_mtime_ns} {found.st_size}\n".encode())
