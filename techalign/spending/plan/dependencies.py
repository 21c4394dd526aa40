"""What waits for what among projects: read, refused where it cannot be, or settled."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from techalign.errors import ModelError

__all__ = ["check_dependencies", "ids_in", "settle_dependencies"]


def ids_in(text: object) -> list[str]:
    """The ids in a cell, separated by semicolons."""
    return [part.strip() for part in str(text or "").split(";") if part.strip()]


def check_dependencies(initiatives: pd.DataFrame) -> None:
    """Refuse projects that wait for themselves, for an unknown one, or in a circle.

    Parameters
    ----------
    initiatives : DataFrame
        Columns ``id``, ``after``.

    Raises
    ------
    ModelError
        Naming the project and what it waits for.
    """
    problems = list(_problems(initiatives["id"].tolist(), initiatives["after"].tolist()))
    if problems:
        where, said, other = problems[0]
        raise ModelError(
            f"initiatives['{where}'].after", said, value=other,
            remedy="Write the ids of other projects of the table, separated by ;.",
        )  # fmt: skip


def settle_dependencies(initiatives: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Leave out projects whose dependencies cannot be right, and those that wait for them.

    Parameters
    ----------
    initiatives : DataFrame
        Columns ``id``, ``name``, ``after``.

    Returns
    -------
    frame : DataFrame
        The rest.
    said : list of str
        A sentence for each project left out.

    Examples
    --------
    >>> table = pd.DataFrame({"id": ["a", "b"], "name": ["Ay", "Be"], "after": ["", "c"]})
    >>> kept, said = settle_dependencies(table)
    >>> kept["id"].tolist(), said
    (['a'], ["Be is not planned: it waits for 'c', which is not among the projects."])
    """
    kept = initiatives
    said: list[str] = []
    while True:
        problems = list(_problems(kept["id"].tolist(), kept["after"].tolist()))
        if not problems:
            return kept, said
        bad = {where: (reason, other) for where, reason, other in problems}
        names = dict(zip(initiatives["id"], initiatives["name"], strict=True))
        said += [
            f"{names[where]} is not planned: it {_why(reason, other, names)}."
            for where, (reason, other) in bad.items()
        ]
        kept = kept[~kept["id"].isin(bad)]


def _why(reason: str, other: str, names: dict[str, str]) -> str:
    """What is wrong, with the other project's name."""
    if reason == _CIRCLE:
        return f"waits for {names[other]}, which waits for it"
    if reason == _UNKNOWN and other in names:
        return f"waits for {names[other]}, which is not planned either"
    if reason == _UNKNOWN:
        return f"waits for '{other}', which is not among the projects"
    return reason


_ITSELF = "waits for itself"
_UNKNOWN = "waits for a project that is not in the table"
_CIRCLE = "waits for a project that waits for it"


def _problems(ids: Sequence[str], after: Sequence[object]) -> list[tuple[str, str, str]]:
    """Project, what is wrong, and the other project."""
    waits = {name: ids_in(text) for name, text in zip(ids, after, strict=True)}
    found = [(name, _ITSELF, name) for name, others in waits.items() if name in others]
    found += [
        (name, _UNKNOWN, other) for name, others in waits.items() for other in others
        if other not in waits
    ]  # fmt: skip
    if found:
        return found
    reach = {name: set(others) for name, others in waits.items()}
    for _ in waits:
        for others in reach.values():
            others |= {further for other in others for further in reach[other]}
    return [
        (name, _CIRCLE, next(o for o in waits[name] if name in reach[o] or o == name))
        for name, others in reach.items() if name in others
    ]  # fmt: skip
