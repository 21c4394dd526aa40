"""A real council ledger through intake and the spending model: rows, money, seconds."""

import tempfile
import time
from pathlib import Path

from techalign import spending
from techalign.client import load_client, load_reference
from techalign.client.create import create_client
from techalign.client.importing import import_table
from techalign.intake.mapping import parse_mapping

LEDGER = Path(__file__).parents[3] / "shared" / "realdata" / "council_harrogate_ledger.csv.gz"
MAPPING = """
table = "ledger"
currency = "GBP"
[columns]
date = "date"
vendor_raw = "supplier"
amount = "amount"
account = "expense_type"
memo = "narrative"
"""


def main() -> None:
    """Import, check and analyse the ledger, and print what came of it."""
    if not LEDGER.exists():
        print(f"skipped: there is no {LEDGER.name} beside the project")
        return
    with tempfile.TemporaryDirectory() as folder:
        clients = Path(folder)
        create_client(clients, "council", name="Council", currency="GBP")
        started = time.perf_counter()
        imported = import_table(
            LEDGER, clients, "council", mapping=parse_mapping(MAPPING, "m"), existing="replace"
        )
        import_seconds = time.perf_counter() - started
        started = time.perf_counter()
        book = load_client(
            clients,
            "council",
            tables=["ledger", "contracts", "initiatives", "suppliers"],
            as_of="2021-08-31",
        )
        load_seconds = time.perf_counter() - started
    _tell(imported.table, import_seconds, load_seconds)
    _analyse(book, load_reference())


def _tell(table: object, import_seconds: float, load_seconds: float) -> None:
    total = table.totals[0]
    print(f"rows {table.rows_in:,} = {len(table.clean):,} clean + {table.quarantined_rows:,} aside")
    print(f"GBP {total.input:,} = {total.clean:,} clean + {total.quarantined:,} aside")
    print(f"exact repeats kept and flagged: {len(table.repeats):,}")
    print(f"import {import_seconds:.1f} s, load and check again {load_seconds:.1f} s")


def _analyse(book: object, facts: object) -> None:
    ledger, catalogue = book.table("ledger"), facts.catalogue(book)
    steps = {}
    started = time.perf_counter()
    names = spending.merge_vendors(ledger["vendor_raw"], catalogue)
    steps["names"] = time.perf_counter() - started
    started = time.perf_counter()
    streams = spending.find_streams(
        ledger.assign(vendor=names.apply(ledger["vendor_raw"])), book.as_of
    )
    steps["streams"] = time.perf_counter() - started
    started = time.perf_counter()
    purpose = spending.classify_purpose(
        ledger,
        names,
        spending.PurposeTables(
            catalogue=catalogue,
            category_purpose=facts.category_purpose,
            account_rules=facts.account_rules,
            contracts=book.table("contracts"),
            initiatives=book.table("initiatives"),
        ),
        client_currency="GBP",
        as_of=book.as_of,
    )
    steps["purpose"] = time.perf_counter() - started
    print(
        f"names written {len(names.frame):,}, vendors {names.vendors:,}, "
        f"to review {len(names.review):,}"
    )
    print(f"recurring charges {len(streams.frame):,}, running {len(streams.active()):,}")
    print(
        f"technology GBP {purpose.technology:,.0f} to {purpose.technology_at_most:,.0f} in 12 "
        f"months; unclassified {purpose.share_unclassified:.0%} of charges"
    )
    print("seconds: " + ", ".join(f"{name} {taken:.2f}" for name, taken in steps.items()))


if __name__ == "__main__":
    main()
