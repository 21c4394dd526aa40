import gzip
import html
import re
from pathlib import Path

import numpy as np
import pytest

from techalign.review.portfolio_page import render_portfolio
from techalign.review.records import Record, read_records
from techalign.review.vendor_portfolio import CurrencyPortfolio, shared_vendors, vendor_portfolios
from techalign.vendors import loss_distribution
from tests.review.made import DECISION, figure, made, vendor


def _record(client: str, unit: str, *vendors: dict[str, object]) -> Record:
    return made(client=client, unit=unit, vendors=list(vendors))


def _parts(clients: dict[str, list[Record]]) -> list[CurrencyPortfolio]:
    return vendor_portfolios([record for records in clients.values() for record in records])


CLIENTS = {
    "aa": [_record("aa", "USD", vendor("Nimbra Cloud", 0.1, 100.0), vendor("Oak", 0.2, 30.0))],
    "bb": [_record("bb", "USD", vendor("NIMBRA CLOUD, INC.", 0.2, 200.0))],
    "cc": [_record("cc", "EUR", vendor("Nimbra Cloud", 0.1, 70.0))],
}


def test_vendors_are_merged_across_clients_and_money_of_one_currency_added() -> None:
    euros, dollars = _parts(CLIENTS)
    assert (dollars.currency, euros.currency) == ("USD", "EUR")
    first = dollars.vendors.iloc[0]
    assert (first["loss"], first["clients"], first["names"]) == (300.0, 2, ("Aa", "Bb"))
    assert first["pd"] == pytest.approx(0.15)
    assert euros.vendors["loss"].tolist() == [70.0]
    assert len(dollars.hits) == 3


def test_a_vendor_of_clients_in_two_currencies_is_one_and_its_money_stays_apart() -> None:
    shared = shared_vendors([record for records in CLIENTS.values() for record in records])
    assert set(shared["vendor"]) == {"Nimbra Cloud"}
    assert shared["client_name"].tolist() == ["Cc", "Aa", "Bb"]
    assert set(shared["clients"]) == {3}
    page = render_portfolio(CLIENTS, {})
    (row,) = re.findall(r"<th scope=row>Nimbra Cloud<td>3<td>Aa; Bb; Cc.*?(?=<tr>|</tbody>)", page)
    assert "€70" in row
    assert "$300" in row
    # what stands for one currency alone says of it, too, that it serves several
    assert "1 client depends on 1 vendor; 1 of these serves several clients" in page
    assert "none of these" not in page


def test_the_joint_loss_is_that_of_the_merged_vendors() -> None:
    dollars = _parts(CLIENTS)[1]
    again = loss_distribution([0.15, 0.2], [300.0, 30.0], rho=0.15)
    assert dollars.losses.el == pytest.approx(0.15 * 300 + 0.2 * 30)
    assert np.allclose(dollars.losses.var(0.99), again.var(0.99))
    assert dollars.losses_low.el < dollars.losses.el < dollars.losses_high.el


def test_the_page_names_who_is_hit_and_says_when_forecasts_cannot_be_scored() -> None:
    page = render_portfolio(CLIENTS, {})
    assert "2 clients depend on 2 vendors; 1 of these serves several clients" in page
    assert "<th scope=row>Aa<td>" in page
    assert "<th scope=row>Bb<td>" in page
    assert "No past forecast can be compared yet" in page
    assert page == render_portfolio(CLIENTS, {})


def test_months_without_data_are_no_saving_on_the_portfolio_either() -> None:
    gap = "the ledger has no data for 5 months, the last Nov 2026"
    late = made(client="late", notebook="spending", figures=[figure("A", 9.0) | {"gap": gap}] * 2)
    page = render_portfolio({"late": [late], "acme": [made(figures=[figure("A", 9.0)])]}, {})
    assert page.count(gap) == 1
    assert "months without data are no saving and no drop" in page
    assert "no saving" not in render_portfolio({"acme": [made()]}, {})


def test_no_clients_give_a_page_of_a_sentence() -> None:
    assert "No report is ready yet." in render_portfolio({}, {})


