"""``techalign.toml``: found above the working directory, typed, and named where it is wrong."""

import datetime as dt
from pathlib import Path

import pytest

from techalign.client.settings import RunSettings, Settings, find_settings, read_settings
from techalign.errors import InputError

WHOLE = """
clients_dir = "clients"
out = "s3://firm/reports"

[run]
notebooks = ["spending"]
jobs = 3
timeout = 90
show_code = true

[parameters]
as_of = 2026-06-30
horizon_months = 24

[practice]
name = "Hill & Daughters"
"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "techalign.toml"
    path.write_text(text)
    return path


def test_what_it_says_is_typed_and_the_practice_is_left_to_its_reader(tmp_path: Path) -> None:
    settings = read_settings(_file(tmp_path, WHOLE))
    assert settings.run.notebooks == ("spending",)
    assert (settings.run.jobs, settings.run.timeout, settings.run.show_code) == (3, 90.0, True)
    assert settings.run.reviews is None
    assert settings.parameters == {"as_of": dt.date(2026, 6, 30), "horizon_months": 24}
    assert settings.practice == {"name": "Hill & Daughters"}


def test_the_nearest_file_upwards_counts_and_its_folders_are_relative_to_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    below = tmp_path / "clients" / "oak-street"
    below.mkdir(parents=True)
    path = _file(tmp_path, WHOLE)
    assert find_settings(below) == path
    monkeypatch.chdir(below)
    folders = read_settings(path).folders(path.parent)
    assert folders == {"clients_dir": "..", "out": "s3://firm/reports"}
    nearer = _file(tmp_path / "clients", "")
    assert find_settings(below) == nearer


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("\nclients-dir = 'x'", ":2: unknown key 'clients-dir'. Did you mean 'clients_dir'?"),
        ("[run]\ntimeuot = 3", ":2: unknown key 'run.timeuot'. Did you mean 'timeout'?"),
        ("jobs = 3", ":1: unknown key 'jobs'. It belongs into the table [run]."),
        ("[run]\nout = 'x'", ":2: unknown key 'run.out'. It belongs into the top of the file."),
        ("[rum]", ":1: unknown key 'rum'. Did you mean 'run'?"),
        ("xyz = 1", "unknown key 'xyz'. There are clients_dir, notebooks_dir, out, run"),
        ("[run]\njobs = '3'", ":2: 'run.jobs': input should be a valid integer (found '3')"),
        ("[run]\njobs = 0", "should be greater than or equal to 1 (found '0')"),
        ("[run]\nshow_code = 1", "'run.show_code': input should be a valid boolean"),
        ("[run]\nnotebooks = 'a'", "'run.notebooks': input should be a valid tuple"),
        ("clients_dir = ''", "'clients_dir'"),
        ("run = 3", "'run'"),
        ("[parameters]\nx = [1]", ":2: 'parameters.x'"),
        ("a = ", "is not valid TOML"),
    ],
)
def test_what_is_wrong_is_one_line_with_file_key_and_remedy(
    text: str, said: str, tmp_path: Path
) -> None:
    path = _file(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_settings(path)
    assert str(caught.value).startswith(str(path))
    assert said in str(caught.value)


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    path = tmp_path / "techalign.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="it is not UTF-8"):
        read_settings(path)


DOCS = Path(__file__).parents[2] / "docs" / "settings.md"


def test_the_page_on_settings_names_every_key_and_its_example_is_read(tmp_path: Path) -> None:
    text = DOCS.read_text()
    example = text.partition("```toml\n")[2].partition("```")[0]
    read_settings(_file(tmp_path, example))
    for model in (Settings, RunSettings):
        for key in model.model_fields:
            assert f"\n{key} = " in example or f"# {key} = " in example or f"[{key}]" in example
