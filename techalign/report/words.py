"""What a business owner reads in place of a model's names, and what the brackets mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping

__all__ = ["WORDS", "in_brackets", "in_brackets_of", "in_words"]

WORDS = {
    "a hub fails": ("Chance a year that a shared supplier fails", "%"),
    "a company of one is bought or merged": ("Chance that a company of one is bought a year", "%"),
    "being bought at twice the size": ("Chance to be bought at twice the people, times", ""),
    "closing at twice the size": ("Chance to cease at twice the people, times", ""),
    "companies against establishments": ("Deaths of companies against single places, times", ""),
    "correlation of vendors": ("How far companies fail together: 0 not at all, 1 as one", ""),
    "escrow factor": ("Loss that remains with an escrow", "%"),
    "half-life of an event": ("Time until half of a warning’s effect is gone", "years"),
    "hazard against the sector's": ("Chance to cease, times that of the sector", ""),
    "hub takedown probability": ("Chance that a company falls with its shared supplier", "%"),
    "lower end of the closure rate": ("Low end of the chance of young companies, times it", ""),
    "oldest age if unknown": ("Age taken where none is known, at most", "years"),
    "prepaid lost": ("Part of what was paid in advance that is lost", "%"),
    "records lost tested export": ("Records lost where an export was tested", "%"),
    "records lost untested export": ("Records lost where no export was tested", "%"),
    "second source factor": ("Lost margin that remains with a second supplier", "%"),
    "switching cost factor": ("Cost of moving, times your own estimate", ""),
    "weeks out factor": ("Weeks until work is normal, times your own estimate", ""),
    **{
        f"hazard after {kind} event": (f"Chance to cease after {what}, times", "")
        for kind, what in {
            "environment": "a change around the company",
            "ownership": "a change of ownership",
            "personnel": "a change of people",
            "policy": "a change of policy",
            "structure": "a change of structure",
        }.items()
    },
}
"""Name of an assumption, in small letters, to what it says and the unit to say it in."""

_HOLDS = "meant to hold the true number {tenths:g} times out of 10"
_ALLOWS = "from the lowest to the highest that the assumptions and the data allow"


def in_words(what: str, unit: str) -> tuple[str, str]:
    """What an assumption says to a reader, and its unit; as given where nobody has found words.

    Parameters
    ----------
    what, unit : str
        As the model has them.
    """
    return WORDS.get(what.lower(), (what, unit))


def in_brackets(levels: Collection[float], *, brief: bool = False) -> str:
    """Say what stands in brackets behind numbers.

    Parameters
    ----------
    levels : collection of float
        Probabilities their intervals claim to hold; 1 for a range of assumptions, 0 for a number
        without an interval.
    brief : bool
        For a caption: name it, do not explain it.

    Returns
    -------
    str
        "" where no number has an interval.
    """
    part = sorted(level for level in levels if 0 < level < 1)
    names = [f"the {level:.0%} range" for level in part]
    if max(levels, default=0.0) >= 1:
        names.append("the range")
    if not names:
        return ""
    if brief:
        return f"in brackets {names[0]}"
    meanings = [_HOLDS.format(tenths=10 * level) for level in part]
    meanings += [_ALLOWS] * (len(names) > len(part))
    said = "; or ".join(f"{n}, {m}" for n, m in zip(names, meanings, strict=True))
    return f"In brackets: {said}."


def in_brackets_of(levels: Mapping[str, Collection[float]]) -> str:
    """Say what stands in brackets where numbers of several reports stand together.

    Parameters
    ----------
    levels : mapping
        Title of a report to the probabilities of its numbers, see :func:`in_brackets`.
    """
    by_meaning: dict[str, list[str]] = {}
    for title, some in levels.items():
        if said := in_brackets(some):
            by_meaning.setdefault(said.removeprefix("In brackets: ").rstrip("."), []).append(title)
    if len(by_meaning) < 2:
        return next((f"In brackets: {said}." for said in by_meaning), "")
    parts = (f"in {' and '.join(titles)} {said}" for said, titles in by_meaning.items())
    return f"In brackets: {'; '.join(parts)}."
