"""Which format a file is of, and which of its columns a mapping's names mean."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from techalign.errors import MappingError
from techalign.intake.days import looks_like_day
from techalign.intake.grouped import GROUP
from techalign.intake.headers import header_key
from techalign.intake.mapping import SHIPPED_MAPPINGS, Mapping, shipped_mapping
from techalign.intake.rows import ROW_MODELS
from techalign.intake.source import Source
from techalign.intake.values import looks_like_number

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
        A name of :data:`SHIPPED_MAPPINGS`.

    Raises
    ------
    MappingError
        If none fits; of a file without a header line it says so.
    """
    if not source.headless:
        return choose_mapping(source.header, source.file)
    first = [str(cells[0] or "").strip() for cells in source.columns.values()]
    for name in SHIPPED_MAPPINGS:
        patterns = shipped_mapping(name).required.cells
        if len(patterns) == len(first) and all(map(re.fullmatch, patterns, first)):
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
    found = {"date": days, "vendor_raw": longest, "amount": numbers[:1]}
    return ", ".join(f"{name} = {at[0] + 1}" for name, at in found.items() if at)


def choose_mapping(headers: Iterable[str], file: str = "import") -> str:
    """Choose the shipped mapping whose required headers a file has.

    Parameters
    ----------
    headers : iterable of str
        The file's headers.
    file : str
        The file's name, for the error.

    Returns
    -------
    str
        A name of :data:`SHIPPED_MAPPINGS`.

    Raises
    ------
    MappingError
        If none fits; it lists the closest known headers.
    """
    names = [header for header in headers if header and not header.startswith("column ")]
    present = set(map(header_key, names))
    for shipped in SHIPPED_MAPPINGS:
        mapping = shipped_mapping(shipped)
        required = mapping.required
        if (
            required.headers
            and _fits(mapping, present, grouped=GROUP in names)
            and all(_has_any(present, group.split("|")) for group in required.headers)
            and not any(_has_any(present, group.split("|")) for group in required.absent)
        ):
            return shipped
    raise MappingError(
        f"has headers no shipped format knows: {', '.join(names)}",
        where=file,
        remedy=f"{_closest(names, known_headers())} "
        "Write a mapping file and give it with --mapping.",
    )


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
        header = next((h for o in options if (h := _find(o, source)) and h not in spare), None)
        if header is not None:
            found[name] = header
    _check_required(mapping, found, source)
    return found


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
                "Name the right one in a mapping file.",
            )


def _closest(headers: Sequence[str], known: Sequence[str]) -> str:
    from rapidfuzz import process, utils

    known = list(dict.fromkeys(known))
    near = []
    for header in headers:
        hits = process.extract(
            header, known, processor=utils.default_process, score_cutoff=70, limit=2
        )
        names = " or ".join(f"'{hit[0]}'" for hit in hits)
        near.append(f"'{header}' is closest to {names or 'none'}")
    return "; ".join(near) + "."
