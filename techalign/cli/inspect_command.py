"""``techalign inspect``: a notebook's parameters, with type, default, bounds and help."""

from __future__ import annotations

from pathlib import Path

import click

from techalign.cli.options import example
from techalign.cli.telling import say


@click.command("inspect", epilog=example("techalign inspect notebooks/spending.ipynb"))
@click.argument("notebook", type=click.Path(path_type=Path, dir_okay=False))
def command(notebook: Path) -> None:
    """Show the parameters of NOTEBOOK, as they can be given to 'techalign run -p'."""
    from techalign.batch.parameters import notebook_parameters, notebook_title

    parameters = notebook_parameters(notebook)
    say(f"{notebook_title(notebook)} ({notebook})")
    if not parameters:
        say("no cell is tagged 'parameters'")
    for parameter in parameters.values():
        say(f"  {parameter.name}: {parameter.kind} = {parameter.default!r}")
        say(f"      {parameter.help}")
