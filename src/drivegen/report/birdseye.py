"""A scene from above: ground as the ego's cameras saw it, LiDAR returns, boxes, agents, its way."""

from __future__ import annotations

import math

import cv2
import numpy as np
from jaxtyping import Float, Float32, Float64, UInt8

from drivegen.capture.frame import EGO
from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CapturedAgent, CapturedFrame, CaptureReader
from drivegen.core.geometry import Pose
from drivegen.core.lenses import Pinhole
from drivegen.core.sensors import Camera, Lidar
from drivegen.report.palette import CLASS_COLORS, GROUND_TAGS, bgr, ground_table

_REACH_M = 45.0
_PIXELS_PER_M = 10
_SIZE = round(2 * _REACH_M * _PIXELS_PER_M)
_KEYFRAMES = 5
"""So many keyframes, evenly chosen, show the ground."""
_NEAR_M = 0.5
_AGREE_M = 0.3
_AGREE_SHARE = 0.06
"""A pixel's depth may differ so much from that of the cell that it is taken for."""
_IS_GROUND = np.isin(np.arange(256), GROUND_TAGS)
_PAPER = bgr("#f6f5f1")
_INK = bgr("#3a4048")
_WAY = bgr("#c2410c")


def draw_scene(reader: CaptureReader, frame: CapturedFrame) -> UInt8[np.ndarray, "h w 3"]:
    """A square with the ego in the middle at that frame, its heading up."""
    canvas = _Canvas(frame.agents[EGO].map_agent)
    tags = _ground_tags(canvas, reader, frame)
    picture = np.full((_SIZE, _SIZE, 3), _PAPER, np.uint8)
    picture[tags > 0] = ground_table()[tags[tags > 0]]
    _draw_rings(picture)
    _draw_way(picture, canvas, reader)
    _draw_returns(picture, canvas, reader, frame)
    _draw_boxes(picture, canvas, frame)
    _draw_others(picture, canvas, frame)
    _draw_ego(picture)
    return picture


class _Canvas:
    """From the world to pixels."""

    def __init__(self, map_ego: Pose) -> None:
        self.origin = map_ego.position_m[:2]
        yaw = map_ego.yaw_rad
        self.turn = np.array([[math.cos(yaw), math.sin(yaw)], [-math.sin(yaw), math.cos(yaw)]])

    def pixels(self, xy_m: Float[np.ndarray, "n 2"]) -> Float64[np.ndarray, "n 2"]:
        """(column, row): the ego's forward is up, its left is left."""
        local = (np.asarray(xy_m, dtype=np.float64) - self.origin) @ self.turn.T
        return np.stack([_REACH_M - local[:, 1], _REACH_M - local[:, 0]], axis=1) * _PIXELS_PER_M

    def cells(self) -> Float32[np.ndarray, "3 c"]:
        """(forward, left, 1) of the middles of all pixels, row by row."""
        at = (_REACH_M - (np.arange(_SIZE) + 0.5) / _PIXELS_PER_M).astype(np.float32)
        forward, left = np.meshgrid(at, at, indexing="ij")
        return np.stack([forward.ravel(), left.ravel(), np.ones(_SIZE * _SIZE, np.float32)])

    def plane(self, map_agent: Pose) -> Float64[np.ndarray, "4 3"]:
        """Takes (forward, left, 1) of a cell to its point (homogeneous) in the plane under an agent."""
        out = np.zeros((4, 3))
        out[:2, :2] = self.turn.T
        out[:2, 2] = self.origin
        normal = map_agent.rotation[:, 2]
        slope = -normal[:2] / normal[2]
        out[2, :2] = slope @ out[:2, :2]
        out[2, 2] = map_agent.position_m[2] + slope @ (self.origin - map_agent.position_m[:2])
        out[3, 2] = 1.0
        return out


def _ground_tags(canvas: _Canvas, reader: CaptureReader, frame: CapturedFrame) -> UInt8[np.ndarray, "s s"]:
    """What the ground of each cell is tagged, by the camera that saw it from nearest; 0 where none did.

    Every cell is looked up in the images of some keyframes as a point of the plane that the ego stands on; a
    pixel counts if its own depth says that it is that point and not something before it or a slope.
    """
    tags = np.zeros(_SIZE * _SIZE, np.uint8)
    nearest = np.full(_SIZE * _SIZE, np.inf, np.float32)
    cells = canvas.cells()
    keyframes = list(reader.frames(keyframes=True))
    chosen = {int(i) for i in np.linspace(0, len(keyframes) - 1, _KEYFRAMES)}
    for other in (f for i, f in enumerate(keyframes) if i in chosen or f.index == frame.index):
        agent = other.agents[EGO]
        map_cell = canvas.plane(agent.map_agent)
        for channel in agent.delivered_by(Camera):
            camera = reader.sensor(EGO, channel)
            assert isinstance(camera, Camera)
            optical_map = (agent.map_agent @ camera_optical(camera)).inverse()
            plane = optical_map.matrix[:3] @ map_cell
            projected = _projected(camera, plane, cells)
            _look_up(tags, nearest, projected, agent, channel)
    return tags.reshape(_SIZE, _SIZE)


def _projected(
    camera: Camera, plane: Float64[np.ndarray, "3 3"], cells: Float32[np.ndarray, "3 c"]
) -> Float32[np.ndarray, "3 c"]:
    """(x, y, 1) of cells in the image times their depth, as depth images have it; of depth 0 where unseen.

    Args:
        camera: Whose image it is.
        plane: Takes cells to the optical frame.
        cells: As `_Canvas.cells` has them.
    """
    lens = camera.optics
    if isinstance(lens, Pinhole):
        return (lens.intrinsic @ plane).astype(np.float32) @ cells
    points = (plane.astype(np.float32) @ cells).T
    pixels = lens.project(points)
    depth = np.linalg.norm(points, axis=1) if camera.depth_along_ray else points[:, 2]
    depth = np.where(np.isnan(pixels[:, 0]), 0.0, depth)
    out = np.concatenate([np.nan_to_num(pixels), np.ones((len(points), 1))], axis=1) * depth[:, None]
    return np.ascontiguousarray(out.T, dtype=np.float32)


