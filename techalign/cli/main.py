"""The ``techalign`` command: finds a command's module by name, and turns errors into one line."""

from __future__ import annotations

import contextlib
import importlib
import os
import sys

import click

from techalign import __version__
from techalign.cli.interrupts import raise_again
from techalign.cli.options import found_settings
from techalign.cli.telling import say
from techalign.errors import InputError
from techalign.storage import unreachable

__all__ = ["INTERRUPTED", "main", "techalign"]

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""

# in the order of a first session; imported only when called, so that --help is quick
_COMMANDS = {
    "init": "write a workbook: notebooks and sample clients",
    "new": "write a new client's folder, with examples apart",
    "import": "bring an export into a client's folder",
    "draft": "propose agreements, vendors, devices and players from the ledger",
    "questionnaire": "write a client's questionnaire, with what is answered already",
    "check": "say what is wrong in the clients' tables",
    "run": "make the reports of all or some clients",
    "lab": "open JupyterLab on a client's notebooks",
    "decide": "keep what becomes of a decision that the reports put",
    "diff": "say what changed between two reviews of a client",
    "experience": "count how long the vendors of all clients have lasted",
    "share": "put a client's reports into one file to send",
    "inspect": "show a notebook's parameters",
    "new-notebook": "write a small notebook of your own, which runs",
    "list": "list clients, notebooks and formats, and how the reports stand",
    "completion": "let the shell complete names and options",
}


_OF_RUN = {"jobs": "workers"}


class _LazyGroup(click.Group):
    """Imports ``techalign.cli.<name>_command`` when the command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx  # the list does not depend on it
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        del ctx  # nor do the commands
        if name not in _COMMANDS:
            return None
        module = importlib.import_module(f"techalign.cli.{name.replace('-', '_')}_command")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx  # click's own version would import every command for its help line
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))


@click.group(
    cls=_LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Example: techalign init workbook && cd workbook && techalign run",
)
@click.version_option(__version__, prog_name="techalign")
@click.pass_context
def techalign(ctx: click.Context) -> None:
    """Technology spending, vendor-failure risk and partner ramps, reported per client."""
    ctx.default_map = _defaults()
    if ctx.invoked_subcommand != "run":  # it says itself when it has begun
        raise_again()


def _defaults() -> dict[str, dict[str, object]]:
    """What ``techalign.toml`` says, by command and option, as click takes it."""
    found = found_settings()
    if found is None:
        return {}
    settings, path = found
    folders: dict[str, object] = dict(settings.folders(path.parent))
    # under the names that the command's own parameters have
    said = {_OF_RUN.get(name, name): value for name, value in settings.run}
    run = {name: value for name, value in said.items() if value is not None}
    return {name: folders | (run if name == "run" else {}) for name in _COMMANDS}


def main() -> None:
    """Run the command line; wrong input is one line on standard error and exit code 2."""
    try:
        # not click's own handling: it turns Ctrl-C into exit code 1, which means failed reports
        sys.exit(techalign(prog_name="techalign", standalone_mode=False))
    except InputError as error:
        say(f"techalign: {error}", err=True)
        sys.exit(2)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(INTERRUPTED)
    except Exception as error:
        reason = unreachable(error)
        if reason is None:
            raise
        _stop_writing()
        place = getattr(error, "filename", "")
        say(f"techalign: {reason}" + (f": {place}" if place else ""), err=True)
        sys.exit(2)


def _stop_writing() -> None:
    """Leave standard output to nobody: a disk that is full would be told of again at the end."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, sys.stdout.fileno())
