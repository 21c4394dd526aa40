"""Which protections to buy within a budget.

At most one option per vendor. For the expected loss, what options save adds up over vendors, unless
two of them make companies less likely to fail of which one runs on the other; dynamic programming
over the budget finds the best choice [1] by what each saves alone. Expected shortfall never does:
there the same programme runs on each vendor's share in it, again at the choice found, and single
exchanges are tried; every figure that is returned is computed exactly for the choice as a whole.

References
----------
[1] Kellerer, H., Pferschy, U. and Pisinger, D. (2004). Knapsack Problems, ch. 11: the
    multiple-choice knapsack problem. Springer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.losses.distribution import LossDistribution
from techalign.numbers.arrays import Floats
from techalign.text import folded

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Mitigation", "MitigationPlans", "mitigate", "mitigation_plans"]

Choice = tuple[int, ...]

UNITS = 20_000
"""Steps of the budget; costs are rounded up to them, so the budget always holds."""

LEVEL = 0.99
"""Of the shortfall that plans are shown with."""

EXCHANGES = 200
"""Single exchanges tried at most, each costing one exact distribution."""


@dataclass(frozen=True, eq=False)
class Mitigation:
    """Options to buy within a budget.

    Attributes
    ----------
    chosen : DataFrame, index as in the options
        vendor, option, yearly_cost, el_avoided, net (el_avoided less cost), best first.
    options : DataFrame
        Every option with the same columns and ``chosen``, each as if bought alone: exactly what
        it avoids, of what falls with its vendor, too.
    budget, cost : float
        Money a year, allowed and used.
    el_before, el_after, es_before, es_after : float
        Expected loss and expected shortfall, exact.
    level : float
        Of the shortfall.
    objective : str
        ``"el"`` or ``"es"``.
    after : LossDistribution
        With the options bought.

    Examples
    --------
    >>> import pandas as pd
    >>> from techalign.losses import loss_distribution
    >>> options = pd.DataFrame(
    ...     [("Ash", "export", 120.0, 1.0, 0.4), ("Ash", "escrow", 400.0, 1.0, 0.3)],
    ...     columns=["vendor", "option", "yearly_cost", "probability_factor", "loss_factor"])
    >>> found = mitigate(
    ...     loss_distribution([0.1], [10_000.0]), pd.Series(["Ash"]), options, budget=1000.0)
    >>> found.options[["option", "el_avoided", "net", "chosen"]].round(6).to_numpy().tolist()
    [['export', 600.0, 480.0, True], ['escrow', 700.0, 300.0, False]]
    """

    chosen: pd.DataFrame
    options: pd.DataFrame
    budget: float
    cost: float
    el_before: float
    el_after: float
    es_before: float
    es_after: float
    level: float
    objective: str
    after: LossDistribution


def mitigate(
    losses: LossDistribution,
    vendors: pd.Series[str],
    options: pd.DataFrame,
    budget: float,
    *,
    objective: str = "el",
    level: float = 0.99,
    worth_only: bool = True,
) -> Mitigation:
    """Choose options within a yearly budget.

    Parameters
    ----------
    losses : LossDistribution
        Of n vendors, for instance ``assess_vendors(...).losses``.
    vendors : Series of str, shape (n,)
        Their names, in the same order (upper and lower case count the same).
    options : DataFrame
        Columns vendor, option, yearly_cost (money), probability_factor and loss_factor (what
        remains, 0 to 1). The first acts on a vendor's own probability, not on its hubs'.
        May be empty.
    budget : float
        Money a year.
    objective : str
        ``"el"`` for the expected loss, ``"es"`` for the expected shortfall at ``level``.
    level : float
        Between 0 and 1.
    worth_only : bool
        For the expected loss: choose what leaves most once it is paid for; otherwise, what
        avoids most, whatever it costs.

    Returns
    -------
    Mitigation

    Raises
    ------
    ModelError
        If an option's vendor is unknown, a factor or cost is out of bounds, the budget is
        negative, or the objective is unknown.

    Examples
    --------
    With 600 a year, the export for one and the escrow for the other save most:

    >>> import pandas as pd
    >>> from techalign.losses import loss_distribution
    >>> options = pd.DataFrame(
    ...     [("Ash", "export", 120.0, 1.0, 0.4), ("Birch", "escrow", 300.0, 1.0, 0.5),
    ...      ("Birch", "export", 550.0, 1.0, 0.25)],
    ...     columns=["vendor", "option", "yearly_cost", "probability_factor", "loss_factor"])
    >>> losses = loss_distribution([0.1, 0.05], [10_000.0, 40_000.0])
    >>> found = mitigate(losses, pd.Series(["Ash", "Birch"]), options, budget=600.0)
    >>> found.chosen[["vendor", "option"]].to_numpy().tolist()
    [['Birch', 'escrow'], ['Ash', 'export']]
    >>> found.cost, round(found.el_before), round(found.el_after)
    (420.0, 3000, 1400)
    """
    if not 0 <= budget < np.inf:
        raise ModelError("budget", "must be at least 0", value=budget)
    if objective not in ("el", "es"):
        raise ModelError("objective", "must be 'el' or 'es'", value=objective)
    problem = _Problem(losses, _rows(vendors, options), options, level)
    return _chosen(problem, budget, objective, worth_only=worth_only)


def _chosen(problem: _Problem, budget: float, objective: str, *, worth_only: bool) -> Mitigation:
    avoided, cost = problem.avoided, problem.cost
    if objective == "el":
        # of two protections of one company, the one that leaves more, not the one that avoids more
        worth = avoided - cost if worth_only else avoided
        choice = _knapsack(problem.row, np.maximum(worth, 0.0), cost, budget)
    else:
        choice = _least_shortfall(problem, budget)
    after, losses, level = problem.after(choice), problem.losses, problem.level
    bought = np.array(choice, dtype=np.intp)
    best_first = bought[np.argsort((cost - avoided)[bought], kind="stable")]
    chosen = np.zeros(cost.size, dtype=bool)
    chosen[bought] = True
    return Mitigation(
        chosen=problem.table.take(best_first), options=problem.table.assign(chosen=chosen),
        budget=float(budget), cost=float(cost[bought].sum()), el_before=losses.el,
        el_after=after.el, es_before=losses.es(level), es_after=after.es(level), level=level,
        objective=objective, after=after,
    )  # fmt: skip


@dataclass(frozen=True, eq=False)
class MitigationPlans:
    """What to buy with different budgets.

    Attributes
    ----------
    best : Mitigation
        Everything that pays for itself, whatever the budget.
    plans : tuple of Mitigation
        One for each budget, ascending.
    table : DataFrame
        One row per plan: budget, buy (vendors with what to buy for each), cost, el_after,
        es_after, net (expected loss avoided less cost), money a year.
    notes : tuple of str
        Options left out because their vendor is not among those assessed, a sentence each.

    Examples
    --------
    >>> import pandas as pd
    >>> from techalign.losses import loss_distribution
    >>> options = pd.DataFrame(
    ...     [("Ash", "export", 5000.0, 1.0, 0.4)],
    ...     columns=["vendor", "option", "yearly_cost", "probability_factor", "loss_factor"])
    >>> found = mitigation_plans(
    ...     loss_distribution([0.1], [10_000.0]), pd.Series(["Ash"]), options)
    >>> found.plans, found.best.cost
    ((), 0.0)
    """

    best: Mitigation
    plans: tuple[Mitigation, ...]
    table: pd.DataFrame
    notes: tuple[str, ...] = ()


def mitigation_plans(
    losses: LossDistribution,
    vendors: pd.Series[str],
    options: pd.DataFrame,
    *,
    shares: tuple[float, ...] = (0.25, 0.5, 1.0),
) -> MitigationPlans:
    """Choose for several budgets, as shares of what everything worth buying costs.

    Parameters
    ----------
    losses, vendors, options
        See :func:`mitigate`. Options of vendors that are not there are left out and noted: a
        vendor whose row cannot be read must not take the plans of all others with it.
    shares : tuple of float
        Above 0 and up to 1, ascending.

    Returns
    -------
    MitigationPlans
        No plan where nothing pays for itself.

    Examples
    --------
    >>> import pandas as pd
    >>> from techalign.losses import loss_distribution
    >>> options = pd.DataFrame(
    ...     [("Ash", "export", 100.0, 1.0, 0.4), ("Birch", "escrow", 300.0, 1.0, 0.5)],
    ...     columns=["vendor", "option", "yearly_cost", "probability_factor", "loss_factor"])
    >>> losses = loss_distribution([0.1, 0.05], [10_000.0, 40_000.0])
    >>> found = mitigation_plans(losses, pd.Series(["Ash", "Birch"]), options)
    >>> found.table["buy"].tolist()
    ['Ash: export', 'Ash: export', 'Birch: escrow; Ash: export']
    >>> found.table["net"].round(2).tolist()
    [500.0, 500.0, 1200.0]
    """
    import pandas as pd

    there = {folded(str(name)) for name in vendors}
    known = np.array([folded(str(n)) in there for n in options["vendor"]], dtype=bool)
    notes = tuple(
        f"{vendor} is not among the companies assessed, so {option!r} is left out."
        for vendor, option in options.loc[~known, ["vendor", "option"]].to_numpy().tolist()
    )
    options = options[known]
    problem = _Problem(losses, _rows(vendors, options), options, LEVEL)
    best = _chosen(problem, float(problem.cost.sum()), "el", worth_only=True)
    worth = not best.chosen.empty
    plans = tuple(
        best if share == 1.0 else _chosen(problem, share * best.cost, "el", worth_only=True)
        for share in (shares if worth else ())
    )
    rows = [
        (p.budget if p is not best else p.cost, _shopping(p.chosen), p.cost, p.el_after,
         p.es_after, p.el_before - p.el_after - p.cost)
        for p in plans
    ]  # fmt: skip
    columns = ["budget", "buy", "cost", "el_after", "es_after", "net"]
    return MitigationPlans(
        best=best, plans=plans, table=pd.DataFrame(rows, columns=columns), notes=notes
    )


def _shopping(chosen: pd.DataFrame) -> str:
    rows = zip(chosen["vendor"], chosen["option"], strict=True)
    return "; ".join(f"{vendor}: {option}" for vendor, option in rows) or "nothing fits"


class _Problem:
    """Options as arrays, and the distribution any choice leads to."""

    def __init__(
        self, losses: LossDistribution, row: NDArray[np.intp], options: pd.DataFrame, level: float
    ) -> None:
        import pandas as pd

        self.losses, self.row, self.level = losses, row, level
        self.cost = options["yearly_cost"].to_numpy(float)
        self.on_pd = options["probability_factor"].to_numpy(float)
        self.on_loss = options["loss_factor"].to_numpy(float)
        self.chance = losses.chance[row]
        self.chance_after = self.chance.copy()
        self.avoided = losses.loss[row] * self.chance * (1.0 - self.on_loss)
        for i in np.flatnonzero(self.on_pd < 1).tolist():
            # hard times and hubs bind a vendor's own failure to others': the whole is asked anew
            alone = self.after((i,))
            self.chance_after[i] = alone.chance[row[i]]
            self.avoided[i] = losses.el - alone.el
        given = {name: options[name] for name in ("vendor", "option", "yearly_cost")}
        more = {"el_avoided": self.avoided, "net": self.avoided - self.cost}
        self.table = pd.DataFrame({**given, **more}, index=options.index)

    def after(self, choice: Choice) -> LossDistribution:
        """Exact distribution with the chosen options."""
        pd, loss = self.losses.pd.copy(), self.losses.loss.copy()
        for i in choice:
            pd[self.row[i]] *= self.on_pd[i]
            loss[self.row[i]] *= self.on_loss[i]
        return self.losses.changed(pd, loss)

    def shortfall(self, choice: Choice) -> float:
        """Expected shortfall with the chosen options."""
        return self.after(choice).es(self.level)

    def by_contribution(self, at: LossDistribution, choice: Choice) -> Floats:
        """What each option would avoid of the shortfall, judged by its vendor's share in it."""
        base = self.losses.contributions(self.level)[self.row]
        bought = set(choice)
        if bought:
            # an option already bought has taken its part: judge the others where they are now
            now = at.contributions(self.level)[self.row]
            owners = {int(self.row[i]) for i in bought}
            base = np.where([int(r) in owners for r in self.row], base, now)
        remains = self.on_loss * self.chance_after / np.where(self.chance > 0, self.chance, 1.0)
        worth: Floats = base * (1.0 - remains)
        return worth


