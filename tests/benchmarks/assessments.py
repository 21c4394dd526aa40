"""Ecosystem and alignment beside the plain way of doing each, and what every notebook costs.

The plain ways are what one would write with scipy and numpy: an initial value problem per draw, an
eigenvalue problem per perturbed matrix, a simulation of years. Each line says how far the two
results are apart, so that speed is not bought with another answer.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.integrate import solve_ivp

from techalign.alignment import Control, CyberFacts, ahp_weights, cyber_loss
from techalign.ecosystem import SellingRates, hunt_or_farm
from techalign.numbers.intervals import Interval

ROOT = Path(__file__).parents[2]
DRAWS, SPLITS, YEARS = 1000, 22, 3
GOALS, PERTURBED = 15, 500
COPIES = 12
LARGEST = {"partner_ramps": "channel-software"}
"""Sample client with most rows for a notebook; machine-shop for the others."""


def main() -> None:
    """Print every comparison, then the CPU seconds of each notebook in the batch."""
    _selling()
    _weights()
    _cyber()
    notebooks()


def _best(call: Callable[[], object], times: int = 5) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        call()
        found.append(time.perf_counter() - start)
    return min(found)


def _told(
    name: str, ours: float, target: float | None, plain: float, what: str, apart: float
) -> None:
    limit = "" if target is None else f" (at most {target:.0f})"
    print(
        f"{name}: {1000 * ours:.1f} ms{limit}; {what} {1000 * plain:,.0f} ms, "
        f"{plain / ours:.0f}x; results {apart:.2%} apart",
        flush=True,
    )


def _selling() -> None:
    rng = np.random.default_rng(1)
    of = {
        name: rng.uniform(low, high, DRAWS)
        for name, low, high in (
            ("hunted", 15, 40), ("coming", 0, 5), ("leaving", 0.1, 0.3), ("referring", 0.1, 0.6),
            ("caring", 0.0, 1.5), ("building", 0.3, 2.0), ("fading", 0.2, 1.2),
        )
    }  # fmt: skip
    rates = SellingRates(**of, customers=120.0, trust=0.5, split=0.33, margin=800.0)
    ours = _best(lambda: hunt_or_farm(rates, years=YEARS))
    few = 20  # of so many draws the plain way is measured

    def plain() -> float:
        total = 0.0
        for s in range(few):
            one = {name: values[s] for name, values in of.items()}
            total += solve_ivp(
                _change, (0, YEARS), [120.0, 0.5, 0.0], args=(0.6, one), rtol=1e-8
            ).y[2, -1]
        return total / few

    start = time.perf_counter()
    mean = plain()
    each = (time.perf_counter() - start) * SPLITS * DRAWS / few
    same = np.mean([_of_one({n: v[s : s + 1] for n, v in of.items()}) for s in range(few)])
    apart = abs(float(same) / mean - 1.0)
    _told("hunt_or_farm, 1,000 draws", ours, 50, each, "scipy solve_ivp a draw and split", apart)


def _of_one(draw: dict[str, np.ndarray]) -> float:
    """People-years of customers of one draw at a split of 0.6."""
    rates = SellingRates(**draw, customers=120.0, trust=0.5, split=0.6, margin=1.0)
    curve = hunt_or_farm(rates, years=YEARS, discount_rate=0.0).curve
    return float(curve["margin"].iloc[(curve["farming"] - 0.6).abs().argmin()])


def _change(_: float, y: np.ndarray, f: float, of: dict[str, float]) -> list[float]:
    people, trust, _total = y
    leave = of["leaving"] * (1.0 + of["caring"] * (1.0 - trust / 0.5))
    won = of["hunted"] * (1.0 - f) + of["coming"]
    return [
        won - leave * people + of["referring"] * f * trust * people,
        of["building"] * f * (1.0 - trust) - of["fading"] * (1.0 - f) * trust,
        people,
    ]


def _weights() -> None:
    names = [f"g{i}" for i in range(GOALS)]
    true = np.linspace(1.0, 4.0, GOALS)
    pairs = [(a, b) for a in range(GOALS) for b in range(a + 1, GOALS)]
    rng = np.random.default_rng(2)
    judged = pd.DataFrame({
        "judge": "Ann", "goal_a": [names[a] for a, _ in pairs],
        "goal_b": [names[b] for _, b in pairs],
        "ratio": [true[a] / true[b] * np.exp(rng.normal(0, 0.1)) for a, b in pairs],
    })  # fmt: skip

    def call() -> object:
        return ahp_weights(judged, names, np.random.default_rng(3), perturbations=PERTURBED)

    ours = _best(call)
    logs = np.zeros((GOALS, GOALS))
    for (a, b), ratio in zip(pairs, judged["ratio"], strict=True):
        logs[a, b], logs[b, a] = np.log(ratio), -np.log(ratio)

    def plain() -> np.ndarray:
        noise = np.random.default_rng(3)
        found = []
        for _ in range(PERTURBED):
            shift = np.triu(noise.normal(0, 0.2, logs.shape), 1)
            values, vectors = np.linalg.eig(np.exp(logs + shift - shift.T))
            first = np.abs(vectors[:, values.real.argmax()].real)
            found.append(first / first.sum())
        return np.mean(found, axis=0)

    point = call().weights["weight"].to_numpy()  # type: ignore[attr-defined]
    apart = float(np.abs(plain() / point - 1.0).max())
    _told("ahp_weights, 15 goals, 500 perturbations", ours, 20, _best(plain, 3),
          "numpy eig in a loop", apart)  # fmt: skip


def _cyber() -> None:
    facts = CyberFacts(Interval(0.5, 0.4, 0.6), Interval(0.4, 0.3, 0.5), 36e3, 175e3,
                       Interval(0.5, 0.3, 0.9))  # fmt: skip
    controls = {"mfa": Control(frequency=0.6)}

    def call() -> object:
        return cyber_loss(facts, controls, {"mfa": 1.0}, 2e6)

    def plain() -> float:
        rng = np.random.default_rng(4)
        years = 1_000_000
        count = rng.poisson(0.5 * 0.4 * 0.6, years)
        sigma = np.sqrt(2 * np.log(175 / 36))
        cost = np.minimum(18e3 * np.exp(sigma * rng.standard_normal(count.sum())), 2e6)
        total = np.bincount(np.repeat(np.arange(years), count), cost, years)
        return float(np.quantile(total, 0.99))

    bad = call().bad_year.point  # type: ignore[attr-defined]
    apart = abs(plain() / bad - 1.0)
    # ours works out all three ends, with and without controls
    _told("cyber_loss, point and both ends", _best(call), None, 3 * _best(plain, 2),
          "numpy, a million years an end", apart)  # fmt: skip


def notebooks() -> None:
    """Print the CPU seconds of a report of each notebook for the largest sample client.

    A run makes each client's review too, a notebook of its own, where its folder has that: each is
    run from a folder where it lies alone, or its figure would be that of two.
    """
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        client = LARGEST.get(path.stem, "machine-shop")
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder)
            (place / "n").mkdir()
            shutil.copy(path, place / "n")
            # the practice's own experience and all clients are read by every report of vendors
            shutil.copytree(ROOT / "datasets" / "clients" / client, place / "c" / f"{client}-0")
            one = _cpu(place, path.stem, 1)
            for number in range(1, COPIES + 1):
                shutil.copytree(place / "c" / f"{client}-0", place / "c" / f"{client}-{number}")
            every = _cpu(place, path.stem, COPIES + 1)
        print(f"{path.stem}: {(every - one) / COPIES:.2f} CPU s a report ({client})", flush=True)


def _cpu(place: Path, notebook: str, count: int) -> float:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", "techalign", "run", "--notebook", notebook, "--force"]
    command += ["--clients-dir", str(place / "c"), "--out", str(place / f"out{count}")]
    done = subprocess.run(
        [*command, "--notebooks-dir", str(place / "n")], capture_output=True, text=True
    )
    if done.returncode:
        sys.exit(f"{notebook} failed: {done.stderr[-500:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
