"""From stranger to advocate: how people move, where it ends, what one who enters is worth.

Four stages are the transient states of an absorbing chain. In a month a person of stage i moves
to j with probability Q_ij or is lost; people of stage i bring R_ij new ones into stage j. With b
entering from outside, the long-run state is x = b (I - Q - R)^-1, and one who enters is worth the
first row of (I - δ(Q + R))^-1 times the margin of a month [1]_.

References
----------
.. [1] J. G. Kemeny, J. L. Snell, Finite Markov Chains, Springer, 1976, chapter 3.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval, interval_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["STAGES", "StageFlow", "StagePrior", "stage_flow"]

STAGES = ("suspect", "prospect", "client", "advocate")
"""The stages from stranger to recommending customer, in order."""

_PEOPLE = {"suspect": "suspects", "prospect": "prospects", "client": "clients",
           "advocate": "advocates"}  # fmt: skip
_REFERRERS = ("client", "advocate")
_REFERRED = ("suspect", "prospect")
_CLIENT = STAGES.index("client")


@dataclass(frozen=True)
class StagePrior:
    """What is believed before any flow is counted: judgement, worth ``weight`` person-months.

    Attributes
    ----------
    weight : float
        Person-months the belief counts as in each stage.
    onward : tuple of float, shape (4,)
        Chance a month to reach the next stage; of the last one to fall back to the third.
    lost : tuple of float, shape (4,)
        Chance a month to be lost.
    referrals : float
        People one advocate brings a month; a client brings none beforehand.
    """

    weight: float = 24.0
    onward: tuple[float, float, float, float] = (0.05, 0.10, 0.01, 0.01)
    lost: tuple[float, float, float, float] = (0.05, 0.10, 0.015, 0.01)
    referrals: float = 0.05

    def __post_init__(self) -> None:
        if not self.weight > 0:
            raise ModelError("weight", "must be above 0", value=self.weight)


@dataclass(frozen=True, eq=False)
class StageFlow:
    """How people move between the four stages, as S draws of what the counts allow.

    Attributes
    ----------
    counts : array, shape (4,)
        People in each stage now.
    moves : array, shape (S, 4, 4)
        Chance a month to move from row to column; the diagonal is the chance to stay.
    referrals : array, shape (S, 4, 4)
        People that one of the row brings into the column a month.
    inflow : array, shape (S, 4)
        People a month that enter from outside.
    margin : array, shape (4,)
        Money that one of each stage brings a year.
    discount_rate : float
        Per year.
    months : int
        Months with a count.
    observed : DataFrame
        ``from_stage, to_stage, moves, exposure`` (person-months).
    notes : tuple of str
        What the counts do not tell, in sentences.
    """

    counts: Floats
    moves: Floats
    referrals: Floats
    inflow: Floats
    margin: Floats
    discount_rate: float
    months: int
    observed: pd.DataFrame
    notes: tuple[str, ...]

    @property
    def long_run(self) -> Floats:
        """People in each stage in the long run, shape (S, 4); infinite where they never settle."""
        system = self.moves + self.referrals
        settles = _radius(system) < 1.0
        out = np.full(self.inflow.shape, np.inf)
        if settles.any():
            turned = np.eye(4) - np.swapaxes(system[settles], 1, 2)
            out[settles] = np.linalg.solve(turned, self.inflow[settles][..., None])[..., 0]
        return out

    @property
    def value_per_entrant(self) -> Floats:
        """Discounted margin that one new suspect brings with all it refers, shape (S,)."""
        monthly = (1.0 + self.discount_rate) ** (-1.0 / 12.0)
        system = monthly * (self.moves + self.referrals)
        finite = _radius(system) < 1.0
        out = np.full(len(system), np.inf)
        if finite.any():
            month = np.broadcast_to((self.margin / 12.0)[:, None], (int(finite.sum()), 4, 1))
            out[finite] = np.linalg.solve(np.eye(4) - system[finite], month)[:, 0, 0]
        return out

    def ahead(self, months: int, lift: Floats | float = 1.0) -> Floats:
        """Margin month by month from the people there are now, shape (S, months), money.

        Parameters
        ----------
        months : int
        lift : float or array, shape (S,)
            Factor on every chance to move onward; what is lost or falls back stays as it is.
        """
        system = lifted(self.moves, np.broadcast_to(lift, (len(self.moves),))) + self.referrals
        state = np.broadcast_to(self.counts, self.inflow.shape)
        out = np.empty((len(state), months))
        for month in range(months):
            state = np.einsum("si,sij->sj", state, system) + self.inflow
            out[:, month] = state @ self.margin / 12.0
        return out

    def table(self, level: float = 0.8) -> pd.DataFrame:
        """Each stage: people now and in the long run, chance a month to go on, time to do so.

        Returns
        -------
        DataFrame
            ``stage, now, long_run, onward`` (both with ``_low`` and ``_high``), ``lost``.
        """
        import pandas as pd

        runs, rows = self.long_run, []
        for i, stage in enumerate(STAGES):
            on = self.moves[:, i, i + 1] if i < 3 else self.moves[:, 3, 2]
            lost = 1.0 - self.moves[:, i].sum(axis=1)
            ends = [interval_of(draws, level) for draws in (runs[:, i], on, lost)]
            rows.append((_PEOPLE[stage], self.counts[i], *(x for e in ends for x in _three(e))))
        names = [
            f"{n}{end}" for n in ("long_run", "onward", "lost") for end in ("", "_low", "_high")
        ]
        return pd.DataFrame(rows, columns=["stage", "now", *names])


def stage_flow(
    flows: pd.DataFrame,
    players: pd.DataFrame,
    as_of: dt.date,
    rng: np.random.Generator,
    *,
    discount_rate: float = 0.1,
    prior: StagePrior | None = None,
    draws: int = 400,
) -> StageFlow:
    """Estimate from monthly counts how people move from suspect to advocate.

    People in a stage at the start of each month follow from those there now and the counts.
    Chances are drawn from the Dirichlet law of the counts with a weak prior, referrals and
    inflow from the gamma law: p_ij ~ (n_ij + wπ_ij) / (N_i + w) on average.

    Parameters
    ----------
    flows : DataFrame
        Columns ``month``, ``from_stage``, ``to_stage``, ``count``; months after ``as_of`` are
        left out.
    players : DataFrame
        Columns ``player``, ``count``, ``margin`` (money a year, may be missing).
    as_of : date
    rng : Generator
    discount_rate : float
        Per year.
    prior : StagePrior, optional
    draws : int
        S.

    Returns
    -------
    StageFlow

    Raises
    ------
    ModelError
        If there is no count up to that day, one is negative, or ``draws`` is below 1.

    Examples
    --------
    >>> import pandas as pd
    >>> flows = pd.DataFrame(
    ...     [("2026-05-01", "outside", "suspect", 40), ("2026-05-01", "suspect", "prospect", 12),
    ...      ("2026-05-01", "prospect", "client", 5), ("2026-05-01", "advocate", "prospect", 2)],
    ...     columns=["month", "from_stage", "to_stage", "count"])
    >>> flows["month"] = pd.to_datetime(flows["month"])
    >>> players = pd.DataFrame({
    ...     "player": ["suspects", "prospects", "clients", "advocates"],
    ...     "count": [200, 40, 90, 12], "margin": [None, None, 300.0, 300.0]})
    >>> flow = stage_flow(flows, players, dt.date(2026, 6, 30), np.random.default_rng(1))
    >>> flow.months, flow.table()["stage"].tolist()
    (1, ['suspects', 'prospects', 'clients', 'advocates'])
    >>> bool((flow.long_run > 0).all())
    True
    """
    if draws < 1:
        raise ModelError("draws", "must be at least 1", value=draws)
    prior = prior or StagePrior()
    n, entered, referred, months = _counted(flows, as_of)
    counts, margin, notes = _people(players)
    exposure, more = _exposures(n, entered, referred, counts)
    total = n.sum(axis=0)
    stay = np.maximum(exposure - total.sum(axis=1), 0.0)
    total[np.arange(4), np.arange(4)] = stay
    law = _beforehand(prior) + total
    chances = np.stack([_dirichlet(rng, law[i], draws) for i in range(4)], axis=1)
    brought = referred.sum(axis=0) + _referrals_beforehand(prior)
    referrals = rng.gamma(brought, size=(draws, 4, 4)) / (exposure + prior.weight)[:, None]
    inflow = rng.gamma(entered.sum(axis=0) + _few(entered), size=(draws, 4)) / months
    return StageFlow(
        counts=counts,
        moves=chances[:, :, :4],
        referrals=np.where(brought > 0, referrals, 0.0),
        inflow=np.where(entered.sum(axis=0) > 0, inflow, 0.0),
        margin=margin,
        discount_rate=discount_rate,
        months=months,
        observed=_observed(n.sum(axis=0), exposure),
        notes=(*notes, *more),
    )


def lifted(moves: Floats, lift: Floats) -> Floats:
    """Chances with every step onward multiplied, shape (S, 4, 4).

    Parameters
    ----------
    moves : array, shape (S, 4, 4)
    lift : array, shape (S,)
        Factor; where a row would exceed what stays and goes on together, all of that goes on.
    """
    upward = np.triu(np.ones((4, 4)), 1)
    on = moves * upward
    stay = moves[:, np.arange(4), np.arange(4)]
    wanted = on * lift[:, None, None]
    sums = wanted.sum(axis=2)
    room = on.sum(axis=2) + stay
    shrunk = np.divide(room, sums, out=np.ones_like(sums), where=sums > room)
    raised = wanted * shrunk[:, :, None]
    out = moves * (1.0 - upward) + raised
    out[:, np.arange(4), np.arange(4)] = room - raised.sum(axis=2)
    return np.asarray(out)


def _radius(system: Floats) -> Floats:
    return np.asarray(np.abs(np.linalg.eigvals(system)).max(axis=1))


def _three(ends: Interval) -> tuple[float, float, float]:
    return ends.point, ends.low, ends.high


def _few(entered: Floats) -> Floats:
    """A gamma law's shape must be above 0; where nobody entered the draw is not used."""
    return np.where(entered.sum(axis=0) > 0, 0.0, 1.0)


