"""What a notebook hands on is checked where it does so, and a bad record stops nothing."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign
from techalign.errors import InputError, ModelError
from techalign.review import record
from techalign.review.block import block_kinds
from techalign.review.records import find_records, ready_pages
from tests.review.made import vendor

FIGURE = (
    "from techalign import report, review\nimport pandas as pd\n"
    "report.headline('S.', [report.Figure('A number', 5.0, 'USD', 'given')])"
)
HALF = (
    "review.record('vendors', pd.DataFrame({'vendor': ['Oak'], 'pd': [0.1]}),"
    " columns={'vendor': 'vendor', 'pd': 'pd'}, unit='USD')"
)
BY_HAND = (
    "from IPython.display import display\n"
    "display({'application/vnd.techalign.record+json': {'name': 'vendors', 'unit': 'USD',"
    " 'rows': [{'vendor': 'Oak', 'pd': 7}]}}, raw=True)"
)


def _run(workbook: Path, *arguments: str) -> Result:
    places = {"clients-dir": "clients", "notebooks-dir": "notebooks", "out": "reports"}
    more = [part for name, folder in places.items() for part in (f"--{name}", workbook / folder)]
    return CliRunner().invoke(techalign, ["run", *arguments, *map(str, more)])


def _handed(*rows: dict[str, object]) -> object:
    frame = pd.DataFrame(list(rows))
    return record("vendors", frame, columns={name: name for name in frame.columns}, unit="USD")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"pd": 1.5}, r"row 1, pd: .*less than or equal to 1"),
        ({"pd_low": 0.3}, r"row 1: pd_low <= pd <= pd_high must hold"),
        ({"loss": float("nan")}, r"row 1, loss"),
        ({"vendor": ""}, r"row 1, vendor"),
        ({"colour": "red"}, r"row 1, colour: extra inputs are not permitted. A row is vendor, pd"),
    ],
)
def test_a_bad_row_is_refused_by_name(change: dict[str, object], said: str) -> None:
    with pytest.raises(ModelError, match=f"record 'vendors', {said}"):
        _handed({**vendor("Oak", 0.1), **change})


def test_good_rows_are_handed_on_as_plain_json() -> None:
    handed = _handed(vendor("Oak", 0.1))
    data = handed._repr_mimebundle_()["application/vnd.techalign.record+json"]  # type: ignore[attr-defined]
    assert json.loads(json.dumps(data))["rows"] == [vendor("Oak", 0.1)]


def test_an_unknown_block_and_a_missing_column_are_named() -> None:
    with pytest.raises(ModelError, match=r"'vendor_list'.*actual, ceased, dates, decisions"):
        record("vendor_list", pd.DataFrame(), columns={})
    with pytest.raises(ModelError, match=r"lacks a column.*'pd'"):
        record("vendors", pd.DataFrame({"vendor": ["x"]}), columns={"pd": "pd"})


def test_every_kind_of_block_has_a_schema() -> None:
    assert block_kinds().keys() >= {"actual", "ceased", "dates", "decisions", "vendors", "plan"}
    for kind in block_kinds().values():
        assert kind.model_json_schema()["properties"]["rows"]
        assert list(kind(rows=()).frame().columns) == kind.columns()


@pytest.mark.parametrize("bad", [HALF, BY_HAND])
def test_a_bad_block_fails_its_report_and_nothing_else(
    workbook: Path, notebook: Callable[..., Path], bad: str
) -> None:
    notebook("bad", FIGURE, bad)
    notebook("good", FIGURE)
    result = _run(workbook)
    assert result.exit_code == 1
    assert "failed: acme bad:" in result.stderr
    assert "pd" in result.stderr
    assert "1 of 2 reports made" in result.stdout
    assert "bad.html" in (workbook / "reports" / "index.html").read_text()
    assert (workbook / "reports" / "portfolio.html").exists()
    # and no later run of another report in the folder ends for it
    assert _run(workbook, "--notebook", "good").exit_code == 0


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda text: text[: len(text) // 2], "Invalid JSON"),
        (lambda text: text.replace('"status": "ok"', '"status": "fine"'), "status"),
        (lambda text: text.replace('"key":', '"kee":'), "kee"),
        (lambda text: text.replace('"figures": [', '"figures": [7, '), "figures"),
        (lambda text: text.replace('"recorded": {}', '"recorded": {"x": {}}'), "no kind of block"),
        (lambda text: text.replace('"acme/one.html"', '"../../etc/passwd"'), "page"),
        (lambda text: text.replace('"acme/one.html"', '"other/one.html"'), "client's folder"),
        (lambda text: text.replace('"notebook": "one"', '"notebook": "../../one"'), "is no name"),
        (
            lambda text: text.replace('"acme/one.html"', '"elm/one.html"').replace(
                '"client": "acme"', '"client": "elm"'
            ),
            "is of another client, 'elm'",
        ),
        (lambda _: "", "Invalid JSON"),
        (lambda _: "[]", "Input should be an object"),
    ],
)
def test_a_record_that_cannot_be_read_is_named_left_aside_and_made_again(
    workbook: Path, notebook: Callable[..., Path], damage: Callable[[str], str], said: str
) -> None:
    notebook("one", FIGURE)
    notebook("two", FIGURE)
    assert _run(workbook, "-p", "as_of=2026-03-31").exit_code == 0
    assert _run(workbook, "-p", "as_of=2026-06-30").exit_code == 0
    out = workbook / "reports"
    for place in (out / "acme" / "one.json", out / "acme" / "history" / "2026Q1" / "one.json"):
        text = place.read_text()
        assert damage(text) != text
        place.write_text(damage(text))
        (aside,) = find_records([place]).set_aside
        assert said.casefold() in aside.casefold()
        assert aside.startswith(("acme/one.json", "acme/history/2026Q1/one.json"))
    other = _run(workbook, "-p", "as_of=2026-06-30", "--notebook", "two")
    assert other.exit_code == 0
    assert "record set aside: acme/one.json" in other.stderr
    again = _run(workbook, "-p", "as_of=2026-06-30")
    assert again.exit_code == 0
    assert "2 of 2 reports made" in again.stdout
    assert "set aside" not in again.stderr.replace("history", "")


def test_a_pipe_for_a_record_or_a_link_for_a_page_holds_nobody_up(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("one", FIGURE)
    assert _run(workbook).exit_code == 0
    out = workbook / "reports"
    place = out / "acme" / "one.json"
    text = place.read_bytes()
    place.unlink()
    os.mkfifo(place)
    assert find_records([place]).records == ()
    place.unlink()
    place.write_bytes(text)
    page = out / "acme" / "one.html"
    page.unlink()
    page.symlink_to(workbook / "clients" / "acme" / "ledger.csv")
    with pytest.raises(InputError, match=r"acme/one\.html: is no page of this folder"):
        ready_pages(out, "acme")
