"""Write the eight invented clients: ``python datasets/make_clients.py [--out DIR]``.

Everything is drawn from streams named after the client and the table, so the same bytes
come out each time, and a change to one client leaves the others alone.
"""

from __future__ import annotations

import argparse
import csv
import io
from collections.abc import Iterator, Sequence
from pathlib import Path

from recipes.alignment import alignment_tables
from recipes.blemishes import QUARANTINED, Line, plant
from recipes.blocks import Cells, parse_block
from recipes.channels import channel_tables
from recipes.clients import RECIPES
from recipes.ecosystem import ecosystem_tables
from recipes.files import columns_of, file_bytes, localised
from recipes.ledgers import Payment, payments
from recipes.recipe import AS_OF, Recipe
from recipes.scenarios import SCENARIOS
from recipes.spellings import Spellings
from techalign.client import Experience, list_clients, load_reference
from techalign.client.experience import write_experience
from techalign.client.scenarios import keep_scenario
from techalign.numbers.streams import random_stream
from techalign.review.experience import shared_suppliers

HERE = Path(__file__).resolve().parent
CATALOGUE = HERE / "reference" / "suppliers.csv"
PLANTED_COLUMNS = ("client", "file", "line", "column", "kind", "quarantined")


def main() -> None:
    """Write every client's folder and the list of planted blemishes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--out", type=Path, default=HERE / "clients", help="where to write")
    out: Path = parser.parse_args().out
    planted: list[Cells] = []
    for recipe in RECIPES:
        planted.extend(write_client(recipe, out / recipe.id))
        print(f"{recipe.id}: {len(list((out / recipe.id).iterdir()))} files")
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, PLANTED_COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(planted)
    (out / "planted.csv").write_bytes(text.getvalue().encode())
    # what the clients' vendors run on has one chance to fail in all their reports
    hubs = shared_suppliers(out, list_clients(out))
    write_experience(Experience(hubs=hubs), out)


def write_client(recipe: Recipe, folder: Path) -> list[Cells]:
    """Write one client's folder and return what was planted in it."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "client.toml").write_bytes(profile_text(recipe).encode())
    tables = dict(recipe.tables) | ecosystem_tables(recipe.id) | alignment_tables(recipe.id)
    if recipe.channel:
        tables |= channel_tables(recipe.channel, AS_OF, random_stream(recipe.id, "channel"))
    tables["ledger"] = [_ledger_row(row, recipe) for row in ledger(recipe)]
    planted: list[Cells] = []
    for table, rows in tables.items():
        ending = recipe.dialect.formats.get(table, "csv")
        file = f"{table}.{ending}"
        columns = columns_of(table, rows)
        lines = [Line(cells) for cells in _cells(table, columns, rows, recipe, ending)]
        lines = spoil(recipe, table, columns, rows, lines)
        if table == "ledger" and recipe.credits:
            late = _cells(table, columns, parse_block(recipe.credits), recipe, ending)
            lines += [Line(cells) for cells in late]
        cells = [line.cells for line in lines]
        (folder / file).write_bytes(file_bytes(ending, columns, cells, recipe.dialect))
        planted.extend(_record(recipe.id, file, lines))
    for scenario in SCENARIOS.get(recipe.id, ()):
        keep_scenario(folder, scenario, load_reference())
    return planted


def profile_text(recipe: Recipe) -> str:
    """Give the text of ``client.toml``."""
    values = {**recipe.profile, "as_of": AS_OF}
    lines = [
        f'{name} = "{value}"' if isinstance(value, str) else f"{name} = {value}"
        for name, value in values.items()
    ]
    if recipe.reading:
        lines += ["", "[reading]", *(f'{name} = "{v}"' for name, v in recipe.reading.items())]
    return "# An invented business; see datasets/README.md.\n" + "\n".join(lines) + "\n"


def ledger(recipe: Recipe) -> list[Payment]:
    """Draw a client's payments."""
    spellings = Spellings(CATALOGUE, str(recipe.profile["currency"]))
    return payments(recipe.regular, recipe.occasional, recipe.start, AS_OF, spellings, recipe.id)


def spoil(
    recipe: Recipe,
    table: str,
    columns: Sequence[str],
    rows: Sequence[Cells],
    lines: list[Line],
) -> list[Line]:
    """Plant a table's blemishes."""
    for where, row, column, text, kind in recipe.spoiled:
        if where == table:
            lines[row].cells[list(columns).index(column)] = text
            lines[row].kind, lines[row].column = kind, column
    if table != "ledger":
        return lines
    amounts = [float(row["amount"]) for row in rows]
    currency = str(recipe.profile["currency"])
    rng = random_stream(recipe.id, "blemishes")
    return plant(lines, amounts, columns, recipe.blemishes, recipe.dialect, currency, rng)


def _ledger_row(payment: Payment, recipe: Recipe) -> Cells:
    cells = {
        "date": payment.date.isoformat(),
        "vendor_raw": payment.vendor_raw,
        "amount": f"{payment.amount:.2f}",
        "currency": payment.currency or str(recipe.profile["currency"]),
        "account": payment.account,
        "memo": payment.memo,
        "purpose": payment.purpose,
        "initiative": payment.initiative,
    }
    return {name: cells[name] for name in recipe.ledger_columns}


def _cells(
    table: str, columns: Sequence[str], rows: Sequence[Cells], recipe: Recipe, ending: str
) -> Iterator[list[object]]:
    native = ending in {"xlsx", "parquet"}
    for row in rows:
        yield [
            localised(table, column, row.get(column, ""), recipe.dialect, native=native)
            for column in columns
        ]


def _record(client: str, file: str, lines: Sequence[Line]) -> Iterator[Cells]:
    for at, line in enumerate(lines, start=2):  # line 1 is the header
        if line.kind:
            yield {
                "client": client,
                "file": file,
                "line": str(at),
                "column": line.column,
                "kind": line.kind,
                "quarantined": "yes" if line.kind in QUARANTINED or file[:6] != "ledger" else "no",
            }


if __name__ == "__main__":
    main()
