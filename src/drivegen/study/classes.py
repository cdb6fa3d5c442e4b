"""The eight classes that segmentation is judged by, and which numbers of labels they are."""

from __future__ import annotations

import numpy as np
from jaxtyping import UInt8

from drivegen.core.tags import Tag

CLASSES: dict[str, tuple[Tag, ...]] = {
    "road": (Tag.ROAD, Tag.ROAD_LINE),
    "pavement": (Tag.SIDEWALK, Tag.GROUND, Tag.TERRAIN, Tag.RAIL_TRACK, Tag.WATER),
    "building": (Tag.BUILDING, Tag.WALL, Tag.FENCE, Tag.BRIDGE, Tag.GUARD_RAIL),
    "pole": (Tag.POLE, Tag.TRAFFIC_LIGHT, Tag.TRAFFIC_SIGN),
    "plant": (Tag.VEGETATION,),
    "sky": (Tag.SKY,),
    "person": (Tag.PEDESTRIAN, Tag.RIDER),
    "vehicle": (Tag.CAR, Tag.TRUCK, Tag.BUS, Tag.TRAIN, Tag.MOTORCYCLE, Tag.BICYCLE),
}
CITYSCAPES_IDS: dict[str, tuple[int, ...]] = {
    "road": (7,),
    "pavement": (6, 8, 9, 10, 22),
    "building": (11, 12, 13, 14, 15, 16),
    "pole": (17, 18, 19, 20),
    "plant": (21,),
    "sky": (23,),
    "person": (24, 25),
    "vehicle": (26, 27, 28, 29, 30, 31, 32, 33),
}
"""`labelIds` of the Cityscapes data set (its scripts' labels.py); other ids are not judged."""
IGNORED = 255


def table_of(numbers: dict[str, tuple[int, ...]]) -> UInt8[np.ndarray, "256"]:
    """Class by the number in a label image; `IGNORED` for what is none of them."""
    table = np.full(256, IGNORED, np.uint8)
    for index, name in enumerate(CLASSES):
        table[[int(n) for n in numbers[name]]] = index
    return table


CLASS_OF_TAG = table_of({name: tuple(int(t) for t in tags) for name, tags in CLASSES.items()})
CLASS_OF_CITYSCAPES = table_of(CITYSCAPES_IDS)
