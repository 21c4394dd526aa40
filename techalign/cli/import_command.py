"""``techalign import``: bring what people really have into a client's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from techalign.cli.completing import complete_clients, complete_shapes
from techalign.cli.options import Local, Place, clients_dir_option, example
from techalign.cli.telling import say

if TYPE_CHECKING:
    from techalign.client.importing import Imported
    from techalign.intake.mapping import Mapping
    from techalign.intake.seats import CountedSeats
    from techalign.intake.table import Table


@click.command(
    "import",
    epilog=example(
        "techalign import export.csv --client oak-street-dental",
        "techalign import card.csv --client oak-street-dental --format bank --append",
        "techalign import payments.csv.gz --client council --mapping council.toml",
    )
    + """

\b
A mapping file names the file's column for each of the table's:
  table = "ledger"
  currency = "GBP"              # where no column tells
  sign = "flip"                 # costs are negative; left out, the file's columns decide
  date_form = "%d.%m.%Y"        # where the file's days are not read rightly
  [columns]
  date = "Payment date"
  vendor_raw = ["Supplier", "Beneficiary"]
  amount = "Net amount"         # or debit = ..., credit = ..., or with direction = "Af Bij"
  fee = "Fee"                   # added to the cost
  account = "Expense type"      # a file without a header line: date = 1, amount = 3, ...
  [keep]                        # only rows with these values; [drop] leaves rows out
  State = ["COMPLETED"]
""",
)
@click.argument("file", type=Place())
@click.option("--client", required=True, help="The client's id.", shell_complete=complete_clients)
@click.option(
    "--format",
    "shipped",
    metavar="NAME",
    default="auto",
    show_default=True,
    help="What wrote the file; 'list' names the formats.",
    shell_complete=complete_shapes,
)
@click.option("--mapping", type=Local(dir_okay=False), help="Your own mapping (TOML).")
@click.option("--replace", "existing", flag_value="replace", help="Replace the client's table.")
@click.option(
    "--append", "existing", flag_value="append", help="Add what is new to the client's table."
)
@click.option("--sheet", default="", help="The workbook's sheet to read.")
@click.option("--mostly-credits", is_flag=True, help="Accept a ledger with more money in than out.")
@click.option(
    "--explain", is_flag=True, help="Say how each column would be taken, and write nothing."
)
@clients_dir_option
def command(
    file: Path,
    client: str,
    shipped: str,
    mapping: Path | None,
    existing: str | None,
    clients_dir: Path,
    sheet: str,
    mostly_credits: bool,
    explain: bool,
) -> None:
    """Import FILE as one of a client's tables; rows that cannot be read are kept apart."""
    if shipped == "list":
        _list_formats()
        return
    from techalign.client.importing import Reading, import_seats, import_table
    from techalign.errors import TableError

    how = Reading(sheet, mostly_credits, write=not explain)
    own, name = _own(mapping), _known_format(shipped)
    kept = existing or "refuse"
    seats = import_seats(
        file, clients_dir, client, mapping=own, shipped=name, existing=kept, how=how
    )
    if seats is not None:
        _tell_seats(*seats)
    else:
        done = import_table(
            file, clients_dir, client, mapping=own, shipped=name, existing=kept, how=how
        )
        _tell(done, explain=explain)
        if also := _also(done.mapping):
            try:
                more = import_table(file, clients_dir, client, shipped=also, existing=kept, how=how)
                _tell(more, explain=explain)
            except TableError as error:  # no deal of the file is won yet
                say(f"with the {also} mapping: {error}")
    if explain:
        say("nothing was written; leave out --explain to import")


def _also(name: str) -> str:
    """The mapping that takes other rows of the same file, "" for none."""
    from techalign.intake.mapping import shipped_mapping

    return "" if name == "own" else shipped_mapping(name).also


def _tell(imported: Imported, *, explain: bool) -> None:
    from techalign.cli.telling import tell_table

    name = imported.mapping
    own = name == imported.table.name
    say(f"read as the table {name}" if own else f"read with the {name} mapping")
    if explain:
        _explain(imported.table)
    tell_table(imported.table, most=5)
    if imported.already:
        say(f"  {imported.already:,} rows were there already and are not added again")
    checks = [note for note in imported.table.notes if "check: " in note]
    for warning in (*checks, *imported.warnings):
        say(f"warning: {warning}", err=True)
    for path in imported.written:
        say(f"wrote {path}")


def _tell_seats(counted: CountedSeats, name: str, written: tuple[Path, ...]) -> None:
    say(f"read with the {name} mapping")
    said = ", ".join(
        f"{number} {what}"
        for number, what in ((counted.paid, "paid"), (counted.active, "in use"))
        if number is not None
    )
    aside = len(counted.aside)
    say(f"seats of {counted.vendor}: {said}; {counted.rows:,} lines = {counted.rows - aside:,} "
        f"counted + {aside:,} not counted")  # fmt: skip
    for note in counted.notes:
        say(f"  {note}")
    for line, reason in counted.aside[:5]:
        say(f"  line {line}: {reason}")
    if aside > 5:
        say(f"  … and {aside - 5:,} more lines not counted")
    for path in written:
        say(f"wrote {path}")


def _own(path: Path | None) -> Mapping | None:
    from techalign.errors import MappingError
    from techalign.intake.mapping import parse_mapping

    if path is None:
        return None
    try:
        return parse_mapping(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(
            f"cannot be read: {error}", where=str(path), remedy="Check the path."
        ) from error


def _known_format(name: str) -> str:
    from techalign.errors import MappingError
    from techalign.intake.mapping import SHIPPED_MAPPINGS
    from techalign.intake.rows import ROW_MODELS

    if name != "auto" and name not in {*SHIPPED_MAPPINGS, *ROW_MODELS}:
        raise MappingError(
            "is not a format",
            where="--format",
            value=name,
            remedy=f"Known are {', '.join(SHIPPED_MAPPINGS)}; the name of a table takes its own "
            "columns; auto chooses by the headers.",
        )
    return "" if name == "auto" else name


def _list_formats() -> None:
    from techalign.intake.mapping import shipped_formats
    from techalign.intake.rows import ROW_MODELS

    for each in shipped_formats():
        say(f"{each.name} ({each.table}): {each.what}")
        say(f"    {each.source}")
    say("or the name of a table, whose own columns the file has: " + ", ".join(ROW_MODELS))


def _explain(table: Table) -> None:
    """Print what was taken for what, a line each, and the first rows as they would be kept."""
    for note in table.notes:
        say(f"  {note}")
    for line, row in table.clean.head(3).iterrows():
        cells = [f"{name}={value}" for name, value in row.items() if value not in ("", None)]
        say(f"  line {line}: {', '.join(cells)}")