def _least_shortfall(problem: _Problem, budget: float) -> Choice:
    """Several starts, then single exchanges while they help; exact at every comparison."""
    starts = [_knapsack(problem.row, problem.avoided, problem.cost, budget)]
    choice: Choice = ()
    for _ in range(3):
        worth = problem.by_contribution(problem.after(choice), choice)
        choice = _knapsack(problem.row, worth, problem.cost, budget)
        starts.append(choice)
    best = min(dict.fromkeys(starts), key=problem.shortfall)
    least, tried, improved = problem.shortfall(best), 0, True
    while improved and tried < EXCHANGES:
        improved = False
        for other in _neighbours(problem, best, budget):
            tried += 1
            found = problem.shortfall(other)
            if found < least * (1 - 1e-12):
                best, least, improved = other, found, True
                break
            if tried >= EXCHANGES:
                break
    return best


def _neighbours(problem: _Problem, choice: Choice, budget: float) -> list[Choice]:
    """Choices within the budget that add, drop, or exchange one option for another."""
    found = []
    for i in range(len(problem.row)):
        if i in choice:
            continue
        kept = [j for j in choice if problem.row[j] != problem.row[i]]
        for dropped in (None, *kept):
            other = tuple(sorted([*(j for j in kept if j != dropped), i]))
            if problem.cost[list(other)].sum() <= budget + 1e-9:
                found.append(other)
    return found


