"""What connects the players: the tools between them, and whether the message reaches them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from techalign.ecosystem.coupling import FRESH_DAYS, PLAYERS
from techalign.numbers.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["MessageReach", "Touchpoints", "message_reach", "touchpoints"]

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

    rows = table[["tool", "from_player", "to_player", "yearly_cost", "live"]].to_dict("records")
    used = [row for row in rows if row["live"]]
    size = len(PLAYERS)
    counts = np.zeros((size, size))
    places = {name: i for i, name in enumerate(PLAYERS)}
    pairs = dict.fromkeys((row["tool"], row["from_player"], row["to_player"]) for row in used)
    for _, start, end in pairs:
        counts[places[start], places[end]] += 1
    linked = counts + counts.T * (1 - np.eye(size))
    grid = pd.DataFrame(linked, columns=list(PLAYERS))
    grid.insert(0, "player", list(PLAYERS))
    gaps = [link for link in NEEDED if not linked[places[link[0]], places[link[1]]]]
    cost: dict[str, float] = {}
    for row in rows:
        cost[row["tool"]] = max(cost.get(row["tool"], 0.0), float(row["yearly_cost"]))
    in_use = {row["tool"] for row in used}
    idle = [(tool, each) for tool, each in sorted(cost.items()) if tool not in in_use]
    return Touchpoints(
        grid=grid,
        missing=pd.DataFrame(gaps, columns=["from_player", "to_player", "why", "means"]),
        idle=pd.DataFrame(idle, columns=["tool", "yearly_cost"]),
        yearly_cost=float(sum(cost.values())),
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

    rows = message.to_dict("records")
    day = pd.Timestamp(as_of)
    # a handful of rows: frames within frames would take ten times as long
    fresh = [row for row in rows if _is_fresh(row["date"], day)]
    old = len(rows) - len(fresh)
    silent = tuple(p for p in PLAYERS if all(row["player"] != p for row in fresh))
    ideal = [
        (row["who"] or row["player"], row["ideal_client"], fits)
        for row in fresh
        for fits in (row["fits"] if row["fits"] in ("yes", "no") else "not said",)
        if row["ideal_client"] != "" or fits != "not said"
    ]
    ends = [f"{n}{end}" for n in ("known", "different") for end in ("", "_low", "_high")]
    return MessageReach(
        players=pd.DataFrame(_reached(fresh), columns=["player", "asked", *ends]),
        core=pd.DataFrame(
            [_stated(fresh), _different(fresh), _known(fresh, silent)],
            columns=["asked", "said", "shown_by"],
        ),
        ideal=pd.DataFrame(ideal, columns=["who", "ideal_client", "fits"]),
        silent=silent,
        misdirected=sum(fits == "no" for _, _, fits in ideal),
        notes=(
            f"{old} answer{'s' if old != 1 else ''} older than 12 months or "
            "without a day do not count.",
        ) if old else (),
    )  # fmt: skip


_Rows = list[dict[Hashable, Any]]


def _is_fresh(date: Any, day: pd.Timestamp) -> bool:
    return date == date and date is not None and (day - date).days <= FRESH_DAYS


def _reached(fresh: _Rows) -> list[tuple[Any, ...]]:
    """Each player with who was asked, and shares with their ends; those that know it best first."""
    found = []
    for player in dict.fromkeys(row["player"] for row in fresh):
        group = [row for row in fresh if row["player"] == player]
        asked = float(sum(row["asked"] for row in group))
        known = _share(float(sum(row["known"] for row in group)), asked)
        said = [row for row in group if _is_known(row["different"])]
        different = _share(float(sum(row["different"] for row in said)),
                           float(sum(row["asked"] for row in said)))  # fmt: skip
        found.append((player, asked, *_ends(known), *_ends(different)))
    # those of whom nobody was asked lead, as a sort that puts them last and is turned round does
    known_last = sorted(found, key=lambda row: (row[2] != row[2], row[2]))
    return known_last[::-1]


def _is_known(number: Any) -> bool:
    return number is not None and number == number


def _stated(fresh: _Rows) -> tuple[str, str, str]:
    """Whether the business says it itself: in a sentence on record, or by its own people."""
    question = "Is it stated?"
    sentences = list(dict.fromkeys(row["statement"] for row in fresh if row["statement"]))
    own = [row for row in fresh if row["player"] == "associates"]
    asked, known = (sum(int(row[name]) for row in own) for name in ("asked", "known"))
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


def _different(fresh: _Rows) -> tuple[str, str, str]:
    """Whether it says what sets the business apart, as those who were asked heard it."""
    question = "Does it set you apart?"
    rows = [row for row in fresh if _is_known(row["different"])]
    if not rows:
        return question, "not known", "nobody has been asked what makes you different"
    asked, named = (int(sum(row[name] for row in rows)) for name in ("asked", "different"))
    shown = "they named what makes you different" if named else "nobody named what makes you so"
    return question, f"to {named} of {asked}", shown


def _known(fresh: _Rows, silent: tuple[str, ...]) -> tuple[str, str, str]:
    """Whether those who were asked could say it, and who was not asked."""
    question = "Is it known?"
    unasked = f"not asked within 12 months: {', '.join(silent)}" if silent else "all were asked"
    asked, known = (sum(int(row[name]) for row in fresh) for name in ("asked", "known"))
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
