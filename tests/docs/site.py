"""The site, built once for all tests that look at it, and again only when something has changed."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.kept import ROOT, kept

_READ = (
    "docs", "techalign", "notebooks", "datasets", "mkdocs.yml", "pyproject.toml",
    "README.md", "CONTRIBUTING.md", "CHANGELOG.md",
)  # fmt: skip


def built_site(config: pytest.Config) -> Path:
    """The folder of the site, as ``make docs`` builds it: warnings are errors."""
    return kept(config, "site", _READ, _build)


def _build(out: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "-d", str(out)]
    environment = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
