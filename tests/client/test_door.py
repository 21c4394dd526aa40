"""What lies in a client's folder need not be a table: each kind ends in one line and no hang."""

import gzip
import io
import os
import re
import shutil
import socket
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from techalign.batch.given import read_parameters_file
from techalign.batch.keys import client_parts
from techalign.cli.main import techalign
from techalign.client import load_client
from techalign.client.experience import EXPERIENCE, Experience, load_experience
from techalign.client.folder import unread_files
from techalign.errors import InputError
from techalign.intake.source import read_source
from techalign.intake.values import read_numbers, settle_marks
from techalign.text import folded, visible
from tests.example_client import example_client

LEDGER = "date,vendor_raw,amount\n2026-01-05,Oak,10.00\n"


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    """One client with every table, and a good one of which a test only asks that it is read."""
    for name in ("acme", "good"):
        example_client(tmp_path, name, name=name.title(), currency="USD")
    _keep(tmp_path / "good", "client.toml", "ledger.csv")
    return tmp_path


def _keep(folder: Path, *names: str) -> None:
    for path in folder.iterdir():
        if path.name not in names:
            path.unlink()


def _fifo(path: Path) -> None:
    os.mkfifo(path)


def _socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as made:
        made.bind(str(path))


def _loop(path: Path) -> None:
    path.symlink_to(path.name)


NO_FILES: dict[str, Callable[[Path], None]] = {
    "pipe": _fifo,
    "device": lambda path: path.symlink_to("/dev/zero"),
    "directory": lambda path: path.mkdir(),
    "socket": _socket,
    "dangling link": lambda path: path.symlink_to("nothing"),
    "loop of links": _loop,
    "link out": lambda path: path.symlink_to(Path(__file__)),
}


@pytest.mark.parametrize("kind", NO_FILES)
@pytest.mark.parametrize("name", ["ledger.csv", "vendors.xlsx", "client.toml"])
def test_what_is_no_file_is_refused_by_name_and_at_once(
    clients: Path, kind: str, name: str
) -> None:
    path = clients / "acme" / name
    _keep(clients / "acme", *{"client.toml", "ledger.csv"} - {name})
    NO_FILES[kind](path)
    with pytest.raises(InputError, match=f"^acme/{re.escape(name)}: .+"):
        load_client(clients, "acme")
    checked = CliRunner().invoke(techalign, ["check", "--clients-dir", str(clients)])
    assert checked.exit_code == 2
    assert "good/ledger.csv: " in checked.stdout
    assert f"acme/{name}" in checked.stderr


