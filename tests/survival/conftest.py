"""Tables the tests of this folder share."""

import numpy as np
import pytest

from techalign.survival import Lifetimes

RADIOTHERAPY = """45- 25,37 37- 6,10 46- 0,5 0,7 26,40 18- 46- 46- 24- 46- 27,34 36- 7,16 36,44 5,11
17- 46- 19,35 7,14 36,48 17,25 37,44 37- 24- 0,8 40- 32- 4,11 17,25 33- 15- 46- 19,26 11,15 11,18
37- 22- 38- 34- 46- 5,12 36- 46-"""
CHEMOTHERAPY = """8,12 0,22 24,31 17,27 17,23 24,30 16,24 13- 11,13 16,20 18,25 17,26 32- 23- 44,48
14,17 0,5 5,8 12,20 11- 33,40 31- 13,39 19,32 34- 13- 16,24 35- 15,22 11,17 22,32 10,35 30,34 13-
10,17 8,21 4,9 11- 14,19 4,8 34- 30,36 18,24 16,60 35,39 21- 11,20 48-"""


@pytest.fixture
def cosmesis():
    """Months to breast retraction of Finkelstein and Wolfe (1985); x is 1 with chemotherapy."""
    rows = [(text, arm) for arm, texts in enumerate((RADIOTHERAPY, CHEMOTHERAPY))
            for text in texts.split()]  # fmt: skip
    low = [float(text.rstrip("-").split(",")[0]) for text, _ in rows]
    event = ["," in text for text, _ in rows]
    high = [float(text.split(",")[1]) if "," in text else np.nan for text, _ in rows]
    return Lifetimes(np.zeros(len(rows)), low, event, high, [float(arm) for _, arm in rows])


@pytest.fixture
def looked_at():
    return looked_at_table


def looked_at_table(n, seed=1, *, exact=0.3, late=True, look=1.0, round_to=None, beta=(0.6, -0.4)):
    """Weibull lifetimes (scale 6, shape 1/0.9) with two effects, late entry and all censoring.

    A share of the ends is known exactly; the others lie between looks about ``look`` years
    apart, counted from entry or, if rounded, from a calendar of ``round_to`` years.
    """
    draw = np.random.default_rng(seed)
    x, entry = draw.normal(size=(3 * n, 2)), draw.uniform(0, 3, 3 * n) * late
    life = 6 * (draw.exponential(size=3 * n) / np.exp(x @ np.array(beta))) ** 0.9
    seen = np.flatnonzero(life > entry)[:n]
    x, entry, life = x[seen], entry[seen], life[seen]
    width = look * draw.uniform(0.5, 1.5, n) if round_to is None else np.full(n, round_to)
    base = entry if round_to is None else np.floor(entry / width) * width
    # the last look is a look: an end after it is not seen
    end = base + np.ceil((entry + draw.uniform(2, 6, n) - base) / width) * width
    gone, known = life < end, draw.random(n) < exact
    low = base + np.floor((life - base) / width) * width
    stop = np.where(gone, np.where(known, life, np.maximum(low, entry)), end)
    return Lifetimes(entry, stop, gone, np.where(gone & ~known, low + width, np.nan), x)
