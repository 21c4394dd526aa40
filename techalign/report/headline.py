"""A report's headline: a sentence and the figures that matter, each with its interval.

It is shown as HTML, and carries its numbers as data, so that the index can show them without
reading HTML.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass

from techalign.charts.theme import in_notebook
from techalign.html import escape, unbroken
from techalign.numbers.formatting import format_ends, format_estimate, format_money
from techalign.numbers.intervals import Interval
from techalign.report.words import in_brackets

__all__ = ["HEADLINE_MIME", "Figure", "Headline", "headline"]

HEADLINE_MIME = "application/vnd.techalign.headline+json"

_OF_RANGE = re.compile(r"[;,] the range\b[^;]*")


@dataclass(frozen=True)
class Figure:
    """One headline number.

    Attributes
    ----------
    label : str
        What it is, in the reader's words.
    value : float, Interval or None
        None where the client's tables cannot tell; the headline leaves the figure out.
    unit : str
        See :mod:`techalign.numbers.formatting`.
    source : str
        Where it comes from.
    gap : str
        What is missing of it, as a clause, so that it is compared with no other review's; "" if
        nothing is.

    Examples
    --------
    >>> figure = Figure("Sales", Interval(4_822_993.0, 3_930_947.0, 6_098_450.0), "USD", "forecast")
    >>> figure.text, figure.interval_text, figure.level
    ('$4,820,000', '$3,930,000 to $6,100,000', 0.8)
    """

    label: str
    value: float | Interval | None
    unit: str
    source: str
    gap: str = ""

    @property
    def text(self) -> str:
        """The point, written for people: in full where it is exact, else three digits of it."""
        if self.value is None:
            return "–"
        if not isinstance(self.value, Interval):
            return format_money(self.value, self.unit)
        exact = self.value.low == self.value.high
        return (format_money if exact else format_estimate)(self.value.point, self.unit)

    @property
    def interval_text(self) -> str:
        """The interval, or "" for a number that is exact."""
        return format_ends(self.value, self.unit) if isinstance(self.value, Interval) else ""

    @property
    def said(self) -> str:
        """Where it comes from, and what is missing; nothing of a range where none is shown."""
        source = self.source if self.interval_text else _OF_RANGE.sub("", self.source)
        return f"{source}; {self.gap}" if self.gap else source

    @property
    def level(self) -> float:
        """Probability the interval claims to hold, 1 for a range of assumptions; 0 without one."""
        return self.value.level if isinstance(self.value, Interval) and self.interval_text else 0.0


@dataclass(frozen=True, repr=False)
class Headline:
    """The report's summary: a sentence and its headline numbers.

    Examples
    --------
    >>> shown = headline("Ledger closes.", [Figure("Loss", 900.0, "USD", "vendors table")])
    >>> shown
    Ledger closes.
    >>> '<dd class="v">$900</dd>' in shown.html
    True
    """

    sentence: str
    figures: tuple[Figure, ...]

    def __repr__(self) -> str:
        return self.sentence

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        del include, exclude  # both forms are always wanted
        data = {
            "sentence": self.sentence,
            "figures": [
                {
                    **asdict(figure),
                    "source": figure.said,
                    "text": figure.text,
                    "interval": figure.interval_text,
                }
                for figure in self.figures
            ],
        }
        # through text, so that numpy numbers and infinities end up as plain JSON
        plain = json.loads(json.dumps(data, default=float), parse_constant=str)
        return {"text/html": in_notebook(self.html), HEADLINE_MIME: plain}

    @property
    def html(self) -> str:
        """The summary as HTML."""
        items = "".join(
            f'<div><dt>{escape(f.label)}</dt><dd class="v">{escape(f.text)}</dd>'
            + (f'<dd class="i">({escape(f.interval_text)})</dd>' if f.interval_text else "")
            + f'<dd class="s">{escape(f.said)}</dd></div>'
            for f in self.figures
        )
        said = in_brackets({f.level for f in self.figures})
        return f'<p class="lead">{unbroken(self.sentence)}</p><dl class="figures">{items}</dl>' + (
            f'<p class="source">{escape(said)}</p>' if said else ""
        )


def headline(sentence: str, figures: Sequence[Figure]) -> Headline:
    """Summarise a report; the page shows it first, wherever the notebook computes it.

    Parameters
    ----------
    sentence : str
        What a busy reader should keep.
    figures : sequence of Figure
        The most telling first; those without a value are left out.

    Returns
    -------
    Headline

    Examples
    --------
    >>> figures = [
    ...     Figure("Spending", 1200.0, "USD", "ledger"), Figure("Peak", None, "USD", "no table")]
    >>> [figure.label for figure in headline("Spending rose.", figures).figures]
    ['Spending']
    """
    return Headline(sentence, tuple(figure for figure in figures if figure.value is not None))
