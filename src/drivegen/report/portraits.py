"""Pictures of single labels: cut out of a camera's image, and from above with the way and the points."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float64

from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.actors import ObjectClass
from drivegen.core.agents import EGO
from drivegen.core.geometry import Pose
from drivegen.core.labels import CameraLabel, ObjectLabel
from drivegen.core.sensors import Camera, Lidar
from drivegen.report.palette import CLASS_COLORS, bgr
from drivegen.report.pictures import Image, draw_box
from drivegen.report.rows import Labels
from drivegen.report.strange.finding import Finding

CROP_PX = (300, 200)
ABOVE_PX = 200
_NEAR_S = 0.6
"""An image so near in time shows the object."""
_ROOM = 1.7
"""Of the cut, times the box."""
_LEAST_PX = 130
_PAPER = bgr("#f3f2ec")
_INK = bgr("#22272d")
_OTHER = bgr("#9aa0a8")
_POINT = bgr("#31597a")


ToPixels = Callable[[Float64[np.ndarray, "n 2"]], np.ndarray]
"""From the world to sixteenths of a pixel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portrait:
    """The pictures of a finding."""

    crop: Image | None
    """None where no camera has it in its image."""
    camera: str
    """Whose picture it is: agent/channel."""
    later_s: float
    """How long after the finding's frame it was taken; negative: before."""
    above: Image | None
    """None where there are no rows of it."""
    reach_m: float
    """From the middle to the sides of `above`."""


def draw_portrait(reader: CaptureReader, labels: Labels, finding: Finding) -> Portrait:
    """Cuts a strange label out of the image that shows most of it, and draws it from above.

    Args:
        reader: The scene's capture.
        labels: The scene's rows.
        finding: What is strange.
    """
    found = _best_view(reader, finding)
    crop, camera, later_s = None, "", 0.0
    if found is not None:
        frame, agent, lens, label = found
        crop = _cut(frame, agent, lens, label)
        camera = f"{agent}/{lens.name}"
        later_s = (frame.time_ns - reader.frame(finding.frame).time_ns) / 1e9
    above, reach_m = draw_above(labels, finding, reader)
    return Portrait(crop=crop, camera=camera, later_s=later_s, above=above, reach_m=reach_m)


def _best_view(
    reader: CaptureReader, finding: Finding
) -> tuple[CapturedFrame, str, Camera, ObjectLabel] | None:
    """Of the frame, or else of one near: the camera with most of the object, of the agent that told of it."""
    moment = reader.frame(finding.frame).time_ns
    order = sorted(
        range(max(0, finding.frame - 12), min(len(reader), finding.frame + 13)),
        key=lambda i: (abs(i - finding.frame), i),
    )
    for index in order:
        frame = reader.frame(index)
        if abs(frame.time_ns - moment) > _NEAR_S * 1e9:
            continue
        best: tuple[tuple[bool, int, float], str, Camera, ObjectLabel] | None = None
        for name, agent in frame.agents.items():
            cameras = agent.delivered_by(Camera)
            if not cameras:
                continue
            label = next((o for o in frame.around(name) if o.track_id == finding.track), None)
            if label is None:
                continue
            for channel, seen in label.seen_by(name).cameras.items():
                camera = reader.sensor(name, channel)
                assert isinstance(camera, Camera)
                mine = name == (finding.agent or EGO)
                rank = (mine, seen.visible_pixels, _area(seen))
                if best is None or rank > best[0]:
                    best = rank, name, camera, label
        if best is not None:
            return frame, best[1], best[2], best[3]
    return None


def _area(seen: CameraLabel) -> float:
    left, top, right, bottom = seen.full_box_px
    return (right - left) * (bottom - top)


def _cut(frame: CapturedFrame, name: str, camera: Camera, label: ObjectLabel) -> Image:
    agent = frame.agents[name]
    image = agent.bgr(camera.name).copy()
    draw_box(image, camera, agent.map_agent, label, 2 if camera.width_px > 1200 else 1)
    left, top, right, bottom = label.seen_by(name).cameras[camera.name].full_box_px
    return cut_out(image, (left, top, right, bottom))


