"""Keep secrets out of everything that is written: notebook, page, record and log.

A notebook may print a secret by accident, or fail with one in its message. What it put out is
therefore searched before it is used, in the forms in which a value usually appears: as it is,
letter by letter however each is escaped and whatever stands between, and encoded as a whole.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

__all__ = ["redact", "written_forms"]

MARK = "•••"
_LEAST_ENCODED = 4  # letters; turned round or encoded, so short a text stands everywhere
_LEAST_PARTED = 8  # with signs between, so few letters are words of ordinary text
_BETWEEN = " \t\n\r'\",;|.-_*\u200b\u200c\u200d\u2060\ufeff"


def written_forms(secret: str) -> set[str]:
    """The ways a secret may stand in a text: as it is, escaped, quoted, encoded."""
    raw = secret.encode()
    if len(secret) < _LEAST_ENCODED:
        return {secret}
    plain = {secret, secret[::-1], secret.upper(), secret.lower(), secret.swapcase()}
    return (
        plain
        | _encoded(raw)
        | {
            secret,
            html.escape(secret),
            html.escape(secret, quote=False),
            json.dumps(secret)[1:-1],
            json.dumps(secret, ensure_ascii=False)[1:-1],
            repr(secret)[1:-1],
            quote(secret),
            quote(secret, safe=""),
            quote_plus(secret),
            quote(secret, safe="").replace("%", "%25"),
            json.dumps(json.dumps(secret))[3:-3],
            secret.encode("unicode_escape").decode(),
            raw.hex(),
            raw.hex().upper(),
        }
    )


def _encoded(raw: bytes) -> set[str]:
    """What base64 makes of it alone, and within a longer text such as ``user:secret``.

    Three bytes become four letters, so what stands before shifts it by none, one or two bytes;
    letters that also hold bits of its neighbours are left out.
    """
    forms = set()
    for shift in range(3):
        text = base64.b64encode(b"\0" * shift + raw).decode().rstrip("=")
        first = (8 * shift + 5) // 6
        last = 8 * (shift + len(raw)) // 6
        inner = text[first:last]
        forms |= {inner, inner.replace("+", "-").replace("/", "_")} if len(inner) >= 6 else set()
    return forms


def _patterns(secret: str) -> list[re.Pattern[str]]:
    """What finds a secret whose letters are escaped, parted or wrapped, either way round."""
    if len(secret) < _LEAST_ENCODED:
        return []
    raw = secret.encode()
    found = [_letters(secret), _letters(secret[::-1])]
    found.append(r"(?:\\x|0x|[:\s,-]){0,3}".join(f"{byte:02x}" for byte in raw))
    found.append(r"(?<!\d)" + r"[,\s]{1,3}".join(str(byte) for byte in raw) + r"(?!\d)")
    texts = {secret, secret[::-1], secret.upper(), secret.lower()}
    encoded = {form for text in texts for form in _encoded(text.encode())}
    encoded |= _encoded(secret.encode("utf-16-le")) | _base32(raw)
    encoded |= {again for form in _encoded(raw) for again in _encoded(form.encode())}
    encoded |= {base64.b85encode(raw).decode(), base64.a85encode(raw).decode()}
    turned = [form[::-1] for form in encoded]
    exact = [_wrapped(form) for form in (*encoded, *turned)]
    return [re.compile("|".join(found), re.IGNORECASE), re.compile("|".join(exact))]


def _letters(secret: str) -> str:
    """Each letter as it is or escaped; between those of a longer secret blanks and signs."""
    signs = "".join(re.escape(c) for c in _BETWEEN if c not in secret)
    between = rf"(?:\x1b\[[\d;]*m|\\[nr]|[{signs}]){{0,4}}" if len(secret) >= _LEAST_PARTED else ""
    return between.join(f"(?:{'|'.join(_written(letter))})" for letter in secret)


def _written(letter: str) -> list[str]:
    """The ways one letter is escaped in addresses, pages, mails, programs and JSON."""
    code, data = ord(letter), letter.encode()
    ways = {
        letter,
        f"\\{letter}",
        html.escape(letter),
        *("".join(f"{sign}{byte:02x}" for byte in data) for sign in ("%", "%25", "=", "\\x")),
        json.dumps(letter)[1:-1],
        f"\\u{code:04x}",
        f"\\U{code:08x}",
    }
    numbered = (rf"&#0*{code};", rf"&#x0*{code:x};")
    return [*(re.escape(way) for way in sorted(ways, key=len, reverse=True)), *numbered]


def _wrapped(form: str) -> str:
    """An encoded text as it stands, over several lines, or with the signs of addresses."""
    other = {"+": "[-+]", "/": "[/_]"}
    return r"(?:\s|\\[nr])*".join(other.get(c, re.escape(c)) for c in form)


def _base32(raw: bytes) -> set[str]:
    """What base32 makes of it alone and behind something else: five bytes are eight letters."""
    forms = set()
    for shift in range(5):
        text = base64.b32encode(b"\0" * shift + raw).decode().rstrip("=")
        inner = text[(8 * shift + 4) // 5 : 8 * (shift + len(raw)) // 5]
        forms |= {inner} if len(inner) >= 6 else set()
    return forms


def redact(value: Any, secrets: Iterable[str]) -> Any:
    """Replace secrets in every text of a nested structure.

    Parameters
    ----------
    value : object
        Texts, lists and mappings, such as a notebook; mappings keep their type.
    secrets : iterable of str

    Returns
    -------
    object
        The same structure without the secrets.
    """
    known = sorted(set(secrets), key=len, reverse=True)
    forms = sorted({form for secret in known for form in written_forms(secret)}, key=len)
    patterns = [pattern for secret in known for pattern in _patterns(secret)]
    return _redacted(value, forms[::-1], patterns) if forms else value


def _redacted(value: Any, forms: list[str], patterns: list[re.Pattern[str]]) -> Any:
    if isinstance(value, str):
        for form in forms:
            value = value.replace(form, MARK)
        for pattern in patterns:
            value = pattern.sub(MARK, value)
        return value
    if isinstance(value, list):
        return [_redacted(item, forms, patterns) for item in value]
    if isinstance(value, dict):
        return type(value)(
            {_redacted(k, forms, patterns): _redacted(item, forms, patterns)
             for k, item in value.items()}
        )  # fmt: skip
    return value
