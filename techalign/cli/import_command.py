"""``techalign import``: bring what people really have into a client's folder."""

from __future__ import annotations

from pathlib import Path

import click

from techalign.cli.options import Local, Place, clients_dir_option, example
from techalign.cli.telling import say


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
  sign = "keep"                 # "flip" where costs are negative
  [columns]
  date = "Payment date"
  vendor_raw = ["Supplier", "Beneficiary"]
  amount = "Net amount"         # or debit = ..., credit = ...
  account = "Expense type"
""",
)
@click.argument("file", type=Place())
@click.option("--client", required=True, help="The client's id.")
@click.option(
    "--format",
    "shipped",
    type=click.Choice(["auto", "quickbooks", "xero", "bank", "focus"]),
    default="auto",
    show_default=True,
    help="What wrote the file.",
)
@click.option("--mapping", type=Local(dir_okay=False), help="Your own mapping (TOML).")
@click.option("--replace", "existing", flag_value="replace", help="Replace the client's table.")
@click.option("--append", "existing", flag_value="append", help="Add to the client's table.")
@clients_dir_option
def command(
    file: Path,
    client: str,
    shipped: str,
    mapping: Path | None,
    existing: str | None,
    clients_dir: Path,
) -> None:
    """Import FILE as one of a client's tables; rows that cannot be read are kept apart."""
    from techalign.cli.telling import tell_table
    from techalign.client.importing import import_table
    from techalign.errors import MappingError
    from techalign.intake.mapping import parse_mapping

    own = None
    if mapping is not None:
        try:
            own = parse_mapping(mapping.read_text(encoding="utf-8"), str(mapping))
        except (OSError, UnicodeDecodeError) as error:
            raise MappingError(
                f"cannot be read: {error}", where=str(mapping), remedy="Check the path."
            ) from error
    imported = import_table(
        file,
        clients_dir,
        client,
        mapping=own,
        shipped="" if shipped == "auto" else shipped,
        existing=existing or "refuse",
    )
    say(f"read with the {imported.mapping} mapping")
    tell_table(imported.table, most=5)
    for path in imported.written:
        say(f"wrote {path}")
