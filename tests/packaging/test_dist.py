"""What is built: it carries the workbook, installs by itself, and works outside the repository."""

import email
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

import techalign

ROOT = Path(__file__).parents[2]
CARRIED = [
    "techalign/py.typed",
    "techalign/cli/starter.ipynb",
    "techalign/intake/mappings/xero.toml",
    "techalign/report/templates/page.css",
    "techalign/workbook/notebooks/spending.ipynb",
    "techalign/workbook/datasets/clients/machine-shop/client.toml",
    "techalign/workbook/datasets/reference/assumptions.csv",
]


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the source distribution, as ``make dist`` builds them."""
    folder = tmp_path_factory.mktemp("dist")
    _do(sys.executable, "-m", "hatchling", "build", "-d", str(folder), cwd=ROOT)
    return folder


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fresh environment that has the wheel, and the libraries from where the tests run."""
    folder = tmp_path_factory.mktemp("installed") / "env"
    _do(sys.executable, "-m", "venv", "--without-pip", str(folder))
    (wheel,) = dist.glob("*.whl")
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet"]
    _do(*pip, "--no-deps", "--no-index", "--disable-pip-version-check", str(wheel))
    place = sysconfig.get_path("purelib", vars={"base": str(folder)})
    (Path(place) / "libraries.pth").write_text(sysconfig.get_path("purelib"))
    # where Jupyter's libraries keep templates and kernels
    (folder / "share").mkdir(exist_ok=True)
    (folder / "share" / "jupyter").symlink_to(Path(sys.prefix) / "share" / "jupyter")
    return folder


def _do(*words: str, cwd: Path | None = None) -> str:
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    done = subprocess.run(
        words, cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def _names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as opened:
        return opened.namelist()


def test_the_wheel_carries_the_workbook_and_nothing_private(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    names = _names(wheel)
    assert [name for name in CARRIED if name not in names] == []
    shipped = {name.split("/")[4] for name in names if "/datasets/clients/" in name}
    assert len([name for name in shipped if "." not in name]) == 8
    private = ("test_", ".ipynb_checkpoints", "__pycache__", ".lock")
    assert [name for name in names if any(word in name for word in private)] == []


def test_all_that_the_package_holds_is_in_the_wheel(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    kept = subprocess.run(
        ["git", "ls-files", "techalign"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if kept.returncode:
        pytest.skip("no checkout of git, which knows what belongs to the package")
    assert sorted(set(kept.stdout.split()) - set(_names(wheel))) == []


def test_the_source_distribution_builds_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    (source,) = dist.glob("*.tar.gz")
    (wheel,) = dist.glob("*.whl")
    with tarfile.open(source) as opened:
        opened.extractall(tmp_path, filter="data")
    (folder,) = tmp_path.iterdir()
    _do(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", "again", cwd=folder)
    (again,) = (folder / "again").glob("*.whl")
    with zipfile.ZipFile(wheel) as one, zipfile.ZipFile(again) as other:
        assert {i.filename: i.CRC for i in one.infolist()} == {
            i.filename: i.CRC for i in other.infolist()
        }


def test_the_version_stands_in_one_place_and_has_a_dated_entry(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    assert wheel.name.split("-")[1] == techalign.__version__
    assert "version" in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dynamic"]
    entry = rf"^## {re.escape(techalign.__version__)} \(\d{{4}}-\d{{2}}-\d{{2}}\)$"
    assert re.search(entry, (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)


def test_hints_name_extras_that_there_are(dist: Path) -> None:
    (wheel,) = dist.glob("*.whl")
    with zipfile.ZipFile(wheel) as opened:
        name = next(n for n in opened.namelist() if n.endswith("/METADATA"))
        metadata = email.message_from_bytes(opened.read(name))
    extras = set(metadata.get_all("Provides-Extra", []))
    texts = [p.read_text() for p in (ROOT / "techalign").rglob("*.py")]
    texts += [p.read_text() for p in (ROOT / "README.md", *(ROOT / "docs").rglob("*.md"))]
    named = {name for text in texts for name in re.findall(r"techalign\[([a-z0-9,]+)\]", text)}
    assert {each for name in named for each in name.split(",")} <= extras
    assert extras >= {"office", "s3", "gcs", "azure", "cluster"}


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("s3://firm/clients", "pip install 'techalign[s3]'"),
        ("gs://firm/clients", "pip install 'techalign[gcs]'"),
        ("abfs://firm/clients", "pip install 'techalign[azure]'"),
        ("ftpx://firm/clients", "Places are folders, s3://"),
    ],
)
def test_a_store_whose_package_is_not_there_names_its_extra(url: str, said: str) -> None:
    code = "import sys; sys.modules.update(s3fs=None, gcsfs=None, adlfs=None)\n"
    code += f"from techalign.storage import as_place; as_place({url!r})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert said in done.stderr.splitlines()[-1]


def test_installed_by_itself_it_works_outside_the_repository(
    installed: Path, tmp_path: Path
) -> None:
    command = str(installed / "bin" / "techalign")
    assert _do(command, "--version").split()[-1] == techalign.__version__
    code = "import techalign; print(techalign.__file__)"
    where = _do(str(installed / "bin" / "python"), "-c", code, cwd=tmp_path)
    assert str(installed) in where
    inside = tmp_path / "wb"
    _do(command, "init", "wb", cwd=tmp_path)
    _do(command, "new", "oak-street", "--clients-dir", "datasets/clients", cwd=inside)
    _do(command, "new-notebook", "mine", cwd=inside)
    run = [command, "run", "machine-shop", "oak-street", "--clients-dir", "datasets/clients"]
    books = ["--notebook", "vendor_risk", "--notebook", "mine"]
    said = _do(*run, *books, cwd=inside).splitlines()
    assert said == ["4 of 4 reports made", str(Path("reports") / "index.html")]
    page = (inside / "reports" / "machine-shop" / "vendor_risk.html").read_text()
    assert "Who you depend on" in page
