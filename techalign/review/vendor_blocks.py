"""What a vendor report hands on: the companies with their chances and costs, and those gone."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from techalign.review.block import Block, BlockRow, Chance, Label, Money

__all__ = ["Ceased", "Vendors"]


class VendorRow(BlockRow):
    """One company: chance to cease within a year, cost if it does, average a year, what it is on.

    ``hubs`` is what it runs on, as the vendors table has it.
    """

    vendor: Label
    pd: Chance
    pd_low: Chance
    pd_high: Chance
    loss: Money
    loss_low: Money
    loss_high: Money
    mean: Money
    mean_low: Money
    mean_high: Money
    hubs: str = ""


class Vendors(Block):
    """The companies a client depends on."""

    name: ClassVar = "vendors"
    rows: tuple[VendorRow, ...]


class CeasedRow(BlockRow):
    """One company that has ceased, with the day where it is known."""

    vendor: Label
    date: dt.date | None


class Ceased(Block):
    """The companies of the register that have ceased."""

    name: ClassVar = "ceased"
    rows: tuple[CeasedRow, ...]
