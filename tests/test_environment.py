"""The three lists of dependencies say the same: pyproject, the conda file, the lock."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def _names(requirements: list[str]) -> dict[str, str]:
    return dict(re.match(r"([A-Za-z0-9_.-]+)(.*)", text).groups() for text in requirements)


def test_the_conda_file_is_in_step_with_pyproject() -> None:
    text = (ROOT / "environment.yml").read_text()
    lines = text[text.index("dependencies:") :].splitlines()
    listed = [line.strip().removeprefix("- ") for line in lines if line.startswith("  - ")]
    conda = _names([line for line in listed if not line.startswith(("python>", "python=", "pip"))])
    wanted = _names(PROJECT["dependencies"])
    assert conda == wanted
    assert f"python{PROJECT['requires-python']}" in listed


def test_the_lock_pins_every_dependency_with_a_checksum() -> None:
    lock = (ROOT / "requirements.lock").read_text()
    pinned = set(re.findall(r"^([a-z0-9._-]+)==", lock, re.MULTILINE))
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    for name in _names([*PROJECT["dependencies"], *groups["dev"]]):
        assert name.lower().replace("_", "-") in pinned, name
    requirements = re.split(r"\n(?=[a-z0-9])", lock)
    assert all("--hash=sha256:" in text for text in requirements if "==" in text)


@pytest.mark.parametrize(
    "name", ["jupyterlab", "pandas", "numpy", "scipy", "ipywidgets", "papermill"]
)
def test_the_given_packages_are_dependencies(name: str) -> None:
    assert name in _names(PROJECT["dependencies"])
