r"""What a notebook printed, as a terminal would show it in the end, as HTML.

Progress bars write the same line again and again and move the cursor; colours come as escape
sequences. Here the text goes onto a screen of unlimited size: carriage returns and backspaces
overwrite, cursor movements move, erasing erases. What is left is the text a person would have read.
Of colours the six hues remain, in shades that can be read on the page; every other control is
dropped. The sequences are those of ECMA-48 [1]_ that programs use.

References
----------
.. [1] ECMA-48, *Control Functions for Coded Character Sets*, 5th edition, 1991, 8.3.
"""

from __future__ import annotations

import colorsys
import html
import itertools
import re
from dataclasses import dataclass, field

__all__ = ["is_plain", "plain_text", "terminal_html"]

_SEQUENCE = re.compile(
    r"\x1b\[(?P<numbers>[0-9:;<=>?]*)[ -/]*(?P<final>[@-~])"  # control sequences
    r"|\x1b[\]PX^_].*?(?:\x07|\x1b\\|$)"  # strings for the terminal: titles, links
    r"|\x1b[ -/]*[0-~]?|[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]",
    re.DOTALL,
)
_PLAIN = re.compile(r"[^\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*")
_TAB = 8
_FARTHEST = 1_000  # columns a movement may reach
_HUES = ("red", "yellow", "green", "cyan", "blue", "magenta")
_STANDARD = ("", "red", "green", "yellow", "blue", "magenta", "cyan", "")
"""The eight colours of a terminal; black and white are the page's own ink."""


@dataclass(frozen=True)
class _Style:
    hue: str = ""
    bold: bool = False
    italic: bool = False
    underlined: bool = False
    marked: bool = False

    def classes(self) -> str:
        named = {"tb": self.bold or self.marked, "ti": self.italic, "tu": self.underlined}
        hue = [f"t-{self.hue}"] if self.hue else []
        return " ".join([*hue, *(name for name, is_so in named.items() if is_so)])


_DEFAULT = _Style()


@dataclass
class _Screen:
    """Lines of characters, each with its style, and where the next one goes."""

    lines: list[list[tuple[str, _Style]]] = field(default_factory=lambda: [[]])
    row: int = 0
    column: int = 0
    style: _Style = _DEFAULT

    def write(self, text: str) -> None:
        line = self.lines[self.row]
        if self.column > len(line):
            line += [(" ", _DEFAULT)] * (self.column - len(line))
        end = self.column + len(text)
        line[self.column : end] = [(character, self.style) for character in text]
        self.column = end

    def to_line(self, row: int) -> None:
        """Move to a line there is: a movement makes none, only a line feed does."""
        self.row = min(max(row, 0), len(self.lines) - 1)

    def control(self, character: str) -> None:
        if character in "\n\x0b\x0c\x85":
            if self.row == len(self.lines) - 1:
                self.lines.append([])
            self.row += 1
            self.column = 0
        elif character == "\r":
            self.column = 0
        elif character == "\b":
            self.column = max(self.column - 1, 0)
        elif character == "\t":
            self.write(" " * (_TAB - self.column % _TAB))

    def obey(self, final: str, numbers: str) -> None:
        """Do what a control sequence asks for, if it matters for what is read in the end."""
        if final == "m":
            self.style = _styled(self.style, numbers)
            return
        found = [int(n) if n.isdecimal() else 0 for n in numbers.split(";")]
        first = min(found[0], _FARTHEST)
        step = max(first, 1)
        if final in "KJ":
            self._erase_line(first) if final == "K" else self._erase_screen(first)
        elif final in "ABEF":
            self.to_line(self.row + (step if final in "BE" else -step))
            self.column = 0 if final in "EF" else self.column
        elif final in "CD":
            self.column += step if final == "C" else -step
        elif final == "G":
            self.column = step - 1
        elif final in "Hf":
            self.to_line(step - 1)
            self.column = found[1] - 1 if len(found) > 1 else 0
        self.column = min(max(self.column, 0), _FARTHEST)

    def _erase_line(self, which: int) -> None:
        line = self.lines[self.row]
        if which == 0:
            del line[self.column :]
        elif which == 1:
            line[: self.column + 1] = [(" ", _DEFAULT)] * min(self.column + 1, len(line))
        else:
            line.clear()

    def _erase_screen(self, which: int) -> None:
        if which == 0:
            self._erase_line(0)
            del self.lines[self.row + 1 :]
        else:
            for line in self.lines:
                line.clear()


