"""``make matrix``: what was built, in empty environments of every Python, newest and oldest."""

import argparse
import email
import itertools
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

PYTHONS = ("3.11", "3.12", "3.13")
VERSIONS = {"newest": "highest", "oldest": "lowest-direct"}
SHOWN = ("numpy", "pandas", "scipy", "pyarrow", "ipykernel", "papermill", "jupyterlab")
EXTRAS = "office,s3,gcs,azure,cluster"
_LONGEST = 90  # characters of a reason in the table


@dataclass(frozen=True)
class Row:
    """One environment: what it holds, and what came of it."""

    built: str
    python: str
    versions: str
    came: str
    seconds: float = 0.0
    held: str = ""


class FellError(Exception):
    """A step of one environment fell: which one, and the last it said."""


def main() -> None:
    """Try what is named on the command line; the exit code is the number that failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("built", type=Path, nargs="+", help="A wheel or a source distribution.")
    parser.add_argument("--python", action="append", help="Only this one (repeatable).")
    parser.add_argument("--versions", choices=VERSIONS, action="append")
    parser.add_argument("--extras", default=EXTRAS, help="Also these extras; '' for none.")
    given = parser.parse_args()
    uv = _uv()
    rows = []
    pairs = [(p, v) for p in given.python or PYTHONS for v in given.versions or VERSIONS]
    for (python, versions), built in itertools.product(pairs, given.built):
        if built.suffix != ".whl" and versions == "oldest":
            continue  # it becomes the same wheel, which has been tried with them
        row = _tried(uv, built.resolve(), python, versions, given.extras)
        rows.append(row)
        named = f"{row.built}, {row.python} {row.versions}"
        print(f"{named}: {row.came} ({row.seconds:.0f} s)", flush=True)
    print("\n".join(_table(rows)))
    sys.exit(sum(row.came not in {"good"} and "skipped" not in row.came for row in rows))


def _uv() -> str:
    beside = Path(sys.executable).with_name("uv")
    found = str(beside) if beside.exists() else shutil.which("uv")
    if found is None:
        sys.exit("uv is needed, which brings older versions: pip install uv")
    return found


def _interpreter(uv: str, python: str) -> str:
    """The path of an interpreter that is on this machine; "" if there is none."""
    asked = [uv, "python", "find", "--no-python-downloads", "--no-project", "--system", python]
    found = subprocess.run(asked, capture_output=True, text=True, check=False)
    if found.returncode == 0:
        return found.stdout.strip()
    # pyenv keeps those it is not told to use off the path
    kept = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    return next((str(path) for path in sorted(kept.glob(f"{python}.*/bin/python"))), "")


def _tried(uv: str, built: Path, python: str, versions: str, extras: str) -> Row:
    kind = "wheel" if built.suffix == ".whl" else "source"
    interpreter = _interpreter(uv, python)
    if not interpreter:
        return Row(kind, python, versions, f"skipped: there is no Python {python} on this machine")
    started = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="techalign-matrix-") as made:
        folder = Path(made)
        try:
            held = _installed(uv, interpreter, built, versions, extras, folder)
            for said in _works(folder):
                print(f"  {said}", flush=True)
        except FellError as fell:
            return Row(kind, python, versions, f"FAILED {fell}", time.monotonic() - started)
    return Row(kind, python, versions, "good", time.monotonic() - started, held)


def _installed(
    uv: str, interpreter: str, built: Path, versions: str, extras: str, folder: Path
) -> str:
    """Make the environment; return the versions that it holds."""
    env, resolution = folder / "env", VERSIONS[versions]
    _do([uv, "venv", "--quiet", "--python", interpreter, str(env)], folder)
    python = str(env / "bin" / "python")
    # as they stand in what was built, but named here: "direct" are those that one asks for oneself
    wanted = folder / "wanted.txt"
    wanted.write_text("\n".join(_requirements(built, extras)))
    install = [uv, "pip", "install", "--quiet", "--python", python]
    _do([*install, "--resolution", resolution, "-r", str(wanted)], folder)
    _do([*install, "--no-deps", str(built)], folder)
    _do([uv, "pip", "check", "--quiet", "--python", python], folder)
    frozen = _do([uv, "pip", "freeze", "--python", python], folder).splitlines()
    found = dict(line.partition("==")[::2] for line in frozen)
    return " ".join(f"{name} {found[name]}" for name in SHOWN)


def _metadata(built: Path) -> bytes:
    if built.suffix == ".whl":
        with zipfile.ZipFile(built) as wheel:
            name = next(n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
            return wheel.read(name)
    with tarfile.open(built) as source:
        info = next(m for m in source if m.name.endswith("/PKG-INFO"))
        opened = source.extractfile(info)
        assert opened is not None
        return opened.read()


def _requirements(built: Path, extras: str) -> Iterator[str]:
    """What it says that it needs, with the extras' share."""
    metadata = email.message_from_bytes(_metadata(built))
    for line in metadata.get_all("Requires-Dist"):
        requirement = Requirement(line)
        asked = ["", *extras.split(",")]
        if requirement.marker is None:
            yield line
        elif any(requirement.marker.evaluate({"extra": extra}) for extra in asked):
            requirement.marker = None
            yield str(requirement)


def _works(folder: Path) -> Iterator[str]:
    """Do as somebody does who has just installed it, in a directory that is not the repository."""
    techalign = str(folder / "env" / "bin" / "techalign")
    workbook = folder / "workbook"
    yield _do([techalign, "--version"], folder).strip()
    _do([techalign, "init", str(workbook)], folder)
    samples = ["--clients-dir", "datasets/clients"]
    _do([techalign, "new", "oak-street", *samples], workbook)
    run = [techalign, "run", "machine-shop", "oak-street", "channel-software", *samples]
    yield _do(run, workbook).splitlines()[0]
    would = _do([*run, "--dry-run"], workbook)
    if not would.startswith("0 of"):
        raise FellError(f"a second run would make: {would.splitlines()[0]}")
    yield _do(run, workbook).splitlines()[0]
    for page in (workbook / "reports").glob("*/*.html"):
        if "cannot be made" in page.read_text():
            raise FellError(f"page {page.parent.name}/{page.name}")


def _do(words: Sequence[str], cwd: Path) -> str:
    # what is installed is to be tried, not what lies elsewhere
    kept = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(words, cwd=cwd, env=kept, capture_output=True, text=True, check=False)
    if done.returncode:
        said = " ".join((done.stderr.strip() or done.stdout.strip())[-700:].split())
        raise FellError(f"{Path(words[0]).name} {words[1]}: … {said}")
    return done.stdout


def _table(rows: Sequence[Row]) -> Iterator[str]:
    yield "\n| built | Python | versions | came out | seconds | holds |\n|---|---|---|---|---|---|"
    for row in rows:
        came = row.came[:_LONGEST]
        said = (row.built, row.python, row.versions, came, f"{row.seconds:.0f}", row.held)
        yield f"| {' | '.join(said)} |"


if __name__ == "__main__":
    main()
