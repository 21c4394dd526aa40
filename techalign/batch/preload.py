"""What a batch's template has imported before any notebook runs.

Apart from what runs notebooks, which takes half a second to import: the template starts meanwhile.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path
from pkgutil import iter_modules

import techalign.review
from techalign.warm.lease import TemplateError
from techalign.warm.owner import DEFAULT_PRELOAD, TemplateSettings, shared

__all__ = ["PRELOAD", "await_template", "begin_template", "template_settings"]

PRELOAD = (
    *DEFAULT_PRELOAD,
    "scipy.optimize",
    "techalign.alignment",
    "techalign.charts",
    "techalign.client",
    "techalign.ecosystem",
    "techalign.partners",
    "techalign.report",
    # to hand rows on, a notebook looks for subjects: each file of the review
    *(f"techalign.review.{module.name}" for module in iter_modules(techalign.review.__path__)),
    "techalign.spending",
    "techalign.vendors",
    *(
        f"techalign.workbench.{name}"
        for name in (
            "alignment",
            "ecosystem",
            "partners",
            "plan",
            "spending",
            "static",
            "vendors",
            "what_if",
        )
    ),
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
)
"""What our notebooks import, early or late, and a template can have ready."""


def template_settings() -> TemplateSettings:
    """What the template imports; a change of the lock file starts a new one."""
    lock = Path(techalign.__file__).parents[1] / "requirements.lock"
    files = (str(lock),) if lock.is_file() else ()
    return TemplateSettings(PRELOAD, files=files)


def begin_template() -> None:
    """Start the template that the first notebook would otherwise start, where there can be one."""
    if sys.platform == "linux":
        shared().begin(template_settings(), dict(os.environ))


def await_template() -> None:
    """Wait until the template can be asked for kernels, where there can be one."""
    if sys.platform == "linux":
        with contextlib.suppress(TemplateError):  # the first notebook will say why
            shared().get(template_settings(), dict(os.environ))
