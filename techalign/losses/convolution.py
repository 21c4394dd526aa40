"""Independent losses added to the distribution of a total on a grid of money, and taken out again.

Three ways for the three shapes of the problem. ``added`` puts losses in one after the other, for
all values of a common factor at once [1]; ``removed`` is the same way back, from the weight of a
total to what each loss contributes. ``convolved`` and ``phases`` work on Fourier transforms, for
many losses at once. ``set_chances`` with ``merged`` and ``parted`` is for the few largest losses,
which make most of the grid: they come last, as sums over which of them occur, once the factor is
averaged out.

Notation, also of ``recursion``::

    n, M, G       events, values of the common factor (columns), points of the grid
    C             worlds: values of the factor, each with a state of some causes
    chance[i, m]  probability of event i given the m-th value of the factor
    lower[i]      its loss in whole steps of the grid, with probability 1 - upper_share[i];
                  one step more otherwise, so that the mean is kept
    now[g, m]     probability that the events taken so far cost g steps
    ahead[g, m]   expected weight of the total where g steps are lost so far
    share[m]      weight of a column
    state         whether each cause is down: {cause: True}

References
----------
[1] Andersen, L., Sidenius, J. and Basu, S. (2003). All your hedges in one basket. Risk 16(11),
    67-72.
"""

from __future__ import annotations

from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from techalign.numbers.arrays import Counts, Floats

__all__ = [
    "added",
    "convolved",
    "merged",
    "parted",
    "phases",
    "product",
    "removed",
    "set_chances",
    "way_of",
]

Complexes = NDArray[np.complex128]

LIKELY, TOGETHER = 0.9, 100
"""Probability from on which odds are not used, and how many events' are at most taken together:
a product of 100 probabilities above a tenth does not vanish.
"""

PART = 4
"""Events, at least, on whose way the distributions are kept; for others they are made again."""

ALONE = 2**18
"""Multiplications in one product of matrices up to which BLAS starts no threads."""


def added(now: Floats, chance: Floats, lower: Counts, upper_share: Floats) -> Floats:
    """Add events to distributions given the factor, (G, M) to (G', M).

    Parameters
    ----------
    now : ndarray, shape (G, M)
    chance : ndarray, shape (m, M)
    lower, upper_share : ndarray, shape (m,)
        Smallest first: the support, and with it the work, then grows late.
    """
    for begin in range(0, lower.size, TOGETHER):
        rows = slice(begin, begin + TOGETHER)
        now = _added(now, chance[rows], lower[rows].tolist(), upper_share[rows].tolist())
    return now


def _added(start: Floats, chance: Floats, lower: list[int], upper_share: list[float]) -> Floats:
    """What stays where it is is not multiplied by 1 - p each time.

    All these factors come first, and the odds are then added in place.
    """
    grown = [k + (1 if s else 0) for k, s in zip(lower, upper_share, strict=True)]
    used, width = start.shape
    now = np.zeros((used + sum(grown), width))
    one, other = np.empty((2, now.shape[0] - grown[-1], width))
    # likely events have no finite odds, and products of many must not vanish
    likely = chance.max(axis=1) >= LIKELY
    stay = 1.0 - chance
    np.multiply(start, stay[~likely].prod(axis=0), out=now[:used])
    odds = chance / np.where(likely[:, None], 1.0, stay)
    for i, (k, s) in enumerate(zip(lower, upper_share, strict=True)):
        past, moved, upper = now[:used], one[:used], other[:used]
        np.multiply(past, odds[i] * (1.0 - s), out=moved)
        if s:
            np.multiply(past, odds[i] * s, out=upper)
        if likely[i]:
            past *= stay[i]
        now[k : k + used] += moved
        if s:
            now[k + 1 : k + 1 + used] += upper
        used += grown[i]
    return now


