"""The page of all commands, from what click knows of them."""

from __future__ import annotations

import inspect

import click

from techalign.cli.main import techalign


def commands_page() -> str:
    """Write every command: what it does, its usage, its options and its examples."""
    top = click.Context(techalign, info_name="techalign")
    lines = [
        "# Commands",
        "",
        "Everything here is also told by `techalign COMMAND --help`. Exit codes: 0 good, "
        "1 something failed, 2 wrong usage or input, 130 stopped with Ctrl-C.",
        "",
    ]
    for name in techalign.list_commands(top):
        command = techalign.get_command(top, name)
        assert command is not None
        lines += _command(command, click.Context(command, info_name=name, parent=top))
    return "\n".join(lines)


def _command(command: click.Command, ctx: click.Context) -> list[str]:
    usage = " ".join(command.get_usage(ctx).removeprefix("Usage:").split())
    lines = [f"## {ctx.info_name}", "", *_paragraphs(command.help), "", "```text", usage, "```", ""]
    options = [p for p in command.get_params(ctx) if isinstance(p, click.Option) and not p.hidden]
    lines += ["| option | what it does |", "|---|---|"]
    for option in options:
        shown, help_text = option.get_help_record(ctx) or ("", "")
        lines.append(f"| `{_cell(shown)}` | {_safe(_cell(help_text))} |")
    return [*lines, "", *_epilog(command.epilog), ""]


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def _safe(text: str) -> str:
    # brackets, signs and stars of a help text are no Markdown
    for sign in "[<*_":
        text = text.replace(sign, f"&#{ord(sign)};")
    return text


def _paragraphs(text: str | None) -> list[str]:
    return [line for line in inspect.cleandoc(text or "").split("\n") if line != "\b"]


def _epilog(text: str | None) -> list[str]:
    """Keep what click prints as it stands (after a backspace) as it stands, too."""
    lines: list[str] = []
    for block in (text or "").strip().split("\n\n"):
        as_it_stands, _, rest = block.partition("\b\n")
        if rest:
            first, _, body = rest.partition("\n")
            lines += [first, "", "```text", *inspect.cleandoc(body).split("\n"), "```", ""]
        elif as_it_stands:
            lines += [as_it_stands, ""]
    return lines