def _dirichlet(rng: np.random.Generator, law: Floats, draws: int) -> Floats:
    used = law > 0
    out = np.zeros((draws, law.size))
    out[:, used] = rng.dirichlet(law[used], size=draws)
    return out


def _counted(flows: pd.DataFrame, as_of: dt.date) -> tuple[Floats, Floats, Floats, int]:
    """Moves (M, 4, 5), entries (M, 4) and referrals (M, 4, 4), the latest month last; M."""
    import pandas as pd

    known = flows[flows["month"] <= pd.Timestamp(as_of)]
    if known.empty:
        raise ModelError(
            "flows", "hold no month up to the day of the report", value=as_of,
            remedy="Count how many moved on in at least one month.",
        )  # fmt: skip
    if (known["count"] < 0).any():
        raise ModelError("flows.count", "must not be negative", value=known["count"].min())
    index = known["month"].dt.year * 12 + known["month"].dt.month
    month = (index - index.min()).to_numpy(dtype=int)
    # the months between the first and the last count: one without a row had no moves
    months = int(month.max()) + 1
    n, entered = np.zeros((months, 4, 5)), np.zeros((months, 4))
    referred = np.zeros((months, 4, 4))
    columns = (known[c].tolist() for c in ("from_stage", "to_stage", "count"))
    for m, start, end, count in zip(month, *columns, strict=True):
        j = 4 if end == "lost" else STAGES.index(end)
        if start == "outside":
            if j < 4:
                entered[m, j] += count
        elif start in _REFERRERS and end in _REFERRED:
            referred[m, STAGES.index(start), j] += count
        else:
            n[m, STAGES.index(start), j] += count
    return n, entered, referred, months


