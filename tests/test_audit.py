"""The lock against the database of advisories: one that answers, one that does not."""

import json
import re
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest

ROOT = Path(__file__).parents[1]
HOLES = {("pip", "23.2.1"): "PYSEC-2023-228"}


# of one package more is known than fits into an answer
MORE = {("aiohttp", "3.9.1"): ["GHSA-5h86-8mv2-jq9f", "GHSA-5m98-qgg9-wh84"]}


def _result(query: dict[str, Any]) -> dict[str, Any]:
    """One result as the service documents it: ids with a day, or nothing, or a part and a token."""
    assert query["package"]["ecosystem"] == "PyPI"
    pin = (query["package"]["name"], query["version"])
    if pin in MORE:
        at = int(query.get("page_token", "0"))
        token = {"next_page_token": str(at + 1)} if at + 1 < len(MORE[pin]) else {}
        return {"vulns": [{"id": MORE[pin][at], "modified": "2024-02-16T08:09:40Z"}], **token}
    return (
        {"vulns": [{"id": HOLES[pin], "modified": "2024-09-04T17:06:34.217Z"}]}
        if pin in HOLES
        else {}
    )


class _Database(BaseHTTPRequestHandler):
    """Answers as https://google.github.io/osv.dev/post-v1-querybatch/ documents, or by path."""

    odd: ClassVar = {
        "/list": (200, b"[]"),
        "/null": (200, b'{"results": null}'),
        "/other": (200, b'{"results": [7]}'),
        "/few": (200, b'{"results": []}'),
        "/page": (200, b"<html>Log in to the hotel's network</html>"),
        "/wrong": (400, b'{"code": 3, "message": "Invalid query."}'),
        "/down": (503, b""),
        "/round": (200, b'{"results": [{"next_page_token": "1"}]}'),
    }

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        results = [_result(query) for query in asked]
        code, body = self.odd.get(self.path, (200, json.dumps({"results": results}).encode()))
        self.send_response(code)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@pytest.fixture
def database() -> Iterator[str]:
    """The address of a database that knows one hole."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Database)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/v1/querybatch"
    server.shutdown()
    thread.join()
    server.server_close()


def _audit(service: str, *locks: Path) -> tuple[int, list[str]]:
    done = subprocess.run(
        [sys.executable, ".ci/audit.py", *map(str, locks), "--service", service],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_a_hole_is_named_and_fails(database: str, tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text("numpy==2.1.0 \\\n    --hash=sha256:0\npip==23.2.1 ; python_version > '3'\n")
    assert _audit(database, lock) == (
        1,
        ["audit: pip 23.2.1: PYSEC-2023-228", "audit: 2 pins checked, 1 with advisories"],
    )


def test_our_locks_are_read_whole(database: str) -> None:
    names = ("requirements.lock", "requirements-bench.lock")
    locks = [ROOT / name for name in names]
    pins = {pin for lock in locks for pin in re.findall(r"(?m)^[^\s#]+==[^\s;]+", lock.read_text())}
    assert _audit(database, *locks) == (0, [f"audit: {len(pins)} pins checked, 0 with advisories"])


def test_a_database_that_cannot_be_reached_is_one_line_and_fails_nothing() -> None:
    code, lines = _audit("http://127.0.0.1:9/", ROOT / "requirements.lock")
    assert code == 0
    assert len(lines) == 1
    assert lines[0].startswith("audit: NOT CHECKED, ")
    assert " pins: http://127.0.0.1:9/ gave no answer: " in lines[0]
    assert "refused" in lines[0]


@pytest.mark.parametrize("path", _Database.odd)
def test_an_answer_of_another_form_is_no_answer(database: str, tmp_path: Path, path: str) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text("numpy==2.1.0\n")
    code, lines = _audit(database.replace("/v1/querybatch", path), lock)
    assert (code, len(lines)) == (0, 1)
    assert lines[0].startswith("audit: NOT CHECKED, 1 pins: ")


def test_all_pages_of_what_is_known_are_asked_by_the_normalised_name(
    database: str, tmp_path: Path
) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text("AIOHTTP==3.9.1\nnumpy==2.1.0\n")
    assert _audit(database, lock) == (
        1,
        ["audit: AIOHTTP 3.9.1: GHSA-5h86-8mv2-jq9f, GHSA-5m98-qgg9-wh84",
         "audit: 2 pins checked, 1 with advisories"],
    )  # fmt: skip


def test_a_lock_that_pins_nothing_is_no_clean_one(database: str, tmp_path: Path) -> None:
    lock = tmp_path / "a.lock"
    lock.write_text("# cut\n")
    assert _audit(database, lock) == (1, [f"audit: no version is pinned in {lock}"])


@pytest.mark.skipif(shutil.which("sed") is None, reason="make needs sed, too")
def test_what_installs_comes_first_and_from_the_lock() -> None:
    recipe = (ROOT / "Makefile").read_text()
    pattern = re.search(r"sed -nE '([^']+)' requirements.lock", recipe)
    assert pattern
    cut = subprocess.run(
        ["sed", "-nE", pattern[1], "requirements.lock"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert re.findall(r"(?m)^(\S+)==", cut) == ["pip", "setuptools"]
    assert cut.count("--hash=sha256:") >= 4
    assert pattern.end() < recipe.index("--require-hashes -r requirements.lock")
