"""From a client's records to the client's summary page."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from techalign.review.history import changes, recorded_rows
from techalign.review.records import Record

if TYPE_CHECKING:
    import pandas as pd

    from techalign.review.front_page import ClientReport, ClientSummary

__all__ = ["summarise_client"]

_RISKS = ("vendor", "pd", "loss", "loss_low", "loss_high", "mean")
_DATES = ("act_by", "what", "last_day", "money", "money_low", "money_high")


def summarise_client(
    records: Sequence[Record], earlier: Mapping[str, Sequence[Record]], forecasts: str = ""
) -> ClientSummary:
    """Collect what a client's summary shows.

    Parameters
    ----------
    records : sequence of Record
        Of one client, at least one.
    earlier : mapping of str to sequence of Record
        Records of earlier quarters; the last is compared with.
    forecasts : str
        How past forecasts did, in a sentence.

    Returns
    -------
    ClientSummary
    """
    import pandas as pd

    from techalign.review.front_page import ClientSummary

    ready = [record for record in records if record.status == "ok"]
    day = max(record.as_of for record in records)
    risks = _frame(ready, "vendors", _RISKS)
    risks = risks[risks["loss"] > 0].sort_values("mean", ascending=False, kind="stable")
    dates = _frame(ready, "dates", _DATES)
    dates = dates.assign(
        **{c: pd.to_datetime(dates[c], format="ISO8601") for c in ("act_by", "last_day")}
    )
    since = max(earlier, default="")
    found = changes(earlier[since], ready) if since else []
    firm = [c for c in found if c.beyond]
    columns = ("title", "label", "before", "after", "change")
    return ClientSummary(
        client_name=records[0].client_name,
        as_of=dt.date.fromisoformat(day),
        currency=_currency(ready),
        reports=tuple(_report(record) for record in records),
        risks=risks,
        dates=dates.sort_values("act_by", kind="stable"),
        changes=pd.DataFrame([[getattr(c, n) for n in columns] for c in firm], columns=columns),
        since=f"{since[:4]} {since[4:]}" if since else "",
        within_noise=len(found) - len(firm),
        forecasts=forecasts,
    )


def _frame(records: Sequence[Record], name: str, columns: Sequence[str]) -> pd.DataFrame:
    import pandas as pd

    rows = [row for record in records for row in recorded_rows(record, name)]
    frame = pd.DataFrame(rows, columns=list(columns))
    texts = {"vendor", "what", "act_by", "last_day"}
    return frame.astype({c: object if c in texts else float for c in columns})


def _currency(records: Sequence[Record]) -> str:
    blocks = [b for r in records for b in r.headline.get("recorded", {}).values()]
    return next((str(block["unit"]) for block in blocks if block["unit"]), "")


def _report(record: Record) -> ClientReport:
    from techalign.review.front_page import ClientReport

    if record.status == "ok":
        sentence = str(record.headline.get("sentence", ""))
        figures = tuple(record.headline.get("figures", []))
        return ClientReport(record.title, f"{record.notebook}.html", sentence, figures)
    # a client need not read what went wrong in a notebook
    missing = record.message if record.status == "not enabled" else "could not be made this time."
    return ClientReport(record.title, "", missing, ready=False)
