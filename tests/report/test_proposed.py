"""Pages of a client whose tables were proposed say so beside every number that rests on them."""

from techalign.report.proposed import PROPOSED, Unconfirmed

FIGURE = '<dd class="s">{}</dd>'
TABLE = '<p class="source">Source: {}</p>'


def test_sources_that_name_a_proposed_table_are_marked() -> None:
    some = Unconfirmed({"contracts": 3, "vendor_events": 1})
    for source in ("contracts", "ledger and contracts", "contracts; vendors table",
                   "vendor events table; factors are assumptions"):  # fmt: skip
        assert PROPOSED in some.marked_page(TABLE.format(source))
        assert PROPOSED in some.marked_page(FIGURE.format(source))
    for source in ("ledger", "vendors table"):
        assert PROPOSED not in some.marked_page(TABLE.format(source) + FIGURE.format(source))
    assert PROPOSED in some.marked_page(FIGURE.format("the average over many years"))
    assert PROPOSED in some.marked_page(TABLE.format("the chances above"))
    assert PROPOSED not in some.marked_page(TABLE.format("published means"))
    assert some.marked_page(f"<p>{PROPOSED} contracts</p>") == f"<p>{PROPOSED} contracts</p>"


def test_a_page_of_confirmed_tables_is_left_alone() -> None:
    page = FIGURE.format("contracts") + TABLE.format("contracts")
    assert Unconfirmed({}).marked_page(page) == page
    assert Unconfirmed({}).html == ""


def test_facts_that_nobody_has_told_are_named() -> None:
    said = Unconfirmed({"vendors": 4}, ("the sector", "the yearly revenue")).html
    assert "4 cells of the vendors were proposed from the ledger" in said
    assert "Nobody has told yet the sector and the yearly revenue" in said
