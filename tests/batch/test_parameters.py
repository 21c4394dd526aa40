from collections.abc import Callable
from pathlib import Path

import pytest

from techalign.batch.notebook import find_notebooks, notebook_title
from techalign.batch.parameters import (
    check_parameters,
    notebook_parameters,
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


CELL = """\
import os
%matplotlib inline
timeout_s = 60 * 60  # seconds
y = 1; x: float = 2  # the second [0, 9]
a, (b, c) = 3, (4, os.sep)
d = e = -1.5
name: str = f"{a} of {b}"
tables: list[str] = [
    "one",
]  # which
day: "datetime.date" = None
!echo it's
"""


def test_defaults_are_literals_or_the_code_that_finds_them_out(
    notebook: Callable[..., Path],
) -> None:
    found = notebook_parameters(notebook("n", more=CELL))
    shown = {name: repr(parameter.default) for name, parameter in found.items()}
    assert {name: shown[name] for name in list(shown)[4:]} == {
        "timeout_s": "60 * 60",
        "y": "1",
        "x": "2",
        "a": "3",
        "b": "4",
        "c": "os.sep",
        "d": "-1.5",
        "e": "-1.5",
        "name": "f'{a} of {b}'",
        "tables": "['one']",
        "day": "None",
    }
    assert found["timeout_s"].help == "seconds"
    assert (found["x"].help, found["x"].high, found["y"].help) == ("the second [0, 9]", 9.0, "")


def test_a_value_without_a_type_is_what_papermill_makes_of_it(
    notebook: Callable[..., Path],
) -> None:
    known = notebook_parameters(notebook("n", more="n = 2\nt = 60 * 60\nword = 'x'\nnone = None"))
    given = {"n": "5", "t": "0.5", "word": "5", "none": "True", "client": "2024"}
    wanted = {"n": 5, "t": 0.5, "word": "5", "none": True, "client": "2024"}
    assert check_parameters(known, given, "n") == wanted


@pytest.mark.parametrize("cell", ["x = [1..2, 3]", "n: int = =", "(" * 9999, "s = '", "x = \0"])
def test_a_cell_that_is_not_python_is_said(notebook: Callable[..., Path], cell: str) -> None:
    with pytest.raises(ParameterError, match="parameters cell is not valid Python"):
        notebook_parameters(notebook("n", more=cell))


@pytest.mark.parametrize("comment", ["[1..2, 3]", "see [1, 2", "[-1.5, 2_000]"])
def test_odd_bounds_are_no_bounds(notebook: Callable[..., Path], comment: str) -> None:
    found = notebook_parameters(notebook("n", more=f"x: float = 1  # {comment}"))["x"]
    assert (found.low, found.high) == ((-1.5, 2000.0) if "2_000" in comment else (None, None))


def test_a_secret_names_a_variable(notebook: Callable[..., Path]) -> None:
    with pytest.raises(ParameterError, match="must name an environment variable"):
        notebook_parameters(notebook("n", more="import os\ntoken: 'Secret' = os.environ['TOKEN']"))


def test_where_no_notebooks_are_it_is_said_how_to_name_them(tmp_path: Path) -> None:
    for place in (tmp_path / "absent", tmp_path):
        with pytest.raises(ParameterError, match="name the notebooks' with --notebooks-dir"):
            find_notebooks(place)
