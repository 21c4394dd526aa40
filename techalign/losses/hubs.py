"""What several vendors run on: one failure that takes some of them with it.

A vendor falls by itself or with a hub it runs on: with the hubs of set s down its probability is
1 - (1 - p) prod over k in s of (1 - takes_k). A hub may be a vendor of the same table, and may
itself run on another hub.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["HUB_PD", "Hubs", "parse_hubs", "without_circles", "without_hubs"]

Floats = NDArray[np.float64]

HUB_PD = 0.01
"""Probability that a hub fails in a year where nobody states one. An assumption: no public data."""


@dataclass(frozen=True, eq=False)
class Hubs:
    """Hubs and who falls with them.

    Parameters
    ----------
    names : sequence of str, length K
    pd : array_like, shape (K,)
        Probability that each fails in the period, 0 to 1; not used for a hub that is itself a
        vendor, whose own probability counts.
    takes : array_like, shape (n, K)
        Probability that each vendor falls when the hub does; 0 where it does not run on it.
    own : sequence of int, length K, optional
        Row of the vendor that the hub is, -1 for none.
    chained : array_like, shape (K, K), optional
        Probability that hub (row) falls when hub (column) does.

    Raises
    ------
    ModelError
        If shapes differ, a probability is not within 0 and 1, or hubs run on one another in a
        circle.
    """

    names: tuple[str, ...]
    pd: Floats
    takes: Floats
    own: tuple[int, ...] = ()
    chained: Floats | None = None

    def __post_init__(self) -> None:
        names = tuple(str(name) for name in self.names)
        k = len(names)
        own = tuple(int(row) for row in self.own) or (-1,) * k
        chained = np.zeros((k, k)) if self.chained is None else self.chained
        for name, value in (("names", names), ("own", own)):
            object.__setattr__(self, name, value)
        takes = np.asarray(self.takes, dtype=float)
        n = takes.shape[0] if takes.ndim == 2 else 0
        for name, array, shape in (
            ("pd", self.pd, (k,)), ("takes", takes, (n, k)), ("chained", chained, (k, k)),
        ):  # fmt: skip
            object.__setattr__(self, name, _probabilities(f"hubs.{name}", array, shape))
        if len(own) != k or not all(-1 <= row < n for row in own):
            raise ModelError("hubs.own", "must name a vendor's row or -1 for each hub", value=own)
        self.components()  # a circle is refused at once

    def order(self) -> list[int]:
        """Hubs such that each comes after those it runs on; groups one after the other.

        Raises
        ------
        ModelError
            If there is a circle.
        """
        return [k for group in self.components() for k in group]

    def components(self) -> list[list[int]]:
        """Hubs that hang together through vendors or one another.

        In each list a hub comes after those it runs on, and few vendors wait for the last: a
        vendor is added once its last hub has its state, and the states double with every hub.

        Raises
        ------
        ModelError
            If hubs run on one another in a circle.
        """
        return self._components

    @cached_property
    def _components(self) -> list[list[int]]:
        assert self.chained is not None  # filled in by the constructor
        group = np.arange(len(self.names))
        on, above = self.takes > 0, self.chained > 0
        binding = [np.flatnonzero(on[i]) for i in np.flatnonzero(on.sum(axis=1) > 1)]
        binding += [
            np.append(np.flatnonzero(above[k]), k) for k in np.flatnonzero(above.any(axis=1))
        ]
        for together in binding:
            # they mostly hang together already
            if (group[together] != group[together[0]]).any():
                group[np.isin(group, group[together])] = group[together[0]]
        return [self._ordered(np.flatnonzero(group == name)) for name in np.unique(group)]

    def _ordered(self, members: NDArray[np.intp]) -> list[int]:
        """One group, built from its end, each time with the hub that fewest vendors still need."""
        assert self.chained is not None  # filled in by the constructor
        if members.size == 1 and not self.chained[members[0], members[0]]:
            return [int(members[0])]
        runs_on = self.chained[np.ix_(members, members)] > 0
        needs = self.takes[:, members] > 0
        needs = needs[needs.any(axis=1)]
        left, found = np.ones(members.size, dtype=bool), []
        while left.any():
            free = np.flatnonzero(left & ~runs_on[left].any(axis=0))
            if not free.size:
                circle = ", ".join(self.names[k] for k in members[left])
                raise ModelError(
                    "hubs", "run on one another in a circle", value=circle,
                    remedy="Leave out the weakest of these links.",
                )  # fmt: skip
            last = int(free[np.argmin(needs[:, free].sum(axis=0))])
            needs = needs[~needs[:, last]]
            found.append(int(members[last]))
            left[last] = False
        return found[::-1]

    def with_chances(self, hub_pd: float | Mapping[str, float]) -> Hubs:
        """The same hubs with other probabilities, given as for ``parse_hubs``."""
        keys = [name.casefold() for name in self.names]
        chances = _hub_chances(keys, [row >= 0 for row in self.own], hub_pd)
        return Hubs(self.names, np.array(chances), self.takes, self.own, self.chained)

    def cut(self, name: str) -> Hubs:
        """The same hubs, but no vendor falls with one of them any more."""
        assert self.chained is not None  # filled in by the constructor
        stays = np.array([other != name for other in self.names])
        return Hubs(self.names, self.pd, self.takes * stays, self.own, self.chained * stays)

    def runs_on_hubs(self, k: int) -> bool:
        """Whether hub k runs on another, or another on it."""
        assert self.chained is not None  # filled in by the constructor
        return bool(self.chained[k].any() or self.chained[:, k].any())


def parse_hubs(vendors: pd.DataFrame, hub_pd: float | Mapping[str, float] = HUB_PD) -> Hubs:
    """Read the vendors table's ``hubs``: ``"NimbusCloud:0.3; Harbor Payroll:0.2"``.

    Parameters
    ----------
    vendors : DataFrame
        Columns vendor and hubs; the number is the probability to fall with the hub.
    hub_pd : float or mapping of str to float
        Yearly probability that a hub fails: one for all, or by name (upper and lower case
        count the same). A hub that is a vendor of the table needs none.

    Returns
    -------
    Hubs
        Empty if no vendor names one.

    Raises
    ------
    ModelError
        If an entry cannot be read, a probability is not within 0 and 1, a hub is named twice
        by one vendor, hubs form a circle, or ``hub_pd`` names an unknown hub or lacks one.
    """
    rows = [str(name).strip().casefold() for name in vendors["vendor"]]
    links: list[dict[str, float]] = []
    shown: dict[str, str] = {}
    for line, text in zip(vendors.index, vendors["hubs"], strict=True):
        links.append({})
        for name, chance in _entries(f"vendors.hubs[{line}]", str(text)):
            key = name.casefold()
            if key in links[-1]:
                raise ModelError(f"vendors.hubs[{line}]", "names a hub twice", value=name)
            links[-1][key] = chance
            shown.setdefault(key, name)
    keys = list(shown)
    takes = np.array([[link.get(key, 0.0) for key in keys] for link in links])
    takes = takes.reshape(len(links), len(keys))
    own = [rows.index(key) if key in rows else -1 for key in keys]
    for k, row in enumerate(own):
        if row >= 0 and takes[row, k] > 0:
            raise ModelError(
                f"vendors.hubs[{vendors.index[row]}]", "names the vendor itself: a circle",
                value=shown[keys[k]],
            )  # fmt: skip
    chained = np.array([takes[row] if row >= 0 else np.zeros(len(keys)) for row in own])
    chances = _hub_chances(keys, [row >= 0 for row in own], hub_pd)
    return Hubs(
        tuple(shown.values()),
        np.array(chances),
        takes,
        tuple(own),
        chained.reshape(len(keys), len(keys)),
    )


def without_hubs(texts: pd.Series[str], names: Sequence[str]) -> pd.Series[str]:
    """The column ``hubs`` without the entries of some names; what cannot be read stays."""
    gone = {str(name).strip().casefold() for name in names}
    return texts.map(lambda text: _without(str(text), gone))


def _without(text: str, gone: AbstractSet[str]) -> str:
    return ";".join(
        entry
        for entry in text.split(";")
        if entry.rpartition(":")[0].strip().casefold() not in gone
    )


def without_circles(vendors: pd.DataFrame) -> tuple[pd.Series[str], tuple[str, ...]]:
    """The column ``hubs`` without the weakest link of every circle, and what was left out.

    Two companies may each lean on the other; but which of them falls first is not told, and the
    weakest link is the one that the probabilities miss least.

    Parameters
    ----------
    vendors : DataFrame
        Columns vendor and hubs, as for :func:`parse_hubs`.

    Returns
    -------
    hubs : Series of str
        Unchanged where there is no circle.
    notes : tuple of str
        One sentence for each link left out.

    Raises
    ------
    ModelError
        If an entry cannot be read or a probability is not within 0 and 1.
    """
    names = [str(name).strip() for name in vendors["vendor"]]
    places: dict[str, int] = {}
    for row, name in enumerate(names):
        places.setdefault(name.casefold(), row)
    links: list[dict[int, float]] = []
    for row, (line, text) in enumerate(zip(vendors.index, vendors["hubs"], strict=True)):
        read = ((name.casefold(), p) for name, p in _entries(f"vendors.hubs[{line}]", str(text)))
        links.append({places[key]: p for key, p in read if p > 0 and places.get(key, row) != row})
    texts, notes = [str(text) for text in vendors["hubs"]], []
    while circle := _circle(links):
        pairs = zip(circle, [*circle[1:], circle[0]], strict=True)
        row, hub = min(pairs, key=lambda pair: (links[pair[0]][pair[1]], pair))
        chance = links[row].pop(hub)
        texts[row] = _without(texts[row], {names[hub].casefold()})
        others = ", ".join(names[k] for k in circle)
        notes.append(
            f"{others} run on one another in a circle; its weakest link, that {names[row]} falls "
            f"with {names[hub]} ({chance:.0%}), is left out."
        )
    if not notes:
        return vendors["hubs"], ()
    import pandas as pd

    return pd.Series(texts, index=vendors.index, name="hubs", dtype=object), tuple(notes)


def _circle(links: Sequence[Mapping[int, float]]) -> list[int]:
    """Rows of which each runs on the next and the last on the first; empty if there are none."""
    left = {row for row, link in enumerate(links) if link}
    while ends := {row for row in left if not links[row].keys() & left}:
        left -= ends
    path: list[int] = []
    while left:
        row = min(links[path[-1]].keys() & left) if path else min(left)
        if row in path:
            return path[path.index(row) :]
        path.append(row)
    return []


def _entries(where: str, text: str) -> list[tuple[str, float]]:
    found = []
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        name, colon, number = (part.strip() for part in entry.rpartition(":"))
        try:
            chance = float(number.rstrip("%")) / (100.0 if number.endswith("%") else 1.0)
        except ValueError:
            chance = None
        if not colon or not name or chance is None:
            raise ModelError(
                where, "cannot be read", value=entry,
                remedy='Write name:probability, for instance "NimbusCloud:0.3; Harbor Pay:0.2".',
            )  # fmt: skip
        if not 0 <= chance <= 1:
            raise ModelError(where, "must hold probabilities from 0 to 1", value=entry)
        found.append((name, chance))
    return found


def _hub_chances(
    keys: Sequence[str], is_vendor: Sequence[bool], hub_pd: float | Mapping[str, float]
) -> list[float]:
    if not isinstance(hub_pd, Mapping):
        return [float(hub_pd)] * len(keys)
    given = {str(name).strip().casefold(): float(value) for name, value in hub_pd.items()}
    unknown = [name for name in given if name not in keys]
    if unknown:
        raise ModelError("hub_pd", "names a hub no vendor runs on", value=unknown[0])
    bare = [key for key, vendor in zip(keys, is_vendor, strict=True)
            if not vendor and key not in given]  # fmt: skip
    if bare:
        raise ModelError("hub_pd", "lacks a hub", value=bare[0], remedy="Give its probability.")
    return [given.get(key, 0.0) for key in keys]


def _probabilities(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    array = np.asarray(values, dtype=float)
    if array.shape != shape:
        raise ModelError(name, f"must have shape {shape}", value=array.shape)
    bad = np.argwhere(~((array >= 0) & (array <= 1)))
    if bad.size:
        place = ", ".join(str(int(i)) for i in bad[0])
        raise ModelError(f"{name}[{place}]", "must be 0 to 1", value=float(array[tuple(bad[0])]))
    return array
