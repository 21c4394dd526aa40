"""Lets ``python -m techalign`` do what the ``techalign`` command does."""

from __future__ import annotations

from techalign.cli import main

main()
