"""What the models found as a page shows it: frames that are empty where a table is missing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from techalign.alignment.assessment import AlignmentFacts
from techalign.alignment.cyber import Control, CyberFacts, CyberLoss
from techalign.alignment.found import AlignmentFound
from techalign.alignment.maturity import (
    HIGHEST,
    capabilities,
    maturity,
    strategy_coverage,
    weakest_phase,
)
from techalign.alignment.work import Training
from techalign.numbers.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ASSUMED", "Told", "facts_of", "told"]

_FREQUENCY = ("control_mfa", "control_staff_warned", "control_patched")
_SEVERITY = ("control_backup_tested", "control_least_rights")
_MEDIUM = 50  # employees from which a firm is no longer small

ASSUMED = (
    "cyber_breached_small", "cyber_breached_medium", "cyber_harmful", "cyber_incident_median",
    "cyber_incident_mean", "cyber_scale", *_FREQUENCY, *_SEVERITY, "imitation_half_life_weak",
    "imitation_half_life_middle", "imitation_half_life_strong", "alignment_judgement_doubt",
    "learning_share_of_projects",
)  # fmt: skip
"""Keys of the assumptions that alignment leans on."""
_GOAL_COLUMNS = [
    "goal", "weight", "coverage", "reached", "metric", "baseline", "target", "actual", "date",
]  # fmt: skip


@dataclass(frozen=True, kw_only=True, eq=False)
class Told:
    """The findings as sentences, intervals and frames; frames of a missing table are empty.

    Attributes
    ----------
    sentence : str
        Where the business stands.
    index, saving, cyber, bad_year : Interval or None
        Share, and money.
    goals, gaps, links, phases, capabilities, strategies, pitfalls, challenges, sector : DataFrame
    resources, brands, joints, skills, tasks, headroom, swot, answers : DataFrame
    legs : DataFrame
        What alignment stands on: goals, technology, how it is done, and money.
    training : list of (what, value, unit)
        Hours to learn against the roadmap; empty where there are no projects or no skills.
    cyber_rows : list of (what, value, unit)
    """

    sentence: str
    index: Interval | None
    saving: Interval | None
    cyber: Interval | None
    bad_year: Interval | None
    goals: pd.DataFrame
    gaps: pd.DataFrame
    links: pd.DataFrame
    phases: pd.DataFrame
    capabilities: pd.DataFrame
    strategies: pd.DataFrame
    pitfalls: pd.DataFrame
    challenges: pd.DataFrame
    sector: pd.DataFrame
    resources: pd.DataFrame
    brands: pd.DataFrame
    joints: pd.DataFrame
    skills: pd.DataFrame
    tasks: pd.DataFrame
    headroom: pd.DataFrame
    swot: pd.DataFrame
    answers: pd.DataFrame
    legs: pd.DataFrame
    training: list[tuple[str, float | Interval, str]]
    cyber_rows: list[tuple[str, float | Interval, str]]


def facts_of(
    assumption: Callable[[str], Interval],
    items: pd.DataFrame,
    profiles: pd.DataFrame,
    remedies: pd.DataFrame,
    employees: int,
    sizes: pd.DataFrame | None = None,
) -> AlignmentFacts:
    """Gather the published figures and assumptions that :func:`assess_alignment` takes.

    Parameters
    ----------
    assumption : callable
        From an assumption's key to its value with its range.
    items, profiles, remedies : DataFrame
        The questionnaire, the sectors' menus, and what helps against each challenge.
    employees : int
        Breaches are told by size of firm, and weights are fitted to it.
    sizes : DataFrame, optional
        Columns ``employees_from, theme, multiplier``: the rows of the largest size that the
        business reaches count.

    Returns
    -------
    AlignmentFacts

    Examples
    --------
    >>> import pandas as pd
    >>> numbers = {"cyber_incident_median": 36e3, "cyber_incident_mean": 175e3}
    >>> facts = facts_of(lambda key: Interval(numbers.get(key, 0.5), 0.1, 0.9),
    ...                  pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), 12)
    >>> facts.cyber.median, facts.controls["control_mfa"].frequency
    (36000.0, 0.5)
    """
    size = "medium" if employees >= _MEDIUM else "small"
    kinds = {"ordinary": "weak", "for a while": "middle", "lasting": "strong"}
    return AlignmentFacts(
        items=items, profiles=profiles, remedies=remedies,
        size=_of_size(sizes, employees), learning=assumption("learning_share_of_projects"),
        half_life={k: assumption(f"imitation_half_life_{v}") for k, v in kinds.items()},
        cyber=CyberFacts(
            breached=assumption(f"cyber_breached_{size}"),
            harmful=assumption("cyber_harmful"),
            median=assumption("cyber_incident_median").point,
            mean=assumption("cyber_incident_mean").point,
            scale=assumption("cyber_scale"),
        ),
        controls={
            **{key: Control(frequency=assumption(key).point) for key in _FREQUENCY},
            **{key: Control(severity=assumption(key).point) for key in _SEVERITY},
        },
    )  # fmt: skip


def _of_size(sizes: pd.DataFrame | None, employees: int) -> dict[str, float]:
    """Theme to what it counts for in a business of this size."""
    if sizes is None:
        return {}
    rows = list(zip(sizes["employees_from"].astype(float), sizes["theme"],
                    sizes["multiplier"].astype(float), strict=True))  # fmt: skip
    reached = max((start for start, _, _ in rows if start <= max(employees, 1)), default=None)
    return {str(theme): factor for start, theme, factor in rows if start == reached}


def told(found: AlignmentFound, initiatives: pd.DataFrame, currency: str) -> Told:
    """Put the findings into the forms that a page shows.

    Parameters
    ----------
    found : AlignmentFound
    initiatives : DataFrame
        Columns ``name, tags``.
    currency : str
        Three letters.

    Returns
    -------
    Told

    Examples
    --------
    >>> import pandas as pd
    >>> told(AlignmentFound(), pd.DataFrame({"name": [], "tags": []}), "USD").sentence
    'No goals are written down yet, so nobody can say what technology should serve.'
    """
    import pandas as pd

    nothing = pd.DataFrame()
    alignment, answered, loss = found.alignment, found.answers, found.cyber
    tasks = found.tasks
    gain = tasks[tasks["saved"] > 0] if tasks is not None else nothing
    ends = [float(gain[f"saved{end}"].sum()) for end in ("", "_low", "_high")] if len(gain) else []
    return Told(
        sentence=_sentence(found),
        index=alignment.index if alignment else None,
        saving=Interval(ends[0], ends[1], ends[2], 1.0) if ends else None,
        cyber=loss.expected if loss else None,
        bad_year=loss.bad_year if loss else None,
        goals=alignment.goals.sort_values("weight", ascending=False, kind="stable")
        if alignment else pd.DataFrame(columns=_GOAL_COLUMNS),
        gaps=_or(found.gaps, nothing),
        links=alignment.links if alignment else nothing,
        phases=maturity(answered) if answered else nothing,
        capabilities=capabilities(answered) if answered else nothing,
        strategies=strategy_coverage(answered, initiatives) if answered else nothing,
        pitfalls=_or(found.pitfalls, nothing),
        challenges=_or(found.challenges, nothing),
        sector=_or(found.sector, nothing),
        resources=nothing if found.resources is None else _with_arithmetic(found.resources),
        brands=_or(found.brands, nothing),
        joints=_or(found.links, nothing),
        skills=_or(found.skills, nothing),
        tasks=_or(tasks, nothing),
        headroom=_or(found.headroom, nothing),
        swot=_or(found.swot, nothing),
        answers=answered.items if answered else nothing,
        legs=_legs(found),
        training=_training(found.training),
        cyber_rows=_cyber(loss, currency) if loss else [],
    )  # fmt: skip


def _or(frame: pd.DataFrame | None, nothing: pd.DataFrame) -> pd.DataFrame:
    return nothing if frame is None else frame


def _with_arithmetic(held: pd.DataFrame) -> pd.DataFrame:
    """Resources with the sum behind each strength, as a page shows it."""
    scores = held[["value", "rarity", "imitability", "substitutability"]].to_numpy(dtype=float)
    rows = [
        f"{value:.0%} × {rarity:.0%} × {1 - copied:.0%} × {1 - replaced:.0%}"
        for value, rarity, copied, replaced in scores.tolist()
    ]
    return held.assign(made_of=rows)


def _sentence(found: AlignmentFound) -> str:
    if found.alignment is None or found.gaps is None:
        none = "No goals are written down yet, so nobody can say what technology should serve"
        weakest = None if found.answers is None else weakest_phase(found.answers)
        if weakest is None:
            return f"{none}."
        return (
            f"{none}; of six phases {weakest.name} is the weakest, at {weakest.level} of {HIGHEST}."
        )
    carried = f"Technology carries {found.alignment.index.point:.0%} of what matters"
    if found.gaps.empty:
        return f"{carried}."
    first = found.gaps.iloc[0]
    return f"{carried}; close first “{first['goal']}”, of which it carries {first['coverage']:.0%}."


def _legs(found: AlignmentFound) -> pd.DataFrame:
    """Goals, technology and how it is done, each with its number; without goals, nothing."""
    import pandas as pd

    columns = ["leg", "said", "next"]
    if found.alignment is None:
        return pd.DataFrame(columns=columns)
    goals = found.alignment.goals
    checked = int(((goals["metric"] != "") & goals["target"].notna()).sum())
    phases = maturity(found.answers) if found.answers else None
    known = phases.dropna(subset="level") if phases is not None else None
    moved = found.alignment.mismatch
    rows = [
        ("Goals", f"{checked} of {len(goals)} have a measure and a target",
         "" if checked == len(goals) else "Name a number for the others."),
        ("Technology", f"it carries {found.alignment.index.point:.0%} of what matters",
         "See what to close first."),
        ("How it is done", "not known: no answer counts" if known is None or known.empty else
         f"the weakest of six phases is {known['group'].iloc[0]}, at "
         f"{known['level'].iloc[0]:.0f} of {HIGHEST}",
         "Answer the questionnaire." if known is None or known.empty else
         "See how mature it is."),
        ("Money", "nothing is planned, so nothing can be compared" if moved != moved else
         f"{moved:.0%} of planned spending would have to move for it to follow the weights",
         "" if moved != moved else "Compare weights with planned spending below."),
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def _training(found: Training | None) -> list[tuple[str, float | Interval, str]]:
    if found is None:
        return []
    return [
        ("Staff hours of all planned projects", found.hours, "hours"),
        ("Of these to learn what they bring", found.needed, "hours"),
        ("Hours of training last year", found.given, "hours"),
        ("Short of that, if nobody trains more", found.short, "hours"),
    ]


def _cyber(loss: CyberLoss, currency: str) -> list[tuple[str, float | Interval, str]]:
    rows: list[tuple[str, float | Interval, str]] = [
        ("Chance of a harmful incident in a year", loss.chance, "%"),
        ("Loss in an average year", loss.expected, currency),
        ("The same if no control were in place", loss.without_controls, currency),
        ("Loss in a bad year, one in a hundred", loss.bad_year, currency),
    ]
    if loss.kept is not None and loss.kept_bad_year is not None:
        rows += [
            ("Left of an average year by insurance", loss.kept, currency),
            ("Left of a bad year by insurance", loss.kept_bad_year, currency),
            ("Premium of insurance", loss.premium, currency),
        ]
    return rows
