"""Scenery: what stands beside the road."""

from drivegen.embedded.assets.scenery.build import build_scenery
from drivegen.embedded.assets.scenery.composer import Scenery, SceneryObject

__all__ = ["Scenery", "SceneryObject", "build_scenery"]
