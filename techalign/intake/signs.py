"""What of a file is money out and what money in: decided once per file, from its own columns.

A ledger counts costs positive and credits negative; files do it in every way. What a person has
stated wins. Else a column that says of each row whether money came or went, columns for debit
and credit beside the amount, a running balance or plus signs, and last the number of rows decide;
never the name of the format against the file. What was decided, and on what evidence, is said in
one sentence.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping as Named
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from techalign.errors import MappingError
from techalign.intake.headers import header_key

__all__ = [
    "Signed",
    "agree_with_direction",
    "find_direction",
    "net_of",
    "out_or_in",
    "refuse_against_balance",
    "settle_sign",
    "with_direction",
    "words",
]


def words(text: str) -> frozenset[str]:
    """A set of words, written as a text."""
    return frozenset(text.split())


OUT_WORDS = words(
    "af d dr db dbit debit s soll pi out uit wd - withdrawal withdrawals debe dare addebito cargo "
    "lastschrift belastung débito débit debito expense purchase spent paid spend ausgabe "
    "ausgang dépense retrait saída egreso invoice bill out outgoing sent uttag utgift udgift "
    "obciążenie wydatek výdaj výdej výdavok kiadás terhelés gider borç meno gasto uscita расход "
    "списание дебет χρέωση έξοδο cheltuială"
) | {"money out", "paid out", "purchase invoice", "spend money", "payable invoice"}  # fmt: skip
IN_WORDS = words(
    "bij c cr crdt credit h haben pc in dep + deposit deposits haber avere accredito abono "
    "gutschrift crédito crédit credito income refund return received receive einnahme eingang "
    "entrada ingreso recette incoming insättning intäkt indtægt inntekt uznanie przychód wpływ "
    "příjem príjem bevétel jóváírás gelir alacak tulo entrata приход доход поступление кредит "
    "πίστωση έσοδο venit"
) | {
    "money in",
    "paid in",
    "credit note",
    "credit memo",
    "purchase credit",
    "receive money",
    "payable credit note",
    "receivable invoice",
    "sales invoice",
}
_DIRECTION_HEADERS = words(
    "afbij debitcredit creditdebit dc drcr crdr cd sh sollhaben sollhabenkennzeichen sign type "
    "transactiontype source direction indicator creditdebitindicator debitcreditindicator "
    "debetcredit debitorcredit inout dctype trantype details kennzeichen sens sentido tipo "
    "segno davere dareavere incomeexpense expenseincome incomeorexpense"
)
_PLAIN_SIDES = words(
    "+ - af bij dr cr dbit crdt debit credit soll haben débit crédit debe haber in out income "
    "expense withdrawal deposit outgoing incoming sent received uttag insättning utgift intäkt "
    "udgift indtægt inntekt obciążenie uznanie wydatek przychód wpływ výdaj výdej příjem výdavok "
    "príjem kiadás bevétel terhelés jóváírás gider gelir borç alacak meno tulo ausgabe einnahme "
    "dépense recette gasto ingreso uscita entrata saída entrada dare avere cargo abono расход "
    "приход доход списание поступление дебет кредит χρέωση πίστωση έξοδο έσοδο cheltuială venit"
) | {"money out", "money in", "paid out", "paid in"}
"""Words that mean nothing but a side, whatever their column is called."""
_ONLY_SIGN = words(
    "afbij debitcredit creditdebit dc drcr crdr cd sh sollhaben sollhabenkennzeichen segno davere "
    "creditdebitindicator debitcreditindicator dareavere sign debetcredit inout sens + - +- -+"
)
"""Headers of columns that hold nothing but a side."""
_LOOSE_HEADERS = {"type", "transactiontype", "trantype", "details", "tipo", "sign", "sens"}
_DEBITS = {"debit", "debitamount", "moneyout", "paidout", "withdrawal", "withdrawals", "soll"}
_BALANCES = {"balance", "runningbalance", "runningbal", "saldo", "saldonamutatie", "solde"}
_CREDITS = {"credit", "creditamount", "moneyin", "paidin", "deposit", "deposits", "haben"}

_COST_TYPES = {
    "bill", "expense", "check", "cheque", "cheque expense", "cash expense", "cash purchase",
    "credit card expense", "credit card charge", "purchase",
}  # fmt: skip
_CREDIT_TYPES = {
    "vendor credit", "supplier credit", "bill credit", "credit card credit", "credit card refund",
    "cash refund", "refund", "deposit",
}  # fmt: skip

_MARK = re.compile(r"^[^A-Za-z]*\d[\d.,]*\s*(?:CR|DR)\.?$", re.IGNORECASE)
_REFUND = re.compile(
    r"\b(?:refund(?:ed)?|credit (?:note|memo)|chargeback|reversal|erstattung|rückerstattung"
    r"|gutschrift|remboursement|reembolso|devolución|rimborso|terugbetaling|visszatérítés)\b",
    re.IGNORECASE,
)

MOSTLY, CLEARLY = 0.6, 0.9
"""Shares of rows from which a sign prevails, and from which it prevails against the usual."""
_LOOK = 50
"""Rows that show whether a column may be a balance, before all of a long one are read."""


@dataclass(frozen=True)
class Signed:
    """Amounts in the ledger's sign, and the sentence that says how they came by it.

    ``sure`` tells that the file itself says of single rows that they are credits.
    """

    amounts: list[object]
    note: str
    sure: bool = False


def out_or_in(
    cells: Sequence[object], out: Sequence[str] = (), into: Sequence[str] = ()
) -> list[int]:
    """Read a direction column: 1 for money out, -1 for money in, 0 for neither.

    Examples
    --------
    >>> out_or_in(["Af", "Bij", "CR.", "?"])
    [1, -1, -1, 0]
    """
    outs = {word.casefold() for word in out} or OUT_WORDS
    ins = {word.casefold() for word in into} or IN_WORDS
    known: dict[object, int] = {}
    for cell in set(cells):
        word = str(cell or "").strip().rstrip(".").casefold()
        known[cell] = 1 if word in outs else -1 if word in ins else 0
    return [known[cell] for cell in cells]


def agree_with_direction(
    signed: Signed, columns: Named[str, Sequence[object]], taken: Sequence[str]
) -> Signed:
    """Turn debit and credit where the file's own words say that they stand the other way round.

    In the books of a bank account money out is a credit; "spend money" beside it says so.

    Examples
    --------
    >>> spent = Signed([Decimal(-5), Decimal(9)], "money out is 'Debit' less 'Credit'")
    >>> agree_with_direction(spent, {"Source": ["Spend Money", "Receive Money"]}, []).amounts
    [Decimal('5'), Decimal('-9')]
    """
    found = find_direction(columns, taken)
    if found is None:
        return signed
    header, signs = found
    against = [
        (amount > 0) != (sign > 0)
        for amount, sign in zip(signed.amounts, signs, strict=True)
        if isinstance(amount, Decimal) and amount
    ]
    if not against or _share(against) < CLEARLY:
        return signed
    note = f"{signed.note}; the other way round, as '{header}' says what was paid"
    return Signed(_negated(signed.amounts), note, sure=True)


def find_direction(
    columns: Named[str, Sequence[object]], taken: Sequence[str]
) -> tuple[str, list[int]] | None:
    """Find an unmapped column whose every cell says money out or money in."""
    for header, cells in columns.items():
        named = header_key(header) in _DIRECTION_HEADERS
        if header in taken or not (named or _PLAIN_SIDES.issuperset(_words(cells[:_LOOK]))):
            continue
        signs = out_or_in(cells)
        filled = [s for s, cell in zip(signs, cells, strict=True) if cell not in (None, "")]
        # a column called Type with one word in it may mean anything; both words settle it
        plain = (named and header_key(header) not in _LOOSE_HEADERS) or len(set(filled)) == 2
        if filled and all(filled) and plain:
            return header, signs
    return None


def _words(cells: Sequence[object]) -> set[str]:
    return {word for cell in cells if (word := str(cell or "").strip().rstrip(".").casefold())}


def with_direction(amounts: Sequence[object], signs: Sequence[int], header: str) -> Signed:
    """Give amounts the sign that a column says.

    Parameters
    ----------
    amounts : sequence
        Decimal, or the raw cell that is no number.
    signs : sequence of int
        As of :func:`out_or_in`.
    header : str
        The column's name, for the sentence.

    Returns
    -------
    Signed
        Raw text where the column says neither, so that the row is set aside.
    """
    pairs = [(a, s) for a, s in zip(amounts, signs, strict=True) if isinstance(a, Decimal) and a]
    out_negative = [a < 0 for a, s in pairs if s > 0]
    in_negative = [a < 0 for a, s in pairs if s < 0]
    if _share(out_negative) > 0.5 and _share(in_negative) <= 0.5:
        return Signed(_negated(amounts), f"money out is negative here, as '{header}' says too")
    if _share(in_negative) > 0.5 and out_negative and _share(out_negative) <= 0.5:
        return Signed(list(amounts), f"money in is negative here, as '{header}' says too")
    signed: list[object] = []
    for amount, sign in zip(amounts, signs, strict=True):
        if isinstance(amount, Decimal):
            unknown = f"{amount} ('{header}' says neither money out nor in)"
            signed.append(amount * sign if sign else amount if not amount else unknown)
        else:
            signed.append(amount)
    return Signed(signed, f"'{header}' says which amounts are money out and which money in")


def net_of(debit: Sequence[object], credit: Sequence[object], names: tuple[str, str]) -> Signed:
    """Money out less money in; the sign written in a column is kept, a refund in debit too.

    Parameters
    ----------
    debit, credit : sequence
        Decimal, None for an empty cell, or the raw cell that is no number.
    names : tuple of str
        The columns' headers, for the sentence.

    Returns
    -------
    Signed
        A cell that is no number stays raw, to be quarantined.
    """
    out_sign = -1 if _share([v < 0 for v in _numbers(debit)]) > 0.5 else 1
    in_sign = -1 if _share([v < 0 for v in _numbers(credit)]) > 0.5 else 1
    net: list[object] = []
    for paid, received in zip(debit, credit, strict=True):
        wrong = [cell for cell in (paid, received) if not isinstance(cell, Decimal | None)]
        if wrong:
            net.append(wrong[0])
        elif paid is None and received is None:
            net.append(None)
        else:
            net.append(out_sign * _money(paid) - in_sign * _money(received))
    written = [name for name, sign in zip(names, (out_sign, in_sign), strict=True) if sign < 0]
    note = f"money out is '{names[0]}' less '{names[1]}'"
    return Signed(net, note + (f" (written negative: {', '.join(written)})" if written else ""))


def settle_sign(
    amounts: Sequence[object],
    columns: Named[str, Sequence[object]],
    taken: Sequence[str],
    *,
    money: str = "",
    usual: str | None,
    file: str,
) -> Signed:
    """Decide the sign of a single column of amounts.

    Parameters
    ----------
    amounts : sequence
        Decimal, or the raw cell that is no number.
    columns : mapping
        All numbers and texts of the file, by header: its control columns.
    taken : sequence of str
        Headers that are mapped to something else.
    money : str
        Header of the amounts themselves.
    usual : "out-negative", "out-positive" or None
        How the format writes money out as a rule.
    file : str
        The file's name, for the error.

    Returns
    -------
    Signed

    Raises
    ------
    MappingError
        If the file's columns contradict one another, or nothing decides.
    """
    control = _beside(columns, amounts, file)
    if control is not None:
        flip, header = control
        words = "negative" if flip else "positive"
        return Signed(_apply(amounts, flip), f"money out is {words} here, as '{header}' shows")
    if typed := _by_type(columns, amounts):
        return typed
    direction = find_direction(columns, taken)
    if direction:
        return with_direction(amounts, direction[1], direction[0])
    _refuse_unknown_side(columns, taken, amounts, file)
    said = _marked(columns.get(money, ()), amounts) or _refunds(columns, amounts)
    if said is not None:
        return said
    numbers = [a for a in amounts if isinstance(a, Decimal) and a]
    negative = _share([a < 0 for a in numbers])
    if usual == "out-negative":
        flip = negative > 1 - CLEARLY
        return Signed(_apply(amounts, flip), _said(flip, negative))
    if usual == "out-positive":
        flip = negative >= CLEARLY
        return Signed(_apply(amounts, flip), _said(flip, negative))
    if 1 - CLEARLY < negative < CLEARLY:
        said = _plus(columns.get(money, ()), amounts) or _running(columns, (money, *taken), amounts)
        if said is not None:
            return said
    if 0.5 < negative < MOSTLY:
        raise MappingError(
            f"leaves open which amounts are costs: {negative:.0%} of them are negative",
            where=file,
            remedy='State it in a mapping file: sign = "flip" where costs are negative, or "keep".',
        )
    flip = negative >= MOSTLY
    return Signed(_apply(amounts, flip), _said(flip, negative))


def _refuse_unknown_side(
    columns: Named[str, Sequence[object]],
    taken: Sequence[str],
    amounts: Sequence[object],
    file: str,
) -> None:
    """A column that can only be the sign, beside amounts without one, must be understood."""
    if any(isinstance(a, Decimal) and a < 0 for a in amounts):
        return
    for header, cells in columns.items():
        # header_key leaves no letter of "+/-", and gives the whole then
        key = re.sub(r"[\s/]+", "", header_key(header))
        if header in taken or key not in _ONLY_SIGN:
            continue
        said = sorted({str(cell).strip() for cell in cells if str(cell or "").strip()})
        if not 1 < len(said) < 5:
            continue
        raise MappingError(
            f"says in '{header}' which amounts are money out, in words that are not known: "
            f"{', '.join(said)}",
            where=file,
            remedy=f'Write a mapping file with columns.direction = "{header}" and, under '
            "[direction], out and in.",
        )


def _by_type(columns: Named[str, Sequence[object]], amounts: Sequence[object]) -> Signed | None:
    """A list of transactions that writes bills with one sign and cheques with the other.

    Bookkeeping lists show each amount as it moved its own account: a bill raises what is owed, a
    cheque lowers the bank, and both are costs.
    """
    header = next((h for h in columns if header_key(h) == "transactiontype"), None)
    if header is None:
        return None
    kinds = [str(cell or "").strip().casefold() for cell in columns[header]]
    below: dict[str, list[bool]] = {}
    for kind, amount in zip(kinds, amounts, strict=True):
        if isinstance(amount, Decimal) and amount:
            below.setdefault(kind, []).append(amount < 0)
    costs = [_share(signs) for kind, signs in below.items() if kind in _COST_TYPES]
    if not (costs and min(costs) <= 1 - CLEARLY and max(costs) >= CLEARLY):
        return None
    signed: list[object] = []
    for kind, amount in zip(kinds, amounts, strict=True):
        sign = 1 if kind in _COST_TYPES else -1 if kind in _CREDIT_TYPES else 0
        if isinstance(amount, Decimal) and amount:
            signed.append(sign * abs(amount) if sign else f"{amount} ('{kind}' is no known type)")
        else:
            signed.append(amount)
    note = f"'{header}' says what is a cost: bills and payments have opposite signs here"
    return Signed(signed, note, sure=True)


def _marked(cells: Sequence[object], amounts: Sequence[object]) -> Signed | None:
    """CR and DR behind amounts say it row by row."""
    texts = {cell for cell in cells if isinstance(cell, str) and cell.rstrip(" .")[-1:] in "rR"}
    if any(_MARK.search(text) for text in texts):
        return Signed(list(amounts), "money in is marked CR here", sure=True)
    return None


def _plus(cells: Sequence[object], amounts: Sequence[object]) -> Signed | None:
    """Who writes a plus before some amounts means that money came: costs need none."""
    if any(isinstance(cell, str) and cell.lstrip().startswith("+") for cell in cells):
        return Signed(_negated(amounts), "money out is negative here, as money in is marked +")
    return None


def _running(
    columns: Named[str, Sequence[object]], taken: Sequence[str], amounts: Sequence[object]
) -> Signed | None:
    """A column, whatever its name, that moves by each amount is the balance of an account."""
    for header, cells in columns.items():
        if header in taken or not _falls(cells[:_LOOK], amounts[:_LOOK]):
            continue
        sign = _falls(cells, amounts)
        if sign:
            word = "negative" if sign > 0 else "positive"
            note = f"money out is {word} here, as '{header}' falls with it"
            return Signed(_apply(amounts, sign > 0), note)
    return None


def _falls(cells: Sequence[object], amounts: Sequence[object]) -> int:
    """1 if nearly each cell is the one before plus its amount, -1 for less it, 0 for neither."""
    count, along, against = _moved(cells, amounts)
    if count < max(2, MOSTLY * len(amounts)):
        return 0
    if max(along, against) < CLEARLY * (count - 1) or min(along, against):
        return 0
    return 1 if along else -1


def _refunds(columns: Named[str, Sequence[object]], amounts: Sequence[object]) -> Signed | None:
    """Rows that speak of a refund have one sign and all others the opposite one."""
    if len({a < 0 for a in amounts if isinstance(a, Decimal) and a}) < 2:
        return None
    spoken = _speak_of_refunds(columns, len(amounts))
    pairs = [
        (a < 0, s) for a, s in zip(amounts, spoken, strict=True) if isinstance(a, Decimal) and a
    ]
    refunds, others = ([n for n, s in pairs if s is wanted] for wanted in (True, False))
    if not refunds or not others:
        return None
    back, paid = _share(refunds), _share(others)
    if back >= CLEARLY and paid <= 1 - MOSTLY:
        return Signed(list(amounts), "money out is positive here, as its refunds show", sure=True)
    if back <= 1 - CLEARLY and paid >= MOSTLY:
        return Signed(_negated(amounts), "money out is negative here, as its refunds show", True)
    return None


def _speak_of_refunds(columns: Named[str, Sequence[object]], rows: int) -> list[bool]:
    spoken = [False] * rows
    for cells in columns.values():
        texts = {cell for cell in cells if isinstance(cell, str)}
        if not _REFUND.search("\n".join(texts)):  # one search for most columns
            continue
        known = {text for text in texts if _REFUND.search(text)}
        spoken = [s or cell in known for s, cell in zip(spoken, cells, strict=True)]
    return spoken


def refuse_against_balance(
    columns: Named[str, Sequence[object]], amounts: Sequence[object], file: str
) -> None:
    """Refuse amounts of which some raise and some lower the balance beside them.

    Parameters
    ----------
    columns : mapping
        The file's columns by header; one may be a running balance.
    amounts : sequence
        Decimal in one sign, or what is no number.
    file : str
        The file's name, for the error.

    Raises
    ------
    MappingError
        If the balance moves with some amounts and against others: their sign is lost.
    """
    header = next((h for h in columns if header_key(h) in _BALANCES), None)
    if header is None:
        return
    count, along, against = _moved(columns[header], amounts)
    fewer = min(along, against)
    if along + against < MOSTLY * count or fewer < 2 or fewer <= 0.1 * (along + against):
        return
    raise MappingError(
        f"contradicts itself: '{header}' rises with {along} amounts of one sign and falls with "
        f"{against}",
        where=file,
        remedy="Map the column that says which are money out (direction), or debit and credit.",
    )


def _moved(cells: Sequence[object], amounts: Sequence[object]) -> tuple[int, int, int]:
    """Rows with an amount and a balance; of them those that move along it and against it."""
    rows = [
        (amount, balance)
        for amount, balance in zip(amounts, _read(cells), strict=True)
        if isinstance(amount, Decimal) and isinstance(balance, Decimal)
    ]
    # files are written with the newest row first as often as last
    return len(rows), *max(_moves(rows), _moves(rows[::-1]), key=sum)


def _moves(rows: Sequence[tuple[Decimal, Decimal]]) -> tuple[int, int]:
    """Count the amounts that the balance moves by, and those it moves against."""
    along = against = 0
    for (_, before), (amount, balance) in itertools.pairwise(rows):
        along += bool(amount) and balance - before == amount
        against += bool(amount) and balance - before == -amount
    return along, against


def _said(flip: bool, negative: float) -> str:
    share, word = (negative, "negative") if flip else (1 - negative, "positive")
    return f"money out is {word} here, {share:.0%} of rows"


def _beside(
    columns: Named[str, Sequence[object]], amounts: Sequence[object], file: str
) -> tuple[bool, str] | None:
    """Compare the amounts with columns of debit and credit that stand beside them."""
    same = opposite = 0
    header = ""
    for keys, sign in ((_DEBITS, 1), (_CREDITS, -1)):
        name = next((h for h in columns if header_key(h) in keys), None)
        if name is None:
            continue
        for amount, side in zip(amounts, _read(columns[name]), strict=True):
            if not (isinstance(amount, Decimal) and amount and isinstance(side, Decimal) and side):
                continue
            if abs(amount) != abs(side):
                continue
            # of a debit of 5, or of -5 in a column that writes it so, 5 is money out
            header = name
            same, opposite = (same + (amount > 0), opposite + (amount < 0)) if sign > 0 else (
                same + (amount < 0), opposite + (amount > 0))  # fmt: skip
    if not same and not opposite:
        return None
    if min(same, opposite) > 0.2 * (same + opposite):
        raise MappingError(
            f"contradicts itself: beside '{header}', {same} amounts are positive for money out "
            f"and {opposite} negative",
            where=file,
            remedy="Map debit and credit in a mapping file in place of the amount.",
        )
    return opposite > same, header


def _read(cells: Sequence[object]) -> list[object]:
    from techalign.intake.values import read_numbers, settle_marks

    return read_numbers(cells, settle_marks(cells, stated=None).choice)[0]


def _apply(amounts: Sequence[object], flip: bool) -> list[object]:
    return _negated(amounts) if flip else list(amounts)


def _negated(amounts: Sequence[object]) -> list[object]:
    return [-a if isinstance(a, Decimal) else a for a in amounts]


def _numbers(cells: Sequence[object]) -> list[Decimal]:
    return [cell for cell in cells if isinstance(cell, Decimal) and cell]


def _money(cell: object) -> Decimal:
    return cell if isinstance(cell, Decimal) else Decimal(0)


def _share(flags: Sequence[bool]) -> float:
    return sum(flags) / len(flags) if flags else 0.0
