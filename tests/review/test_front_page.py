"""A client's front page: what is ready, what is missing in words for a client, what changed."""

import re
from pathlib import Path

from techalign.review.front_page import render_client
from techalign.review.subject import subjects
from tests.review.made import DECISION, figure, made, vendor

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def _text(html: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<[^>]+>", " ", html, flags=re.S))


def test_a_report_that_failed_is_named_without_what_went_wrong_in_it() -> None:
    ready = made(figures=[figure("Loss", 900.0, 200.0, 2100.0)])
    failed = made(notebook="spending").model_copy(
        update={"status": "failed", "message": "KeyError: 'pd_low' in cell 7"}
    )
    off = made(notebook="partner_ramps").model_copy(
        update={"status": "not enabled", "message": "There is no table of partners."}
    )
    html = render_client([ready, failed, off], {})
    said = _text(html)
    assert "could not be made this time" in said
    assert "KeyError" not in html
    assert "Partner ramps: not part of this review." in said
    assert 'href="vendor_risk.html"' in html
    assert 'href="spending.html"' not in html


def test_only_what_moved_beyond_its_noise_is_told() -> None:
    then = made("2026-03-31", [figure("Loss", 900.0, 800.0, 1000.0), figure("Paid", 100.0)])
    now = made(figures=[figure("Loss", 910.0, 810.0, 1010.0), figure("Paid", 250.0)])
    said = _text(render_client([now], {"2026Q1": [then]}))
    assert "Changed since 2026 Q1 by more than its noise" in said
    row = said[said.index("by more than its noise:") :]
    assert "Paid" in row
    assert "1 other headline number moved no more than noise." in said


def test_the_first_review_says_so() -> None:
    assert "This is the first review." in _text(render_client([made()], {}))


def test_where_a_client_stands_is_said_first_of_what_its_tables_tell() -> None:
    spent = figure("Known technology spending, 12 months", 40_000.0, 40_000.0, 55_000.0)
    lost = figure("Loss in a bad year (1 in 100)", 90_000.0, 30_000.0, 200_000.0)
    both = [made(figures=[spent], notebook="spending"), made(figures=[lost])]
    assert (
        "Acme spends at least $40k a year on technology, and stands to lose $90k or more in one "
        "year out of a hundred if companies it depends on cease."
    ) in _text(render_client(both, {}))
    assert 'class="lead"' not in render_client([made()], {})


def test_months_without_data_are_not_told_as_a_year() -> None:
    label, gap = "Known technology spending, 12 months", "the ledger has no data for 10 months"
    part = figure(label, 900.0) | {"gap": gap}
    said = _text(render_client([made(figures=[part], notebook="spending")], {}))
    assert (
        "Acme spent $900 on technology in those of the last twelve months that are on record"
        in (said)
    )
    assert "a year on technology" not in said
    assert said[said.index("In numbers") :].count(gap) == 1
    nothing = figure(label, 0.0, 0.0, 500.0)
    said = _text(render_client([made(figures=[nothing], notebook="spending")], {}))
    assert "Acme has no payment yet that is surely for technology." in said


def test_risks_that_nobody_has_told_are_said_without_a_file() -> None:
    said = _text(render_client([made(notebook="spending")], {}))
    assert "What it would cost if a company ceased is not known" in said
    assert "table" not in said.partition("Largest risks in money")[2][:120]


def test_an_overdue_decision_and_days_that_are_near_are_marked_by_word_and_colour() -> None:
    agreement = {"what": "Oak", "act_by": "2026-05-01", "last_day": "2026-07-04",
                 "end": "2026-12-31", "renews": True, "money": 900.0, "money_low": 900.0,
                 "money_high": 900.0}  # fmt: skip
    late = DECISION | {"by": "2026-06-01", "what": "Give up 2 seats of Elm"}
    html = render_client([made(notebook="spending", dates=[agreement], decisions=[late])], {})
    assert '<span class="late">29 days overdue</span>: Give up 2 seats of Elm' in html
    assert '<b class="soon">4 days left</b>: Last day to cancel Oak, 4 Jul 2026' in html
    far = agreement | {"last_day": "2026-11-04"}
    html = render_client([made(notebook="spending", dates=[far])], {})
    assert "<b>127 days left</b>: Last day to cancel Oak" in html
    assert 'class="soon"' not in html


def test_reviews_that_were_left_out_are_said_and_the_next_is_dated() -> None:
    def text(*quarters: str) -> str:
        return _text(render_client([made()], {q: [made("2025-01-01")] for q in quarters}))

    assert "The next review is due by 30 Sep 2026." in text("2026Q1")
    assert "not held" not in text("2026Q1")
    assert "that of 2026 Q1 was not held" in text("2025Q4")
    assert "those of 2025 Q3, 2025 Q4 and 2026 Q1 were not held" in text("2025Q2")


def test_numbers_of_all_reports_speak_for_and_against_the_business() -> None:
    records = [
        made(figures=[figure("Loss in a bad year (1 in 100)", 90_000.0, 30_000.0, 200_000.0),
                      figure("Number of companies this risk hangs on", 2.0)]),
        made(figures=[figure("Health of the whole", 0.5, 0.4, 0.6)], notebook="ecosystem"),
        made(figures=[figure("How far technology carries what matters", 0.8, 0.7, 0.9),
                      figure("Repeated work that tools could take over, a year", 0.0)],
             notebook="alignment"),
    ]  # fmt: skip
    html = render_client(records, {})
    said = _text(html[html.index('<details class="forces">') : html.index("</details>")])
    order = [
        " Strengths ", "Technology carries what matters to it.",
        " Weaknesses ", "A part it lives by is neglected.",
        " Threats ", "Companies it depends on: a year that one in a hundred is.",
        "Its risk hangs on few companies.",
    ]  # fmt: skip
    places = [said.index(text) for text in order]
    assert places == sorted(places)
    assert "Opportunities" not in said  # nothing can be saved
    for page in ("vendor_risk", "ecosystem", "alignment"):
        assert f'href="{page}.html">' in html


def test_every_force_names_a_headline_number_of_a_notebook() -> None:
    sources = "".join(path.read_text("utf-8") for path in NOTEBOOKS.glob("*.ipynb"))
    for subject in subjects():
        for force in subject.forces:
            assert force.label in sources, (subject.name, force.label)
            assert force.least <= force.most


def test_the_largest_risks_show_what_they_are_ordered_by() -> None:
    rows = [
        vendor("Dear", pd=0.01, loss=90_000.0),
        vendor("Likely", pd=0.3, loss=20_000.0),
        vendor("Small", pd=0.02, loss=50.0),
    ]
    html = render_client([made(vendors=rows)], {})
    part = html[html.index("Companies whose end would cost most, on average a year") :]
    part = part[: part.index("</table>")]
    said = _text(part)
    assert said.index("Likely") < said.index("Dear") < said.index("Small")
    assert "Average a year" in said
    points = re.findall(r"\$([\d,.]+) \(", said)  # the one column with its range
    shown = [float(point.replace(",", "")) for point in points]
    assert shown == [6000.0, 900.0, 1.0]
