"""How far a partner is trusted, who gives more than it gets, and what changes have done.

Nobody has data on what trust does to sales; answers are shown as they were given, and what a point
is worth is an assumption that looks like one. Trust is competence and twelve principles; one that
nobody has answered for counts neither for nor against. What a change did is measured where there
are sales on both sides of it, and assumed elsewhere.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from techalign.numbers.arrays import Floats, places_of
from techalign.numbers.periods import month_index
from techalign.partners.assumptions import PartnerAssumptions
from techalign.partners.panel import PartnerPanel

__all__ = [
    "EVENT_KEYS",
    "PRINCIPLES",
    "TRUST_KEYS",
    "changes_to_avoid",
    "event_effects",
    "reciprocity",
    "trust_evidence",
    "trust_score",
]

TRUST_KEYS = ("trust_effect_on_sales",)
EVENT_KEYS = (
    "people_changed_effect",
    "resources_withdrawn_effect",
    "responsibility_moved_effect",
    "cynical_talk_effect",
    "partner_event_recovery_months",
)
_TRUST = ("competence", "integrity", "consistency", "openness")
PRINCIPLES = (
    *("competence", "working on trust", "integrity", "consistency", "openness"),
    *("customer first", "help without return", "honest disagreement", "conflict as a chance"),
    *("empathy", "flexibility", "shared view", "uneven give and take"),
)
"""Trust in what a partner can do, then the twelve principles of how it behaves."""
_ASSUMED = {
    "people changed": "people_changed_effect",
    "resources withdrawn": "resources_withdrawn_effect",
    "responsibility moved": "responsibility_moved_effect",
    "cynical talk": "cynical_talk_effect",
}
_SIDE = 6
"""Months looked at on either side of a change."""
_LEAST = 3


def trust_evidence(partners: pd.DataFrame, answers: pd.DataFrame) -> pd.DataFrame:
    """List what was answered of each partner, principle by principle, and what it rests on.

    Parameters
    ----------
    partners : DataFrame
        Columns ``partner`` and ``trust_competence``, ``trust_integrity``,
        ``trust_consistency``, ``trust_openness``: 1 to 5, NaN where nobody has answered.
    answers : DataFrame
        Columns ``partner``, ``principle`` (of :data:`PRINCIPLES`), ``score`` (1 to 5, NaN where
        nobody has answered), ``evidence``, ``date``; where it has a score it stands for the
        one in ``partners``. Of partners that are not listed nothing is said.

    Returns
    -------
    DataFrame, one row per partner and principle with a score
        ``partner``, ``principle``, ``score``, ``evidence`` (empty where none was given), ``date``,
        partners in their order, the lowest score of each first.

    Examples
    --------
    >>> partners = pd.DataFrame({
    ...     "partner": ["Alder"], "trust_competence": [5.0], "trust_integrity": [4.0],
    ...     "trust_consistency": [np.nan], "trust_openness": [3.0]})
    >>> answers = pd.DataFrame({
    ...     "partner": "Alder", "principle": ["empathy", "openness", "flexibility"],
    ...     "score": [2.0, 4.0, np.nan], "evidence": ["called us first", "", "asked"],
    ...     "date": pd.NaT})
    >>> found = trust_evidence(partners, answers)
    >>> found[["principle", "score"]].values.tolist()
    [['empathy', 2.0], ['integrity', 4.0], ['openness', 4.0], ['competence', 5.0]]
    >>> found["evidence"].tolist()
    ['called us first', '', '', '']
    """
    # a few hundred answers at most: plain dictionaries take less memory than joined frames
    names = partners["partner"].tolist()
    place = {name: row for row, name in enumerate(names)}
    found: dict[tuple[int, int], tuple[float, str, np.datetime64]] = {}
    for name in _TRUST:
        for row, score in enumerate(partners[f"trust_{name}"].tolist()):
            if score == score:
                found[row, PRINCIPLES.index(name)] = (score, "", np.datetime64("NaT"))
    told = [answers[name].tolist() for name in ("partner", "principle", "score", "evidence")]
    for partner, principle, score, why, day in zip(
        *told, answers["date"].to_numpy(dtype="datetime64[ns]"), strict=True
    ):
        if score == score and partner in place:
            found[place[partner], PRINCIPLES.index(principle)] = (score, why or "", day)
    ordered = sorted(found.items(), key=lambda item: (item[0][0], item[1][0], item[0][1]))
    return pd.DataFrame(
        {
            "partner": np.array([names[row] for (row, _), _ in ordered], dtype=object),
            "principle": np.array([PRINCIPLES[order] for (_, order), _ in ordered], dtype=object),
            "score": np.array([score for _, (score, _, _) in ordered], dtype=float),
            "evidence": np.array([why for _, (_, why, _) in ordered], dtype=object),
            "date": np.array([day for _, (_, _, day) in ordered], dtype="datetime64[ns]"),
        }
    )


def trust_score(evidence: pd.DataFrame) -> pd.DataFrame:
    """Average the answers on trust, and name the weakest of them.

    Parameters
    ----------
    evidence : DataFrame
        As :func:`trust_evidence` gives it.

    Returns
    -------
    DataFrame, one row per partner with an answer
        ``partner``, ``trust`` (mean of what was answered, 1 to 5), ``answers`` (how many of the
        thirteen), ``backed`` (how many of those name their evidence), ``weakest``.

    Examples
    --------
    >>> evidence = pd.DataFrame({
    ...     "partner": ["Alder"] * 3, "principle": ["openness", "integrity", "competence"],
    ...     "score": [3.0, 4.0, 5.0], "evidence": ["told us late", "", ""]})
    >>> trust_score(evidence)
      partner  trust  answers  backed   weakest
    0   Alder    4.0        3       1  openness
    """
    found: dict[str, list[tuple[float, str, str]]] = {}
    for partner, *answer in zip(
        *(evidence[name].tolist() for name in ("partner", "score", "principle", "evidence")),
        strict=True,
    ):
        found.setdefault(partner, []).append((answer[0], answer[1], answer[2]))
    rows = [
        (
            partner,
            sum(score for score, _, _ in answers) / len(answers),
            len(answers),
            sum(bool(why) for _, _, why in answers),
            min(answers, key=lambda answer: answer[0])[1],
        )
        for partner, answers in found.items()
    ]
    return pd.DataFrame(rows, columns=["partner", "trust", "answers", "backed", "weakest"])


def reciprocity(partners: pd.DataFrame) -> pd.DataFrame:
    """Compare what each partner was given in a year with what came back.

    Parameters
    ----------
    partners : DataFrame
        Columns ``partner``, ``given``, ``received``: money a year, NaN where nobody has told.

    Returns
    -------
    DataFrame
        ``partner``, ``given``, ``received``, ``net`` (received less given), ``back`` (received
        for each unit given; NaN where nothing was given), the most one-sided first; what is not
        told of either comes last.

    Examples
    --------
    >>> reciprocity(pd.DataFrame({
    ...     "partner": ["Alder", "Birch"], "given": [100.0, 50.0], "received": [300.0, 10.0]}))
      partner  given  received    net  back
    0   Birch   50.0      10.0  -40.0   0.2
    1   Alder  100.0     300.0  200.0   3.0
    """
    given, received = (partners[name].to_numpy(dtype=float) for name in ("given", "received"))
    found = pd.DataFrame(
        {
            "partner": partners["partner"].to_numpy(),
            "given": given,
            "received": received,
            "net": received - given,
            "back": np.divide(received, given, out=np.full(len(given), np.nan), where=given > 0),
        }
    )
    return found.sort_values("net", kind="stable").reset_index(drop=True)


def event_effects(
    panel: PartnerPanel, events: pd.DataFrame, as_of: dt.date, assumptions: PartnerAssumptions
) -> pd.DataFrame:
    """Say of each change what sales did around it, and what is assumed to be left of it now.

    Parameters
    ----------
    panel : PartnerPanel
    events : DataFrame
        Columns ``partner``, ``date``, ``kind``, ``note``.
    as_of : date
    assumptions : PartnerAssumptions
        Effects κ on log sales of four kinds and the months ρ of recovery: what is left after
        Δ months is e^{κ e^{-Δ/ρ}} - 1. Of other kinds nothing is assumed.

    Returns
    -------
    DataFrame, one row per event, the latest first
        The columns of ``events``; ``before`` and ``after``, mean monthly sales of up to six
        months on either side, money; ``change``, share, NaN with fewer than three months on a
        side or no sales before; ``assumed``, ``assumed_low``, ``assumed_high``, share of sales
        still lost now, NaN for kinds of which nothing is assumed.

    Examples
    --------
    >>> from techalign.numbers.intervals import Interval
    >>> from techalign.partners.panel import panel_of
    >>> panel = panel_of(np.array([[100.0] * 6 + [50.0] * 6]), np.array([0]), first_month=2025 * 12)
    >>> events = pd.DataFrame({
    ...     "partner": panel.partner, "date": pd.to_datetime(["2025-07-10"]), "kind": "moved",
    ...     "note": ""})
    >>> known = PartnerAssumptions(rows={
    ...     "partner_event_recovery_months": Interval(6.0, 3.0, 12.0)})
    >>> event_effects(panel, events, dt.date(2025, 12, 31), known)["change"].tolist()
    [-0.5]
    """
    ordered = events.sort_values("date", ascending=False, kind="stable").reset_index(drop=True)
    row = places_of(ordered["partner"], panel.partner)
    column = month_index(ordered["date"]).to_numpy().astype(np.int64) - panel.first_month
    months = np.arange(panel.revenue.shape[1])
    inside = panel.mask[row] & (row >= 0)[:, None]
    # the month of the change belongs to neither side
    early = inside & (months < column[:, None]) & (months >= column[:, None] - _SIDE)
    late = inside & (months > column[:, None]) & (months <= column[:, None] + _SIDE)
    before, after = (
        np.where(side, panel.revenue[row], 0.0).sum(axis=1) / np.maximum(side.sum(axis=1), 1)
        for side in (early, late)
    )
    told = (early.sum(axis=1) >= _LEAST) & (late.sum(axis=1) >= _LEAST) & (before > 0)
    change = np.where(told, after / np.maximum(before, 1e-9) - 1.0, np.nan)
    gone = (pd.Timestamp(as_of) - ordered["date"]).dt.days.to_numpy() / 30.44
    left = np.exp(-np.maximum(gone, 0.0) / assumptions["partner_event_recovery_months"].point)
    keys = [_ASSUMED.get(kind, "") for kind in ordered["kind"]]
    ends = np.array(
        [
            [getattr(assumptions[key], end) for end in ("point", "low", "high")]
            if key
            else [np.nan] * 3
            for key in keys
        ]
    ).reshape(-1, 3)
    assumed = np.expm1(ends * left[:, None])
    return ordered.assign(
        before=np.where(told, before, np.nan),
        after=np.where(told, after, np.nan),
        change=change,
        assumed=assumed[:, 0],
        assumed_low=assumed[:, 1],
        assumed_high=assumed[:, 2],
    )


def changes_to_avoid(expected: Floats, assumptions: PartnerAssumptions) -> pd.DataFrame:
    """Work out what each premature change would cost if it were made now.

    Parameters
    ----------
    expected : ndarray, shape (N, H)
        Expected sales of the coming months, money.
    assumptions : PartnerAssumptions
        As for :func:`event_effects`: a change takes Σ_t x_t (1 - e^{κ e^{-(t + 1/2)/ρ}}).

    Returns
    -------
    DataFrame, one row per kind of change, the dearest first
        ``kind``; ``largest`` and ``every``, sales lost over the H months where it is made at the
        partner that should sell most, and at all, money; with ``_low`` and ``_high`` from the
        range of κ. Empty where nobody is expected to sell.

    Examples
    --------
    >>> from techalign.numbers.intervals import Interval
    >>> known = PartnerAssumptions(rows={
    ...     "partner_event_recovery_months": Interval(6.0, 3.0, 12.0),
    ...     **{key: Interval(-0.3, -0.6, 0.0) for key in EVENT_KEYS[:4]}})
    >>> found = changes_to_avoid(np.array([[100.0] * 12, [50.0] * 12]), known)
    >>> found[["largest", "largest_low", "largest_high", "every"]].iloc[0].round(1).tolist()
    [143.1, 0.0, 264.5, 214.7]
    """
    totals = expected.sum(axis=1)
    if not totals.any():
        return pd.DataFrame(columns=["kind", "largest", "every"])
    clock = np.arange(expected.shape[1]) + 0.5
    left = np.exp(-clock / assumptions["partner_event_recovery_months"].point)
    rows = []
    for kind, key in _ASSUMED.items():
        effect, row = assumptions[key], {"kind": kind}
        ends = {"": effect.point, "_low": effect.high, "_high": effect.low}
        for suffix, size in ends.items():
            lost = expected @ -np.expm1(size * left)
            row |= {f"largest{suffix}": lost[totals.argmax()], f"every{suffix}": lost.sum()}
        rows.append(row)
    found = pd.DataFrame(rows)
    return found.sort_values("every", ascending=False, kind="stable").reset_index(drop=True)
