r"""Formulas in TeX as MathML, which browsers draw without a script.

What notebooks hold of TeX is little: fractions, roots, sums, matrices, Greek. That is read here.
A formula with anything else in it is shown as it was typed, in a typewriter's letters: whole, and
not half drawn.
"""

from __future__ import annotations

import html
import re
from functools import cache, lru_cache

__all__ = ["formula_html", "formulas_in"]

_TOKEN = re.compile(r"\\[A-Za-z]+\*?|\\.|\d+(?:[.,]\d+)*|\s+|[^\s\\]", re.DOTALL)
_IN_TEXT = re.compile(
    r"(?P<kept><(?P<tag>pre|code)\b.*?</(?P=tag)>)|"
    r"\$\$(?P<block>.+?)\$\$|\\\[(?P<bracketed>.+?)\\\]|"
    r"(?P<begun>\\begin\{(?P<name>(?:equation|align|gather|eqnarray|multline)\*?)\}"
    r".*?\\end\{(?P=name)\})|"
    r"\\\((?P<inner>.+?)\\\)|(?<![\\$\w])\$(?P<inline>[^\s$](?:[^$<]*[^\s$])?)\$(?![\d$])",
    re.DOTALL,
)
# a command, a script, an equation; or letters and signs without a word and no amount
_IS_FORMULA = re.compile(r"\\[A-Za-z]+|\^|_|[A-Za-z]\s*=|^(?!\d)(?:(?![A-Za-z]{2}).)+$")
_DELIMITERS = re.compile(r"^(\$\$?|\\\[|\\\()\s*(.*?)\s*(\$\$?|\\\]|\\\))$", re.DOTALL)
_TABLES = {
    "matrix": "",
    "pmatrix": "()",
    "bmatrix": "[]",
    "vmatrix": "||",
    "cases": "{",
    "array": "",
}
_TABLES |= {"Bmatrix": "{}", "aligned": "", "align": "", "split": "", "gathered": "", "gather": ""}
_TABLES |= {"equation": "", "eqnarray": "", "multline": "", "smallmatrix": ""}
_WORDS = {
    "text",
    "mathrm",
    "textbf",
    "textit",
    "textrm",
    "mbox",
    "operatorname",
    "mathsf",
    "texttt",
}
_STYLES = {"mathbf", "mathit", "mathcal", "mathbb", "boldsymbol", "bm", "mathfrak"}
_ACCENTS = {"hat": "^", "widehat": "^", "bar": "¯", "overline": "¯", "tilde": "~", "widetilde": "~"}
_ACCENTS |= {"vec": "→", "dot": "˙", "ddot": "¨"}
_FUNCTIONS = {"log", "ln", "exp", "sin", "cos", "tan", "sinh", "cosh", "tanh", "arg", "det", "dim"}
_FRACTIONS = {"frac", "dfrac", "tfrac", "cfrac"}
_LIMITS = {"lim", "max", "min", "sup", "inf", "argmax", "argmin", "sum", "prod", "bigcup", "bigcap"}
_NAMES = (_FUNCTIONS | _LIMITS) - {"sum", "prod", "bigcup", "bigcap"}
_NOTHING = {"displaystyle", "textstyle", "limits", "nolimits", "nonumber", "big", "Big", "bigg"}
_NOTHING |= {"Bigg", "bigl", "bigr", "Bigl", "Bigr", "!", "mathstrut", "notag"}
_SPACES = {",": 0.17, ":": 0.22, ";": 0.28, " ": 0.3, "quad": 1.0, "qquad": 2.0, "~": 0.3}
_OWN = {"le": "≤", "ge": "≥", "ne": "≠", "to": "→", "cdot": "⋅", "times": "×", "ldots": "…"}
_OWN |= {"dots": "…", "cdots": "⋯", "infty": "∞", "pm": "±", "mid": "|", "vert": "|", "Vert": "‖"}
_OWN |= {"lbrace": "{", "rbrace": "}", "langle": "⟨", "rangle": "⟩", "sum": "∑", "prod": "∏"}
_OWN |= {"int": "∫", "lvert": "|", "rvert": "|", "colon": ":", "gets": "←", "implies": "⟹"}


_MOST_TOKENS = 5_000


class _UnknownError(ValueError):
    """The formula holds what is not read here."""


