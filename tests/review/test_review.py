"""What a report says of its last review, and how chances to cease are scored."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign
from techalign.review.records import read_records
from techalign.review.sections import review_sections
from techalign.review.vendor_scores import pool_scores, score_vendors
from tests.review.made import figure, made, vendor

Rows = list[dict[str, Any]]


def _vendors(**chances: float) -> Rows:
    return [vendor(name, pd) for name, pd in chances.items()]


def test_a_first_review_is_one_sentence() -> None:
    (section,) = review_sections(made("2026-06-30", [figure("a", 10, 8, 12)]), {})
    assert section.html.count("<p") == 1
    assert "first review" in section.html
    assert section.late
    assert review_sections(made("2026-06-30", []), {}) == []


def test_what_moved_beyond_noise_comes_first_and_the_rest_is_named() -> None:
    old = made("2026-03-31", [figure("Calm <b>", 10, 8, 12), figure("Moved", 100, 90, 110)])
    new = made("2026-06-30", [figure("Calm <b>", 11, 9, 13), figure("Moved", 200, 180, 220)])
    (section,) = review_sections(new, {"2026Q1": [old]})
    text = section.html
    assert "Moved since 2026 Q1 by more than noise" in text
    assert "$100<td>($90 to $110)" in text
    assert "$200<td>($180 to $220)" in text
    assert "+$100" in text
    assert "The other moved no more than noise, if at all: “Calm &lt;b&gt;”." in text
    assert text.index(">Moved<td>") < text.index("Calm &lt;b&gt;")
    # two numbers in money, one of which moved: worth a picture
    assert text.count('<svg class="ta-svg"') == 1
    assert "<b>" not in text


def test_nothing_beyond_noise_is_said_without_a_picture() -> None:
    old, new = (made(d, [figure("a", 10, 8, 12)]) for d in ("2026-03-31", "2026-06-30"))
    (section,) = review_sections(new, {"2026Q1": [old]})
    assert "The headline number has not moved beyond its noise since 2026 Q1." in section.html
    assert "<svg" not in section.html


def test_who_came_and_went_is_named() -> None:
    figures = [figure("a", 10, 8, 12)]
    old = made("2026-03-31", figures, vendors=_vendors(Oak=0.1, Elm=0.1))
    new = made("2026-06-30", figures, vendors=_vendors(Oak=0.1, Ash=0.1, Fir=0.1))
    text = review_sections(new, {"2026Q1": [old]})[0].html
    assert "2 companies new: Ash, Fir. 1 company no longer there: Elm." in text


def _naive(rows: Rows, ceased: dict[str, str], then: str, now: str) -> tuple[float, int, float]:
    """Expected number, observed number and Brier score, a company at a time."""
    start, end = dt.date.fromisoformat(then), dt.date.fromisoformat(now)
    share = min((end - start).days / 365.25, 1.0)
    stop = min(end, start + dt.timedelta(days=365))
    expected, observed, misses = 0.0, 0, []
    for row in rows:
        day = ceased.get(row["vendor"])
        if day and dt.date.fromisoformat(day) <= start:
            continue
        chance = 1 - (1 - row["pd"]) ** share
        happened = bool(day) and start < dt.date.fromisoformat(day) <= stop
        expected, observed = expected + chance, observed + happened
        misses.append((chance - happened) ** 2)
    return expected, observed, sum(misses) / len(misses)


@pytest.mark.parametrize("then", ["2025-03-31", "2026-03-31", "2024-12-31"])
def test_chances_are_scored_like_a_company_at_a_time(then: str) -> None:
    rng = np.random.default_rng(3)
    rows = _vendors(**{f"V{i}": float(p) for i, p in enumerate(rng.uniform(0.01, 0.4, 30))})
    days = {"V1": "2026-05-01", "V2": "2025-06-01", "V3": "2024-12-01", "V4": "2026-01-15"}
    now = "2026-06-30"
    ceased = [{"vendor": v.lower() + " ", "date": d} for v, d in days.items()]
    old = made(then, [], vendors=rows)
    new = made(now, [], vendors=[r for r in rows if r["vendor"] not in days], ceased=ceased)
    scores = score_vendors([new], {"2025Q1": [old]})
    (got,) = scores.by_review().to_dict("records")
    expected, observed, brier = _naive(rows, days, then, now)
    assert got["expected"] == pytest.approx(expected)
    assert got["ceased"] == observed
    assert got["brier"] == pytest.approx(brier)
    assert got["low"] <= got["expected"] <= got["high"] + 1
    assert got["brier_none"] == pytest.approx(observed / got["companies"])


def test_a_company_that_left_without_a_word_is_counted_apart() -> None:
    old = made("2026-03-31", [], vendors=_vendors(Oak=0.1, Elm=0.2))
    new = made("2026-06-30", [figure("a", 1, 0, 2)], vendors=_vendors(Oak=0.1), ceased=[])
    scores = score_vendors([new], {"2026Q1": [old]})
    assert scores.chances["vendor"].tolist() == ["Oak"]
    assert scores.left == 1
    text = review_sections(new, {"2026Q1": [old]})[-1].html
    assert "1 company is no longer in the register" in text
    assert "none has" in text


def test_a_register_that_does_not_say_who_ceased_scores_nothing() -> None:
    old, new = (
        made(d, [figure("a", 1, 0, 2)], vendors=_vendors(Oak=0.1))
        for d in ("2026-03-31", "2026-06-30")
    )
    assert score_vendors([new], {"2026Q1": [old]}).chances.empty
    assert "does not say which companies have ceased" in (
        review_sections(new, {"2026Q1": [old]})[-1].html
    )


def test_too_many_failures_are_called_so() -> None:
    old = made("2025-06-30", [], vendors=_vendors(**{f"V{i}": 0.01 for i in range(20)}))
    gone = [{"vendor": f"V{i}", "date": "2025-12-01"} for i in range(9)]
    kept = [*gone, *({"vendor": f"V{i}", "date": None} for i in range(9, 20))]
    new = made(vendors=_vendors(**{f"V{i}": 0.01 for i in range(20)}), ceased=kept)
    sentence = score_vendors([new], {"2025Q2": [old]}).sentence
    assert "9 have: V0 (1 Dec 2025)" in sentence
    assert "they were too low" in sentence


def test_clients_are_pooled() -> None:
    old = {c: made("2025-06-30", client=c, vendors=_vendors(Oak=0.1)) for c in ("aa", "bb")}
    new = {c: made(client=c, vendors=_vendors(Oak=0.1), ceased=[]) for c in ("aa", "bb")}
    pooled = pool_scores(score_vendors([new[c]], {"2025Q2": [old[c]]}) for c in ("aa", "bb"))
    assert len(pooled.chances) == 2
    assert pooled.chances["pd"].sum() == pytest.approx(0.2 * 365 / 365.25, rel=2e-3)
    assert pooled.groups()["count"].sum() == 2
    assert pool_scores([]).chances.empty


SPENT = (
    "from techalign import report\n"
    "from techalign.numbers.intervals import Interval\n"
    "spent = {'2026-03-31': 100.0}.get(as_of, 300.0) * months\n"
    "report.headline('S.', [report.Figure('Spent', Interval(spent, spent - 9, spent + 9), 'USD',"
    " 'given'), report.Figure('Owed', 5000.0, 'USD', 'given')])"
)


def _run(workbook: Path, *arguments: str) -> Result:
    places = {"clients-dir": "clients", "notebooks-dir": "notebooks", "out": "reports"}
    more = [part for name, folder in places.items() for part in (f"--{name}", workbook / folder)]
    return CliRunner().invoke(techalign, ["run", *arguments, *map(str, more)])


def test_the_next_review_shows_what_changed_and_is_made_again_only_if_the_last_one_changes(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("spent", SPENT)
    page = workbook / "reports" / "acme" / "spent.html"
    assert _run(workbook, "-p", "as_of=2026-03-31").exit_code == 0
    assert "This is the first review kept" in page.read_text()
    now = ["-p", "as_of=2026-06-30"]
    assert _run(workbook, *now).exit_code == 0
    first = page.read_text()
    assert "Moved since 2026 Q1 by more than noise" in first
    assert "$300<td>($291 to $309)" in first
    assert "$900<td>($891 to $909)" in first
    assert "1 of 1 reports made, 1 of them up to date" in _run(workbook, *now).stdout
    assert page.read_text() == first
    # the same past again is no other past, whatever time it took
    assert _run(workbook, "--force", "-p", "as_of=2026-03-31").exit_code == 0
    (kept,) = (workbook / "reports" / "acme" / "history").glob("2026Q1/*.json")
    before = kept.read_bytes()
    assert _run(workbook, *now).exit_code == 0
    assert page.read_text() == first
    assert kept.read_bytes() == before
    # another past is
    assert _run(workbook, "-p", "as_of=2026-03-31", "-p", "months=6").exit_code == 0
    assert "up to date" not in _run(workbook, *now).stdout
    assert "$600<td>($591 to $609)" in page.read_text()


def test_a_page_shows_code_only_if_asked_and_never_where_the_clients_lie(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("spent", SPENT)
    page = workbook / "reports" / "acme" / "spent.html"
    assert _run(workbook).exit_code == 0
    plain, key = page.read_text(), read_records(workbook / "reports")[0].key
    assert "Code of this step" not in plain
    assert "report.Figure" not in plain
    shown = _run(workbook, "--show-code")
    assert "up to date" not in shown.stdout
    text = page.read_text()
    assert "<summary>Code of this step</summary>" in text
    assert "report.Figure" in text
    assert "client = &quot;acme&quot;" in text
    assert str(workbook) not in text
    assert read_records(workbook / "reports")[0].key != key
    assert "up to date" in _run(workbook, "--show-code").stdout
    assert "up to date" not in _run(workbook).stdout
    assert page.read_text() == plain


def test_a_day_that_is_none_is_refused(workbook: Path, notebook: Callable[..., Path]) -> None:
    notebook("spent", SPENT)
    result = _run(workbook, "-p", "as_of=soon")
    assert "as_of: is not a day" in str(result.exception)


def test_without_reports_nothing_is_scored() -> None:
    empty = score_vendors([], {})
    assert isinstance(empty.chances, pd.DataFrame)
    assert empty.sentence == ""
