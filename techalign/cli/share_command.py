"""``techalign share``: one file to send."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import click

from techalign.cli.completing import complete_clients
from techalign.cli.options import Local, Place, example
from techalign.cli.telling import say

_FORMS = ("zip", "html", "pdf", "pptx", "docx", "xlsx", "ics")
_WHOLE = frozenset({"pdf", "docx"})  # what else is whole anyway, or a choice


def _short(command: Callable[..., None]) -> Callable[..., None]:
    """Let a form be asked for by its name alone: ``--pptx`` is ``--form pptx``."""
    for form in _FORMS:
        command = click.option(
            f"--{form}", "form", flag_value=form, hidden=True, help=f"The same as --form {form}."
        )(command)
    return command


@click.command(
    "share",
    epilog=example(
        "techalign share machine-shop",
        "techalign share machine-shop --form pdf --to review.pdf",
        "techalign share machine-shop --pptx",
    ),
)
@click.argument("client", shell_complete=complete_clients)
@click.option(
    "--form",
    type=click.Choice(_FORMS),
    default="zip",
    show_default=True,
    help="An archive of pages, one page, a PDF (needs Chromium), a deck, the review as a document "
    "to edit, a workbook of all tables, or the dates for a calendar; --pptx is short for "
    "--form pptx, and so on.",
)
@_short
@click.option(
    "--whole", is_flag=True, help="A PDF or a document of all that the pages hold, not in short."
)
@click.option("--to", "target", type=Local(), help="The file to write.")
@click.option(
    "--out", type=Place(), default="reports", show_default=True, help="Where the reports are."
)
def command(client: str, form: str, whole: bool, target: Path | None, out: Path) -> None:
    """Put the review of CLIENT, and all its reports that are ready, into one file.

    Nothing of other clients, of the portfolio or of the machine goes into it.
    """
    from techalign.client.folder import check_client_id
    from techalign.html import without_controls
    from techalign.report.share import (
        share_html,
        share_office,
        share_paper,
        share_pdf,
        share_zip,
    )
    from techalign.review.calendar import client_calendar, review_day
    from techalign.review.front_page import CALENDAR
    from techalign.review.history import earlier_records
    from techalign.review.records import read_records, ready_pages
    from techalign.storage import write_whole

    if whole and form not in _WHOLE:
        raise click.UsageError(f"--whole is for pdf and docx, not for {form}.")
    pages, left_out = ready_pages(out, check_client_id(client))
    records = [record for record in read_records(out) if record.client == client]
    target = target or Path(f"{client}.{form}")
    if form == "zip":
        calendar = out / client / CALENDAR
        share_zip([*pages, *([calendar] if calendar.exists() else [])], target)
    elif form == "ics":
        write_whole(target, client_calendar(records, earlier_records(out, records)))
    elif form in {"pptx", "docx", "xlsx"}:
        target.write_bytes(share_office(pages, form, review_day(records), whole=whole))
    elif form == "html":
        page = share_html(pages, records[0].client_name, records[0].look)
        write_whole(target, without_controls(page))
    else:
        first, day = records[0], review_day(records)
        html = (
            share_html(pages, first.client_name, first.look)
            if whole
            else share_paper(pages, first.client_name, day, first.look)
        )
        share_pdf(html, target, day)
    for record in left_out:
        say(f"left out: {record.title} ({record.status})", err=True)
    say(target)
