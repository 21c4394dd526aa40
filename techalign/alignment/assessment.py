"""The whole of alignment at once: every model that a client's tables allow."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from techalign.alignment.coverage import Alignment, alignment_index, gaps
from techalign.alignment.cyber import Control, CyberFacts, CyberLoss, Insurance, cyber_loss
from techalign.alignment.found import AlignmentFound
from techalign.alignment.maturity import HIGHEST, Answers, answers
from techalign.alignment.standing import (
    Measure,
    brand_fit,
    challenges,
    pitfalls,
    resources,
    sector_profile,
)
from techalign.alignment.swot import swot, swot_entries
from techalign.alignment.weights import AhpWeights, goal_weights
from techalign.alignment.work import (
    Training,
    automation_candidates,
    headroom,
    integrations,
    skills,
    training_gap,
)
from techalign.numbers.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "AlignmentFacts",
    "AlignmentSetting",
    "assess_alignment",
    "assume_again",
]


@dataclass(frozen=True, kw_only=True)
class AlignmentFacts:
    """Published figures and assumptions.

    Attributes
    ----------
    items : DataFrame
        The questionnaire: ``item, area, group, question``.
    profiles : DataFrame
        The sectors' menus: ``setting, menu, theme, words, why, multiplier``.
    remedies : DataFrame
        ``challenge, remedy``.
    half_life : mapping of str to Interval
        Years, of an advantage; see :func:`resources`.
    cyber : CyberFacts
    controls : mapping of str to Control
        By item of the questionnaire.
    size : mapping of str to float
        Theme to what it counts for in a business of the client's size; 1 where not named.
    learning : Interval
        Share of a project's staff hours that go into learning.
    """

    items: pd.DataFrame
    profiles: pd.DataFrame
    remedies: pd.DataFrame
    half_life: Mapping[str, Interval]
    cyber: CyberFacts
    controls: Mapping[str, Control]
    size: Mapping[str, float]
    learning: Interval


@dataclass(frozen=True, kw_only=True)
class AlignmentSetting:
    """The client's own figures: the day, its sector, staff, money a year and an hour."""

    as_of: dt.date
    setting: str
    currency: str
    yearly_revenue: float
    hourly_wage: float


def assess_alignment(
    tables: Mapping[str, pd.DataFrame],
    setting: AlignmentSetting,
    facts: AlignmentFacts,
    rng: np.random.Generator,
) -> AlignmentFound:
    """Run every model of alignment that the tables allow.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``goals, judgements, links, assessment, integrations, resources, skills, tasks, capacity,
        insurance, vendors, initiatives, swot``, each with its columns, empty where the client has
        none.
    setting : AlignmentSetting
    facts : AlignmentFacts
    rng : Generator

    Returns
    -------
    AlignmentFound

    Examples
    --------
    See ``notebooks/alignment.ipynb``, which calls this once for all of its sections.

    >>> AlignmentFound().alignment is None
    True
    """
    there = {name for name, table in tables.items() if len(table)}
    weights, alignment, notes = _goals(tables, there, setting, facts, rng)
    answered = None
    if "assessment" in there:
        answered = answers(tables["assessment"], facts.items, setting.as_of)
        notes += answered.notes
    wage = setting.hourly_wage
    links = integrations(tables["integrations"], wage) if "integrations" in there else None
    able = skills(tables["skills"]) if "skills" in there else None
    tasks = automation_candidates(tables["tasks"], wage) if "tasks" in there else None
    room = headroom(tables["capacity"]) if "capacity" in there else None
    held = resources(tables["resources"], facts.half_life) if "resources" in there else None
    brands = (
        brand_fit(tables["vendors"], setting.yearly_revenue, setting.hourly_wage)
        if "vendors" in there
        else None
    )
    cyber = _cyber(tables, there, answered, setting, facts)
    trained = None if able is None else float(able["training_hours"].sum())
    found = AlignmentFound(
        weights=weights, alignment=alignment, answers=answered, links=links, skills=able,
        training=_training(tables, able, facts), tasks=tasks, headroom=room, resources=held,
        cyber=cyber,
        brands=brands if brands is not None and len(brands) else None,
        gaps=gaps(alignment, setting.as_of) if alignment else None,
        pitfalls=pitfalls(
            alignment, answered or _none(facts.items), tables["initiatives"],
            None if links is None else len(links), trained,
        ) if alignment else None,
        challenges=challenges(
            answered, _measures(tables, links, able, setting), facts.remedies
        ) if answered else None,
        sector=sector_profile(
            facts.profiles, setting.setting, alignment, tables["initiatives"]
        ) if alignment else None,
        notes=notes,
    )  # fmt: skip
    return _with_swot(found, tables, setting)


