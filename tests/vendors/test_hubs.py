import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.losses.hubs import without_circles
from techalign.vendors import Hubs, loss_distribution, parse_hubs


def test_parsing(vendors):
    table = vendors(
        {"vendor": "A", "hubs": "NimbusCloud:0.3; B : 20%"},
        {"vendor": "B", "hubs": "nimbuscloud:0.5"},
        {"vendor": "C"},
    )  # fmt: skip
    hubs = parse_hubs(table, {"NIMBUSCLOUD": 0.02})
    assert hubs.names == ("NimbusCloud", "B")
    assert hubs.takes.tolist() == [[0.3, 0.2], [0.5, 0.0], [0.0, 0.0]]
    assert hubs.own == (-1, 1)
    assert hubs.chained[1].tolist() == [0.5, 0.0]
    assert hubs.pd[0] == 0.02
    assert parse_hubs(vendors({})).names == ()
    assert parse_hubs(vendors()).takes.shape == (0, 0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Nimbus", "cannot be read"),
        ("Nimbus:often", "cannot be read"),
        (":0.3", "cannot be read"),
        ("Nimbus:1.3", "from 0 to 1"),
        ("Nimbus:-0.1", "from 0 to 1"),
        ("Nimbus:0.1; NIMBUS:0.2", "twice"),
        ("Harbor Payroll:0.1", "circle"),
    ],
)
def test_bad_entries_name_the_row(vendors, text, problem):
    with pytest.raises(ModelError, match=rf"vendors.hubs\[3\].*{problem}"):
        parse_hubs(vendors({"vendor": "first"}, {"hubs": text}))


def test_refusals(vendors):
    pair = vendors({"vendor": "A", "hubs": "B:0.1"}, {"vendor": "B", "hubs": "A:0.1"})
    with pytest.raises(ModelError, match=r"circle.*A"):
        parse_hubs(pair)
    with pytest.raises(ModelError, match="no vendor runs on"):
        parse_hubs(vendors({"hubs": "Nimbus:0.1"}), {"Nimbus": 0.1, "Stratus": 0.1})
    with pytest.raises(ModelError, match="lacks a hub"):
        parse_hubs(vendors({"hubs": "Nimbus:0.1"}), {})
    with pytest.raises(ModelError, match=r"hubs.takes\[0, 1\]"):
        Hubs(("a", "b"), [0.1, 0.1], [[0.1, 1.2]])
    with pytest.raises(ModelError, match=r"hubs.pd\[0\]"):
        Hubs(("a",), [np.nan], [[0.1]])
    with pytest.raises(ModelError, match=r"hubs.own"):
        Hubs(("a",), [0.1], [[0.1]], (1,))
    with pytest.raises(ModelError, match="row for each"):
        loss_distribution([0.1], [1.0], hubs=([0.1], [[0.1], [0.2]]))
    with pytest.raises(ModelError, match="copula"):
        loss_distribution([0.1], [1.0], copula="clayton")
    with pytest.raises(ModelError, match="nu"):
        loss_distribution([0.1], [1.0], copula="t", nu=0.5)


def test_a_grid_that_would_overflow_is_made_coarser_and_says_so():
    fine = loss_distribution([0.1, 0.2], [100.0, 300.0], step=1.0)
    assert (fine.step, fine.note) == (1.0, "")
    coarse = loss_distribution([0.1, 0.2], [1e6, 3e6], step=1.0)
    assert coarse.step == 200.0
    assert "steps of 200" in coarse.note
    assert coarse.el == pytest.approx(1e5 + 6e5)
    with pytest.raises(ModelError, match="step"):
        loss_distribution([0.1], [1.0], step=0.0)


def links(draw, n):
    return [
        {j: round(draw.uniform(0.01, 0.99), 6) for j in range(n) if draw.random() < 0.3 and j != i}
        for i in range(n)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_circles_are_opened_by_links_that_are_weakest_in_one(vendors, seed):
    draw = np.random.default_rng(seed)
    before = links(draw, 6)
    rows = [
        {"vendor": f"V{i}", "hubs": "; ".join(f"V{j}:{p}" for j, p in link.items())}
        for i, link in enumerate(before)
    ]
    texts, notes = without_circles(vendors(*rows))
    hubs = parse_hubs(vendors(*(r | {"hubs": t} for r, t in zip(rows, texts, strict=True))))
    kept = [{hubs.own[k]: p for k, p in enumerate(row) if p > 0} for row in hubs.takes]
    left_out = [
        (i, j, p) for i, link in enumerate(before) for j, p in link.items() if j not in kept[i]
    ]
    assert len(left_out) == len(notes)
    assert all(link.items() <= full.items() for link, full in zip(kept, before, strict=True))
    for i, j, p in left_out:
        # some way leads back from j to i over links at least as strong
        reached, new = {j}, {j}
        while new:
            new = {b for a in new for b, q in before[a].items() if q >= p} - reached
            reached |= new
        assert i in reached


def test_a_table_without_circles_stays_as_it_is(vendors):
    table = vendors({"vendor": "A", "hubs": "B:0.1;Cloud:0.2"}, {"vendor": "B", "hubs": "A:0"})
    texts, notes = without_circles(table)
    assert texts is table["hubs"]
    assert notes == ()
    with pytest.raises(ModelError, match=r"vendors.hubs\[2\]"):
        without_circles(vendors({"hubs": "Nimbus"}))
