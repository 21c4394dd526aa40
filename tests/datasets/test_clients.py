"""The sample clients: reproducible, readable, and spoiled only where it is written down."""

from __future__ import annotations

import csv
import re
import subprocess
import sys
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from techalign.client import list_clients, load_client
from techalign.client.folder import Client

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
CLIENTS = DATASETS / "clients"
IDS = [
    "beauty-rep",
    "carrier-store",
    "channel-software",
    "family-clinic",
    "jewellery-shop",
    "juice-bar",
    "machine-shop",
    "one-make-garage",
]
PARTNER_TABLES = {"partners", "partner_revenue", "partner_investment", "channel_plan"}
WITH_PARTNERS = {"beauty-rep", "carrier-store", "channel-software", "machine-shop"}
PLAIN_NOTES = ("encoding ", "delimiter ")


@cache
def client(client_id: str) -> Client:
    return load_client(CLIENTS, client_id)


def planted() -> pd.DataFrame:
    return pd.read_csv(CLIENTS / "planted.csv", keep_default_na=False)


def test_there_are_the_eight_clients() -> None:
    assert list_clients(CLIENTS) == IDS


def test_the_script_writes_the_same_bytes_again(tmp_path: Path) -> None:
    script = [sys.executable, str(DATASETS / "make_clients.py"), "--out", str(tmp_path)]
    subprocess.run(script, check=True, capture_output=True, cwd=tmp_path)
    again = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    shipped = {p.relative_to(CLIENTS): p.read_bytes() for p in CLIENTS.rglob("*") if p.is_file()}
    assert sorted(again) == sorted(shipped)
    assert [str(name) for name in again if again[name] != shipped[name]] == []


def test_the_folder_stays_small() -> None:
    files = [p for p in DATASETS.rglob("*") if p.is_file() and "__pycache__" not in p.parts]
    assert sum(p.stat().st_size for p in files) < 3_500_000
    lines = {str(p): p.read_text(encoding="utf-8").count("\n") for p in DATASETS.rglob("*.py")}
    assert {name: n for name, n in lines.items() if n >= 400} == {}


@pytest.mark.parametrize("client_id", IDS)
def test_exactly_the_planted_rows_are_quarantined(client_id: str) -> None:
    rows = planted()
    bad = rows[(rows["client"] == client_id) & (rows["quarantined"] == "yes")]
    found = {
        (table.file.split("/")[1], int(line))
        for table in client(client_id).tables.values()
        for line in table.quarantine["line"]
    }
    assert found == set(zip(bad["file"], bad["line"], strict=True))


@pytest.mark.parametrize("client_id", IDS)
def test_exact_duplicates_are_where_they_were_planted(client_id: str) -> None:
    rows = planted()
    twice = rows[(rows["client"] == client_id) & (rows["kind"] == "exact duplicate")]
    repeats = client(client_id).tables["ledger"].repeats
    assert list(repeats.index) == sorted(twice["line"])


@pytest.mark.parametrize("client_id", IDS)
def test_one_to_three_per_cent_of_the_ledger_is_spoiled(client_id: str) -> None:
    rows = planted()
    here = rows[(rows["client"] == client_id) & rows["file"].str.startswith("ledger")]
    assert 0.01 <= len(here) / client(client_id).tables["ledger"].rows_in <= 0.03
    assert here["kind"].nunique() >= 10


@pytest.mark.parametrize("client_id", IDS)
def test_nothing_in_a_file_is_left_open(client_id: str) -> None:
    notes = [n for table in client(client_id).tables.values() for n in table.notes]
    assert [n for n in notes if not n.startswith(PLAIN_NOTES)] == []


@pytest.mark.parametrize("client_id", IDS)
def test_spoiled_amounts_are_read_as_they_were_meant(client_id: str) -> None:
    """Marks, signs and brackets change the text, not the money."""
    rows = planted()
    ledger = client(client_id).tables["ledger"].clean
    here = rows[(rows["client"] == client_id) & rows["file"].str.startswith("ledger")]
    lines = {kind: list(group["line"]) for kind, group in here.groupby("kind")}
    assert (ledger.loc[lines["thousands mark"], "amount"] >= 1000).all()
    assert (ledger.loc[lines["brackets"], "amount"] < 0).all()
    assert (ledger.loc[lines["currency sign"], "amount"] > 0).all()


@pytest.mark.parametrize("client_id", IDS)
def test_sizes_are_as_promised(client_id: str) -> None:
    tables = client(client_id).tables
    ledger = tables["ledger"].clean
    assert 500 <= tables["ledger"].rows_in <= 5000
    assert 8 <= tables["vendors"].rows_in <= 40
    days = ledger["date"].max() - ledger["date"].min()
    assert 2.4 * 365 <= days.days <= 3 * 366
    assert ledger["date"].max() <= pd.Timestamp("2026-06-30")
    assert set(tables["vendors"].clean["relation"]) == {"direct", "indirect"}
    assert str(client(client_id).as_of) == "2026-06-30"


@pytest.mark.parametrize("client_id", IDS)
def test_spending_fits_the_business(client_id: str) -> None:
    """Wages are not in the ledger: with them, the costs stay below the revenue."""
    who, ledger = client(client_id).profile, client(client_id).table("ledger")
    own = ledger[ledger["currency"].isin(["", who.currency])]
    years = (own["date"].max() - own["date"].min()).days / 365.25
    wages = who.employees * who.hourly_wage * 1800 * 1.1
    costs = own["amount"].sum() / years + wages
    assert 0.75 * who.yearly_revenue <= costs <= who.yearly_revenue


