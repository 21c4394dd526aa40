"""A client whose tables are the examples: what `techalign new` writes apart, made its own."""

from pathlib import Path

from techalign.client.create import EXAMPLES, create_client

FACTS = {"sector": "professional", "setting": "services", "employees": 12,
         "yearly_revenue": 1_400_000, "hourly_wage": 32.0}  # fmt: skip


def example_client(clients_dir: Path, client_id: str, *, name: str, currency: str) -> Path:
    """Make a client with all facts told and an example of every table as its own."""
    folder = create_client(clients_dir, client_id, name=name, currency=currency, facts=FACTS)
    for path in (folder / EXAMPLES).iterdir():
        path.rename(folder / path.name)
    (folder / EXAMPLES).rmdir()
    return folder
