"""What the models of alignment found, as decisions, the page and its edits all take it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from techalign.alignment.coverage import Alignment
from techalign.alignment.cyber import CyberLoss
from techalign.alignment.maturity import Answers
from techalign.alignment.weights import AhpWeights
from techalign.alignment.work import Training

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AlignmentFound"]


@dataclass(frozen=True, kw_only=True)
class AlignmentFound:
    """What the models found; None where a table is missing."""

    weights: AhpWeights | None = None
    alignment: Alignment | None = None
    gaps: pd.DataFrame | None = None
    answers: Answers | None = None
    pitfalls: pd.DataFrame | None = None
    challenges: pd.DataFrame | None = None
    sector: pd.DataFrame | None = None
    resources: pd.DataFrame | None = None
    brands: pd.DataFrame | None = None
    links: pd.DataFrame | None = None
    skills: pd.DataFrame | None = None
    training: Training | None = None
    tasks: pd.DataFrame | None = None
    headroom: pd.DataFrame | None = None
    cyber: CyberLoss | None = None
    swot: pd.DataFrame | None = None
    notes: tuple[str, ...] = ()
