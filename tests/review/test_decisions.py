"""Decisions on pages, what is kept of them, and what became of each at the next review."""

import csv
import datetime as dt
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign
from techalign.client import load_client
from techalign.decision import Decision
from techalign.errors import InputError, ParameterError, TableError
from techalign.numbers.intervals import Interval
from techalign.report import decisions
from techalign.review.decisions import front_part, what_became
from tests.review.made import figure, made
from tests.test_decision import make

TODAY = dt.date(2026, 6, 30)
CELLS = (
    "import datetime as dt\nfrom techalign import report\nfrom techalign.decision import Decision\n"
    "from techalign.numbers.intervals import Interval\n"
    "from techalign.client import load_client\n"
    "book = load_client(clients_dir, client, tables=['decisions'], as_of=as_of)\n"
    "report.headline('S.', [report.Figure('A number', 5.0, 'USD', 'given')])",
    "worth = {'Oak': 400.0, 'Elm': 90.0}\n"
    "report.decisions([Decision(what=f'Cut {s} <b>', area='spending', kind='act', subject=s,"
    " owner='the owner', by=dt.date(2026, 8, 14), value=Interval(m, m / 2, 2 * m), unit='USD',"
    " because='It costs.', evidence='The tree', basis='measured')"
    " for s, m in worth.items()], book)",
)
OAK = "spending-act-oak"


@pytest.fixture
def made_run(workbook: Path, notebook: Callable[..., Path]) -> Path:
    """A client with one report that puts two decisions, made at the end of March."""
    notebook("trees", *CELLS)
    assert _call(workbook, "run", "-p", "as_of=2026-03-31").exit_code == 0
    return workbook


def _call(workbook: Path, command: str, *arguments: str) -> Result:
    places = {"clients-dir": "clients", "out": "reports"}
    places |= {"notebooks-dir": "notebooks"} if command == "run" else {}
    more = [part for name, folder in places.items() for part in (f"--{name}", workbook / folder)]
    return CliRunner().invoke(techalign, [command, *arguments, *map(str, more)])


def _page(workbook: Path, name: str = "trees") -> str:
    return (workbook / "reports" / "acme" / f"{name}.html").read_text()


def _row(workbook: Path) -> dict[str, str]:
    with (workbook / "clients" / "acme" / "decisions.csv").open() as lines:
        (row,) = csv.DictReader(lines)
    return row


def test_decisions_stand_under_the_headline_with_who_when_and_how_much(made_run: Path) -> None:
    page = _page(made_run)
    assert page.index('class="lead"') < page.index("What to decide") < page.index("Since last")
    first = re.search(r'<li id="spending-act-oak">.*?</li>', page, re.DOTALL)
    assert first is not None
    text = re.sub(r"<[^>]+>", "", first[0])
    assert "Cut Oak &lt;b&gt;" in text
    assert "Who the owner; by 14 Aug 2026 (136 days left); worth $400 ($200 to $800)" in text
    assert 'href="#The-tree"' in first[0]
    assert page.index("Cut Oak") < page.index("Cut Elm")
    front = _page(made_run, "index")
    assert 'href="trees.html#The-tree"' in front
    assert front.index("Decide this quarter") < front.index("In numbers")


