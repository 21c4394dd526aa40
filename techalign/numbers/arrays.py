"""Names for the arrays that models take and give."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Counts", "Flags", "Floats", "Places", "places_of"]

Floats: TypeAlias = NDArray[np.float64]
"""Numbers."""

Counts: TypeAlias = NDArray[np.int64]
"""Whole numbers."""

Flags: TypeAlias = NDArray[np.bool_]
"""True or false."""

Places: TypeAlias = NDArray[np.intp]
"""Places in other arrays."""


def places_of(names: Iterable[str], listed: Iterable[str]) -> Counts:
    """Find each of some names among those listed, all of them different.

    Parameters
    ----------
    names : iterable of str
        n names.
    listed : iterable of str

    Returns
    -------
    ndarray of int, shape (n,)
        Place in ``listed``; -1 for what is not there.

    Examples
    --------
    >>> places_of(["Birch", "Elm"], ["Alder", "Birch"]).tolist()
    [1, -1]
    """
    place = {name: row for row, name in enumerate(listed)}
    return np.array([place.get(name, -1) for name in names], dtype=np.int64)
