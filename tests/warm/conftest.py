"""Notebooks and ways to run them."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import nbformat
import pytest
from jupyter_core.utils import ensure_event_loop
from nbformat import NotebookNode
from papermill.engines import papermill_engines

from techalign.warm import NotebookRun, RunLimits, TemplateSettings, WarmEngine, run_notebook

SETTINGS = TemplateSettings(preload=("numpy", "pandas"), watch=())


@pytest.fixture(scope="session", autouse=True)
def _engine() -> None:
    papermill_engines.register("techalign", WarmEngine)


@pytest.fixture(autouse=True)
def _preload(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TECHALIGN_PRELOAD", ",".join(SETTINGS.preload))
    monkeypatch.delenv("PYTHONSTARTUP", raising=False)


@pytest.fixture(autouse=True)
def _loop() -> Iterator[None]:
    """Close the event loop which blocking calls into nbclient leave in the main thread."""
    yield
    ensure_event_loop().close()


@pytest.fixture
def settings() -> TemplateSettings:
    return SETTINGS


@pytest.fixture
def notebook() -> Callable[..., NotebookNode]:
    def make(*cells: str, kernel: str = "python3", language: str = "python") -> NotebookNode:
        spec = {"name": kernel, "language": language, "display_name": kernel}
        nb = nbformat.v4.new_notebook(metadata={"kernelspec": spec})
        nb.cells = [nbformat.v4.new_code_cell(cell) for cell in cells]
        return nb

    return make


@pytest.fixture
def run(notebook: Callable[..., NotebookNode]) -> Callable[..., NotebookRun]:
    def execute(*cells: str, **options: object) -> NotebookRun:
        options.setdefault("settings", SETTINGS)
        options.setdefault("limits", RunLimits(120))
        return asyncio.run(run_notebook(notebook(*cells), **options))  # type: ignore[arg-type]

    return execute


@pytest.fixture
def printed() -> Callable[[NotebookRun], str]:
    def text(done: NotebookRun) -> str:
        done.raise_for_failure()
        return "".join(
            output.get("text", "") for cell in done.notebook.cells for output in cell.outputs
        )

    return text


@pytest.fixture
def processes() -> Callable[[str], set[int]]:
    """Return the processes whose environment or command line holds a word."""

    def find(word: str) -> set[int]:
        found = set()
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit() and int(entry.name) != os.getpid():
                try:
                    text = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
                    state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
                except OSError:
                    continue
                if word.encode() in text and state != "Z":
                    found.add(int(entry.name))
        return found

    return find
