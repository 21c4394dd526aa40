"""Secrets: a notebook names an environment variable, and only the kernel ever sees its value.

In the parameters cell: ``crm_key: "Secret" = "CRM_API_KEY"  # key of the CRM``; where it is
needed: ``secret_value(crm_key)``.
"""

from __future__ import annotations

import os

from techalign.errors import ParameterError

__all__ = ["secret_value"]

SHORTEST = 6


def secret_value(variable: str) -> str:
    """Give the value of the environment variable that holds a secret.

    Parameters
    ----------
    variable : str
        The variable's name.

    Returns
    -------
    str

    Raises
    ------
    ParameterError
        If it is not set, or so short that it could not be told from ordinary text and so not
        be kept out of a report.
    """
    value = os.environ.get(variable, "")
    if len(value) < SHORTEST:
        raise ParameterError(
            f"must be set to a secret of at least {SHORTEST} characters",
            where=f"environment variable {variable}",
            remedy=f"Set it before the run: export {variable}=…",
        )
    return value
