"""Clients read from and reports written to a real S3 server on loopback."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

pytestmark = pytest.mark.slow
ROOT = Path(__file__).parents[2]
CLIENTS = ("machine-shop", "one-make-garage")


@pytest.fixture(scope="module")
def store(s3_server: Callable[[str], Any]) -> Iterator[dict[str, str]]:
    """An S3 server with two sample clients in a bucket; gives the environment to reach it."""
    with s3_server("work") as (env, client):
        for name in CLIENTS:
            for path in (ROOT / "datasets" / "clients" / name).iterdir():
                client.upload_file(str(path), "work", f"clients/{name}/{path.name}")
        yield env


def _start(env: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "techalign", "run", "--notebook", "vendor_risk"]
    command += ["--clients-dir", "s3://work/clients", "--out", "s3://work/reports", *arguments]
    return subprocess.Popen(
        command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def _objects(env: dict[str, str]) -> dict[str, bytes]:
    client = boto3.client(
        "s3",
        endpoint_url=env["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    )
    listed = client.list_objects_v2(Bucket="work", Prefix="reports/").get("Contents", [])
    return {
        item["Key"]: client.get_object(Bucket="work", Key=item["Key"])["Body"].read()
        for item in listed
    }


def test_reports_are_written_to_the_store_and_made_once(
    store: dict[str, str], tmp_path: Path
) -> None:
    stopped = _start(store)
    time.sleep(3.5)
    stopped.send_signal(signal.SIGKILL)
    stopped.communicate(timeout=30)
    partial = [k for k, v in _objects(store).items() if k.endswith(".html") and b"</html>" not in v]
    assert partial == []
    first = _start(store)
    stdout, stderr = first.communicate(timeout=120)
    assert first.returncode == 0, stderr
    assert stdout.splitlines()[-1] == "s3://work/reports/index.html"
    objects = _objects(store)
    for name in CLIENTS:
        page = objects[f"reports/{name}/vendor_risk.html"]
        assert page.rstrip().endswith(b"</html>")
        assert f"reports/{name}/vendor_risk.json" in objects
    assert b"Vendor risk" in objects["reports/index.html"]
    again = _start(store)
    stdout, _ = again.communicate(timeout=120)
    assert stdout.splitlines()[0] == "2 of 2 reports made, 2 of them up to date"
    command = [sys.executable, "-m", "techalign", "run", *CLIENTS, "--notebook", "vendor_risk"]
    local = subprocess.run(
        [*command, "--out", str(tmp_path)], cwd=ROOT, capture_output=True, check=False
    )
    assert local.returncode == 0
    for name in CLIENTS:
        here = (tmp_path / name / "vendor_risk.html").read_bytes()
        assert objects[f"reports/{name}/vendor_risk.html"] == here


def test_a_store_that_is_not_there_is_one_line(store: dict[str, str]) -> None:
    command = [sys.executable, "-m", "techalign", "check", "--clients-dir", "nowhere://x/y"]
    done = subprocess.run(command, cwd=ROOT, env=store, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("techalign: nowhere://x/y: cannot be reached")
    assert done.stderr.count("\n") == 1
