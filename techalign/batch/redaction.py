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
from urllib.parse import quote

__all__ = ["redact", "written_forms"]

MARK = "•••"


def written_forms(secret: str) -> set[str]:
    """The ways a secret may stand in a text: as it is, escaped, quoted, encoded."""
    raw = secret.encode()
    return {
        secret,
        html.escape(secret),
        html.escape(secret, quote=False),
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        repr(secret)[1:-1],
        quote(secret),
        quote(secret, safe=""),
        base64.b64encode(raw).decode().rstrip("="),
        raw.hex(),
    }


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
