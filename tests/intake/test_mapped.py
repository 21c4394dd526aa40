"""A mapping renames and combines columns; lines stay those of the file."""

from pathlib import Path

import pytest

from techalign.errors import InputError
from techalign.intake.mapped import apply_mapping
from techalign.intake.mapping import parse_mapping
from techalign.intake.source import Source, read_source

OWN = '[columns]\ndate="Day"\nvendor_raw=["Payee","Text"]\namount="Sum"\n'


def _source(tmp_path: Path, text: str) -> Source:
    path = tmp_path / "own.csv"
    path.write_text(text)
    return read_source(path.name, path.read_bytes())


def test_cells_come_under_the_tables_columns_with_their_own_lines(tmp_path: Path) -> None:
    source = _source(
        tmp_path, "Day,Payee,Text,Sum\n2026-01-05,Oak,plan,10.00\n2026-01-06,Elm,net,5.00\n"
    )
    mapped = apply_mapping(parse_mapping(OWN, "m.toml"), source, "USD")
    assert {"date", "vendor_raw", "amount"} <= set(mapped.header)
    assert mapped.columns["vendor_raw"] == ["Oak", "Elm"]
    assert list(mapped.lines) == [2, 3]


def test_a_file_without_a_required_column_is_refused_by_name(tmp_path: Path) -> None:
    source = _source(tmp_path, "Day,Payee,Text\n2026-01-05,Oak,plan\n")
    with pytest.raises(InputError, match="amount"):
        apply_mapping(parse_mapping(OWN, "m.toml"), source, "USD")
