"""techalign: technology spending, vendor-failure risk and partner revenue ramps, per client.

Importing the package loads nothing heavy; the subpackages are imported where they are used:
``techalign.spending``, ``techalign.vendors`` and ``techalign.partners`` are the models,
``techalign.client`` opens a client's folder, ``techalign.report`` and ``techalign.charts``
show results, ``techalign.batch`` runs many reports.
"""

from __future__ import annotations

__all__ = ["__version__"]

__version__ = "0.2.0"
