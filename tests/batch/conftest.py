"""Small notebooks and a small client, so that batch tests run real kernels quickly."""

from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest

from techalign.client.create import create_client

PARAMETERS = (
    'client: str = "acme"  # the client\n'
    'clients_dir: str = "."  # where clients are\n'
    'as_of: str = ""  # the day\n'
    "months: int = 3  # months ahead [1, 12]\n"
)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A folder with one client and an empty notebooks folder."""
    create_client(tmp_path / "clients", "acme", name="Acme & Co", currency="USD")
    (tmp_path / "notebooks").mkdir()
    return tmp_path


@pytest.fixture
def notebook(workbook: Path) -> Callable[..., Path]:
    """Write a notebook of the given code cells below a title and a parameters cell."""

    def write(name: str, *cells: str, title: str = "A title", more: str = "") -> Path:
        v4 = nbformat.v4
        made = v4.new_notebook(
            cells=[
                v4.new_markdown_cell(f"# {title}"),
                v4.new_code_cell(PARAMETERS + more, metadata={"tags": ["parameters"]}),
                *(v4.new_code_cell(cell) for cell in cells),
            ],
            metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
        )
        path = workbook / "notebooks" / f"{name}.ipynb"
        nbformat.write(made, path)
        return path

    return write
