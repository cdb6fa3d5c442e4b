"""The families of unmanned vehicles."""

from __future__ import annotations

from drivegen.embedded.assets.vehicles.family import VehicleFamily
from drivegen.embedded.assets.vehicles.light.kit import Color
from drivegen.embedded.assets.vehicles.unmanned import service, shuttles, vans
from drivegen.embedded.assets.vehicles.unmanned.kit import LIVERIES, unmanned_family


def _bodies(liveries: tuple[tuple[Color, Color], ...]) -> tuple[Color, ...]:
    """Each body colour once, in order."""
    return tuple(dict.fromkeys(main for main, _ in liveries))


DELIVERY = unmanned_family("unmanned_delivery", _bodies(LIVERIES), vans.delivery)
RETAIL = unmanned_family("unmanned_retail", _bodies(LIVERIES), vans.retail)
PATROL = unmanned_family("unmanned_patrol", _bodies(service.PATROLS), service.patrol)
SWEEPER = unmanned_family("unmanned_sweeper", _bodies(service.SWEEPERS), service.sweeper)
SHUTTLE = unmanned_family("unmanned_shuttle", _bodies(shuttles.LIVERIES), shuttles.shuttle)

FAMILIES: tuple[VehicleFamily, ...] = (DELIVERY, RETAIL, PATROL, SWEEPER, SHUTTLE)