def assume_again(
    found: AlignmentFound,
    tables: Mapping[str, pd.DataFrame],
    setting: AlignmentSetting,
    facts: AlignmentFacts,
) -> AlignmentFound:
    """The same findings at other assumptions, on which only some of them hang.

    Parameters
    ----------
    found : AlignmentFound
        Of the same tables and setting.
    tables : mapping of str to DataFrame
        As of :func:`assess_alignment`.
    setting : AlignmentSetting
    facts : AlignmentFacts
        With the same questionnaire, menus and remedies.

    Returns
    -------
    AlignmentFound
        As :func:`assess_alignment` would find it.

    Examples
    --------
    Without tables there is nothing that an assumption could move:

    >>> import datetime as dt
    >>> setting = AlignmentSetting(as_of=dt.date(2026, 6, 30), setting="retail", currency="USD",
    ...                            yearly_revenue=1e6, hourly_wage=30.0)
    >>> assume_again(AlignmentFound(), {}, setting, None).cyber is None
    True
    """
    there = {name for name, table in tables.items() if len(table)}
    held = resources(tables["resources"], facts.half_life) if "resources" in there else None
    cyber = _cyber(tables, there, found.answers, setting, facts)
    trained = _training(tables, found.skills, facts)
    again = dataclasses.replace(found, resources=held, cyber=cyber, training=trained, swot=None)
    return _with_swot(again, tables, setting)


def _with_swot(
    found: AlignmentFound, tables: Mapping[str, pd.DataFrame], setting: AlignmentSetting
) -> AlignmentFound:
    """Strengths to threats as the numbers and the adviser say; None where neither says any."""
    told = swot(swot_entries(found, setting.currency), tables.get("swot"))
    notes = dict.fromkeys((*found.notes, *told.notes))
    table = told.entries if len(told.entries) else None
    return dataclasses.replace(found, swot=table, notes=tuple(notes))


def _goals(
    tables: Mapping[str, pd.DataFrame],
    there: set[str],
    setting: AlignmentSetting,
    facts: AlignmentFacts,
    rng: np.random.Generator,
) -> tuple[AhpWeights | None, Alignment | None, tuple[str, ...]]:
    if "goals" not in there:
        return None, None, ()
    goals, links = tables["goals"], tables["links"]
    strange = links[~links["goal"].isin(goals["goal"])]
    notes = tuple(
        f"“{row['technology']}” is said to serve “{row['goal']}”, which is no goal on the list: "
        "not counted."
        for _, row in strange.iterrows()
    )
    menu = facts.profiles[facts.profiles["setting"] == setting.setting]
    factor = dict(zip(menu["theme"].tolist(), menu["multiplier"].astype(float), strict=True))
    for theme, size in facts.size.items():
        factor[theme] = factor.get(theme, 1.0) * size
    weights = goal_weights(goals, tables["judgements"], factor, rng)
    known = links.drop(strange.index)
    alignment = alignment_index(goals, known, weights, tables["initiatives"])
    return weights, alignment, (*alignment.notes, *notes)


def _none(items: pd.DataFrame) -> Answers:
    empty = items[["item", "area", "group", "question"]].assign(level=np.nan)
    return Answers(empty[empty["area"] == ""], ())


def _cyber(
    tables: Mapping[str, pd.DataFrame],
    there: set[str],
    answered: Answers | None,
    setting: AlignmentSetting,
    facts: AlignmentFacts,
) -> CyberLoss | None:
    if answered is None and "insurance" not in there:
        return None
    levels = {name: answered.level(name) for name in facts.controls} if answered else {}
    in_place = {name: level / HIGHEST for name, level in levels.items() if level is not None}
    rows = tables["insurance"][["premium", "deductible", "cover"]].astype(float).to_numpy().tolist()
    insurances = [Insurance(*row) for row in rows]
    return cyber_loss(facts.cyber, facts.controls, in_place, setting.yearly_revenue, insurances)


def _training(
    tables: Mapping[str, pd.DataFrame], able: pd.DataFrame | None, facts: AlignmentFacts
) -> Training | None:
    if able is None or not len(tables["initiatives"]):
        return None
    return training_gap(tables["skills"], tables["initiatives"], facts.learning)


def _measures(
    tables: Mapping[str, pd.DataFrame],
    links: pd.DataFrame | None,
    able: pd.DataFrame | None,
    setting: AlignmentSetting,
) -> dict[str, Measure]:
    """What the client's own numbers say of the challenges."""
    out = {}
    plans = tables["initiatives"]
    if len(plans):
        cost = float((plans["cost_per_quarter"].astype(float) * plans["duration"]).sum())
        share = cost / setting.yearly_revenue
        said = f"planned projects cost {share:.1%} of a year's revenue"
        out["limited budget"] = Measure(min(share / 0.08, 1.0), said)
    if able is not None:
        alone = float((able["runs"] <= 1).mean())
        said = f"{alone:.0%} of systems hang on one person or nobody"
        out["few people who know technology"] = Measure(alone, said)
    if links is not None:
        needed = int(tables["integrations"]["needed"].astype(bool).sum())
        said = f"{len(links)} of {needed} links that are needed are missing"
        out["systems that do not fit together"] = Measure(len(links) / max(needed, 1), said)
    return out
