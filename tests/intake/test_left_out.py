"""Rows that repeat the money of others, or are no payments, are left out with their reason."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from techalign.errors import InputError
from techalign.intake.grouped import adds_up, is_total_text

Taken = Callable[..., Any]


def _rows(foreign: Any, *columns: str) -> list[list[object]]:
    return foreign.table.clean[list(columns)].to_numpy().tolist()


@pytest.mark.parametrize(
    "line", ["Total,,60.00", "Grand total:,,60.00", ",Summe,60.00", "Totaal,,60.00", ",,60.00",
             "31/01/2026,Total,60.00"]
)  # fmt: skip
def test_totals_are_known_by_word_and_arithmetic_and_are_no_money(taken: Taken, line: str) -> None:
    text = f"Date,Supplier,Amount\n13/01/2026,Oak,10.00\n14/01/2026,Elm,50.00\n{line}\n"
    table = taken(text, currency="GBP").table
    assert table.clean["amount"].tolist() == [10.0, 50.0]
    assert table.quarantine.empty
    assert table.totals[0].input == 60
    assert [row.reason for row in table.left_out] == ["is a total of rows above: 60.00"]


def test_a_supplier_called_total_is_a_supplier(taken: Taken) -> None:
    text = "Date,Supplier,Amount\n2026-01-05,TotalEnergies,10\n2026-01-06,Total Tools Ltd,30\n"
    assert taken(text).table.clean["vendor_raw"].tolist() == ["TotalEnergies", "Total Tools Ltd"]
    assert not is_total_text("TotalEnergies SE")


def test_a_grand_total_that_its_rows_contradict_is_refused(taken: Taken) -> None:
    text = "Date,Supplier,Amount\n2026-01-05,Oak,10.00\n2026-01-06,Elm,50.00\nTotal,,{}\n"
    with pytest.raises(InputError, match=r"export\.csv:4: says a total of 75\.00"):
        taken(text.format("75.00"))
    subtotal = taken(text.format("75.00") + "2026-01-07,Ash,1\n").table
    assert "is not what the rows above add up to" in subtotal.left_out[0].reason


def test_balances_are_no_payments(taken: Taken) -> None:
    text = (
        "Date,Description,Debit,Credit,Balance\n2026-01-01,Opening balance,,,100\n"
        "2026-01-05,Oak,10,,90\n2026-01-31,Closing balance,,,90\n"
    )
    table = taken(text).table
    assert table.clean["vendor_raw"].tolist() == ["Oak"]
    assert len(table.left_out) == 2


AMOUNTS = st.lists(st.decimals(-1000, 1000, places=2, allow_nan=False), min_size=1, max_size=12)


@given(AMOUNTS, st.integers(0, 11), st.decimals(-10, 10, places=2))
def test_adding_up_matches_a_naive_search(amounts: list[Decimal], start: int, off: Decimal) -> None:
    total = sum(amounts[start:], Decimal(0)) + off
    naive = any(sum(amounts[i:], Decimal(0)) == total for i in range(len(amounts)))
    assert adds_up(total, amounts, []) == (naive or total == 0)


def test_pending_and_own_filters(taken: Taken) -> None:
    text = (
        "Date,Supplier,Amount,Status,Kind\n2026-01-05,Oak,10,Completed,buy\n"
        "2026-01-06,Elm,20,Pending,buy\n2026-01-07,Ash,30,completed,Transfer out\n"
        "2026-01-08,Fir,40,DECLINED,buy\n2026-01-09,Yew,50,,buy\n"
    )
    columns = '[columns]\ndate="Date"\nvendor_raw="Supplier"\namount="Amount"\n'
    every = taken(text, mapping=columns).table
    assert every.clean["vendor_raw"].tolist() == ["Oak", "Ash", "Yew"]
    assert every.totals[0].left_out == 60
    own = taken(text, mapping=f'{columns}[keep]\nStatus="Completed"\n[drop]\nKind="Transfer*"\n')
    assert own.table.clean["vendor_raw"].tolist() == ["Oak"]
    with pytest.raises(InputError, match="has no column 'State'"):
        taken(text, mapping=f'{columns}[keep]\nState="Completed"\n')


@pytest.mark.parametrize("fee", ["3.00", "-3.00"])
def test_fees_add_to_the_cost_whatever_their_sign(taken: Taken, fee: str) -> None:
    text = f"Date,Who,Gross,Charge\n2026-01-05,Oak,-10.00,{fee}\n2026-01-06,Elm,-5.00,0\n"
    mapping = '[columns]\ndate="Date"\nvendor_raw="Who"\namount="Gross"\nfee="Charge"\n'
    assert _rows(taken(text, mapping=mapping), "amount") == [[13.0], [5.0]]


def test_an_unmapped_fee_counts_where_the_balance_shows_it(taken: Taken) -> None:
    text = "Day,Who,Sum,Fee,Balance\n2026-01-05,Oak,-10,0,90\n2026-01-06,Elm,-5,2,{}\n"
    mapping = 'sign="flip"\n[columns]\ndate="Day"\nvendor_raw="Who"\namount="Sum"\n'
    assert _rows(taken(text.format(83), mapping=mapping), "amount") == [[10.0], [7.0]]
    unshown = taken(text.format(85), mapping=mapping)
    assert _rows(unshown, "amount") == [[10.0], [5.0]]
    assert any("check: 'Fee' holds money" in note for note in unshown.table.notes)
