"""A reader of OPV2V folders that shares no code with drivegen: what a consumer does with the files.

Transforms are written from CARLA's definition of its axes: x ahead, y right, z up, and the forward, right and
up vectors of roll, pitch and yaw.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def matrix(pose: list[float]) -> np.ndarray:
    """World from what has the pose [x, y, z, roll, yaw, pitch]."""
    x, y, z, *angles = pose
    (sr, sy, sp), (cr, cy, cp) = np.sin(np.radians(angles)), np.cos(np.radians(angles))
    out = np.eye(4)
    out[:3, 0] = [cp * cy, cp * sy, sp]
    out[:3, 1] = [cy * sp * sr - sy * cr, sy * sp * sr + cy * cr, -cp * sr]
    out[:3, 2] = [-cy * sp * cr - sy * sr, -sy * sp * cr + cy * sr, cp * cr]
    out[:3, 3] = [x, y, z]
    return out


def moved(transform: np.ndarray, points: np.ndarray) -> np.ndarray:
    return points @ transform[:3, :3].T + transform[:3, 3]


def box_pose(vehicle: dict[str, Any]) -> np.ndarray:
    """As OpenCOOD has it: location and center are added as they are."""
    place = [a + b for a, b in zip(vehicle["location"], vehicle["center"], strict=True)]
    return matrix([*place, *vehicle["angle"]])


def box_corners(vehicle: dict[str, Any]) -> np.ndarray:
    signs = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)])
    return moved(box_pose(vehicle), signs * np.array(vehicle["extent"]))


def read_pcd(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """Points and red of the colours, 0..1."""
    head, _, body = path.read_bytes().partition(b"DATA binary\n")
    fields = dict(line.split(" ", 1) for line in head.decode().splitlines() if not line.startswith("#"))
    assert fields["FIELDS"] == "x y z rgb" and fields["SIZE"] == "4 4 4 4" and fields["TYPE"] == "F F F F"
    rows = np.frombuffer(body, "<f4").reshape(-1, 4)
    assert len(rows) == int(fields["WIDTH"]) == int(fields["POINTS"]) and fields["HEIGHT"] == "1"
    packed = np.ascontiguousarray(rows[:, 3]).view("<u4")
    return rows[:, :3].astype(np.float64), (packed >> 16 & 255) / 255.0


@dataclass(frozen=True)
class View:
    """One agent at one stamp."""

    agent: str
    stamp: str
    path: Path
    data: dict[str, Any]

    @property
    def points(self) -> np.ndarray:
        return read_pcd(self.path.with_suffix(".pcd"))[0]

    def counts(self) -> dict[int, int]:
        """Points of the cloud by box, counted in the cloud's frame."""
        lidar_world = np.linalg.inv(matrix(self.data["lidar_pose"]))
        points, found = self.points, {}
        for number, vehicle in self.data["vehicles"].items():
            box_lidar = np.linalg.inv(lidar_world @ box_pose(vehicle))
            local = np.abs(moved(box_lidar, points))
            found[number] = int((local <= np.array(vehicle["extent"])).all(axis=1).sum())
        return found

    def project(self, camera: str, world: np.ndarray) -> np.ndarray:
        """x, y and depth of world points; what CARLA calls y, -z, x is the optical frame."""
        in_camera = moved(np.linalg.inv(matrix(self.data[camera]["cords"])), world)
        optical = in_camera[:, [1, 2, 0]] * [1, -1, 1]
        pixels = optical @ np.array(self.data[camera]["intrinsic"]).T
        return np.column_stack([pixels[:, :2] / pixels[:, 2:], pixels[:, 2]])


class Scenario:
    """A folder of a scenario, listed as OpenCOOD lists it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        agents = sorted(p.name for p in root.iterdir() if p.is_dir())
        if int(agents[0]) < 0:
            agents = [*agents[1:], agents[0]]
        self.agents = agents
        self.ego = agents[0]
        self.stamps = {a: sorted(p.stem for p in (root / a).glob("*.yaml")) for a in agents}

    def view(self, agent: str, stamp: str) -> View:
        path = self.root / agent / f"{stamp}.yaml"
        return View(agent, stamp, path, yaml.load(path.read_text(), LOADER))

    def views(self, agent: str) -> list[View]:
        return [self.view(agent, stamp) for stamp in self.stamps[agent]]
