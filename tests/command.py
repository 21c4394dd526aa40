"""The command line in the tests' own process, which has imported already what a new one would."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from unittest import mock

from s3fs import S3FileSystem

from techalign.cli.main import main

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said: apart, and together as on a terminal."""

    returncode: int
    stdout: str
    stderr: str
    said: str


class _Copied(io.StringIO):
    """A stream that writes what it is given to another, too."""

    def __init__(self, other: io.StringIO) -> None:
        super().__init__()
        self.other = other

    def write(self, text: str) -> int:
        self.other.write(text)
        return super().write(text)


def techalign(words: Sequence[str], env: Mapping[str, str], cwd: Path = ROOT) -> Done:
    """Call the command as a shell would, with just these variables and in this folder."""
    said = io.StringIO()
    out, err = _Copied(said), _Copied(said)
    S3FileSystem.clear_instance_cache()  # which knows the store of the environment before
    with (
        contextlib.chdir(cwd),
        mock.patch.dict(os.environ, env, clear=True),
        mock.patch.object(sys, "argv", ["techalign", *words]),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            main()
        except SystemExit as ended:
            code = int(ended.code or 0)
            return Done(code, out.getvalue(), err.getvalue(), said.getvalue())
    raise AssertionError("a command ends by exiting")
