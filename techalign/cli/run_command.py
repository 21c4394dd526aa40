"""``techalign run``: the main job."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from techalign.cli.completing import complete_clients, complete_notebooks
from techalign.cli.interrupts import raise_again
from techalign.cli.main import INTERRUPTED
from techalign.cli.options import (
    Local,
    Place,
    clients_dir_option,
    example,
    found_settings,
    notebooks_dir_option,
)
from techalign.cli.telling import say

if TYPE_CHECKING:
    from techalign.cli.progress import Voice
    from techalign.cli.rounds import Asked, Manner

_NEEDED_AGAIN = frozenset(
    {"given", "files", "timeout", "memory", "show_code", "notebooks_dir", "out", "clients_dir"}
)


def _jobs_at_once() -> int:
    """Two more than the processors this process may use: while a kernel starts, others compute."""
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        processors = os.cpu_count() or 1
    return processors + 2


@click.command(
    "run",
    epilog=example(
        "techalign run",
        "techalign run machine-shop clinic --notebook spending",
        "techalign run -p as_of=2026-06-30 -j 4",
        "techalign run -f parameters.yaml --dry-run",
        "techalign run machine-shop --watch --open",
        "techalign run machine-shop --reviews 4",
        "techalign run --clients-dir s3://firm/clients --out s3://firm/reports --cluster 4",
    )
    + "\n\nA file techalign.toml, here or in a folder above, holds defaults: clients_dir, "
    "notebooks_dir and out; in [run] notebooks, jobs, timeout, memory, reviews, show_code, "
    "fail_fast, cluster and scheduler; in [parameters] values for notebooks. Options given here "
    "come before it."
    + "\n\nExit code 0: all good. 1: some reports failed. 2: wrong usage or input.",
)
@click.argument("clients", nargs=-1, shell_complete=complete_clients)
@click.option(
    "--notebook",
    "notebooks",
    multiple=True,
    help="Only this notebook (repeatable).",
    shell_complete=complete_notebooks,
)
@click.option("-p", "given", multiple=True, metavar="NAME=VALUE", help="A notebook parameter.")
@click.option(
    "-f",
    "--parameters-file",
    "files",
    multiple=True,
    type=Local(dir_okay=False),
    help="Parameters from a YAML or JSON file (repeatable); -p comes before it.",
)
@click.option(
    "-j",
    "workers",
    type=click.IntRange(1),
    default=_jobs_at_once,
    help="Jobs at once.  [default: two more than there are processors]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=600.0,
    show_default=True,
    help="Seconds per report.",
)
@click.option("--memory", type=click.IntRange(1), help="Megabytes a report may take.")
@click.option("--cluster", type=click.IntRange(1), help="Start so many Dask workers and use them.")
@click.option("--scheduler", default="", help="Use the Dask cluster at this address.")
@click.option(
    "--reviews",
    type=click.IntRange(1, 40),
    default=1,
    show_default=True,
    help="Reviews to have, one a quarter: those before the present one are made from the rows "
    "dated up to then, unless they were kept.",
)
@click.option("--force", is_flag=True, help="Make reports again that are up to date.")
@click.option("--fail-fast", is_flag=True, help="Start no further report after a failure.")
@click.option("--dry-run", is_flag=True, help="Say what would be made and why, and make nothing.")
@click.option(
    "--watch",
    is_flag=True,
    help="Go on: after a change make the reports it concerns, and let open pages reload.",
)
@click.option("--open", "open_page", is_flag=True, help="Open the page in the browser.")
@click.option("-q", "--quiet", is_flag=True, help="Say only what failed.")
@click.option("-v", "--verbose", is_flag=True, help="Say why each report is made, and how long.")
@click.option("--show-code", is_flag=True, help="Put each step's code into the pages, folded.")
@click.option("--json", "as_json", is_flag=True, help="Tell of each report as a line of JSON.")
@notebooks_dir_option
@click.option(
    "--out",
    type=Place(),
    default="reports",
    show_default=True,
    help="Where the reports go: a folder, or a URL (s3://…).",
)
@clients_dir_option
def command(
    clients: tuple[str, ...],
    notebooks: tuple[str, ...],
    given: tuple[str, ...],
    workers: int,
    timeout: float,
    memory: int | None,
    cluster: int | None,
    scheduler: str,
    reviews: int,
    force: bool,
    fail_fast: bool,
    dry_run: bool,
    watch: bool,
    open_page: bool,
    quiet: bool,
    verbose: bool,
    show_code: bool,
    as_json: bool,
    files: tuple[Path, ...],
    notebooks_dir: Path,
    out: Path,
    clients_dir: Path,
) -> None:
    """Make the reports of the CLIENTS (all by default) and an index over them.

    A report that is there already, made from the same tables, parameters, notebook and code,
    is not made again.
    """
    _check_usage(dry_run=dry_run, watch=watch, open_page=open_page, quiet=quiet, verbose=verbose)
    if not (cluster or scheduler or dry_run):
        from techalign.batch.notebook import find_notebooks, with_review
        from techalign.batch.preload import begin_template, imported_by
        from techalign.warm.room import kernels_at_once

        workers, fewer = kernels_at_once(workers)
        if fewer:
            say(fewer, err=True)
        if force or watch or _is_new(out):
            chosen = with_review(find_notebooks(notebooks_dir, notebooks), notebooks_dir)
            # it takes longer to start than the jobs to plan
            begin_template(imported_by(chosen))
    from techalign.batch.given import assumed_source
    from techalign.batch.job import Limits
    from techalign.batch.run import Cluster
    from techalign.cli.rounds import Asked, Manner, make, summarise, tell_only

    asked = Asked(
        clients,
        notebooks,
        clients_dir=clients_dir,
        notebooks_dir=notebooks_dir,
        out=out,
        assumed=assumed_source(found_settings(), notebooks_dir),
        files=files,
        assigned=given,
        reviews=reviews,
        show_code=show_code,
    )
    manner = Manner(
        workers=workers,
        limits=Limits(timeout, None if memory is None else memory * 1024 * 1024),
        voice=_voice(quiet=quiet, verbose=verbose, as_json=as_json),
        cluster=Cluster(cluster, scheduler) if cluster or scheduler else None,
        force=force,
        fail_fast=fail_fast,
    )
    if verbose and (settings := found_settings()):
        say(f"defaults from {settings[1]}", err=True)
    if dry_run:
        tell_only(asked, manner)
        return
    raise_again()
    if watch:
        _watch(asked, manner, open_page)
        return
    try:
        made = make(asked, manner)
    except KeyboardInterrupt:  # here, because click would add an empty line to what was said
        sys.exit(INTERRUPTED)
    summarise(made, manner, _again())
    if open_page:
        page = _page_of(asked)
        _open(page.resolve().as_uri(), page)
    sys.exit(1 if made.outcome.failed or made.reviews.failed else 0)


def _check_usage(
    *, dry_run: bool, watch: bool, open_page: bool, quiet: bool, verbose: bool
) -> None:
    """Refuse what does not go together."""
    values = click.get_current_context().params
    far = [name for name in ("out", "clients_dir") if "://" in str(values[name])]
    if dry_run and (watch or open_page):
        raise click.UsageError("--dry-run makes nothing to watch or to open; leave one out.")
    if (quiet and (verbose or values["as_json"])) or (verbose and values["as_json"]):
        raise click.UsageError("Of --quiet, --verbose and --json give one.")
    if watch and (far or values["cluster"] or values["scheduler"]):
        raise click.UsageError(
            "--watch needs clients and reports on this machine and no cluster: copy them here, or "
            "run again by hand."
        )
    if open_page and "out" in far:
        raise click.UsageError("--open needs reports on this machine; name a folder with --out.")


def _voice(*, quiet: bool, verbose: bool, as_json: bool) -> Voice:
    from techalign.cli.progress import Voice

    if as_json:
        return Voice.JSON
    return Voice.QUIET if quiet else Voice.VERBOSE if verbose else Voice.PLAIN


def _page_of(asked: Asked) -> Path:
    """The page that one who asked for these reports wants to see."""
    if len(asked.clients) != 1:
        return asked.out / "index.html"
    name = asked.notebooks[0] if len(asked.notebooks) == 1 else "index"
    return asked.out / asked.clients[0] / f"{name}.html"


def _open(address: str, page: Path) -> None:
    """Open a page in the browser that the machine, or the variable BROWSER, names."""
    import webbrowser

    if not webbrowser.open(address):
        say(f"no browser could be opened; open {page} yourself, or set BROWSER", err=True)


def _watch(asked: Asked, manner: Manner, open_page: bool) -> None:
    from techalign.cli.watching import watch

    found = found_settings()
    page = _page_of(asked).relative_to(asked.out)

    def show(url: str) -> None:
        _open(f"{url}{page}", page)

    watch(asked, manner, found[1] if found else None, show if open_page else None)


def _is_new(out: Path) -> bool:
    """Whether a folder holds no pages of an earlier run, all of which may be up to date."""
    return "://" not in str(out) and not (out / ".pages").exists()


def _again() -> list[str]:
    """The options given on the command line that a second try needs, too."""
    context = click.get_current_context()
    words: list[str] = []
    for option in context.command.params:
        name = str(option.name)
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if not given or name not in _NEEDED_AGAIN:
            continue
        value = context.params[name]
        for each in value if isinstance(value, tuple) else (value,):
            words += [option.opts[-1], *([] if each is True else [str(each)])]
    return words
