"""What the pages that clients read say: no file, no code, one and many as people write them."""

import json
import re
from pathlib import Path

import pytest

CLIENTS = Path(__file__).parents[2] / "datasets" / "clients"
PROVENANCE = re.compile(r'<details class="?provenance.*?</details>|<footer>.*?</footer>', re.DOTALL)
ENDED = re.compile(r"</(?:li|h\d|p|td|th|dt|dd|summary|caption|figcaption)>")
SAID_AGAIN = re.compile(r"<style.*?</style>|<svg.*?</svg>", re.DOTALL)


WRONG = {
    "one is one": r"(?<![\d.,])1 (?:\w+ )?"
    r"(?:companies|reports|decisions|partners|payments|seats|rows)\b",
    "many are many": r"(?<![\d.,])(?:[02-9]|\d\d+) "
    r"(?:company|report|decision|seat|partner(?! \w+ (?:read|not there))) ",
    "one is not many": r"(?<![\d.,])1 (?:have|are|were)\b",
    "no code for nothing": r"\b(?:nan|NaN|None|inf|NaT)\b",
    "no code for yes": r"\bTrue\b|\bFalse\b(?! alarm)",
    "no column": r"\b[a-z]+_[a-z_]+\b",
    "no file": r"\b[\w-]+\.(?:csv|xlsx|tsv|toml|json|parquet|ipynb)\b",
    "no place in a table": r"\b(?:in the column|its row)\b",
    "no name of a table": r"\b(?!(?:[Tt]he|[Tt]his|a|no|each) )[\w-]+ tables?\b",
}


def pages_of(reports: Path) -> dict[str, str]:
    """Each page of a client with what it says, without what lists the files it was made from."""
    found = {}
    for path in sorted(reports.glob("*/*.html")):
        page = path.read_text("utf-8")
        record = path.with_suffix(".json")
        if record.exists() and json.loads(record.read_text())["status"] != "ok":
            continue  # the adviser's: it says which file to add
        inside = SAID_AGAIN.sub(" ", PROVENANCE.sub(" ", page)).partition("<main")[2]
        text = re.sub(r"<[^>]+>", " ", ENDED.sub(" | ", inside))
        found[f"{path.parent.name}/{path.name}"] = re.sub(r"\s+", " ", text)
    return found


@pytest.fixture(scope="module")
def pages(reports: Path) -> dict[str, str]:
    found = pages_of(reports)
    assert len(found) > 30
    return found


@pytest.mark.parametrize("wrong", WRONG)
def test_no_page_says(pages: dict[str, str], wrong: str) -> None:
    assert said_wrong(pages, wrong) == {}


def said_wrong(pages: dict[str, str], wrong: str) -> dict[str, list[str]]:
    """Pages with what they say wrong of one kind, and some words around it."""
    saying = re.compile(rf".{{0,30}}{WRONG[wrong]}.{{0,30}}")
    found = {name: saying.findall(text)[:3] for name, text in pages.items()}
    return {name: said for name, said in found.items() if said}
