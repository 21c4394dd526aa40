from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.numbers.intervals import Interval
from techalign.partners import PartnerAssumptions, Prices, network_value

KNOWN = PartnerAssumptions(rows={"introduction_win_chance": Interval(0.2, 0.1, 0.4, 1.0)})
PRICES = Prices(wage=30.0, order=2000.0, margin=0.5)
TODAY = dt.date(2026, 6, 30)
SERVICES = pd.DataFrame(
    {
        "partner": ["all", "Alder"],
        "volume": [6000.0, 10.0],
        "hours_each": [0.5, 2.0],
        "wage": [35.0, 40.0],
    }
)


def benefits(*rows: tuple[str, str, str, float, float, float]) -> pd.DataFrame:
    names = ["partner", "date", "kind", "count", "hours", "wage"]
    frame = pd.DataFrame(list(rows), columns=names)
    return frame.assign(
        date=pd.to_datetime(frame["date"]),
        **{name: frame[name].astype(float) for name in ("count", "hours", "wage")},
    )


def test_each_part_is_priced_as_said() -> None:
    found = network_value(
        SERVICES,
        benefits(
            ("Alder", "2026-01-10", "introduction", 3, 0, np.nan),
            ("Alder", "2026-02-10", "learning", 2, 8, np.nan),
            ("Birch", "2026-02-10", "development", 1, 100, 68),
        ),
        PRICES,
        TODAY,
        KNOWN,
    )
    rows = found.table.set_index("partner")
    assert rows.index.tolist() == ["all", "Birch", "Alder"]
    assert rows.loc["all", "work"] == 6000 * 0.5 * 35
    parts = rows.loc["Alder", ["work", "introductions", "learning"]].tolist()
    assert parts == pytest.approx([800, 600, 480])
    assert rows.loc["Alder", ["total_low", "total_high"]].tolist() == pytest.approx([1580, 2480])
    assert rows.loc["Birch", "total"] == 6800
    assert found.total.point == pytest.approx(105_000 + 1880 + 6800)
    assert found.of(np.array(["Birch", "nobody"])).tolist() == [6800.0, 0.0]


def test_only_the_last_twelve_months_count() -> None:
    old = benefits(
        ("Alder", "2025-06-30", "learning", 1, 10, 1), ("Alder", "2026-07-01", "learning", 1, 10, 1)
    )
    found = network_value(SERVICES.iloc[:0], old, PRICES, TODAY, KNOWN)
    assert found.total.point == 0.0
    assert found.table.empty


def test_introductions_without_a_known_order_have_no_price_and_are_counted() -> None:
    rows = benefits(("Alder", "2026-01-10", "introduction", 3, 0, np.nan))
    found = network_value(SERVICES.iloc[:0], rows, Prices(30.0, np.nan, 0.5), TODAY, KNOWN)
    assert found.unpriced == 3
    assert found.table["total"].tolist() == [0.0]