def _knapsack(row: NDArray[np.intp], worth: Floats, cost: Floats, budget: float) -> Choice:
    """At most one option per vendor, most worth within the budget [1]; positions ascending."""
    useful = (worth > 0) & (cost <= budget + 1e-9)
    if not useful.any():
        return ()
    unit = _unit(cost[useful], budget)
    size = int(budget / unit + 1e-9)
    units = np.ceil(cost / unit - 1e-9).astype(np.intp)
    vendors = list(dict.fromkeys(row[useful].tolist()))
    best = np.zeros(size + 1)
    taken = np.full((len(vendors), size + 1), -1, dtype=np.intp)
    for v, vendor in enumerate(vendors):
        now = best.copy()
        for i in np.flatnonzero(useful & (row == vendor)).tolist():
            if units[i] > size:
                continue
            trial = best[: size + 1 - units[i]] + worth[i]
            better = trial > now[units[i] :]
            now[units[i] :][better] = trial[better]
            taken[v, units[i] :][better] = i
        best = now
    left, choice = size, []
    for v in reversed(range(len(vendors))):
        i = int(taken[v, left])
        if i >= 0:
            choice.append(i)
            left -= int(units[i])
    return tuple(sorted(choice))


def _unit(cost: Floats, budget: float) -> float:
    """The largest money unit that divides all costs, but not below a step of the budget."""
    cents = np.rint(cost * 100.0)
    divisor = float(np.gcd.reduce(cents.astype(np.int64))) / 100.0
    whole = np.abs(cents - cost * 100.0).max() < 1e-6 and divisor > 0
    finest = budget / UNITS
    return max(divisor if whole else 0.0, finest) or 1.0


def _rows(vendors: pd.Series[str], options: pd.DataFrame) -> NDArray[np.intp]:
    """Row of each option's vendor; checks the options on the way."""
    names = {folded(str(name)): i for i, name in enumerate(vendors)}
    rows = []
    for line, name in zip(options.index, options["vendor"], strict=True):
        key = folded(str(name))
        if key not in names:
            raise ModelError(f"options.vendor[{line}]", "is not in the vendors table", value=name)
        rows.append(names[key])
    for name, top in (("yearly_cost", np.inf), ("probability_factor", 1.0), ("loss_factor", 1.0)):
        values = options[name].to_numpy(float)
        bad = np.flatnonzero(~((values >= 0) & (values <= top) & np.isfinite(values)))
        if bad.size:
            raise ModelError(f"options.{name}[{options.index[bad[0]]}]", "is out of bounds",
                             value=values[bad[0]])  # fmt: skip
    return np.array(rows, dtype=np.intp)
