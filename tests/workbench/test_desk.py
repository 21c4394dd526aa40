"""A client's desk: the client chosen, the notebook otherwise the same, a person's changes kept."""

import json
import shutil
from pathlib import Path

import pytest

from techalign.batch.parameters import notebook_parameters
from techalign.errors import ParameterError
from techalign.workbench.desk import (
    FIRST,
    ROOT,
    Desk,
    chosen,
    environment_of,
    lay_out,
    link_to,
)

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def _laid(folder: Path, notebooks: Path = NOTEBOOKS) -> Desk:
    return lay_out(folder / "acme", "acme", folder / "clients", notebooks, folder / "reports")


def test_each_notebook_is_there_with_the_client_chosen(tmp_path: Path) -> None:
    laid = _laid(tmp_path)
    assert (laid.first, laid.kept) == (tmp_path / "acme" / FIRST, ())
    for source in sorted(NOTEBOOKS.glob("*.ipynb")):
        copy = notebook_parameters(laid.folder / source.name)
        assert copy["client"].default == "acme"
        before = notebook_parameters(source)
        if "clients_dir" in before:
            assert copy["clients_dir"].default == str(tmp_path / "clients")
        if "reports_dir" in before:  # where the first page's button puts them
            assert copy["reports_dir"].default == str(tmp_path / "reports")
        assert list(copy) == list(before)
        assert all(copy[name].help == before[name].help for name in before)
        cells, old = (
            json.loads(p.read_text())["cells"] for p in (laid.folder / source.name, source)
        )
        differ = [a for a, b in zip(cells, old, strict=True) if a["source"] != b["source"]]
        assert len(differ) == 1  # the parameters
        # all other code is folded, so that it reads like the page
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        folded = [c["metadata"].get("jupyter", {}).get("source_hidden", False) for c in code]
        assert [not hidden for hidden in folded].count(True) == 1
    first = json.loads(laid.first.read_text())["cells"]
    assert all(c["metadata"]["jupyter"] for c in first if c["cell_type"] == "code")


def test_what_a_person_has_changed_stays_and_the_rest_follows(tmp_path: Path) -> None:
    mine = tmp_path / "notebooks"
    shutil.copytree(NOTEBOOKS, mine)
    laid = _laid(tmp_path, mine)
    changed = laid.folder / "plan.ipynb"
    made = json.loads(changed.read_text())
    made["cells"][0]["source"] = ["# My plan"]
    changed.write_text(json.dumps(made))
    run = laid.folder / "spending.ipynb"  # run and saved, with outputs, which is no change
    made = json.loads(run.read_text())
    made["cells"][1]["execution_count"] = 3
    run.write_text(json.dumps(made))
    newer = json.loads((mine / "spending.ipynb").read_text())
    newer["cells"][0]["source"] = ["# Newer"]
    (mine / "spending.ipynb").write_text(json.dumps(newer))
    assert _laid(tmp_path, mine).kept == ("plan.ipynb",)
    assert json.loads(changed.read_text())["cells"][0]["source"] == ["# My plan"]
    assert json.loads(run.read_text())["cells"][0]["source"] == ["# Newer"]


def test_a_folder_without_notebooks_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="holds no notebook"):
        _laid(tmp_path, tmp_path)


def test_only_values_that_are_named_are_chosen() -> None:
    source = 'client = "a"; x = 1\nname: str = "ü"  # “client”\nclients_dir: str = "b"  # where'
    found = chosen(source, {"client": "z", "clients_dir": "c:\\new"})
    assert found.splitlines() == [
        "client = 'z'; x = 1",
        'name: str = "ü"  # “client”',
        "clients_dir: str = 'c:\\\\new'  # where",
    ]


def test_only_what_is_served_has_an_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(ROOT, str(tmp_path))
    assert link_to(tmp_path / "reports" / "index.html") == "/files/reports/index.html"
    assert link_to(tmp_path / ".." / "other.html") is None
    monkeypatch.delenv(ROOT)
    assert link_to(tmp_path / "reports" / "index.html") is None


def test_lab_asks_nobody_for_news() -> None:
    """Its settings lie where Lab looks for them, and ship with the package."""
    found = environment_of({})
    folder = Path(found["JUPYTER_CONFIG_PATH"])
    said = json.loads((folder / "labconfig" / "default_setting_overrides.json").read_text())
    assert said["@jupyterlab/apputils-extension:notification"]["fetchNews"] == "false"
