"""Arithmetic every floor shares: money, periods, cash flows, quantiles, random streams."""

from __future__ import annotations
