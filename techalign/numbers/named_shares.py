"""A cell that names several things with a share each: ``NimbusCloud:0.3; Harbor Payroll:20%``.

One grammar for who checks such a cell when it is read and who computes with it later.
"""

from __future__ import annotations

from techalign.text import folded

__all__ = ["named_shares"]


def named_shares(text: str) -> list[tuple[str, float]]:
    """Read names with their shares.

    Parameters
    ----------
    text : str
        ``name:share`` separated by semicolons, a share from 0 to 1 or with a percent sign; a name
        may itself hold a colon. Empty for none.

    Returns
    -------
    list of (str, float)
        In the order of the text.

    Raises
    ------
    ValueError
        If an entry has no name or no number, a share is not within 0 and 1, or a name stands
        twice (upper and lower case count the same); the message says what is wrong with which.

    Examples
    --------
    >>> named_shares("NimbusCloud:0.3; Harbor Payroll: 20%")
    [('NimbusCloud', 0.3), ('Harbor Payroll', 0.2)]
    """
    found: list[tuple[str, float]] = []
    seen: set[str] = set()
    for entry in filter(None, (part.strip() for part in text.split(";"))):
        name, colon, number = (part.strip() for part in entry.rpartition(":"))
        try:
            share = float(number.rstrip("%")) / (100.0 if number.endswith("%") else 1.0)
        except ValueError:
            share = None
        if not colon or not name or share is None:
            raise ValueError(
                f"{entry!r} cannot be read: write name:probability, for instance "
                '"NimbusCloud:0.3; Harbor Pay:20%"'
            )
        if not 0 <= share <= 1:
            raise ValueError(f"{entry!r} must hold a probability from 0 to 1")
        if folded(name) in seen:
            raise ValueError(f"names {name!r} twice")
        seen.add(folded(name))
        found.append((name, share))
    return found
