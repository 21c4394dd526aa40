"""Write screenshots of all pages for a person to look at: three widths, dark, and print.

With ``--for-docs`` these are the two pictures that the documentation shows: a review, and a what-if
section in JupyterLab.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))  # as a program it is started by its path

from tests.browser.lab import handles, opened, started  # noqa: E402

WIDTHS = (360, 768, 1280)
SHOWN = Path("machine-shop/index.html")
"""The page that the documentation shows."""


def shoot(browser: Browser, reports: Path, out: Path) -> list[Path]:
    """Write pictures and PDFs of every page below a folder of reports.

    Parameters
    ----------
    browser : Browser
    reports, out : Path

    Returns
    -------
    list of Path
        The files written.
    """
    written = []
    for path in sorted(reports.resolve().rglob("*.html")):
        name = "-".join(path.relative_to(reports.resolve()).with_suffix("").parts)
        for scheme in ("light", "dark"):
            page = browser.new_page(color_scheme=scheme)
            page.goto(path.as_uri())
            for width in WIDTHS if scheme == "light" else WIDTHS[-1:]:
                page.set_viewport_size({"width": width, "height": 900})
                target = out / f"{name}-{width}{'' if scheme == 'light' else '-dark'}.png"
                page.screenshot(path=target, full_page=True)
                written.append(target)
            page.close()
        page = browser.new_page()
        page.goto(path.as_uri())
        page.pdf(path=out / f"{name}.pdf", prefer_css_page_size=True)
        written.append(out / f"{name}.pdf")
        page.close()
    return written


def shoot_for_docs(browser: Browser, reports: Path, docs: Path) -> None:
    """Write the first screen of a client's review, and a what-if section in JupyterLab."""
    page = browser.new_page(viewport={"width": 1000, "height": 1180})
    page.goto((reports.resolve() / SHOWN).as_uri())
    _small(page.screenshot(), docs / "review.png")
    page.close()
    with tempfile.TemporaryDirectory() as place, started(Path(place)) as lab:
        page, _ = opened(lab, browser, "vendor_risk")
        page.set_viewport_size({"width": 1000, "height": 1180})
        page.keyboard.press("Control+b")  # without the list of files
        years = handles(page).nth(1).locator(".noUi-handle")
        for _ in range(2):
            years.press("ArrowRight")
        page.get_by_text("within 3 years on average").wait_for()
        page.get_by_role("heading", name="What if?").evaluate("e => e.scrollIntoView()")
        page.wait_for_timeout(500)  # until it has scrolled
        _small(page.screenshot(), docs / "workbench.png")
        page.close()


def _small(png: bytes, target: Path) -> None:
    """Write a picture in few colours, so that it stays small."""
    picture = Image.open(io.BytesIO(png)).convert("RGB")
    picture.quantize(64, dither=Image.Dither.NONE).save(target, optimize=True)


def main(out: Path, reports: Path = Path("reports")) -> None:
    """Write screenshots of the reports that are there."""
    path = shutil.which("chromium") or shutil.which("chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        if out == Path("--for-docs"):
            shoot_for_docs(browser, reports, ROOT / "docs")
        else:
            out.mkdir(parents=True, exist_ok=True)
            print(f"{len(shoot(browser, reports, out))} files in {out}")
        browser.close()


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
