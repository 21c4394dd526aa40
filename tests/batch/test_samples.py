"""Every notebook for every sample client, executed: the reports a consultant would send."""

import re
from pathlib import Path

import pytest

from techalign.batch.records import read_records
from techalign.client import load_client

ROOT = Path(__file__).parents[2]
CLIENTS = sorted(p.name for p in (ROOT / "datasets" / "clients").iterdir() if p.is_dir())
NOTEBOOKS = {"spending", "vendor_risk", "partner_ramps"}


def test_every_client_has_every_report_or_the_sentence_that_enables_it(reports: Path) -> None:
    records = {(r.client, r.notebook): r for r in read_records(reports)}
    assert set(records) == {(client, name) for client in CLIENTS for name in NOTEBOOKS}
    assert not [r for r in records.values() if r.status == "failed"]
    for client in CLIENTS:
        has_partners = load_client(ROOT / "datasets/clients", client, tables=["partners"]).tables
        record = records[client, "partner_ramps"]
        assert record.status == ("ok" if has_partners else "not enabled")
        if not has_partners:
            page = (reports / record.page).read_text()
            assert "Adding partners.csv" in page
    enabled = [r for r in records.values() if r.status == "ok"]
    assert all(len(r.headline["figures"]) >= 4 for r in enabled)


@pytest.mark.parametrize("client", CLIENTS)
def test_pages_are_small_whole_and_about_nobody_else(client: str, reports: Path) -> None:
    others = {
        load_client(ROOT / "datasets/clients", other, tables=[]).profile.name
        for other in CLIENTS
        if other != client
    }
    for path in (reports / client).glob("*.html"):
        page = path.read_text()
        assert len(page.encode()) < 150 * 1024, path.name
        assert page.rstrip().endswith("</html>")
        assert not re.findall(
            r"\b(?:nan|NaN|None|inf|<NA>)\b", re.sub(r"<style.*?</style>", "", page)
        )
        assert str(ROOT) not in page
        assert "/home/" not in page
        assert not [name for name in others if name in page]


@pytest.mark.parametrize("client", CLIENTS)
def test_every_chart_has_alt_text_and_every_table_a_caption(client: str, reports: Path) -> None:
    for path in (reports / client).glob("*.html"):
        page = path.read_text()
        assert page.count("<table") == page.count("<caption")
        assert page.count("<svg") == page.count('role="img" aria-label="')
