"""What the sensors met through a whole scene: scenery in the map's frame, objects in their own.

Points are kept by cells of 0.2 m, so what is kept grows with the ground that the ego passes, not with the
length of the scene.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, Int64, UInt8, UInt32

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CapturedAgent, CapturedFrame
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera, Lidar
from drivegen.core.tags import Tag
from drivegen_exporters.motion import agent_points
from drivegen_exporters.occupancy.grid import CLASS_OF_TAG, FREE, WORDS

CELL_M = 0.2
PIXEL_STEP = 3
"""Every third pixel of a depth image, along and across."""
FARTHEST_M = 60.0
"""Of pixels: what is farther lies outside every grid from which it is seen well."""

_CLASS_BITS, _PLAN_BITS, _HEIGHT_BITS = 5, 20, 16
_WAITING = 2_000_000
_EGO_HALF_M = np.array([3.0, 1.3])
"""Half length and width around the ego's origin that hold the body of any car or van."""
_VEHICLE_TAGS = (Tag.CAR, Tag.TRUCK, Tag.BUS)

_Points = Float64[np.ndarray, "n 3"]
_Classes = UInt8[np.ndarray, "n"]


class Cells:
    """How often each class was met in each cell."""

    def __init__(self) -> None:
        self._keys: Int64[np.ndarray, "k"] = np.zeros(0, np.int64)
        self._counts: Int64[np.ndarray, "k"] = np.zeros(0, np.int64)
        self._waiting: list[Int64[np.ndarray, "n"]] = []
        self._size = 0
        self._found: tuple[_Points, _Classes] | None = None

    def add(self, points_m: _Points, classes: _Classes) -> None:
        """Takes in points."""
        at = np.floor(points_m / CELL_M).astype(np.int64)
        at += np.array([1 << (_PLAN_BITS - 1), 1 << (_PLAN_BITS - 1), 1 << (_HEIGHT_BITS - 1)])
        cells = ((at[:, 0] << _PLAN_BITS | at[:, 1]) << _HEIGHT_BITS) | at[:, 2]
        self._waiting.append(cells << _CLASS_BITS | classes)
        self._size += len(cells)
        self._found = None
        if self._size > _WAITING:
            self._merge()

    def points(self) -> tuple[_Points, _Classes]:
        """The middle of each cell, and the class that was met most in it, the first of equals."""
        if self._found is None:
            self._found = self._find()
        return self._found

    def _find(self) -> tuple[_Points, _Classes]:
        self._merge()
        cells, classes = self._keys >> _CLASS_BITS, self._keys & ((1 << _CLASS_BITS) - 1)
        order = np.lexsort((classes, -self._counts, cells))
        found, first = np.unique(cells[order], return_index=True)
        at = np.stack(
            [
                (found >> (_PLAN_BITS + _HEIGHT_BITS)) - (1 << (_PLAN_BITS - 1)),
                (found >> _HEIGHT_BITS & ((1 << _PLAN_BITS) - 1)) - (1 << (_PLAN_BITS - 1)),
                (found & ((1 << _HEIGHT_BITS) - 1)) - (1 << (_HEIGHT_BITS - 1)),
            ],
            axis=1,
        )
        return (at + 0.5) * CELL_M, classes[order][first].astype(np.uint8)

    def _merge(self) -> None:
        if not self._waiting:
            return
        new, counts = np.unique(np.concatenate(self._waiting), return_counts=True)
        self._waiting, self._size = [], 0
        self._keys, back = np.unique(np.concatenate([self._keys, new]), return_inverse=True)
        weights = np.concatenate([self._counts, counts])
        self._counts = np.bincount(back, weights, len(self._keys)).astype(np.int64)


