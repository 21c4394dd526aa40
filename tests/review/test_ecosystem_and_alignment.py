"""The two subjects in the review: then and now, the portfolio."""

from techalign.review.alignment import SUBJECT as ALIGNMENT
from techalign.review.ecosystem import SUBJECT as ECOSYSTEM
from techalign.review.records import Record
from tests.review.made import made


def _parts(fed: float, worst: str = "vendors") -> Record:
    rows = [{"player": worst, "fed": fed, "pull": 0.7}, {"player": "clients", "fed": 0.9,
            "pull": 0.3}, {"player": "partners", "fed": None, "pull": None}]  # fmt: skip
    return made(notebook="ecosystem", players=rows)


def _goals(coverage: float) -> Record:
    rows = [{"goal": "stay <open>", "weight": 0.6, "coverage": coverage, "reached": 0.5},
            {"goal": "grow", "weight": 0.4, "coverage": 0.5, "reached": None}]  # fmt: skip
    return made(notebook="alignment", goals=rows)


def test_the_part_that_holds_back_then_and_now() -> None:
    now, earlier = _parts(0.4), {"2026-Q1": [_parts(0.3)]}
    section = ECOSYSTEM.scores(now, earlier)
    assert section is not None
    assert "40%" in section.html and "30%" in section.html  # noqa: PT018
    assert "as in" in ECOSYSTEM.sentence([now], earlier)
    other = {"2026-Q1": [_parts(0.3, "associates")]}
    assert "it was the associates" in ECOSYSTEM.sentence([now], other)
    assert "vendors" in ECOSYSTEM.together({"acme": [now]})[0].html


def test_goals_then_and_now() -> None:
    now, earlier = _goals(0.4), {"2026-Q1": [_goals(0.2)]}
    section = ALIGNMENT.scores(now, earlier)
    assert section is not None
    assert "stay &lt;open&gt;" in section.html
    assert "44% of what matters, 32%" in ALIGNMENT.sentence([now], earlier)
    assert "44%" in ALIGNMENT.together({"acme": [now]})[0].html


def test_nothing_to_compare_says_nothing() -> None:
    bare = made(notebook="spending")
    assert ECOSYSTEM.scores(bare, {"2026-Q1": [bare]}) is None
    assert ALIGNMENT.scores(bare, {"2026-Q1": [bare]}) is None
    assert ECOSYSTEM.sentence([bare], {"2026-Q1": [bare]}) == ""
    assert ALIGNMENT.sentence([bare], {"2026-Q1": [bare]}) == ""
    assert ECOSYSTEM.together({"acme": [bare]}) == []
    assert ALIGNMENT.together({"acme": [bare]}) == []
