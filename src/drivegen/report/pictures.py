"""Pictures of camera frames: boxes drawn, labels made visible."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from jaxtyping import Float32, Float64, UInt8, UInt16

from drivegen.capture.messages import camera_optical
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.lenses import Pinhole
from drivegen.core.sensors import Camera
from drivegen.report.palette import CLASS_COLORS, bgr, instance_color, tag_table

Image = UInt8[np.ndarray, "h w 3"]

_NEAR_M = 0.15
_PIECES = 24
"""Of a line in the image of a lens that bends it."""
_SHIFT = 4
"""Fractional bits of OpenCV's line ends."""
_EDGES = tuple((i, i | 1 << k) for i in range(8) for k in range(3) if not i >> k & 1)
"""The 12 edges of `Box.corners_m`."""
_SEEN = 0.15
"""Objects that are hidden more than this are not drawn."""
_SMALL = 0.1
"""Of the image's height: lower boxes are drawn with the thinnest line."""
DEPTH_SPAN_M = (2.0, 100.0)
"""Of pictures of distance; logarithmic between."""


def draw_boxes(
    image: Image, camera: Camera, map_agent: Pose, objects: Sequence[ObjectLabel], channel: str
) -> tuple[Image, int]:
    """The image with the boxes of the objects that the camera sees, and their number.

    A line from the middle of the front's lower edge to the front's middle shows the heading.
    """
    out = image.copy()
    optical_map = (map_agent @ camera_optical(camera)).inverse()
    width = max(1, round(camera.width_px / 500))
    drawn = 0
    distance = [-float(np.linalg.norm(o.box.pose.position_m - map_agent.position_m)) for o in objects]
    for i in np.argsort(distance, kind="stable"):
        label = objects[int(i)].cameras.get(channel)
        if label is None or label.visible_fraction < _SEEN or label.visible_pixels < 12:
            continue
        drawn += 1
        color = bgr(CLASS_COLORS[objects[int(i)].object_class])
        _, top, _, bottom = label.full_box_px
        line = width if bottom - top > _SMALL * camera.height_px else 1  # else lines hide the object
        for a, b in box_lines(objects[int(i)].box, optical_map):
            _line(out, camera, a, b, color, line)
    return out, drawn


def draw_box(image: Image, camera: Camera, map_agent: Pose, label: ObjectLabel, width: int) -> None:
    """Draws one box into the image, whether it is seen or not."""
    optical_map = (map_agent @ camera_optical(camera)).inverse()
    for a, b in box_lines(label.box, optical_map):
        _line(image, camera, a, b, bgr(CLASS_COLORS[label.object_class]), width)


def box_lines(box: Box, optical_map: Pose) -> list[tuple[Float64[np.ndarray, "3"], Float64[np.ndarray, "3"]]]:
    """The edges of a box and the mark of its front, as pairs of ends in the optical frame."""
    corners = optical_map.transform_points(box.corners_m())
    lines = [(corners[a], corners[b]) for a, b in _EDGES]
    front = 0.25 * (corners[1] + corners[3] + corners[5] + corners[7])
    low = 0.5 * (corners[1] + corners[3])
    lines.append((low, front))
    return lines


def _line(
    out: Image,
    camera: Camera,
    a: Float64[np.ndarray, "3"],
    b: Float64[np.ndarray, "3"],
    color: tuple[int, int, int],
    width: int,
) -> None:
    lens = camera.optics
    if isinstance(lens, Pinhole):
        _straight_line(out, camera, a, b, color, width)
        return
    # Bent by the lens: in short pieces, of which those that it does not see are left out.
    share = np.linspace(0.0, 1.0, _PIECES + 1)[:, None]
    pixels = lens.project(a + (b - a) * share) - 0.5
    seen = ~np.isnan(pixels[:, 0])
    fixed = np.rint(np.nan_to_num(pixels) * (1 << _SHIFT)).astype(np.int32).tolist()
    for k in np.nonzero(seen[:-1] & seen[1:])[0].tolist():
        cv2.line(out, fixed[k], fixed[k + 1], color, width, cv2.LINE_AA, _SHIFT)


def _straight_line(
    out: Image,
    camera: Camera,
    a: Float64[np.ndarray, "3"],
    b: Float64[np.ndarray, "3"],
    color: tuple[int, int, int],
    width: int,
) -> None:
    if a[2] < _NEAR_M and b[2] < _NEAR_M:
        return
    if a[2] < _NEAR_M:
        a, b = b, a
    if b[2] < _NEAR_M:  # cut where the edge goes behind the camera
        b = a + (b - a) * (a[2] - _NEAR_M) / (a[2] - b[2])
    ends = np.stack([a, b]) @ camera.intrinsic.T
    pixels = ends[:, :2] / ends[:, 2:] - 0.5
    limit = 20.0 * camera.width_px
    if np.abs(pixels).max() > limit:
        whole = pixels.astype(np.int64).tolist()
        inside, first, last = cv2.clipLine((0, 0, camera.width_px, camera.height_px), whole[0], whole[1])
        if not inside:
            return
        pixels = np.array([first, last], dtype=np.float64)
    fixed = np.rint(pixels * (1 << _SHIFT)).astype(np.int32)
    cv2.line(out, fixed[0].tolist(), fixed[1].tolist(), color, width, cv2.LINE_AA, _SHIFT)


def draw_depth(depth_m: Float32[np.ndarray, "h w"]) -> Image:
    """Near is bright, far is dark, on a logarithmic scale from 2 to 100 m; nothing hit is pale."""
    near, far = DEPTH_SPAN_M
    scaled = np.log(np.clip(depth_m, near, far) / near) / np.log(far / near)
    colors = cv2.applyColorMap((255 - scaled * 255).astype(np.uint8), cv2.COLORMAP_INFERNO)
    colors[depth_m == 0] = (238, 232, 226)
    return np.asarray(colors)


def draw_semantic(tag: UInt8[np.ndarray, "h w"]) -> Image:
    """Each tag in its colour."""
    return tag_table()[tag]


def draw_instances(instance: UInt16[np.ndarray, "h w"], image: Image) -> Image:
    """Each object in a colour of its own over the grey image."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    out = np.repeat((grey // 2 + 110)[..., None], 3, axis=2).astype(np.uint8)
    for object_id in np.unique(instance):
        if object_id:
            out[instance == object_id] = instance_color(int(object_id))
    return out


def shrink(image: Image, width_px: int) -> Image:
    """The picture at most that wide."""
    height, width = image.shape[:2]
    if width <= width_px:
        return image
    size = (width_px, max(1, round(height * width_px / width)))
    return np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA))
