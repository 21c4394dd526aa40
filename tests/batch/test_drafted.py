"""From a ledger alone: what `techalign draft` proposed is named as such on every page."""

import re
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from techalign.cli.main import techalign
from techalign.client.create import create_client
from techalign.report.proposed import PROPOSED

ROOT = Path(__file__).parents[2]
LEDGER = ROOT / "datasets" / "clients" / "machine-shop" / "ledger.csv"
PLACE = re.compile(r'<dd class="s">(.*?)</dd>|<p class="source">(Source: .*?)</p>', re.DOTALL)


def _said(page: str) -> str:
    body = re.sub(r"<style.*?</style>|<svg.*?</svg>|<footer>.*", " ", page.partition("<main")[2],
                  flags=re.DOTALL)  # fmt: skip
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    place = tmp_path_factory.mktemp("drafted")
    folder = create_client(place / "clients", "shop", name="Shop", currency="USD")
    shutil.copy(LEDGER, folder / "ledger.csv")
    profile = folder / "client.toml"
    profile.write_text(f"as_of = 2026-06-30\n{profile.read_text()}")
    where = ["--clients-dir", str(place / "clients")]
    assert CliRunner().invoke(techalign, ["draft", "shop", *where]).exit_code == 0
    run = ["run", "shop", *where, "--out", str(place / "out"), "--notebooks-dir",
           str(ROOT / "notebooks")]  # fmt: skip
    result = CliRunner().invoke(techalign, run)
    assert result.exit_code == 0, result.output
    return {path.stem: path.read_text("utf-8") for path in (place / "out" / "shop").glob("*.html")}


@pytest.mark.slow
def test_every_number_that_rests_on_a_proposal_says_so(pages: dict[str, str]) -> None:
    vendor = [a or b for a, b in PLACE.findall(pages["vendor_risk"])]
    rests = [said for said in vendor if "your vendors" in said or "above" in said]
    assert len(rests) >= 5
    assert all(PROPOSED in said for said in rests)
    figures = [a for a, _ in PLACE.findall(pages["vendor_risk"]) if a]
    assert figures
    assert all(PROPOSED in said for said in figures)
    spending = [a or b for a, b in PLACE.findall(pages["spending"])]
    assert all((PROPOSED in said) == ("contracts" in said or "agreements" in said)
               for said in spending if re.search(r"\b(?:ledger|contracts)\b", said))  # fmt: skip
    assert any(said.endswith("ledger") for said in spending), "what was paid is no proposal"


@pytest.mark.slow
def test_pages_say_what_is_open_and_which_ten_cells_would_change_most(
    pages: dict[str, str],
) -> None:
    said = {name: _said(page) for name, page in pages.items()}
    assert "cells of the vendors were proposed from the ledger, not confirmed" in (
        said["vendor_risk"])  # fmt: skip
    for fact in ("the sector", "the yearly revenue", "the number of employees"):
        assert fact in said["spending"].partition("Nobody has told yet")[2][:200]
    assert "What is said here of" in said["index"]
    assert f"{PROPOSED} by anybody" in said["index"]
    assert (
        "Find out when 10 companies were founded"
        in said["index"].partition("To find out and agree on")[2]
    )
    decided = said["spending"].partition("What to decide")[2]
    assert f"Its figures were {PROPOSED}" in decided


@pytest.mark.slow
@pytest.mark.parametrize(
    "wrong",
    [
        r"\b(?:nan|NaN|None|inf|NaT)\b",
        r"\b[a-z]+_[a-z_]+\b",
        r"(?<![\d.,])1 (?:cells|months|agreements|companies)\b",
    ],
)
def test_pages_of_a_ledger_alone_are_plain_english(pages: dict[str, str], wrong: str) -> None:
    for name in ("index", "spending", "vendor_risk"):
        assert re.findall(rf".{{0,30}}{wrong}.{{0,30}}", _said(pages[name])) == [], name
