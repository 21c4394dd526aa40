"""Whether technology serves what a business wants, and what to do where it does not.

``assess_alignment`` does it all: ``goal_weights`` (with ``ahp_weights``), ``alignment_index`` and
``gaps``; ``answers`` with ``maturity``, ``capabilities`` and ``strategy_coverage``; ``pitfalls``,
``challenges``, ``sector_profile``, ``swot``; ``resources`` and ``brand_fit``; ``integrations``,
``skills``, ``automation_candidates``, ``headroom``; ``cyber_loss``. ``alignment_decisions`` says
what to do about it.
"""

from __future__ import annotations

from techalign.alignment.assessment import (
    AlignmentFacts,
    AlignmentSetting,
    assess_alignment,
)
from techalign.alignment.coverage import Alignment, alignment_index, gaps
from techalign.alignment.cyber import Control, CyberFacts, CyberLoss, Insurance, cyber_loss
from techalign.alignment.decisions import alignment_decisions
from techalign.alignment.found import AlignmentFound
from techalign.alignment.maturity import (
    AREAS,
    Answers,
    answers,
    capabilities,
    maturity,
    strategy_coverage,
)
from techalign.alignment.standing import (
    BRAND_QUESTIONS,
    PITFALLS,
    Measure,
    brand_fit,
    challenges,
    pitfalls,
    resources,
    sector_profile,
)
from techalign.alignment.swot import Swot, swot, swot_entries
from techalign.alignment.told import ASSUMED, Told, facts_of, told
from techalign.alignment.weights import AhpWeights, ahp_weights, goal_weights
from techalign.alignment.work import (
    GROWTH,
    Training,
    automation_candidates,
    headroom,
    integrations,
    skills,
    training_gap,
)

__all__ = [
    "AREAS",
    "ASSUMED",
    "BRAND_QUESTIONS",
    "GROWTH",
    "PITFALLS",
    "AhpWeights",
    "Alignment",
    "AlignmentFacts",
    "AlignmentFound",
    "AlignmentSetting",
    "Answers",
    "Control",
    "CyberFacts",
    "CyberLoss",
    "Insurance",
    "Measure",
    "Swot",
    "Told",
    "Training",
    "ahp_weights",
    "alignment_decisions",
    "alignment_index",
    "answers",
    "assess_alignment",
    "automation_candidates",
    "brand_fit",
    "capabilities",
    "challenges",
    "cyber_loss",
    "facts_of",
    "gaps",
    "goal_weights",
    "headroom",
    "integrations",
    "maturity",
    "pitfalls",
    "resources",
    "sector_profile",
    "skills",
    "strategy_coverage",
    "swot",
    "swot_entries",
    "told",
    "training_gap",
]
