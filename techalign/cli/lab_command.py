"""``techalign lab``: JupyterLab on a client's notebooks, until Ctrl-C."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import click

from techalign.cli.interrupts import ignore_from_now, raise_again
from techalign.cli.options import Local, clients_dir_option, example, notebooks_dir_option
from techalign.cli.telling import say
from techalign.errors import InputError

_PATIENCE = 30.0  # seconds for kernels to end


@click.command(
    "lab",
    epilog=example(
        "techalign lab machine-shop", "techalign lab machine-shop --no-browser -- --port=8899"
    )
    + "\n\nWhat stands after -- is handed to JupyterLab.",
)
@click.argument("client")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@notebooks_dir_option
@click.option(
    "--desk",
    type=Local(file_okay=False),
    default=Path("lab"),
    show_default=True,
    help="Folder for copies of the notebooks with the client chosen.",
)
@click.option(
    "--out",
    type=Local(file_okay=False),
    default=Path("reports"),
    show_default=True,
    help="Where a run puts reports.",
)
@click.option("--no-browser", is_flag=True, help="Print the address and open no browser.")
@clients_dir_option
def command(
    client: str,
    options: tuple[str, ...],
    notebooks_dir: Path,
    desk: Path,
    out: Path,
    no_browser: bool,
    clients_dir: Path,
) -> None:
    """Open JupyterLab on the notebooks with CLIENT chosen; Ctrl-C ends it.

    It listens on this machine only, and asks for a token, which its address contains.
    """
    from techalign.client.folder import check_client_id, read_profile
    from techalign.storage import is_remote
    from techalign.workbench.desk import lay_out

    if is_remote(clients_dir):
        raise InputError(
            "lies in object storage, and JupyterLab needs files", where=str(clients_dir),
            remedy="Copy the client's folder to this machine.",
        )  # fmt: skip
    read_profile(clients_dir / check_client_id(client))
    places = (clients_dir.resolve(), notebooks_dir.resolve(), out.resolve())
    laid = lay_out(desk / client, client, *places)
    for name in laid.kept:
        say(f"{laid.folder / name} was changed by somebody and stays as it is")
    root = Path(os.path.commonpath([Path.cwd(), laid.folder.resolve()]))
    say("JupyterLab starts; Ctrl-C here ends it and all its notebooks")
    sys.exit(_serve(root, laid.first.resolve(), [*options, *(["--no-browser"] * no_browser)]))


def _serve(root: Path, first: Path, options: list[str]) -> int:
    """Run the server until it ends or is interrupted; none of its processes remains."""
    from techalign.workbench.desk import ROOT, environment_of

    raise_again()
    arguments = [
        "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.root_dir={root}",
        f"--LabApp.default_url=/lab/tree/{first.relative_to(root).as_posix()}",
        "--LabApp.news_url=",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--LabApp.extension_manager=readonly",
    ]
    # in a session of its own: Ctrl-C in a terminal reaches every process of the one that it is in
    server = subprocess.Popen(  # noqa: S603
        [sys.executable, "-m", "jupyterlab", *arguments, *options],
        env={**environment_of(os.environ), ROOT: str(root)}, start_new_session=True,
    )  # fmt: skip
    signal.signal(signal.SIGTERM, _interrupted)
    try:
        return server.wait()
    except KeyboardInterrupt:
        ignore_from_now()
        return 0
    finally:
        _end(server)


def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def _end(server: subprocess.Popen[bytes]) -> None:
    """Ask the server to end its kernels and itself; what does not answer is ended."""
    if server.poll() is not None:
        return
    server.terminate()
    try:
        server.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
