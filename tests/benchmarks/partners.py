"""Partner forecasts beside AutoARIMA and NUTS, and cash flows beside a loop over numpy-financial.

Fit and forecast run in a process of their own, so that the peak of memory is theirs alone. Peers
are measured where they are installed (dependency group ``bench``); NUTS is given sixty partners and
its own compilation, AutoARIMA a hundred series, and the model the same ones in the same run.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
import sys
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy_financial as npf

from techalign.partners import ChannelPlan, PartnerPanel, cashflow, economics

sys.path.append(str(Path(__file__).parents[1] / "validation"))
import synthetic_partners as worlds

MONTHS = 24
FEW, SOME = 60, 100


def fit_and_forecast(panel: PartnerPanel) -> np.ndarray:
    """Activation, ramp and 1,000 draws of the next twelve months."""
    return worlds.by_model(panel, np.random.default_rng(1))


def _measured(count: int, known: bool) -> tuple[float, float]:
    """CPU seconds of the better of two runs, and the peak of memory above the data, GB."""
    panel = worlds.make_panel(count, MONTHS, seed=f"bench {count}")
    panel = panel if known else replace(panel, deals=None)
    fit_and_forecast(panel.select(np.arange(count) < 200))  # what is imported once
    before = _peak()
    spent = []
    for _ in range(2 if count <= 500 else 1):
        started = time.process_time()
        fit_and_forecast(panel)
        spent.append(time.process_time() - started)
    return min(spent), (_peak() - before) / 1e6


def _peak() -> int:
    """The most memory this process has held, KiB; ``getrusage`` also counts its parent's."""
    status = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))


def model() -> None:
    """Measure fit and forecast of 500 and of 5,000 partners."""
    for count, target in ((500, 1.5), (5_000, 15.0)):
        for known in (True, False):
            with multiprocessing.get_context("spawn").Pool(1) as pool:
                seconds, peak = pool.apply(_measured, (count, known))
            memory = f", {peak:.2f} GB (target 1.5 GB)" if count > 500 else ""
            print(
                f"{count:,} partners x {MONTHS} months, orders {'known' if known else 'unknown'}, "
                f"fit and 12 months with 1,000 draws: {seconds:.2f} CPU s (target {target} s)"
                f"{memory}"
            )


def _seconds(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return time.process_time() - started


def peers() -> None:
    """Measure AutoARIMA and NUTS beside the model, each pair on the same partners."""
    warnings.filterwarnings("ignore")
    rng = np.random.default_rng(1)
    for name, package, count, wanted, run in (
        ("AutoARIMA", "statsforecast", SOME, 10, worlds.by_statsforecast("AutoARIMA")),
        ("NUTS, 300 + 300 draws of one chain", "numpyro", FEW, 25, worlds.by_nuts),
    ):
        if not importlib.util.find_spec(package):
            print(f"{name}: {package} is not installed")
            continue
        panel = replace(worlds.make_panel(count, MONTHS, seed="peers"), deals=None)
        if package == "statsforecast":  # compiled on its first call, which is not counted
            run(panel.select(np.arange(count) < 3), rng)
        theirs = _seconds(lambda run=run, panel=panel: run(panel, rng))
        ours = _seconds(lambda panel=panel: fit_and_forecast(panel))
        print(
            f"{name}, {count} partners x {MONTHS} months: {theirs:.1f} CPU s; the model "
            f"{ours:.2f} CPU s, {theirs / ours:,.0f} x (target {wanted} x)"
        )


def cash() -> None:
    """Measure 10,000 futures of 30 partners' cash over 60 months, and their values."""
    rng = np.random.default_rng(1)
    past, ahead, partners, draws = 24, 36, 30, 10_000
    sales = rng.gamma(1.0, 900.0, (draws, partners, ahead))
    plan = ChannelPlan(
        margin=np.full(partners, 0.3),
        mdf=0.02,
        dso_months=1,
        past_revenue=rng.gamma(1.0, 600.0, (partners, past)),
        past_cost=np.full(past, 5_000.0),
        manage=4_000.0,
    )
    made = []

    def ours() -> None:
        made.append(economics(cashflow(sales, plan), 0.1, past))

    seconds = min(_seconds(ours) for _ in range(3))
    flows, some = cashflow(sales[:500], plan), 500
    rate = 1.1 ** (1.0 / 12.0) - 1.0
    loop = _seconds(lambda: [npf.npv(rate, flow) for flow in flows]) * draws / some
    apart = max(
        abs(npf.npv(rate, flow) * (1.0 + rate) ** -0.5 - value)
        for flow, value in zip(flows, made[0].npv[:some], strict=True)
    )
    print(
        f"cash of {partners} partners x {past + ahead} months x {draws:,} futures, value, peak and "
        f"payback: {seconds:.2f} CPU s (target 0.9 s)"
    )
    print(
        f"the values alone by a loop over numpy_financial.npv: {loop:.2f} CPU s (from {some}); "
        f"largest difference {apart:.1e}"
    )


def main() -> None:
    """Print the tables."""
    model()
    peers()
    cash()


if __name__ == "__main__":
    main()