def _look_up(
    tags: UInt8[np.ndarray, "c"],
    nearest: Float32[np.ndarray, "c"],
    projected: Float32[np.ndarray, "3 c"],
    agent: CapturedAgent,
    channel: str,
) -> None:
    tag, depth = agent.tag(channel), agent.depth_m(channel)
    height, width = tag.shape
    x, y, along = projected
    ahead = np.nonzero(
        (along > _NEAR_M)
        & (along < nearest)
        & (x >= 0)
        & (y >= 0)
        & (x < along * width)
        & (y < along * height)
    )[0]
    along = along[ahead]
    # rounding may carry a point at the border one pixel out
    row = np.minimum((y[ahead] / along).astype(np.int32), height - 1)
    column = np.minimum((x[ahead] / along).astype(np.int32), width - 1)
    seen = np.abs(depth[row, column] - along) < _AGREE_M + _AGREE_SHARE * along
    seen &= _IS_GROUND[tag[row, column]]
    tags[ahead[seen]] = tag[row[seen], column[seen]]
    nearest[ahead[seen]] = along[seen]


def _draw_rings(picture: UInt8[np.ndarray, "s s 3"]) -> None:
    middle = (_SIZE // 2, _SIZE // 2)
    for radius_m in (10, 20, 30, 40):
        cv2.circle(picture, middle, radius_m * _PIXELS_PER_M, (190, 188, 184), 1, cv2.LINE_AA)
        at = (_SIZE // 2 + 4, _SIZE // 2 - radius_m * _PIXELS_PER_M - 5)
        cv2.putText(
            picture, f"{radius_m} m", at, cv2.FONT_HERSHEY_SIMPLEX, 0.5, (120, 116, 110), 1, cv2.LINE_AA
        )


def _draw_way(picture: UInt8[np.ndarray, "s s 3"], canvas: _Canvas, reader: CaptureReader) -> None:
    way = np.array([f.agents[EGO].map_agent.position_m[:2] for f in reader.frames()])
    fixed = np.rint(canvas.pixels(way) * 16).astype(np.int32)
    cv2.polylines(picture, [fixed.reshape(-1, 1, 2)], False, _WAY, 2, cv2.LINE_AA, 4)


def _draw_returns(
    picture: UInt8[np.ndarray, "s s 3"], canvas: _Canvas, reader: CaptureReader, frame: CapturedFrame
) -> None:
    color_of = {o.track_id: bgr(CLASS_COLORS[o.object_class]) for o in frame.objects}
    channels = [(a, channel) for a in frame.agents.values() for channel in a.delivered_by(Lidar)]
    for agent, channel in channels:
        sweep = agent.sweep(channel)
        mount = agent.map_agent @ reader.sensor(agent.name, channel).agent_sensor
        place = np.floor(canvas.pixels(mount.transform_points(sweep.points_m)[:, :2])).astype(np.int64)
        inside = ((place >= 0) & (place < _SIZE - 1)).all(axis=1)
        place, ids, tags = place[inside], sweep.object_id[inside], sweep.tag[inside]
        ground = np.isin(tags, GROUND_TAGS)
        picture[place[ground, 1], place[ground, 0]] = (176, 170, 160)
        picture[place[~ground, 1], place[~ground, 0]] = (128, 92, 60)
        for track_id, color in color_of.items():
            mine = place[ids == track_id]
            dark = tuple(round(c * 0.7) for c in color)
            for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)):
                picture[mine[:, 1] + dy, mine[:, 0] + dx] = dark


def _draw_boxes(picture: UInt8[np.ndarray, "s s 3"], canvas: _Canvas, frame: CapturedFrame) -> None:
    for label in frame.objects:
        corners = label.box.corners_m()[[0, 1, 3, 2], :2]
        front = 0.5 * (corners[1] + corners[2])
        points = canvas.pixels(np.concatenate([corners, front[None], label.box.pose.position_m[None, :2]]))
        fixed = np.rint(points * 16).astype(np.int32)
        color = bgr(CLASS_COLORS[label.object_class])
        outline = fixed[:4].reshape(-1, 1, 2)
        for shade, width in ((_INK, 4), (color, 2)):
            cv2.polylines(picture, [outline], True, shade, width, cv2.LINE_AA, 4)
            cv2.line(picture, fixed[4].tolist(), fixed[5].tolist(), shade, width, cv2.LINE_AA, 4)


def _draw_others(picture: UInt8[np.ndarray, "s s 3"], canvas: _Canvas, frame: CapturedFrame) -> None:
    """A ring around every other agent."""
    for name, agent in frame.agents.items():
        if name != EGO:
            at = (
                np.rint(canvas.pixels(agent.map_agent.position_m[None, :2])[0] * 16).astype(np.int32).tolist()
            )
            for shade, width in ((_PAPER, 6), (_WAY, 3)):
                cv2.circle(picture, at, 20 * 16, shade, width, cv2.LINE_AA, 4)


def _draw_ego(picture: UInt8[np.ndarray, "s s 3"]) -> None:
    middle = _SIZE / 2
    arrow = np.array([[0, -22], [13, 18], [0, 9], [-13, 18]]) + middle
    cv2.fillPoly(picture, [np.rint(arrow * 16).astype(np.int32)], _WAY, cv2.LINE_AA, 4)
