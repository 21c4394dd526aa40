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

import pytest

ROOT = Path(__file__).parents[1]
HOLES = {("pip", "23.2.1"): "PYSEC-2023-228"}


class _Database(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
        pins = [(query["package"]["name"], query["version"]) for query in asked]
        results = [{"vulns": [{"id": HOLES[pin]}]} if pin in HOLES else {} for pin in pins]
        self.send_response(200)
        self.end_headers()
        self.wfile.write(json.dumps({"results": results}).encode())

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
    assert "pins were not checked, http://127.0.0.1:9/: " in lines[0]
    assert "refused" in lines[0]


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
