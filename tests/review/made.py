"""Records made by hand, for tests of what is read from them."""

from typing import Any

from techalign.review.records import Record

Rows = list[dict[str, Any]]

DECISION = {
    "id": "spending-act-oak-seats", "what": "Give up 2 seats of Oak", "area": "spending",
    "kind": "act", "subject": "Oak", "topic": "seats", "owner": "Ann", "by": "2026-08-14",
    "value": {"point": 400.0, "low": 300.0, "high": 500.0, "level": 0.8}, "cost": None,
    "waiting": None, "hours": 1.0, "unit": "USD", "pays": None, "reversible": True,
    "because": "Nobody uses them.", "evidence": "Seats", "basis": "measured",
    "assumes": [], "status": "open", "note": "", "changed": None,
}  # fmt: skip


def figure(
    label: str, point: float, low: float | None = None, high: float = 0.0, unit: str = "USD"
) -> dict[str, Any]:
    """A headline number, exact without ``low``."""
    value = point if low is None else {"point": point, "low": low, "high": high, "level": 0.8}
    interval = "" if low is None else f"${low:g} to ${high:g}"
    return {"label": label, "value": value, "unit": unit, "text": f"${point:g}",
            "interval": interval, "source": "x"}  # fmt: skip


def made(
    as_of: str = "2026-06-30",
    figures: Rows | None = None,
    *,
    client: str = "acme",
    notebook: str = "vendor_risk",
    unit: str = "USD",
    **recorded: Any,
) -> Record:
    """A record of a report that is ready; ``recorded`` gives blocks' rows by name."""
    blocks = {
        name: rows if isinstance(rows, dict) else {"unit": unit, "rows": rows}
        for name, rows in recorded.items()
    }
    headline = {"sentence": "S.", "figures": figures or [], "recorded": blocks}
    return Record.model_validate(
        {"client": client, "client_name": client.title(), "notebook": notebook,
         "title": notebook.replace("_", " ").capitalize(), "as_of": as_of, "status": "ok",
         "key": f"key {as_of}", "page": f"{client}/{notebook}.html", "headline": headline}
    )  # fmt: skip


def vendor(name: str, pd: float, loss: float = 1.0, hubs: str = "") -> dict[str, Any]:
    """One company of a vendor report, its ranges from half to twice."""
    mean = pd * loss
    return {"vendor": name, "pd": pd, "pd_low": pd / 2, "pd_high": min(pd * 2, 1.0), "loss": loss,
            "loss_low": loss / 2, "loss_high": loss * 2, "mean": mean, "mean_low": mean / 4,
            "mean_high": mean * 4, "hubs": hubs}  # fmt: skip
