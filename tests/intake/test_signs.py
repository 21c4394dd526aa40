"""What is money out is decided from the file's own columns, and said."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from techalign.client.importing import Reading
from techalign.errors import InputError
from techalign.intake.signs import net_of, out_or_in, settle_sign

Taken = Callable[..., Any]


def _amounts(foreign: Any) -> list[float]:
    return foreign.table.clean["amount"].tolist()


def _said(foreign: Any) -> str:
    return next(note for note in foreign.table.notes if "money" in note or "says which" in note)


def test_the_rows_decide_and_the_share_is_said(taken: Taken) -> None:
    rows = "".join(f"2026-01-{day:02d},Shop {day},-{day}.00\n" for day in range(1, 20))
    foreign = taken(f"Date,Merchant,Total\n{rows}2026-01-20,Shop 1,1.00\n")
    assert _amounts(foreign)[:2] == [1.0, 2.0]
    assert _amounts(foreign)[-1] == -1.0
    assert _said(foreign) == "money out is negative here, 95% of rows"


@pytest.mark.parametrize(("sign", "word"), [(1, "positive"), (-1, "negative")])
def test_debit_and_credit_beside_the_amount_win_over_the_format(
    taken: Taken, sign: int, word: str
) -> None:
    rows = [("79.99", "", 79.99), ("189.00", "", 189.0), ("", "20.00", -20.0)]
    body = "".join(
        f"2026-01-1{i},Spend,Oak,x,r,{debit},{credit},{sign * amount:.2f},463\n"
        for i, (debit, credit, amount) in enumerate(rows)
    )
    foreign = taken(f"Date,Source,Contact,Description,Reference,Debit,Credit,Gross,Account\n{body}")
    assert foreign.mapping == "xero"
    assert _amounts(foreign) == [79.99, 189.0, -20.0]
    assert _said(foreign).startswith(f"money out is {word} here, as '")


def test_columns_that_contradict_the_amount_are_refused(taken: Taken) -> None:
    text = (
        "Date,Contact,Reference,Debit,Credit,Gross\n2026-01-05,A,1,5,,5\n2026-01-06,B,2,6,,-6\n"
        "2026-01-07,C,3,,7,7\n2026-01-08,D,4,8,,8\n"
    )
    with pytest.raises(InputError, match="contradicts itself"):
        taken(text)


@pytest.mark.parametrize(
    ("debit", "credit"), [("79.99,-20.00,", ",,5.00"), ("-79.99,20.00,", ",,-5.00")]
)
def test_the_sign_within_debit_and_credit_columns_is_kept(
    taken: Taken, debit: str, credit: str
) -> None:
    # the column's own way of writing money out is what most of its cells do
    more = ["79.99", "79.99"] if debit[0] != "-" else ["-79.99", "-79.99"]
    out, into = debit.split(","), credit.split(",")
    rows = [f"2026-01-0{i + 1},Oak,{out[i]},{into[i]}" for i in range(3)]
    rows += [f"2026-02-0{i + 1},Elm,{cell}," for i, cell in enumerate(more)]
    foreign = taken("Date,Description,Debit,Credit\n" + "\n".join(rows) + "\n")
    assert _amounts(foreign) == [79.99, -20.0, -5.0, 79.99, 79.99]


@pytest.mark.parametrize(
    ("header", "out", "into"),
    [
        ("Af Bij", "Af", "Bij"), ("D/C", "D", "C"), ("Type", "PI", "PC"), ("CR/DR", "DR", "CR"),
        ("Debit/credit", "Debit", "Credit"), ("Soll/Haben", "S", "H"), ("Sign", "-", "+"),
        ("Credit Debit Indicator", "DBIT", "CRDT"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("mapped", [True, False])
def test_a_sign_in_a_column_of_its_own(
    taken: Taken, header: str, out: str, into: str, mapped: bool
) -> None:
    text = (
        f"Day,Who,Sum,{header}\n2026-01-05,Oak,79.99,{out}\n2026-01-06,Elm,10.00,{out}\n"
        f"2026-01-07,Oak,20.00,{into}\n"
    )
    mapping = '[columns]\ndate="Day"\nvendor_raw="Who"\namount="Sum"\n'
    mapping += f'direction="{header}"\n' if mapped else ""
    foreign = taken(text, mapping=mapping)
    assert _amounts(foreign) == [79.99, 10.0, -20.0]
    assert header in _said(foreign)


@pytest.mark.parametrize(("out", "into"), [("PI", "PC"), ("Invoice", "Credit note")])
def test_a_type_that_is_the_account_too_still_tells_the_sign(
    taken: Taken, out: str, into: str
) -> None:
    rows = f"2026-01-05,Oak,80,{out}\n2026-01-06,Oak,20,{into}\n2026-01-07,Elm,10,{out}\n"
    assert _amounts(taken(f"Date,Supplier,Amount,Type\n{rows}")) == [80.0, -20.0, 10.0]


def test_a_word_the_sign_column_does_not_know_sets_the_row_aside(taken: Taken) -> None:
    text = "Day,Who,Sum,D/C\n2026-01-05,Oak,5,D\n2026-01-06,Elm,6,?\n2026-01-07,Oak,1,C\n"
    mapping = '[columns]\ndate="Day"\nvendor_raw="Who"\namount="Sum"\ndirection="D/C"\n'
    table = taken(text, mapping=mapping).table
    assert table.clean["amount"].tolist() == [5.0, -1.0]
    assert "says neither" in table.quarantine["value"].iloc[0]


def test_own_words_of_a_sign_column(taken: Taken) -> None:
    text = "Day,Who,Sum,Was\n2026-01-05,Oak,5,gone\n2026-01-06,Oak,1,come\n"
    mapping = (
        '[columns]\ndate="Day"\nvendor_raw="Who"\namount="Sum"\ndirection="Was"\n'
        '[direction]\nout="gone"\nin="come"\n'
    )
    assert _amounts(taken(text, mapping=mapping)) == [5.0, -1.0]


def test_refunds_by_name_tell_the_sign_of_a_file_of_refunds(taken: Taken) -> None:
    text = "Date,Vendor,Amount,Memo\n2026-01-05,Oak,50,plan\n" + "".join(
        f"2026-01-1{i},Oak,$(5.00),refund\n" for i in range(3)
    )
    assert _amounts(taken(text)) == [50.0, -5.0, -5.0, -5.0]


LEDGER = "Date,Supplier,Amount\n2026-01-05,Oak,50\n2026-01-06,Elm,70\n2026-01-07,Oak,-5\n"


def test_a_mostly_negative_ledger_is_refused_unless_meant(taken: Taken) -> None:
    flipped = '{}\n[columns]\ndate="Date"\nvendor_raw="Supplier"\namount="Amount"'
    with pytest.raises(InputError, match="mostly negative costs: 2 of 3 rows") as caught:
        taken(LEDGER, mapping=flipped.format('sign = "flip"'))
    assert 'sign = "flip" or "keep"' in caught.value.remedy
    assert _amounts(taken(LEDGER, mapping=flipped.format('sign = "keep"'))) == [50, 70, -5]
    meant = taken(LEDGER, mapping=flipped.format('sign = "flip"'), how=Reading(mostly_credits=True))
    assert _amounts(meant) == [-50, -70, 5]


MOVED = [Decimal(x) for x in ("-12.50", "300", "-80", "410", "95", "-7")]


def _account(amounts: list[Decimal], sign: int) -> list[str]:
    held, out = Decimal(1000), []
    for amount in amounts:
        held += sign * amount
        out.append(f"{held:,.2f}")
    return out


@pytest.mark.parametrize("newest_first", [False, True])
@pytest.mark.parametrize(("sign", "flip"), [(1, True), (-1, False)])
def test_a_column_of_any_name_that_moves_by_the_amounts_tells_their_sign(
    sign: int, flip: bool, newest_first: bool
) -> None:
    """Where as much comes as goes, shares of rows tell nothing."""
    held = _account(MOVED, sign)
    step = -1 if newest_first else 1
    amounts, columns = MOVED[::step], {"Kontostand": held[::step], "Number": list("123456")}
    found = settle_sign(amounts, columns, [], usual=None, file="a.csv")
    assert found.amounts == [-a if flip else a for a in amounts]
    assert "as 'Kontostand' falls with it" in found.note


def test_a_column_that_only_happens_to_move_once_tells_nothing() -> None:
    held = _account(MOVED, 1)
    held[3:] = ["5.00", "6.00", "7.00"]
    found = settle_sign(MOVED, {"Stand": held}, [], usual=None, file="a.csv")
    assert found.note == "money out is positive here, 50% of rows"


def test_plus_signs_mark_money_in(taken: Taken) -> None:
    foreign = taken(
        'Datum,Bedrag,Naam tegenpartij\n2026-06-30,"-121,00",KPN B.V.\n'
        '2026-06-29,"+2500,00",Klant B.V.\n2026-06-28,"+99,00",Klant\n',
        how=Reading(mostly_credits=True),
    )
    assert _amounts(foreign) == [121.0, -2500.0, -99.0]
    assert _said(foreign) == "money out is negative here, as money in is marked +"


def test_nothing_that_decides_is_a_refusal() -> None:
    amounts = [Decimal(x) for x in (1, 2, 3, 4, -1, -2, -3, -4, -5)]
    with pytest.raises(InputError, match="leaves open which amounts are costs: 56%"):
        settle_sign(amounts, {}, [], usual=None, file="a.csv")
    kept = settle_sign(amounts, {}, [], usual="out-positive", file="a.csv")
    assert kept.amounts == amounts


@pytest.mark.parametrize(
    ("headers", "row", "vendor"),
    [
        ("Date,Vendor,Account,Description,Debit,Credit", "2026-01-05,Oak,Software,plan,5,", "Oak"),
        ("Entity,Date,Supplier,Amount", "Leeds Council,2026-01-05,Oak,5", "Oak"),
        ("Transaction date,Entity,Supplier,Amount", "2026-01-05,Leeds Council,Oak,5", "Oak"),
        ("Date,Description,Payee,Amount", "2026-01-05,Gold plan,Oak,5", "Oak"),
        ("Date,Name,Supplier,Total", "2026-01-05,Ann,Oak,5", "Oak"),
        ("Date,Company,Vendor name,Plan,Amount", "2026-01-05,We Ltd,Oak,Gold,5", "Oak"),
    ],
)
def test_the_supplier_is_the_best_header_there_is(
    taken: Taken, headers: str, row: str, vendor: str
) -> None:
    assert taken(f"{headers}\n{row}\n").table.clean["vendor_raw"].tolist() == [vendor]


def test_headers_equal_but_for_case_are_refused(taken: Taken) -> None:
    with pytest.raises(InputError, match="'Amount' and 'AMOUNT', equal but for case"):
        taken("Date,Vendor,Amount,AMOUNT\n2026-01-05,Oak,5,0\n")
    with pytest.raises(InputError, match="two columns that could be 'Amount'"):
        taken("Date,Supplier,Amount (USD),Amount (EUR)\n2026-01-05,Oak,5,4\n")


def test_net_of_matches_a_naive_sum() -> None:
    debit = [Decimal(5), None, Decimal(-2), None, "x"]
    credit = [None, Decimal(3), None, None, Decimal(1)]
    signed = net_of(debit, credit, ("Debit", "Credit"))
    assert signed.amounts == [5, -3, -2, None, "x"]
    assert out_or_in(["Af", " bij ", "", None]) == [1, -1, 0, 0]


@pytest.mark.parametrize("step", [1, -1])
def test_a_balance_that_moves_both_ways_with_amounts_of_one_sign_is_refused(
    taken: Taken, step: int
) -> None:
    lines = ["2026-01-05,Oak,10,90", "2026-01-06,Elm,20,70", "2026-01-07,Client,50,120",
             "2026-01-08,Oak,10,110", "2026-01-09,Client,5,115"]  # fmt: skip
    head = "Date,Description,Amount,Balance\n"
    with pytest.raises(InputError, match="contradicts itself: 'Balance' rises with 2 amounts"):
        taken(head + "\n".join(lines[::step]) + "\n")
    signed = [line.replace(",10,", ",-10,").replace(",20,", ",-20,") for line in lines]
    assert _amounts(taken(head + "\n".join(signed[::step]) + "\n"))[::step][0] == 10.0


def test_money_that_was_received_is_never_a_cost(taken: Taken) -> None:
    rows = "".join(f"2026-01-0{i},Client {i},Receive Money,r{i},50{i}\n" for i in range(1, 5))
    with pytest.raises(InputError, match="mostly negative"):
        taken(f"Date,Contact,Source,Reference,Amount\n{rows}")