def test_what_is_agreed_done_or_declined_is_kept_and_told(made_run: Path) -> None:
    listed = _call(made_run, "decide", "acme")
    assert f"{OAK}: open" in listed.stdout
    done = _call(made_run, "decide", "acme", OAK, "--status", "agreed", "--owner", "Ann",
                 "--by", "2026-05-01", "--note", "=cmd()")  # fmt: skip
    assert done.exit_code == 0, done.exception
    row = _row(made_run)
    assert (row["status"], row["owner"], row["by"]) == ("agreed", "Ann", "2026-05-01")
    assert (row["first_seen"], float(row["value"])) == ("2026-03-31", 400.0)
    assert row["changed"] == f"{dt.date.today()}"
    assert row["note"] == "'=cmd()"  # no formula in a spreadsheet
    assert _call(made_run, "run", "-p", "as_of=2026-06-30").exit_code == 0
    page = re.sub(r"<[^>]+>", "", _page(made_run))
    assert "Who Ann; by 1 May 2026 (60 days overdue)" in page
    assert "agreed" in page
    assert "by Ann, 60 days overdue" in page.split("What became of the last decisions")[-1]
    assert f"{OAK}: agreed" in _call(made_run, "decide", "acme").stdout
    # a second word keeps what the first one said
    assert _call(made_run, "decide", "acme", OAK, "--status", "declined").exit_code == 0
    assert (_row(made_run)["owner"], _row(made_run)["first_seen"]) == ("Ann", "2026-03-31")
    assert _call(made_run, "run", "-p", "as_of=2026-06-30").exit_code == 0
    page = _page(made_run)
    assert '<li id="spending-act-oak">' not in page
    assert "Set aside: Cut Oak" in page
    assert "Cut Oak" not in _page(made_run, "index").split("In numbers")[0]


def test_the_day_it_was_said_may_be_given_and_the_next_review_tells_it(made_run: Path) -> None:
    kept = _call(made_run, "decide", "acme", OAK, "--status", "done", "--on", "2026-05-04")
    assert f"{OAK}: done on 4 May 2026." in kept.stdout
    assert _row(made_run)["changed"] == "2026-05-04"
    assert _call(made_run, "run", "-p", "as_of=2026-06-30").exit_code == 0
    page = _page(made_run).split("What became of the last decisions")[-1]
    assert "done on 4 May 2026" in page
    ahead = f"{dt.date.today() + dt.timedelta(1)}"
    wrong = _call(made_run, "decide", "acme", OAK, "--status", "done", "--on", ahead)
    assert "cannot lie ahead" in wrong.output
    assert _row(made_run)["changed"] == "2026-05-04"


def test_a_wrong_id_is_named_with_the_nearest(made_run: Path) -> None:
    wrong = _call(made_run, "decide", "acme", "spending-act-oat", "--status", "done")
    assert isinstance(wrong.exception, ParameterError)
    assert "Perhaps spending-act-oak" in str(wrong.exception)
    assert _call(made_run, "decide", "acme", OAK).exit_code == 2


def test_a_table_that_cannot_be_rewritten_is_left_as_it_is(made_run: Path) -> None:
    file = made_run / "clients" / "acme" / "decisions.csv"
    file.write_text("id,status\nspending-act-elm,perhaps\n")
    result = _call(made_run, "decide", "acme", OAK, "--status", "done")
    assert isinstance(result.exception, TableError)
    assert "would lose them" in str(result.exception)
    assert "perhaps" in file.read_text()
    file.rename(file.with_suffix(".tsv"))
    result = _call(made_run, "decide", "acme", OAK, "--status", "done")
    assert isinstance(result.exception, InputError)
    assert not file.exists()


def _shown(tmp_path: Path, text: str, *found: Decision) -> Any:
    from tests.example_client import example_client

    example_client(tmp_path, "acme", name="Acme", currency="USD")
    (tmp_path / "acme" / "decisions.csv").write_text(f"id,status,changed,value,by\n{text}\n")
    client = load_client(tmp_path, "acme", tables=["decisions"], as_of=TODAY)
    assert client.tables["decisions"].quarantine.empty
    return decisions(found, client)


