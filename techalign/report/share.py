"""A client's reports as one file to send: an archive, one page, or a PDF."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from techalign import __version__
from techalign.client.brand import Look
from techalign.errors import InputError
from techalign.numbers.formatting import format_date
from techalign.report.page import environment, stylesheet

__all__ = ["share_html", "share_office", "share_paper", "share_pdf", "share_zip"]

_PLAIN = Look()
_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
_BODY = re.compile(r"<header>.*?</header>|<main id=\"main\">.*</main>", re.DOTALL)
_CONTENTS = re.compile(r'<nav class="toc".*?</nav>', re.DOTALL)
_CALENDAR = re.compile(r'<p class="source calendar">.*?</p>\n?')  # a file beside the page
_WHOSE = re.compile(r"^\s*<p>[^<]*</p>\s*(?=<h1)")
_REGION = re.compile(r'(role="(?:region|group)" aria-label=")')
_SECTION = re.compile(r'<section aria-labelledby="[^"]*">')
_FLAGS = ("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run")
_PRINTED = re.compile(rb"(/(?:CreationDate|ModDate) \(D:)\d{14}([^)]*\))")
_ID = re.compile(r'( (?:id|aria-labelledby)="|href="#|url\(#)')


@dataclass(frozen=True)
class _Part:
    """One page's content: its anchor, its title as HTML, and its HTML, headings a level down.

    The summary keeps its own look: it is a page in print.
    """

    anchor: str
    title: str
    html: str
    summary: bool


def share_zip(pages: Sequence[Path], target: Path) -> None:
    """Write an archive of the pages; the same pages give the same bytes."""
    folder = target.stem
    with zipfile.ZipFile(target, "w") as archive:
        for page in pages:
            # the earliest date an archive can hold: when it was made is nobody's news
            entry = zipfile.ZipInfo(f"{folder}/{page.name}")
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, page.read_bytes())


def share_html(pages: Sequence[Path], client_name: str, look: Look = _PLAIN) -> str:
    """Put the pages into one.

    Parameters
    ----------
    pages : sequence of Path
        As :func:`~techalign.review.records.ready_pages` gives them.
    client_name : str
    look : Look
        Names, colours and logos.

    Returns
    -------
    str
        A whole HTML document. Links between the pages lead to their place in it.
    """
    names = {page.name: page.stem for page in pages}
    parts = []
    for page in pages:
        html = "".join(_BODY.findall(page.read_text("utf-8")))
        html = re.sub(r'<header>|</header>|<main id="main">|</main>', "", html)
        html = _CALENDAR.sub("", html)
        html = _CONTENTS.sub("", html)  # of one part: the document has its own
        html = _WHOSE.sub("", html)  # and says once whose it is
        html = _ID.sub(lambda m, stem=page.stem: f"{m[1]}{stem}-", html)  # type: ignore[misc]
        for name, stem in names.items():
            html = html.replace(f'href="{name}"', f'href="#{stem}"')
            html = html.replace(f'href="{name}#', f'href="#{stem}-')
        # one first heading in a document: those of the parts go a level down
        html = re.sub(r"(</?h)([1-5])\b", lambda m: f"{m[1]}{int(m[2]) + 1}", html)
        title = re.search(r"<h2[^>]*>(.*?)</h2>", html)
        summary = page.stem == "index"
        name = "Summary" if summary else (title[1] if title else page.stem)
        if summary:  # its title is the client's name, which the document begins with
            html = re.sub(r"<h2[^>]*>.*?</h2>", "<h2>Summary</h2>", html, count=1)
        # what is named alike in two parts needs its part's name to be told apart
        html = _REGION.sub(lambda m, name=name: f"{m[1]}{name}: ", html)  # type: ignore[misc]
        html = _SECTION.sub("<section>", html)
        parts.append(_Part(page.stem, name, html, summary))
    return (
        environment()
        .get_template("combined.html.j2")
        .render(css=stylesheet(), name=client_name, parts=parts, version=__version__, look=look)
    )


def share_pdf(html: str, target: Path, day: dt.date) -> None:
    """Print a page to a PDF with Chromium: bookmarks from its headings, tags for screen readers.

    Parameters
    ----------
    html : str
    target : Path
    day : date
        Of the review, which the file bears instead of the time it was printed at.

    Raises
    ------
    InputError
        If there is no Chromium, or it fails.
    """
    browser = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if browser is None:
        raise InputError(
            "needs Chromium or Chrome, which is not installed",
            where="--form pdf",
            remedy="Install it, or use --form html and print from any browser.",
        )
    with tempfile.TemporaryDirectory(prefix="techalign-") as folder:
        source = Path(folder) / "reports.html"
        # what is folded on screen is not left out on paper, in no browser
        opened = html.replace('<details class="more">', '<details class="more" open>')
        source.write_text(opened, encoding="utf-8")
        command = [
            browser, *_FLAGS, f"--user-data-dir={folder}/profile", "--no-pdf-header-footer",
            "--generate-pdf-document-outline",
            f"--print-to-pdf={target.resolve()}", source.as_uri(),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)  # noqa: S603
    if done.returncode or not target.exists():
        last = done.stderr.strip().splitlines()[-1:] or ["it gave no reason"]
        raise InputError(f"Chromium could not print: {last[0]}", where=str(target))
    stamp = f"{day:%Y%m%d}000000".encode()
    target.write_bytes(_PRINTED.sub(lambda m: m[1] + stamp + m[2], target.read_bytes()))


def share_paper(pages: Sequence[Path], name: str, day: dt.date, look: Look) -> str:
    """The document to print, see :func:`~techalign.report.paper.paper_html`.

    Raises
    ------
    InputError
        If a package it needs is missing.
    """
    try:
        from techalign.report.paper import paper_html

        return paper_html(pages, name, format_date(day), look)
    except ImportError as error:
        raise _without(error, "pdf") from error


def _without(error: ImportError, form: str) -> InputError:
    return InputError(
        f"needs the package {error.name}, which is not installed",
        where=f"--form {form}",
        remedy="Install it with: pip install 'techalign[office]'.",
    )


def share_office(pages: Sequence[Path], form: str, day: dt.date, *, whole: bool = False) -> bytes:
    """Make a deck, a document or a workbook of the pages.

    Parameters
    ----------
    pages : sequence of Path
        As :func:`~techalign.review.records.ready_pages` gives them, the front page among them.
    form : str
        ``"pptx"``, ``"docx"`` or ``"xlsx"``.
    day : date
        The day of the review: the same pages give the same bytes.
    whole : bool
        A document with every report behind the review.

    Raises
    ------
    InputError
        If a package it needs or every font is missing.
    """
    try:
        from techalign.report.contents import read_contents
        from techalign.report.deck import make_deck
        from techalign.report.document import make_document
        from techalign.report.sheets import make_sheets

        front = read_contents(next(page for page in pages if page.stem == "index"))
        others = [read_contents(page) for page in pages if page.stem != "index"]
        if form == "docx":
            return make_document(front, others, day, whole=whole)
        return {"pptx": make_deck, "xlsx": make_sheets}[form](front, others, day)
    except ImportError as error:
        raise _without(error, form) from error
