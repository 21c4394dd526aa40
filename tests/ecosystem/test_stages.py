"""Stages against closed forms of absorbing chains, a month-by-month count and its own bounds."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.ecosystem import StageFlow, StagePrior, stage_flow
from techalign.ecosystem.stages import lifted
from techalign.errors import ModelError

DAY = dt.date(2026, 6, 30)
PLAYERS = pd.DataFrame({
    "player": ["suspects", "prospects", "clients", "advocates"],
    "count": [200, 40, 90, 12], "margin": [np.nan, np.nan, 300.0, 600.0],
})  # fmt: skip
MOVES = [
    ("outside", "suspect", 40), ("suspect", "prospect", 12), ("suspect", "lost", 20),
    ("prospect", "client", 5), ("prospect", "lost", 6), ("client", "advocate", 1),
    ("client", "lost", 2), ("advocate", "prospect", 2), ("advocate", "lost", 1),
]  # fmt: skip


def _flows(months: int = 12, moves: list[tuple[str, str, int]] = MOVES) -> pd.DataFrame:
    days = pd.date_range(end="2026-06-01", periods=months, freq="MS")
    rows = [(day, *move) for day in days for move in moves]
    return pd.DataFrame(rows, columns=["month", "from_stage", "to_stage", "count"])


def _flow(flows: pd.DataFrame | None = None, players: pd.DataFrame = PLAYERS) -> StageFlow:
    flows = _flows() if flows is None else flows
    return stage_flow(flows, players, DAY, np.random.default_rng(1), draws=300)


def _fixed(
    moves: np.ndarray, inflow: list[float], referrals: np.ndarray | None = None
) -> StageFlow:
    none = np.zeros((1, 4, 4))
    return StageFlow(
        counts=np.zeros(4), moves=moves[None], referrals=none if referrals is None else referrals,
        inflow=np.array([inflow]), margin=np.array([0.0, 0.0, 1200.0, 1200.0]),
        discount_rate=0.0, months=1, observed=pd.DataFrame(), notes=(),
    )  # fmt: skip


CHAIN = np.array([
    [0.8, 0.1, 0.0, 0.0], [0.0, 0.7, 0.2, 0.0], [0.0, 0.0, 0.95, 0.03], [0.0, 0.0, 0.0, 0.98],
])  # fmt: skip


def test_the_published_drunkards_walk() -> None:
    """Steps until the walk of five corners ends, from each inner one (Kemeny and Snell)."""
    walk = np.zeros((4, 4))
    walk[[0, 1, 1, 2], [1, 0, 2, 1]] = 0.5
    # of one that enters each month as many are there as months are spent
    spent = [_fixed(walk, list(np.eye(4)[start])).long_run.sum() for start in range(3)]
    assert spent == pytest.approx([3.0, 4.0, 3.0])


def test_the_long_run_is_the_closed_form_and_where_a_long_count_ends() -> None:
    flow = _fixed(CHAIN, [40.0, 0.0, 0.0, 0.0])
    # suspects 40/.2; each next one: what arrives over what leaves
    prospects = 200 * 0.1 / 0.3
    clients = prospects * 0.2 / 0.05
    assert flow.long_run[0] == pytest.approx([200, prospects, clients, clients * 0.03 / 0.02])
    state = np.zeros(4)
    for _ in range(3000):
        state = state @ CHAIN + [40.0, 0, 0, 0]
    assert flow.long_run[0] == pytest.approx(state)


def test_value_per_entrant_is_the_fundamental_matrix_and_a_sum_of_months() -> None:
    flow = _fixed(CHAIN, [1.0, 0, 0, 0])
    person, total = np.array([1.0, 0, 0, 0]), 0.0
    for _ in range(3000):
        total += person[2:].sum() * 100.0
        person = person @ CHAIN
    # half reach prospect, 2/3 of these client: 20 months, 3/5 of them then 50 as advocate
    assert flow.value_per_entrant[0] == pytest.approx(0.5 * 2 / 3 * (20 + 0.6 * 50) * 100)
    assert flow.value_per_entrant[0] == pytest.approx(total)


def test_referrals_above_one_never_settle() -> None:
    referrals = np.zeros((1, 4, 4))
    referrals[0, 3, 1] = 0.5
    flow = _fixed(CHAIN, [1.0, 0, 0, 0], referrals)
    assert np.isinf(flow.long_run).all()
    assert np.isinf(flow.value_per_entrant).all()


def test_chances_are_the_counts_over_who_was_there() -> None:
    flow = _flow()
    # with constant monthly counts the stock a month ago follows by going back
    stock, months = 40.0, 0.0
    for _ in range(12):
        stock -= 12 + 2 - 5 - 6
        months += max(stock, 11)
        stock = max(stock, 0.0)
    expected = (60 + 24 * 0.10) / (months + 24)
    assert flow.moves[:, 1, 2].mean() == pytest.approx(expected, rel=0.03)
    assert (flow.moves.sum(axis=2) <= 1 + 1e-12).all()
    assert flow.inflow[:, 0].mean() == pytest.approx(40, rel=0.03)


def test_rows_in_another_order_and_months_to_come_change_nothing() -> None:
    flows = _flows()
    later = flows.assign(month=flows["month"] + pd.DateOffset(years=1))
    shuffled = pd.concat([flows, later]).sample(frac=1.0, random_state=3)
    assert np.array_equal(_flow(flows).moves, _flow(shuffled).moves)


def test_a_stage_with_none_says_that_it_is_a_planning_figure() -> None:
    players = PLAYERS.assign(count=[200, 40, 90, 0])
    flows = _flows(moves=[m for m in MOVES if "advocate" not in m])
    flow = _flow(flows, players)
    assert any("advocates" in note and "planning figure" in note for note in flow.notes)
    assert np.isfinite(flow.moves).all()


def test_counts_that_lose_people_are_told() -> None:
    flow = _flow(players=PLAYERS.assign(count=[200, 40, 5, 12]), flows=_flows(
        moves=[*[*MOVES, ("client", "prospect", 0)][:5], ("prospect", "client", 30)]))  # fmt: skip
    assert any("contradict" in note for note in flow.notes)


def test_nobody_counted_the_prospects_is_not_zero_prospects_unsaid() -> None:
    flow = _flow(players=PLAYERS[PLAYERS["player"] != "prospects"])
    assert any("prospects" in note and "counted" in note for note in flow.notes)


def test_lifting_keeps_chances_chances() -> None:
    raised = lifted(CHAIN[None], np.array([50.0]))
    assert raised.min() >= 0
    assert raised[0].sum(axis=1) == pytest.approx(CHAIN.sum(axis=1))
    assert lifted(CHAIN[None], np.array([1.0]))[0] == pytest.approx(CHAIN)


def test_what_it_cannot_take() -> None:
    with pytest.raises(ModelError, match="month"):
        _flow(_flows().head(0))
    with pytest.raises(ModelError, match="negative"):
        _flow(_flows(moves=[("suspect", "lost", -3)]))
    with pytest.raises(ModelError, match="weight"):
        StagePrior(weight=0)
