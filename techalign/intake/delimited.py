"""From the bytes of a delimited text file to records: encoding, delimiter, quotation marks.

Nothing is lost without a word: a quotation mark that swallows lines is refused with the line
where it opens, and bytes that are no text are counted or refused.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence

from techalign.errors import TableError
from techalign.intake.days import looks_like_day
from techalign.intake.headers import best_header

__all__ = ["csv_records", "decode", "sharing_cells"]

DELIMITERS = ",;\t|"
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
_SAMPLE_LINES = 60
_PIECE = 32_768  # characters
_END = "\x00end"  # cannot occur: NULs are removed before
_OTHERS = {
    b"PK\x03\x04": "a workbook or archive; give it the ending .xlsx",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save it as .xlsx",
    b"%PDF": "a PDF; export the table as CSV or Excel instead",
    b"\x1f\x8b": "packed; give it the ending .csv.gz",
    b"PAR1": "Parquet; give it the ending .parquet",
}
_PAGES = {
    "cp1252": "Windows-1252", "cp1250": "Windows-1250", "cp1254": "Windows-1254",
    "cp1251": "Windows-1251", "cp1253": "Windows-1253", "cp932": "Shift JIS",
    "mac_roman": "Mac Roman", "cp850": "DOS 850",
}  # fmt: skip
_PAGE_SAMPLE = 65_536
# what letters of another code page look like in Windows-1252: Polish l and a with their strokes
# and hooks as signs, Turkish letters as Icelandic ones, Cyrillic as nothing but accents, those of
# old Macs as capitals within words, those of DOS as quotation marks within words
_TELLING = {
    "cp1251": re.compile("[À-ÿ]{5,}"),
    "cp1250": re.compile('[a-zó]³|³[a-zó]|[a-z]¹[a-z ,;"]|[a-z]¿|¿[a-z]|[a-z]œ[a-z]*æ'),
    "cp1254": re.compile("[a-zçöü]+[ýþð][a-zçöü]*|[A-ZÇÖÜ]+[ÝÞÐ][A-ZÇÖÜ]*"),
    "mac_roman": re.compile("[a-z][ŽŸŠ](?![A-Z])|[A-Z]Ÿ[a-z]"),
    "cp850": re.compile("[A-Za-z][‚„”‡ˆ‰\ufffd][a-z]"),
}
_QUOTED = re.compile(r'\s*"[^"\n]*"')
_WHOLE_LINE = re.compile(r'"(?:[^"\r\n]|"")*[,;\t](?:[^"\r\n]|"")*"\r?\n')
_PROTECTED = re.compile(r'\s*="([^"]*)"\s*')
_BINARY = re.compile(rb"[\x01-\x08\x0e-\x1f]")


def csv_records(
    file: str, data: bytes, notes: list[str], expected: Collection[str] = ()
) -> tuple[list[Sequence[object]], list[int]]:
    """Read delimited text.

    Parameters
    ----------
    file : str
        The file's name, for messages.
    data : bytes
        Its content.
    notes : list of str
        What was settled is added here.
    expected : collection of str
        Headers hoped for; they tell in which code page old programs wrote the file.

    Returns
    -------
    records : list of sequences
        Cells, all text.
    lines : list of int
        The line on which each record begins, from 1.

    Raises
    ------
    TableError
        If it is no text, or a quotation mark stays open or swallows rows.
    """
    text, encoding = decode(file, data, notes, expected)
    notes.append(f"encoding {encoding}")
    if bare := _unwrapped(text):
        text = bare
        notes.append("each line was quoted as a whole")
    delimiter = _delimiter(text, expected)
    notes.append(f"delimiter {_DELIMITER_NAMES[delimiter]}")
    quoted = _QUOTED.match(text)
    spaced = quoted is not None and text.startswith(f'{delimiter} "', quoted.end())
    if not text.endswith(("\n", "\r")):
        text += "\n"
    reader = csv.reader(_lines(text), delimiter=delimiter, skipinitialspace=spaced)
    records: list[Sequence[object]] = []
    try:
        records.extend(sharing_cells(reader))
    except csv.Error as error:
        raise TableError(
            f"cannot be read as CSV: {error}",
            where=f"{file}:{reader.line_num}",
            remedy="Look at the quotation marks on that line.",
        ) from error
    lines = list(range(1, len(records) + 1))
    if reader.line_num != len(records):
        # a quoted cell can span lines: the row is where it starts
        again = csv.reader(_lines(text), delimiter=delimiter, skipinitialspace=spaced)
        ends = [0, *(again.line_num for _ in again)]
        lines = [last + 1 for last in ends[:-1]]
    _check_quotes(file, records, lines, delimiter)
    records.pop(), lines.pop()
    if '="' in text:
        records = [[_bare(cell) for cell in record] for record in records]
    return records, lines


def sharing_cells(rows: Iterable[list[str]]) -> Iterator[list[str]]:
    """Give rows on with one text for all cells that are equal: most cells of a table repeat.

    Parameters
    ----------
    rows : iterable of list of str

    Examples
    --------
    >>> first, second = sharing_cells([["".join("ab"), "c"], ["".join("ab"), "d"]])
    >>> first[0] is second[0]
    True
    """
    met: dict[str, str] = {}
    for row in rows:
        yield list(map(met.setdefault, row, row))


def _lines(text: str) -> Iterator[str]:
    """The lines with their ends, and the end's mark.

    A piece after another, as what splits them takes four bytes for each character of a piece.
    """
    start = 0
    while start < len(text):
        end = text.find("\n", start + _PIECE) + 1 or len(text)
        yield from io.StringIO(text[start:end], newline="")
        start = end
    yield _END


def _bare(cell: object) -> str:
    """The text of ="0012", as programs write what a spreadsheet must not take for a number."""
    match = _PROTECTED.fullmatch(str(cell))
    return match[1] if match else str(cell)


def _unwrapped(text: str) -> str:
    """The lines of a file whose every line is one quoted cell, as spreadsheets save pasted text."""
    if not _WHOLE_LINE.match(text):
        return ""
    records = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    if any(len(row) > 1 for row in records):
        return ""
    return "\n".join(row[0] for row in records) + "\n"


def _check_quotes(
    file: str, records: list[Sequence[object]], lines: list[int], delimiter: str
) -> None:
    """Refuse a quotation mark that was never closed, or closed by the next one met by chance."""
    if records[-1] != [_END]:
        line = lines[-1] + _lines_before(records[-1], _END)
        raise TableError(
            "opens a quotation mark that is never closed, so that all lines below would be lost",
            where=f"{file}:{line}",
            remedy='Close it on that line, or write the mark itself twice ("").',
        )
    width = Counter(len(record) for record in records).most_common(1)[0][0]
    for record, line, below in zip(records, lines, lines[1:], strict=False):
        if below == line + 1:
            continue
        for at, cell in enumerate(record):
            text = str(cell)
            if "\n" not in text and "\r" not in text:
                continue
            swallowed = [part for part in text.splitlines()[1:] if _is_row(part, width, delimiter)]
            if swallowed:
                raise TableError(
                    "opens a quotation mark that swallows rows below it",
                    where=f"{file}:{line + _lines_before(record[:at], '')}",
                    value=swallowed[0],
                    remedy='Close it on that line, or write the mark itself twice ("").',
                )


def _lines_before(cells: Sequence[object], stop: str) -> int:
    count = 0
    for cell in cells:
        if stop and stop in str(cell):
            break
        count += len(str(cell).splitlines()) - 1 if cell else 0
    return count


def _is_row(line: str, width: int, delimiter: str) -> bool:
    """A line within a cell that is a row of the table: a day, and most of the delimiters."""
    cells = line.split(delimiter)
    if len(cells) < max(2, (width + 1) // 2):
        return False
    return any(looks_like_day(cell.strip('" ')) for cell in cells)


def decode(
    file: str, data: bytes, notes: list[str], expected: Collection[str] = ()
) -> tuple[str, str]:
    """Turn bytes into text.

    Parameters
    ----------
    file : str
        The file's name, for messages.
    data : bytes
        Its content.
    notes : list of str
        Bytes that had to be removed are told here.
    expected : collection of str
        Headers hoped for.

    Returns
    -------
    text, encoding : str

    Raises
    ------
    TableError
        If the bytes are no text; the remedy says what they are, where that is known.
    """
    wide = _utf16(data)
    if wide:
        try:
            return data.decode(wide).lstrip("\ufeff").replace("\x00", ""), "UTF-16"
        except UnicodeDecodeError as error:
            raise TableError(
                f"is not whole UTF-16 text: {error.reason} at byte {error.start}", where=file,
                remedy="Export it again, as UTF-8 if there is a choice.",
            ) from error  # fmt: skip
    _refuse_binary(file, data)
    nuls = data.count(b"\x00")
    if nuls:
        notes.append(f"{nuls:,} NUL bytes removed")
        data = data.replace(b"\x00", b"")
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        page, name = _code_page(data, expected)
        text, mixed = _line_by_line(data, page)
        if mixed:
            notes.append(f"check: {mixed:,} lines are UTF-8 and others {name}; each was read so")
        if lost := text.count("\ufffd"):
            # unassigned bytes are kept as replacement characters and so end up visible, not lost
            notes.append(f"check: {lost:,} letters could not be read; export it as UTF-8")
        return text, name


def _line_by_line(data: bytes, page: str) -> tuple[str, int]:
    """Text of which each line may be UTF-8 or of a code page, and how many are the former.

    Files put together from two programs' exports are so. Letters of a code page are hardly ever
    UTF-8 by chance.
    """
    if page == "cp932":
        return data.decode(page, errors="replace"), 0
    lines, wide = [], 0
    for line in data.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        try:
            text = line.decode("utf-8")
            wide += not line.isascii()
        except UnicodeDecodeError:
            text = line.decode(page, errors="replace")
        lines.append(text)
    return "\n".join(lines), wide


def _code_page(data: bytes, expected: Collection[str]) -> tuple[str, str]:
    """Which code page text is in that is no UTF-8: its headers tell, else letters within words.

    Windows-1252 is what programs of western countries write, and what is taken where nothing
    tells.
    """
    sample = data[:_PAGE_SAMPLE]
    western = sample.decode("cp1252", errors="replace")

    def hits(page: str) -> int:
        lines = sample.decode(page, errors="replace").splitlines()[:_SAMPLE_LINES]
        cells = (re.split(r"[,;\t|]", line) for line in lines)
        return best_header(([c.strip(' "') for c in row] for row in cells), expected)[0]

    counted = {page: hits(page) for page in _PAGES}
    most = max(counted.values())
    if most > counted["cp1252"]:
        page = max(_PAGES, key=lambda page: counted[page])
        return page, _PAGES[page]
    for page, letters in _TELLING.items():
        if len(letters.findall(western)) > 0 and most == counted[page]:
            return page, _PAGES[page]
    return "cp1252", _PAGES["cp1252"]


def _utf16(data: bytes) -> str:
    """Tell UTF-16 by its mark, or by every other byte of the beginning being zero."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    sample = data[:4096]
    half = max(1, len(sample) // 2)
    even, odd = sample[::2].count(0) / half, sample[1::2].count(0) / half
    if len(sample) < 8 or max(even, odd) < 0.6 or min(even, odd) > 0.05:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _refuse_binary(file: str, data: bytes) -> None:
    for magic, what in _OTHERS.items():
        if data.startswith(magic):
            raise TableError("holds binary data, not text", where=file, remedy=f"It is {what}.")
    sample = data.rstrip(b"\x00")[:65536]
    # padding with NULs and a stray control character occur in text; more of them do not
    odd = len(_BINARY.findall(sample))
    if odd > 0.02 * len(sample) or not sample.strip(b"\x00") or sample.count(0) > len(sample) / 2:
        raise TableError(
            "holds binary data, not text", where=file,
            remedy="If it is a spreadsheet, give it the ending .xlsx.",
        )  # fmt: skip


def _delimiter(text: str, expected: Collection[str]) -> str:
    """Choose the delimiter that shows most known headers, or splits most lines alike."""
    beginning = text[:65536]
    sample = beginning.splitlines()[:_SAMPLE_LINES]
    first, others = DELIMITERS[0], DELIMITERS[1:]
    there = [first, *(each for each in others if each in beginning)]

    def score(delimiter: str) -> tuple[int, int, int]:
        rows_of = [_cells(line, delimiter) for line in sample]
        hits, _ = best_header(rows_of, expected)
        widths = Counter(len(row) for row in rows_of if row)
        width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        # one header may stand in a title; two are the header line
        return (hits if hits > 1 else 0, rows if width > 1 else 0, width)

    return max(there, key=score) if len(there) > 1 else first


def _cells(line: str, delimiter: str) -> list[str]:
    """A line alone: a quotation mark that stays open must not hide the lines below it."""
    if '"' in line:
        return next(csv.reader([line], delimiter=delimiter), [])
    return line.split(delimiter) if line else []
