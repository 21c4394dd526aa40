"""A client's front page: what is ready, what is missing in words for a client, what changed."""

import re

from techalign.review.front_page import render_client
from tests.review.made import figure, made


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
    assert "There is no table of partners." in said
    assert 'href="vendor_risk.html"' in html
    assert 'href="spending.html"' not in html


def test_only_what_moved_beyond_its_noise_is_told() -> None:
    then = made("2026-03-31", [figure("Loss", 900.0, 800.0, 1000.0), figure("Paid", 100.0)])
    now = made(figures=[figure("Loss", 910.0, 810.0, 1010.0), figure("Paid", 250.0)])
    said = _text(render_client([now], {"2026Q1": [then]}))
    assert "Changed since 2026 Q1 by more than its noise" in said
    row = said[said.index("Change What") :] if "Change What" in said else said
    assert "Paid" in row
    assert "1 other headline number moved no more than noise." in said


def test_the_first_review_says_so() -> None:
    assert "This is the first review." in _text(render_client([made()], {}))
