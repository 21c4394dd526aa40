"""Reports that lie in object storage are shared and compared from there."""

import re
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.command import techalign

CLIENT = "juice-bar"
PLACE = "s3://firm/reports"


@pytest.fixture(scope="module")
def store(reports: Path, s3_server: Callable[[str], Any]) -> Iterator[dict[str, str]]:
    """An S3 server that holds one client's reports; gives the environment to reach it."""
    with s3_server("firm") as (env, client):
        for path in sorted((reports / CLIENT).rglob("*")):
            if path.is_file() and "logs" not in path.parts:
                key = f"reports/{path.relative_to(reports).as_posix()}"
                client.upload_file(str(path), "firm", key)
        yield env


def test_an_archive_and_one_page_are_made_from_a_store(
    store: dict[str, str], reports: Path, tmp_path: Path
) -> None:
    archive, page = tmp_path / "review.zip", tmp_path / "review.html"
    done = techalign(["share", CLIENT, "--to", str(archive), "--out", PLACE], store)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(archive) as held:
        ready = ["alignment", "ecosystem", "plan", "spending", "vendor_risk"]
        pages = [f"review/{n}.html" for n in ("index", *ready)]
        assert held.namelist() == [*pages, "review/dates.ics"]
        for name in held.namelist():
            assert held.read(name) == (reports / CLIENT / Path(name).name).read_bytes()
    done = techalign(["share", CLIENT, "--form", "html", "--to", str(page), "--out", PLACE], store)
    assert done.returncode == 0, done.stderr
    text = page.read_text("utf-8")
    ids = re.findall(r' id="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert "s3://" not in text


def test_a_client_that_is_not_in_the_store_is_one_line(store: dict[str, str]) -> None:
    done = techalign(["share", "nobody", "--out", PLACE], store)
    assert done.returncode == 2
    assert done.stderr.startswith("techalign: nobody: has no report to send")
    assert done.stderr.count("\n") == 1


def test_reviews_in_a_store_are_compared(store: dict[str, str], reports: Path) -> None:
    (quarter,) = [path.name for path in (reports / CLIENT / "history").iterdir()]
    done = techalign(["diff", CLIENT, quarter, "now", "--out", PLACE], store)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("0 of ")
