"""Keep secrets out of everything that is written: notebook, page, record and log.

A notebook may print a secret by accident, or fail with one in its message. What it put out is
therefore searched before it is used, in the forms in which a value usually appears.
"""

from __future__ import annotations

import base64
import html
import json
from collections.abc import Iterable
from typing import Any
from urllib.parse import quote, quote_plus

__all__ = ["redact", "written_forms"]

MARK = "•••"


def written_forms(secret: str) -> set[str]:
    """The ways a secret may stand in a text: as it is, escaped, quoted, encoded."""
    raw = secret.encode()
    if len(secret) < 4:  # turned round or encoded, so short a text stands everywhere
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
    forms = sorted({form for secret in secrets for form in written_forms(secret)}, key=len)
    return _redacted(value, forms[::-1]) if forms else value


def _redacted(value: Any, forms: list[str]) -> Any:
    if isinstance(value, str):
        for form in forms:
            value = value.replace(form, MARK)
        return value
    if isinstance(value, list):
        return [_redacted(item, forms) for item in value]
    if isinstance(value, dict):
        changed = {_redacted(k, forms): _redacted(item, forms) for k, item in value.items()}
        return type(value)(changed)
    return value
