"""Semantic occupancy around the ego, in the form of Occ3D for nuScenes."""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from drivegen.capture.export.carriers import cameras_of
from drivegen.capture.export.dataset import DatasetWriter, Parts
from drivegen.capture.export.exporter import Exporter, Joined
from drivegen.capture.export.part import PartWriter
from drivegen.capture.frame import EGO
from drivegen.capture.messages import camera_optical, to_json
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.errors import ExportError
from drivegen.core.geometry import Pose
from drivegen.core.sensors import Camera, Lidar
from drivegen_exporters.nuscenes.scene import timestamp_us
from drivegen_exporters.nuscenes.tables import token
from drivegen_exporters.occupancy.grid import FREE, SHAPE, Votes, centres_m
from drivegen_exporters.occupancy.seen import seen_by_cameras, seen_by_lidars
from drivegen_exporters.occupancy.surfaces import Surfaces

_REACH_M = 60.0
"""Holds a grid of 80 m a side, however it is turned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What can be chosen."""

    cameras: str = "all"
    """Channels with commas between, whose depth is used and by which voxels are seen."""


class Occupancy(Exporter[Options]):
    """The exporter: a grid a keyframe, under the tokens that the format `nuscenes` gives to its samples."""

    format = "occupancy"
    version = 2
    Options = Options

    def part(self, capture: CaptureReader, part: PartWriter) -> None:
        """A scene's grids. Raises ExportError when it has no keyframe or no camera or LiDAR."""
        cameras = cameras_of(capture, self.options.cameras, self.format)
        lidars = capture.rigs[EGO].lidars
        surfaces = Surfaces()
        for frame in capture.frames():
            surfaces.add(frame, cameras, lidars)
        keyframes = list(capture.frames(keyframes=True))
        if not keyframes:
            raise ExportError(f"{capture.path}: the capture has no keyframe")
        infos = part.keep("infos")
        occupied = 0
        tokens = [token(capture.scene, "sample", f.time_ns) for f in keyframes]
        for number, frame in enumerate(keyframes):
            grid = _grid(surfaces, frame, cameras, lidars)
            name = f"gts/{capture.scene}/{tokens[number]}/labels.npz"
            file = io.BytesIO()
            np.savez_compressed(
                file,
                semantics=grid["semantics"],
                mask_lidar=grid["mask_lidar"],
                mask_camera=grid["mask_camera"],
            )
            part.write(name, file.getvalue())
            occupied += int((grid["semantics"] != FREE).sum())
            info = _info(capture, frame, cameras, name) | {
                "prev": tokens[number - 1] if number else "",
                "next": tokens[number + 1] if number + 1 < len(tokens) else "",
            }
            lead = b",\n" if number else b""
            infos.write(lead + to_json(tokens[number]) + b":" + to_json(info))
        part.facts = {"grids": len(keyframes), "occupied_voxels": occupied}

    def join(self, parts: Parts, dataset: DatasetWriter) -> Joined:
        """All grids, and `annotations.json`, which tells where they are."""
        counts = {"grids": 0, "occupied_voxels": 0}
        with dataset.open("annotations.json") as file:
            file.write(b"{")
            for split in parts.splits:
                file.write(f'"{split}_split":{json.dumps(parts.of_split(split))},\n'.encode())
            file.write(b'"scene_infos":{')
            for number, part in enumerate(parts):
                dataset.take(part)
                file.write((",\n" if number else "\n").encode() + to_json(part.scene) + b":{")
                file.write(part.kept("infos").read_bytes() + b"}")
                for name in counts:
                    counts[name] += part.facts[name]
            file.write(b"}}\n")
        return Joined(counts=counts)


def _grid(
    surfaces: Surfaces, frame: CapturedFrame, cameras: tuple[Camera, ...], lidars: tuple[Lidar, ...]
) -> dict[str, np.ndarray]:
    """The three arrays of a keyframe."""
    votes = Votes()
    for points, classes in surfaces.around(frame, _REACH_M):
        votes.add(points, classes)
    agent, centres = frame.agents[EGO], centres_m()
    by_lidar = seen_by_lidars(agent, lidars, centres)
    by_camera = seen_by_cameras(agent, cameras, centres)
    return {
        "semantics": votes.semantics(),
        "mask_lidar": by_lidar.reshape(SHAPE).astype(np.uint8),
        "mask_camera": by_camera.reshape(SHAPE).astype(np.uint8),
    }


def _info(
    capture: CaptureReader, frame: CapturedFrame, cameras: tuple[Camera, ...], name: str
) -> dict[str, Any]:
    agent, time_us = frame.agents[EGO], timestamp_us(frame)
    return {
        "timestamp": str(time_us),
        "gt_path": name,
        "ego_pose": _pose(agent.map_agent),
        "camera_sensor": {
            c.name: {
                "img_path": f"samples/{c.name}/{capture.scene}__{c.name}__{time_us}.jpg",
                "intrinsics": c.intrinsic.tolist(),
                "extrinsic": _pose(camera_optical(c)),
                "ego_pose": _pose(agent.map_agent),
            }
            for c in cameras
            if c.name in agent.delivered
        },
    }


def _pose(pose: Pose) -> dict[str, list[float]]:
    return {"translation": pose.position_m.tolist(), "rotation": pose.orientation_wxyz.tolist()}