@lru_cache(500)
def formula_html(source: str, *, block: bool = False) -> str:
    r"""Write a formula as MathML; as it was typed if it cannot all be read.

    Parameters
    ----------
    source : str
        TeX, with or without its dollars.
    block : bool
        Whether it stands on a line of its own.

    Returns
    -------
    str
        HTML.

    Examples
    --------
    >>> formula_html("$x^2$")
    '<math><msup><mi>x</mi><mn>2</mn></msup></math>'
    >>> formula_html(r"\unheardof x")
    '<code>\\unheardof x</code>'
    """
    text = source.strip()
    if inside := _DELIMITERS.match(text):
        block, text = block or inside[1] in {"$$", r"\["}, inside[2]
    text = text.removeprefix(r"\displaystyle").strip()
    try:
        reader = _Reader(text)
        drawn = reader.row()
        if reader.peek():
            raise _UnknownError
    except (_UnknownError, RecursionError):
        return f"<code>{html.escape(text, quote=False)}</code>"
    return f'<math display="block">{drawn}</math>' if block else f"<math>{drawn}</math>"


def formulas_in(page: str) -> str:
    r"""Draw the formulas in HTML made of Markdown; amounts of money are none.

    Examples
    --------
    >>> formulas_in("<p>from $5 to $10</p>")
    '<p>from $5 to $10</p>'
    """
    if "$" not in page and "\\" not in page:
        return page
    return _IN_TEXT.sub(_drawn, page)


def _drawn(match: re.Match[str]) -> str:
    block = match["block"] or match["bracketed"] or match["begun"]
    inline = match["inner"] or match["inline"]
    if match["kept"] or (match["inline"] and not _IS_FORMULA.search(match["inline"])):
        return match[0]
    return formula_html(html.unescape(block or inline), block=bool(block))


