import itertools

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm

from techalign.errors import ModelError
from techalign.vendors import Hubs, loss_distribution, mitigate, mitigation_plans

PD = [0.1, 0.05, 0.2, 0.02]
LOSS = [10_000.0, 40_000.0, 5_000.0, 80_000.0]
NAMES = pd.Series(["Ash", "Birch", "Cedar", "Dogwood"])
ROWS = [
    ("Ash", "export", 120.0, 1.0, 0.4),
    ("ash", "second source", 700.0, 0.9, 0.1),
    ("Birch", "escrow", 300.0, 1.0, 0.5),
    ("Birch", "export", 450.0, 1.0, 0.2),
    ("Cedar", "shorter term", 60.0, 0.8, 0.9),
    ("Dogwood", "escrow", 500.0, 1.0, 0.6),
    ("Dogwood", "second source", 900.0, 0.5, 0.3),
]
COLUMNS = ["vendor", "option", "yearly_cost", "probability_factor", "loss_factor"]
OPTIONS = pd.DataFrame(ROWS, columns=COLUMNS, index=range(2, 9))
HUBS = Hubs(("cloud",), [0.03], [[0.5], [0.0], [0.3], [0.2]])


def every_choice(budget):
    row = [0, 0, 1, 1, 2, 3, 3]
    for size in range(5):
        for choice in itertools.combinations(range(7), size):
            owners = [row[i] for i in choice]
            if len(set(owners)) == len(owners) and sum(ROWS[i][2] for i in choice) <= budget:
                yield choice


def after(losses, choice):
    p, money = losses.pd.copy(), losses.loss.copy()
    row = [0, 0, 1, 1, 2, 3, 3]
    for i in choice:
        p[row[i]] *= ROWS[i][3]
        money[row[i]] *= ROWS[i][4]
    return losses.changed(p, money)


@pytest.mark.parametrize("hubs", [None, HUBS])
@pytest.mark.parametrize("budget", [0, 200, 600, 1300, 5000])
def test_expected_loss_is_the_best_of_all_choices(hubs, budget):
    losses = loss_distribution(PD, LOSS, hubs=hubs, grid=400)
    found = mitigate(losses, NAMES, OPTIONS, budget, worth_only=False)
    best = min(after(losses, choice).el for choice in every_choice(budget))
    assert found.el_after == pytest.approx(best)
    assert found.cost <= budget
    assert found.el_before - found.el_after == pytest.approx(found.chosen["el_avoided"].sum())


@pytest.mark.parametrize("hubs", [None, HUBS])
@pytest.mark.parametrize("budget", [200, 600, 1300])
def test_shortfall_is_the_best_of_all_choices(hubs, budget):
    losses = loss_distribution(PD, LOSS, hubs=hubs, grid=400)
    found = mitigate(losses, NAMES, OPTIONS, budget, objective="es")
    best = min(after(losses, choice).es(0.99) for choice in every_choice(budget))
    assert found.es_after == pytest.approx(best, rel=1e-9)
    assert found.es_after < found.es_before
    assert found.cost <= budget


@pytest.mark.parametrize("hubs", [None, HUBS])
@pytest.mark.parametrize("budget", [0, 200, 600, 1300, 5000])
def test_what_is_bought_leaves_more_than_any_other_choice(hubs, budget):
    losses = loss_distribution(PD, LOSS, hubs=hubs, grid=400)
    found = mitigate(losses, NAMES, OPTIONS, budget)

    def left(choice):
        return losses.el - after(losses, choice).el - sum(ROWS[i][2] for i in choice)

    assert found.el_before - found.el_after - found.cost == pytest.approx(
        max(map(left, every_choice(budget)))
    )


def test_of_two_protections_the_one_that_leaves_more_is_bought():
    options = pd.DataFrame(
        [("Ash", "export", 120.0, 1.0, 0.4), ("Ash", "escrow", 400.0, 1.0, 0.3)], columns=COLUMNS
    )
    found = mitigate(loss_distribution([0.1], [10_000.0]), pd.Series(["Ash"]), options, 1000.0)
    # the escrow avoids 100 more and costs 280 more
    assert found.chosen["option"].tolist() == ["export"]


def test_only_what_pays_is_bought():
    losses = loss_distribution(PD, LOSS)
    found = mitigate(losses, NAMES, OPTIONS, 10_000.0)
    assert (found.chosen["net"] > 0).all()
    assert found.options["chosen"].sum() == len(found.chosen)
    assert set(found.chosen.index) <= set(OPTIONS.index)
    assert found.chosen["vendor"].str.casefold().is_unique


def test_three_budgets_save_ever_more():
    losses = loss_distribution(PD, LOSS)
    avoided = [mitigate(losses, NAMES, OPTIONS, b).el_after for b in (150, 600, 2000)]
    assert avoided[0] > avoided[1] > avoided[2]


def test_uneven_costs_never_exceed_the_budget():
    draw = np.random.default_rng(4)
    n = 60
    losses = loss_distribution(draw.uniform(0.01, 0.1, n), draw.lognormal(9, 1, n))
    options = pd.DataFrame(
        {"vendor": np.repeat([f"v{i}" for i in range(n)], 3), "option": ["a", "b", "c"] * n,
         "yearly_cost": draw.uniform(10, 900, 3 * n) * np.pi, "probability_factor": 1.0,
         "loss_factor": draw.uniform(0, 1, 3 * n)},
    )  # fmt: skip
    names = pd.Series([f"v{i}" for i in range(n)])
    found = mitigate(losses, names, options, 4321.98)
    assert found.cost <= 4321.98
    # no relaxation of the problem can save more than greedily filling with parts of options
    ratio = (found.options["el_avoided"] / options["yearly_cost"]).sort_values(ascending=False)
    order = options.loc[ratio.index, "yearly_cost"].cumsum()
    bound = found.options.loc[ratio.index, "el_avoided"].cumsum()[order <= 4321.98].iloc[-1]
    assert found.el_before - found.el_after > 0.8 * bound


