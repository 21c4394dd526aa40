"""What a batch's template has imported before any notebook runs.

Apart from what runs notebooks, which takes half a second to import: the template starts meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from pkgutil import iter_modules

import techalign.review
from techalign.batch.notebook import read_notebook
from techalign.errors import ParameterError
from techalign.warm.lease import TemplateError
from techalign.warm.owner import DEFAULT_PRELOAD, TemplateSettings, shared

__all__ = ["PRELOAD", "await_template", "begin_template", "imported_by", "template_settings"]

_OF_ANY_REPORT = (
    "scipy.optimize",  # and with it most of scipy, parts of which nearly every model imports late
    "techalign.charts",
    "techalign.client",
    "techalign.report",
    # to hand rows on, a notebook looks for subjects: each file of the review
    *(f"techalign.review.{module.name}" for module in iter_modules(techalign.review.__path__)),
    "techalign.workbench.static",
    "techalign.workbench.what_if",
    # what they import late
    "babel.dates",
    "encodings.cp1252",
    "encodings.cp437",
    "encodings.utf_8_sig",
    "pandas.core.methods.to_dict",
    "pandas.core.reshape.reshape",
    "pyarrow.parquet",
    "python_calamine",
    "rapidfuzz.distance",
    "rapidfuzz.fuzz",
    "rapidfuzz.process",
    "techalign.numbers.streams",
    # what they read
    "techalign.batch.ready",
)

_OF_A_SUBJECT = {
    "alignment": ("techalign.alignment", "techalign.workbench.alignment"),
    "ecosystem": ("techalign.ecosystem", "techalign.workbench.ecosystem"),
    "partners": ("techalign.partners", "techalign.workbench.partners"),
    "spending": (
        "techalign.spending",
        "techalign.batch.ready_spending",
        "techalign.workbench.plan",
        "techalign.workbench.spending",
    ),
    "vendors": ("techalign.numbers.periods", "techalign.vendors", "techalign.workbench.vendors"),
}
"""The packages of models, of which a notebook imports one or two, and what each takes along."""

PRELOAD = (*DEFAULT_PRELOAD, *_OF_ANY_REPORT, *chain.from_iterable(_OF_A_SUBJECT.values()))
"""What our notebooks import, early or late, and a template can have ready."""


def imported_by(notebooks: Iterable[Path]) -> tuple[str, ...]:
    """Name the modules that notebooks import, early or late, and a template can have ready.

    Parameters
    ----------
    notebooks : iterable of Path
        One that cannot be read imports nothing.

    Returns
    -------
    tuple of str
        Of this package, what one of the notebooks names in its code: a name too many is only an
        import too many.
    """
    words: set[str] = set()
    for path in notebooks:
        words |= _words_of(path)
    if "techalign" not in words:
        return DEFAULT_PRELOAD
    subjects = (modules for name, modules in _OF_A_SUBJECT.items() if name in words)
    return (*DEFAULT_PRELOAD, *_OF_ANY_REPORT, *chain.from_iterable(subjects))


def _words_of(path: Path) -> set[str]:
    """The names in a notebook's code."""
    with contextlib.suppress(ParameterError):
        cells = read_notebook(path)["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        return set(re.findall(r"\w+", "\n".join(code)))
    return set()


def template_settings(preload: tuple[str, ...] = PRELOAD) -> TemplateSettings:
    """What the template imports; a change of the lock file starts a new one."""
    lock = Path(techalign.__file__).parents[1] / "requirements.lock"
    files = (str(lock),) if lock.is_file() else ()
    return TemplateSettings(preload, files=files)


def begin_template(preload: tuple[str, ...] = PRELOAD) -> None:
    """Start the template that the first notebook would otherwise start, where there can be one."""
    if sys.platform == "linux":
        shared().begin(template_settings(preload), dict(os.environ))


def await_template(preload: tuple[str, ...] = PRELOAD) -> None:
    """Wait until the template can be asked for kernels, where there can be one."""
    if sys.platform == "linux":
        with contextlib.suppress(TemplateError):  # the first notebook will say why
            shared().get(template_settings(preload), dict(os.environ))
