import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techalign.intake.values import (
    read_boolean,
    read_dates,
    read_numbers,
    settle_dates,
    settle_marks,
)

MONEY = st.decimals(min_value=-(10**9), max_value=10**9, places=2, allow_nan=False)
DATES = st.dates(min_value=dt.date(1990, 1, 1), max_value=dt.date(2059, 12, 31))


def _write(amount: Decimal, mark: str, style: str) -> str:
    """A second, independent way from the number to its text."""
    whole, fraction = f"{abs(amount):,.2f}".split(".")
    whole = whole.replace(",", {".": ",", ",": "."}[mark])
    text = f"{whole}{mark}{fraction}"
    if amount >= 0:
        return {"plain": text, "sign": f"€{text}", "code": f"{text} EUR"}.get(style, text)
    return {
        "plain": f"-{text}",
        "brackets": f"({text})",
        "trailing": f"{text}-",
        "sign": f"-€{text}",
        "code": f"-{text} EUR",
        "credit": f"{text} CR",
    }[style]


@given(
    st.lists(MONEY, min_size=1, max_size=20),
    st.sampled_from([".", ","]),
    st.sampled_from(["plain", "brackets", "trailing", "sign", "code", "credit"]),
)
def test_every_way_to_write_money_comes_back_to_the_cent(
    amounts: list[Decimal], mark: str, style: str
) -> None:
    cells = [_write(amount, mark, style) for amount in amounts]
    settled = settle_marks(cells, stated=None)
    assert settled.choice == mark
    assert settled.note == ""
    assert read_numbers(cells, settled.choice)[0] == amounts


@given(st.lists(DATES, min_size=1, max_size=20), st.sampled_from(["day-first", "month-first"]))
def test_dates_come_back_in_the_stated_order(dates: list[dt.date], order: str) -> None:
    form = "%d/%m/%Y" if order == "day-first" else "%m/%d/%Y"
    assert read_dates([f"{day:{form}}" for day in dates], order) == dates


@given(st.lists(DATES, min_size=1, max_size=20))
def test_iso_and_named_months_need_no_order(dates: list[dt.date]) -> None:
    for form in ("%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%d %b %Y", "%d %B %Y", "%b %d, %Y"):
        cells = [f"{day:{form}}" for day in dates]
        assert read_dates(cells, "day-first") == dates, form
        assert read_dates(cells, "month-first") == dates, form


@given(st.text(max_size=30))
def test_no_text_makes_the_readers_fail(text: str) -> None:
    value = read_numbers([text], ".")[0][0]
    assert value is None or isinstance(value, Decimal | str)
    day = read_dates([text], "day-first")[0]
    assert day is None or isinstance(day, dt.date | str)
    assert read_boolean(text) in {True, False, None, text.strip()}


@pytest.mark.parametrize(
    ("cells", "order", "noted"),
    [
        (["13/01/2025", "02/03/2025"], "day-first", False),
        (["01/13/2025", "02/03/2025"], "month-first", False),
        (["13/01/2025", "14/01/2025", "01/15/2025"], "day-first", True),
        (["02/03/2025", "03/04/2025"], "month-first", True),
        (["2025-01-13"], "month-first", False),
        (["01/01/2025"], "month-first", False),
    ],
)
def test_the_date_order_is_settled_once_and_noted_when_open(
    cells: list[str], order: str, noted: bool
) -> None:
    settled = settle_dates(cells, stated=None, currency="USD")
    assert settled.choice == order
    assert bool(settled.note) is noted
    assert settle_dates(cells, stated="day-first", currency="USD").choice == "day-first"


def test_an_open_date_order_follows_the_currency_and_says_how_to_change_it() -> None:
    settled = settle_dates(["02/03/2025"], stated=None, currency="GBP")
    assert settled.choice == "day-first"
    assert "date_order" in settled.note


def test_thousands_alone_are_open_and_one_proof_settles_all() -> None:
    assert "decimal" in settle_marks(["1,234", "2,000"], stated=None).note
    settled = settle_marks(["1.234", "2.000", "7,5"], stated=None)
    assert (settled.choice, settled.note) == (",", "")
    assert read_numbers(["1.234", "7,5"], ",")[0] == [Decimal(1234), Decimal("7.5")]


@pytest.mark.parametrize(
    "cell",
    ["n/a", "12.34.56", "1,23,4.00", "--5", "(-5)", "5 apples", "12,5", "1e", ".", "", "30/02"],
)
def test_what_is_no_number_stays_raw(cell: str) -> None:
    value = read_numbers([cell], ".")[0][0]
    assert value == (cell or None)


@pytest.mark.parametrize("cell", ["30/02/2025", "n/a", "May", "2025", "45321", "0", "00/00/0000"])
def test_what_is_no_date_stays_raw(cell: str) -> None:
    assert read_dates([cell], "day-first") == [cell]


def test_currency_signs_are_told_apart() -> None:
    _, currencies = read_numbers(["£5", "$5", "5 CHF", "5"], ".")
    assert currencies[0] == "GBP"
    assert "USD" in currencies[1].split()
    assert currencies[2:] == ["CHF", ""]


def test_percent_native_numbers_and_blanks() -> None:
    values, _ = read_numbers(["7%", 60.52, 3, None, True, float("nan"), "1 234,50"], ",")
    assert values[:4] == [Decimal("0.07"), Decimal("60.52"), Decimal(3), None]
    assert values[4] is True
    assert values[5] is None
    assert values[6] == Decimal("1234.50")


@pytest.mark.parametrize(
    ("cell", "mark", "value"),
    [
        ("$(67.00)", ".", "-67.00"),
        ("$ (1,067.00)", ".", "-1067.00"),
        ("(£1,067.00)", ".", "-1067.00"),
        ("–5.00", ".", "-5.00"),
        ("\u22125.00", ".", "-5.00"),
        ("€ 5,00\u2212", ",", "-5.00"),
        ("US$45.20", ".", "45.20"),
        ("-A$45.20", ".", "-45.20"),
        ("$45.20 USD", ".", "45.20"),
        ("1,045.20 Cr.", ".", "-1045.20"),
        ("1,045.20DR", ".", "1045.20"),
        ("Rs. 1,23,456/-", ".", "123456"),
        ("Rs.500", ".", "500"),
        ("1.234,-", ",", "1234"),
        ("kr 1 234,50", ",", "1234.50"),
        ("1 234,50 zł", ",", "1234.50"),
        ("R$ 1.234,56", ",", "1234.56"),
        ("CHF 1’978.00", ".", "1978.00"),
        (" $ -   ", ".", "0"),
        ("-", ".", "0"),
        ("<5.00>", ".", "-5.00"),
        ("9.6E-06", ".", "0.0000096"),
    ],
)
def test_money_as_people_and_programs_write_it(cell: str, mark: str, value: str) -> None:
    assert read_numbers([cell], mark)[0] == [Decimal(value)]


def test_a_comma_and_a_dash_prove_the_decimal_mark() -> None:
    assert settle_marks(["1.234,-", "2.000"], stated=None).choice == ","
