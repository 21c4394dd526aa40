import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy.special import expit
from scipy.stats import norm

from techalign.errors import ModelError
from techalign.survival import fit_hazard_panel
from tests.survival.simulated import spread_is_wrong

TRUTH = np.array([-2.0, -0.5, 0.4, 1.2, 0.6])


def panel(n=6000, seed=2):
    draw = np.random.default_rng(seed)
    age, x = draw.uniform(0, 15, n), draw.normal(size=(n, 1))
    since = np.where(draw.random((n, 2)) < 0.3, draw.uniform(0, 3, (n, 2)), np.nan)
    left = np.where(np.isnan(since), 0.0, 2.0 ** (-np.nan_to_num(since) / 0.8))
    score = np.column_stack([np.ones(n), np.log1p(age), x, left]) @ TRUTH
    return age, draw.random(n) < expit(score), x, since, left


def fitted(**options):
    age, event, x, since, _ = panel()
    return fit_hazard_panel(
        age, event, x=x, since=since, kinds=("ownership", "personnel"), half_life=0.8, **options
    )


def test_agrees_with_logistic_regression():
    age, event, x, _, left = panel()
    design = np.column_stack([np.ones(age.size), np.log1p(age), x, left])
    theirs = sm.Logit(event.astype(float), design).fit(disp=0)
    fit = fitted()
    assert fit.names == ("g0", "log_age", "beta_0", "ownership", "personnel")
    assert fit.estimate == pytest.approx(theirs.params, abs=1e-6)
    assert np.sqrt(np.diag(fit.covariance)) == pytest.approx(theirs.bse, rel=1e-5)
    assert fit.log_likelihood == pytest.approx(theirs.llf, abs=1e-6)
    assert np.all(np.abs(fit.estimate - TRUTH) < 3.5 * theirs.bse)
    assert np.all(fit.shrinkage == 0)


def test_beliefs_answer_where_no_event_of_the_kind_was_seen():
    age, event, x, since, _ = panel(300)
    since[:, 1] = np.nan
    believed = (np.log(1.5), 0.3)
    fit = fit_hazard_panel(
        age, event, x=x, since=since, kinds=("ownership", "personnel"), half_life=0.8,
        prior={"personnel": believed, "ownership": believed},
    )  # fmt: skip
    table = fit.summary()
    assert table.loc["personnel", "estimate"] == pytest.approx(np.log(1.5))
    assert table.loc["personnel", "std_error"] == pytest.approx(0.3)
    assert table.loc["personnel", "shrinkage"] == pytest.approx(1.0)
    assert 0 < table.loc["ownership", "shrinkage"] < 0.9
    assert table.loc["g0", "shrinkage"] == 0


def test_events_fade_over_the_horizon():
    fit = fitted()
    now = fit.hazard([5.0], [[0.0]], [[0.0, np.nan]])
    later = fit.hazard([6.0], [[0.0]], [[1.0, np.nan]])
    both = fit.pd([5.0], 2.0, [[0.0]], [[0.0, np.nan]])
    assert both[0] == pytest.approx(1 - (1 - now[0]) * (1 - later[0]))
    assert fit.pd([5.0], 0.5, [[0.0]])[0] == pytest.approx(1 - (1 - fit.hazard([5.0])[0]) ** 0.5)
    assert now[0] > fit.hazard([5.0])[0]
    assert fit.pd([5.0], 0.0)[0] == 0.0


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"age": [1.0, -1.0, 2.0]}, "age[1]"),
        ({"event": [0, 2, 1]}, "event[1]"),
        ({"event": [0, 1]}, "event"),
        ({"x": [0.0, np.nan, 1.0]}, "x[1]"),
        ({"since": [0.0, -1.0, np.nan], "kinds": ("policy",)}, "since[1]"),
        ({"since": [0.0, 1.0, np.nan]}, "since"),
        ({"half_life": 0.0}, "half_life"),
        ({"period": np.inf}, "period"),
        ({"prior": {"nobody": (0.0, 1.0)}}, "prior"),
        ({"prior": {"g0": (0.0, 0.0)}}, "prior[g0]"),
        ({"event": [0, 0, 0]}, "event"),
    ],
)
def test_refusals_name_the_argument(change, argument):
    arguments = {"age": [1.0, 2.0, 3.0], "event": [0, 1, 0]} | change
    with pytest.raises(ModelError) as caught:
        fit_hazard_panel(arguments.pop("age"), arguments.pop("event"), **arguments)
    assert caught.value.argument == argument


def test_no_failure_at_all_is_answered_by_belief():
    fit = fit_hazard_panel(
        [1.0, 2.0, 3.0], [0, 0, 0], prior={"g0": (-3.0, 0.5), "log_age": (-0.3, 0.2)}
    )
    assert fit.estimate[0] < -3.0
    assert fit.shrinkage.min() > 0.8


BELIEFS = {"g0": (-2.0, 0.6), "log_age": (-0.4, 0.3), "beta_0": (0.0, 0.5), "ownership": (0.6, 0.5)}


