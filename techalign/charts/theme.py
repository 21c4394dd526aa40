"""Colours and sizes of all charts, as CSS variables with a fallback for JupyterLab.

Charts are drawn with the light values; each is written as ``var(--ta-…, #hex)``, so that one
file can be light and dark. All pass 3:1 (shapes) or 4.5:1 (text) on the page's
backgrounds, and the series colours differ in lightness as well as hue.
"""

from __future__ import annotations

from functools import cache

from techalign.html import column_styles

__all__ = [
    "COLOURS",
    "DARK",
    "HEAT",
    "INK",
    "NARROW",
    "SERIES",
    "WIDTH",
    "block_styles",
    "css_variables",
    "in_notebook",
    "out_of_notebook",
    "themed",
]

WIDTH = 720
"""Pixels of a picture's width."""
NARROW = 328
"""Those of its drawing for a phone, or for a column on paper."""

# name of the CSS variable: colour on a light page, colour on a dark page
_PALETTE = {
    "ink": ("#1d2733", "#e8edf3"),
    "soft": ("#56616f", "#a9b4c2"),
    "grid": ("#dfe4ea", "#364252"),
    "s1": ("#1f5fa8", "#7db3f2"),
    "s2": ("#b8560b", "#f2a65e"),
    "s3": ("#17795a", "#62cfa6"),
    "s4": ("#7d3c98", "#cf9be3"),
    "s5": ("#6b7683", "#9aa6b5"),
    "band": ("#bcd3ee", "#2c4a6e"),
    "alert": ("#b3261e", "#f2a29c"),
    # steps of a heat map; the ink is readable on each
    "h1": ("#f0f5fb", "#17202a"),
    "h2": ("#d9e6f5", "#1c2f44"),
    "h3": ("#c0d6ee", "#213e5e"),
    "h4": ("#a5c5e7", "#274d78"),
    "h5": ("#8ab3df", "#2d5c92"),
}

COLOURS = {name: light for name, (light, _) in _PALETTE.items()}
DARK = {name: dark for name, (_, dark) in _PALETTE.items()}
INK = COLOURS["ink"]
HEAT = tuple(COLOURS[f"h{step}"] for step in range(1, 6))
SERIES = tuple(COLOURS[name] for name in ("s1", "s2", "s3", "s4", "s5"))
_NAMES = {light: name for name, light in COLOURS.items()}


def css_variables(*, dark: bool) -> str:
    """CSS declarations of the palette, for a rule's body."""
    values = DARK if dark else COLOURS
    return "".join(f"--ta-{name}:{value};" for name, value in values.items())


def themed(colour: str) -> str:
    """Give a colour of the palette the name under which a page may change it.

    Parameters
    ----------
    colour : str
        ``#rrggbb``; one that is not of the palette stays as it is.
    """
    if colour == "#ffffff":
        return "var(--bg,#fff)"  # gaps between shapes show the page
    name = _NAMES.get(colour)
    return f"var(--ta-{name},{colour})" if name else colour


@cache
def block_styles() -> str:
    """The style sheet of charts, tables, headlines and decisions, for a page or a notebook."""
    from importlib.resources import files

    css, card = (
        (files("techalign.charts") / name).read_text("utf-8") for name in ("blocks.css", "card.css")
    )
    return css.replace("__COLUMNS__", column_styles()).replace("__CARD__", card.strip())


# money must not be typeset as a formula, and a dark theme needs the dark palette
_OPEN, _CLOSE = '<div class="ta mathjax_ignore"><style>', "</div>"
_DARK = "body[data-jp-theme-light=false] .ta.ta.ta,body.vscode-dark .ta.ta.ta"
_LIGHT_SIDES = "--panel:#f5f7fa;--line:#d5dbe3;--link:#17549c;--warn:#8a5a00;--bad:#b3261e;"
_DARK_SIDES = "--panel:#1b232d;--line:#364252;--link:#8fbdf5;--warn:#f0c36a;--bad:#f2a29c;"
_BESIDE = (
    "& table{display:table;table-layout:auto;margin:0;color:inherit}"
    "& table :is(th,td){text-align:left;vertical-align:top;max-width:none}"
    "& table tbody tr{background:none}& caption{color:inherit}& a{color:var(--link)}"
    "& dl{display:block;margin:0}& .figures{display:grid}"
    "& dt,& dd{float:none;display:block;width:auto;margin:0;font-weight:inherit;color:inherit}"
    "& dt{color:var(--ta-soft)}& dd.v{font-weight:650}& svg.ta-svg{max-width:50rem}"
)


@cache
def _notebook_styles() -> str:
    light = f"{css_variables(dark=False)}{_LIGHT_SIDES}"
    # what is written on a bar has the colour of the page, which differs between programs
    page = "--bg:var(--jp-layout-color0,var(--vscode-editor-background,#fff))"
    sizes = f"{page};--wordy:10rem;--ends:nowrap;--word:nowrap;--least:6.6rem;color:var(--ta-ink)"
    return (
        # twice the class: a notebook's own rules for tables name two
        f".ta.mathjax_ignore{{{light}{sizes};{_BESIDE}{block_styles()}}}"
        f"{_DARK}{{{css_variables(dark=True)}{_DARK_SIDES}}}"
    )


def in_notebook(html: str) -> str:
    """Give a piece of HTML the styles it has on a page, for a notebook that shows it by itself.

    Parameters
    ----------
    html : str
        As a page has it.
    """
    return f"{_OPEN}{_notebook_styles()}</style>{html}{_CLOSE}"


def out_of_notebook(html: str) -> str:
    """The piece without what :func:`in_notebook` put around it; anything else as it is."""
    if not html.startswith(_OPEN):
        return html
    return html[html.index("</style>") + len("</style>") : -len(_CLOSE)]
