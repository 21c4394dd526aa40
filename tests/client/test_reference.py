"""The shipped facts read as pandas reads them, without its reader."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from techalign.client.reference import load_reference
from techalign.client.shipped import shipped
from techalign.errors import TableError

SHIPPED = shipped("datasets") / "reference"
TABLES = sorted(path.stem for path in SHIPPED.glob("*.csv"))


@pytest.mark.parametrize("table", TABLES)
def test_tables_are_what_pandas_reads(table: str) -> None:
    expected = pd.read_csv(SHIPPED / f"{table}.csv")
    for name in expected.select_dtypes(object).columns:
        expected[name] = expected[name].fillna("")
    pd.testing.assert_frame_equal(getattr(load_reference(), table), expected, rtol=1e-15)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for table in TABLES:
        (tmp_path / f"{table}.csv").write_text("name,value\n")
    return tmp_path


def test_columns_are_typed_as_wholes(folder: Path) -> None:
    (folder / "assumptions.csv").write_text(
        '\ufeffkey,whole,number,yes,text,nothing\na,1,1.5,true,x,\n\n"b, c",-2,,false,3,\n'
    )
    found = load_reference(folder).assumptions
    assert found["key"].tolist() == ["a", "b, c"]
    assert found["whole"].tolist() == [1, -2]
    np.testing.assert_equal(found["number"].to_numpy(), [1.5, np.nan])
    assert found["yes"].tolist() == [True, False]
    assert found["text"].tolist() == ["x", "3"]
    assert found["nothing"].isna().all()
    assert [str(kind) for kind in found.dtypes] == [
        "object", "int64", "float64", "bool", "object", "float64",
    ]  # fmt: skip


def test_a_table_of_its_header_has_no_rows(folder: Path) -> None:
    found = load_reference(folder).suppliers
    assert found.empty
    assert list(found.columns) == ["name", "value"]


def test_a_row_with_a_field_too_many_is_named(folder: Path) -> None:
    (folder / "suppliers.csv").write_text("name,value\na,1\nb,2,3\n")
    with pytest.raises(TableError, match="row 2 has 3 fields, the header has 2"):
        _ = load_reference(folder).suppliers


def test_a_table_is_read_again_only_when_its_file_has_changed(folder: Path) -> None:
    file = folder / "suppliers.csv"
    file.write_text("name,value\na,1\n")
    first = load_reference(folder).suppliers
    first["value"] = 9  # a table's reader has it to itself
    first.loc[0, "name"] = "Nobody"
    again = load_reference(folder).suppliers
    assert again["value"].tolist() == [1]
    assert again["name"].tolist() == ["a"]
    file.write_text("name,value\nanother,22\n")
    assert load_reference(folder).suppliers["name"].tolist() == ["another"]
