"""Days in the forms of files: the written day is kept, whatever its form or zone."""

import datetime as dt

import pytest
from babel.dates import format_date
from hypothesis import given
from hypothesis import strategies as st

from techalign.errors import MappingError
from techalign.intake.days import LANGUAGES, looks_like_day, read_dates, settle_dates
from techalign.intake.mapping import parse_mapping

FIFTH = dt.date(2026, 1, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "2026.01.05", "2026.01.05.", "2026. 1. 5.", "2026年1月5日", "5. 1. 2026", "05.01.26",
        "5.1.2026 10:22", "05.01.2026, 10:33", "20260105", "20260105120000[0:GMT]", "05 01 2026",
        "05-JAN-2026", "5/Jan/2026", "05Jan2026", "5th January 2026", "Jan 5, 2026 10:30 PM",
        "Monday 5 January 2026", "5 janv. 2026", "5. Januar 2026", "5 de enero de 2026",
        "lun 5 gen 2026", "5 jan. 2026", "5 de jan. de 2026", "2026-Jan-05",
        "Mon, 05 Jan 2026 08:00:00 +0000",
    ],
)  # fmt: skip
def test_common_forms(cell: str) -> None:
    assert read_dates([cell], "day-first") == [FIFTH]


def test_a_month_of_a_year_is_its_first_day_and_makes_no_column_one_of_days() -> None:
    cells = ["09/2026", "12-2026", "13/2026", "2026-10"]
    day = [dt.date(2026, 9, 1), dt.date(2026, 12, 1), "13/2026", dt.date(2026, 10, 1)]
    assert read_dates(cells, "day-first") == read_dates(cells, "month-first") == day
    assert not looks_like_day("09/2026")  # as invoices are numbered, too


@pytest.mark.parametrize(
    ("cell", "day"),
    [
        ("2026-03-31T22:30:00-04:00", dt.date(2026, 3, 31)),
        ("2026-04-01T00:15:00+02:00", dt.date(2026, 4, 1)),
        ("2026-04-01T23:59:59.999Z", dt.date(2026, 4, 1)),
        ("2026-04-01 00:00:00 UTC", dt.date(2026, 4, 1)),
        ("2026-04-01 23:30:00+0530", dt.date(2026, 4, 1)),
    ],
)
def test_a_zone_never_moves_the_written_day(cell: str, day: dt.date) -> None:
    assert read_dates([cell], "month-first") == [day]


@given(
    st.dates(dt.date(1970, 1, 1), dt.date(2068, 12, 31)),
    st.sampled_from(LANGUAGES),
    st.sampled_from(["d MMMM y", "d MMM y", "d-MMM-y", "EEEE d MMMM y", "d MMM yy"]),
)
def test_names_of_months_in_ten_languages(day: dt.date, language: str, form: str) -> None:
    """Babel writes the day, which is a second and independent way from the day to its text."""
    text = format_date(day, form, locale=language)
    assert read_dates([text], "day-first") == [day], text


def test_days_as_a_spreadsheet_counts_them() -> None:
    assert read_dates([46027, 46027.75, None], "day-first") == [FIFTH, FIFTH, None]
    texts = ["46027", "46036", "46058"]
    assert read_dates(texts, "day-first")[0] == FIFTH
    assert read_dates([*texts, "05/01/2026"], "day-first")[0] == "46027", "not among other days"
    assert read_dates([20260105], "day-first") == [FIFTH]
    assert read_dates([7, 2026, 1e9], "day-first") == [7, 2026, 1e9]


def test_two_digits_first_can_be_years() -> None:
    cells = ["26.01.05", "26.01.14", "26.02.20", "26.03.09"]
    settled = settle_dates(cells, stated=None, currency="EUR")
    assert settled.choice == "year-first"
    assert read_dates(cells, settled.choice)[0] == FIFTH


def test_a_stated_form_is_the_only_one() -> None:
    assert read_dates(["05012026", "2026-01-05"], "day-first", "%d%m%Y") == [FIFTH, "2026-01-05"]
    assert read_dates(["05012026", "09/2026"], "day-first", "%d%m%Y") == [FIFTH, "09/2026"]
    with pytest.raises(MappingError, match="date_form must hold day, month and year"):
        parse_mapping('date_form = "%d%m"\n[columns]\ndate = "x"', "m.toml")


@pytest.mark.parametrize("cell", ["Total 2026", "Maybe 5 2026", "32 Jan 2026", "5 Jan", "Q1 2026"])
def test_what_only_looks_like_a_day_stays_raw(cell: str) -> None:
    assert read_dates([cell], "day-first") == [cell]
