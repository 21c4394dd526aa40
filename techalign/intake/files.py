"""Files are written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["write_whole"]


def write_whole(path: Path, text: str) -> None:
    """Write a text file so that it is never seen half-written.

    Parameters
    ----------
    path : Path
        Its folder must exist.
    text : str
        Written as UTF-8, line ends unchanged.
    """
    # the process id keeps two writers from sharing one temporary file
    beside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        beside.write_text(text, encoding="utf-8", newline="")
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