def test_a_file_or_folder_that_may_not_be_read_is_refused_by_name(clients: Path) -> None:
    closed = {"ledger": "ledger.csv", "facts": "client.toml", "folder": "."}
    for client, name in closed.items():
        example_client(clients, client, name=client.title(), currency="USD")
        _keep(clients / client, "client.toml", "ledger.csv")
        (clients / client / name).chmod(0)
    command = [sys.executable, "-m", "techalign", "check", "--clients-dir", str(clients)]
    if os.geteuid() == 0:  # root may read everything, unless it gives that up
        if shutil.which("setpriv") is None:
            pytest.skip("no way to give up what root may")
        rights = "-dac_override,-dac_read_search"
        command = ["setpriv", f"--bounding-set={rights}", f"--inh-caps={rights}", *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    for client, name in closed.items():
        (clients / client / name).chmod(0o755)
    assert done.returncode == 2, done.stderr
    lines = done.stderr.splitlines()
    assert len(lines) == len(closed)
    for client, name in closed.items():
        place = f"{client}/{name}".removesuffix("/.")
        assert sum(place in line and "Permission denied" in line for line in lines) == 1
    assert "good/ledger.csv: " in done.stdout


@pytest.mark.slow
def test_one_bad_client_never_stops_the_others(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook(
        "ledger",
        "from techalign import report\nfrom techalign.client import load_client\n"
        "book = load_client(clients_dir, client, tables=['ledger'])\nbook.require('ledger')\n"
        "report.headline('S.', [report.Figure('Rows', float(len(book.table('ledger'))), '', 'x')])",
    )
    clients = workbook / "clients"
    for name in ("nested", "pipe", "far"):
        example_client(clients, name, name=name, currency="USD")
    (clients / "nested" / "client.toml").write_text("x = " + "[" * 5000)
    (clients / "pipe" / "ledger.csv").unlink()
    os.mkfifo(clients / "pipe" / "ledger.csv")
    toml = clients / "far" / "client.toml"
    toml.write_text(toml.read_text().replace("# as_of = 2026-06-30", "as_of = 3024-01-01"))
    (clients / "Oak Street").mkdir()
    (clients / "evil\x1b[31m").mkdir()
    done = subprocess.run(
        [sys.executable, "-m", "techalign", "run", "--clients-dir", str(clients),
         "--notebooks-dir", str(workbook / "notebooks"), "--out", str(workbook / "reports")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "1 of 6 reports made" in done.stdout
    assert (workbook / "reports" / "acme" / "ledger.html").exists()
    for name, said in (
        ("nested", "nested too deeply"),
        ("pipe", "is not a plain file"),
        ("far", "as_of"),
        ("Oak Street", "is not a client id"),
        (r"evil\x1b[31m", "is not a client id"),
    ):
        assert f"failed: {name} ledger: " in done.stderr
        assert said in done.stderr
    assert "\x1b" not in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    index = (workbook / "reports" / "index.html").read_text()
    assert 'href="Oak%20Street/ledger.html"' in index


def _workbook(cells: dict[str, object]) -> bytes:
    from openpyxl import Workbook

    book = Workbook()
    for place, value in {"A1": "date", "B1": "vendor_raw", "C1": "amount", **cells}.items():
        book.active[place] = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _without_sheets() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(_workbook({}))) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            if "sheet1" not in name:
                new.writestr(name, old.read(name))
    return file.getvalue()


def _parquet() -> bytes:
    file = io.BytesIO()
    pd.DataFrame({"date": ["2026-01-01"] * 99, "amount": range(99)}).to_parquet(file)
    return file.getvalue()


DAMAGED = {
    "cut gzip": ("ledger.csv.gz", gzip.compress(LEDGER.encode() * 50)[:40]),
    "wrong gzip": ("ledger.csv.gz", gzip.compress(LEDGER.encode())[:-9] + b"garbage!!"),
    "no gzip": ("ledger.csv.gz", LEDGER.encode()),
    "odd UTF-16": ("ledger.csv", LEDGER.encode("utf-16") + b"x"),
    "half a surrogate": ("ledger.csv", b"\xff\xfe" + b"\x00\xd8" * 3),
    "binary": ("ledger.csv", bytes(range(256)) * 4),
    "cut parquet": ("ledger.parquet", _parquet()[:-30]),
    "damaged parquet pages": ("ledger.parquet", b"PAR1" + b"\xff" * 60 + _parquet()[64:]),
    "no parquet": ("ledger.parquet", LEDGER.encode()),
    "cut workbook": ("ledger.xlsx", _workbook({})[:2000]),
    "workbook without its sheet": ("ledger.xlsx", _without_sheets()),
    "no workbook": ("ledger.xlsx", LEDGER.encode()),
    "far column": ("ledger.xlsx", _workbook({"XFD2": 1})),
    "far row": ("ledger.xlsx", _workbook({"A1048576": 1})),
    "nothing": ("ledger.csv", b""),
}


@pytest.mark.parametrize("name", DAMAGED)
def test_a_damaged_file_is_one_line_with_a_remedy(name: str) -> None:
    file, data = DAMAGED[name]
    with pytest.raises(InputError) as caught:
        read_source(file, data)
    text = str(caught.value)
    assert text.startswith(file)
    assert "\n" not in text
    assert caught.value.remedy


@pytest.mark.parametrize("day", ["3024-01-01", "1066-10-14", "0001-01-01", "9999-12-31"])
def test_a_day_no_calendar_of_ours_holds_is_set_aside(clients: Path, day: str) -> None:
    (clients / "acme" / "ledger.csv").write_text(f"{LEDGER}{day},Elm,5.00\n")
    table = load_client(clients, "acme", tables=["ledger"]).tables["ledger"]
    assert len(table.clean) == 1
    (problem,) = table.quarantine.to_dict("records")
    assert (problem["line"], problem["column"], problem["value"]) == (3, "date", day)
    assert problem["reason"] == "is not a day from 1700 to 2199"
    with pytest.raises(InputError, match="as_of"):
        load_client(clients, "acme", as_of=day)


def test_names_that_look_the_same_are_the_same(clients: Path) -> None:
    (clients / "acme" / "vendors.csv").write_text(
        "vendor,relation,sector,criticality\nNimbra Cloud,direct,retail,3\n"
        "NIMBRA  cloud,direct,retail,3\nNimbra\u200b Cloud,direct,retail,3\n"
        "Ｎｉｍｂｒａ Cloud,direct,retail,3\nOak,direct,retail,3\n",
        encoding="utf-8",
    )
    table = load_client(clients, "acme", tables=["vendors"]).tables["vendors"]
    assert list(table.clean["vendor"]) == ["Nimbra Cloud", "Oak"]
    assert set(table.quarantine["reason"]) == {"repeats vendor of line 2"}


def test_a_table_in_capitals_is_a_table(clients: Path) -> None:
    folder = clients / "acme"
    (folder / "ledger.csv").rename(folder / "LEDGER.CSV")
    assert load_client(clients, "acme", tables=["ledger"]).has("ledger")
    (folder / "ledger.csv").write_text(LEDGER)
    with pytest.raises(InputError, match=r"holds LEDGER\.CSV and ledger\.csv"):
        load_client(clients, "acme", tables=["ledger"])


def test_files_that_look_like_tables_and_are_none_are_warned_about(clients: Path) -> None:
    rows = (clients / "acme" / "vendors.csv").read_bytes()
    unread = {"vendor.csv": "vendors", "Partner_Revenues.XLSX": "partner_revenue", "x.tsv": "",
              "ledger.numbers": "ledger"}  # fmt: skip
    for name in (*unread, "contract.pdf", "notes.md", ".~lock.vendors.csv"):
        (clients / "acme" / name).write_bytes(rows)
    assert unread_files(clients / "acme") == unread
    checked = CliRunner().invoke(techalign, ["check", "acme", "--clients-dir", str(clients)])
    assert checked.stderr.splitlines()[-2:] == [
        "warning: acme/vendor.csv is no table and not read; did you mean vendors.csv?",
        "warning: acme/x.tsv is no table and not read",
    ]
    assert checked.stderr.count("warning: ") == 4


def test_a_table_of_which_nothing_can_be_read_is_wrong_not_missing(clients: Path) -> None:
    (clients / "acme" / "ledger.csv").write_text("date,vendor_raw,amount\nsoon,Oak,1\nlate,Elm,2\n")
    client = load_client(clients, "acme", tables=["ledger"])
    with pytest.raises(InputError, match="not one of its 2 rows could be read; the first: is not"):
        client.require("ledger")


def test_rows_that_lean_on_what_is_not_there_are_set_aside_with_the_reason(clients: Path) -> None:
    folder = clients / "acme"
    (folder / "vendors.csv").write_text(
        "vendor,relation,sector,criticality,founded\nOak,direct,retail,3,2001\n"
        "Elm,direct,retail,9,2001\nFir,direct,retail,3,2101\nAsh,direct,retail,3,2001\n"
    )
    (folder / "mitigations.csv").write_text(
        "vendor,option,yearly_cost,probability_factor,loss_factor\nOAK ,export,1,1,0.5\n"
        "Elm,export,1,1,0.5\nBirch,export,1,1,0.5\nFir,export,1,1,0.5\n"
    )
    client = load_client(clients, "acme", tables=["mitigations"], as_of="2026-06-30")
    table = client.tables["mitigations"]
    assert list(table.clean["option"]) == ["export"]
    assert dict(zip(table.quarantine["line"], table.quarantine["reason"], strict=True)) == {
        3: "is in a row of the vendors table that was set aside",
        4: "is not in the vendors table",
        5: "is in a row of the vendors table that was set aside",
    }
    assert set(client.tables) == {"mitigations"}


def test_days_still_to_come_are_set_aside_but_not_in_a_review_of_an_earlier_day(
    clients: Path,
) -> None:
    folder = clients / "acme"
    toml = folder / "client.toml"
    toml.write_text(toml.read_text().replace("# as_of", "as_of"))
    (folder / "vendors.csv").write_text(
        "vendor,relation,sector,criticality,ceased\nOak,direct,retail,3,2026-06-01\n"
        "Elm,direct,retail,3,2026-07-01\n"
    )
    (folder / "partner_investment.csv").write_text(
        "partner,month,amount,kind\nall,2026-01-01,10.50,manage\nNobody,2026-01-01,4.25,manage\n"
    )
    client = load_client(clients, "acme")
    aside = client.tables["vendors"].quarantine
    assert list(aside["reason"]) == ["is after the day of the review, 2026-06-30"]
    (total,) = client.tables["partner_investment"].totals
    assert (float(total.input), float(total.clean), float(total.quarantined)) == (14.75, 10.5, 4.25)
    earlier = load_client(clients, "acme", as_of="2026-03-31")
    assert len(earlier.tables["vendors"].clean) == 1


def test_long_cells_take_no_longer_than_their_length() -> None:
    def cpu_seconds(n: int) -> float:
        cells = ["." * n, "1." * n, "(" * n, "-" * n, "1" * n + "-"]
        best = []
        for _ in range(5):
            begun = time.process_time()
            settle_marks(cells, stated=None)
            read_numbers(cells, ".")
            best.append(time.process_time() - begun)
        return min(best)

    assert read_numbers(["." * 130_000], ".")[0] == ["." * 130_000]
    # doubled three times: 8 times as long, with room for noise and none for a square's 64
    assert cpu_seconds(400_000) < 24 * max(cpu_seconds(50_000), 1e-4)


def test_names_are_compared_and_shown_as_meant() -> None:
    assert folded("Straße\u00a0 Süd") == folded("STRASSE SÜD")
    assert folded("Oak") != folded("0ak")
    assert visible("a\x1b]0;x\x07b\u202ec\td") == r"a\x1b]0;x\x07b\u202ec\td"
    assert visible("Kfz Süd – 東京 €\n") == "Kfz Süd – 東京 €\n"


@pytest.mark.slow
@pytest.mark.parametrize(
    "command", [["check"], ["check", "--quarantine", "/nonexistent/bad.csv"], ["--help"]]
)
def test_output_that_cannot_be_written_is_one_line_and_exit_code_2(
    clients: Path, command: list[str]
) -> None:
    full = Path("/dev/full")
    if not full.exists():
        pytest.skip("this system has no full device")
    more = ["--clients-dir", str(clients)] if command[0] == "check" else []
    target = Path(os.devnull) if "--quarantine" in command else full
    with target.open("w") as out:
        done = subprocess.run(
            [sys.executable, "-m", "techalign", *command, *more],
            stdout=out,
            stderr=subprocess.PIPE,
            text=True,
            timeout=60,
            check=False,
        )
    assert done.returncode == 2, done.stderr
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert done.stderr.startswith("techalign: ")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("kind", ["pipe", "device", "directory", "loop of links", "link out"])
def test_what_the_practice_has_seen_is_a_plain_file_too(clients: Path, kind: str) -> None:
    assert load_experience(clients) == Experience()
    NO_FILES[kind](clients / EXPERIENCE)
    with pytest.raises(InputError, match=r"experience\.json: .+"):
        load_experience(clients)
    assert client_parts(clients / "acme")  # and its fingerprint is nothing to wait for


def test_a_file_of_parameters_is_a_plain_one(tmp_path: Path) -> None:
    for kind in ("pipe", "device", "directory"):
        NO_FILES[kind](tmp_path / kind)
        with pytest.raises(InputError, match="is not a plain file"):
            read_parameters_file(tmp_path / kind)
