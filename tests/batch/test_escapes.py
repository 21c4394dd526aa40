"""What steers a terminal is on no page, whatever brings it: names, titles, data, errors."""

import re
from collections.abc import Callable
from pathlib import Path

from click.testing import CliRunner

from techalign.cli.main import techalign

ESCAPE = "\x1b]0;t\x07\x1b[31m\x9b1m\x08"
CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
FIGURE = (
    "from techalign import report\n"
    "report.headline('S.', [report.Figure('A\\x1b[1m number', 5.0, 'USD', 'given\\x9b')])"
)


def test_no_page_and_no_calendar_holds_what_steers_a_terminal(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("one", FIGURE, title=f"A{ESCAPE} title")
    notebook("two", f"raise ValueError('no {ESCAPE}')")
    toml = workbook / "clients" / "acme" / "client.toml"
    toml.write_text(toml.read_text().replace("Acme & Co", "Acme\\u001b[31m\\u009b & Co"))
    where = ["--clients-dir", str(workbook / "clients"), "--out", str(workbook / "reports")]
    done = CliRunner().invoke(
        techalign, ["run", *where, "--notebooks-dir", str(workbook / "notebooks")]
    )
    assert done.exit_code == 1
    assert not CONTROLS.search(done.output)
    combined = workbook / "all.html"
    shared = ["share", "acme", "--form", "html", "--to", str(combined), "--out", where[3]]
    assert CliRunner().invoke(techalign, shared).exit_code == 0
    written = [*(workbook / "reports").rglob("*.html"), *(workbook / "reports").rglob("*.ics")]
    assert len(written) >= 5
    for path in [*written, combined]:
        found = CONTROLS.search(path.read_text(encoding="utf-8"))
        assert found is None, path.name
