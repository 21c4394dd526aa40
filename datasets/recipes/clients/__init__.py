"""The eight recipes."""

from __future__ import annotations

from recipes.clients.beauty import BEAUTY
from recipes.clients.carrier import CARRIER
from recipes.clients.clinic import CLINIC
from recipes.clients.garage import GARAGE
from recipes.clients.jeweller import JEWELLER
from recipes.clients.juice import JUICE
from recipes.clients.machine_shop import MACHINE_SHOP
from recipes.clients.software import SOFTWARE

__all__ = ["RECIPES"]

RECIPES = (BEAUTY, CARRIER, CLINIC, GARAGE, JEWELLER, JUICE, MACHINE_SHOP, SOFTWARE)
