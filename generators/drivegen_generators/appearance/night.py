"""The lamps of a scene's night: street lamps of the whole scene, vehicles' lamps of each frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.frame import EGO
from drivegen.core.plans import Drive
from drivegen_generators.appearance.lamps import (
    AMBIENT_LX,
    NO_LAMPS_LX,
    Lamp,
    PostFinder,
    ego_lamps,
    vehicle_lamps,
)

_LOOKS = 12
"""Frames in which posts are looked for, spread over the scene."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class NightLamps:
    """What shines in a scene."""

    street: list[Lamp]
    dark_m: Float64[np.ndarray, "n 2"]
    """Where vehicles are parked, whose lamps are off."""
    ambient_lx: float

    @staticmethod
    def of(clip: Clip) -> NightLamps:
        """Looks for posts in some frames, of which depth and classes are decoded."""
        finder = PostFinder()
        step = max(1, clip.frame_count // _LOOKS)
        for image in clip.images():
            if image.frame % step == 0:
                finder.add(image)
        parked = [v for v in clip.plan.vehicles if v.drive is Drive.PARKED]
        street = finder.lamps()
        return NightLamps(
            street=street,
            dark_m=np.array([(v.start.x_m, v.start.y_m) for v in parked]).reshape(-1, 2),
            ambient_lx=AMBIENT_LX if street else NO_LAMPS_LX,
        )

    def at(self, image: ClipImage) -> list[Lamp]:
        """All that shine when an image is taken."""
        own = ego_lamps(image.map_agent) if image.agent == EGO else []
        return [*self.street, *vehicle_lamps(image.objects, self.dark_m), *own]