def test_who_has_which_tables() -> None:
    assert {i for i in IDS if set(client(i).tables) >= PARTNER_TABLES} == WITH_PARTNERS
    assert {i for i in IDS if PARTNER_TABLES & set(client(i).tables)} == WITH_PARTNERS
    assert [i for i in IDS if "contracts" not in client(i).tables] == ["jewellery-shop"]
    assert len(client("channel-software").table("partners")) == 31


def test_the_thirty_partners_look_like_real_ones() -> None:
    book = client("channel-software")
    partners, sales = book.table("partners"), book.table("partner_revenue")
    totals = sales.groupby("partner")["revenue"].sum().sort_values()
    assert 5 <= len(partners) - len(totals) <= 12  # never sold yet
    assert totals.iloc[-1] > 0.35 * totals.sum()
    first = sales[sales["revenue"] > 0].groupby("partner")["month"].min()
    signed = partners.set_index("partner")["signed"]
    assert ((first - signed[first.index]).dt.days > 30).all()
    quotes = book.table("services").query("service == 'quotes'")
    assert quotes["volume"].sum() == 6000


def test_a_change_of_people_is_followed_by_a_dip() -> None:
    sales = client("channel-software").table("partner_revenue")
    northwind = sales[sales["partner"] == "Northwind Integrators"].set_index("month")["revenue"]
    before, after = northwind["2025-08":"2026-02"], northwind["2026-03":]
    assert after.mean() < 0.8 * before.mean()


@pytest.mark.parametrize("client_id", sorted(WITH_PARTNERS))
def test_the_plan_reaches_ahead_and_back(client_id: str) -> None:
    months = client(client_id).table("channel_plan")["month"]
    ahead = (months > pd.Timestamp("2026-06-30")).sum()
    assert 12 <= ahead <= 18
    assert len(months) - ahead == 6


@pytest.mark.parametrize("client_id", IDS)
def test_names_in_one_table_are_known_in_the_other(client_id: str) -> None:
    book = client(client_id)
    vendors = set(book.table("vendors")["vendor"])
    assert set(book.table("vendor_events")["vendor"]) <= vendors
    assert set(book.table("mitigations")["vendor"]) <= vendors
    ids = set(book.table("initiatives")["id"])
    for column in ("after", "synergy_with"):
        named = book.table("initiatives")[column].str.split(";").explode().str.strip()
        # the row of an initiative may be among the planted ones
        assert set(named) - {""} <= ids
    if client_id in WITH_PARTNERS:
        partners = set(book.table("partners")["partner"]) | {"all"}
        for table in ("partner_revenue", "partner_investment", "partner_events", "services"):
            assert set(book.table(table)["partner"]) <= partners if book.has(table) else True
    raw = {name.strip().casefold() for name in book.table("ledger")["vendor_raw"]}
    assert {name.casefold() for name in book.table("vendor_names")["raw"]} <= raw


def test_an_invented_vendor_is_the_same_company_everywhere() -> None:
    every = pd.concat([client(i).table("vendors").assign(client=i) for i in IDS])
    facts = ["founded", "size", "sector", "owner_kind"]
    counts = every.groupby("vendor")[facts].nunique(dropna=False)
    assert counts.max(axis=1).max() == 1
    shared = every.groupby("vendor")["client"].nunique()
    assert (shared >= 3).sum() >= 5  # one failure that hits several clients
    hubs = every["hubs"].str.extractall(r"([^;:]+):")[0].str.strip()
    assert (hubs == "Nimbra Cloud").sum() >= 10


def test_no_risk_fact_is_about_a_known_supplier() -> None:
    with (DATASETS / "reference" / "suppliers.csv").open(encoding="utf-8", newline="") as file:
        real = {row["name"].casefold() for row in csv.DictReader(file)}
    invented = {name.casefold() for i in IDS for name in client(i).table("vendors")["vendor"]}
    assert real & invented == set()


def test_a_supplier_is_written_in_several_ways() -> None:
    names = client("family-clinic").table("ledger")["vendor_raw"]
    ways = names[names.str.contains(r"henry\s+schein", flags=re.IGNORECASE)].str.strip().unique()
    assert len(ways) >= 3


@pytest.mark.parametrize(
    ("client_id", "file", "opening"),
    [
        ("jewellery-shop", "ledger.csv", b"\xef\xbb\xbfdate,"),
        ("one-make-garage", "ledger.csv", b"date;vendor_raw;amount"),
        ("beauty-rep", "ledger.tsv", b"date\tvendor_raw"),
        ("juice-bar", "ledger.xlsx", b"PK"),
        ("carrier-store", "vendors.parquet", b"PAR1"),
        ("channel-software", "partner_revenue.parquet", b"PAR1"),
    ],
)
def test_files_come_in_the_shapes_of_real_exports(
    client_id: str, file: str, opening: bytes
) -> None:
    assert (CLIENTS / client_id / file).read_bytes().startswith(opening)


def test_the_garage_writes_accents_in_cp1252() -> None:
    data = (CLIENTS / "one-make-garage" / "ledger.csv").read_bytes()
    assert "Büro".encode("cp1252") in data
    with pytest.raises(UnicodeDecodeError):
        data.decode("utf-8")
    assert client("one-make-garage").table("ledger")["vendor_raw"].str.contains("Würth").any()