def removed(
    start: Floats,
    ahead: Floats,
    chance: Floats,
    lower: Counts,
    upper_share: Floats,
    share: Floats,
) -> tuple[Floats, Floats]:
    """Undo :func:`added` for the expected weight, from the last event to the first.

    Distributions on the way are kept for a part of the events at a time and made again for the
    others: memory stays small.

    Parameters
    ----------
    start : ndarray, shape (G, M)
        Distribution before the events.
    ahead : ndarray, shape (G', M)
        Expected weight after them.
    chance : ndarray, shape (m, M)
    lower, upper_share : ndarray, shape (m,)
    share : ndarray, shape (M,)

    Returns
    -------
    ahead : ndarray, shape (G, M)
        Before the events.
    lost : ndarray, shape (m,)
        Expected loss times weight of each, in steps.
    """
    part = max(int(np.sqrt(lower.size)), PART)
    begins = range(0, lower.size, part)
    stored, ahead, lost = [start * share], ahead.copy(), np.zeros(lower.size)
    # memory asked for anew for every event would cost more than the sums
    spare = np.empty((2, *ahead.shape))
    for b in begins[:-1]:
        rows = slice(b, b + part)
        stored.append(added(stored[-1], chance[rows], lower[rows], upper_share[rows]))
    losses = list(zip(lower.tolist(), upper_share.tolist(), strict=True))
    for b, first in zip(reversed(begins), reversed(stored), strict=False):
        places = range(b, min(b + part, lower.size))
        way = [first]
        for j in places[:-1]:
            way.append(_one_added(way[-1], chance[j], *losses[j], spare[0]))
        for j in reversed(places):
            now = way.pop()
            lost[j] = _one_removed(now, ahead, chance[j], *losses[j], spare)
            ahead = ahead[: now.shape[0]]
    return ahead, lost


def _one_added(now: Floats, p: Floats, k: int, s: float, spare: Floats) -> Floats:
    used = now.shape[0]
    both = np.zeros((used + k + (1 if s else 0), now.shape[1]))
    np.multiply(now, 1.0 - p, out=both[:used])
    both[k : k + used] += np.multiply(now, p * (1.0 - s), out=spare[:used])
    if s:
        both[k + 1 : k + 1 + used] += np.multiply(now, p * s, out=spare[:used])
    return both


def _one_removed(now: Floats, ahead: Floats, p: Floats, k: int, s: float, spare: Floats) -> float:
    """Take an event out of ``ahead``, in place; its expected loss times weight, in steps."""
    used = now.shape[0]
    before, (lower, upper) = ahead[:used], spare[:, :used]
    np.multiply(ahead[k : k + used], p * (1.0 - s), out=lower)
    lost = k * np.einsum("gc,gc->", now, lower)
    if s:
        np.multiply(ahead[k + 1 : k + 1 + used], p * s, out=upper)
        lost += (k + 1) * np.einsum("gc,gc->", now, upper)
        lower += upper
    before *= 1.0 - p
    before += lower
    return float(lost)


def convolved(one: Floats, other: Floats) -> Floats:
    """Distribution of the sum of two independent losses, column by column; (G, M) each."""
    if one.shape[0] == 1:
        return one * other
    length = one.shape[0] + other.shape[0] - 1
    both = np.fft.rfft(one, length, axis=0) * np.fft.rfft(other, length, axis=0)
    return np.maximum(np.fft.irfft(both, length, axis=0), 0.0)


