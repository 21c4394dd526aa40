"""Clients read from and reports written to a real S3 server on loopback."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import psutil
import pytest

from techalign.storage import as_place
from tests.command import techalign

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
        beside = ROOT / "datasets" / "clients" / "experience.json"
        client.upload_file(str(beside), "work", "clients/experience.json")
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
    run = ["run", "--notebook", "vendor_risk"]
    where = ["--clients-dir", "s3://work/clients", "--out", "s3://work/reports"]
    again = techalign([*run, *where], store)
    assert again.returncode == 0, again.stderr
    assert (
        again.stdout.splitlines()[0] == "2 of 2 reports made, 2 of them up to date: nothing to do"
    )
    local = techalign([*run, *CLIENTS, "--out", str(tmp_path)], os.environ)
    assert local.returncode == 0
    for name in CLIENTS:
        here = (tmp_path / name / "vendor_risk.html").read_bytes()
        assert objects[f"reports/{name}/vendor_risk.html"] == here


COMMANDS = {
    "check of one": (["check", CLIENTS[0]], 1, "1 clients, "),
    "check of all": (["check"], 1, "2 clients, "),
    "run of one": (["run", CLIENTS[0], "--notebook", "vendor_risk"], 0, "s3://work/made/index"),
    "decide": (["decide", CLIENTS[0]], 0, "keep what becomes of one with --status"),
    "diff": (["diff", CLIENTS[0], "2026Q2", "now"], 0, "0 of "),
    "experience": (["experience"], 0, "s3://work/clients/experience.json"),
}


def test_every_command_takes_urls(store: dict[str, str], tmp_path: Path) -> None:
    clients, out = ["--clients-dir", "s3://work/clients"], ["--out", "s3://work/made"]
    more = {"run": clients + out, "decide": clients + out, "diff": out}
    for name, (words, code, said) in COMMANDS.items():
        if name == "decide":
            continue
        done = techalign([*words, *more.get(words[0], clients)], store)
        assert (done.returncode, name) == (code, name), done.stderr
        assert said in done.stdout.splitlines()[-1], name
    words, code, said = COMMANDS["decide"]
    listed = techalign([*words, *clients, *out], store)
    assert said in listed.stdout.splitlines()[-1]
    decision = listed.stdout.partition(":")[0]
    kept = techalign([*words, decision, "--status", "agreed", *clients, *out], store)
    assert kept.returncode == 0, kept.stderr
    listed = techalign([*words, *clients, *out], store)
    assert f"{decision}: agreed" in listed.stdout
    archive = tmp_path / "review.zip"
    shared = techalign(["share", CLIENTS[0], *out, "--to", str(archive)], store)
    assert (shared.returncode, archive.exists()) == (0, True), shared.stderr


def test_a_client_is_made_imported_and_checked_in_the_store(
    s3_server: Callable[[str], Any],
) -> None:
    with s3_server("new") as (env, client):
        clients = ["--clients-dir", "s3://new/clients"]
        assert techalign(["new", "acme", *clients], env).returncode == 0
        again = techalign(["new", "acme", *clients], env)
        assert again.returncode == 2
        assert "exists already" in again.stderr
        bank = b"Date,Description,Debit,Credit\n2026-05-01,Zoom,15.99,\n2026-05-02,Slack,20.00,\n"
        client.put_object(Bucket="new", Key="bank.csv", Body=bank)
        imported = techalign(["import", "s3://new/bank.csv", "--client", "acme", *clients], env)
        assert imported.returncode == 0, imported.stderr
        for day in ("2026-06-01", "2026-07-01"):  # a row to set aside, then one more beside it
            text = f"Date,Description,Debit,Credit\n{day},Zoom,17.00,\n{day},Odd,what,\n"
            client.put_object(Bucket="new", Key="more.csv", Body=text.encode())
            more = ["import", "s3://new/more.csv", "--client", "acme", "--append", *clients]
            added = techalign(more, env)
            assert added.returncode == 0, added.stderr
        aside = client.get_object(Bucket="new", Key="clients/acme/ledger.quarantine.csv")
        assert aside["Body"].read().count(b",what,") == 2
        found = "s3://new/found.csv"
        checked = techalign(["check", "acme", "--quarantine", found, *clients], env)
        assert checked.returncode == 0, checked.stderr + checked.stdout
        assert "acme/ledger.csv: 4 rows = 4 clean" in checked.stdout
        client.head_object(Bucket="new", Key="found.csv")


@pytest.mark.parametrize(
    "words",
    [
        ["check", "--clients-dir", "s3://none/clients"],
        ["check", "acme", "--clients-dir", "s3://none/clients"],
        ["run", CLIENTS[0], "--notebook", "vendor_risk", "--out", "s3://none/reports"],
        ["new", "acme", "--clients-dir", "s3://none/clients"],
        ["share", "acme", "--out", "s3://none/reports"],
        ["share", "acme", "--to", "s3://work/review.zip"],
        ["check", CLIENTS[0], "--quarantine", "s3://none/found.csv"],
        ["check", "--clients-dir", "nowhere://x/y"],
        ["init", "s3://work/workbook"],
    ],
    ids=" ".join,
)
def test_a_place_that_is_not_there_is_one_line(store: dict[str, str], words: list[str]) -> None:
    done = techalign(words, store)
    assert done.returncode == 2, done.stdout
    # click shows how the command is used before it says what is wrong
    assert len([ln for ln in done.stderr.splitlines() if ln and "--help" not in ln]) <= 2
    assert "s3://" in done.stderr or "nowhere://" in done.stderr or "acme" in done.stderr
    buckets = boto3.client(
        "s3",
        endpoint_url=store["AWS_ENDPOINT_URL"],
        region_name="us-east-1",
        aws_access_key_id="test",
        aws_secret_access_key="test",
    ).list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["work"], "none is made by the way"


@pytest.mark.parametrize("words", [["check"], ["run"], ["run", "acme"], ["experience"]])
def test_a_store_that_does_not_answer_is_one_line(
    words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    for name, value in keys.items():
        monkeypatch.setenv(name, value)
    out = ["--out", str(tmp_path)] if words[0] == "run" else []
    done = techalign([*words, "--clients-dir", "s3://work/clients", *out], dict(os.environ))
    assert done.returncode == 2
    assert re.match(
        r"techalign: (?:acme: cannot be read: )?Could not connect to the end", done.stderr
    )
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize("lost", ["clients", "reports"])
def test_a_store_lost_on_the_way_is_a_line_for_each_failure(
    s3_server: Callable[[str], Any],
    workbook: Path,
    notebook: Callable[..., Path],
    lost: str,
) -> None:
    wait = "import time, pathlib\n"
    wait += f"pathlib.Path({str(workbook / 'begun')!r}).touch()\ntime.sleep(2)"
    load = "from techalign.client import load_client; load_client(clients_dir, client)"
    notebook("a", wait, load)
    notebook("b", wait, load)
    with s3_server("work") as (env, client):
        for path in (workbook / "clients" / "acme").iterdir():
            client.upload_file(str(path), "work", f"clients/acme/{path.name}")
        remote = lost == "clients"
        words = ["--clients-dir", "s3://work/clients" if remote else "clients"]
        words += ["--out", "reports" if remote else "s3://work/reports"]
        process = subprocess.Popen(
            [sys.executable, "-m", "techalign", "run", *words, "--notebooks-dir", "notebooks"],
            cwd=workbook,
            env={**env, "AWS_MAX_ATTEMPTS": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not (workbook / "begun").exists():
            time.sleep(0.05)
        port = env["AWS_ENDPOINT_URL"].rpartition(":")[2]
        for child in psutil.Process().children():
            if port in child.cmdline():
                child.kill()
        _, stderr = process.communicate(timeout=120)
    assert "Traceback" not in stderr
    lines = stderr.splitlines()
    if remote:
        assert process.returncode == 1
        assert len([line for line in lines if line.startswith("failed: acme")]) == 2
        page = (workbook / "reports" / "acme" / "a.html").read_text("utf-8")
        assert "acme: cannot be read: Could not connect to the endpoint URL" in page
        assert "127.0.0.1" not in page
    else:
        assert process.returncode == 2
        assert [line for line in lines if "cannot be written" in line] == lines


def test_a_url_of_a_file_is_a_path() -> None:
    assert as_place("file:///a%20b/c") == Path("/a b/c")
    place = as_place("memory://clients")
    assert as_place(place) is place
