"""Example tables, written from the row models so that they can never disagree with them."""

from __future__ import annotations

import csv
import io

from techalign.intake.rows import ROW_MODELS

__all__ = ["example_csv", "with_examples"]


def with_examples() -> list[str]:
    """Tables a new client's folder begins with; others come about as the client is served."""
    return [name for name, model in ROW_MODELS.items() if model.begins]


def example_csv(table: str) -> str:
    """Give the text of a filled-in example of a table.

    Parameters
    ----------
    table : str
        A table of :data:`techalign.intake.rows.ROW_MODELS`.

    Returns
    -------
    str
        CSV with a header and the examples of the row model.
    """
    columns = {
        name: [_cell(value) for value in field.examples or []]
        for name, field in ROW_MODELS[table].model_fields.items()
    }
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))
    return text.getvalue()


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
