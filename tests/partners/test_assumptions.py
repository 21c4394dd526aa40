from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from techalign.client import load_reference
from techalign.errors import ModelError
from techalign.partners import ActivationPrior, PartnerAssumptions

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
