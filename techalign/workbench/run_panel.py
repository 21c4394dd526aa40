"""A run of one client's reports from JupyterLab: a button, how far it is, and where the pages are.

It is the command ``techalign run`` in a process of its own, so that a notebook's kernel stays free.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ipywidgets as widgets

from techalign.charts.theme import in_notebook
from techalign.html import escape
from techalign.workbench.desk import link_to

__all__ = ["RunPanel", "run_panel"]


def run_panel(client: str, *, clients_dir: str, notebooks_dir: str, out: str) -> Any:
    """The widget that makes one client's reports.

    Parameters
    ----------
    client : str
        Its id.
    clients_dir, notebooks_dir, out : str
        As of ``techalign run``.

    Returns
    -------
    ipywidgets.VBox
    """
    return RunPanel(client, Path(clients_dir), Path(notebooks_dir), Path(out)).box


class RunPanel:
    """The panel's widgets, and the run that goes on.

    Parameters
    ----------
    client : str
    clients_dir, notebooks_dir, out : Path

    Attributes
    ----------
    box : ipywidgets.VBox
    start, stop : ipywidgets.Button
    progress : ipywidgets.IntProgress
    told : ipywidgets.HTML
        Each report as it is made, with a link to its page.
    """

    def __init__(self, client: str, clients_dir: Path, notebooks_dir: Path, out: Path) -> None:
        self.client, self.out = client, out
        places = {"--clients-dir": clients_dir, "--notebooks-dir": notebooks_dir, "--out": out}
        given = [text for name, place in places.items() for text in (name, str(place))]
        self._command = [sys.executable, "-m", "techalign", "run", client, "--json", *given]
        count = len(list(notebooks_dir.glob("*.ipynb")))
        self.start = widgets.Button(
            description=f"Run {client}", icon="play", layout={"width": "auto"}
        )
        self.stop = widgets.Button(description="Stop", icon="stop", disabled=True)
        self.progress = widgets.IntProgress(max=max(count, 1), description="Reports")
        self.told = widgets.HTML()
        self.box = widgets.VBox(
            [widgets.HTML(in_notebook("")), widgets.HBox([self.start, self.stop, self.progress]),
             self.told]
        )  # fmt: skip
        self._task: asyncio.Task[None] | None = None
        self.start.on_click(lambda _: self.begin())
        self.stop.on_click(lambda _: self.end())

    def begin(self) -> None:
        """Start a run, unless one goes on."""
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self.run())

    def end(self) -> None:
        """Stop the run; reports that are made stay."""
        if self._task is not None:
            self._task.cancel()

    async def run(self) -> None:
        """Run the command to its end and tell of each report."""
        self.start.disabled, self.stop.disabled = True, False
        self.progress.value, lines = 0, ["Starting …"]
        self._tell(lines)
        process = await asyncio.create_subprocess_exec(
            *self._command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        try:
            lines.clear()
            assert process.stdout is not None
            async for line in process.stdout:
                lines += self._read(line)
                self._tell(lines)
            said = b"" if process.stderr is None else await process.stderr.read()
            if await process.wait() not in {0, 1}:
                lines.append(f'<span class="bad">{escape(said.decode(errors="replace"))}</span>')
        except asyncio.CancelledError:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()
            lines.append("Stopped.")
        finally:
            self.start.disabled, self.stop.disabled = False, True
            self._tell(lines)

    def _read(self, line: bytes) -> list[str]:
        """A line of the command as a line of the panel."""
        try:
            told: Mapping[str, Any] = json.loads(line)
        except ValueError:
            return []
        if "notebook" in told:
            self.progress.value += 1
            page = _linked(str(told["notebook"]), self.out / str(told["page"]))
            return [f"{page}: {escape(str(told['status']))} {escape(str(told['message']))}"]
        if "index" in told:
            self.progress.value = self.progress.max
            return [_linked("All pages", self.out / "index.html")]
        return []

    def _tell(self, lines: list[str]) -> None:
        items = "".join(f"<p>{line}</p>" for line in lines)
        self.told.value = f'<div class="ta mathjax_ignore" role="status">{items}</div>'


def _linked(text: str, page: Path) -> str:
    address = link_to(page)
    if address is None:
        return f"{escape(text)} ({escape(str(page))})"
    return f'<a href="{escape(address)}" target="_blank">{escape(text)}</a>'
