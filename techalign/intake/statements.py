"""Bank statements and journals in forms of their own: OFX, MT940, CAMT.053, IIF, DATEV, QIF, SIE.

Standards of banks are parsed by the libraries that know them; what comes out is a table with a
header, which a shipped mapping reads like any other. DATEV's and QuickBooks' journals are
delimited text in which a second line, or the first cell, says what a line is; QIF, SIE and the
TAB file of ABN AMRO are lines of a few kinds, for which no library is kept.
"""

from __future__ import annotations

import datetime as dt
import io
import logging
import re
from collections.abc import Iterable, Sequence

from techalign.errors import TableError
from techalign.intake.delimited import csv_records, decode

__all__ = ["STATEMENT_HEADER", "journal_records", "statement_kind", "statement_records"]

STATEMENT_HEADER = (
    "Statement day", "Payee", "Statement amount", "Statement currency", "Text", "Kind", "Bank id",
    "State",
)  # fmt: skip
"""Header of the table that a bank's standard becomes; money out is negative."""

_Records = tuple[list[Sequence[object]], list[int]]
_NAMES = {
    "ofx": "OFX", "mt940": "MT940", "camt": "CAMT.053", "qif": "QIF", "sie": "SIE",
    "abn": "TAB (ABN AMRO)",
}  # fmt: skip
_ABN_LINE = re.compile(rb"\d{8,10}\t[A-Z]{3}\t\d{8}\t-?\d+,\d\d\t-?\d+,\d\d\t\d{8}\t-?\d+,\d\d\t")
_ABN_PAYEE = re.compile(
    r"/NAME/([^/]*)|\bNaam: *(.*?)(?:  |$)|^[BG]EA,? *(?:Betaalpas|Apple Pay)? *(.*?)(?:,PAS|,|$)"
)
_QIF_PAYMENTS = {"bank", "ccard", "cash", "oth a", "oth l"}
_MT940 = re.compile(rb"(?:^|\n):20:[^\n]*\n(?::2[15]:)")
_IIF = re.compile(rb'(?:^|[\r\n])"?!TRNS"?[\t,;]')
_QIF = re.compile(rb"!(?:Type:|Account\b|Option:|Clear:)", re.IGNORECASE)
_SIE = re.compile(rb"#FLAGGA\b")
_DATEV = re.compile(rb'"?(?:EXTF|DTVF)"?;')
_SIE_WORDS = re.compile(r'"((?:[^"\\]|\\.)*)"|(\{[^}]*\})|(\S+)')


def statement_kind(data: bytes) -> str:
    r"""Tell a statement or journal by how it begins: ofx, mt940, camt, iif, datev, qif …, or "".

    Examples
    --------
    >>> statement_kind(b"OFXHEADER:100\nDATA:OFXSGML"), statement_kind(b"Date,Amount\n")
    ('ofx', '')
    """
    head = data[:4096]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", errors="ignore").encode()
    head = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if head.startswith(b"OFXHEADER") or b"<?OFX" in head or head.upper().startswith(b"<OFX>"):
        return "ofx"
    if b"urn:iso:std:iso:20022:tech:xsd:camt.05" in head:
        return "camt"
    if _MT940.search(head) or head.startswith(b"{1:F01"):
        return "mt940"
    if _IIF.search(head):
        return "iif"
    if _QIF.match(head):
        return "qif"
    if _SIE.match(head):
        return "sie"
    if _ABN_LINE.match(head):
        return "abn"
    return "datev" if _DATEV.match(head) else ""


