"""Names for the arrays that models take and give."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Counts", "Flags", "Floats", "Places"]

Floats: TypeAlias = NDArray[np.float64]
"""Numbers."""

Counts: TypeAlias = NDArray[np.int64]
"""Whole numbers."""

Flags: TypeAlias = NDArray[np.bool_]
"""True or false."""

Places: TypeAlias = NDArray[np.intp]
"""Places in other arrays."""
