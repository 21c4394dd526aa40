"""What several parts of the tests share: small notebooks and clients, an S3 server, all reports."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from hypothesis import settings

from techalign.batch.run import import_notebook_tools
from tests.example_client import example_client
from tests.kept import MAKES_REPORTS, ROOT, kept

# A run's answer depends on the code alone. Who looks for new examples asks for the other profile:
# pytest --hypothesis-profile=search
settings.register_profile("search", deadline=None, print_blob=True)
settings.register_profile("steady", derandomize=True, deadline=None)
settings.load_profile("steady")

# before a test imports nbformat: in every worker that saves the two seconds it saves a run
import_notebook_tools()

# programs, which hold no tests and may import what only they need
collect_ignore = ["benchmarks", "validation"]

PARAMETERS = (
    'client: str = "acme"  # the client\n'
    'clients_dir: str = "."  # where clients are\n'
    'as_of: str = ""  # the day\n'
    "months: int = 3  # months ahead [1, 12]\n"
)


@pytest.fixture
def workbook(tmp_path: Path) -> Path:
    """A folder with one client and an empty notebooks folder."""
    example_client(tmp_path / "clients", "acme", name="Acme & Co", currency="USD")
    (tmp_path / "notebooks").mkdir()
    return tmp_path


@pytest.fixture
def notebook(workbook: Path) -> Callable[..., Path]:
    """Write a notebook of the given code cells below a title and a parameters cell."""
    import nbformat

    def write(name: str, *cells: str, title: str = "A title", more: str = "") -> Path:
        v4 = nbformat.v4
        made = v4.new_notebook(
            cells=[
                v4.new_markdown_cell(f"# {title}"),
                v4.new_code_cell(PARAMETERS + more, metadata={"tags": ["parameters"]}),
                *(v4.new_code_cell(cell) for cell in cells),
            ],
            metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
        )
        path = workbook / "notebooks" / f"{name}.ipynb"
        nbformat.write(made, path)
        return path

    return write


@contextmanager
def _s3_server(bucket: str) -> Iterator[tuple[dict[str, str], Any]]:
    """Serve S3 on loopback; gives the environment to reach it, and a client."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    env = {**os.environ, **keys, "AWS_ENDPOINT_URL": url, "AWS_DEFAULT_REGION": "us-east-1"}
    client = boto3.client(
        "s3",
        endpoint_url=url,
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    try:
        for _ in range(100):
            try:
                client.create_bucket(Bucket=bucket)
                break
            except Exception:  # not up yet, in whatever way
                time.sleep(0.2)
        yield env, client
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="session")
def s3_server() -> Callable[[str], Any]:
    """A context manager that serves one bucket."""
    return _s3_server


@pytest.fixture(scope="session")
def reports(pytestconfig: pytest.Config) -> Path:
    """All reports of all sample clients, made by the command itself."""
    return kept(pytestconfig, "reports", MAKES_REPORTS, _make)


def _make(out: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "techalign", "run", "--out", str(out)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