def statement_records(file: str, data: bytes, kind: str, notes: list[str]) -> _Records:
    """Read a statement or journal as a table.

    Parameters
    ----------
    file : str
        The file's name, for messages.
    data : bytes
        Its content.
    kind : str
        As of :func:`statement_kind`.
    notes : list of str
        What the file is, is added here.

    Returns
    -------
    records : list of sequences
        The header, then a row a payment.
    lines : list of int
        From 1; for bank standards the payment's number and one, as they have no lines.

    Raises
    ------
    TableError
        If the library that knows the standard cannot read it.
    """
    if kind == "datev":
        return _datev(file, *csv_records(file, data, notes), notes)
    if kind == "iif":
        return _iif(*csv_records(file, data, notes))
    if kind in {"qif", "sie", "abn"}:
        text, encoding = decode(file, data, notes)
        if kind == "sie" and not encoding.startswith("UTF"):
            text, encoding = data.decode("cp437"), "IBM PC8"  # as the standard says
        notes += [f"encoding {encoding}", f"a {_NAMES[kind]} file"]
        parts = re.split(r"\r\n|\r|\n", text)
        return _abn(parts) if kind == "abn" else {"qif": _qif, "sie": _sie}[kind](parts, notes)
    notes.append(f"a {_NAMES[kind]} statement")
    try:
        rows = {"ofx": _ofx, "mt940": _mt940, "camt": _camt}[kind](data)
    except Exception as error:  # each library raises its own, and what XML parsers raise
        said = " ".join(str(error).split())[:120] or type(error).__name__
        raise TableError(
            f"cannot be read as {_NAMES[kind]}: {said}", where=file,
            remedy="Download the statement again, or take its CSV form.",
        ) from error  # fmt: skip
    records: list[Sequence[object]] = [STATEMENT_HEADER, *rows]
    return records, list(range(1, len(records) + 1))


def journal_records(
    file: str, records: list[Sequence[object]], lines: list[int], notes: list[str]
) -> _Records:
    """Read a journal that a spreadsheet has saved as a workbook; other records stay as they are.

    Parameters
    ----------
    file : str
        The file's name, for messages.
    records, lines
        As read from the workbook.
    notes : list of str
        What the file is, is added here.
    """
    firsts = [str(record[0]) if record else "" for record in records[:20]]
    if "!TRNS" in firsts:
        return _iif([["" if c is None else c for c in record] for record in records], lines)
    if firsts and firsts[0] in {"EXTF", "DTVF"}:
        return _datev(file, records, lines, notes)
    return records, lines


def _ofx(data: bytes) -> list[Sequence[object]]:
    from ofxtools.Parser import OFXTree

    tree = OFXTree()
    tree.parse(io.BytesIO(data))
    rows: list[Sequence[object]] = []
    root = tree.getroot()
    for statement in root.iter() if root is not None else ():
        if statement.tag not in {"STMTRS", "CCSTMTRS"}:
            continue
        currency = statement.findtext("CURDEF") or ""
        for item in statement.iter("STMTTRN"):
            own = item.findtext("CURRENCY/CURSYM") or currency
            payee = item.findtext("NAME") or item.findtext("PAYEE/NAME") or item.findtext("MEMO")
            texts = [item.findtext(tag) or "" for tag in ("MEMO", "TRNTYPE", "FITID")]
            day = (item.findtext("DTPOSTED") or "")[:8]
            rows.append((day, payee or "", item.findtext("TRNAMT") or "", own, *texts, ""))
    return rows


def _mt940(data: bytes) -> list[Sequence[object]]:
    import mt940

    logging.getLogger("mt940").setLevel(logging.ERROR)
    text, _ = decode("", data, [])
    found = mt940.parse(text)
    rows: list[Sequence[object]] = []
    for item in found:
        facts = item.data
        if not facts.get("amount"):
            continue
        said = facts.get("transaction_details") or facts.get("purpose") or ""
        payee = facts.get("applicant_name") or said.split("\n")[0]
        reference = facts.get("bank_reference") or facts.get("customer_reference") or ""
        amount = facts["amount"]
        rows.append((
            dt.date(facts["date"].year, facts["date"].month, facts["date"].day),
            payee.strip(), amount.amount, amount.currency, said.replace("\n", " ").strip(),
            facts.get("posting_text") or facts.get("id") or "",
            "" if reference == "NONREF" else reference, "",
        ))  # fmt: skip
    return rows


