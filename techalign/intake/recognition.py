"""Which format a file is of, and which of its columns a mapping's names mean."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Iterable, Sequence

from techalign.errors import MappingError
from techalign.intake.days import looks_like_day
from techalign.intake.grouped import GROUP
from techalign.intake.headers import header_key
from techalign.intake.mapping import SHIPPED_MAPPINGS, Mapping, shipped_mapping
from techalign.intake.proposals import MARKS
from techalign.intake.rows import ROW_MODELS
from techalign.intake.source import Source
from techalign.intake.values import looks_like_number

_SAMPLE, _MOST = 200, 0.6
_FEW_ROWS = 4
_NEARLY = 4
"""Columns that a table needs from which on having most of them tells that it is meant."""
_LOOSE = {"name", "company", "partner", "contact", "contactname", "naam", "navn", "namn", "nimi"}
_DEALS = {"stage", "etapadelnegocio", "nombredelnegocio", "phasedelatransaction",
          "nomdelatransaction", "etapadonegócio", "nomedonegócio"}  # fmt: skip
_DEVICES = {"hostname", "devicehostname", "devicename", "computername", "gerätename", "assetname",
            "operatingsystem", "betriebssystem", "osname", "osversion"}  # fmt: skip
_PEOPLE = {"userprincipalname", "benutzerprinzipalname", "upn", "lastsignin", "lastsigninreadonly",
           "emailaddressrequired", "lastlogin", "nomprincipaldelutilisateur"}  # fmt: skip
_ACCOUNT = re.compile(r"[A-Z]{2}\d[\dA-Z ]*|[\d\s*Xx./-]*\d[\d\s*Xx./-]*")

__all__ = ["choose_mapping", "find_columns", "known_headers", "recognise"]


def known_headers() -> tuple[str, ...]:
    """Every header a shipped format knows."""
    return tuple(
        dict.fromkeys(h for name in SHIPPED_MAPPINGS for h in shipped_mapping(name).headers)
    )


def recognise(source: Source) -> str:
    """Choose the shipped mapping a file fits; a file without a header, by its cells.

    Parameters
    ----------
    source : Source

    Returns
    -------
    str
        A name of :data:`SHIPPED_MAPPINGS`, or of the table whose own columns the file has.

    Raises
    ------
    MappingError
        If none fits; of a file without a header line it says so.
    """
    if not source.headless:
        return choose_mapping(source.header, source.file, lambda: _how_to_map(source))
    first = [str(cells[0] or "").strip() for cells in source.columns.values()]
    while first and not any(list(source.columns.values())[len(first) - 1]):
        first.pop()  # a delimiter at the end of each line
    for name in SHIPPED_MAPPINGS:
        patterns = shipped_mapping(name).required.cells
        spare = [""] * (len(patterns) - len(first))  # a pattern that takes nothing may be absent
        cells = [*first, *spare]
        if len(patterns) == len(cells) and all(map(re.fullmatch, patterns, cells)):
            return name
    raise MappingError(
        f"has no header line: its first line is data already ({', '.join(first)})",
        where=f"{source.file}:{source.lines[0]}",
        remedy=f"Number the columns in a mapping file, e.g. {_numbered(first)}.",
    )


def _numbered(cells: Sequence[str]) -> str:
    """How the columns of a line of data could be numbered, as far as it shows what they hold."""
    days = [i for i, cell in enumerate(cells) if looks_like_day(cell)][:1]
    numbers = [i for i, cell in enumerate(cells) if i not in days and looks_like_number(cell)]
    texts = [i for i in range(len(cells)) if i not in days and i not in numbers]
    longest = [max(texts, key=lambda i: len(cells[i]))] if texts else [len(cells) - 1]
    money = [i for i in numbers if re.search(r"^-|[.,]\d\d$", cells[i])] or numbers
    found = {"date": days, "vendor_raw": longest, "amount": money[:1]}
    return ", ".join(f"{name} = {at[0] + 1}" for name, at in found.items() if at)


def choose_mapping(
    headers: Iterable[str],
    file: str = "import",
    remedy: Callable[[], str] = lambda: "Write a mapping file and give it with --mapping.",
) -> str:
    """Choose the shipped mapping whose required headers a file has.

    Parameters
    ----------
    headers : iterable of str
        The file's headers.
    file : str
        The file's name, for the error.
    remedy : callable
        Says what to do where none fits.

    Returns
    -------
    str
        A name of :data:`SHIPPED_MAPPINGS`, or of the table whose own columns these are.

    Raises
    ------
    MappingError
        If none fits; it lists the closest known headers.
    """
    names = [header for header in headers if header and not header.startswith("column ")]
    present = set(map(header_key, names))
    for shipped in SHIPPED_MAPPINGS:
        if shipped == "general" and (table := _own_table(present)):
            return table
        mapping = shipped_mapping(shipped)
        required = mapping.required
        if (
            (required.headers or required.columns)
            and _fits(mapping, present, grouped=GROUP in names)
            and all(_has_any(present, group.split("|")) for group in required.headers)
            and not any(_has_any(present, group.split("|")) for group in required.absent)
        ):
            return shipped
    raise MappingError(
        f"has headers no shipped format knows: {', '.join(names)}",
        where=file,
        remedy=f"{_closest(names, known_headers())} {remedy()}".strip(),
    )


def _own_table(present: set[str]) -> str:
    """The table whose own columns a file has, "" of none or of several.

    Beside them there may be others only where what the table needs is not said of payments, too.
    """
    payments = {header_key(h) for h in shipped_mapping("general").headers}
    found = []
    for table, model in ROW_MODELS.items():
        fields = {header_key(name): field for name, field in model.model_fields.items()}
        needed = {key for key, field in fields.items() if field.is_required()}
        if needed <= present and (present <= {*fields, MARKS} or len(needed - payments) > 1):
            hits = len(present & set(fields))
            found.append(((hits, hits / len(fields)), table))
    best = max(found, default=((0, 0.0), ""))
    return best[1] if [fit for fit, _ in found].count(best[0]) == 1 else ""


def _table_lacks(present: set[str]) -> str:
    """What a file lacks of the table it comes nearest to, "" where none is near."""
    found = []
    for table, model in ROW_MODELS.items():
        needed = [name for name, field in model.model_fields.items() if field.is_required()]
        lacks = [name for name in needed if header_key(name) not in present]
        if len(needed) >= _NEARLY and len(lacks) <= len(needed) / 3:
            found.append((len(lacks) / len(needed), table, lacks))
    if not found:
        return ""
    _, table, lacks = min(found)
    names = ", ".join(lacks)
    if not lacks:
        return f"It has the columns of the table {table} beside others: add --format {table}."
    return (
        f"It has most columns of the table {table} and lacks {names}: add what is missing, or call "
        "its column so."
    )


def _how_to_map(source: Source) -> str:
    """A mapping for a file of unknown headers, as far as its cells tell which column is which."""
    names = [name for name in source.header if name != GROUP and not name.startswith("column ")]
    present = set(map(header_key, names))
    if said := _table_lacks(present) or _other_list(present):
        return said
    if sum(map(looks_like_day, names)) > 2:
        return (
            "Months stand side by side in columns: write them below each other, a row for each "
            "name and month (of partners' sales with the columns partner, month and revenue), and "
            "0 where nothing was sold."
        )
    cells = {name: _filled(source.columns[name]) for name in names}
    days = [n for n in names if _share(cells[n], _is_day) > _MOST]
    numbers = [n for n in names if n not in days and _share(cells[n], _is_number) > _MOST]
    if not days:
        return (
            "No column holds days: this is a summary, no list of payments. Export the single "
            "transactions, each with its date, supplier and amount (bookkeeping programs call the "
            "report transaction list, transaction detail or journal)."
        )
    texts = [n for n in names if cells[n] and n not in days and n not in numbers
             and _share(cells[n], _is_account) <= _MOST]  # fmt: skip
    if not numbers or not texts:
        lacks = "an amount" if not numbers else "a supplier"
        return f"No column holds {lacks}: export the list with all its columns."
    vendor = max(texts, key=lambda n: len(set(cells[n])))
    lines = {"date": days[0], "vendor_raw": vendor, "amount": numbers[0]}
    shown = ", ".join(f'{name} = "{header}"' for name, header in lines.items())
    return f"Write a mapping file and give it with --mapping; under [columns] perhaps {shown}."


def _other_list(keys: set[str]) -> str:
    """What to do with a list of deals, devices or people that lacks what its table needs."""
    if keys & _DEALS or any(key.startswith(("deal", "opportunity")) for key in keys):
        return (
            "It is a list of deals: they become partners' sales and pipeline if a column names "
            "each deal's partner. Add that column to the export, or name it in a mapping file: "
            'table = "pipeline" (or "partner_revenue"), and under [columns] partner, stage, '
            "created (or month, revenue)."
        )
    if keys & _DEVICES:
        return (
            "It is a list of devices: they become assets if a column tells when each was bought, "
            "first seen or enrolled. Add that column to the export, or name it in a mapping file: "
            'table = "assets", and under [columns] technology and in_service.'
        )
    if keys & _PEOPLE:
        return (
            "It is a list of people: their seats are counted by a mapping file with table = "
            '"contracts" and, under [seats], vendor, user and last_seen.'
        )
    return ""


def _filled(column: Sequence[object]) -> list[object]:
    return [cell for cell in column[:_SAMPLE] if cell is not None and str(cell).strip()]


def _share(cells: Sequence[object], test: Callable[[object], bool]) -> float:
    return sum(map(test, cells)) / len(cells) if cells else 0.0


def _is_day(cell: object) -> bool:
    return isinstance(cell, dt.date) or (isinstance(cell, str) and looks_like_day(cell.strip()))


def _is_number(cell: object) -> bool:
    return isinstance(cell, int | float) or (
        isinstance(cell, str) and looks_like_number(cell.strip())
    )


def _is_account(cell: object) -> bool:
    """The number of a bank account, which is no name of anybody."""
    return isinstance(cell, int | float) or bool(_ACCOUNT.fullmatch(str(cell).strip()))


def _is_no_day(cell: object) -> bool:
    return isinstance(cell, str) and not (looks_like_day(cell.strip()) or cell.strip().isdigit())


_UNFIT = {"date": _is_no_day, "vendor_raw": _is_account, "currency": _is_day}
"""By column, cells that show that a header means something else."""


def _fits(mapping: Mapping, present: set[str], *, grouped: bool) -> bool:
    """Tell whether a file has a header for every column that the table cannot do without."""
    if mapping.seats is not None:
        return True
    given = {name for name, options in mapping.columns.items() if _has_any(present, options)}
    given |= {name for name, options in mapping.otherwise.items() if _has_any(present, options)}
    given |= {*mapping.constant, *mapping.stand_in} | (
        {"amount"} if given & {"debit", "credit"} else set()
    )
    if grouped:
        given.add("vendor_raw")
    fields = ROW_MODELS[mapping.table].model_fields
    return all(name in given for name, field in fields.items() if field.is_required())


def _has_any(present: set[str], options: Iterable[str]) -> bool:
    return any(header_key(option) in present for option in options)


def find_columns(mapping: Mapping, source: Source) -> dict[str, str]:
    """Find a file's headers for the columns a mapping names.

    Parameters
    ----------
    mapping : Mapping
    source : Source

    Returns
    -------
    dict
        Header of the file by the table's column, or by debit, credit, fee, direction, status.

    Raises
    ------
    MappingError
        If a required column is missing, or two headers could be the one that is named.
    """
    found: dict[str, str] = {}
    for name, options in mapping.columns.items():
        spare = found.values() if name in {"account", "memo"} else ()
        fitting = _fitting(name, options, source)
        header = next((h for o in fitting if (h := _find(o, source)) and h not in spare), None)
        if header is not None:
            found[name] = header
    _check_required(mapping, found, source)
    return found


def _fitting(name: str, options: Sequence[str], source: Source) -> Sequence[str]:
    """Put last what by its cells is something else: Valuta is a day here and a currency there."""
    test = _UNFIT.get(name)
    if test is None or len(options) == 1:
        return options
    unfit = set()
    for header in source.header:
        filled = _filled(source.columns[header])
        if not filled or _share(filled, test) > _MOST:
            unfit.add(header_key(header))
    if name == "vendor_raw":
        unfit |= _always_one(options, source)
    fitting = [option for option in options if header_key(option) not in unfit]
    if name == "currency":
        return fitting
    return [*fitting, *(option for option in options if header_key(option) in unfit)]


def _always_one(options: Sequence[str], source: Source) -> set[str]:
    """Columns of a loose name that hold one text in every row while another one's differ.

    Name and Company are the account's own holder as often as they are whom it paid.
    """
    by_key = {header_key(header): source.columns[header] for header in source.header}
    held = {key: set(_filled(by_key[key])) for o in options if (key := header_key(o)) in by_key}
    differ = any(len(texts) > 2 for key, texts in held.items() if key not in _LOOSE)
    if len(source.lines) < _FEW_ROWS or not differ:
        return set()
    return {key for key, texts in held.items() if key in _LOOSE and len(texts) == 1}


def _find(option: str, source: Source) -> str | None:
    exact = [h for h in source.header if h.strip().casefold() == option.strip().casefold()]
    if exact:
        return exact[0]
    if match := re.fullmatch(r"column (\d+)", option):
        at = int(match[1]) - 1
        return source.header[at] if at < len(source.header) else None
    near = [h for h in source.header if header_key(h) == header_key(option)]
    if len(near) > 1:
        raise MappingError(
            f"has two columns that could be '{option}': {' and '.join(map(repr, near))}",
            where=source.file,
            remedy="Name the right one in a mapping file, exactly as it is written.",
        )
    return near[0] if near else None


def _check_required(mapping: Mapping, found: dict[str, str], source: Source) -> None:
    fields = ROW_MODELS[mapping.table].model_fields
    needed = [name for name, field in fields.items() if field.is_required()]
    if "debit" in found or "credit" in found:
        needed = [name for name in needed if name != "amount"]
    if mapping.otherwise.get("vendor_raw") or GROUP in source.columns:
        needed = [name for name in needed if name != "vendor_raw"]
    for name in needed:
        if name not in found and name not in {*mapping.constant, *mapping.stand_in}:
            options = mapping.columns.get(name, [])
            looked = f"looked for {', '.join(options)}" if options else "the mapping names none"
            raise MappingError(
                f"has no column for '{name}' ({looked})",
                where=source.file,
                remedy=f"{_closest([name, *options], [h for h in source.header if h])} "
                "Name the right one in a mapping file.".strip(),
            )


def _closest(headers: Sequence[str], known: Sequence[str]) -> str:
    from rapidfuzz import fuzz, process, utils

    known = list(dict.fromkeys(known))
    keys = set(map(header_key, known))
    near = []
    for header in headers:
        hits = process.extract(
            header, known, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=70,
            limit=2,
        )  # fmt: skip
        if hits and header_key(header) not in keys:
            names = " or ".join(f"'{hit[0]}'" for hit in hits)
            near.append(f"'{header}' is closest to {names}")
    return "; ".join(near) + "." if near else ""
