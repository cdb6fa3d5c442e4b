"""Computing maps ahead of the clients that will load them."""

from __future__ import annotations

from drivegen.embedded.world.environment import Environment
from drivegen.embedded.world.kept_scenery import kept_scenery
from drivegen.embedded.world.maps import MapStore
from drivegen.embedded.world.standing import Standing


def prepare_maps(maps: MapStore, scenery_seed: int) -> None:
    """Puts all that an episode on any of the maps needs onto the shelf; of large maps what clients get whole.

    Raises:
        MapError: A map is broken.
    """
    for name in maps.names:
        loaded = maps.load(name)
        if loaded.tiles is None:
            kept_scenery(loaded, scenery_seed)
            _ = Standing(loaded, scenery_seed, Environment(), ()).obstacles
        _ = loaded.navigation
