from __future__ import annotations

import numpy as np
import pytest

from techalign.partners import PartnerPanel, fit_ramp, panel_of
from techalign.partners.posterior import (
    _log_target,
    _propose,
    _systematic,
    blocks,
    mirrored,
    sample_members,
)


@pytest.fixture(scope="module")
def panel() -> PartnerPanel:
    """Partners of unlike age, one of them silent at the end, in whole orders."""
    rng = np.random.default_rng(3)
    deals = rng.poisson(3.0, (6, 20)).astype(float)
    signed = np.array([12, 0, 5, 5, 9, 17])
    deals[np.arange(6), signed] = 2.0
    deals[:, -1] += 1.0
    deals[1, 15:] = 0.0
    return panel_of(deals * 100.0, signed, deals=deals)


@pytest.mark.parametrize("draws", [6, 7])
def test_mirrored_draws_lie_about_their_middle(draws: int) -> None:
    middle = np.array([[1.0], [5.0]])
    both = mirrored(
        middle, np.random.default_rng(1).standard_normal((2, 1, (draws + 1) // 2)), draws
    )
    assert both.shape == (2, 1, draws)
    pairs = both[..., : draws // 2] + both[..., (draws + 1) // 2 :]
    np.testing.assert_allclose(pairs, np.broadcast_to(2 * middle[..., None], pairs.shape))


def test_resampling_gives_each_draw_its_share() -> None:
    weight = np.array([[0.5, 0.0, 0.26, 0.24], [0.0, 0.0, 0.0, 1.0]]).repeat(25, axis=1) / 25
    picks = _systematic(weight, np.random.default_rng(1))
    for row in range(2):
        count = np.bincount(picks[row], minlength=100)
        assert count.sum() == 100
        assert (np.abs(count - 100 * weight[row]) < 1).all()


@pytest.mark.slow
def test_proposals_have_the_fitted_covariance(panel: PartnerPanel) -> None:
    members = fit_ramp(panel).members
    theta, level, _ = _propose(members, 0, 200_000, np.random.default_rng(2))
    modes, last, cov = members.curves()
    for row in range(len(modes)):
        drawn = np.concatenate([theta[row], level[row, -1:]])
        np.testing.assert_allclose(drawn.mean(axis=1), [*modes[row], last[row]], atol=1e-9)
        scale = np.sqrt(np.diag(cov[row]))
        np.testing.assert_allclose(
            np.cov(drawn) / np.outer(scale, scale), cov[row] / np.outer(scale, scale), atol=0.02
        )
    assert (level[np.arange(6), members.sales.clock.first] == 0).all()


def test_blocks_hold_each_member_once_and_change_no_target(panel: PartnerPanel) -> None:
    members = fit_ramp(panel).members
    rows = blocks(members, 4000)
    assert len(rows) > 1
    assert sorted(np.concatenate(rows)) == list(range(6))
    theta, level, _ = _propose(members, 0, 50, np.random.default_rng(4))
    whole, alive = _log_target(theta, level, members, 0)
    for part in rows:
        start = int(members.sales.clock.first[part].min())
        some = _log_target(theta[part], level[part, start:], members.rows(part), start)
        np.testing.assert_allclose(some[0], whole[part])
        np.testing.assert_allclose(some[1], alive[part])


def test_draws_are_weighted_evenly_where_sales_are_plenty(panel: PartnerPanel) -> None:
    sample = sample_members(fit_ramp(panel).members, 1000, np.random.default_rng(5))
    assert sample.theta.shape == (6, 4, 1000)
    assert (sample.effective > 200).all()
    assert (sample.alive[[0, 2, 3, 4, 5]] == 1).all()
    assert sample.alive[1].max() < 0.5
