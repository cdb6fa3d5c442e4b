"""Exact controls as the pictures that control networks were trained on.

Networks learned them from estimates; here they are what was drawn. Pictures are uint8, red first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import UInt8

from drivegen.capture.clip import ClipImage
from drivegen.core.errors import ConfigError
from drivegen.core.tags import Tag
from drivegen_generators.appearance.fit import Fit
from drivegen_generators.appearance.weights import Weights

Picture = UInt8[np.ndarray, "h w 3"]

NEAR_M = 3.0
"""What is as near is white in a picture of depth: the road before a car's camera begins there. Networks saw
each image stretched to its own nearest point; a fixed one does not flicker."""

CITYSCAPES: dict[Tag, tuple[int, int, int]] = {
    Tag.ROAD: (128, 64, 128), Tag.ROAD_LINE: (128, 64, 128), Tag.SIDEWALK: (244, 35, 232),
    Tag.BUILDING: (70, 70, 70), Tag.WALL: (102, 102, 156), Tag.FENCE: (190, 153, 153),
    Tag.POLE: (153, 153, 153), Tag.TRAFFIC_LIGHT: (250, 170, 30), Tag.TRAFFIC_SIGN: (220, 220, 0),
    Tag.VEGETATION: (107, 142, 35), Tag.TERRAIN: (152, 251, 152), Tag.SKY: (70, 130, 180),
    Tag.PEDESTRIAN: (220, 20, 60), Tag.RIDER: (255, 0, 0), Tag.CAR: (0, 0, 142), Tag.TRUCK: (0, 0, 70),
    Tag.BUS: (0, 60, 100), Tag.TRAIN: (0, 80, 100), Tag.MOTORCYCLE: (0, 0, 230), Tag.BICYCLE: (119, 11, 32),
    Tag.DYNAMIC: (111, 74, 0), Tag.GROUND: (81, 0, 81), Tag.BRIDGE: (150, 100, 100),
    Tag.RAIL_TRACK: (230, 150, 140), Tag.GUARD_RAIL: (180, 165, 180),
}  # fmt: skip
"""Colours of the Cityscapes data set's labels; what it has no label for is black."""

ADE20K: dict[Tag, tuple[int, int, int]] = {
    Tag.ROAD: (140, 140, 140), Tag.ROAD_LINE: (140, 140, 140), Tag.SIDEWALK: (235, 255, 7),
    Tag.BUILDING: (180, 120, 120), Tag.WALL: (120, 120, 120), Tag.FENCE: (255, 184, 6),
    Tag.POLE: (51, 0, 255), Tag.TRAFFIC_LIGHT: (41, 0, 255), Tag.TRAFFIC_SIGN: (255, 5, 153),
    Tag.VEGETATION: (4, 200, 3), Tag.TERRAIN: (4, 250, 7), Tag.SKY: (6, 230, 230),
    Tag.PEDESTRIAN: (150, 5, 61), Tag.RIDER: (150, 5, 61), Tag.CAR: (0, 102, 200), Tag.TRUCK: (255, 0, 20),
    Tag.BUS: (255, 0, 245), Tag.MOTORCYCLE: (163, 0, 255), Tag.BICYCLE: (255, 245, 0),
    Tag.WATER: (61, 230, 250), Tag.GROUND: (120, 120, 70), Tag.BRIDGE: (255, 82, 0),
    Tag.GUARD_RAIL: (255, 61, 6),
}  # fmt: skip
"""Colours that the usual viewers of ADE20K's 150 classes give to the nearest of them; a tree stands for
vegetation, grass for terrain, a signboard for signs, a person for a rider."""

PALETTES = {"cityscapes": CITYSCAPES, "ade20k": ADE20K}


def depth_picture(image: ClipImage, fit: Fit) -> Picture:
    """Inverse depth, near is bright, from `NEAR_M` to infinity; sky and what is too far are black."""
    with np.errstate(divide="ignore"):
        inverse = np.where(image.depth_m > 0.0, np.float32(NEAR_M) / image.depth_m, np.float32(0))
    grey = np.rint(np.minimum(inverse, np.float32(1)) * np.float32(255)).astype(np.uint8)
    return _of_grey(fit.to_model(grey))


def edges_picture(image: ClipImage, fit: Fit) -> Picture:
    """Borders of instances and classes, white on black."""
    lines = fit.to_model(image.edges.astype(np.uint8) * np.uint8(255))
    # What a smaller image mixes into grey stays a line.
    return _of_grey(np.where(lines >= 64, 255, 0).astype(np.uint8))


