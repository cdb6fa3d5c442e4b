"""The blueprint library: CARLA 0.9.16's ids with their attributes and dimensions."""

from drivegen.embedded.world.blueprints.blueprint import Attribute, AttributeKind, Blueprint, Family
from drivegen.embedded.world.blueprints.library import BlueprintLibrary

__all__ = ["Attribute", "AttributeKind", "Blueprint", "BlueprintLibrary", "Family"]
