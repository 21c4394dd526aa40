"""A shared supplier's failure over all clients, against going through every outcome."""

import itertools

import pandas as pd
import pytest

from techalign.review.vendor_portfolio import hub_hits, shared_hubs

HITS = pd.DataFrame(
    [
        ("Cloud", "aa", "AA", "", 100.0),
        ("Store", "aa", "AA", "Cloud:0.5", 40.0),
        ("Shop", "aa", "AA", "Store:0.4; Power:20%", 10.0),
        ("Store", "bb", "BB", "Cloud:0.3", 70.0),
        ("Lamp", "cc", "CC", "", 5.0),
    ],
    columns=["vendor", "client", "client_name", "hubs", "loss"],
).assign(loss_low=lambda f: f["loss"] / 2, loss_high=lambda f: f["loss"] * 2)
VENDORS = pd.Series(["Cloud", "Store", "Shop", "Lamp"])


def test_the_stronger_of_two_clients_links_counts_and_the_hub_is_the_vendor() -> None:
    hubs, _ = shared_hubs(VENDORS, HITS, lambda name: name)
    assert hubs is not None
    assert set(hubs.names) == {"Cloud", "Store", "Power"}
    by_name = dict(zip(hubs.names, hubs.takes.T, strict=True))
    assert by_name["Cloud"].tolist() == [0.0, 0.5, 0.0, 0.0]
    assert dict(zip(hubs.names, hubs.own, strict=True)) == {"Cloud": 0, "Store": 1, "Power": -1}


def test_the_loss_of_each_client_is_that_of_going_through_all_outcomes() -> None:
    hubs, _ = shared_hubs(VENDORS, HITS, lambda name: name)
    assert hubs is not None
    found = hub_hits(hubs, VENDORS, HITS).set_index(["hub", "client"])
    # Cloud is down: Store falls with 0.5, and Shop with 0.4 if Store has
    naive = {"aa": 0.0, "bb": 0.0}
    for store, shop in itertools.product((0, 1), repeat=2):
        falls = 0.4 if store else 0.0
        chance = 0.5 * (falls if shop else 1 - falls)
        naive["aa"] += chance * (100 + 40 * store + 10 * shop)
        naive["bb"] += chance * 70 * store
    for client, loss in naive.items():
        assert found.loc[("Cloud", client), "loss"] == pytest.approx(loss)
        assert found.loc[("Cloud", client), "loss_low"] == pytest.approx(loss / 2)
    assert found.loc[("Cloud", "aa"), "all_fall"] == 150.0
    assert found.loc[("Cloud", "aa"), "vendors"] == ("Cloud", "Store", "Shop")
    assert found.loc[("Power", "aa"), "loss"] == pytest.approx(2.0)
    assert "cc" not in found.index.get_level_values("client")


def test_links_in_a_circle_are_left_out() -> None:
    circle = HITS.assign(hubs=["Store:0.2", "Cloud:0.5", "", "Cloud:0.3", ""])
    hubs, notes = shared_hubs(VENDORS, circle, lambda name: name)
    # all that does not contradict itself stays
    assert hubs is not None
    assert len(notes) == 1
    assert "weakest link" in notes[0]
    assert shared_hubs(VENDORS, HITS.assign(hubs=""), lambda name: name) == (None, ())
