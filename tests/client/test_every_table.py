"""A person's own mapping and ``--explain`` work for every table a client can have."""

import csv
import io
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign
from techalign.client import load_client
from techalign.client.create import create_client
from techalign.intake.examples import example_csv
from techalign.intake.read import read_table
from techalign.intake.rows import ROW_MODELS


def _run(place: Path, *more: str) -> Result:
    where = ["--client", "acme", "--clients-dir", str(place / "c"), "--mostly-credits"]
    return CliRunner().invoke(
        techalign,
        ["import", str(place / "x.csv"), "--mapping", str(place / "m.toml"), *where, *more],
    )


@pytest.mark.parametrize("name", list(ROW_MODELS))
def test_an_own_mapping_fills_any_table(tmp_path: Path, name: str) -> None:
    folder = create_client(tmp_path / "c", "acme", name="Acme", currency="USD")
    header, *rows = csv.reader(io.StringIO(example_csv(name)))
    theirs = [f"Their {column.replace('_', ' ')} no {n}" for n, column in enumerate(header)]
    with (tmp_path / "x.csv").open("w", newline="") as file:
        csv.writer(file).writerows([theirs, *rows])
    sign = 'sign = "keep"\n' if name == "ledger" else ""
    named = "".join(f'{ours} = "{said}"\n' for ours, said in zip(header, theirs, strict=True))
    (tmp_path / "m.toml").write_text(f'table = "{name}"\n{sign}[columns]\n{named}')
    explained = _run(tmp_path, "--explain")
    assert explained.exit_code == 0, explained.output or explained.exception
    assert f"{theirs[0]} read as {header[0]}" in explained.output
    assert "nothing was written" in explained.output
    assert not (folder / f"{name}.csv").exists()
    assert _run(tmp_path).exit_code == 0
    # partners' rows wait for their register; what was written is what the example says
    text = (folder / f"{name}.csv").read_bytes()
    clean = read_table(name, f"{name}.csv", text, currency="USD").clean
    meant = read_table(name, f"{name}.csv", example_csv(name).encode(), currency="USD").clean
    if name == "assets":  # what a system's maker has announced is filled in
        assert clean.pop("end_of_life").tolist()[1:] != meant.pop("end_of_life").tolist()[1:]
    assert clean.to_dict("list").__repr__() == meant.to_dict("list").__repr__()
    assert load_client(tmp_path / "c", "acme", tables=[name]).asked == (name,)
