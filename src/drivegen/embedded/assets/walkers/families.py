"""All families of people."""

from __future__ import annotations

from drivegen.embedded.assets.walkers.family import WalkerFamily

WALKER_FAMILIES: tuple[WalkerFamily, ...] = ()
FAMILY_OF_BLUEPRINT = {family.blueprint_id: family for family in WALKER_FAMILIES}
