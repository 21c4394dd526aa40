from collections.abc import Callable
from pathlib import Path

import pytest

from techalign.batch.parameters import (
    check_parameters,
    notebook_parameters,
    notebook_title,
    parse_assignments,
)
from techalign.errors import ParameterError


def test_types_help_and_bounds_come_from_the_tagged_cell(notebook: Callable[..., Path]) -> None:
    path = notebook("n", title="Spend & more")
    parameters = notebook_parameters(path)
    assert list(parameters) == ["client", "clients_dir", "as_of", "months"]
    months = parameters["months"]
    assert (months.kind, months.default, months.low, months.high) == ("int", 3, 1.0, 12.0)
    assert months.help == "months ahead [1, 12]"
    assert notebook_title(path) == "Spend & more"


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"months": "not a number"}, "must be int"),
        ({"months": "3.5"}, "must be int"),
        ({"months": "0"}, "must be between 1 and 12"),
        ({"months": True}, "must be int"),
        ({"monthz": "3"}, "has no parameter 'monthz'"),
        ({"client": 3}, "must be str"),
    ],
)
def test_unknown_and_ill_typed_values_are_refused(
    notebook: Callable[..., Path], given: dict[str, object], problem: str
) -> None:
    known = notebook_parameters(notebook("n"))
    with pytest.raises(ParameterError, match=problem):
        check_parameters(known, given, "n.ipynb")


def test_text_from_the_command_line_is_converted(notebook: Callable[..., Path]) -> None:
    known = notebook_parameters(notebook("n"))
    given = parse_assignments(["months=7", "client=a=b"])
    assert check_parameters(known, given, "n") == {"months": 7, "client": "a=b"}
    with pytest.raises(ParameterError, match="is not name=value"):
        parse_assignments(["months"])


def test_what_is_no_notebook_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.ipynb").write_text("{")
    with pytest.raises(ParameterError, match="cannot be read as a notebook"):
        notebook_parameters(tmp_path / "x.ipynb")
