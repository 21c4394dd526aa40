import re
import shutil
import zipfile
from html import unescape
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign
from techalign.errors import InputError
from techalign.report import share


def _share(reports: Path, target: Path, form: str, client: str = "juice-bar") -> Result:
    return CliRunner().invoke(
        techalign, ["share", client, "--form", form, "--to", str(target), "--out", str(reports)]
    )


def test_an_archive_holds_the_pages_of_one_client_and_nothing_else(
    reports: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / "a" / "review.zip", tmp_path / "b" / "review.zip"
    for target in (first, second):
        target.parent.mkdir()
        result = _share(reports, target, "zip")
        assert result.exit_code == 0, result.exception
    assert "left out: Partner ramps (not enabled)" in result.stderr
    with zipfile.ZipFile(first) as archive:
        names = archive.namelist()
    ready = ["alignment", "ecosystem", "plan", "spending", "vendor_risk"]
    pages = [f"review/{n}.html" for n in ("index", *ready)]
    assert names == [*pages, "review/dates.ics"]
    assert first.read_bytes() == second.read_bytes()


def test_one_page_holds_all_reports_with_working_links(reports: Path, tmp_path: Path) -> None:
    target = tmp_path / "review.html"
    assert _share(reports, target, "html").exit_code == 0
    page = target.read_text("utf-8")
    ids = [unescape(found) for found in re.findall(r' id="([^"]+)"', page)]
    assert len(ids) == len(set(ids))
    links = {unescape(found) for found in re.findall(r'href="([^"]+)"', page)}
    assert links
    assert {link.removeprefix("#") for link in links} <= set(ids)
    assert page.count("<h1") == 1
    assert "<script" not in page


@pytest.mark.skipif(shutil.which("chromium") is None, reason="there is no Chromium here")
def test_a_pdf_is_printed(reports: Path, tmp_path: Path) -> None:
    target = tmp_path / "review.pdf"
    assert _share(reports, target, "pdf").exit_code == 0
    assert target.read_bytes().startswith(b"%PDF")


def test_without_chromium_it_says_what_to_do(
    reports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(share, "_BROWSERS", ("no-such-browser",))
    result = _share(reports, tmp_path / "review.pdf", "pdf")
    assert isinstance(result.exception, InputError)
    assert "--form html" in str(result.exception)


def test_a_client_without_reports_is_an_error(reports: Path, tmp_path: Path) -> None:
    result = _share(reports, tmp_path / "x.zip", "zip", client="nobody")
    assert isinstance(result.exception, InputError)
    assert not (tmp_path / "x.zip").exists()
