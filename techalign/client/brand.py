"""Whose pages these are: names, logos and two colours of a client and of who advises it.

A client says its own in ``client.toml``, a practice its in the table ``[practice]`` of
``techalign.toml``. What stands there ends up on every page that is sent around: a logo is taken
apart and put together again without anything that could run, fetch or tell where it was made, and
a colour is taken only if what is written in it can be read.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from xml.etree import ElementTree as ET

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from techalign.client.settings import SETTINGS, find_settings, read_settings
from techalign.errors import InputError
from techalign.storage import read_inside

__all__ = ["Brand", "Look", "Practice", "contrast", "look_of", "practice_of", "read_practice"]

_LEAST = 4.5  # WCAG 2.2, success criterion 1.4.3
_LARGEST = 12_000  # bytes of a logo: it is in every page's first screen
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_SVG = "{http://www.w3.org/2000/svg}"
_DRAWN = {
    "svg", "g", "defs", "title", "desc", "path", "rect", "circle", "ellipse", "line", "polyline",
    "polygon", "text", "tspan", "linearGradient", "radialGradient", "stop", "clipPath", "mask",
    "use", "style",
}  # fmt: skip
_REACHES_OUT = re.compile(
    r"url\(\s*['\"]?(?!#)|@import|expression|javascript:|&#|\\", re.IGNORECASE
)
_MODEL = ConfigDict(frozen=True, extra="forbid")


def _luminance(colour: str) -> float:
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast of two colours, from 1 for the same to 21 for black on white (WCAG 2.2 [1]_).

    Parameters
    ----------
    one, other : str
        ``#rrggbb``.

    References
    ----------
    .. [1] W3C, Web Content Accessibility Guidelines 2.2, "contrast ratio".

    Examples
    --------
    >>> round(contrast("#000000", "#ffffff"), 1), round(contrast("#777777", "#ffffff"), 2)
    (21.0, 4.48)
    """
    low, high = sorted((_luminance(one), _luminance(other)))
    return (high + 0.05) / (low + 0.05)


def _readable(colours: tuple[str, str]) -> tuple[str, str]:
    """Both colours, if headings in the first and white words on the second can be read."""
    for words, ground, what in (
        (colours[0], "#ffffff", "headings"),
        ("#ffffff", colours[1], "the cover's words"),
    ):
        if (found := contrast(words, ground)) < _LEAST:
            raise ValueError(
                f"{what} in {words} on {ground} have a contrast of {found:.1f}, and {_LEAST} is "
                "needed to read them: take a darker colour"
            )
    return colours


Colour = Annotated[str, Field(pattern=r"^#[0-9a-fA-F]{6}$")]
Colours = Annotated[tuple[Colour, Colour], AfterValidator(_readable)]
Line = Annotated[str, Field(max_length=120, pattern=r"^[^\x00-\x1f\x7f]*$")]


class Brand(BaseModel):
    """A client's own looks: the table ``[brand]`` of ``client.toml``.

    ``logo`` is a PNG or SVG file in the client's folder; of the two ``colours`` the first is that
    of headings, the second the ground of the cover, under white words.
    """

    model_config = _MODEL

    logo: Line = ""
    colours: Colours | None = None


class Practice(Brand):
    """Who advises, and how to reach them: the table ``[practice]`` of ``techalign.toml``."""

    name: Line = ""
    contact: Line = ""


class Look(BaseModel):
    """What pages bear of both: names, colours, and logos as ``data:`` addresses; "" for none."""

    model_config = _MODEL

    practice: str = ""
    contact: str = ""
    colours: tuple[str, str] | None = None
    logo: str = ""
    client_logo: str = ""


def practice_of(table: Mapping[str, Any], where: str) -> Practice:
    """Check what ``techalign.toml`` says of the practice.

    Parameters
    ----------
    table : mapping
        Its table ``[practice]``; empty if there is none.
    where : str
        The file's name, for the error.

    Raises
    ------
    InputError
        If a key is unknown or of the wrong kind, or two colours cannot be told apart.

    Examples
    --------
    >>> practice_of({"name": "Harbour Advice", "colours": ["#0b5d4e", "#123a5a"]}, "x.toml").name
    'Harbour Advice'
    """
    try:
        return Practice.model_validate(dict(table))
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(["practice", *map(str, first["loc"])])
        said = str(first["msg"]).removeprefix("Value error, ")
        known = ", ".join(Practice.model_fields)
        unknown = first["type"] == "extra_forbidden"
        raise InputError(
            f"'{key}': {'no such key' if unknown else said}",
            where=where,
            value=None if unknown else first["input"],
            remedy=f"There are {known}." if unknown else f"Change {key} in {where}.",
        ) from error


