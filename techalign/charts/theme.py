"""Colours and sizes of all charts, as CSS variables with a fallback for JupyterLab.

Charts are drawn with the light values; each is written as ``var(--ta-…, #hex)``, so that one
file can be light and dark. All pass 3:1 (shapes) or 4.5:1 (text) on the page's
backgrounds, and the series colours differ in lightness as well as hue.
"""

from __future__ import annotations

__all__ = ["COLOURS", "DARK", "HEAT", "INK", "SERIES", "WIDTH", "css_variables", "themed"]

WIDTH = 720

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
