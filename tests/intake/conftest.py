"""Imports of small files, as the command would do them."""

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from techalign.client.importing import Reading, read_foreign
from techalign.intake.mapping import parse_mapping
from techalign.intake.table import Table


class Foreign(NamedTuple):
    """A file as it was taken: the checked table and the mapping's name."""

    table: Table
    mapping: str


@pytest.fixture
def taken(tmp_path: Path) -> Callable[..., Foreign]:
    """Read a file's content as an import would, with a mapping if one is given."""

    def read(
        content: str | bytes,
        *,
        name: str = "export.csv",
        mapping: str = "",
        currency: str = "USD",
        how: Reading | None = None,
    ) -> Foreign:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        own = parse_mapping(mapping, "m.toml") if mapping else None
        return Foreign(*read_foreign(path, own, currency=currency, how=how))

    return read
