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
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def techalign(words: Sequence[str], env: Mapping[str, str], cwd: Path = ROOT) -> Done:
    """Call the command as a shell would, with just these variables and in this folder."""
    out, err = io.StringIO(), io.StringIO()
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
            return Done(int(ended.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("a command ends by exiting")
