"""A client's tables, edited in place in JupyterLab, with what is wrong said beside the cell."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import anywidget
import ipywidgets as widgets
import traitlets

from techalign.charts.theme import in_notebook
from techalign.client.editing import Sheet, open_sheet, problems_of, save_sheet
from techalign.client.folder import read_profile
from techalign.errors import InputError
from techalign.html import escape
from techalign.intake.rows import ROW_MODELS

__all__ = ["Grid", "TablesPanel", "tables_panel"]

_FOLDER = Path(__file__).parent


class Grid(anywidget.AnyWidget):  # type: ignore[misc]
    """A table of texts in the browser.

    Attributes
    ----------
    header : list of dict
        ``name``, and ``help``: what belongs into the column.
    rows : list of list of str
        The browser's and Python's alike.
    problems : list of dict
        ``row``, ``column``, ``reason``.
    """

    _esm = _FOLDER / "grid.js"
    _css = _FOLDER / "grid.css"
    header: Any = traitlets.List().tag(sync=True)
    rows: Any = traitlets.List().tag(sync=True)
    problems: Any = traitlets.List().tag(sync=True)


def tables_panel(client: str, *, clients_dir: str) -> Any:
    """The widget that edits one client's tables.

    Parameters
    ----------
    client : str
        Its id.
    clients_dir : str

    Returns
    -------
    ipywidgets.VBox

    Raises
    ------
    ClientError
        If there is no such client.
    """
    return TablesPanel(client, Path(clients_dir)).box


class TablesPanel:
    """The panel's widgets, and the table that is open.

    Parameters
    ----------
    client : str
    clients_dir : Path

    Attributes
    ----------
    box : ipywidgets.VBox
    name : ipywidgets.Dropdown
        The table.
    grid : Grid
    save, more : ipywidgets.Button
    told : ipywidgets.HTML
    """

    def __init__(self, client: str, clients_dir: Path) -> None:
        read_profile(clients_dir / client)
        self.client, self.clients_dir = client, clients_dir
        self.name = widgets.Dropdown(
            options=[(n.replace("_", " "), n) for n in sorted(ROW_MODELS)], description="Table"
        )
        self.grid = Grid()
        self.save = widgets.Button(description="Save the table", icon="save", disabled=True)
        self.more = widgets.Button(description="Add a row", icon="plus")
        self.told = widgets.HTML()
        self.sheet: Sheet | None = None
        self.name.observe(lambda _: self.open(), names="value")
        self.grid.observe(self._edited, names="rows")
        self.save.on_click(lambda _: self.keep())
        self.more.on_click(lambda _: self.add())
        buttons = widgets.HBox([self.name, self.more, self.save])
        self.box = widgets.VBox([widgets.HTML(in_notebook("")), buttons, self.told, self.grid])
        self.open()

    def open(self) -> None:
        """Open the table that is named, as it lies in the folder."""
        self.sheet = None
        try:
            sheet = open_sheet(self.clients_dir, self.client, self.name.value)
        except (InputError, OSError) as error:
            with self.grid.hold_sync():
                self.grid.header, self.grid.rows, self.grid.problems = [], [], []
            self.more.disabled = self.save.disabled = True
            self._tell(str(error), "warn")
            return
        fields = ROW_MODELS[sheet.name].model_fields
        with self.grid.hold_sync():  # rows of one table are never seen below another's header
            self.grid.header = [
                {"name": name, "help": _help(fields.get(name))} for name in sheet.header
            ]
            self.grid.rows = [list(row) for row in sheet.rows]
            self.sheet = sheet
            self._check()
        self.more.disabled = False
        self.save.disabled = True  # nothing is changed yet

    def add(self) -> None:
        """An empty row at the end."""
        if self.sheet is not None:
            self.grid.rows = [*self.grid.rows, [""] * len(self.sheet.header)]

    def keep(self) -> None:
        """Save the table, unless something is wrong with it."""
        if self.sheet is None:
            return
        try:
            self.sheet = save_sheet(self.sheet, self.grid.rows)
        except (InputError, OSError) as error:
            self._tell(str(error), "bad")
            return
        self.grid.rows = [list(row) for row in self.sheet.rows]
        self.save.disabled = True
        self._tell(f"{self.sheet.path.name} is saved; the version before is kept.")

    def _edited(self, _: Mapping[str, Any]) -> None:
        if self.sheet is not None:
            self.save.disabled = not self._check()

    def _check(self) -> bool:
        assert self.sheet is not None
        found = problems_of(self.sheet, self.grid.rows)
        self.grid.problems = [{"row": p.row, "column": p.column, "reason": p.reason} for p in found]
        whole = [p.reason for p in found if p.row < 0]
        if found:
            count = f"{len(found)} to mend before it can be saved. "
            self._tell(count + " ".join(whole), "warn")
        else:
            self._tell("")
        return not found

    def _tell(self, text: str, tone: str = "info") -> None:
        said = f'<p class="note {tone}" role="status">{escape(text)}</p>' if text else ""
        self.told.value = f'<div class="ta mathjax_ignore">{said}</div>'


def _help(field: Any) -> str:
    return "" if field is None else str(field.description or "")
