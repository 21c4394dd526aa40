"""``inspect`` tells the parameters of notebooks as people bring them, and never ends in a trace."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign

FIELD = Path("/work/shared/field")


def _inspect(path: Path) -> Result:
    return CliRunner().invoke(techalign, ["inspect", str(path)])


def test_an_expression_is_shown_as_it_stands(notebook: Callable[..., Path]) -> None:
    long = " + ".join(map(str, range(100)))
    told = _inspect(notebook("n", more=f"t = 60 * 60  # seconds\nlong = {long}")).stdout
    assert "  t: any = 60 * 60\n      seconds\n" in told
    assert max(map(len, told.splitlines())) < 200


def test_another_language_is_said_with_its_kernel_or_the_remedy(tmp_path: Path) -> None:
    cell = {
        "cell_type": "code",
        "metadata": {"tags": ["parameters"]},
        "source": "n <- 3  # a number",
    }
    whole = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "ir"}}}
    path = tmp_path / "n.ipynb"
    path.write_text(json.dumps({**whole, "cells": [{**cell, "outputs": [], "execution_count": 1}]}))
    told = _inspect(path).stdout
    assert "written in r" in told
    assert "Install one: R -e" in told
    assert "  n: any = 3\n      a number\n" in told


@pytest.mark.parametrize("text", ["{", "[]", "3", '{"nbformat": 3}', '{"cells": 5}', '"x' * 9])
def test_what_is_no_notebook_is_one_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "x.ipynb"
    path.write_text(text)
    result = _inspect(path)
    assert "cannot be read as a notebook" in str(result.exception)
    assert "cannot be read: No such file" in str(_inspect(tmp_path / "no.ipynb").exception)


@pytest.mark.skipif(not FIELD.is_dir(), reason="the field cases are not on this machine")
def test_field_cases_are_told() -> None:
    paths = list(FIELD.glob("nb_*/**/*.ipynb"))
    assert len(paths) > 20
    for path in paths:
        result = _inspect(path)
        assert result.exit_code == 0, (path, result.exception)
