"""A secret reaches the kernel and nothing that is written."""

import base64
import json
import quopri
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from techalign.batch.redaction import MARK, redact, written_forms
from techalign.cli.main import techalign
from techalign.errors import ParameterError

SECRET = "s3cr&t<\"'é>value"
DECLARED = (
    'key: "Secret" = "TEST_CRM_KEY"  # the key\nfrom techalign.client.secrets import secret_value'
)


def _run(workbook: Path, *arguments: str) -> object:
    where = ["--clients-dir", str(workbook / "clients"), "--out", str(workbook / "reports")]
    where += ["--notebooks-dir", str(workbook / "notebooks")]
    return CliRunner().invoke(techalign, ["run", "--json", *arguments, *where])


@pytest.mark.parametrize(
    "cell",
    [
        "print(secret_value(key))",
        "import base64, html; secret_value(key), base64.b64encode(secret_value(key).encode())",
        "from IPython.display import HTML; HTML(f'<b>{secret_value(key)}</b>')",
        "raise ValueError(f'cannot log in with {secret_value(key)}')",
        "import sys; print(secret_value(key), file=sys.stderr)",
        "import json, urllib.parse as u\ns = secret_value(key); json.dumps(s) + u.quote(s)",
    ],
)
def test_no_output_holds_the_secret(
    workbook: Path,
    notebook: Callable[..., Path],
    monkeypatch: pytest.MonkeyPatch,
    cell: str,
) -> None:
    monkeypatch.setenv("TEST_CRM_KEY", SECRET)
    notebook("n", cell, more=DECLARED)
    result = _run(workbook)
    written = {p: p.read_bytes() for p in workbook.rglob("*") if p.is_file()}
    everything = b"".join(written.values()) + result.output.encode()
    assert "•••".encode() in b"".join(v for p, v in written.items() if p.suffix == ".ipynb")
    for form in written_forms(SECRET):
        assert form.encode() not in everything, form


def test_a_secret_that_is_not_set_stops_before_anything_starts(
    workbook: Path, notebook: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TEST_CRM_KEY", raising=False)
    notebook("n", "1", more=DECLARED)
    result = _run(workbook)
    assert isinstance(result.exception, ParameterError)
    assert "environment variable TEST_CRM_KEY: must be set" in str(result.exception)
    assert not (workbook / "reports").exists()


@given(st.text(min_size=6, max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_redaction_leaves_no_form_of_the_secret(secret: str, before: str, after: str) -> None:
    forms = written_forms(secret)
    nested = {"a": [before + form + after for form in forms], "b": {"c": secret}}
    text = str(redact(nested, [secret])["a"]) + redact(nested, [secret])["b"]["c"]
    if "•••" not in secret:
        assert secret not in text.replace("•••", "\0")


@pytest.mark.parametrize("user", ["", "a", "bo", "cat", "user:", "jane@example.com:"])
def test_a_secret_inside_other_encoded_text_is_taken_out(user: str) -> None:
    secret = "s3cr3t/Tok+en=42"
    whole = base64.b64encode(f"{user}{secret}\n".encode()).decode()
    for text in (whole, whole.replace("+", "-").replace("/", "_")):
        left = redact(text, [secret])
        assert MARK in left
        # what is left holds no more letters of it than its neighbours share
        assert len(left.replace(MARK, "")) <= len(whole) - len(secret) * 8 // 6 + 2
    for form in (secret[::-1], secret.upper(), quote_plus(secret), json.dumps(json.dumps(secret))):
        assert MARK in redact(f"before {form} after", [secret])


OTHER_FORMS = {
    "a capital first": str.capitalize,
    "turned round in capitals": lambda s: s[::-1].upper(),
    "small hexadecimals in an address": lambda s: "".join(f"%{b:02x}" for b in s.encode()),
    "an address within an address": lambda s: quote(quote(s, safe=""), safe=""),
    "base64 over lines": lambda s: base64.encodebytes(b"x" * 50 + s.encode()).decode(),
    "base64 of UTF-16": lambda s: base64.b64encode(s.encode("utf-16-le")).decode(),
    "base64 of base64": lambda s: base64.b64encode(base64.b64encode(s.encode())).decode(),
    "base64 turned round": lambda s: base64.b64encode(s.encode()).decode()[::-1],
    "base64 of capitals": lambda s: base64.b64encode(s.upper().encode()).decode(),
    "base32 behind a user": lambda s: base64.b32encode(f"jane:{s}".encode()).decode(),
    "base85": lambda s: base64.b85encode(s.encode()).decode(),
    "bytes with colons": lambda s: s.encode().hex(":"),
    "bytes as numbers": lambda s: str(list(s.encode())),
    "entities": lambda s: "".join(f"&#{ord(c)};" for c in s),
    "escapes of JSON": lambda s: "".join(f"\\u{ord(c):04X}" for c in s),
    "a list of letters": lambda s: str(list(s)),
    "blanks between": " ".join,
    "what nobody sees between": "\u200b".join,
    "a colour within": lambda s: f"{s[:5]}\x1b[1m{s[5:]}",
    "a line's end within": lambda s: f"{s[:5]}\n{s[5:]}",
    "quoted for mail": lambda s: quopri.encodestring(s.encode()).decode(),
}


@pytest.mark.parametrize("form", OTHER_FORMS)
@pytest.mark.parametrize("secret", ["s3cr3t/Tok+en=42&x", "ghp_AbCdEf0123456789abcdef"])
def test_a_secret_in_another_form_is_taken_out(form: str, secret: str) -> None:
    text = OTHER_FORMS[form](secret)
    assert MARK in redact({"out": [f"before {text} after"]}, [secret])["out"][0]
    ordinary = "of 17 names, 3 are s3cr3t: to 42 en; a & x\n" + "\\" * 99 + "%25" * 99
    assert redact(ordinary, [secret]) == ordinary
