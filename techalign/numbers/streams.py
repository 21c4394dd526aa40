"""Random streams derived from names, so that a report is the same on every machine.

Global random state would make one notebook's result depend on what ran before it.
"""

from __future__ import annotations

import hashlib

import numpy as np

__all__ = ["random_stream"]


def random_stream(*names: str | int) -> np.random.Generator:
    """Give the random generator that belongs to a sequence of names.

    Parameters
    ----------
    *names : str or int
        Whatever identifies the use, e.g. ``random_stream("machine-shop", "partners")``.

    Returns
    -------
    numpy.random.Generator
        The same stream for the same names, independent streams for different ones.

    Examples
    --------
    >>> first, again = random_stream("oak", "partners"), random_stream("oak", "partners")
    >>> bool(first.random() == again.random())
    True
    """
    digest = hashlib.sha256("\x1f".join(map(str, names)).encode()).digest()
    words = np.frombuffer(digest, dtype=np.uint32)
    return np.random.default_rng(np.random.SeedSequence(words.tolist()))
