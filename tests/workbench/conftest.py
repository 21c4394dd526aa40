"""Each notebook's what-if section as the notebook makes it, by running its cells."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from techalign.numbers.intervals import Interval
from techalign.workbench import what_if
from techalign.workbench.controls import WhatIf

ROOT = Path(__file__).parents[2]
CLIENTS = ROOT / "datasets" / "clients"
SAMPLES = {
    "vendor_risk": "machine-shop",
    "plan": "machine-shop",
    "partner_ramps": "channel-software",
    "ecosystem": "carrier-store",
    "alignment": "machine-shop",
    "spending": "machine-shop",
}
"""A client for each notebook whose tables use all of its model."""


def point(value: float | Interval | None) -> float:
    """A figure's point."""
    assert value is not None
    return value.point if isinstance(value, Interval) else value


@pytest.fixture
def section(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[WhatIf, dict[str, Any]]]:
    """Run a notebook for a client; gives its section, and the names its cells have made."""
    monkeypatch.setattr(what_if, "shown", lambda what: what)

    def made(name: str, client: str = "", clients: Path = CLIENTS) -> Any:
        cells = json.loads((ROOT / "notebooks" / f"{name}.ipynb").read_text())["cells"]
        names: dict[str, Any] = {}
        for cell in cells:
            source = "".join(cell["source"])
            if cell["cell_type"] != "code":
                continue
            if "what_if." in source and "import" not in source:
                return eval(source, names), names
            exec(source, names)
            if "parameters" in cell["metadata"].get("tags", []):
                names |= {"client": client or SAMPLES[name], "clients_dir": str(clients)}
        raise AssertionError(f"{name} has no what-if section")

    return made