def test_nothing_to_buy():
    losses = loss_distribution(PD, LOSS)
    found = mitigate(losses, NAMES, OPTIONS.iloc[:0], 500.0)
    assert found.chosen.empty
    assert found.el_after == found.el_before
    assert mitigate(losses, NAMES, OPTIONS.iloc[:0], 500.0, objective="es").cost == 0.0


@pytest.mark.parametrize(
    ("column", "value", "argument"),
    [
        ("vendor", "Elm", "options.vendor[4]"),
        ("yearly_cost", -1.0, "options.yearly_cost[4]"),
        ("probability_factor", 1.5, "options.probability_factor[4]"),
        ("loss_factor", np.nan, "options.loss_factor[4]"),
    ],
)
def test_bad_options_name_the_row(column, value, argument):
    options = OPTIONS.copy()
    options.loc[4, column] = value
    with pytest.raises(ModelError) as caught:
        mitigate(loss_distribution(PD, LOSS), NAMES, options, 100.0)
    assert caught.value.argument == argument


def test_plans_leave_out_and_note_options_of_vendors_that_are_not_there():
    losses = loss_distribution(PD, LOSS)
    options = OPTIONS.copy()
    options.loc[4, "vendor"] = "Elm"
    found = mitigation_plans(losses, NAMES, options)
    plain = mitigation_plans(losses, NAMES, OPTIONS.drop(index=4))
    assert found.notes == ("Elm is not among the companies assessed, so 'escrow' is left out.",)
    assert found.table.equals(plain.table)
    assert plain.notes == ()
    assert mitigation_plans(losses, NAMES, OPTIONS.assign(vendor="Elm")).best.chosen.empty


def test_bad_budget_and_objective():
    losses = loss_distribution(PD, LOSS)
    with pytest.raises(ModelError, match="budget"):
        mitigate(losses, NAMES, OPTIONS, -1.0)
    with pytest.raises(ModelError, match="objective"):
        mitigate(losses, NAMES, OPTIONS, 1.0, objective="luck")


def _expected_loss_by_brute_force(pd_, loss, rho, outside, own, hub_rho):
    """Every state of both hubs for each of many years, the good and the bad ones.

    Two vendors fall with an outside hub, the third with the first vendor.
    """
    nodes, weight = np.polynomial.hermite_e.hermegauss(120)
    weight = weight / weight.sum()

    def in_year(p, load, z):
        return norm.cdf((norm.ppf(p) - np.sqrt(load) * z) / np.sqrt(1.0 - load))

    total = 0.0
    for z, share in zip(nodes, weight, strict=True):
        alone = [in_year(p, rho, z) for p in pd_]
        hub = in_year(outside[0], hub_rho, z)
        for falls in (0, 1):
            likely = hub if falls else 1.0 - hub
            first, second, third = (
                1.0 - (1.0 - p) * (1.0 - falls * takes)
                for p, takes in zip(alone, (*outside[1:], 0.0), strict=True)
            )
            third = 1.0 - (1.0 - third) * (1.0 - first * own)
            total += share * likely * float(np.dot([first, second, third], loss))
    return total


@pytest.mark.parametrize("hub_rho", [0.0, 0.4])
def test_what_each_protection_avoids_is_that_of_going_through_all_outcomes(hub_rho):
    chances, money = [0.1, 0.05, 0.2], [10_000.0, 40_000.0, 50_000.0]
    hubs = Hubs(("cloud", "Ash"), [0.08, 0.0], [[0.5, 0.0], [0.3, 0.0], [0.0, 0.6]],
                own=(-1, 0), chained=[[0.0, 0.0], [0.5, 0.0]], rho=hub_rho)  # fmt: skip
    losses = loss_distribution(chances, money, rho=0.3, hubs=hubs, grid=400)
    rows = [("Ash", "second source", 100.0, 0.3, 0.8), ("Birch", "terms", 100.0, 0.5, 1.0),
            ("Cedar", "export", 100.0, 1.0, 0.4)]  # fmt: skip
    options = pd.DataFrame(rows, columns=COLUMNS)
    found = mitigate(losses, pd.Series(["Ash", "Birch", "Cedar"]), options, 1e6, worth_only=False)

    def left(which=None):
        p, worth = list(chances), list(money)
        for i in range(3) if which is None else (which,):
            p[i] *= rows[i][3]
            worth[i] *= rows[i][4]
        return _expected_loss_by_brute_force(p, worth, 0.3, (0.08, 0.5, 0.3), 0.6, hub_rho)

    before = _expected_loss_by_brute_force(chances, money, 0.3, (0.08, 0.5, 0.3), 0.6, hub_rho)
    assert found.el_before == pytest.approx(before, rel=1e-4)
    avoided = [before - left(i) for i in range(3)]
    assert found.options["el_avoided"].tolist() == pytest.approx(avoided, rel=2e-3)
    assert found.el_after == pytest.approx(left(), rel=1e-3)
