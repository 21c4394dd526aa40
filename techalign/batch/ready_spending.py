"""What follows from the shipped tables alone, found out once for all kernels of a template.

A template imports this module for what importing it does (see :mod:`techalign.batch.preload`):
the rules on accounts are compiled, the catalogue's names normalised, and both remembered where each
is worked out. A kernel that is forked from the template then finds them; one that is not works them
out itself, to the same result. Here is only what handles text and numbers: nothing draws, and
nothing starts a thread.
"""

from __future__ import annotations

import datetime as dt

import pandas as pd

from techalign import spending
from techalign.client import load_reference

__all__: list[str] = []


def _report_on_nothing() -> None:
    """Give the models of spending a ledger without rows, so that only the tables are at work."""
    facts = load_reference()
    no_rows = pd.DataFrame({name: [] for name in ("vendor_raw", "account")}, dtype=object)
    ledger = no_rows.assign(date=pd.to_datetime([]), amount=0.0)
    no_agreements = ("vendor", "capability", "start", "end", "auto_renew", "annual_price", "uplift")
    said = spending.PurposeTables(
        catalogue=facts.suppliers,
        category_purpose=facts.category_purpose,
        account_rules=facts.account_rules,
        contracts=pd.DataFrame(columns=no_agreements),
        initiatives=pd.DataFrame(columns=["id", "purpose"]),
    )
    names = spending.merge_vendors([], facts.suppliers)
    spending.classify_purpose(ledger, names, said, client_currency="USD", as_of=dt.date(2026, 1, 1))


_report_on_nothing()
