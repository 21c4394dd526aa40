"""A client with one table alone gets pages that say what is absent, in words for a client."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from techalign.cli.main import techalign
from tests.batch.test_language import WRONG, pages_of, said_wrong

ROOT = Path(__file__).parents[2]
PLANNED = ("assets", "options", "initiatives")
ALONE = (*PLANNED, "ledger", "vendors", "partners", "goals", "players")

WITH = {"partners": ("partner_revenue",)}
"""What a table says nothing without."""


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    place = tmp_path_factory.mktemp("alone")
    where = ["--clients-dir", str(place / "clients")]
    for table in ALONE:
        made = CliRunner().invoke(techalign, ["new", f"with-{table}", *where])
        assert made.exit_code == 0, made.output
        folder = place / "clients" / f"with-{table}"
        for name in (table, *WITH.get(table, ())):
            (folder / "examples" / f"{name}.csv").rename(folder / f"{name}.csv")
        profile = folder / "client.toml"
        profile.write_text(f"as_of = 2026-06-30\n{profile.read_text()}")
    run = ["run", *where, "--out", str(place / "out"), "--notebooks-dir", str(ROOT / "notebooks")]
    result = CliRunner().invoke(techalign, run)
    assert result.exit_code == 0, result.output
    return pages_of(place / "out")


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
    page = pages[f"with-{table}/plan.html"]
    assert said in page
    assert decision in page.partition("What to decide")[2]
    absent = set(re.findall(r"Nothing is recorded of the (\w+);", page))
    assert absent == set(PLANNED) - {table}
    assert "0 of 0" not in page
    assert not re.search(r"\b(?:nan|inf|None)\b", page)


@pytest.mark.slow
def test_no_page_of_one_table_speaks_of_files_or_in_code(pages: dict[str, str]) -> None:
    clients = {name.partition("/")[0] for name in pages if not name.endswith("/index.html")}
    assert clients == {f"with-{table}" for table in ALONE}
    for wrong in WRONG:
        assert said_wrong(pages, wrong) == {}, wrong
