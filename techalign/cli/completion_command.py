"""``techalign completion``: let the shell complete commands, options, clients and notebooks."""

from __future__ import annotations

import os
import re
from pathlib import Path

import click

from techalign.cli.options import example
from techalign.cli.telling import say
from techalign.errors import InputError

_SHELLS = ("bash", "zsh", "fish")
_MARK = "# completion of techalign"
_READS_ITSELF = (
    "/usr/share/bash-completion/bash_completion",
    "/usr/local/share/bash-completion/bash_completion",
    "/opt/homebrew/etc/profile.d/bash_completion.sh",
)


@click.group(
    "completion",
    epilog=example(
        "techalign completion install",
        "techalign completion install zsh",
        "techalign completion show bash >> ~/.bashrc",
    ),
)
def command() -> None:
    """Let the shell complete commands, options, clients' and notebooks' names."""


def _shell_argument(function: click.decorators.FC) -> click.decorators.FC:
    return click.argument("shell", type=click.Choice(_SHELLS), required=False)(function)


@command.command("show", epilog=example("techalign completion show bash"))
@_shell_argument
def show(shell: str | None) -> None:
    """Print the completion script for SHELL (by default the one in SHELL's variable)."""
    click.echo(_script(shell or _present()))


@command.command(
    "install", epilog=example("techalign completion install", "techalign completion install fish")
)
@_shell_argument
def install(shell: str | None) -> None:
    """Put the completion script where SHELL finds it, and say where that is."""
    shell = shell or _present()
    path, start = _places(shell)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(_script(shell), encoding="utf-8")
        say(f"wrote {path}")
        if start is not None and _add_once(start, _reading(shell, path)):
            say(f"added to {start}: reads it in every new shell")
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror or error}",
            where=str(getattr(error, "filename", None) or path),
            remedy=f"Add the output of 'techalign completion show {shell}' where you can write.",
        ) from error
    say(f"Open a new {shell} and press Tab after 'techalign run '.")


def _present() -> str:
    name = Path(os.environ.get("SHELL", "")).name
    if name in _SHELLS:
        return name
    raise InputError(
        "is no shell that can be completed for",
        where="SHELL",
        value=name or "nothing",
        remedy=f"Name one: techalign completion install {'|'.join(_SHELLS)}.",
    )


def _script(shell: str) -> str:
    from click.shell_completion import get_completion_class

    from techalign.cli.main import techalign

    found = get_completion_class(shell)
    if found is None:
        raise InputError("is not known to click", where="shell", value=shell)
    maker = found(techalign, {}, "techalign", "_TECHALIGN_COMPLETE")
    # the class for bash asks the bash on the path for its version, which need not be the user's
    return maker.source_template % maker.source_vars()


def _places(shell: str) -> tuple[Path, Path | None]:
    """Where the script goes, and the start file that must read it, if one must."""
    home = Path.home()
    data = Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
    if shell == "fish":
        settings = Path(os.environ.get("XDG_CONFIG_HOME") or home / ".config")
        return settings / "fish" / "completions" / "techalign.fish", None
    if shell == "zsh":
        start = Path(os.environ.get("ZDOTDIR") or home) / ".zshrc"
        return data / "techalign" / "completion.zsh", start
    reads_itself = any(Path(path).exists() for path in _READS_ITSELF)
    path = data / "bash-completion" / "completions" / "techalign"
    return path, None if reads_itself else home / ".bashrc"


def _reading(shell: str, path: Path) -> str:
    read = f"[ -r '{path}' ] && . '{path}'"
    if shell == "zsh":  # which completes nothing before its own part is loaded
        return f"(( $+functions[compdef] )) || {{ autoload -Uz compinit && compinit; }}\n{read}"
    return read


def _add_once(start: Path, lines: str) -> bool:
    """Add lines to a start file that has them not yet; tell whether it was necessary."""
    old = start.read_text(encoding="utf-8") if start.exists() else ""
    block = f"{_MARK}\n{lines}\n# until here\n"
    if block in old:
        return False
    kept = re.sub(rf"{_MARK}\n.*?# until here\n", "", old, flags=re.DOTALL)
    gap = "" if not kept or kept.endswith("\n") else "\n"
    start.write_text(f"{kept}{gap}{block}", encoding="utf-8")
    return True
