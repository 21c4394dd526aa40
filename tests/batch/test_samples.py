"""Every notebook for every sample client, executed: the reports a consultant would send."""

import getpass
import gzip
import html
import os
import re
import shutil
import socket
import sys
import tempfile
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from techalign.client import load_client
from techalign.intake.rows import ROW_MODELS
from techalign.review.records import read_records
from tests.command import techalign
from tests.report.interval_form import deviations

ROOT = Path(__file__).parents[2]
CLIENTS = sorted(p.name for p in (ROOT / "datasets" / "clients").iterdir() if p.is_dir())
NOTEBOOKS = {p.stem for p in (ROOT / "notebooks").glob("*.ipynb")} - {"review"}


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
            assert "Nothing is recorded yet of the partners" in page
            assert ".csv" not in page.partition("<main")[2]
    enabled = [r for r in records.values() if r.status == "ok"]
    assert all(len(r.figures) >= 2 for r in enabled)


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
    """Whether an amount says something by itself: five digits, or four with cents among them.

    Shorter ones meet by chance, and are looked for beside the company's name (:func:`_told`). That
    nothing at all comes from another client is shown by the pages being the same without any.
    """
    return _digits(text) >= (4 if "." in text else 5)


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
def _notes(client: str) -> frozenset[str]:
    """Sentences in a client's tables."""
    return frozenset(
        text
        for table in _tables(client).values()
        for column in table.select_dtypes(object)
        for text in table[column].dropna()
        if isinstance(text, str) and text.count(" ") > 1
    )


@cache
def _vendors(client: str) -> frozenset[str]:
    """Names of the companies a client deals with."""
    tables = _tables(client)
    columns = [("vendors", "vendor"), ("contracts", "vendor"), ("partners", "partner"),
               ("suppliers", "name")]  # fmt: skip
    return frozenset(
        str(name) for table, column in columns if table in tables for name in tables[table][column]
    )


_FORMS = re.compile(r"[^\W\d_]+")
_LEGAL = {"inc", "llc", "ltd", "limited", "gmbh", "plc", "co", "corp", "the"}
_KEYS = {"vendor_raw", "vendor", "partner", "name"}
_ROW = re.compile(r"<tr><th scope=row>([^<]*)(.*?)(?=<tr>|</t)", re.DOTALL)
Pairs = frozenset[tuple[str, str]]


def _company(name: str) -> str:
    """A company's name without numbers, legal form and case: as two clients may both write it."""
    words = _FORMS.findall(name.casefold())
    return " ".join(word for word in words if word not in _LEGAL)


def _digits(amount: str) -> int:
    """Digits of an amount that tell something: those between its zeros at both ends."""
    return len(re.sub(r"[^0-9]", "", amount).strip("0"))


@cache
def _pairs(client: str) -> Pairs:
    """Companies with each amount of three telling digits that this client has with them."""
    found = set()
    for table in _tables(client).values():
        for name in _KEYS & set(table.columns):
            for column in table.select_dtypes("number"):
                values = table[[name, column]].dropna().drop_duplicates()
                for company, value in zip(values[name], values[column].abs(), strict=True):
                    forms = {f"{value:,.0f}", f"{value:,.2f}"}
                    found |= {(_company(str(company)), form) for form in forms if _digits(form) > 2}
    return frozenset(found)


def _told(page: str, pairs: Pairs) -> set[tuple[str, str]]:
    """Pairs of a company and an amount that stand in one row of a page."""
    by_company: dict[str, set[str]] = {}
    for company, amount in pairs:
        by_company.setdefault(company, set()).add(amount)
    found = set()
    for head, cells in _ROW.findall(page):
        company = _company(html.unescape(head))
        amounts = set(re.findall(r"[\d,]+(?:\.\d+)?", html.unescape(cells)))
        found |= {(company, amount) for amount in by_company.get(company, set()) & amounts}
    return found


@pytest.mark.parametrize("client", CLIENTS)
def test_no_row_tells_what_another_client_has_with_the_same_company(
    client: str, reports: Path
) -> None:
    others = frozenset().union(*(_pairs(other) for other in CLIENTS if other != client))
    secret = frozenset(others - _pairs(client))
    assert len(secret) > 1000
    pages = [path.read_text("utf-8") for path in (reports / client).glob("*.html")]
    told = [_told(page, secret) for page in pages]
    # one estimate of three digits may meet another's amount by chance; a copied row has several
    assert all(len(found) <= 1 for found in told), told
    assert [pair for found in told for pair in found if _digits(pair[1]) > 3] == []
    # a row of somebody else's would be seen, however it writes the company
    company, amount = next(p for p in sorted(secret) if p[0] and len(p[1]) == 3)
    row = f"<tr><th scope=row>{company.upper()} #12, LLC<td>2 May 2026<td>${amount}<tr>"
    assert _told(pages[0].replace("<tr>", row, 1), secret) == {(company, amount)}


@pytest.mark.parametrize("client", CLIENTS)
def test_no_page_of_a_client_tells_of_another_or_of_the_machine(client: str, reports: Path) -> None:
    names = {r.client: r.client_name for r in read_records(reports)}
    folder = ROOT / "datasets/clients" / client
    # a company may be one client's vendor and stand behind another's
    own = b"\n".join(
        path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()
    ).decode("utf-8", "ignore")
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


# one with all tables, one with a company that others have, too, and one with few tables
@pytest.mark.parametrize("client", ["channel-software", "one-make-garage", "juice-bar"])
def test_a_clients_pages_are_the_same_bytes_where_no_other_client_exists(
    client: str, reports: Path, tmp_path: Path
) -> None:
    alone = tmp_path / "clients"
    shutil.copytree(ROOT / "datasets/clients" / client, alone / client)
    # the practice's experience is a file of its own beside the clients
    shutil.copy(ROOT / "datasets/clients/experience.json", alone)
    out = tmp_path / "reports"
    done = techalign(["run", "--clients-dir", str(alone), "--out", str(out)], os.environ)
    assert done.returncode == 0, done.stderr
    pages = sorted(path.name for path in (reports / client).glob("*.html"))
    assert len(pages) == len(NOTEBOOKS) + 1
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


def test_every_interval_on_every_page_has_one_form(reports: Path) -> None:
    pages = list(reports.rglob("*.html"))
    found = {}
    for path in pages:
        page = path.read_text("utf-8")
        # what the client's own notes say stays as it was written
        for text in _notes(path.parent.name) if path.parent.name in CLIENTS else ():
            page = page.replace(html.escape(text), "")
        found[path] = deviations(page)
    assert {path.name: said for path, said in found.items() if said} == {}
    # and there are intervals: where a report has headline numbers, something is in brackets
    assert sum("<td>($" in path.read_text("utf-8") for path in pages) >= 12
