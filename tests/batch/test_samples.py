"""Every notebook for every sample client, executed: the reports a consultant would send."""

import gzip
import html
import os
import re
import socket
from pathlib import Path

import pytest

from techalign.batch.history import recorded_rows
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
def test_no_page_of_a_client_tells_of_another_or_of_the_machine(client: str, reports: Path) -> None:
    records = {r.client: r for r in read_records(reports) if r.notebook == "vendor_risk"}
    folder = ROOT / "datasets/clients" / client
    # a company may be one client's vendor and stand behind another's
    own = b"\n".join(path.read_bytes() for path in sorted(folder.iterdir()))
    secrets = {other for other in CLIENTS if other != client}
    for other in set(CLIENTS) - {client}:
        secrets.add(records[other].client_name)
        for row in recorded_rows(records[other], "vendors"):
            if row["loss"] >= 1000:
                amount = f"{row['loss']:,.0f}"
                mine = {f"{r['loss']:,.0f}" for r in recorded_rows(records[client], "vendors")}
                secrets |= {amount} - mine if len(amount) > 6 else set()
            if len(row["vendor"]) > 12 and row["vendor"].encode() not in own:
                secrets.add(row["vendor"])
    values = {v for v in os.environ.values() if len(v) > 7 and not v.isdigit()}
    machine = {str(ROOT), str(Path.home()), socket.gethostname(), str(reports)} | values
    for path in (reports / client).glob("*.html"):
        text = html.unescape(path.read_text())
        said = [s for s in secrets if re.search(rf"(?<![\w,.]){re.escape(s)}(?![\w,])", text)]
        assert sorted(said) == [], path.name
        assert [m for m in machine if len(m) > 5 and m in text] == [], path.name


def test_the_portfolio_and_the_index_are_not_in_a_clients_folder(reports: Path) -> None:
    assert (reports / "portfolio.html").exists()
    for client in CLIENTS:
        text = (reports / client / "index.html").read_text()
        assert "portfolio" not in text
        assert "../" not in text


def test_pages_are_small_also_when_compressed(reports: Path) -> None:
    for path in reports.rglob("*.html"):
        page = path.read_bytes()
        if path.name != "portfolio.html":
            assert len(page) <= 150 * 1024, path.name
        assert len(gzip.compress(page)) <= 40 * 1024, path.name


@pytest.mark.parametrize("client", CLIENTS)
def test_every_chart_has_alt_text_and_every_table_a_caption(client: str, reports: Path) -> None:
    for path in (reports / client).glob("*.html"):
        page = path.read_text()
        assert page.count("<table") == page.count("<caption")
        assert page.count("<svg") == page.count('role="img" aria-label="')
