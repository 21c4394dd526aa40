"""Every notebook for every sample client, executed: the reports a consultant would send."""

import getpass
import gzip
import html
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from techalign.batch.records import read_records
from techalign.client import load_client
from techalign.intake.rows import ROW_MODELS

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
    assert all(len(r.headline["figures"]) >= 3 for r in enabled)


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


def _tables(client: str) -> dict[str, pd.DataFrame]:
    return {
        name: read.clean
        for name, read in load_client(
            ROOT / "datasets/clients", client, tables=list(ROW_MODELS)
        ).tables.items()
    }


def _telling(text: str) -> bool:
    """Whether an amount says something: five digits, or four with cents among them.

    Shorter ones meet by chance; that nothing at all comes from another client is shown by the
    pages being the same without any.
    """
    return len(re.sub(r"[^0-9]", "", text).strip("0")) >= (4 if "." in text else 5)


@cache
def _amounts(client: str) -> frozenset[str]:
    """Telling amounts of a client's tables, as a page would write them."""
    found: set[str] = set()
    for table in _tables(client).values():
        for column in table.select_dtypes("number"):
            for value in set(table[column].dropna().abs()):
                forms = {f"{value:,.2f}"} if value != round(value) else {f"{value:,.0f}"}
                found |= {form for form in forms if "," in form and _telling(form)}
    return frozenset(found)


@cache
def _vendors(client: str) -> frozenset[str]:
    """Names of the companies a client deals with."""
    tables = _tables(client)
    columns = [("vendors", "vendor"), ("contracts", "vendor"), ("partners", "partner"),
               ("suppliers", "name")]  # fmt: skip
    return frozenset(
        str(name) for table, column in columns if table in tables for name in tables[table][column]
    )


@pytest.mark.parametrize("client", CLIENTS)
def test_no_page_of_a_client_tells_of_another_or_of_the_machine(client: str, reports: Path) -> None:
    names = {r.client: r.client_name for r in read_records(reports)}
    folder = ROOT / "datasets/clients" / client
    # a company may be one client's vendor and stand behind another's
    own = b"\n".join(path.read_bytes() for path in sorted(folder.iterdir())).decode(
        "utf-8", "ignore"
    )
    others = set(CLIENTS) - {client}
    secrets = others | {names[other] for other in others}
    for other in others:
        secrets |= {v for v in _vendors(other) if len(v) > 4 and v.lower() not in own.lower()}
        secrets |= _amounts(other) - _amounts(client)
    values = {v for v in os.environ.values() if len(v) > 7 and not v.isdigit()}
    machine = {str(ROOT), str(Path.home()), socket.gethostname(), str(reports), getpass.getuser()}
    machine |= values | {str(Path.cwd()), tempfile.gettempdir() + "/", sys.prefix}
    # a user called root is in every text: only names that are names can be looked for
    machine -= {"root", "/", "/root"}
    for path in (reports / client).glob("*.html"):
        text = html.unescape(path.read_text())
        said = {s for s in secrets if s in text}
        said = {s for s in said if re.search(rf"(?<![\w,.]){re.escape(s)}(?![\w,]|\.\d)", text)}
        assert sorted(said) == [], path.name
        assert [m for m in machine if len(m) > 3 and m in text] == [], path.name


@pytest.mark.parametrize("client", CLIENTS)
def test_a_clients_pages_are_the_same_bytes_where_no_other_client_exists(
    client: str, reports: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "clients"
    shutil.copytree(ROOT / "datasets/clients" / client, alone / client)
    out = tmp_path / "reports"
    command = [sys.executable, "-m", "techalign", "run", "--clients-dir", str(alone)]
    done = subprocess.run(
        [*command, "--out", str(out)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    pages = sorted(path.name for path in (reports / client).glob("*.html"))
    assert len(pages) == 4
    for name in pages:
        assert (out / client / name).read_bytes() == (reports / client / name).read_bytes(), name


def test_the_portfolio_and_the_index_are_not_in_a_clients_folder(reports: Path) -> None:
    assert (reports / "portfolio.html").exists()
    for client in CLIENTS:
        text = (reports / client / "index.html").read_text()
        assert "portfolio" not in text
        assert "../" not in text


def test_pages_are_small_also_when_compressed(reports: Path) -> None:
    for path in reports.rglob("*.html"):
        page = path.read_bytes()
        assert len(page) <= 150 * 1024, path.name
        assert len(gzip.compress(page)) <= 40 * 1024, path.name


@pytest.mark.parametrize("client", CLIENTS)
def test_every_chart_has_alt_text_and_every_table_a_caption(client: str, reports: Path) -> None:
    for path in (reports / client).glob("*.html"):
        page = path.read_text()
        assert page.count("<table") == page.count("<caption")
        assert page.count("<svg") == page.count('role="img" aria-label="')