def _people(players: pd.DataFrame) -> tuple[Floats, Floats, list[str]]:
    rows = players.set_index("player")
    counts, margin, notes = np.zeros(4), np.zeros(4), []
    for i, stage in enumerate(STAGES):
        name = _PEOPLE[stage]
        count = rows["count"].get(name, np.nan) if len(rows) else np.nan
        worth = rows["margin"].get(name, np.nan) if len(rows) else np.nan
        if count is None or count != count:
            notes.append(f"Nobody has counted the {name} there are now; the monthly counts alone "
                         "tell of them.")  # fmt: skip
        else:
            counts[i] = float(count)
        margin[i] = 0.0 if worth is None or worth != worth else float(worth)
    if not margin[_CLIENT]:
        notes.append("What a client brings a year is not said, so nothing here is put in money.")
    return counts, margin, notes


def _exposures(
    n: Floats, entered: Floats, referred: Floats, counts: Floats
) -> tuple[Floats, list[str]]:
    """Person-months at risk in each stage, shape (4,), going back from those there now."""
    stock, exposure = counts.copy(), np.zeros(4)
    short = np.zeros(4, dtype=bool)
    for month in range(len(n) - 1, -1, -1):
        came = n[month, :, :4].sum(axis=0) + entered[month] + referred[month].sum(axis=0)
        went = n[month].sum(axis=1)
        stock = stock - came + went
        short |= stock < went
        # who left in a month was there at its start or came within it
        stock = np.maximum(stock, 0.0)
        exposure += np.maximum(stock, went)
    notes = [
        f"More {_PEOPLE[stage]} left in a month than the counts have there: the present number "
        "and the monthly counts contradict each other. At least those who left were there."
        for stage, missing in zip(STAGES, short, strict=True)
        if missing
    ]
    notes += [
        f"Nobody was counted among the {_PEOPLE[stage]}: what is said of them is a planning figure."
        for stage, months in zip(STAGES, exposure, strict=True)
        if months == 0
    ]
    return exposure, notes


def _beforehand(prior: StagePrior) -> Floats:
    """Prior person-months by move, shape (4, 5); the fifth is lost."""
    alpha = np.zeros((4, 5))
    for i in range(4):
        onward, lost = prior.onward[i], prior.lost[i]
        alpha[i, i + 1 if i < 3 else 2] = onward
        alpha[i, 4] = lost
        alpha[i, i] = 1.0 - onward - lost
    return alpha * prior.weight


def _referrals_beforehand(prior: StagePrior) -> Floats:
    shape = np.zeros((4, 4))
    shape[3, 1] = prior.referrals * prior.weight
    return np.where(shape > 0, shape, 1e-9)


def _observed(n: Floats, exposure: Floats) -> pd.DataFrame:
    import pandas as pd

    rows = [
        (STAGES[i], (*STAGES, "lost")[j], float(n[i, j]), float(exposure[i]))
        for i in range(4)
        for j in range(5)
        if n[i, j] > 0
    ]
    return pd.DataFrame(rows, columns=["from_stage", "to_stage", "moves", "exposure"])
