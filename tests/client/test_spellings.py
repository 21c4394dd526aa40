"""A name in other case, width or with what nobody sees is the same name, in every table."""

import csv
from pathlib import Path

import pandas as pd
import pytest

from techalign.client import Client, load_client
from techalign.spending import merge_vendors
from techalign.text import folded, seen
from tests.example_client import example_client

# where a table names what another table, or another row, lists; ; divides lists
NAMED = {
    "vendors": ["hubs"], "vendor_events": ["vendor"], "mitigations": ["vendor"],
    "partner_revenue": ["partner"], "pipeline": ["partner"], "partner_investment": ["partner"],
    "partner_events": ["partner"], "services": ["partner"], "partner_wins": ["partner"],
    "partner_charter": ["partner"], "partner_benefits": ["partner"], "partner_trust": ["partner"],
    "message": ["who"],
    "initiatives": ["after", "replaces"], "links": ["goal"],
    "judgements": ["goal_a", "goal_b"], "assets": ["integrates_with"],
}  # fmt: skip
MORE = {
    "vendors": {"hubs": ["", "NimbusCloud:0.3; Harbor Payroll:0.2"]},
    "initiatives": {"resource": ["customer records since 1998", ""], "goal": ["stay open", ""]},
    "ledger": {"initiative": ["crm", "", "", ""]},
}


def _rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def _otherwise(name: str) -> str:
    """The same name to a person: capitals, full width, a filler, a joiner, blanks around."""
    if not name:
        return name
    wide = "".join(chr(ord(c) + 0xFEE0) if c.isalpha() and c.isascii() else c for c in name.upper())
    return f" {wide[:1]}\u200b\u3164{wide[1:]}\ufe0f "


@pytest.fixture(scope="module")
def clients(tmp_path_factory: pytest.TempPathFactory) -> tuple[Client, Client]:
    """The same client twice, the second with names that refer to others written otherwise."""
    place = tmp_path_factory.mktemp("clients")
    for client in ("plain", "other"):
        folder = example_client(place, client, name="Acme", currency="USD")
        for table, columns in MORE.items():
            rows = _rows(folder / f"{table}.csv")
            for column, cells in columns.items():
                for row, cell in zip(rows[1:], cells, strict=True):
                    row[rows[0].index(column)] = cell
            _write(folder / f"{table}.csv", rows)
    for table, columns in {**NAMED, "ledger": ["initiative"]}.items():
        columns = [*columns, *([] if table != "initiatives" else ["resource", "goal"])]
        rows = _rows(folder / f"{table}.csv")
        for at in map(rows[0].index, columns):
            for row in rows[1:]:
                row[at] = ";".join(
                    _otherwise(name) + (f":{share}" if share else "")
                    for name, _, share in (
                        part.strip().partition(":") for part in row[at].split(";")
                    )
                )
        _write(folder / f"{table}.csv", rows)
    return load_client(place, "plain"), load_client(place, "other")


@pytest.mark.parametrize("table", [*NAMED, "ledger"])
def test_names_are_those_of_the_table_that_lists_them(
    clients: tuple[Client, Client], table: str
) -> None:
    plain, other = (client.tables[table] for client in clients)
    assert other.quarantine.empty
    for column in [*NAMED.get(table, []), *MORE.get(table, {})]:
        mine, theirs = (
            [[part.strip() for part in cell.split(";")] for cell in each.clean[column]]
            for each in (plain, other)
        )
        if table == "vendors":  # a platform that is no vendor is written as it stands there
            mine, theirs = ([[folded(part) for part in cell] for cell in each]
                            for each in (mine, theirs))  # fmt: skip
        assert theirs == mine, column


@pytest.mark.parametrize(
    "sign", ["\u200b", "\u00ad", "\u034f", "\u115f", "\u2800", "\u3164", "\ufe0f", "\x7f", "\x1b",
             "\U000e0101", "\u2063", "\uffa0"],
)  # fmt: skip
def test_what_leaves_no_ink_tells_no_names_apart(sign: str) -> None:
    assert folded(f"Ilse{sign} Norrland") == folded("ILSE NORRLAND")
    assert seen(f"Il{sign}se\tN") == "Ilse\tN"
    catalogue = pd.DataFrame(columns=["name", "aliases", "capability", "category"])
    raw = [f"Ilse{sign}n Norrland"] * 2
    known = {"ILSEN NORRLAND": "Norrland Jewels"}
    assert set(merge_vendors(raw, catalogue, known=known).frame["vendor"]) == {"Norrland Jewels"}
    assert set(merge_vendors([*raw, "Ilsen Norrland"], catalogue).frame["vendor_id"]) == {
        "ilsen-norrland"
    }