@pytest.mark.parametrize(
    ("row", "status", "away"),
    [
        ("declined,2026-05-01,400,", "declined", True),
        ("declined,2026-05-01,100,", "open", False),  # its value has doubled since
        ("declined,2025-06-01,400,", "open", False),  # four quarters ago
        ("done,2026-05-01,400,", "done", True),
        ("agreed,2026-05-01,400,2026-06-01", "agreed", False),
        ("open,,,2026-06-01", "lapsed", False),
        ("open,,,2026-07-01", "open", False),
    ],
)
def test_where_a_decision_stands(tmp_path: Path, row: str, status: str, away: bool) -> None:
    shown = _shown(tmp_path, f"{OAK},{row}", make("Oak", 400.0))
    ((_, standing),) = shown.away if away else shown.found
    assert standing.status == status
    assert len(shown.found) == (not away)


def test_many_decisions_are_folded_and_none_is_a_sentence(tmp_path: Path) -> None:
    many = [make(f"Tree {n}", 100.0 * 2**n) for n in range(9)]
    html = _shown(tmp_path, "x,open,,,", *many).html
    assert "4 more decisions" in html
    assert (
        html.index("Tree 8") < html.index("Tree 4") < html.index("<details") < html.index("Tree 3")
    )
    assert "Nothing here needs a decision now" in _shown(tmp_path / "b", "x,open,,,").html


def _decided(as_of: str, *some: Decision, **kept: Any) -> Any:
    from techalign.report.decisions import Decisions, Standing

    table = {name: Standing(**each) for name, each in kept.items()}
    shown = Decisions(tuple((d, Standing()) for d in some), (), table, dt.date.fromisoformat(as_of))
    data = shown._repr_mimebundle_()["application/vnd.techalign.record+json"]
    assert isinstance(data, dict)
    block = {name: value for name, value in data.items() if name != "name"}
    return made(as_of, [figure("a", 1.0)], notebook="spending", decisions=block)


def test_what_became_says_each_case() -> None:
    oak, elm, ash = (make(name, 100.0, by=dt.date(2026, 5, 1)) for name in ("Oak", "Elm", "Ash"))
    fir = make("Fir", 100.0)
    old = _decided("2026-03-31", oak, elm, ash, fir)
    now = _decided("2026-06-30", oak, fir, **{elm.id: {"status": "done", "note": "by mail"}})
    section = what_became(now, {"2026Q1": [old]})
    assert section is not None
    told = re.findall(r"<li>(.*?)</li>", section.html)
    assert told == [
        "Act on Oak: lapsed, 60 days overdue.",
        "Act on Elm: done (by mail); promised $100; what it brought cannot be told: no table "
        "measures it.",
        "Act on Ash: its day has passed; nobody has said what was done.",
    ]
    assert "Put at the review of 2026 Q1: 1 of 4 is still open." in section.html
    assert what_became(now, {"2026Q1": [made("2026-03-31")]}) is None


def test_the_front_page_takes_three_over_all_reports_and_no_question() -> None:
    question = make("q", 1.0, kind="ask", value=None)
    first = _decided("2026-06-30", make("a", 10.0), make("b", 1000.0), question)
    other = _decided("2026-06-30", make("c", 500.0, area="vendors"), make("d", 90.0))
    other = other.model_copy(update={"notebook": "vendor_risk"})
    html = front_part([first, other], TODAY).html
    assert re.findall(r'<p class="do">Act on (\w)', html) == ["b", "c", "d"]
    assert 'href="vendor_risk.html#Seats"' in html
    assert "The reports name 1 more." in html
    nothing = front_part([made()], TODAY).html
    assert "No report names a decision" in nothing


def test_a_decision_survives_its_record() -> None:
    one = make("Oak", 100.0, 50.0, 150.0, cost=Interval(5.0, 4.0, 6.0, 1.0), pays=0.7, hours=3.0,
               waiting=Interval(9.0, 8.0, 10.0), by=TODAY, reversible=False, assumes=("x",),
               topic="seats", basis="judgement")  # fmt: skip
    record = _decided("2026-06-30", one)
    again = type(record).model_validate_json(record.model_dump_json())
    from techalign.review.decisions import Decided

    assert [row.decision for row in again.rows(Decided)] == [one]