def normals_picture(image: ClipImage, fit: Fit) -> Picture:
    """Normals as colours: red is right, green up, blue towards the camera, 127 is 0; black where unknown."""
    normals = image.normals * np.array([1.0, -1.0, -1.0], np.float32)
    known = normals.any(axis=-1, keepdims=True)
    colours = np.where(known, np.rint((normals + np.float32(1)) * np.float32(127.5)), 0).astype(np.uint8)
    return fit.to_model(colours)


def semantic_picture(image: ClipImage, fit: Fit, palette: str = "cityscapes") -> Picture:
    """Classes in the colours of a palette (`PALETTES`)."""
    table = np.zeros((256, 3), np.uint8)
    for tag, colour in PALETTES[palette].items():
        table[tag] = colour
    return table[fit.to_model(image.tag, nearest=True)]


def instance_picture(image: ClipImage, fit: Fit) -> Picture:
    """Objects in colours that follow from their ids, everything else black."""
    ids = fit.to_model(image.instance, nearest=True).astype(np.uint32)
    mixed = ids * np.uint32(2654435761)  # Knuth's multiplicative hash: neighbours in number differ in colour
    colours = np.stack([mixed >> 8, mixed >> 16, mixed >> 24], axis=-1).astype(np.uint8) | np.uint8(64)
    colours[ids == 0] = 0
    return colours


def _ade20k(image: ClipImage, fit: Fit) -> Picture:
    return semantic_picture(image, fit, "ade20k")


CONTROLS: dict[str, Callable[[ClipImage, Fit], Picture]] = {
    "depth": depth_picture,
    "edges": edges_picture,
    "instance": instance_picture,
    "normals": normals_picture,
    "semantic": semantic_picture,
    "semantic_ade20k": _ade20k,
}


def control_picture(kind: str, image: ClipImage, fit: Fit) -> Picture:
    """One of the `CONTROLS` of an image, in the model's size. Raises ConfigError for another name."""
    if kind not in CONTROLS:
        raise ConfigError(f"control {kind!r}: one of {', '.join(CONTROLS)} is wanted")
    return CONTROLS[kind](image, fit)


def rgb_picture(image: ClipImage, fit: Fit) -> Picture:
    """The simulator's colours, red first, in the model's size."""
    return fit.to_model(np.ascontiguousarray(image.bgr[..., ::-1]))


def _of_grey(grey: UInt8[np.ndarray, "h w"]) -> Picture:
    return np.repeat(grey[..., None], 3, axis=-1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """A control network's part."""

    kind: str
    """One of `CONTROLS`."""
    weights: Weights | None = None
    """None where the pipeline's folder holds the network."""
    scale: float = 1.0
    start: float = 0.0
    """Share of the steps before it begins."""
    end: float = 1.0
    mode: int | None = None
    """Of a network for several controls: which of them this is."""


def control_of(given: str | Mapping[str, Any]) -> Control:
    """What a configuration names: a kind alone, or a mapping. Raises ConfigError."""
    words: dict[str, Any] = {"control": given} if isinstance(given, str) else dict(given)
    kind, weights = str(words.pop("control", "")), words.pop("weights", None)
    if kind not in CONTROLS:
        raise ConfigError(f"control {kind!r}: one of {', '.join(CONTROLS)} is wanted")
    revision = str(words.pop("revision", ""))
    unknown = sorted({*words} - {"scale", "start", "end", "mode"})
    if unknown:
        raise ConfigError(f"control {kind}: {', '.join(map(str, unknown))} is no key of a control")
    mode = words.pop("mode", None)
    numbers = {name: float(value) for name, value in words.items()}
    scale = numbers.get("scale", 1.0)
    if not 0.0 <= scale <= 10.0:
        raise ConfigError(f"control {kind}: scale={scale}: a value from 0 to 10 is wanted")
    start, end = numbers.get("start", 0.0), numbers.get("end", 1.0)
    if not 0.0 <= start < end <= 1.0:
        raise ConfigError(f"control {kind}: start={start}, end={end}: shares, in this order, are wanted")
    return Control(
        kind=kind,
        weights=None if weights is None else Weights(name=str(weights), revision=revision),
        mode=None if mode is None else int(mode),
        **numbers,
    )
