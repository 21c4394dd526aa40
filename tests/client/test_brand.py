"""Logos and colours of client and practice: what is taken, and what is refused by name."""

import base64
import struct
import zlib
from pathlib import Path

import pytest

from techalign.client.brand import Brand, Practice, contrast, look_of, practice_of, read_practice
from techalign.client.folder import read_profile
from techalign.errors import ClientError, InputError

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9">{}</svg>'
NASTY = {
    "script": SVG.format("<script>alert(1)</script>"),
    "onload": SVG.format('<path d="M0 0" onload="alert(1)"/>'),
    "href": SVG.format('<use href="https://example.org/x.svg#a"/>'),
    "foreignObject": SVG.format("<foreignObject/>"),
    "style": SVG.format('<rect style="fill:url(https://example.org/a)"/>'),
    "fetches": SVG.format("<style>@import 'https://example.org/a.css';</style>"),
    "image": SVG.format('<image href="data:image/png;base64,AAAA"/>'),
    "entities": '<!DOCTYPE svg [<!ENTITY a "b">]>' + SVG.format("&a;"),
    "neither": "<html><body>logo</body></html>",
}


def _chunk(kind: bytes, body: bytes) -> bytes:
    crc = struct.pack(">I", zlib.crc32(kind + body))
    return struct.pack(">I", len(body)) + kind + body + crc


def _png(*more: bytes, rows: int = 1) -> bytes:
    data = zlib.compress(b"\0\x10\x20\x30" * rows, 0)
    head = struct.pack(">IIBBBBB", 1, rows, 8, 2, 0, 0, 0)
    parts = [_chunk(b"IHDR", head), *more, _chunk(b"IDAT", data), _chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def test_a_logo_keeps_the_picture_and_nothing_else(tmp_path: Path) -> None:
    secret = _chunk(b"tEXt", b"Author\0somebody at home")
    (tmp_path / "logo.png").write_bytes(_png(secret) + b"<script>behind the end</script>")
    look = look_of(Brand.model_validate({"logo": "logo.png"}), tmp_path, Practice(), tmp_path)
    data = base64.b64decode(look.client_logo.removeprefix("data:image/png;base64,"))
    assert data == _png()


@pytest.mark.parametrize("what", NASTY)
def test_a_logo_that_is_more_than_a_drawing_is_refused(what: str, tmp_path: Path) -> None:
    (tmp_path / "logo.svg").write_text(NASTY[what])
    with pytest.raises(InputError, match=what) as refused:
        look_of(Brand.model_validate({"logo": "logo.svg"}), tmp_path, Practice(), tmp_path)
    assert "client.toml" in str(refused.value)
    assert "logo.svg" in str(refused.value)


def test_a_plain_drawing_is_taken_and_has_no_scripts(tmp_path: Path) -> None:
    drawing = SVG.format('<g fill="#0b5d4e"><path d="M0 0h9v9z"/></g><!-- made at home -->')
    (tmp_path / "logo.svg").write_text(drawing)
    look = look_of(Brand.model_validate({}), tmp_path, Practice(logo="logo.svg"), tmp_path)
    data = base64.b64decode(look.logo.removeprefix("data:image/svg+xml;base64,"))
    assert b"M0 0h9v9z" in data
    assert b"made at home" not in data


def test_a_logo_out_of_the_folder_too_large_or_damaged_is_refused(tmp_path: Path) -> None:
    inside = tmp_path / "oak"
    inside.mkdir()
    (tmp_path / "out.png").write_bytes(_png())
    (inside / "large.png").write_bytes(_png(rows=4000))
    (inside / "cut.png").write_bytes(_png()[:-20])
    for name, said in (
        ("../out.png", "out.png"), ("large.png", "bytes"), ("cut.png", "damaged"),
        ("none.png", "no such logo"),
    ):  # fmt: skip
        with pytest.raises(InputError, match=said):
            look_of(Brand.model_validate({"logo": name}), inside, Practice(), inside)


def test_colours_that_cannot_be_read_are_named_with_their_contrast(tmp_path: Path) -> None:
    assert round(contrast("#ffd400", "#ffffff"), 2) == 1.43  # by the WCAG formula, by hand
    with pytest.raises(InputError, match=r"headings in #ffd400 on #ffffff have a contrast of 1\.4"):
        practice_of({"colours": ["#ffd400", "#123a5a"]}, "techalign.toml")
    text = """name = "Oak"\nsector = "retail"\nsetting = "retail"\ncurrency = "USD"\nemployees = 2
yearly_revenue = 1.0\nhourly_wage = 1.0\n[brand]\ncolours = ["#123a5a", "#9ad0ff"]\n"""
    (tmp_path / "client.toml").write_text(text)
    with pytest.raises(ClientError, match=r"cover's words in #ffffff on #9ad0ff"):
        read_profile(tmp_path)


@pytest.mark.parametrize(
    "table", [{"colour": "#123456"}, {"colours": ["red", "#123a5a"]}, {"name": "a\nb"}]
)
def test_a_practice_that_is_not_as_it_must_be_is_refused(table: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(table))):
        practice_of(table, "techalign.toml")


def test_the_nearest_settings_above_name_the_practice(tmp_path: Path) -> None:
    (tmp_path / "techalign.toml").write_text('[practice]\nname = "Harbour Advice"\n')
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    practice, beside = read_practice(below)
    assert (practice.name, beside) == ("Harbour Advice", tmp_path)


def test_a_clients_colours_come_before_the_practices(tmp_path: Path) -> None:
    own, house = ("#0b5d4e", "#123a5a"), ("#333333", "#444444")
    practice = Practice(colours=house)
    assert (
        look_of(Brand.model_validate({"colours": own}), tmp_path, practice, tmp_path).colours == own
    )
    assert look_of(Brand.model_validate({}), tmp_path, practice, tmp_path).colours == house
