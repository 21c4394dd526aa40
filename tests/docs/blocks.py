"""Runs a page's code blocks, one after the other, as a reader would.

What a block is, its fence says: ``title="path"`` is a file to write, ``sh`` and ``python`` are to
be run, ``output`` is what the block before it prints (``...`` stands for what differs from day to
day). Blocks of other languages are pictures of a file and are left alone. A page is one test,
since its blocks need each other and the tests' workers share no folder.
"""

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

from tests.command import techalign

_SAME = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


@dataclass(frozen=True)
class CodeBlock:
    """A fenced block: its language, the file it is to be written to, its text and its line."""

    language: str
    title: str
    text: str
    line: int


def blocks_of(page: Path) -> Iterator[CodeBlock]:
    """Find the fenced blocks of a page, those inside of lists and notes included."""
    for token in MarkdownIt().parse(page.read_text(encoding="utf-8")):
        if token.type == "fence":
            language, _, rest = token.info.strip().partition(" ")
            title = re.search(r'title="([^"]+)"', rest)
            line = (token.map or [0])[0] + 1
            yield CodeBlock(language, title[1] if title else "", token.content, line)


def run_blocks(page: Path, folder: Path) -> None:
    """Run a page's blocks in a folder; the first that fails is told with its line."""
    printed = ""
    for block in blocks_of(page):
        where = f"{page.name}:{block.line}"
        if block.title:
            target = folder / block.title
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(block.text, encoding="utf-8")
        elif block.language == "output":
            assert doctest.OutputChecker().check_output(block.text, printed, _SAME), (
                f"{where}: printed was\n{printed}"
            )
        elif block.language in {"sh", "python"}:
            printed = _run(block, folder, where)


def _run(block: CodeBlock, folder: Path, where: str) -> str:
    own = (folder / "techalign").is_dir()  # a reader's copy, which is not what is imported here
    commands = None if own else _commands(block)
    if commands is None:
        return _in_a_process(block, folder, where)
    place, lines = commands
    said = ""
    for words in lines:
        done = techalign(words, os.environ, folder / place)
        said += done.said
        assert done.returncode == 0, f"{where}: exit code {done.returncode}\n{said}"
    return said


def _commands(block: CodeBlock) -> tuple[str, list[list[str]]] | None:
    """The folder and the words of a block that only calls the command, which then runs here."""
    lines = block.text.splitlines()
    place = lines.pop(0)[3:] if block.text.startswith("cd ") else "."
    if block.language != "sh" or any(set("|&;<>$`*?()[]{}~#\\") & set(line) for line in lines):
        return None
    words = [shlex.split(line) for line in lines]
    if any(not line or line[0] != "techalign" for line in words):
        return None
    return place, [line[1:] for line in words]


def _in_a_process(block: CodeBlock, folder: Path, where: str) -> str:
    program = ["bash", "-euo", "pipefail"] if block.language == "sh" else [sys.executable, "-"]
    # a package in the folder, the reader's own copy, goes before the one that is installed
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH", "")])]
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        program,
        input=block.text,
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(paths), "PATH": path},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{where}: exit code {done.returncode}\n{done.stdout}"
    return done.stdout
