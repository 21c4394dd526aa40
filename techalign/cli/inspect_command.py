"""``techalign inspect``: a notebook's parameters, with type, default, bounds and help."""

from __future__ import annotations

from pathlib import Path

import click

from techalign.cli.options import example
from techalign.cli.telling import say
from techalign.errors import ParameterError

_LONGEST = 100  # characters of a default


@click.command("inspect", epilog=example("techalign inspect notebooks/spending.ipynb"))
@click.argument("notebook", type=click.Path(path_type=Path, dir_okay=False))
def command(notebook: Path) -> None:
    """Show the parameters of NOTEBOOK, as they can be given to 'techalign run -p'."""
    from techalign.batch.notebook import (
        kernel_of,
        language_of,
        notebook_title,
        read_notebook,
    )
    from techalign.batch.parameters import notebook_parameters

    parameters = notebook_parameters(notebook)
    say(f"{notebook_title(notebook)} ({notebook})")
    read = read_notebook(notebook)
    if (language := language_of(read)) != "python":
        say(f"written in {language}")
        try:
            say(f"runs in the kernel '{kernel_of(read)}'")
        except ParameterError as missing:
            say(missing)
    if not parameters:
        say("no cell is tagged 'parameters', so it takes none")
    for parameter in parameters.values():
        default = repr(parameter.default)
        default = default if len(default) <= _LONGEST else f"{default[: _LONGEST - 2]} …"
        say(f"  {parameter.name}: {parameter.kind} = {default}")
        if parameter.help:
            say(f"      {parameter.help}")
