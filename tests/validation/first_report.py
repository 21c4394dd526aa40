"""From a raw export to a page that may be sent: what a person types, and how long it takes.

Nobody sits beside this script with a stopwatch. A person's time is that of the keystroke-level
model [1]: 0.28 s a keystroke (an average typist who is no secretary) and 1.35 s of thought before
each word that is typed; the machine's time is measured. Reading the page before it goes out, which
no model knows, is put at three minutes.

[1] Card, Moran and Newell (1980), The keystroke-level model for user performance time with
interactive systems, Communications of the ACM 23(7), tables 1 and 2.
"""

from __future__ import annotations

import csv
import json
import shlex
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from techalign.client import load_client
from techalign.client.shipped import shipped

REAL = Path(__file__).parents[3] / "shared" / "realdata"
SAMPLES = shipped("datasets") / "clients"
KEY, THOUGHT, READING = 0.28, 1.35, 180.0
FACTS = "--sector {sector} --setting {setting} --employees {people} --revenue {revenue} --wage 30"


@dataclass(frozen=True)
class Case:
    """An export, and what a person types of its client."""

    name: str
    write: Callable[[Path], None]
    file: str
    currency: str
    facts: str
    as_of: str
    mapping: str = ""


def main() -> None:
    """Go from each export to its first report, and print what it took."""
    print("case | cells typed | keystrokes | machine s | person min | rows | open cells | page")
    for case in _cases():
        with tempfile.TemporaryDirectory() as place:
            _go(case, Path(place))


def _go(case: Case, place: Path) -> None:
    case.write(place / case.file)
    commands = [f"new it --currency {case.currency} {case.facts}",
                f"import {case.file} --client it" + (" --mapping map.toml" if case.mapping else ""),
                "draft it", f"run it -p as_of={case.as_of}"]  # fmt: skip
    typed = " ".join(f"techalign {command}" for command in commands)
    if case.mapping:
        (place / "map.toml").write_text(case.mapping)
    began = time.perf_counter()
    for command in commands:
        more = ["--notebooks-dir", str(shipped("notebooks"))] if command.startswith("run") else []
        done = subprocess.run(
            [sys.executable, "-m", "techalign", *shlex.split(command), *more],
            cwd=place, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode:
            print(f"{case.name}: {command}: {(done.stderr or done.stdout)[-300:]}")
            return
    machine = time.perf_counter() - began
    record = json.loads((place / "reports" / "it" / "spending.json").read_text())
    book = load_client(place / "clients", "it")
    words = typed.split() + case.mapping.split()
    keys = len(typed) + len(commands) + len(case.mapping)
    # what is told of the client and its file: the words that are no command and no option's name
    cells = sum(not w.startswith("-") for c in commands for w in c.split()[1:])
    cells += sum("=" in line for line in case.mapping.splitlines())
    person = (keys * KEY + len(words) * THOUGHT + machine + READING) / 60
    print(f"{case.name} | {cells} | {keys} | {machine:.0f} | {person:.1f} | "
          f"{len(book.table('ledger')):,} | {sum(book.unconfirmed.values())} | "
          f"{record['status']}")  # fmt: skip


def _cases() -> list[Case]:
    invented = [
        Case("QuickBooks list (machine shop, invented)", _quickbooks, "transactions.csv", "USD",
             FACTS.format(sector="manufacturing", setting="manufacturing", people=31,
                          revenue=6200000), "2026-06-30"),
        Case("Chase account (clinic, invented)", _chase, "Chase1234_Activity.csv", "USD",
             FACTS.format(sector="health", setting="'health care'", people=14, revenue=2100000),
             "2026-06-30"),
        Case("Starling statement (jewellery shop, invented)", _starling, "statement.csv", "GBP",
             FACTS.format(sector="retail", setting="retail", people=9, revenue=1100000),
             "2026-06-30"),
    ]  # fmt: skip
    if not REAL.is_dir():
        print("skipped: the two real ledgers are not beside the project")
        return invented
    council = FACTS.format(sector="all", setting="services", people=400, revenue=60000000)
    harrogate = REAL / "council_harrogate_ledger.csv.gz"
    return [
        Case("Harrogate council (real)", lambda path: path.symlink_to(harrogate),
             "council.csv.gz", "GBP", council, "2021-08-31"),
        Case("Cabinet Office (real)", _cabinet, "spend.csv", "GBP", council, "2021-06-30"),
        *invented,
    ]  # fmt: skip


def _ledger(client: str) -> pd.DataFrame:
    found = load_client(SAMPLES, client, tables=["ledger"])
    return found.table("ledger").query("currency in ('', @found.profile.currency)")


def _write(path: Path, header: str, rows: list[list[object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([header.split(","), *rows])


def _quickbooks(path: Path) -> None:
    rows = [[f"{r.date:%m/%d/%Y}", "Expense", "", r.vendor_raw, r.memo, r.account,
             f"{r.amount:.2f}"] for r in _ledger("machine-shop").itertuples()]  # fmt: skip
    _write(path, "Date,Transaction Type,Num,Name,Memo/Description,Account,Amount", rows)


def _chase(path: Path) -> None:
    rows = [["DEBIT", f"{r.date:%m/%d/%Y}", r.vendor_raw, f"{-r.amount:.2f}", "ACH_DEBIT", "", ""]
            for r in _ledger("family-clinic").itertuples()]  # fmt: skip
    _write(path, "Details,Posting Date,Description,Amount,Type,Balance,Check or Slip #", rows)


def _starling(path: Path) -> None:
    rows = [[f"{r.date:%d/%m/%Y}", r.vendor_raw, r.memo, "DIRECT DEBIT", f"{-r.amount:.2f}", "",
             r.account, ""] for r in _ledger("jewellery-shop").itertuples()]  # fmt: skip
    _write(path, "Date,Counter Party,Reference,Type,Amount (GBP),Balance (GBP),Spending Category,"
           "Notes", rows)  # fmt: skip


def _cabinet(path: Path) -> None:
    """The kept columns under the headers the Cabinet Office publishes them with."""
    frame = pd.read_parquet(REAL / "council_cabinetoffice.parquet")
    rows = [["Cabinet Office", "Cabinet Office", f"01/{r.month[5:]}/{r.month[:4]}", r.expense_type,
             "", r.supplier, "", f"{r.amount:.2f}"] for r in frame.itertuples()]  # fmt: skip
    _write(path, "Department family,Entity,Date,Expense type,Expense area,Supplier,"
           "Transaction number,Amount", rows)  # fmt: skip


if __name__ == "__main__":
    main()
