"""Scenery: what stands beside the road."""

from drivegen.embedded.assets.scenery.build import build_scenery
from drivegen.embedded.assets.scenery.composer import Scenery, SceneryObject
from drivegen.embedded.assets.scenery.layers import ALL_LAYERS, LAMP_POST, MapLayer

__all__ = ["ALL_LAYERS", "LAMP_POST", "MapLayer", "Scenery", "SceneryObject", "build_scenery"]