class Surfaces:
    """Gathers a scene's surfaces frame by frame, and lays them out around the ego."""

    def __init__(self) -> None:
        self._scenery = Cells()
        self._objects: dict[int, Cells] = {}

    def add(self, frame: CapturedFrame, cameras: tuple[Camera, ...], lidars: tuple[Lidar, ...]) -> None:
        """Takes in what cameras and LiDARs met in a frame; only those that delivered."""
        agent = frame.agents[EGO]
        for lidar in lidars:
            if lidar.name in agent.delivered:
                self._add_sweep(agent, lidar, frame.objects)
        for camera in cameras:
            if camera.name in agent.delivered:
                self._add_image(agent, camera, frame.objects)

    def around(self, frame: CapturedFrame, reach_m: float) -> list[tuple[_Points, _Classes]]:
        """Points in the ego's frame as they lie in a frame, with their classes."""
        agent_map = frame.agents[EGO].map_agent.inverse()
        middle = frame.agents[EGO].map_agent.position_m
        points, classes = self._scenery.points()
        near = np.abs(points[:, :2] - middle[:2]).max(axis=1) < reach_m
        out = [(agent_map.transform_points(points[near]), classes[near])]
        for label in frame.objects:
            if label.track_id in self._objects:
                points, classes = self._objects[label.track_id].points()
                out.append(((agent_map @ label.box.pose).transform_points(points), classes))
        return out

    def _add_sweep(self, agent: CapturedAgent, lidar: Lidar, objects: tuple[ObjectLabel, ...]) -> None:
        sweep = agent.sweep(lidar.name)
        own = agent.map_agent.rotation.T
        yaw_rate_radps = float((own @ agent.angular_velocity_radps)[2])
        points = agent_points(sweep, lidar.agent_sensor, own @ agent.velocity_mps, yaw_rate_radps)
        solid = ~((np.abs(points[:, :2]) < _EGO_HALF_M).all(axis=1) & np.isin(sweep.tag, _VEHICLE_TAGS))
        if sweep.clutter is not None:
            solid &= sweep.clutter == 0
        ids = sweep.object_id[solid]
        self._sort(agent.map_agent, points[solid], ids, sweep.tag[solid], objects, 0xFFFFFFFF)

    def _add_image(self, agent: CapturedAgent, camera: Camera, objects: tuple[ObjectLabel, ...]) -> None:
        rows, columns = np.mgrid[0 : camera.height_px : PIXEL_STEP, 0 : camera.width_px : PIXEL_STEP]
        depth = agent.depth_m(camera.name)[rows, columns].astype(np.float64)
        rays = camera.optics.unproject(np.stack([columns + 0.5, rows + 0.5], axis=-1))
        length = np.linalg.norm(rays, axis=-1) if camera.depth_along_ray else rays[..., 2]
        seen = (depth > 0) & (depth < FARTHEST_M) & np.isfinite(length)
        points = (rays * (depth / length)[..., None])[seen] @ OPTICAL_FROM_MOUNT
        points = camera.agent_sensor.transform_points(points)
        tags = agent.tag(camera.name)[rows, columns][seen]
        ids = agent.instance(camera.name)[rows, columns][seen].astype(np.uint32)
        solid = ~((np.abs(points[:, :2]) < _EGO_HALF_M).all(axis=1) & np.isin(tags, _VEHICLE_TAGS))
        self._sort(agent.map_agent, points[solid], ids[solid], tags[solid], objects, 0xFFFF)

    def _sort(
        self,
        map_agent: Pose,
        points_m: _Points,
        ids: UInt32[np.ndarray, "n"],
        tags: UInt8[np.ndarray, "n"],
        objects: tuple[ObjectLabel, ...],
        id_bits: int,
    ) -> None:
        """Puts points of the ego's frame where they belong; those of what is not annotated nowhere."""
        world = map_agent.transform_points(points_m)
        classes = CLASS_OF_TAG[tags]
        scenery = (ids == 0) & (classes != FREE)
        self._scenery.add(world[scenery], classes[scenery])
        for label in objects:
            mine = ids == label.track_id & id_bits
            category = WORDS.category(label)
            if category is not None and mine.any():
                local = label.box.pose.inverse().transform_points(world[mine])
                cells = self._objects.setdefault(label.track_id, Cells())
                cells.add(local, np.full(len(local), category.id, np.uint8))
