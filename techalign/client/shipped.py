"""What ships with the package: notebooks, sample clients, reference facts.

In a checkout they lie beside the package; in an installed wheel, inside it.
"""

from __future__ import annotations

from pathlib import Path

import techalign
from techalign.errors import InputError

__all__ = ["shipped"]


def shipped(name: str) -> Path:
    """Path of the shipped ``notebooks`` or ``datasets`` folder.

    Raises
    ------
    InputError
        If the installation is incomplete.
    """
    package = Path(techalign.__file__).parent
    for folder in (package / "workbook" / name, package.parent / name):
        if folder.is_dir():
            return folder
    raise InputError(
        f"the installation holds no {name} folder",
        where=str(package),
        remedy="Install the package again.",
    )
