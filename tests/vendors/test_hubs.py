import re

import numpy as np
import pytest
from scipy.stats import norm

from techalign.errors import ModelError
from techalign.vendors import Grid, Hubs, loss_distribution, parse_hubs, without_circles
from techalign.vendors.hubs import tangled_note


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


def test_every_circle_loses_its_weakest_link(vendors):
    table = vendors(
        {"vendor": "A", "hubs": "B:0.5; Nimbus:0.3"},
        {"vendor": "B", "hubs": "C:0.4; A:0.45"},
        {"vendor": "C", "hubs": "A:40%; D:0"},
        {"vendor": "D", "hubs": "C:0.9"},
    )  # fmt: skip
    found, notes = without_circles(table)
    assert found["hubs"].tolist() == ["B:0.5; Nimbus:0.3", "", "A:40%; D:0", "C:0.9"]
    assert len(notes) == 2
    assert all("B falls with" in note for note in notes)
    parse_hubs(found)  # has an order now
    again, nothing = without_circles(found)
    assert again is found
    assert nothing == ()
    # many ways through few vendors, none of them a circle
    names = [f"V{i}" for i in range(40)]
    steps = [{"vendor": v, "hubs": ";".join(f"{w}:0.1" for w in names[:i])}
             for i, v in enumerate(names)]  # fmt: skip
    assert without_circles(vendors(*steps))[1] == ()


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
    fine = loss_distribution([0.1, 0.2], [100.0, 300.0], grid=Grid(step=1.0))
    assert (fine.step, fine.note) == (1.0, "")
    coarse = loss_distribution([0.1, 0.2], [1e6, 3e6], grid=Grid(step=1.0))
    assert coarse.step == 200.0
    assert "steps of 200" in coarse.note
    assert coarse.el == pytest.approx(1e5 + 6e5)
    with pytest.raises(ModelError, match="step"):
        loss_distribution([0.1], [1.0], grid=Grid(step=0.0))


@pytest.mark.slow
def test_what_is_left_out_of_a_tangle_is_told_beside_simulated_years():
    """More shared suppliers than can be gone through: the years with all links are simulated."""
    n = 30
    takes = np.zeros((n, n))
    for i in range(n):
        takes[i, [i, (i + 1) % n, (i + 7) % n]] = 0.9
    hubs = Hubs(tuple(f"h{k}" for k in range(n)), np.full(n, 0.03), takes, rho=0.15)
    losses = loss_distribution(np.full(n, 0.01), np.full(n, 1000.0), hubs=hubs, grid=n)
    (told,) = tangled_note(losses, hubs)
    assert losses.neglected > 0.005
    assert "weakest links" in told
    # naive years: hubs and vendors drawn one by one
    draw = np.random.default_rng(3)
    m = draw.standard_normal((40_000, 1))
    down, own = (
        np.sqrt(0.15) * m + np.sqrt(0.85) * draw.standard_normal((40_000, n)) < norm.ppf(p)
        for p in (0.03, 0.01)
    )
    spared = np.exp(down @ np.log1p(-takes.T))
    lost = 1000.0 * (own | (draw.random((40_000, n)) > spared)).sum(axis=1)
    naive = np.quantile(lost, 0.99)
    ends = re.findall(r"\(([\d,]+) to ([\d,]+)\)", told)[0]
    low, high = (float(end.replace(",", "")) for end in ends)
    assert low - 1000.0 <= naive <= high + 1000.0


def test_nothing_is_told_where_nothing_was_left_out():
    hubs = Hubs(("a",), [0.05], [[0.5], [0.5]])
    assert tangled_note(loss_distribution([0.1, 0.1], [10.0, 20.0], hubs=hubs), hubs) == ()
