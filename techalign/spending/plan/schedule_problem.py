"""Which tasks to start in which period, so that their value is greatest: with a proven bound.

Each task may start at most once, takes a number of periods, and uses money, hours and its owner's
attention while it runs. Notation: x_it is 1 where task i starts in period t, d_i its periods, v_it
what it is worth if started then, u_ir what it uses of resource r in each period, c_rt what there
is.

    max Σ v_it x_it + Σ b_pt z_pt        z_pt ≤ both tasks of pair p have ended by t
    Σ_t x_it ≤ 1 (= 1 where it must be done)
    Σ_i u_ir Σ_{t-d_i<s≤t} x_is ≤ c_rt
    Σ_{s≤t} x_js ≤ Σ_{s≤t-d_i} x_is      where j waits for i [1]

References
----------
[1] Christofides, Alvarez-Valdes and Tamarit 1987, Project scheduling with resource constraints,
    EJOR 29: the disaggregated form, whose relaxation is tighter than one of start times.
[2] Rockafellar and Uryasev 2000, Optimization of conditional value-at-risk, J. Risk 2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from techalign.numbers.arrays import Counts, Flags, Floats

__all__ = ["TAIL", "ScheduleProblem"]

TAIL = 0.05
"""Share of futures that make up the bad ones."""


@dataclass(frozen=True, kw_only=True)
class ScheduleProblem:
    """Tasks and what there is for them.

    Parameters
    ----------
    value : ndarray, shape (n, T)
        Worth of task i if started in period t; -inf where it may not start.
    duration : ndarray of int, shape (n,)
        Periods, 1 or more; a task ends within T.
    uses : ndarray, shape (n, R)
        Of each resource, per period while it runs.
    capacity : ndarray, shape (R, T)
        Of each resource and period; inf where there is no limit.
    after : tuple of (int, int)
        Pairs (i, j) where j may start only once i has ended.
    mandatory : ndarray of bool, shape (n,)
    pairs : tuple of (int, int)
        Tasks that help each other once both have ended.
    bonus : ndarray, shape (P, T + 1)
        Worth of pair p in each period both are live; the last column is all time after T.
    early : ndarray of bool, shape (n,)
        Tasks of which ``early_count`` must start and end within the first ``early_within`` periods.
    early_count, early_within : int
    futures : ndarray, shape (K, n, T), optional
        Worth in each of K futures; with ``caution`` above 0, their worst twentieth counts too.
    caution : float
        Weight of the mean of the worst futures, 0 to 1 [2].
    """

    value: Floats
    duration: Counts
    uses: Floats
    capacity: Floats
    mandatory: Flags
    after: tuple[tuple[int, int], ...] = ()
    pairs: tuple[tuple[int, int], ...] = ()
    bonus: Floats | None = None
    early: Flags | None = None
    early_count: int = 0
    early_within: int = 2
    futures: Floats | None = None
    caution: float = 0.0

    @property
    def allowed(self) -> Flags:
        """Whether a task may start in a period and ends within the last one, shape (n, T)."""
        periods = self.value.shape[1]
        ends = np.arange(periods)[None, :] + self.duration[:, None]
        allowed: Flags = np.isfinite(self.value) & (ends <= periods)
        return allowed

    def worth(self, start: Counts) -> float:
        """Value of starts (-1 where not started), bonuses of pairs included."""
        done = start >= 0
        total = float(self.value[done, start[done]].sum())
        for (i, j), bonus in zip(self.pairs, self.bonuses, strict=True):
            if done[i] and done[j]:
                live = max(start[i] + self.duration[i], start[j] + self.duration[j])
                total += float(bonus[live:].sum())
        if self.caution and self.futures is not None:
            drawn = self.futures[:, done, start[done]].sum(axis=1)
            worst = np.sort(drawn)[: max(1, round(TAIL * drawn.size))].mean()
            total = (1.0 - self.caution) * total + self.caution * float(worst)
        return total

    @property
    def bonuses(self) -> Floats:
        """Bonus of each pair, shape (P, T + 1)."""
        if self.bonus is None:
            return np.zeros((len(self.pairs), self.value.shape[1] + 1))
        return self.bonus

    @property
    def needed(self) -> Flags:
        """What must be done and all it waits for, shape (n,)."""
        needed = self.mandatory.copy()
        for _ in range(len(needed)):
            for i, j in self.after:
                needed[i] |= needed[j]
        return needed
