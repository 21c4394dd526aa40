"""The two subjects in the review: then and now, the portfolio."""

import datetime as dt
import re

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


def test_targets_stand_on_the_front_page_with_what_is_overdue_first() -> None:
    def goal(name: str, by: str | None, actual: float, reached: float) -> dict[str, object]:
        known = {"baseline": 0.2, "target": 0.3, "actual": actual, "reached": reached, "by": by}
        return {"goal": name, "metric": f"{name} <won>", "weight": 0.3, "coverage": 0.5, **known}

    rows = [goal("a", "2027-01-01", 0.21, 0.1), goal("b", "2026-01-01", 0.29, 0.9),
            goal("c", None, 0.3, 1.0), goal("d", None, 0.25, 0.5)]  # fmt: skip
    part = ALIGNMENT.summary([made(notebook="alignment", goals=rows)], dt.date(2026, 6, 30))
    said = re.findall(r"<li>(.*?)</li>", part.html)
    assert said[0] == (
        "b &lt;won&gt;: 29%, 30% wanted by 1 Jan 2026, from 20%; 90% of the way "
        '<span class="late">overdue</span>'
    )
    assert said[1] == "a &lt;won&gt;: 21%, 30% wanted by 1 Jan 2027, from 20%; 10% of the way"
    assert len(said) == 2
    assert "1 of 4 targets reached. 2 more in the report." in part.html
    assert ALIGNMENT.summary([made(notebook="spending")], dt.date(2026, 6, 30)).html == ""
