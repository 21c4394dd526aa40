"""The one form in which a page writes an interval, and what departs from it."""

import html
import re

__all__ = ["deviations"]

_NUMBER = (
    r"(?:[\u2212+<]*(?:CA|A|NZ)?[$€£]?(?:[A-Z]{3} )?\d[\d,]*(?:\.\d+)?(?:%|k|M|bn)?|never|∞|–)"
    r"(?: (?:months?|years?|days?|hours?|points))?"
)
_FORM = re.compile(rf"{_NUMBER} to {_NUMBER}")
_BRACKETS = re.compile(
    r"(\S*(?: (?:months?|years?|days?|hours?))?)\s*(?:¦ )?\(([^()]* to [^()]*)\)"
)
# of an assumption: words of its unit, such as "4 person-months" or "3 points (1 is alone)"
_UNIT = re.compile(rf"{_NUMBER}(?: [^¦|\d][^¦|]*)?$")
# how an interval would be written otherwise: in words, with a dash, as columns of ends
_OTHERWISE = [
    re.compile(pattern)
    for pattern in (
        r"\d+ ?% interval",
        r"\d %",
        rf"\b(?:range|interval|between|from) {_NUMBER} (?:to|and|-|–) {_NUMBER}",
        rf"{_NUMBER} ?± ?\d",
        r"(?:[$€£]\d[\d,.]*|\d%|\d[kM]) ?[-–] ?[$€£]?\d",
    )
]
_HEADS = re.compile(r"<th scope=\"col\"[^>]*>\s*((?:from|to|low|high|lower|upper)\b[^<]*)<", re.I)


def deviations(page: str) -> list[str]:
    """Find intervals that are not written as ``X (Y to Z)``.

    Parameters
    ----------
    page : str
        A whole HTML document; what charts say to those who cannot see them is read, too.
    """
    body = re.sub(r"<(style|script|code)\b.*?</\1>", " ", page, flags=re.DOTALL)
    spoken = " | ".join(re.findall(r'aria-label="([^"]*)"', body))
    seen = re.sub(r"<(?:/?(?:span|b|a)\b)[^>]*>", "", body)
    # a cell is no continuation of the one before it
    seen = re.sub(r"<t[dh][^>]*>", " ¦ ", seen)
    text = html.unescape(re.sub(r"<[^>]+>", " ", seen) + " | " + spoken)
    text = re.sub(r"\s+", " ", text)
    found = [f"heading {head}" for head in _HEADS.findall(body)]
    found += [match[0] for pattern in _OTHERWISE for match in pattern.finditer(text)]
    for match in _BRACKETS.finditer(text):
        before, inside = match.groups()
        said = text[max(match.start() - 60, 0) : match.end(1)]
        if re.search(r"\d", inside) and not (_FORM.fullmatch(inside) and _UNIT.search(said)):
            found.append(f"{before} ({inside})")
    return found
