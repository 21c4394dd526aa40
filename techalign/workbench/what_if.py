"""The what-if section of each notebook: controls where they can be shown, a table otherwise.

In JupyterLab a section holds sliders, the result in a sentence, its charts, and a button that keeps
a scenario. In a report it is the table of the values used, beside what each kept scenario changes.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from techalign.client import Client, Experience, Reference
from techalign.report import Block
from techalign.storage import as_place
from techalign.workbench.controls import Control, WhatIf, assumption_controls

if TYPE_CHECKING:
    from techalign.vendors import MitigationPlans

__all__ = ["STATIC", "is_live", "shown", "vendors"]

STATIC = "TECHALIGN_STATIC"
"""Environment variable that a run sets (``techalign.batch.execute``): nobody can move anything.

Named here again, because that module takes a second to import.
"""


def is_live() -> bool:
    """Tell whether this is a notebook that a person has open.

    Returns
    -------
    bool
        False in a run, and outside of Jupyter.

    Examples
    --------
    >>> is_live()
    False
    """
    if os.environ.get(STATIC):
        return False
    try:
        from IPython import get_ipython
    except ImportError:
        return False
    return getattr(get_ipython(), "kernel", None) is not None


def shown(what: WhatIf) -> Any:
    """The section as it can be shown here: a widget, or a block of the page."""
    if is_live():
        from techalign.workbench.panel import panel

        return panel(what)
    from techalign.workbench.static import values_used

    return values_used(what)


def vendors(
    book: Client,
    clients_dir: str,
    facts: Reference,
    practice: Experience,
    protection: MitigationPlans,
) -> Block | Any:
    """What-if section of vendor risk: budget for protections, years, correlation, assumptions.

    Parameters
    ----------
    book : Client
        With its tables ``vendors``, ``vendor_events`` and ``mitigations``.
    clients_dir : str
        Where scenarios are kept, in the client's folder.
    facts : Reference
    practice : Experience
    protection : MitigationPlans
        What pays for itself: the budget of the base.

    Returns
    -------
    Block or widget
    """
    from techalign.workbench.vendors import VendorModel, vendor_assumptions, vendor_controls

    warned = book.has("vendor_events")
    return shown(
        _section(
            "vendor_risk", book, clients_dir, facts,
            controls=vendor_controls(protection.best, book.profile.currency),
            keys=vendor_assumptions(warned), model=VendorModel(book, facts, practice),
            first=("vendor_failure_correlation",),
        )
    )  # fmt: skip


def _section(
    notebook: str,
    book: Client,
    clients_dir: str,
    facts: Reference,
    *,
    controls: tuple[Control, ...],
    keys: tuple[str, ...],
    model: Any,
    first: tuple[str, ...] = (),
) -> WhatIf:
    """Put a section together; assumptions in ``first`` stand with the notebook's own controls."""
    rows = assumption_controls(facts, keys)
    ahead = tuple(each for each in rows if each.name.partition(".")[2] in first)
    return WhatIf(
        notebook=notebook,
        folder=as_place(clients_dir) / book.id,
        as_of=book.as_of,
        facts=facts,
        controls=(*controls, *ahead),
        assumptions=tuple(each for each in rows if each not in ahead),
        model=model,
    )
