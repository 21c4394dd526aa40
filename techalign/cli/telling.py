"""How the command line tells of tables: counts, reconciled money, and what is wrong."""

from __future__ import annotations

import click

from techalign.intake.table import Table

__all__ = ["tell_table"]


def tell_table(table: Table, *, most: int) -> None:
    """Print a table's counts, totals, notes and its first problems.

    Parameters
    ----------
    table : Table
    most : int
        Problems to print before only counting them.
    """
    click.echo(
        f"{table.file}: {table.rows_in:,} rows = {len(table.clean):,} clean + "
        f"{table.quarantined_rows:,} quarantined"
    )
    for total in table.totals:
        click.echo(
            f"  {total.currency} {total.input:,.2f} = {total.clean:,.2f} clean + "
            f"{total.quarantined:,.2f} quarantined"
        )
    if table.unread_amounts:
        click.echo(f"  {table.unread_amounts} rows whose amount could not be read")
    if len(table.repeats):
        click.echo(f"  {len(table.repeats):,} rows repeat an earlier row exactly; they are kept")
    click.echo(f"  {'; '.join(table.notes)}")
    for _, row in table.quarantine.head(most).iterrows():
        found = f" (found {str(row['value'])[:60]!r})" if row["value"] != "" else ""
        click.echo(f"  line {row['line']}, {row['column']}: {row['reason']}{found}")
    if len(table.quarantine) > most:
        click.echo(f"  … and {len(table.quarantine) - most:,} more problems")