def terminal_html(text: str) -> str:
    r"""Turn a terminal's text into HTML for a ``pre`` element.

    Parameters
    ----------
    text : str
        With whatever control characters it came.

    Returns
    -------
    str
        Escaped; colours and weights as ``span`` elements of classes ``t-red`` ... and ``tb``,
        ``ti``, ``tu``.

    Examples
    --------
    >>> terminal_html("10 %\r100 %\n\x1b[1;31mno\x1b[0m <b>")
    '100 %\n<span class="t-red tb">no</span> &lt;b&gt;'
    """
    if is_plain(text):  # nearly always; and outputs can be long
        return html.escape(text, quote=False)
    return "\n".join(map(_line_html, _screen(text).lines)).rstrip("\n")


def is_plain(text: str) -> bool:
    """Whether a text holds no control but line feeds and tabs."""
    return _PLAIN.fullmatch(text) is not None


def plain_text(text: str) -> str:
    r"""A text, such as an error's message, with nothing that would steer a terminal.

    Other than in :func:`terminal_html` nothing is overwritten: a carriage return begins a line.

    Examples
    --------
    >>> plain_text("\x1b[31mKeyError\x1b[0m: 'x'")
    "KeyError: 'x'"
    """
    if is_plain(text):
        return text
    return _SEQUENCE.sub(_kept, text.replace("\r\n", "\n"))


def _kept(match: re.Match[str]) -> str:
    return {"\r": "\n", "\n": "\n", "\t": "\t"}.get(match[0], "")


def _screen(text: str) -> _Screen:
    screen = _Screen()
    place = 0
    for match in _SEQUENCE.finditer(text):
        if match.start() > place:
            screen.write(text[place : match.start()])
        place = match.end()
        if match["final"]:
            screen.obey(match["final"], match["numbers"])
        else:
            screen.control(match[0][:1])
    screen.write(text[place:])
    return screen


def _line_html(line: list[tuple[str, _Style]]) -> str:
    # blanks at the end of a line are not seen, whatever their colour
    width = len("".join(character for character, _ in line).rstrip())
    said = []
    for style, run in itertools.groupby(line[:width], key=lambda cell: cell[1]):
        part = html.escape("".join(character for character, _ in run), quote=False)
        classes = style.classes() if part.strip() else ""
        said.append(f'<span class="{classes}">{part}</span>' if classes else part)
    return "".join(said)


def _styled(style: _Style, numbers: str) -> _Style:
    """A style after SGR parameters, ECMA-48 8.3.117."""
    codes = [int(n) if n.isdecimal() else 0 for n in numbers.replace(":", ";").split(";")]
    made = {
        "hue": style.hue,
        "bold": style.bold,
        "italic": style.italic,
        "underlined": style.underlined,
        "marked": style.marked,
    }
    while codes:
        code = codes.pop(0)
        if code == 0:
            made = dict.fromkeys(made, False) | {"hue": ""}
        elif code in {1, 3, 4, 7}:
            made[{1: "bold", 3: "italic", 4: "underlined", 7: "marked"}[code]] = True
        elif code in {22, 23, 24, 27}:
            made[{22: "bold", 23: "italic", 24: "underlined", 27: "marked"}[code]] = False
        elif 30 <= code <= 37 or 90 <= code <= 97:
            made["hue"] = _STANDARD[code % 10]
        elif code in {38, 48}:
            hue = _extended(codes)
            made |= {"hue": hue} if code == 38 else {"marked": True}
        elif code == 39:
            made["hue"] = ""
        elif 40 <= code <= 47 or 100 <= code <= 107:
            made["marked"] = True
        elif code == 49:
            made["marked"] = False
    return _Style(**made)  # type: ignore[arg-type]


def _extended(codes: list[int]) -> str:
    """Take a colour of the 256 or of all from the codes, and return the hue nearest to it."""
    kind = codes.pop(0) if codes else 0
    if kind == 5 and codes:
        return _indexed(codes.pop(0))
    if kind == 2 and len(codes) >= 3:
        red, green, blue = (codes.pop(0) for _ in range(3))
        return _nearest(red, green, blue)
    return ""


def _indexed(index: int) -> str:
    if index < 16:
        return _STANDARD[index % 8]
    if index >= 232:  # greys
        return ""
    cube = index - 16
    red, green, blue = (51 * (cube // size % 6) for size in (36, 6, 1))
    return _nearest(red, green, blue)


def _nearest(red: int, green: int, blue: int) -> str:
    hue, saturation, value = colorsys.rgb_to_hsv(*(min(c, 255) / 255 for c in (red, green, blue)))
    if saturation < 0.25 or value < 0.2:
        return ""
    return _HUES[round(hue * len(_HUES)) % len(_HUES)]