def read_practice(start: Path) -> tuple[Practice, Path]:
    """The practice of the nearest ``techalign.toml``, and the folder that file lies in.

    Parameters
    ----------
    start : Path
        Where to look first, and above it.

    Raises
    ------
    InputError
        As :func:`read_settings` and :func:`practice_of` raise it.
    """
    path = find_settings(start)
    if path is None:
        return Practice(), start
    return practice_of(read_settings(path).practice, SETTINGS), path.parent


def look_of(own: Brand, folder: Path, practice: Practice, beside: Path) -> Look:
    """What a client's pages bear; a client's own colours come before the practice's.

    Parameters
    ----------
    own : Brand
        The client's, of its profile.
    folder : Path
        The client's folder, which its logo lies in.
    practice : Practice
    beside : Path
        The folder of ``techalign.toml``, which the practice's logo lies in.

    Raises
    ------
    InputError
        If a logo is not there, too large, or more than a drawing.
    """
    return Look(
        practice=practice.name,
        contact=practice.contact,
        colours=own.colours or practice.colours,
        logo=_logo(practice.logo, beside, SETTINGS),
        client_logo=_logo(own.logo, folder, f"{folder.name}/client.toml"),
    )


def _logo(name: str, folder: Path, where: str) -> str:
    """A logo's file as a ``data:`` address."""
    if not name:
        return ""
    try:
        data = read_inside(folder / name, folder, most=10_000_000)
    except FileNotFoundError as error:
        raise InputError(
            "there is no such logo", where=where, value=name, remedy="Check the file's name."
        ) from error
    if data.startswith(_SIGNATURE):
        kind, clean = "png", _clean_png(data, where, name)
    else:
        kind, clean = "svg+xml", _clean_svg(data, where, name)
    if len(clean) > _LARGEST:
        raise InputError(
            f"the logo has {len(clean):,} bytes, and {_LARGEST:,} is the most a page should carry",
            where=where, value=name, remedy="Save it smaller, about 300 pixels wide.",
        )  # fmt: skip
    return f"data:image/{kind};base64,{base64.b64encode(clean).decode('ascii')}"


def _clean_png(data: bytes, where: str, name: str) -> bytes:
    """The picture alone: no texts, no times, no profiles, nothing behind its end."""
    kept, place = [_SIGNATURE], len(_SIGNATURE)
    while place + 12 <= len(data):
        length = int.from_bytes(data[place : place + 4], "big")
        chunk = data[place : place + 12 + length]
        kind, body = chunk[4:8], chunk[4 : 8 + length]
        if len(chunk) != 12 + length or zlib.crc32(body) != int.from_bytes(chunk[-4:], "big"):
            break
        kept += [chunk] if kind in _CHUNKS else []
        place += len(chunk)
        if kind == b"IEND":
            return b"".join(kept)
    raise InputError("is a damaged PNG", where=where, value=name, remedy="Save it again.")


def _clean_svg(data: bytes, where: str, name: str) -> bytes:
    """The drawing written anew, if it is nothing else."""
    remedy = "Export it as plain SVG, or as PNG."

    def refused(what: str) -> InputError:
        return InputError(what, where=where, value=name, remedy=remedy)

    if b"<!DOCTYPE" in data[:2000].upper() and b"<!ENTITY" in data.upper():
        raise refused("the logo declares entities")
    try:
        root = ET.fromstring(data)  # noqa: S314  entities are refused above
    except (ET.ParseError, ValueError) as error:
        raise refused("the logo is neither a PNG nor an SVG that can be read") from error
    if root.tag != f"{_SVG}svg":
        raise refused("the logo is neither a PNG nor an SVG")
    found = next(filter(None, map(_beyond_drawing, root.iter())), "")
    if found:
        raise refused(f"the logo {found}")
    ET.register_namespace("", "http://www.w3.org/2000/svg")
    drawn: bytes = ET.tostring(root, encoding="utf-8")
    return drawn


def _beyond_drawing(element: ET.Element) -> str:
    """What an element is or has that does more than draw, or ""."""
    tag = str(element.tag)
    name = tag.rpartition("}")[2]
    if not tag.startswith(_SVG) or name not in _DRAWN:
        return f"holds <{name}>, which is more than a drawing"
    for key, value in element.attrib.items():
        short = key.rpartition("}")[2].casefold()
        links_out = short == "href" and not value.startswith("#")
        if short.startswith("on") or links_out or _REACHES_OUT.search(value):
            return f"has {short}={value[:40]!r} in <{name}>"
    fetches = name == "style" and _REACHES_OUT.search(element.text or "")
    return "has a style that fetches something" if fetches else ""
