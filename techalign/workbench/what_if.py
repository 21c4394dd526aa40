"""The what-if section of each notebook: controls where they can be shown, a table otherwise.

In JupyterLab a section holds sliders, the result in a sentence, its charts, and a button that keeps
a scenario. In a report it is the table of the values used, beside what each kept scenario changes.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from techalign.client import Client, Experience, Reference
from techalign.report import Block
from techalign.storage import as_place
from techalign.workbench.controls import Control, WhatIf, assumption_controls

if TYPE_CHECKING:
    from pandas import DataFrame

    from techalign.alignment import AlignmentFound
    from techalign.ecosystem import EcosystemFound
    from techalign.spending import Overlaps, PlanLimits, TechnologyRows
    from techalign.vendors import MitigationPlans

__all__ = [
    "STATIC",
    "alignment",
    "ecosystem",
    "is_live",
    "partners",
    "plan",
    "shown",
    "spending",
    "vendors",
]

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
    """The section as it can be shown here.

    Parameters
    ----------
    what : WhatIf

    Returns
    -------
    object
        A widget where somebody has the notebook open, else a block of the page.
    """
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


def plan(
    book: Client,
    clients_dir: str,
    facts: Reference,
    limits: PlanLimits,
    keys: Sequence[str],
    given: tuple[float, float],
) -> Block | Any:
    """What-if section of the plan: money, hours, caution, discount rate, assumptions.

    Parameters
    ----------
    book : Client
        With its tables ``initiatives`` and ``assets``.
    clients_dir : str
        Where scenarios are kept, in the client's folder.
    facts : Reference
    limits : PlanLimits
        Of the base.
    keys : sequence of str
        Assumptions the notebook lists.
    given : (float, float)
        The notebook's parameters for money and hours a quarter; below 0 for a share.

    Returns
    -------
    Block or widget
    """
    from techalign.workbench.plan import PlanModel, plan_controls

    shared = (given[0] < 0, given[1] < 0)
    model = PlanModel(book, facts, limits, shared)
    what = _section(
        "plan", book, clients_dir, facts, controls=plan_controls(limits, book),
        keys=tuple(keys), model=model,
    )  # fmt: skip
    return shown(replace(what, slow=frozenset(what.base)))


def partners(
    book: Client,
    clients_dir: str,
    facts: Reference,
    keys: Sequence[str],
    *,
    horizon_months: int,
    dso_months: int,
) -> Block | Any:
    """What-if section of partner ramps: signing, its start, effort, margin, assumptions.

    Parameters
    ----------
    book : Client
        With the partners' tables.
    clients_dir : str
        Where scenarios are kept, in the client's folder.
    facts : Reference
    keys : sequence of str
        Assumptions the notebook lists.
    horizon_months, dso_months : int
        The notebook's parameters.

    Returns
    -------
    Block or widget
    """
    from techalign.workbench.partners import SLOW, PartnerModel, partner_controls

    what = _section(
        "partner_ramps", book, clients_dir, facts, controls=partner_controls(),
        keys=tuple(keys), model=PartnerModel(book, facts, horizon_months, dso_months),
    )  # fmt: skip
    return shown(replace(what, slow=SLOW))


def ecosystem(
    book: Client,
    clients_dir: str,
    facts: Reference,
    found: EcosystemFound,
    keys: Mapping[str, str],
    *,
    years: int,
    forecasts_met: float,
) -> Block | Any:
    """What-if section of the ecosystem: hunting or farming, years, discount rate, assumptions.

    Parameters
    ----------
    book : Client
        With the ecosystem's tables.
    clients_dir : str
        Where scenarios are kept, in the client's folder.
    facts : Reference
    found : EcosystemFound
        The base.
    keys : mapping of str to str
        The model's assumptions by their keys in the table.
    years : int
    forecasts_met : float
        The notebook's parameters.

    Returns
    -------
    Block or widget
    """
    from techalign.workbench.ecosystem import EcosystemModel, ecosystem_controls

    cover = forecasts_met if forecasts_met >= 0 else None
    return shown(
        _section(
            "ecosystem", book, clients_dir, facts,
            controls=ecosystem_controls(found, book, years), keys=tuple(keys.values()),
            model=EcosystemModel(book, facts, keys, years, cover),
        )
    )  # fmt: skip


def alignment(
    book: Client,
    clients_dir: str,
    facts: Reference,
    found: AlignmentFound,
    asked: Sequence[str],
) -> Block | Any:
    """What-if section of alignment: the goals' weights, assumptions.

    Parameters
    ----------
    book : Client
        With the tables that are asked for.
    clients_dir : str
        Where scenarios are kept, in the client's folder.
    facts : Reference
    found : AlignmentFound
        The base.
    asked : sequence of str
        Tables the model takes.

    Returns
    -------
    Block or widget
    """
    from techalign.alignment import ASSUMED
    from techalign.workbench.alignment import AlignmentModel, goal_controls

    return shown(
        _section(
            "alignment", book, clients_dir, facts, controls=goal_controls(found), keys=ASSUMED,
            model=AlignmentModel(book, facts, tuple(asked)),
        )
    )  # fmt: skip


def spending(
    book: Client,
    clients_dir: str,
    facts: Reference,
    rows: DataFrame,
    technology: TechnologyRows,
    overlaps: Overlaps,
    keys: Sequence[str],
    contracts: DataFrame | None = None,
) -> Block | Any:
    """What-if section of spending: unused seats, work bought twice, assumptions.

    Parameters
    ----------
    book : Client
    clients_dir : str
        Where scenarios are kept, in the client's folder.
    facts : Reference
    rows : DataFrame
        The ledger with its suppliers' names.
    technology : TechnologyRows
    overlaps : Overlaps
    keys : sequence of str
        Assumptions the notebook lists.
    contracts : DataFrame, optional
        The agreements, as far as the ledger bears them out; the client's unless given.

    Returns
    -------
    Block or widget
    """
    from techalign.workbench.spending import SpendingModel, spending_controls

    return shown(
        _section(
            "spending", book, clients_dir, facts, controls=spending_controls(),
            keys=tuple(keys),
            model=SpendingModel(
                book, facts, rows, technology, overlaps,
                book.table("contracts") if contracts is None else contracts,
            ),
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
