"""What the pages that clients read say: no file, no code, one and many as people write them."""

import json
import re
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[2] / "datasets" / "clients"
PROVENANCE = re.compile(r'<details class="?provenance.*?</details>|<footer>.*?</footer>', re.DOTALL)
SAID_AGAIN = re.compile(r"<style.*?</style>|<svg.*?</svg>", re.DOTALL)


def _pages(reports: Path) -> dict[str, str]:
    """Each page of a client with what it says, without what lists the files it was made from."""
    found = {}
    for path in sorted(reports.glob("*/*.html")):
        page = path.read_text("utf-8")
        record = path.with_suffix(".json")
        if record.exists() and json.loads(record.read_text())["status"] != "ok":
            continue  # the adviser's: it says which file to add
        inside = SAID_AGAIN.sub(" ", PROVENANCE.sub(" ", page)).partition("<main")[2]
        text = re.sub(r"<[^>]+>", " ", inside)
        found[f"{path.parent.name}/{path.name}"] = re.sub(r"\s+", " ", text)
    return found


@pytest.fixture(scope="module")
def pages(reports: Path) -> dict[str, str]:
    found = _pages(reports)
    assert len(found) > 30
    return found


@pytest.mark.parametrize(
    "wrong",
    [
        r"(?<![\d.,])1 (?:\w+ )?(?:companies|reports|decisions|partners|payments|seats|rows)\b",
        r"(?<![\d.,])(?:[02-9]|\d\d+) "
        r"(?:company|report|decision|seat|partner(?! \w+ (?:read|not there))) ",
        r"(?<![\d.,])1 (?:have|are|were)\b",
        r"\b(?:nan|NaN|None|inf|NaT)\b",
        r"\bTrue\b|\bFalse\b(?! alarm)",
        r"\b[a-z]+_[a-z_]+\b",
        r"\b[\w-]+\.(?:csv|xlsx|tsv|toml|json|parquet|ipynb)\b",
        r"\b(?!(?:[Tt]he|[Tt]his|a|no|each) )[\w-]+ tables?\b",
    ],
    ids=[
        "one is one",
        "many are many",
        "one is not many",
        "no code for nothing",
        "no code for yes",
        "no column",
        "no file",
        "no name of a table",
    ],
)
def test_no_page_says(pages: dict[str, str], wrong: str) -> None:
    found = {name: re.findall(rf".{{0,30}}{wrong}.{{0,30}}", text) for name, text in pages.items()}
    assert {name: said[:3] for name, said in found.items() if said} == {}
