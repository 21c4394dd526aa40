from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from techalign.client import load_reference
from techalign.errors import ModelError
from techalign.partners import ActivationPrior, PartnerAssumptions, RampPrior
from techalign.partners.priors import ORDER_KEYS, RAMP_KEYS

REFERENCE = load_reference(Path(__file__).resolve().parents[2] / "datasets" / "reference")
KNOWN = PartnerAssumptions.from_table(REFERENCE.assumptions)


def test_defaults_are_those_of_the_table() -> None:
    read = dataclasses.asdict(KNOWN.activation)
    assert read == pytest.approx(dataclasses.asdict(ActivationPrior()), rel=0.03)


def test_stated_range_holds_eight_times_in_ten() -> None:
    prior = KNOWN.activation
    draws = prior.mean + prior.sd * np.random.default_rng(1).standard_normal((20_000, 4))
    never = 1.0 / (1.0 + np.exp(-draws[:, 0]))
    stated = KNOWN["partner_never_sells"]
    assert ((never >= stated.low) & (never <= stated.high)).mean() == pytest.approx(0.8, abs=0.02)


def test_row_that_is_missing_is_named() -> None:
    with pytest.raises(ModelError, match="partner_start_shape"):
        _ = PartnerAssumptions.from_table(
            REFERENCE.assumptions.query("key != 'partner_start_shape'")
        ).activation


@pytest.mark.parametrize("part", ["ramp", "orders"])
def test_every_belief_about_ramps_and_orders_is_that_of_the_table(part: str) -> None:
    read, written = KNOWN.ramp, RampPrior(any_currency=True)
    pair = (read, written) if part == "ramp" else (read.orders, written.orders)
    for item in dataclasses.fields(pair[0]):
        if item.name != "orders":
            one, other = (getattr(prior, item.name) for prior in pair)
            np.testing.assert_allclose(one, other, rtol=2e-3, atol=1e-9, err_msg=item.name)


def test_each_row_of_the_table_moves_a_belief() -> None:
    for key in (*RAMP_KEYS, *ORDER_KEYS):
        row = KNOWN[key]
        moved = dataclasses.replace(row, point=row.point * 1.5 + 0.1)
        other = PartnerAssumptions(rows={**KNOWN.rows, key: moved}).ramp
        told = [
            np.array_equal(getattr(a, item.name), getattr(b, item.name))
            for a, b in ((KNOWN.ramp, other), (KNOWN.ramp.orders, other.orders))
            for item in dataclasses.fields(a)
            if item.name != "orders"
        ]
        assert not all(told), key
