"""Parameters from files and settings: typed, named with their place, the later first."""

from collections.abc import Callable
from pathlib import Path

import pytest

from techalign.batch.given import Source, gather, read_parameters_file
from techalign.errors import ParameterError

Write = Callable[..., Path]


def test_a_file_is_yaml_or_json_and_days_are_texts(tmp_path: Path) -> None:
    path = tmp_path / "parameters.yaml"
    path.write_text("# ours\nmonths: 6\nas_of: 2026-06-30\nrate: 0.5\ndeep: {a: [1, 2]}\non: yes\n")
    assert read_parameters_file(path) == {
        "months": 6,
        "as_of": "2026-06-30",
        "rate": 0.5,
        "deep": {"a": [1, 2]},
        "on": True,
    }
    path.write_text('{"months": 6}')
    assert read_parameters_file(path) == {"months": 6}
    path.write_text("# nothing yet\n")
    assert read_parameters_file(path) == {}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("months: 6\nmonths: 7\n", ":2: stands here twice (found 'months'). Keep one"),
        ("- 3\n", "holds no parameters. Write a line 'name: value' for each."),
        ("months: [1\n", "is not YAML"),
        ("two words: 1\n", ":1: is no parameter's name (found 'two words')"),
        ("x: !!python/object/apply:os.getcwd []\n", ":1: 'x' has a value that is no text"),
        ("x: !!binary aGk=\n", ":1: 'x' has a value that is no text"),
        ("x: 2026-02-31\n", ":1: 'x' has a value that is no text"),
    ],
)
def test_what_is_wrong_in_a_file_is_said_with_its_line(
    text: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "parameters.yaml"
    path.write_text(text)
    with pytest.raises(ParameterError) as caught:
        read_parameters_file(path)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="Check the path after -f"):
        read_parameters_file(tmp_path / "none.yaml")


def test_the_command_line_comes_before_files_and_files_before_settings(notebook: Write) -> None:
    here = notebook("here", more="rate: float = 0.1  # a rate [0, 1]\n")
    there = notebook("there")
    settings = Source("techalign.toml", {"months": 2, "rate": 0.2}, here.parent)
    file = Source("a.yaml", {"months": 3})
    assert gather([here], [settings], {}) == {"months": 2, "rate": 0.2}
    assert gather([here], [settings, file], {}) == {"months": 3, "rate": 0.2}
    assert gather([here], [settings, file], {"months": "4"})["months"] == "4"
    # settings are for whichever notebook has it; a file is for those that are run
    assert gather([there], [settings], {}) == {"months": 2}
    with pytest.raises(ParameterError, match=r"a.yaml: there.ipynb has no parameter 'rate'"):
        gather([there], [Source("a.yaml", {"rate": 0.2})], {})


@pytest.mark.parametrize("where", ["techalign.toml", "a.yaml"])
def test_what_does_not_fit_is_named_with_its_file(notebook: Write, where: str) -> None:
    path = notebook("here")
    every = path.parent if where == "techalign.toml" else None
    with pytest.raises(ParameterError, match=rf"{where}: .*'mnths'. Did you mean 'months'\?"):
        gather([path], [Source(where, {"mnths": 2}, every)], {})
    with pytest.raises(ParameterError, match=rf"{where}: here.ipynb: parameter 'months': must be"):
        gather([path], [Source(where, {"months": "many"}, every)], {})