def test_a_shared_suppliers_failure_is_told_client_by_client_and_counts_in_the_joint_loss() -> None:
    store = {**vendor("Store", 0.1, 40.0), "hubs": "NIMBRA CLOUD, INC.:0.5"}
    desk = {**vendor("Desk", 0.1, 70.0), "hubs": "Nimbra Cloud:0.25"}
    clients = {
        "aa": [_record("aa", "USD", vendor("Nimbra Cloud", 0.1, 100.0), store)],
        "bb": [_record("bb", "USD", desk)],
    }
    (part,) = _parts(clients)
    assert part.hubs is not None
    hit = part.hubs.set_index("client")["loss"]
    assert hit["aa"] == pytest.approx(100 + 0.5 * 40)
    assert hit["bb"] == pytest.approx(0.25 * 70)
    # with the hub, Store falls by itself or with it
    chances = part.vendors.set_index("vendor")["chance"]
    assert chances["Store"] > 0.1
    assert part.losses.el == pytest.approx(
        (chances * part.vendors.set_index("vendor")["loss"]).sum()
    )
    page = render_portfolio(clients, {})
    assert "If Nimbra Cloud fails" in page
    assert "May take with it" in page


def test_chances_of_all_clients_are_scored_in_the_portfolio() -> None:
    oak = [vendor("Oak", 0.2, 9.0)]
    gone = [{"vendor": "Oak", "date": "2025-09-01"}]
    old = {c: {"2025Q2": [made("2025-06-30", client=c, vendors=oak)]} for c in ("aa", "bb")}
    now = {c: [made(client=c, vendors=oak, ceased=gone)] for c in ("aa", "bb")}
    page = render_portfolio(now, old)
    assert "2 chances to cease were given at earlier reviews" in page
    assert "0.4 should have come true by now, and 2 did" in page
    assert "No chance to cease can be compared yet" in render_portfolio(now, {})


def test_a_hundred_clients_fit_into_a_small_page_with_nobody_left_out(reports: Path) -> None:
    records = read_records(reports)
    ids = sorted({record.client for record in records})
    clients = {}
    for number in range(100):
        like = ids[number % len(ids)]
        name = f"{next(r.client_name for r in records if r.client == like)} {number}"
        mine = [r for r in records if r.client == like]
        clients[f"c{number}"] = [
            r.model_copy(update={"client": f"c{number}", "client_name": name}) for r in mine
        ]
    page = render_portfolio(clients, {})
    assert len(page.encode()) <= 150 * 1024
    assert len(gzip.compress(page.encode())) <= 40 * 1024
    for part in _parts(clients):
        costly = part.vendors.loc[part.vendors["loss"] > 0, "vendor"]
        assert not [vendor for vendor in costly if html.escape(vendor) not in page]
    assert "Others, with their average loss" in page
    with_partners = {r.client_name for rs in clients.values() for r in rs
                     if r.status == "ok" and r.notebook == "partner_ramps"}  # fmt: skip
    assert not [name for name in with_partners if f">{html.escape(name)}<td>" not in page]


def test_a_long_list_of_clients_names_a_hubs_vendors_once() -> None:
    clients = {
        f"c{n}": [_record(f"c{n}", "USD", {**vendor("Store", 0.1, 40.0), "hubs": "Hub:0.5"})]
        for n in range(5)
    }
    page = render_portfolio(clients, {})
    assert "Hub may take with it (in brackets, of how many clients): Store (5)." in page
    assert "Vendors it may take" in page
    few = dict(list(clients.items())[:2])
    assert "May take with it" in render_portfolio(few, {})


def test_decisions_and_agreements_of_all_clients_stand_together() -> None:
    agreement = {"what": "Oak", "act_by": "2026-07-01", "last_day": "2026-09-04",
                 "end": "2026-12-31", "renews": True, "money": 900.0, "money_low": 900.0,
                 "money_high": 900.0}  # fmt: skip
    ends = agreement | {
        "what": "Elm",
        "renews": False,
        "end": "2026-09-30",
        "money": 2_000.0,
        "money_high": 2_000.0,
    }
    late = DECISION | {"by": "2026-06-01", "subject": "Elm", "what": "Cut Elm"}
    late["id"] = "spending-act-elm-seats"
    done = DECISION | {"status": "done", "subject": "Ash", "what": "Cut Ash"}
    done["id"] = "spending-act-ash-seats"
    clients = {
        "acme": [made(notebook="spending", dates=[agreement], decisions=[DECISION, late, done])],
        "birch": [made(client="birch", notebook="spending", unit="EUR", dates=[ends])],
    }
    page = render_portfolio(clients, {})
    rows = [re.sub(r"<[^>]+>", "|", row) for row in re.findall(r"<tr>(.*?)(?=<tr>|</tbody>)", page)]
    assert any("Cut Elm" in row and "open, overdue" in row for row in rows)
    assert any("Cut Ash" in row and "done" in row for row in rows)
    (month,) = [row for row in rows if "Sep 2026" in row]
    assert "Acme; Birch" in month
    assert "€2k; $900" in month
