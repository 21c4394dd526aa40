"""The order in which vendors are added: hubs that hang together first, one group at a time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techalign.losses.hubs import Hubs

__all__ = ["Stage", "stages_of"]

Counts = NDArray[np.int64]
Places = NDArray[np.intp]


@dataclass(frozen=True)
class Stage:
    """Hubs that hang together, and for each the vendors added once it has its state.

    Without hubs there is one group: the vendors that run on none.
    """

    hubs: list[int]
    groups: list[Places]

    @property
    def members(self) -> Places:
        """All vendors of the stage."""
        return np.concatenate(self.groups)


def stages_of(hubs: Hubs | None, lower: Counts) -> list[Stage]:
    """Hubs first, while the support is small; then the vendors that run on none.

    Parameters
    ----------
    hubs : Hubs or None
    lower : ndarray of int, shape (n,)
        Each vendor's loss in whole steps of the grid.

    Returns
    -------
    list of Stage
        Hubs nobody runs on are left out.
    """
    # smallest first, so that the support, and with it the work, grows late
    order = np.argsort(lower, kind="stable")
    if hubs is None:
        return [Stage([], [order])]
    runs_on = hubs.takes > 0
    for k, row in enumerate(hubs.own):
        if row >= 0 and (runs_on[:, k].any() or hubs.runs_on_hubs(k)):
            runs_on[row, k] = True
    stages, free = [], np.ones(order.size, dtype=bool)
    for component in sorted(hubs.components(), key=len, reverse=True):
        groups, left = [], runs_on.copy() if len(component) > 1 else runs_on
        for place, k in enumerate(component):
            later = component[place + 1 :]
            member = left[:, k] & ~left[:, later].any(axis=1)
            groups.append(order[member[order]])
            free &= ~member
        if any(group.size for group in groups):
            stages.append(Stage(component, groups))
    return [*stages, Stage([], [order[free[order]]])]
