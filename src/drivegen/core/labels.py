"""Labels: what is said of an object in a frame (design: "Truth: what a label means")."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TypeVar

from drivegen.core.actors import ObjectClass
from drivegen.core.agents import label_key
from drivegen.core.geometry import Box, Vec3
from drivegen.core.joints import Joints

T = TypeVar("T")

PixelBox = tuple[float, float, float, float]
"""(left, top, right, bottom) in pixels; continuous, so the first pixel covers 0..1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLabel:
    """An object as one camera has it. Objects wholly outside the image have none."""

    visible_fraction: float
    """Visible pixels over the pixels that the object alone would cover inside the image; 0..1."""
    visible_pixels: int
    truncation: float
    """Share of the object's projected box outside the image; 0 inside, towards 1 outside."""
    visible_box_px: PixelBox | None
    """Tight around the visible pixels; none when hidden."""
    full_box_px: PixelBox
    """Tight around the projection of the whole box, clipped to the image."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObjectLabel:
    """One object in one frame, in the world frame."""

    track_id: int
    """One id space with instance images and LiDAR object ids of the capture."""
    object_class: ObjectClass
    blueprint: str
    rider: bool
    """A two-wheeler with somebody on it; the box holds both."""
    box: Box
    velocity_mps: Vec3
    acceleration_mps2: Vec3
    yaw_rate_radps: float
    cameras: dict[str, CameraLabel] = field(default_factory=dict)
    """By channel (`drivegen.core.agents.label_key`); only cameras that delivered in this frame and that see
    part of the box's projection."""
    lidar_points: dict[str, int] = field(default_factory=dict)
    """Number of returns by LiDAR channel; only LiDARs that delivered in this frame."""
    radar_points: dict[str, int] = field(default_factory=dict)
    """Number of returns by radar channel; only radars that delivered in this frame."""
    joints_m: Joints | None = None
    """Of people on foot whose bones were asked for (`drivegen.core.joints`), in the world frame; to 1 mm."""

    def seen_by(self, agent: str) -> ObjectLabel:
        """The label with the sensors of one agent alone, by plain channel names."""
        return replace(
            self,
            cameras=_of_agent(self.cameras, agent),
            lidar_points=_of_agent(self.lidar_points, agent),
            radar_points=_of_agent(self.radar_points, agent),
        )


def _of_agent(by_key: dict[str, T], agent: str) -> dict[str, T]:
    found = ((key.rpartition("/")[2], key, value) for key, value in by_key.items())
    return {channel: value for channel, key, value in found if key == label_key(agent, channel)}
