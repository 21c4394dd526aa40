"""What connects the players: the tools between them, and whether the message reaches them."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from techalign.ecosystem.coupling import PLAYERS
from techalign.numbers.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MessageReach", "Touchpoints", "message_reach", "touchpoints"]

_FRESH_DAYS = 365
# links that a small business lives by, each with why and with what usually makes it
NEEDED = (
    ("associates", "suspects", "so that strangers find you",
     "a website that teaches, short films, a talk to listen to"),
    ("associates", "prospects", "so that those who ask are answered",
     "mails that follow by themselves, a meeting by video"),
    ("associates", "clients", "so that customers are looked after",
     "a record of each customer, a shared place for the work, films that show how"),
    ("associates", "advocates", "so that those who recommend you are thanked",
     "a record of who sent whom, a letter, an invitation"),
    ("associates", "vendors", "so that orders and faults are told at once",
     "a supplier's order page, a shared chat"),
    ("associates", "partners", "so that common customers are served together",
     "a shared place for the work, a meeting by video"),
    ("clients", "prospects", "so that customers can be heard by those who hesitate",
     "reviews, customers' own posts, a meeting of both"),
    ("clients", "clients", "so that customers meet",
     "a group online, an evening for customers"),
)  # fmt: skip


@dataclass(frozen=True, eq=False)
class Touchpoints:
    """Which tools connect which players.

    Attributes
    ----------
    grid : DataFrame
        ``player`` and a column for each of the seven: tools in use between them, either way.
    missing : DataFrame
        ``from_player, to_player, why, means``: links a business lives by that no tool in use
        makes, what each is for, and kinds of tools that make it.
    idle : DataFrame
        ``tool, yearly_cost``: paid for and not in use.
    yearly_cost : float
        Money, of all tools.
    """

    grid: pd.DataFrame
    missing: pd.DataFrame
    idle: pd.DataFrame
    yearly_cost: float


@dataclass(frozen=True, eq=False)
class MessageReach:
    """Who can say what the business stands for.

    Attributes
    ----------
    players : DataFrame
        ``player, asked, known`` and ``different`` (shares; with ``_low`` and ``_high``, 80 %).
    core : DataFrame
        ``asked, said, shown_by``: whether the core message is stated, different, and known; "not
        known" where nobody was asked, which is not "no".
    ideal : DataFrame
        ``who, ideal_client, fits``: whom referral partners would send.
    silent : tuple of str
        Players of whom nobody was asked within 12 months.
    misdirected : int
        Of those who named an ideal client, how many named another one.
    notes : tuple of str
    """

    players: pd.DataFrame
    core: pd.DataFrame
    ideal: pd.DataFrame
    silent: tuple[str, ...]
    misdirected: int
    notes: tuple[str, ...]


def touchpoints(table: pd.DataFrame) -> Touchpoints:
    """Count the tools between each two players and name the links that none makes.

    Parameters
    ----------
    table : DataFrame
        Columns ``tool, from_player, to_player, yearly_cost, live`` (yes or no).

    Returns
    -------
    Touchpoints

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({
    ...     "tool": ["website", "mail"], "from_player": "associates",
    ...     "to_player": ["prospects", "clients"], "yearly_cost": [600.0, 90.0],
    ...     "live": [True, False]})
    >>> found = touchpoints(table)
    >>> len(found.missing), found.idle["tool"].tolist(), found.yearly_cost
    (7, ['mail'], 690.0)
    """
    import pandas as pd

    live = table[table["live"].astype(bool)]
    size = len(PLAYERS)
    counts = np.zeros((size, size))
    places = {name: i for i, name in enumerate(PLAYERS)}
    pairs = live[["tool", "from_player", "to_player"]].drop_duplicates()
    for start, end in zip(pairs["from_player"], pairs["to_player"], strict=True):
        counts[places[start], places[end]] += 1
    linked = counts + counts.T * (1 - np.eye(size))
    grid = pd.DataFrame(linked, columns=list(PLAYERS))
    grid.insert(0, "player", list(PLAYERS))
    gaps = [link for link in NEEDED if not linked[places[link[0]], places[link[1]]]]
    idle = table[~table["tool"].isin(set(live["tool"]))]
    cost = table.groupby("tool", sort=True)["yearly_cost"].max().astype(float)
    idle_cost = idle.groupby("tool", sort=True)["yearly_cost"].max().astype(float)
    return Touchpoints(
        grid=grid,
        missing=pd.DataFrame(gaps, columns=["from_player", "to_player", "why", "means"]),
        idle=idle_cost.reset_index(),
        yearly_cost=float(cost.sum()),
    )


def message_reach(message: pd.DataFrame, as_of: dt.date) -> MessageReach:
    """Tell which players know what the business stands for, and whom partners would send.

    The share that knows is taken with its 80 % range by Jeffreys' beta law of the few asked.

    Parameters
    ----------
    message : DataFrame
        Columns ``player, who, asked, known, different`` (people), ``ideal_client, fits`` (yes,
        no or missing), ``statement`` (the sentence that says it, where it is written down),
        ``date`` (day, may be missing).
    as_of : date

    Returns
    -------
    MessageReach

    Examples
    --------
    >>> import pandas as pd
    >>> message = pd.DataFrame({
    ...     "player": ["clients", "partners"], "who": ["", "Birch"], "asked": [10, 1],
    ...     "known": [4, 0], "different": [2, None], "ideal_client": ["", "anyone"],
    ...     "fits": [None, "no"], "statement": "",
    ...     "date": pd.to_datetime(["2026-05-04", "2026-05-04"])})
    >>> found = message_reach(message, dt.date(2026, 6, 30))
    >>> found.players["known"].tolist(), found.misdirected
    ([0.4, 0.0], 1)
    >>> found.core["said"].tolist()
    ['not known', 'to 2 of 10', 'by 4 of 11']
    """
    import pandas as pd

    age = (pd.Timestamp(as_of) - pd.to_datetime(message["date"])).dt.days
    old = (age > _FRESH_DAYS) | age.isna()
    fresh = message[~old]
    rows = []
    for player, group in fresh.groupby("player", sort=False):
        asked = float(group["asked"].sum())
        known = _share(float(group["known"].sum()), asked)
        said = group[group["different"].notna()]
        among = float(said["asked"].sum())
        different = _share(float(said["different"].astype(float).sum()), among)
        rows.append((player, asked, *_ends(known), *_ends(different)))
    ends = [f"{n}{end}" for n in ("known", "different") for end in ("", "_low", "_high")]
    named = fresh[(fresh["ideal_client"] != "") | fresh["fits"].isin(["yes", "no"])]
    fits = named["fits"].where(named["fits"].isin(["yes", "no"]), "not said")
    silent = tuple(p for p in PLAYERS if p not in set(fresh["player"]))
    ideal = named.assign(who=named["who"].where(named["who"] != "", named["player"]), fits=fits)
    return MessageReach(
        players=pd.DataFrame(rows, columns=["player", "asked", *ends]).sort_values(
            "known", kind="stable", ignore_index=True
        )[::-1].reset_index(drop=True),
        core=pd.DataFrame(
            [_stated(fresh), _different(fresh), _known(fresh, silent)],
            columns=["asked", "said", "shown_by"],
        ),
        ideal=ideal[["who", "ideal_client", "fits"]].reset_index(drop=True),
        silent=silent,
        misdirected=int((ideal["fits"] == "no").sum()),
        notes=(
            f"{int(old.sum())} answer{'s' if old.sum() != 1 else ''} older than 12 months or "
            "without a day do not count.",
        ) if old.any() else (),
    )  # fmt: skip


def _stated(fresh: pd.DataFrame) -> tuple[str, str, str]:
    """Whether the business says it itself: in a sentence on record, or by its own people."""
    question = "Is it stated?"
    sentences = list(dict.fromkeys(text for text in fresh["statement"] if text))
    own = fresh[fresh["player"] == "associates"]
    asked, known = int(own["asked"].sum()), int(own["known"].sum())
    told = f"{known} of {asked} of your own people could say it" if asked else (
        "your own people have not been asked within 12 months"
    )  # fmt: skip
    if sentences:
        quoted = "; ".join(f"“{text}”" for text in sentences)
        said = "yes" if len(sentences) == 1 else f"in {len(sentences)} wordings"
        return question, said, f"{quoted}; {told}"
    if not asked:
        return question, "not known", f"no sentence is on record; {told}"
    word = "by word of mouth" if known else "no"
    return question, word, f"{told}; no sentence is on record"


def _different(fresh: pd.DataFrame) -> tuple[str, str, str]:
    """Whether it says what sets the business apart, as those who were asked heard it."""
    question = "Does it set you apart?"
    rows = fresh[fresh["different"].notna()]
    if rows.empty:
        return question, "not known", "nobody has been asked what makes you different"
    asked, named = int(rows["asked"].sum()), int(rows["different"].sum())
    shown = "they named what makes you different" if named else "nobody named what makes you so"
    return question, f"to {named} of {asked}", shown


def _known(fresh: pd.DataFrame, silent: tuple[str, ...]) -> tuple[str, str, str]:
    """Whether those who were asked could say it, and who was not asked."""
    question = "Is it known?"
    unasked = f"not asked within 12 months: {', '.join(silent)}" if silent else "all were asked"
    asked, known = int(fresh["asked"].sum()), int(fresh["known"].sum())
    if not asked:
        return question, "not known", unasked
    return question, f"by {known} of {asked}", unasked


def _share(part: float, whole: float) -> Interval | None:
    if not whole:
        return None
    from scipy.special import betaincinv

    low, high = betaincinv(part + 0.5, whole - part + 0.5, [0.1, 0.9])
    point = part / whole
    return Interval(point, min(float(low), point), max(float(high), point), 0.8)


def _ends(share: Interval | None) -> tuple[float, float, float]:
    return (share.point, share.low, share.high) if share else (np.nan, np.nan, np.nan)