def _camt(data: bytes) -> list[Sequence[object]]:
    from pycamt.parser import Camt053Parser

    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise ValueError("it declares entities, which no statement does")
    rows: list[Sequence[object]] = []
    for item in Camt053Parser(data).get_transactions():
        out = item.get("CreditDebitIndicator") == "DBIT"
        other = item.get("CreditorName") if out else item.get("DebtorName")
        said = item.get("RemittanceInformationFull") or item.get("RemittanceInformation")
        said = said or item.get("AdditionalEntryInformation") or ""
        amount = item.get("Amount") or ""
        rows.append((
            (item.get("BookingDate") or item.get("ValueDate") or "")[:10], other or said,
            f"-{amount}" if out and amount else amount, item.get("Currency") or "", said,
            item.get("AdditionalEntryInformation") or "", item.get("TransactionID") or "",
            item.get("Status") or "",
        ))  # fmt: skip
    return rows


def _qif(lines: Sequence[str], notes: list[str]) -> _Records:
    """Records of lines of one letter each, ended by ^ [1]; a category in brackets is an account.

    [1] Intuit, Quicken Interchange Format (QIF) files.
    """
    rows: list[Sequence[object]] = [STATEMENT_HEADER]
    kept, kind, facts, begins, passed = [1], "bank", dict[str, str](), 0, 0
    for number, line in enumerate([*lines, "^"], 1):
        letter, text = line[:1], line[1:].strip()
        if letter == "!":
            kind = text.casefold().removeprefix("type:").strip()
        elif letter == "^":
            if facts and kind in _QIF_PAYMENTS:
                own = "transfer" if re.fullmatch(r"\[.*\]", facts.get("L", "")) else ""
                payee = facts.get("P") or facts.get("M", "")
                rows.append((facts.get("D", ""), payee, facts.get("T") or facts.get("U", ""), "",
                             facts.get("M", ""), facts.get("L", ""), "", own))  # fmt: skip
                kept.append(begins)
            passed += bool(facts) and kind not in _QIF_PAYMENTS
            facts = {}
        elif letter.strip() and letter not in "SE$%A":  # parts and addresses of the payment
            begins = begins if facts else number
            facts.setdefault(letter, text)
    if passed:
        notes.append(f"{passed:,} records of lists and investments are no payments")
    return rows, kept


def _sie(lines: Sequence[str], notes: list[str]) -> _Records:
    """The #TRANS lines of each #VER, with the accounts' names [2].

    [2] SIE-Gruppen, SIE filformat, version 4B: #KONTO, #VER, #TRANS; what #RTRANS adds stands in
    a #TRANS behind it, and #BTRANS was taken out.
    """
    names: dict[str, str] = {}
    rows: list[Sequence[object]] = []
    kept: list[int] = []
    voucher, currency = ["", "", "", ""], "SEK"
    for number, line in enumerate(lines, 1):
        label, *words = _sie_words(line)
        if label == "#KONTO" and len(words) > 1:
            names[words[0]] = words[1]
        elif label == "#VALUTA" and words:
            currency = words[0]
        elif label == "#VER":
            voucher = [*words, "", "", "", ""][:4]
        elif label == "#TRANS":
            account, _, amount, day, text = [*words, "", "", "", "", ""][:5]
            rows.append((day or voucher[2], voucher[3] or text, amount, account, text,
                         " ".join(filter(None, voucher[:2]))))  # fmt: skip
            kept.append(number)
    header = ("SIE day", "SIE text", "SIE amount", "SIE account", "Memo", "Voucher",
              "SIE currency", "Account name")  # fmt: skip
    named: list[Sequence[object]] = [(*r, currency, names.get(str(r[3]), r[3])) for r in rows]
    notes.append(f"{len(names):,} accounts named")
    return [header, *named], [1, *kept]


def _sie_words(line: str) -> list[str]:
    found = _SIE_WORDS.findall(line.strip())
    words = [quoted.replace('\\"', '"') or braces or bare for quoted, braces, bare in found]
    return words or [""]


