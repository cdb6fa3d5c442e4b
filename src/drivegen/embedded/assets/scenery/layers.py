"""Layers of a map: what a client can load and unload together."""

from __future__ import annotations

from enum import IntFlag

from drivegen.core.tags import Tag

LAMP_POST = "Pole_Lamp"
"""Name of street lamps, before their number."""


class MapLayer(IntFlag):
    """CARLA's `MapLayer`. Roads, pavements, signals and signs are in none: they are always there.

    Decals, parked vehicles and particles are empty on these maps.
    """

    NONE = 0
    BUILDINGS = 0x1
    DECALS = 0x2
    FOLIAGE = 0x4
    GROUND = 0x8
    PARKED_VEHICLES = 0x10
    PARTICLES = 0x20
    PROPS = 0x40
    STREET_LIGHTS = 0x80
    WALLS = 0x100


ALL_LAYERS = 0xFFFF
"""What clients send for all."""

_OF_TAG = {
    Tag.BUILDING: MapLayer.BUILDINGS,
    Tag.VEGETATION: MapLayer.FOLIAGE,
    Tag.TERRAIN: MapLayer.GROUND,
    Tag.WALL: MapLayer.WALLS,
    Tag.FENCE: MapLayer.WALLS,
    Tag.GUARD_RAIL: MapLayer.WALLS,
    Tag.POLE: MapLayer.PROPS,
    Tag.STATIC: MapLayer.PROPS,
    Tag.DYNAMIC: MapLayer.PROPS,
}


def layer_of(name: str, tag: Tag) -> MapLayer:
    """The layer of a piece of scenery by its name and tag."""
    if tag is Tag.POLE and name.startswith(LAMP_POST):
        return MapLayer.STREET_LIGHTS
    return _OF_TAG.get(tag, MapLayer.NONE)
