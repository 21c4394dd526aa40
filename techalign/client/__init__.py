"""A client: its folder, its profile and its checked tables."""

from __future__ import annotations

from techalign.client.experience import Experience, load_experience
from techalign.client.folder import Client, list_clients, load_client
from techalign.client.reference import Reference, load_reference

__all__ = [
    "Client",
    "Experience",
    "Reference",
    "list_clients",
    "load_client",
    "load_experience",
    "load_reference",
]
