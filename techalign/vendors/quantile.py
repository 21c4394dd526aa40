"""How many standard errors an interval reaches to either side.

scipy.special takes longer to import than all of this package; for one number the standard library
does.
"""

from __future__ import annotations

from statistics import NormalDist

__all__ = ["width_of"]


def width_of(level: float) -> float:
    """Standard errors to either side of a normal interval that holds with ``level``, 0 to 1."""
    return NormalDist().inv_cdf(0.5 + level / 2.0)
