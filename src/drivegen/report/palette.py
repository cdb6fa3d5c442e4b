"""Colours of the report, as BGR for pictures and as text for the page."""

from __future__ import annotations

import colorsys

import numpy as np
from jaxtyping import UInt8

from drivegen.core.actors import ObjectClass
from drivegen.core.tags import Tag

CLASS_COLORS: dict[ObjectClass, str] = {
    ObjectClass.CAR: "#ff8a1f",
    ObjectClass.VAN: "#ffb86b",
    ObjectClass.TRUCK: "#e0457b",
    ObjectClass.BUS: "#a35bff",
    ObjectClass.EMERGENCY: "#ff3b30",
    ObjectClass.POLICE: "#2f6bff",
    ObjectClass.MOTORCYCLE: "#00c2c7",
    ObjectClass.BICYCLE: "#17d18b",
    ObjectClass.TRICYCLE: "#7de08a",
    ObjectClass.CONSTRUCTION: "#c98a2b",
    ObjectClass.UNMANNED: "#8fd0ff",
    ObjectClass.PEDESTRIAN: "#ffe14d",
    ObjectClass.CHILD: "#fff3a8",
}

_TAG_COLORS: dict[Tag, str] = {
    Tag.ROAD: "#8a8f98",
    Tag.ROAD_LINE: "#f4f4f0",
    Tag.SIDEWALK: "#d9c7b0",
    Tag.GROUND: "#b7ae9f",
    Tag.TERRAIN: "#a9c48a",
    Tag.VEGETATION: "#4f8a4b",
    Tag.BUILDING: "#9b8579",
    Tag.WALL: "#8c7a86",
    Tag.FENCE: "#b59a8c",
    Tag.GUARD_RAIL: "#a0a4b0",
    Tag.POLE: "#5d6470",
    Tag.TRAFFIC_LIGHT: "#f2c230",
    Tag.TRAFFIC_SIGN: "#e8e337",
    Tag.SKY: "#bcdcf5",
    Tag.PEDESTRIAN: "#e0293e",
    Tag.RIDER: "#ff5a3c",
    Tag.CAR: "#2456c8",
    Tag.TRUCK: "#152e78",
    Tag.BUS: "#1c7d8c",
    Tag.TRAIN: "#0f5563",
    Tag.MOTORCYCLE: "#4a35c9",
    Tag.BICYCLE: "#83306d",
    Tag.STATIC: "#7a7466",
    Tag.DYNAMIC: "#a86f32",
    Tag.OTHER: "#56504a",
    Tag.WATER: "#4d86b8",
    Tag.BRIDGE: "#86766f",
    Tag.RAIL_TRACK: "#9a8fa5",
}

GROUND_TAGS = (Tag.ROAD, Tag.ROAD_LINE, Tag.SIDEWALK, Tag.TERRAIN, Tag.GROUND)
"""What a bird's-eye view paints flat."""

_GROUND_COLORS: dict[Tag, str] = {
    Tag.ROAD: "#c9ccd1",
    Tag.ROAD_LINE: "#ffffff",
    Tag.SIDEWALK: "#e6d8c3",
    Tag.TERRAIN: "#d3e0c4",
    Tag.GROUND: "#e0dacd",
}

_GOLDEN_RATIO = 0.61803398875


def bgr(color: str) -> tuple[int, int, int]:
    """Of #rrggbb."""
    r, g, b = (int(color[i : i + 2], 16) for i in (1, 3, 5))
    return b, g, r


def tag_table() -> UInt8[np.ndarray, "256 3"]:
    """BGR by semantic tag; black for what has no tag."""
    return _table(_TAG_COLORS)


def ground_table() -> UInt8[np.ndarray, "256 3"]:
    """BGR by ground tag, in the light colours of the bird's-eye view; black for all else."""
    return _table(_GROUND_COLORS)


def _table(colors: dict[Tag, str]) -> UInt8[np.ndarray, "256 3"]:
    table = np.zeros((256, 3), np.uint8)
    for tag, color in colors.items():
        table[tag] = bgr(color)
    return table


def instance_color(object_id: int) -> tuple[int, int, int]:
    """A colour of its own for an object: BGR, hues spread by the golden ratio."""
    hue = (object_id * _GOLDEN_RATIO) % 1.0
    value = 0.75 + 0.25 * ((object_id * 7) % 3) / 2
    r, g, b = colorsys.hsv_to_rgb(hue, 0.65, value)
    return round(b * 255), round(g * 255), round(r * 255)
