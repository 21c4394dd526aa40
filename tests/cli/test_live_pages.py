"""Pages served while they are watched: only here, only with the secret, and told of changes."""

import os
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from techalign.cli.live_pages import LivePages

PAGE = (
    '<html><head><meta http-equiv="Content-Security-Policy" content="default-src \'none\'; '
    "style-src 'unsafe-inline'\"></head><body><p>{}</p></body></html>"
)


@pytest.fixture
def pages(tmp_path: Path) -> Iterator[LivePages]:
    """A served folder of two pages, with a secret file beside it and a hidden one in it."""
    out = tmp_path / "out"
    (out / "acme").mkdir(parents=True)
    (out / "acme" / "one.html").write_text(PAGE.format("one"))
    (out / "acme" / "data.csv").write_text("a\n")
    (out / "index.html").write_text(PAGE.format("index"))
    (out / ".pages").write_text("x")
    (tmp_path / "secret.txt").write_text("x")
    with closing(LivePages(out)) as served:
        yield served


def _get(url: str, **headers: str) -> str:
    request = urllib.request.Request(url, headers=headers)
    with urllib.request.urlopen(request, timeout=10) as answer:
        return str(answer.read().decode())


def test_a_page_is_served_with_leave_for_its_one_script(pages: LivePages) -> None:
    served = _get(f"{pages.url}acme/one.html")
    assert served.count("<script nonce=") == 1
    assert "default-src 'none'; script-src 'nonce-" in served
    assert "<p>one</p>" in served
    assert "<p>index</p>" in _get(pages.url)
    assert _get(f"{pages.url}acme/data.csv") == "a\n"


@pytest.mark.parametrize(
    "path", ["../secret.txt", "..%2fsecret.txt", ".pages", "acme/.x", "none.html", "acme/"]
)
def test_nothing_else_is_served(path: str, pages: LivePages) -> None:
    with pytest.raises(urllib.error.HTTPError, match="404"):
        _get(pages.url + path)


def test_without_the_secret_or_under_another_name_nothing_is(pages: LivePages) -> None:
    root = pages.url.rsplit("/", 2)[0]
    for address in (f"{root}/acme/one.html", f"{root}/guess/acme/one.html", f"{root}/"):
        with pytest.raises(urllib.error.HTTPError, match="404"):
            _get(address)
    with pytest.raises(urllib.error.HTTPError, match="403"):
        _get(pages.url, Host="evil.example")


def test_a_page_that_changed_is_told_and_one_that_did_not_is_not(
    pages: LivePages, tmp_path: Path
) -> None:
    marks = iter(pages.marks(f"{pages.url}acme/one.html".partition("/127")[2].partition("/")[2]))
    first = next(marks)
    assert first in _get(f"{pages.url}acme/one.html")
    (tmp_path / "out" / "index.html").write_text(PAGE.format("another"))
    pages.tell()
    assert next(marks) == ""
    (tmp_path / "out" / "acme" / "one.html").write_text(PAGE.format("another"))
    pages.tell()
    second = next(marks)
    assert second not in {"", first}
    assert second in _get(f"{pages.url}acme/one.html")


def test_another_process_goes_on_at_the_same_address(
    pages: LivePages, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in pages.hand_over().items():
        monkeypatch.setitem(os.environ, name, value)
    with closing(LivePages(tmp_path / "out")) as again:
        assert again.url == pages.url
        assert "<p>one</p>" in _get(f"{again.url}acme/one.html")
