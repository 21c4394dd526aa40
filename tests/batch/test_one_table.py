"""A client with one of the plan's tables alone gets a plan page that says what is absent."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from techalign.cli.main import techalign

ROOT = Path(__file__).parents[2]
ALONE = ("assets", "options", "initiatives")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    place = tmp_path_factory.mktemp("alone")
    where = ["--clients-dir", str(place / "clients")]
    for table in ALONE:
        made = CliRunner().invoke(techalign, ["new", f"with-{table}", *where])
        assert made.exit_code == 0, made.output
        folder = place / "clients" / f"with-{table}"
        (folder / "examples" / f"{table}.csv").rename(folder / f"{table}.csv")
        profile = folder / "client.toml"
        profile.write_text(f"as_of = 2026-06-30\n{profile.read_text()}")
    run = ["run", *where, "--notebook", "plan", "--out", str(place / "out"), "--notebooks-dir",
           str(ROOT / "notebooks")]  # fmt: skip
    result = CliRunner().invoke(techalign, run)
    assert result.exit_code == 0, result.output
    found = {}
    for table in ALONE:
        page = (place / "out" / f"with-{table}" / "plan.html").read_text("utf-8")
        body = re.sub(r"<style.*?</style>|<svg.*?</svg>", " ", page, flags=re.DOTALL)
        found[table] = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("table", "said", "decision"),
    [
        ("assets", "replacement of old technology within 8 quarters", "Replace Windows Server"),
        ("options", "For payroll, payroll service costs With Options least", "Choose payroll"),
        ("initiatives", "all 2 projects within 8 quarters", "Start "),
    ],
)
def test_one_table_alone_makes_a_page(
    pages: dict[str, str], table: str, said: str, decision: str
) -> None:
    page = pages[table]
    assert said in page
    assert decision in page.partition("What to decide")[2]
    absent = set(re.findall(r"Of the (\w+) nothing is recorded", page))
    assert absent == set(ALONE) - {table}
    assert "0 of 0" not in page
    assert not re.search(r"\b(?:nan|inf|None)\b", page)
