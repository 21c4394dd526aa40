"""Months in which the records failed, so that a gap in the files is not read as a collapse.

Twenty partners that sell, all fall silent in one month and sell again the next, did not agree
to do so. Read as sales, such a month makes every level seem to jump and every interval too
wide. The same holds for a closed border: a shock that has passed says nothing of one partner.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from techalign.partners.panel import PartnerPanel

__all__ = ["outage_months", "without_outages"]

Bools = NDArray[np.bool_]


def outage_months(panel: PartnerPanel, chance: float = 1e-6) -> Bools:
    """Find months in which far fewer partners sold than the months around would lead to expect.

    A month is one if, among partners that had sold before it and sell again after it, the
    number that sold has less than ``chance`` under the binomial law with the share of the other
    months, and is below a fifth of what that share predicts. Fewer than ten such
    partners cannot show an outage, and the last months are never one: nothing follows to show
    that sales came back.

    Parameters
    ----------
    panel : PartnerPanel
        N partners, T months.
    chance : float
        Largest probability at which a month is dismissed.

    Returns
    -------
    ndarray of bool, shape (T,)
    """
    from scipy.special import bdtr

    sold = panel.revenue > 0
    before = np.cumsum(sold, axis=1) - sold > 0
    after = np.cumsum(sold[:, ::-1], axis=1)[:, ::-1] - sold > 0
    exposed = before & after & panel.mask
    sellers, partners = (sold & exposed).sum(axis=0), exposed.sum(axis=0)
    share = sellers.sum() / max(partners.sum(), 1)
    # the suspect months are left out of the share they are judged by
    normal = sellers >= 0.2 * share * partners
    share = sellers[normal].sum() / max(partners[normal].sum(), 1)
    rare = bdtr(sellers.astype(float), partners, share) < chance
    found: Bools = rare & (sellers < 0.2 * share * partners)
    found &= partners >= 10
    return found


def without_outages(panel: PartnerPanel) -> PartnerPanel:
    """Mask the months that :func:`outage_months` finds; what little they hold is set to zero.

    Parameters
    ----------
    panel : PartnerPanel

    Returns
    -------
    PartnerPanel
        The same panel if there are none.
    """
    bad = outage_months(panel)
    # a first sale is never dropped: the tenure clock hangs on it
    keep = ~bad | (np.arange(bad.size) == panel.first_sale[:, None])
    if not bad.any():
        return panel
    deals = None if panel.deals is None else np.where(keep, panel.deals, 0.0)
    return replace(
        panel, mask=panel.mask & keep, revenue=np.where(keep, panel.revenue, 0.0), deals=deals
    )
