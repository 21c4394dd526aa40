"""How the command line tells: any line safely; of tables counts, money and what is wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from techalign.errors import ModelError
from techalign.text import folded, listed, visible

if TYPE_CHECKING:
    from techalign.client import Client
    from techalign.client.reference import Reference
    from techalign.intake.table import Table

__all__ = ["left_out", "say", "tell_table"]


def say(text: object, *, err: bool = False) -> None:
    """Print a line; what clients' data put into it cannot steer the terminal."""
    click.echo(visible(str(text)), err=err)


def tell_table(table: Table, *, most: int) -> None:
    """Print a table's counts, totals, notes and its first problems.

    Parameters
    ----------
    table : Table
    most : int
        Problems to print before only counting them.
    """
    say(
        f"{table.file}: {table.rows_in:,} rows = {len(table.clean):,} clean + "
        f"{table.quarantined_rows:,} quarantined"
        + (f" + {len(table.left_out):,} left out" if table.left_out else "")
    )
    for total in table.totals:
        say(
            f"  {total.currency} {total.input:,.2f} = {total.clean:,.2f} clean + "
            f"{total.quarantined:,.2f} quarantined"
            + (f" + {total.left_out:,.2f} left out" if total.left_out else "")
        )
    for left in table.left_out[:most]:
        say(f"  line {left.line}: {left.reason}")
    if len(table.left_out) > most:
        say(f"  … and {len(table.left_out) - most:,} more rows left out")
    if table.unread_amounts:
        say(f"  {table.unread_amounts} rows whose amount could not be read")
    if len(table.repeats):
        say(f"  {len(table.repeats):,} rows repeat an earlier row exactly; they are kept")
    if table.unconfirmed:
        say(f"  {table.unconfirmed} cells in {len(table.proposed)} rows are proposals that nobody "
            "has confirmed")  # fmt: skip
    if table.notes:
        say(f"  {'; '.join(table.notes)}")
    for _, row in table.quarantine.head(most).iterrows():
        found = f" (found {str(row['value'])[:60]!r})" if row["value"] != "" else ""
        say(f"  line {row['line']}, {row['column']}: {row['reason']}{found}")
    if len(table.quarantine) > most:
        say(f"  … and {len(table.quarantine) - most:,} more problems")


def left_out(client: Client, reference: Reference) -> list[str]:
    """What reports leave out though each row by itself is right: circles, and what nobody asks.

    Parameters
    ----------
    client : Client
    reference : Reference

    Returns
    -------
    list of str
        A line each, with the file it stands in; in the words of the models that leave it out.
    """
    found: list[tuple[str, str]] = []
    if client.has("vendors"):
        from techalign.vendors import without_circles

        found += [("vendors", said) for said in without_circles(client.table("vendors"))[1]]
    if client.has("initiatives"):
        from techalign.spending import settle_dependencies

        found += [("initiatives", said)
                  for said in settle_dependencies(client.table("initiatives"))[1]]  # fmt: skip
    asked = {folded(str(item)) for item in reference.assessment_items["item"]}
    for item in client.table("assessment")["item"].unique():
        if folded(item) not in asked:
            found.append(("assessment", f"no question is called '{item}': it does not count"))
    found += _of_goals(client)
    found += _of_technologies(client)
    found += _of_calendars(client)
    found += _of_ends(client)
    return [f"{client.tables[name].file}: {said}" for name, said in found]


def _of_technologies(client: Client) -> list[tuple[str, str]]:
    """Technologies of links that stand nowhere else, but for a letter or two.

    What is like nothing else is a tool of its own, as a rota on paper is.
    """
    import difflib

    from techalign.client.spellings import SYSTEMS

    # each cell one name; what links themselves say is what is asked about
    named = [each for each in SYSTEMS if not each.endswith(";") and not each.startswith("links.")]
    named += ["contracts.vendor", "contracts.capability", "vendors.vendor"]
    known = {
        # nine of a kind are entered as one: "Shop computers (9)"
        folded(str(name).partition(" (")[0]): str(name)
        for table, _, column in (each.partition(".") for each in named)
        if client.has(table)
        for name in client.table(table)[column].unique()
    }
    found = []
    for tool in client.table("links")["technology"].unique():
        name = folded(str(tool))
        meant = difflib.get_close_matches(name, known, 1, 0.85) if name not in known else []
        found += [
            ("links", f"'{tool}' is no technology known elsewhere and counts as one of its own: "
             f"is '{known[each]}' meant?")
            for each in meant
        ]  # fmt: skip
    return found


def _of_ends(client: Client) -> list[tuple[str, str]]:
    """Vendors whose agreement ends on one day here and on another among the contracts."""
    if not (client.has("vendors") and client.has("contracts")):
        return []
    ends: dict[str, list[str]] = {}
    for vendor, end in client.table("contracts")[["vendor", "end"]].itertuples(index=False):
        ends.setdefault(folded(str(vendor)), []).append(f"{end:%Y-%m-%d}")
    found = []
    told = client.table("vendors")[["vendor", "agreement_ends"]].dropna()
    for line, vendor, end in told.itertuples():
        others = ends.get(folded(str(vendor)), [])
        if others and f"{end:%Y-%m-%d}" not in others:
            found.append(("vendors", f"line {line}: the agreement with {vendor} ends on "
                          f"{end:%Y-%m-%d} here, and on {listed(sorted(set(others)))} among the "
                          "contracts: pages show both days until one is corrected"))  # fmt: skip
    return found


def _of_calendars(client: Client) -> list[tuple[str, str]]:
    """Sales of partners by quarters or four weeks: no report can be made of them."""
    if not client.has("partner_revenue"):
        return []
    from techalign.partners import check_calendar

    try:
        check_calendar(client.table("partner_revenue")["month"])
    except ModelError as error:
        return [("partner_revenue", str(error))]
    return []


def _of_goals(client: Client) -> list[tuple[str, str]]:
    """What is said of goals that are not on the list, and weights that weigh nothing."""
    if not client.has("goals"):
        return []
    goals, links, judged = (client.table(n) for n in ("goals", "links", "judgements"))
    stray = links[~links["goal"].isin(goals["goal"])]
    found = [
        ("links", f"'{tool}' is said to serve '{goal}', which is no goal on the list: not counted")
        for tool, goal in zip(stray["technology"], stray["goal"], strict=True)
    ]
    stated = goals["weight"].dropna()
    if not len(judged) and len(stated) == len(goals) and not stated.sum() > 0:
        said = "the weights sum to zero: give each goal a number, larger where it matters more"
        found.append(("goals", said))
    return found