def places_of_truth(seed, *, stretch=1.0, tables=300, rows=40):
    """Where the log odds of three vendors that made a panel lie in the posterior fitted to it.

    Truth is drawn from the beliefs; the fit is told beliefs ``stretch`` times as wide.
    """
    draw, found = np.random.default_rng(seed), []
    mean, sd = np.array(list(BELIEFS.values())).T
    told = {name: (centre, stretch * spread) for name, (centre, spread) in BELIEFS.items()}
    asked = np.array([[1, np.log1p(3.0), 0.5, 0.0], [1, np.log1p(8.0), -1, 0.5], [0, 0, 0, 1.0]])
    for _ in range(tables):
        truth = draw.normal(mean, sd)
        age, x = draw.uniform(0, 12, rows), draw.normal(size=rows)
        since = np.where(draw.random(rows) < 0.3, draw.uniform(0, 3, rows), np.nan)
        left = np.where(np.isnan(since), 0.0, 2.0 ** -np.nan_to_num(since))
        odds = np.column_stack([np.ones(rows), np.log1p(age), x, left]) @ truth
        event = draw.random(rows) < expit(odds)
        fit = fit_hazard_panel(age, event, x=x, since=since, kinds=("ownership",), prior=told)
        error = np.sqrt(np.einsum("ij,jk,ik->i", asked, fit.covariance, asked))
        found.append(norm.cdf(asked @ (truth - fit.estimate) / error))
    return np.array(found).T


def test_posterior_is_calibrated_by_simulation():
    places = places_of_truth(1)
    assert not spread_is_wrong(places)
    # the mode of a skew posterior lies a little above its middle: that much is known and let be
    assert np.abs(places.mean(axis=1) - 0.5).max() < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("stretch", [0.5, 2.0])
def test_the_simulation_notices_a_wrong_spread_of_the_beliefs(stretch):
    assert spread_is_wrong(places_of_truth(1, stretch=stretch))


@pytest.mark.parametrize(("origin", "unit"), [(2005.0, 6.0), (2e6, 1e6), (0.0, 1e-3), (1.5e9, 2e8)])
def test_origin_and_unit_of_a_covariate_make_no_difference(origin, unit):
    age, event, x, _, _ = panel(800)
    plain, other = (fit_hazard_panel(age, event, x=z) for z in (x, origin + unit * x))
    assert other.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-8)
    assert other.estimate[2] * unit == pytest.approx(plain.estimate[2], rel=1e-6)
    errors = [np.sqrt(fit.covariance[2, 2]) for fit in (other, plain)]
    assert errors[0] * unit == pytest.approx(errors[1], rel=1e-6)
    assert other.hazard([3.0], [[origin + unit]]) == pytest.approx(plain.hazard([3.0], [[1.0]]))


def test_what_no_data_can_tell_is_refused_by_its_column():
    age, event, x, _, _ = panel(400)
    mixed = np.where(event, 1.0, np.arange(400) % 2)
    for given, message in (
        (np.full(400, 7.0), r"x\[:, 0\].*never changes"),
        (np.column_stack([x, 2e6 - 3 * x]), r"x\[:, 1\].*repeats column 0"),
        (event.astype(float), r"does not settle.*beta_0 \(x\[:, 0\]\)"),
        (1e6 * event + 3.0, r"does not settle.*beta_0 \(x\[:, 0\]\)"),
        (np.column_stack([x, mixed]), "does not settle.*beta_1"),
    ):
        with pytest.raises(ModelError, match=message):
            fit_hazard_panel(age, event, x=given)
    believed = fit_hazard_panel(age, event, x=np.ones(400), prior={"beta_0": (0.0, 0.5)})
    assert believed.shrinkage[2] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("values", "row"),
    [
        (pd.to_timedelta([1, 2, 3], "D"), 0),
        (pd.to_datetime(["2020-01-01"] * 3), 0),
        ([0.0, pd.NA, 1.0], 1),
        ([0.0, np.nan, 1.0], 1),
        ([0.0, 1.0, None], 2),
    ],
)
@pytest.mark.parametrize("name", ["age", "event", "x"])
def test_what_is_no_number_is_never_taken_for_one(name, values, row):
    given = {"age": [1.0, 2.0, 3.0], "event": [0, 1, 0], "x": [1.0, 2.0, 4.0]} | {name: values}
    beliefs = {"g0": (-2.0, 1.0), "log_age": (0.0, 1.0), "beta_0": (0.0, 1.0)}
    with pytest.raises(ModelError) as caught:
        fit_hazard_panel(given["age"], given["event"], x=given["x"], prior=beliefs)
    assert caught.value.argument == f"{name}[{row}]"


def test_lengths_of_time_since_events_are_refused():
    with pytest.raises(ModelError, match=r"since\[0\]: is a length of time"):
        fit_hazard_panel(
            [1.0, 2.0], [0, 1], since=pd.to_timedelta([1, 2], "D"), kinds=["owner"],
            prior={"g0": (-2.0, 1.0), "log_age": (0.0, 1.0), "owner": (0.0, 1.0)},
        )  # fmt: skip
