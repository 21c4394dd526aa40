"""Many reports: which client gets which notebook, executed, rendered, recorded, indexed."""

from __future__ import annotations