def cut_out(image: Image, box_px: tuple[float, float, float, float]) -> Image:
    """A part of an image around a box, of the shape of `CROP_PX`, moved into the image."""
    left, top, right, bottom = box_px
    height, width = image.shape[:2]
    shape = CROP_PX[0] / CROP_PX[1]
    tall = max((bottom - top) * _ROOM, (right - left) * _ROOM / shape, float(_LEAST_PX))
    tall = min(tall, height, width / shape)
    wide = tall * shape
    x = min(max(0.5 * (left + right) - wide / 2, 0.0), width - wide)
    y = min(max(0.5 * (top + bottom) - tall / 2, 0.0), height - tall)
    part = image[round(y) : round(y + tall), round(x) : round(x + wide)]
    enlarged = part.shape[1] < CROP_PX[0]
    return np.asarray(
        cv2.resize(part, CROP_PX, interpolation=cv2.INTER_CUBIC if enlarged else cv2.INTER_AREA)
    )


def draw_above(
    labels: Labels, finding: Finding, reader: CaptureReader | None = None
) -> tuple[Image | None, float]:
    """The label from above, with its way and what is around; metres from the middle to the sides.

    Args:
        labels: The scene's rows.
        finding: Of which label.
        reader: The scene's capture, for LiDAR returns.
    """
    rows = np.flatnonzero((labels.track == finding.track) & (labels.frame == finding.frame))
    if not len(rows) or not np.isfinite(labels.xyz_m[rows[-1]]).all():
        return None, 0.0
    row = int(rows[-1])
    middle = labels.xyz_m[row, :2]
    reach = float(np.clip(1.1 * np.nanmax(labels.size_m[row, :2]), 5.0, 40.0))
    out = np.full((ABOVE_PX, ABOVE_PX, 3), _PAPER, np.uint8)

    def pixels(xy_m: Float64[np.ndarray, "n 2"]) -> np.ndarray:
        local = (xy_m - middle) * [1.0, -1.0] * (ABOVE_PX / (2.0 * reach)) + ABOVE_PX / 2
        return np.rint(local * 16).astype(np.int32)

    if reader is not None:
        _draw_points(out, reader.frame(finding.frame), reader, pixels)
    way = labels.xyz_m[labels.track == finding.track, :2]
    way = way[np.isfinite(way).all(axis=1)]
    cv2.polylines(out, [pixels(way).reshape(-1, 1, 2)], False, _OTHER, 1, cv2.LINE_AA, 4)
    for other in np.flatnonzero(labels.frame == finding.frame):
        if other != row and np.isfinite(labels.xyz_m[other]).all():
            _outline(out, labels, int(other), pixels, _OTHER, 1)
    own = np.flatnonzero(labels.track == finding.track)
    place = int(np.searchsorted(own, row))
    if place > 0:  # where it was one label before, thin
        _outline(out, labels, int(own[place - 1]), pixels, _INK, 1)
    _outline(out, labels, row, pixels, bgr(_strong(finding.kind)), 2)
    return out, reach


def _strong(kind: str) -> str:
    """Colours of people are too light for paper."""
    return "#b58900" if kind in {"pedestrian", "child"} else CLASS_COLORS[ObjectClass(kind)]


def _draw_points(out: Image, frame: CapturedFrame, reader: CaptureReader, pixels: ToPixels) -> None:
    for name, agent in frame.agents.items():
        for channel in agent.delivered_by(Lidar):
            mount: Pose = agent.map_agent @ reader.sensor(name, channel).agent_sensor
            points = mount.transform_points(agent.sweep(channel).points_m)
            place = pixels(points[:, :2]) // 16
            inside = ((place >= 0) & (place < ABOVE_PX)).all(axis=1)
            out[place[inside, 1], place[inside, 0]] = _POINT


def _outline(
    out: Image, labels: Labels, row: int, pixels: ToPixels, color: tuple[int, int, int], width: int
) -> None:
    yaw, (length, wide, _) = labels.yaw_rad[row], labels.size_m[row]
    if not np.isfinite([yaw, length, wide]).all():
        return
    along = 0.5 * length * np.array([math.cos(yaw), math.sin(yaw)])
    across = 0.5 * wide * np.array([-math.sin(yaw), math.cos(yaw)])
    middle = labels.xyz_m[row, :2]
    corners = [
        middle + along + across,
        middle + along - across,
        middle - along - across,
        middle - along + across,
    ]
    points = pixels(np.array([*corners, middle, middle + along]))
    cv2.polylines(out, [points[:4].reshape(-1, 1, 2)], True, color, width, cv2.LINE_AA, 4)
    cv2.line(out, points[4].tolist(), points[5].tolist(), color, width, cv2.LINE_AA, 4)


def by_scene(findings: Sequence[Finding]) -> dict[str, list[int]]:
    """Places in the list by scene, so that each capture is opened once."""
    out: dict[str, list[int]] = {}
    for place, item in enumerate(findings):
        out.setdefault(item.scene, []).append(place)
    return out
