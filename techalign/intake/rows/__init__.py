"""The tables a client folder can hold, one pydantic row model each.

A row model is found by standing in a file of this folder; nothing lists them.
"""

from __future__ import annotations

import importlib
import pkgutil

from techalign.intake.rows.common import Row

__all__ = ["ROW_MODELS", "Row"]


def _row_models() -> dict[str, type[Row]]:
    modules = (
        importlib.import_module(f"{__name__}.{module.name}")
        for module in pkgutil.iter_modules(__path__)
    )
    return {
        model.table: model
        for module in modules
        for model in vars(module).values()
        if isinstance(model, type) and issubclass(model, Row) and model is not Row
    }


ROW_MODELS: dict[str, type[Row]] = _row_models()
"""Row model by table."""