def _abn(lines: Sequence[str]) -> _Records:
    """Lines of eight cells: account, currency, day, balances, value day, amount, text."""
    rows: list[Sequence[object]] = [STATEMENT_HEADER]
    kept = [1]
    for number, line in enumerate(lines, 1):
        cells = line.split("\t")
        if not line.strip():
            continue
        said = " ".join(cells[7:]).strip()
        match = _ABN_PAYEE.search(said)
        payee = next((part for part in match.groups() if part), "") if match else ""
        _, currency, day, _, _, _, amount = [*cells, *[""] * 7][:7]
        rows.append((day, payee.strip() or said, amount, currency, said, "", "", ""))
        kept.append(number)
    return rows, kept


def _iif(records: list[Sequence[object]], lines: list[int]) -> _Records:
    """The split lines of QuickBooks Desktop's journal, each under its own header."""
    headers: dict[object, list[str]] = {}
    rows: list[Sequence[object]] = []
    kept: list[int] = []
    first: dict[str, str] = {}
    for record, line in zip(records, lines, strict=True):
        kind = str(record[0]) if record else ""
        if kind.startswith("!"):
            headers[kind[1:]] = [str(cell) for cell in record[1:]]
        elif kind in {"TRNS", "SPL"} and kind in headers:
            cells = [str(cell) for cell in record[1:]]
            facts = dict(zip(headers[kind], cells, strict=False))
            first = facts if kind == "TRNS" else first
            if kind == "SPL":
                names = ("DATE", "NAME", "AMOUNT", "ACCNT", "MEMO", "TRNSTYPE", "DOCNUM")
                rows.append([facts.get(name) or _inherited(first, name) for name in names])
                kept.append(line)
    header = ["IIF date", "IIF name", "IIF amount", "IIF account", "Memo", "IIF type", "Docnum"]
    return [header, *rows], [lines[0] if lines else 1, *kept]


def _inherited(first: dict[str, str], name: str) -> str:
    return "" if name in {"AMOUNT", "ACCNT"} else first.get(name, "")


def _datev(
    file: str, records: list[Sequence[object]], lines: list[int], notes: list[str]
) -> _Records:
    """DATEV's first line says what the file is; days are day and month of the year it names."""
    head = [str(cell) for cell in records[0]]
    begins = _eight(head[14] if len(head) > 14 else "") or _eight(
        head[12] if len(head) > 12 else ""
    )
    names = [str(cell).strip() for cell in records[1]] if len(records) > 1 else []
    if begins is None or "Belegdatum" not in names:
        raise TableError(
            "is a DATEV file without a period or without a column Belegdatum", where=file,
            remedy="Export the 'Buchungsstapel' with its first two lines.",
        )  # fmt: skip
    day = names.index("Belegdatum")
    notes.append(f"a DATEV journal; days without a year are of the year from {begins:%d.%m.%Y}")
    personal = int(head[13]) if len(head) > 13 and head[13].strip().isdigit() else 4
    rows = [_datev_row(list(record), names, day, begins, personal) for record in records[2:]]
    return [records[1], *rows], lines[1:]


def _datev_row(
    record: list[object], names: Sequence[str], day: int, begins: dt.date, digits: int
) -> Sequence[object]:
    if len(record) <= day:
        return record
    text = str(record[day]).strip()
    if re.fullmatch(r"\d{3,4}", text):
        record[day] = _in_year(int(text[-2:]), int(text[:-2]), begins) or text
    if {"Konto", "Soll/Haben-Kennzeichen"} <= set(names):
        account, side = names.index("Konto"), names.index("Soll/Haben-Kennzeichen")
        # S is debit of the account named first; of a creditor, whose number is longer, H is a bill
        if len(record) > side and len(str(record[account]).strip()) > digits:
            record[side] = {"S": "H", "H": "S"}.get(str(record[side]).strip(), record[side])
    return record


def _in_year(month: int, day: int, begins: dt.date) -> str:
    """A day and month within the twelve months that begin at a day."""
    for year in (begins.year, begins.year + 1):
        try:
            found = dt.date(year, month, day)
        except ValueError:
            continue
        if found >= begins:
            return found.isoformat()
    return ""


def _eight(text: Iterable[str] | str) -> dt.date | None:
    match = re.fullmatch(r"(\d{4})(\d{2})(\d{2})", str(text).strip())
    try:
        return dt.date(*map(int, match.groups())) if match else None
    except ValueError:
        return None
