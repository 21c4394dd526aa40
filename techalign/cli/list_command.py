"""``techalign list``: the clients, notebooks and formats there are, and how the reports stand."""

from __future__ import annotations

import datetime as dt
import json
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import click

from techalign.cli.options import clients_dir_option, example, notebooks_dir_option, out_option
from techalign.cli.telling import say

if TYPE_CHECKING:
    from techalign.batch.jobs import Job
    from techalign.batch.why import Standing

_KINDS = ("clients", "notebooks", "formats")
_TABLES = ("CSV", "XLSX", "Parquet")


@click.command(
    "list",
    epilog=example("techalign list", "techalign list formats", "techalign list clients --json"),
)
@click.argument("kind", type=click.Choice(_KINDS), required=False)
@click.option("--json", "as_json", is_flag=True, help="As one JSON object.")
@notebooks_dir_option
@out_option
@clients_dir_option
def command(
    kind: str | None, as_json: bool, notebooks_dir: Path, out: Path, clients_dir: Path
) -> None:
    """List clients with the state of their reports, notebooks, and formats that can be read.

    A report is up to date, out of date (something that it is made from has changed), failed, not
    enabled (a table is missing) or never made; 'techalign run --dry-run' says why.
    """
    found: dict[str, list[dict[str, object]]] = {}
    if kind != "formats":
        jobs = _jobs(clients_dir, notebooks_dir, out)
        if kind != "notebooks":
            found["clients"] = _clients(jobs)
        if kind != "clients":
            found["notebooks"] = _notebooks(jobs)
    if kind in {"formats", None}:
        found["formats"] = _formats()
    if as_json:
        say(json.dumps(found, ensure_ascii=False))
        return
    for name, rows in found.items():
        if kind is None:
            say(f"{name}:")
        for row in rows:
            say(f"  {'  '.join(_shown(name, row))}".rstrip())


def _jobs(clients_dir: Path, notebooks_dir: Path, out: Path) -> list[tuple[Job, Standing]]:
    from techalign.batch.given import assumed_source, gather
    from techalign.batch.jobs import from_records, plan_jobs
    from techalign.batch.notebook import find_notebooks
    from techalign.batch.why import standing
    from techalign.cli.options import found_settings
    from techalign.client.folder import list_clients

    notebooks = find_notebooks(notebooks_dir)
    assumed = assumed_source(found_settings(), notebooks_dir)
    given = gather(notebooks, [assumed] if assumed else [], {})
    jobs = plan_jobs(
        list_clients(clients_dir),
        notebooks,
        clients_dir=clients_dir,
        out=out,
        given=given,
        strict=False,
    )
    # a review is made from its client's other reports, as they are now
    return [(job, standing(from_records(job) if job.is_front else job)) for job in jobs]


def _clients(jobs: list[tuple[Job, Standing]]) -> list[dict[str, object]]:
    rows = []
    for client in dict.fromkeys(job.client for job, _ in jobs):
        own = [(job, stands) for job, stands in jobs if job.client == client]
        first = own[0][0]
        rows.append(
            {
                "client": client,
                "name": first.client_name,
                **_state([stands for _, stands in own]),
                "problem": first.problem,
            }
        )
    return rows


def _notebooks(jobs: list[tuple[Job, Standing]]) -> list[dict[str, object]]:
    rows = []
    for notebook in dict.fromkeys(job.notebook for job, _ in jobs):
        own = [(job, stands) for job, stands in jobs if job.notebook == notebook]
        row = {"notebook": notebook.stem, "title": own[0][0].title}
        rows.append({**row, **_state([stands for _, stands in own])})
    return rows


def _state(standings: list[Standing]) -> dict[str, object]:
    times = [stands.when for stands in standings if stands.when is not None]
    last = dt.datetime.fromtimestamp(max(times)).astimezone() if times else None
    return {
        "reports": dict(Counter(_status(stands) for stands in standings)),
        "last_run": last.isoformat(timespec="seconds") if last else None,
    }


def _status(stands: Standing) -> str:
    return "up to date" if stands.status == "ok" else stands.status


def _formats() -> list[dict[str, object]]:
    from techalign.intake.mapping import SHIPPED_MAPPINGS, shipped_mapping

    tables: list[dict[str, object]] = [
        {"format": name, "table": "any table of a client's folder"} for name in _TABLES
    ]
    return tables + [
        {"format": name, "table": f"{shipped_mapping(name).table}, with import --format {name}"}
        for name in SHIPPED_MAPPINGS
    ]


def _shown(kind: str, row: dict[str, object]) -> list[str]:
    """A row as columns of text."""
    if kind == "formats":
        return [f"{row['format']:18}", str(row["table"])]
    name, title = ("client", "name") if kind == "clients" else ("notebook", "title")
    reports = row["reports"]
    counts = reports.items() if isinstance(reports, dict) else ()
    said = ", ".join(f"{count} {status}" for status, count in counts)
    last = str(row["last_run"] or "")[:16].replace("T", " ")
    problem = f"; {row['problem']}" if row.get("problem") else ""
    when = f"last run {last}" if last else "never run"
    return [f"{row[name]:18}", f"{row[title]!s:28.28}", f"{when:26}", f"{said}{problem}"]
