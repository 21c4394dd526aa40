"""Clients at the edge, each on its whole page: what a reader is told where little is there."""

from __future__ import annotations

import csv
import html
import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from techalign.cli.main import techalign

PROFILE = """\
name = "{}"
sector = "professional"
setting = "services"
currency = "USD"
employees = 12
yearly_revenue = 1400000
hourly_wage = 40.0
as_of = 2026-06-30
"""
PLAN = ["id", "name", "purpose", "owner", "cost_per_quarter", "hours_per_quarter", "benefit_low",
        "benefit_mode", "benefit_high", "p_success", "duration", "after"]  # fmt: skip
PARTNER = ["partner", "kind", "segment", "signed", "ended", "margin"]


def client(folder: Path, name: str, **tables: list[list[object]]) -> None:
    (folder / name).mkdir(parents=True)
    (folder / name / "client.toml").write_text(PROFILE.format(name))
    for table, rows in tables.items():
        with (folder / name / f"{table}.csv").open("w", newline="") as file:
            csv.writer(file).writerows(rows)


def monthly(first: str, count: int) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in pd.date_range(first, periods=count, freq="MS")]


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("edges")
    paid = [[day, "Shell", 500.0] for day in monthly("2024-07-01", 24)]
    came = [[day, "Fennel Foods", -300.0] for day in monthly("2024-07-01", 24)]
    client(folder, "bank", ledger=[["date", "vendor_raw", "amount"], *paid, *came])
    client(
        folder, "projects",
        initiatives=[
            PLAN,
            ["loss", "Loss", "reduce", "Ann", 900, 9, -300, -200, -100, 0.8, 1, ""],
            ["self", "Self", "reduce", "Ann", 900, 9, 3000, 4000, 5000, 0.8, 1, "self"],
            ["good", "Good", "reduce", "Ann", 900, 9, 3000, 4000, 5000, 0.8, 1, ""],
        ],
    )  # fmt: skip
    sold = [["Oak", day, 900.0] for day in monthly("2025-01-01", 9)]
    client(
        folder, "partners",
        partners=[PARTNER, ["Oak", "reseller", "volume", "2025-01-05", "2025-09-30", 0.3]],
        partner_revenue=[["partner", "month", "revenue"], *sold],
    )  # fmt: skip
    out = folder / "reports"
    run = ["run", "bank", "projects", "partners", "--clients-dir", str(folder), "--out", str(out)]
    named = [f"--notebook={name}" for name in ("spending", "plan", "partner_ramps")]
    result = CliRunner().invoke(techalign, [*run, *named])
    assert result.exit_code == 0, result.output
    return out


def said(page: Path) -> str:
    bare = re.sub(
        r"<(style|script|svg)\b.*?</\1>|<[^>]*>", " ", page.read_text("utf-8"), flags=re.S
    )
    return " ".join(html.unescape(bare).split())


@pytest.mark.slow
def test_customers_on_a_banks_export_lower_no_spending(pages: Path) -> None:
    page = said(pages / "bank" / "spending.html")
    assert "All spending, 12 months $6,000 ledger; money in from 1 name that is never paid" in page
    assert "taken as income, and in no figure above" in page


@pytest.mark.slow
def test_a_project_without_a_rate_of_return_and_one_that_waits_for_itself(pages: Path) -> None:
    page = said(pages / "projects" / "plan.html")
    assert "can do 1 of 2 projects within 8 quarters" in page
    assert "1 more cannot be planned: see what they wait for." in page
    assert "Self is not planned: it waits for itself." in page
    assert re.search(r"Loss \$[\d,]+ 0% \S+ never none", page)
    assert "none where no rate makes what comes in worth what goes out" in page


@pytest.mark.slow
def test_without_investment_and_with_every_agreement_ended(pages: Path) -> None:
    page = said(pages / "partners" / "partner_ramps.html")
    assert "Every agreement with a partner has ended" in page
    assert "they should bring $0" in page
    assert "once it is, this page shows the channel's net present value" in page
    assert "Most cash tied up" not in page
    assert "Nobody has told yet what partners are given" in page
    assert "no partner sales are on record" not in page