class _Reader:
    """Reads tokens from the left and writes MathML."""

    def __init__(self, text: str) -> None:
        self._tokens: list[str] = _TOKEN.findall(text)[::-1]
        if len(self._tokens) > _MOST_TOKENS:
            raise _UnknownError

    def row(self, until: tuple[str, ...] = ()) -> str:
        """What stands before one of the tokens, or all."""
        parts: list[str] = []
        while (part := self.peek()) and part not in until:
            parts.append(self._scripted())
        return "".join(parts)

    def peek(self) -> str:
        """The next part, which is no blank; "" at the end."""
        while self._tokens and self._tokens[-1].isspace():
            self._tokens.pop()
        return self._tokens[-1] if self._tokens else ""

    def _take(self) -> str:
        if not self.peek():
            raise _UnknownError
        return self._tokens.pop()

    def _expect(self, part: str) -> None:
        if self._take() != part:
            raise _UnknownError

    def _scripted(self) -> str:
        under = self.peek().lstrip("\\") in _LIMITS
        base = "" if self.peek() in {"^", "_"} else self._atom()
        scripts: dict[str, str] = {}
        while self.peek() in {"^", "_", "'"}:
            mark = self._take()
            kind = "_" if mark == "_" else "^"
            raised = "<mo>′</mo>" if mark == "'" else self._group()
            scripts[kind] = scripts.get(kind, "") + raised
        if not scripts:
            return base
        low, high = (_whole(scripts.get(k, "")) for k in "_^")
        base = base or "<mrow></mrow>"
        names = ("munder", "mover", "munderover") if under else ("msub", "msup", "msubsup")
        if len(scripts) == 2:
            return f"<{names[2]}>{base}{low}{high}</{names[2]}>"
        name, script = (names[0], low) if "_" in scripts else (names[1], high)
        script = (
            script.removeprefix("<mrow>").removesuffix("</mrow>") if _is_one(script) else script
        )
        return f"<{name}>{base}{script}</{name}>"

    def _group(self) -> str:
        """One part, or what stands in braces."""
        if self.peek() == "{":
            self._take()
            inside = self.row(("}",))
            self._expect("}")
            return inside if _is_one(inside) else f"<mrow>{inside}</mrow>"
        if self.peek()[:1].isdigit():  # of a number without braces TeX takes one digit
            digits = self._take()
            self._tokens += [digits[1:]] if digits[1:] else []
            return f"<mn>{digits[0]}</mn>"
        return self._atom()

    def _atom(self) -> str:
        part = self._take()
        if part == "{":
            self._tokens.append(part)
            return self._group()
        if part.startswith("\\"):
            return self._command(part[1:].rstrip("*"))
        if part in "}&":
            raise _UnknownError
        if part[0].isdigit():
            return f"<mn>{part}</mn>"
        name = "mi" if part.isalpha() else "mo"
        return f"<{name}>{html.escape({'-': '−', '*': '∗'}.get(part, part), quote=False)}</{name}>"

    def _command(self, name: str) -> str:
        if name in _NOTHING:
            return ""
        if name in _SPACES:
            return f'<mspace width="{_SPACES[name]}em"></mspace>'
        if name in _WORDS:
            return f"<mtext>{html.escape(self._words(), quote=False)}</mtext>"
        if name in _STYLES:
            return self._group()
        if name in _ACCENTS:
            return f"<mover>{_whole(self._group())}<mo>{_ACCENTS[name]}</mo></mover>"
        if name in _NAMES:
            return f"<mi>{name}</mi>"
        structures = {"sqrt": self._root, "left": self._fenced, "begin": self._table}
        structures |= dict.fromkeys(_FRACTIONS, self._fraction) | {"binom": self._binomial}
        return structures[name]() if name in structures else self._symbol(name)

    def _fraction(self) -> str:
        return f"<mfrac>{_whole(self._group())}{_whole(self._group())}</mfrac>"

    def _binomial(self) -> str:
        parts = _whole(self._group()) + _whole(self._group())
        return f'<mo>(</mo><mfrac linethickness="0">{parts}</mfrac><mo>)</mo>'

    def _symbol(self, name: str) -> str:
        if len(name) == 1 and not name.isalpha():
            if name in "\\":
                raise _UnknownError
            sign = {"|": "‖"}.get(name, name)
        else:
            sign = _OWN.get(name) or _symbols().get(f"\\{name}", "")
        if not sign:
            raise _UnknownError
        kind = "mi" if sign.isalpha() else "mo"
        return f"<{kind}>{html.escape(sign, quote=False)}</{kind}>"

    def _root(self) -> str:
        if self.peek() == "[":
            self._take()
            degree = self.row(("]",))
            self._expect("]")
            return f"<mroot>{_whole(self._group())}<mrow>{degree}</mrow></mroot>"
        return f"<msqrt>{self._group()}</msqrt>"

    def _words(self) -> str:
        self._expect("{")
        said, depth = "", 1
        while True:
            if not self._tokens:
                raise _UnknownError
            part = self._tokens.pop()  # blanks, too
            depth += (part == "{") - (part == "}")
            if depth == 0:
                return said.strip()
            said += " " if part in {"\\,", "\\ ", "\\;"} else part.lstrip("\\")

    def _fenced(self) -> str:
        first = self._fence()
        inside = self.row((r"\right",))
        self._expect(r"\right")
        return f"<mrow>{first}<mrow>{inside}</mrow>{self._fence()}</mrow>"

    def _fence(self) -> str:
        part = self._take()
        sign = "" if part == "." else part
        if sign.startswith("\\"):
            return self._symbol(sign[1:])
        return f"<mo>{html.escape(sign, quote=False)}</mo>" if sign else ""

    def _table(self) -> str:
        name = self._words().rstrip("*")
        if name not in _TABLES:
            raise _UnknownError
        if name == "array":
            self._words()
        rows, row = [], []
        while True:
            row.append(f"<mtd>{self.row(('&', _NEW_ROW, _END))}</mtd>")
            part = self._take()
            if part != "&":
                rows.append(f"<mtr>{''.join(row)}</mtr>")
                row = []
            if part == _END:
                break
        self._words()
        fences = [f"<mo>{sign}</mo>" for sign in _TABLES[name]] + ["", ""]
        return f"<mrow>{fences[0]}<mtable>{''.join(rows)}</mtable>{fences[1]}</mrow>"


_NEW_ROW, _END = r"\\", r"\end"


def _is_one(part: str) -> bool:
    """Whether a part is one number, letter or sign."""
    return bool(re.fullmatch(r"<(\w+)>[^<]*</\1>", part))


def _whole(part: str) -> str:
    """A part as one element, as fractions, scripts and accents ask for."""
    return part if part.startswith("<mrow>") or _is_one(part) else f"<mrow>{part}</mrow>"


@cache
def _symbols() -> dict[str, str]:
    """TeX's names of signs; IPython has them to complete them, with their backslash."""
    from IPython.core.latex_symbols import latex_symbols

    return dict(latex_symbols)
