"""From the files people really have to checked tables, with nothing lost on the way."""

from __future__ import annotations
