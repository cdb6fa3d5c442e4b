"""What judges of looks get, and what they answer (docs/verdicts.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Bool, Float32, UInt8, UInt16

from drivegen.core.agents import label_key
from drivegen.core.labels import ObjectLabel, PixelBox
from drivegen.core.looks import Style
from drivegen.core.verdicts import Vote


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenObject:
    """A labelled object that an image shows."""

    track_id: int
    object_class: str
    box_px: PixelBox
    """Around its visible pixels."""
    pixels: int
    """Visible."""


@runtime_checkable
class Controls(Protocol):
    """What is known of an image; `drivegen.capture.clip.ClipImage` is one."""

    @property
    def bgr(self) -> UInt8[np.ndarray, "h w 3"]:
        """The simulator's colours."""

    @property
    def depth_m(self) -> Float32[np.ndarray, "h w"]:
        """0 where nothing was hit or too far."""

    @property
    def tag(self) -> UInt8[np.ndarray, "h w"]:
        """`drivegen.core.tags.Tag`."""

    @property
    def instance(self) -> UInt16[np.ndarray, "h w"]:
        """Low 16 bits of the object id; 0 for scenery."""


@dataclass(slots=True, kw_only=True, eq=False)
class Shown:
    """An image with another look, beside all that is known of it."""

    controls: Controls
    look_bgr: UInt8[np.ndarray, "h w 3"]
    objects: tuple[SeenObject, ...]
    """That are to be judged."""
    style: Style = field(default_factory=Style)
    notes: dict[str, object] = field(default_factory=dict)
    """What judges keep of this image for themselves, by their names."""

    def mask(self, track_id: int) -> Bool[np.ndarray, "h w"]:
        """Pixels of an object."""
        return self.controls.instance == np.uint16(track_id & 0xFFFF)


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where a judge sees something that no label explains."""

    box_px: PixelBox
    object_class: str
    """What it takes it for: vehicle, two_wheeler or person."""
    pixels: int


@runtime_checkable
class Judge(Protocol):
    """A plugin of `drivegen.generators.judges`. Equal images must give equal votes."""

    name: str
    """In votes."""
    version: int
    """To be raised when equal images give other votes."""

    def votes(self, shown: Shown) -> dict[int, Vote]:
        """By track; of an object that it cannot tell anything of there is none."""

    def regions(self, shown: Shown) -> list[Region]:
        """What it sees that no label explains."""

    def weigh(self, shown: Shown, region: Region) -> Vote | None:
        """What it says of a region that some judge named; none when it cannot tell."""


def seen_objects(
    labels: tuple[ObjectLabel, ...], agent: str, channel: str, least_pixels: int
) -> tuple[SeenObject, ...]:
    """The labelled objects of which a camera has so many pixels, by track."""
    key = label_key(agent, channel)
    found = []
    for label in labels:
        camera = label.cameras.get(key)
        if camera is None or camera.visible_box_px is None or camera.visible_pixels < least_pixels:
            continue
        found.append(
            SeenObject(
                track_id=label.track_id,
                object_class=label.object_class.value,
                box_px=camera.visible_box_px,
                pixels=camera.visible_pixels,
            )
        )
    return tuple(found)