def phases(lower: Counts, upper_share: Floats) -> tuple[int, int, list[Complexes]]:
    """What each loss turns the transform of a total by, less 1.

    Parameters
    ----------
    lower, upper_share : ndarray, shape (m,)

    Returns
    -------
    points, length : int
        Of the grid that holds the sum of all, and of a transform of at least so many: the next
        of small factors, for which transforms are quick.
    turns : list of ndarray, shape (length // 2 + 1,)
    """
    points = 1 + int(lower.sum()) + int(np.count_nonzero(upper_share))
    power = 1 << (points - 1).bit_length()
    length = min(n for n in (power, power * 5 // 8, power * 3 // 4) if n >= points and n % 2 == 0)
    turn = np.exp(-2j * np.pi * np.arange(length // 2 + 1) / length)
    # a loss of whole steps turns the transform by so much, one of k + share by a mixture
    turns = [turn**k * (1.0 - s + s * turn) - 1.0 for k, s in zip(lower, upper_share, strict=True)]
    return points, length, turns


def product(one: Floats, other: Floats) -> Floats:
    """``one @ other`` in parts so small that BLAS starts no threads: they would cost more.

    Parameters
    ----------
    one : ndarray, shape (a, b)
    other : ndarray, shape (b, c)
    """
    tall = one.shape[0] > other.shape[1]
    size, rest = (one.shape[0], other.size) if tall else (other.shape[1], one.size)
    part = max(ALONE // max(rest, 1), 1)
    parts = [
        one[begin : begin + part] @ other if tall else one @ other[:, begin : begin + part]
        for begin in range(0, size, part)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=0 if tall else 1)


def set_chances(chance: Floats, weight: Floats) -> Floats:
    """Weight times the probability that just these events happen, for all sets of them.

    Parameters
    ----------
    chance : ndarray, shape (g, C)
    weight : ndarray, shape (C,)

    Returns
    -------
    ndarray, shape (2**g, C)
        The second half of the rows has the first event in it, and so on.
    """
    found = weight[None]
    for p in chance[::-1]:
        found = np.concatenate([found * (1.0 - p), found * p])
    return found


def way_of(found: Floats, lower: Counts, upper_share: Floats) -> list[Floats]:
    """Put events in one after the other, the first one first.

    Parameters
    ----------
    found : ndarray, shape (2**g, G)
        Distribution of the others for each set, see :func:`set_chances`.
    lower, upper_share : ndarray, shape (g,)

    Returns
    -------
    list of ndarray
        ``found``, then after each event half the rows, and as many points more as it costs.
    """
    losses = zip(lower.tolist(), upper_share.tolist(), strict=True)
    return list(accumulate(losses, lambda now, loss: _one_in(now, *loss), initial=found))


def _one_in(now: Floats, k: int, s: float) -> Floats:
    half, used = now.shape[0] // 2, now.shape[1]
    happened = now[half:]
    both = np.zeros((half, used + k + (1 if s else 0)))
    both[:, :used] = now[:half]
    both[:, k : k + used] += (1.0 - s) * happened
    if s:
        both[:, k + 1 : k + 1 + used] += s * happened
    return both


def merged(found: Floats, lower: Counts, upper_share: Floats) -> Floats:
    """Distribution of the total, (G',): the end of the way, without keeping it."""
    for k, s in zip(lower.tolist(), upper_share.tolist(), strict=True):
        found = _one_in(found, k, s)
    total: Floats = found[0]
    return total


def parted(
    way: list[Floats], ahead: Floats, lower: Counts, upper_share: Floats
) -> tuple[Floats, Floats]:
    """The way back, from the weight of each total to the expected weight of each set.

    Parameters
    ----------
    way : list of ndarray
        See :func:`way_of`.
    ahead : ndarray, shape (points,)
    lower, upper_share : ndarray, shape (g,)

    Returns
    -------
    ahead : ndarray, shape (2**g, G)
        For each set and each amount lost by the others.
    lost : ndarray, shape (g,)
        Expected loss times weight of each event, in steps.
    """
    after, lost = ahead[None], np.zeros(lower.size)
    for j in reversed(range(lower.size)):
        k, s = int(lower[j]), float(upper_share[j])
        half, used = way[j].shape[0] // 2, way[j].shape[1]
        happened, later = way[j][half:], (1.0 - s) * after[:, k : k + used]
        lost[j] = k * np.einsum("gc,gc->", happened, later)
        if s:
            more = s * after[:, k + 1 : k + 1 + used]
            lost[j] += (k + 1) * np.einsum("gc,gc->", happened, more)
            later += more
        after = np.concatenate([after[:, :used], later])
    return after, lost
