"""What matters how much, from comparing goals two by two, and whether the comparisons agree.

The analytic hierarchy process [1]_: weights are the principal eigenvector of the matrix of ratios,
and the consistency ratio CR = ((λ - n)/(n - 1)) / RI(n) compares its eigenvalue with that of random
judgements. Pairs that nobody compared are left open as in [2]_; several judges are joined by the
geometric mean, the only one that keeps ratios reciprocal.

References
----------
.. [1] T. L. Saaty, "How to make a decision: the analytic hierarchy process", European Journal of
   Operational Research 48, 1990, 9-26.
.. [2] P. T. Harker, "Incomplete pairwise comparisons in the analytic hierarchy process",
   Mathematical Modelling 9, 1987, 837-848.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["AhpWeights", "ahp_weights", "goal_weights"]

ACCEPTED = 0.1
"""Consistency ratio up to which judgements are taken to agree [1]_."""

# Saaty's random index, by the number of things compared
_RANDOM = (0, 0, 0, 0.58, 0.90, 1.12, 1.24, 1.32, 1.41, 1.45, 1.49, 1.51, 1.48, 1.56, 1.57, 1.59)
_STEPS = 60
_LEVEL = (0.1, 0.9)


@dataclass(frozen=True, eq=False)
class AhpWeights:
    """Weights of n goals.

    Attributes
    ----------
    weights : DataFrame
        ``goal, weight, weight_low, weight_high``: sum to one; the ends hold 80 % of the weights
        that judgements a little different would give. In the order the goals were given. With
        ``factor``, what the sector and the size made of each, where it was fitted to them.
    ratio : float
        The consistency ratio CR; 0 for fewer than three goals, NaN where weights were stated.
    worst : str
        The judgement that fits the others least, in words; "" where all agree well enough.
    notes : tuple of str
    """

    weights: pd.DataFrame
    ratio: float
    worst: str
    notes: tuple[str, ...] = ()


def ahp_weights(
    judgements: pd.DataFrame,
    goals: list[str],
    rng: np.random.Generator,
    *,
    perturbations: int = 500,
    spread: float = 0.2,
) -> AhpWeights:
    """Weigh goals by comparisons two by two.

    Parameters
    ----------
    judgements : DataFrame
        Columns ``judge, goal_a, goal_b, ratio`` (how many times more the first matters).
    goals : list of str
        n of them, at most 15.
    rng : Generator
    perturbations : int
        How many times judgements are varied for the ranges.
    spread : float
        Standard deviation of that variation, of the ratio's logarithm.

    Returns
    -------
    AhpWeights

    Raises
    ------
    ModelError
        If a judgement names a goal there is not, is not above 0, or does not join all goals.

    Examples
    --------
    >>> import pandas as pd
    >>> judged = pd.DataFrame(
    ...     [("Ann", "a", "b", 2.0), ("Ann", "a", "c", 4.0), ("Ann", "b", "c", 2.0)],
    ...     columns=["judge", "goal_a", "goal_b", "ratio"])
    >>> found = ahp_weights(judged, ["a", "b", "c"], np.random.default_rng(1))
    >>> found.weights["weight"].round(3).tolist(), round(found.ratio, 6)
    ([0.571, 0.286, 0.143], 0.0)
    """
    import pandas as pd

    n = len(goals)
    if not 1 <= n < len(_RANDOM):
        raise ModelError("goals", "must be 1 to 15 for comparisons", value=n)
    logs, known = _ratios(judgements, goals)
    weight, size = _principal(_harker(np.exp(logs), known)[None])
    point = weight[0]
    ratio = (size[0] - n) / (n - 1) / _RANDOM[n] if n > 2 else 0.0
    noise = np.triu(rng.normal(0.0, spread, (perturbations, n, n)), 1)
    varied = np.exp(logs + noise - np.swapaxes(noise, 1, 2))
    ends, _ = _principal(_harker(varied, known))
    low, high = np.quantile(ends, _LEVEL, axis=0)
    frame = pd.DataFrame({
        "goal": goals, "weight": point, "weight_low": np.minimum(low, point),
        "weight_high": np.maximum(high, point),
    })  # fmt: skip
    worst = _worst(logs, known, point, goals) if ratio > ACCEPTED else ""
    notes = (
        f"The comparisons contradict each other (consistency ratio {ratio:.2f}; at most 0.10 is "
        f"usual). The one that fits least: {worst}.",
    ) if worst else ()  # fmt: skip
    return AhpWeights(frame, max(float(ratio), 0.0), worst, notes)


def goal_weights(
    goals: pd.DataFrame,
    judgements: pd.DataFrame,
    multipliers: Mapping[str, float],
    rng: np.random.Generator,
) -> AhpWeights:
    """Weigh goals by comparisons where there are some, else as stated; then fit to the sector.

    Parameters
    ----------
    goals : DataFrame
        Columns ``goal, weight`` (any scale, may be missing), ``theme``.
    judgements : DataFrame
        As of :func:`ahp_weights`; may be empty.
    multipliers : mapping of str to float
        Theme to what it counts for in this sector and size; 1 where not named.
    rng : Generator

    Returns
    -------
    AhpWeights

    Raises
    ------
    ModelError
        If weights sum to zero, or are negative.

    Examples
    --------
    >>> import pandas as pd
    >>> goals = pd.DataFrame({"goal": ["a", "b"], "weight": [3.0, 1.0], "theme": ["x", "y"]})
    >>> none = pd.DataFrame(columns=["judge", "goal_a", "goal_b", "ratio"])
    >>> found = goal_weights(goals, none, {"y": 3.0}, np.random.default_rng(1))
    >>> found.weights["weight"].tolist()
    [0.5, 0.5]
    """
    import pandas as pd

    names = goals["goal"].tolist()
    joint = judgements[judgements["goal_a"].isin(names) & judgements["goal_b"].isin(names)]
    strange = len(judgements) - len(joint)
    found = None
    if len(joint):
        try:
            found = ahp_weights(joint, names, rng)
        except ModelError as error:
            found = None
            strange_note = f"Weights are as stated: {error}"
    if found is None:
        stated = goals["weight"].astype(float)
        weight = stated.fillna(stated.mean() if stated.notna().any() else 1.0).to_numpy(dtype=float)
        if (weight < 0).any() or not weight.sum() > 0:
            raise ModelError(
                "goals.weight", "must not be negative and must not sum to zero", value=weight.sum(),
                remedy="Give each goal a number, larger where it matters more.",
            )  # fmt: skip
        notes = (strange_note,) if len(joint) else ()
        unsaid = int(stated.isna().sum())
        if unsaid:
            notes = (*notes, f"What {unsaid} of {len(names)} goals weigh is not said; they count "
                     "as the average.")  # fmt: skip
        base = weight / weight.sum()
        frame = pd.DataFrame({"goal": names, "weight": base, "weight_low": base,
                              "weight_high": base})  # fmt: skip
        found = AhpWeights(frame, float("nan"), "", notes)
    factor = np.array([multipliers.get(theme, 1.0) for theme in goals["theme"]], dtype=float)
    frame = found.weights.assign(factor=factor)
    scaled = frame["weight"].to_numpy() * factor
    for end in ("weight_low", "weight_high", "weight"):
        frame[end] = frame[end].to_numpy() * factor / scaled.sum()
    left = (f"{strange} comparison{'s name' if strange > 1 else ' names'} a goal that is not in "
            "the list, and do not count.",) if strange else ()  # fmt: skip
    return AhpWeights(frame, found.ratio, found.worst, (*found.notes, *left))


def _ratios(judgements: pd.DataFrame, goals: list[str]) -> tuple[Floats, Floats]:
    """Mean logarithms of ratios, shape (n, n), and how many judged each pair."""
    place = {goal: i for i, goal in enumerate(goals)}
    sums, count = np.zeros((len(goals),) * 2), np.zeros((len(goals),) * 2)
    rows = (judgements[name].tolist() for name in ("goal_a", "goal_b", "ratio"))
    for first, second, ratio in zip(*rows, strict=True):
        for name in (first, second):
            if name not in place:
                raise ModelError("judgements", "name a goal there is not", value=name,
                                 remedy=f"There are {', '.join(goals)}.")  # fmt: skip
        if not ratio > 0:
            raise ModelError("judgements.ratio", "must be above 0", value=ratio)
        i, j = place[first], place[second]
        if i != j:
            sums[i, j] += np.log(ratio)
            sums[j, i] -= np.log(ratio)
            count[i, j] += 1
            count[j, i] += 1
    reach = np.linalg.matrix_power((count > 0) + np.eye(len(goals)), len(goals)) > 0
    if not reach.all():
        raise ModelError("judgements", "do not join all goals",
                         value=goals[int((~reach[0]).argmax())],
                         remedy="Compare it with one of the others.")  # fmt: skip
    return np.divide(sums, count, out=np.zeros_like(sums), where=count > 0), count


def _harker(ratios: Floats, known: Floats) -> Floats:
    """Leave pairs open that nobody compared: 0 there, and one more on the diagonal for each."""
    n = known.shape[0]
    open_ = (known == 0) & ~np.eye(n, dtype=bool)
    out = np.where(open_, 0.0, ratios)
    out[..., np.arange(n), np.arange(n)] = 1.0 + open_.sum(axis=1)
    return np.asarray(out)


def _principal(matrices: Floats) -> tuple[Floats, Floats]:
    """Principal eigenvectors, shape (S, n), that sum to one, and eigenvalues, by iteration."""
    vector = np.full(matrices.shape[:2], 1.0 / matrices.shape[1])
    size = np.ones(len(matrices))
    for _ in range(_STEPS):
        after = (matrices @ vector[..., None])[..., 0]
        size = after.sum(axis=1)
        after /= size[:, None]
        done = np.abs(after - vector).max() < 1e-12
        vector = after
        if done:
            break
    return vector, size


def _worst(logs: Floats, known: Floats, weight: Floats, goals: list[str]) -> str:
    implied = np.log(weight)[:, None] - np.log(weight)[None, :]
    off = np.where(np.triu(known, 1) > 0, np.abs(logs - implied), -1.0)
    i, j = np.unravel_index(int(off.argmax()), off.shape)
    if logs[i, j] < 0:
        i, j = j, i
    said, fits = np.exp(logs[i, j]), np.exp(implied[i, j])
    return (
        f"“{goals[i]}” was said to matter {said:.2g} times as much as “{goals[j]}”; the others "
        f"together say {fits:.2g}"
    )
