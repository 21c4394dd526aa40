"""Vendor models beside lifelines and SurPyval on the same rows, and the cost of joint losses.

Every line is measured in a process of its own: CPU seconds (of all threads, the best of three
where one takes less than two seconds), and the peak of memory above what the data take. The
making of ``Lifetimes``, with its checks, counts as part of the fit. lifelines' piecewise
regression has coefficients per interval where ours has one set; its prediction of medians, which
would need 7 TiB at a million rows, is left out. SurPyval and pyfair are compared where they are
installed; what takes them longer than ``PATIENCE`` is given up.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from techalign.vendors import (
    Lifetimes,
    fit_lifetime,
    kaplan_meier,
    loss_distribution,
)

ROWS = (1_000, 100_000, 1_000_000)
BREAKS = [1.0, 2.0, 3.0, 5.0, 8.0]
LATE_ROWS = 16_000
PATIENCE = 120.0
DRAWS = 100_000
TARGETS = {
    "Kaplan-Meier": 15, "Weibull": 40, "Weibull AFT": 20, "Cox": 40, "piecewise": 25,
    "Cox, late entry": 300,
}  # fmt: skip

Data = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def sample(n: int, late: bool) -> Data:
    """Entry, stop, event and three covariates; Weibull lifetimes, uniform censoring."""
    rng = np.random.default_rng(7)
    need = 2 * n if late else n
    x = rng.normal(size=(need, 3))
    life = 8.0 * (rng.exponential(size=need) / np.exp(x @ [0.3, -0.2, 0.1])) ** (1 / 0.9)
    entry = rng.uniform(0.0, 4.0, need) if late else np.zeros(need)
    end = entry + rng.uniform(0.0, 15.0, need)
    seen = np.flatnonzero(life > entry)[:n]
    stop = np.minimum(life, end)[seen]
    return entry[seen], stop, (life <= end)[seen], x[seen]


def ours(model: str, data: Data) -> Callable[[], object]:
    """The call to measure."""
    entry, stop, event, x = data
    calls: dict[str, Callable[[], object]] = {
        "Kaplan-Meier": lambda: kaplan_meier(Lifetimes(entry, stop, event)),
        "Weibull": lambda: fit_lifetime(Lifetimes(entry, stop, event), "weibull"),
        "Burr XII": lambda: fit_lifetime(Lifetimes(entry, stop, event), "burr"),
        "Weibull AFT": lambda: fit_lifetime(
            Lifetimes(entry, stop, event, None, x), "weibull", kind="time"
        ),
        "Cox": lambda: fit_lifetime(Lifetimes(entry, stop, event, None, x), "cox"),
        "piecewise": lambda: fit_lifetime(
            Lifetimes(entry, stop, event, None, x), "piecewise", breaks=BREAKS
        ),
    }
    calls["Cox, late entry"] = calls["Cox"]
    return calls[model]


def theirs(model: str, data: Data) -> Callable[[], object]:
    """The same with lifelines."""
    import lifelines

    class Piecewise(lifelines.PiecewiseExponentialRegressionFitter):
        def predict_median(self, df: pd.DataFrame, **_: object) -> pd.Series:
            return pd.Series(np.nan, index=df.index)

    entry, stop, event, x = data
    frame = pd.DataFrame(x, columns=list("abc")).assign(stop=stop, event=event)
    late = frame.assign(entry=entry) if entry.any() else frame
    column = "entry" if entry.any() else None
    calls: dict[str, Callable[[], object]] = {
        "Kaplan-Meier": lambda: lifelines.KaplanMeierFitter().fit(stop, event),
        "Weibull": lambda: lifelines.WeibullFitter().fit(stop, event),
        "Weibull AFT": lambda: lifelines.WeibullAFTFitter().fit(frame, "stop", "event"),
        "Cox": lambda: lifelines.CoxPHFitter().fit(late, "stop", "event", entry_col=column),
        "piecewise": lambda: Piecewise(BREAKS).fit(frame, "stop", "event"),
    }
    calls["Cox, late entry"] = calls["Cox"]
    return calls[model]


def surpyvals(model: str, data: Data) -> Callable[[], object]:
    """The same with SurPyval; it has no piecewise hazard with covariates."""
    import surpyval

    entry, stop, event, x = data
    gone = 1 - event.astype(int)
    calls: dict[str, Callable[[], object]] = {
        "Kaplan-Meier": lambda: surpyval.KaplanMeier.fit(stop, c=gone),
        "Weibull": lambda: surpyval.Weibull.fit(stop, c=gone),
        "Weibull AFT": lambda: surpyval.WeibullAFT.fit(stop, x, c=gone),
        "Cox": lambda: surpyval.CoxPH.fit(stop, x, c=gone),
        "Cox, late entry": lambda: surpyval.CoxPH.fit(stop, x, c=gone, tl=entry),
    }
    return calls[model]


SIDES = {"ours": ours, "lifelines": theirs, "surpyval": surpyvals}


def measure(side: str, model: str, rows: int) -> tuple[float, float]:
    """CPU seconds and peak MiB, in a process of its own; NaN where patience ends."""
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        found = pool.apply_async(_measured, (side, model, rows))
        try:
            return found.get(PATIENCE if side == "surpyval" else None)
        except multiprocessing.TimeoutError:
            return float("nan"), float("nan")


def _measured(side: str, model: str, rows: int) -> tuple[float, float]:
    import warnings

    warnings.simplefilter("ignore")
    data = sample(rows, late="late" in model)
    small = sample(500, late="late" in model)
    SIDES[side](model, small)()  # imports and caches
    call = SIDES[side](model, data)
    before = _memory("VmRSS")
    _reset_peak()
    spent: list[float] = []
    while len(spent) < 3 and (not spent or spent[0] < 2.0):
        begin = time.process_time()
        call()
        spent.append(time.process_time() - begin)
    return min(spent), _memory("VmHWM") - before


def _memory(field: str) -> float:
    lines = Path("/proc/self/status").read_text().splitlines()
    line = next((line for line in lines if line.startswith(field)), "0 nan")
    return float(line.split()[1]) / 1024


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5")


def lifetimes_table() -> None:
    """Print CPU seconds and memory of the lifetime models."""
    peer = installed("surpyval")
    print(f"{'model':17}{'rows':>11}{'ours':>10}{'lifelines':>11}{'ratio':>8}{'target':>8}"
          f"{'SurPyval':>10}{'ratio':>8}{'MiB':>8}{'lifelines':>11}{'SurPyval':>10}")  # fmt: skip
    cases = [(model, rows) for model in TARGETS if "late" not in model for rows in ROWS]
    cases += [("Cox, late entry", LATE_ROWS), ("Burr XII", ROWS[-1])]
    for model, rows in cases:
        seconds, peak = measure("ours", model, rows)
        line = f"{model:17}{rows:>11,}{seconds:>10.4f}"
        if model == "Burr XII":
            print(f"{line}{'none':>11}{'':>16}{'none':>10}{'':>8}{peak:>8.0f}", flush=True)
            continue
        other, other_peak = measure("lifelines", model, rows)
        due = rows == ROWS[-1] or "late" in model
        target = str(TARGETS[model]) if due else ""
        third, third_peak = "none", ""
        if peer and model != "piecewise":
            spent, used = measure("surpyval", model, rows)
            slow = spent != spent
            third = f">{PATIENCE:.0f}" if slow else f"{spent:.3f}"
            third += f"{'' if slow else f'{spent / seconds:.0f}':>8}"
            third_peak = "" if slow else f"{used:.0f}"
        print(f"{line}{other:>11.3f}{other / seconds:>8.0f}{target:>8}{third.rjust(18)}"
              f"{peak:>8.0f}{other_peak:>11.0f}{third_peak:>10}", flush=True)  # fmt: skip


def installed(name: str) -> bool:
    """Whether a peer can be compared with."""
    found = importlib.util.find_spec(name) is not None
    if not found:
        print(f"{name} is not installed: not compared")
    return found


def portfolio_table() -> None:
    """Print CPU milliseconds of the exact loss distribution."""
    print(f"\n{'portfolio, exact':40}{'vendors':>9}{'ms':>10}{'target':>8}")
    rng = np.random.default_rng(1)
    for n in (10, 100, 1_000):
        chance, loss = rng.uniform(0.005, 0.08, n), rng.lognormal(10, 1, n)
        share = rng.uniform(0.1, 0.6, (n, 8))
        one = np.where(np.arange(8) == np.arange(n)[:, None] % 8, share, 0.0)
        several = np.where(rng.random((n, 8)) < 0.2, share, 0.0)
        fails = np.full(8, 0.02)
        heavy: dict[str, Any] = {"copula": "t", "nu": 4.0}
        cases: list[tuple[str, dict[str, Any], int | None]] = [
            ("Gaussian", {}, 25),
            ("t, 4 degrees of freedom", heavy, 400),
            ("Gaussian, eight hubs, each on one", {"hubs": (fails, one)}, 400),
            ("t, eight hubs, each on one", {"hubs": (fails, one)} | heavy, 1500),
        ]
        if n <= 100:
            # nothing can be averaged out early: all 256 states of the hubs are gone through
            cases.append(("Gaussian, eight hubs, on 1.6 each", {"hubs": (fails, several)}, 400))
            cases.append(("Gaussian, eight hubs, each on all", {"hubs": (fails, share)}, 400))
        many = np.where(np.arange(229) == np.arange(n)[:, None] % 229, share[:, :1], 0.0)
        cases.append(("Gaussian, up to 229 hubs", {"hubs": (np.full(229, 0.02), many)}, 1000))
        # more than can be gone through: the weakest links are averaged
        takes = np.where(rng.random((n, 40)) < 0.05, share[:, :1], 0.0)
        cases.append(
            ("Gaussian, forty hubs, on two each", {"hubs": (np.full(40, 0.02), takes)}, 2000)
        )
        for name, options, target in cases:
            spent = []
            for _ in range(3):
                begin = time.process_time()
                loss_distribution(chance, loss, **options)
                spent.append(time.process_time() - begin)
            goal = f"{target}" if n == 100 and target else ""
            print(f"{name:40}{n:>9,}{1000 * min(spent):>10.1f}{goal:>8}", flush=True)
        if n <= 100 and installed("pyfair"):
            print(
                f"{f'pyfair, {DRAWS:,} draws':40}{n:>9,}{_pyfair(chance, loss):>10.1f}", flush=True
            )
    if installed("pyfair"):
        print(
            "(pyfair multiplies probability by loss in each draw: 3 % of 100,000 is 3,000 in every"
        )
        print(" year, so its value at risk is the expected loss.)")


def _pyfair(chance: np.ndarray, loss: np.ndarray) -> float:
    """CPU milliseconds of the same vendors in pyfair."""
    from pyfair import FairMetaModel, FairModel

    begin = time.process_time()
    models = []
    for i, (p, money) in enumerate(zip(chance, loss, strict=True)):
        model = FairModel(name=f"vendor {i}", n_simulations=DRAWS, random_seed=i)
        model.input_data("Loss Event Frequency", constant=float(p))
        model.input_data("Loss Magnitude", constant=float(money))
        models.append(model)
    FairMetaModel(name="all", models=models).calculate_all()
    return 1000 * (time.process_time() - begin)


def import_line() -> None:
    """Print the CPU seconds of importing the package, in a fresh interpreter."""
    code = "import time; a = time.process_time(); import techalign.vendors; "
    code += "print(time.process_time() - a)"
    spent = [
        float(subprocess.run([sys.executable, "-c", code], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    print(f"\nimporting techalign.vendors: {min(spent):.2f} s CPU (target 0.4)")


def main() -> None:
    """Print the tables and what could not be compared."""
    lifetimes_table()
    portfolio_table()
    import_line()


if __name__ == "__main__":
    main()
