"""Reading, detecting and checking a 100,000-row ledger, beside libraries that read it unchecked."""

import io
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from openpyxl import Workbook, load_workbook

from techalign.client.create import create_client
from techalign.client.importing import import_table, read_foreign
from techalign.intake.read import read_table

ROWS, MORE, MOST = 100_000, 5_000, 1_000_000
_PEAK = """
import resource, sys
from pathlib import Path
from techalign.intake.read import read_table
table = read_table("ledger", "ledger.csv", Path(sys.argv[1]).read_bytes(), currency="GBP")
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
print(f"{table.rows_in:,} rows: {peak:.2f} GB at most")
"""


def ledger_csv(rows: int) -> bytes:
    """A ledger with 800 suppliers, one in a hundred rows bad."""
    rng = np.random.default_rng(7)
    days = pd.Timestamp("2023-01-01") + pd.to_timedelta(rng.integers(0, 1000, rows), unit="D")
    amounts = np.round(rng.lognormal(4, 1.2, rows), 2).astype(str)
    amounts[rng.random(rows) < 0.01] = "n/a"
    frame = pd.DataFrame(
        {
            "date": days.strftime("%d/%m/%Y"),
            "vendor_raw": [f"Supplier {i} Ltd" for i in rng.integers(0, 800, rows)],
            "amount": amounts,
            "account": rng.choice(["Software", "Rent", "Telephone", "Repairs"], rows),
            "memo": [f"Invoice {i}" for i in range(rows)],
        }
    )
    return frame.to_csv(index=False).encode()


def _export(data: bytes) -> bytes:
    return data.replace(
        b"date,vendor_raw,amount,account,memo", b"Date,Supplier,Amount,Account,Memo", 1
    )


def _workbook(data: bytes) -> bytes:
    book = Workbook(write_only=True)
    page = book.create_sheet("Ledger")
    for row in pd.read_csv(io.BytesIO(data), header=None, dtype=str).to_numpy().tolist():
        page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _measured(what: str, target: str, work: Callable[[], object]) -> float:
    """Print wall and CPU seconds; on a busy machine the second is the one to compare."""
    began, spent = time.perf_counter(), time.process_time()
    work()
    wall, cpu = time.perf_counter() - began, time.process_time() - spent
    print(f"{what}: {wall:.2f} s, {cpu:.2f} s CPU{f' (target {target})' if target else ''}")
    return cpu


def _bare(data: bytes) -> pd.DataFrame:
    frame = pd.read_csv(io.BytesIO(data))
    frame["date"] = pd.to_datetime(frame["date"], format="%d/%m/%Y", errors="coerce")
    frame["amount"] = pd.to_numeric(frame["amount"], errors="coerce")
    return frame


def main() -> None:
    """Measure a client's table, a foreign CSV and workbook, and an append."""
    data = ledger_csv(ROWS)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        csv, book, more = folder / "a.csv", folder / "a.xlsx", folder / "more.csv"
        csv.write_bytes(_export(data))
        book.write_bytes(_workbook(_export(data)))
        more.write_bytes(_export(ledger_csv(MORE)))
        create_client(folder / "clients", "acme", name="Acme", currency="GBP")
        # a client's first import pays for loading what it needs; a run pays for it once
        read_foreign(more, None, currency="GBP")
        table = _measured(
            f"a client's table, {ROWS:,} rows", "1.3 s",
            lambda: read_table("ledger", "ledger.csv", data, currency="GBP"),
        )  # fmt: skip
        _measured(
            "a CSV read, detected and checked", "1.3 s",
            lambda: read_foreign(csv, None, currency="GBP"),
        )  # fmt: skip
        bare = _measured("pandas, unchecked, bad cells turned to missing", "", lambda: _bare(data))
        print(f"ratio to pandas {table / bare:.1f}")
        ours = _measured(
            "the same as a workbook", "3 s", lambda: read_foreign(book, None, currency="GBP")
        )
        peer = _measured(
            "openpyxl alone", "",
            lambda: list(load_workbook(book, read_only=True).active.iter_rows(values_only=True)),
        )  # fmt: skip
        print(f"ratio to openpyxl {peer / ours:.1f} (target 4), with detection and checks")
        clients = folder / "clients"
        import_table(csv, clients, "acme", existing="replace")
        _measured(
            f"append of {MORE:,} rows to {ROWS:,}", "1.5 s",
            lambda: import_table(more, clients, "acme", existing="append"),
        )  # fmt: skip
        large = folder / "large.csv"
        large.write_bytes(ledger_csv(MOST))
        print("a ledger in memory, target 1.2 GB:", end=" ", flush=True)
        subprocess.run([sys.executable, "-c", _PEAK, str(large)], check=True)


if __name__ == "__main__":
    main()
