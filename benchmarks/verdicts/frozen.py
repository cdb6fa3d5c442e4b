"""A rendered picture as back ends of looks see the images of a clip."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

import numpy as np

from benchmarks.verdicts.street import Picture, View
from drivegen.capture.clip import Clip, ClipImage
from drivegen.core.geometry import Pose
from drivegen.core.looks import Style
from drivegen.core.sensors import Camera
from drivegen.runtime import plugins


class _Image(ClipImage):
    """Has what `ClipImage` reads from a capture."""

    def __init__(self, picture: Picture, view: View) -> None:
        self.camera = Camera(
            name="CAM",
            agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, view.at.location.z),
            width_px=view.width_px,
            height_px=view.height_px,
            fov_deg=view.fov_deg,
            period_s=0.1,
        )
        self.agent, self.frame, self.time_ns, self.keyframe = "ego", 0, 0, True
        self.__dict__.update(
            bgr=picture.bgr, depth_m=picture.depth_m, tag=picture.tag, instance=picture.instance
        )


class _Clip:
    """One image."""

    def __init__(self, image: _Image) -> None:
        self._image = image

    def images(self) -> Iterator[ClipImage]:
        yield self._image

    def first(self) -> list[ClipImage]:
        return [self._image]


def at_night(picture: Picture, view: View, rng: np.random.Generator) -> np.ndarray:
    """Its night, or dusk, by the back end `procedural`."""
    style = Style(time=str(rng.choice(["night", "dusk"])), strength=float(rng.uniform(0.7, 1.0)))
    maker: Any = plugins.make("generators.appearance", "procedural", {}, "look")
    clip = cast(Clip, _Clip(_Image(picture, view)))
    ((_, bgr),) = maker.images(clip, style, int(rng.integers(1 << 31)))
    return np.asarray(bgr)
