from pathlib import Path

import pytest
from click.testing import CliRunner

from techalign.cli.main import techalign
from techalign.errors import ParameterError
from techalign.review.history import changes, earlier_records, keep_history, quarter_of
from techalign.review.partners import calibrate
from techalign.review.records import Record, write_record
from techalign.review.sections import review_sections
from tests.review.made import figure, made


def _record(as_of: str, figures: list[dict], **recorded: list[dict]) -> Record:
    return made(as_of, figures, notebook="spending", **recorded)


def test_quarters_follow_the_day_of_the_report() -> None:
    days = ["2026-01-01", "2026-03-31", "2026-04-01", "2026-12-31"]
    assert [quarter_of(day) for day in days] == ["2026Q1", "2026Q1", "2026Q2", "2026Q4"]


@pytest.mark.parametrize(
    ("before", "after", "beyond"),
    [
        (figure("a", 10, 8, 12), figure("a", 11, 9, 13), False),
        (figure("a", 10, 8, 12), figure("a", 13, 9, 15), False),  # was 10 is in 9 to 15
        (figure("a", 10, 8, 12), figure("a", 14, 11, 16), True),
        (figure("a", 10, 8, 12), figure("a", 7, 6, 9), True),
        (figure("a", 1000.0), figure("a", 1019.0), False),
        (figure("a", 1000.0), figure("a", 1021.0), True),
        (figure("a", 0.85, unit="%"), figure("a", 0.87, unit="%"), False),
        (figure("a", 0.85, unit="%"), figure("a", 0.89, unit="%"), True),
    ],
)
def test_a_change_counts_beyond_its_noise(before: dict, after: dict, beyond: bool) -> None:
    (change,) = changes([_record("2026-03-31", [before])], [_record("2026-06-30", [after])])
    assert change.beyond is beyond


def test_a_change_says_both_numbers_and_the_signed_difference() -> None:
    old = _record("2026-03-31", [figure("a", 10, 8, 12), figure("gone", 1.0)])
    new = _record("2026-06-30", [figure("a", 7, 6, 7.5), figure("new", 1.0)])
    (change,) = changes([old], [new])
    assert change.before == "$10 ($8 to $12)"
    assert change.change == "\u2212$3"


def test_records_are_kept_per_quarter_and_the_latest_of_a_quarter_counts(tmp_path: Path) -> None:
    for day, point in (("2026-01-31", 1.0), ("2026-03-31", 2.0), ("2026-06-30", 3.0)):
        keep_history([_record(day, [figure("a", point)])], tmp_path)
    kept = earlier_records(tmp_path, [_record("2026-06-30", [])])
    assert list(kept) == ["2026Q1"]
    assert kept["2026Q1"][0].figures[0].value == 2.0
    failed = _record("2026-09-30", []).model_copy(update={"status": "failed"})
    keep_history([failed], tmp_path)
    assert not (tmp_path / "acme" / "history" / "2026Q3").exists()


def test_forecasts_are_scored_by_what_was_sold_afterwards() -> None:
    ahead = [
        {"month": f"2026-0{m}-01", "point": 10.0, "low": 8.0, "high": 12.0} for m in (4, 5, 6, 7)
    ]
    known = [{"month": "2026-03-01", "value": 9.0}]
    sold = [{"month": f"2026-0{m}-01", "value": v} for m, v in ((3, 9.0), (4, 11.0), (5, 20.0))]
    old = _record("2026-03-31", [], forecast=ahead, actual=known)
    now = _record("2026-06-30", [], forecast=[], actual=sold)
    scored = calibrate([now], {"2026Q1": [old]})
    assert list(scored.forecasts["inside"]) == [True, False]
    assert "Of 2 monthly forecasts made at 1 earlier review, 1 (50%)" in scored.sentence
    assert "No past forecast" in calibrate([now], {}).sentence


def test_the_diff_command_tells_what_changed(tmp_path: Path) -> None:
    keep_history([_record("2026-03-31", [figure("Cost", 10, 8, 12)])], tmp_path)
    now = _record("2026-06-30", [figure("Cost", 20, 18, 22)])
    write_record(now, tmp_path / "acme")
    result = CliRunner().invoke(
        techalign, ["diff", "acme", "2026Q1", "now", "--out", str(tmp_path)]
    )
    assert result.exit_code == 0, result.exception
    assert "Spending: Cost" in result.stdout
    assert "+$10" in result.stdout
    assert "1 of 1 headline numbers changed" in result.stdout
    wrong = CliRunner().invoke(techalign, ["diff", "acme", "2025Q1", "now", "--out", str(tmp_path)])
    assert isinstance(wrong.exception, ParameterError)
    assert "There are 2026Q1" in str(wrong.exception)


GAP = "the ledger has no data for May 2026 and Jun 2026"


@pytest.mark.parametrize("which", [0, 1])
def test_months_without_data_are_no_saving(which: int) -> None:
    figures = [figure("Spent", 1000.0), figure("Spent", 600.0)]
    figures[which]["gap"] = GAP
    old, new = _record("2026-03-31", [figures[0]]), _record("2026-06-30", [figures[1]])
    (change,) = changes([old], [new])
    assert (change.beyond, change.change) == (False, "–")
    assert change.not_compared == f"Spent: not compared, because {GAP}."
    (section,) = review_sections(new, {"2026Q1": [old]})
    assert change.not_compared in section.html
    assert "$400" not in section.html


def _diff_of_june_and_october(client: str, notebook: str, out: Path) -> str:
    run = ["run", client, "--notebook", notebook]
    each = [[*run, "-p", f"as_of={day}"] for day in ("2026-06-30", "2026-10-31")]
    for words in (*each, ["diff", client, "2026Q2", "now", "--all"]):
        result = CliRunner().invoke(techalign, [*words, "--out", str(out)])
        assert result.exit_code == 0, result.exception
    return result.stdout


@pytest.mark.slow
def test_the_diff_of_a_ledger_that_ends_early_says_so(tmp_path: Path) -> None:
    """The sample ledger ends in June; at the end of October four of its months hold nothing."""
    told = _diff_of_june_and_october("machine-shop", "spending", tmp_path)
    said = "not compared, because the ledger has no data for 4 months, the last Oct 2026."
    for label in ("All spending, 12 months", "Known technology spending, 12 months"):
        assert f"Technology spending: {label}: {said}" in told
    page = (tmp_path / "machine-shop" / "spending.html").read_text("utf-8")
    front = (tmp_path / "machine-shop" / "index.html").read_text("utf-8")
    assert said in page
    assert said in front
    together = (tmp_path / "portfolio.html").read_text("utf-8")
    assert "months without data are no saving" in together
    assert "the ledger has no data for 4 months, the last Oct 2026" in together


@pytest.mark.slow
def test_sales_that_are_not_recorded_yet_are_no_drop_on_any_page(tmp_path: Path) -> None:
    """The sample's partners have sales to June; at the end of October nobody has entered more."""
    told = _diff_of_june_and_october("carrier-store", "partner_ramps", tmp_path)
    gap = "no partner sales are on record after Jun 2026"
    assert f"Partner sales, next 12 months: not compared, because {gap}." in told
    for page in ("carrier-store/partner_ramps.html", "carrier-store/index.html", "portfolio.html"):
        assert gap in (tmp_path / page).read_text("utf-8"), page
