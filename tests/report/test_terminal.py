"""The text a terminal would show in the end, against a second, naive terminal."""

import html
import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from techalign.report.terminal import plain_text, terminal_html

MOVES = ["a", "bc", " ", "é", "\r", "\n", "\b", "\x1b[K", "\x1b[2K", "\x1b[A", "\x1b[C", "\x1b[D"]
MOVES += ["\x1b[1G", "\x1b[3D", "\x07", "\x1b[31m", "\x1b[0m", "\x1b]0;t\x07"]


FAR = -1_000  # to the first column
STEPS = {"\r": (0, FAR), "\x1b[1G": (0, FAR), "\n": (1, FAR), "\b": (0, -1), "\x1b[D": (0, -1)}
STEPS |= {"\x1b[3D": (0, -3), "\x1b[C": (0, 1), "\x1b[A": (-1, 0)}


def _naively(parts: list[str]) -> str:
    """A terminal that keeps a mapping of places to characters and knows only what `MOVES` has."""
    shown: dict[tuple[int, int], str] = {}
    row = column = last = 0
    for part in parts:
        if part in STEPS:
            down, right = STEPS[part]
            row, column = max(row + down, 0), max(column + right, 0)
            last = max(last, row)
        elif part in ("\x1b[K", "\x1b[2K"):
            first = column if part == "\x1b[K" else 0
            shown = {p: c for p, c in shown.items() if p[0] != row or p[1] < first}
        elif part.isprintable():
            for character in part:
                shown[row, column] = character
                column += 1
    return _lines(shown, last)


def _lines(shown: dict[tuple[int, int], str], last: int) -> str:
    lines = []
    for number in range(last + 1):
        places = [c for r, c in shown if r == number]
        width = max(places, default=-1) + 1
        lines.append("".join(shown.get((number, c), " ") for c in range(width)).rstrip())
    return "\n".join(lines).rstrip("\n")


@given(st.lists(st.sampled_from(MOVES), max_size=30))
@example(["\x1b[31m", "a", " "])
@settings(max_examples=100, deadline=None)
def test_it_is_what_a_naive_terminal_shows(parts: list[str]) -> None:
    parts = [*parts, "\r", "\n", "\x07"]  # never plain
    text = html.unescape(re.sub(r"<[^>]+>", "", terminal_html("".join(parts))))
    assert text == _naively(parts)


@pytest.mark.parametrize(
    "text", ["\x1b[9999B\x1b[9999Cx" * 2_000, "\x1b[" * 20_000, "\x1b]" * 20_000, "a\b" * 20_000]
)
def test_no_text_takes_long_or_much(text: str) -> None:
    assert len(terminal_html(text)) < 3_000_000


def test_a_message_loses_no_words() -> None:
    assert plain_text("one\r\ntwo\rthree\x1b[1m four\x1b]0;t\x07\x00") == "one\ntwo\nthree four"
