"""Whether agents agree: what stands still must be in one place, whoever's sensor saw it.

Of two agents' LiDARs, points on flat static surfaces of one cloud are held against planes through the
other's (`drivegen.report.flat_patches`); of a LiDAR and another agent's camera, points against the surfaces
in the depth image. With the truth of clocks, poses and mounts they meet. Beliefs can be taken instead:

clocks: a sweep's moment is what the agent's clock showed, and the agent is where its course has it then.
poses: the agent is where its localisation had it.
mounts: the sensor sits where the agent's calibration has it.

Ground tells of height, roll and pitch only, so walls and ground are counted apart.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations

import cv2
import numpy as np
from jaxtyping import Float32, Float64, UInt8, UInt16
from scipy.spatial import cKDTree

from drivegen.capture.clip import ClipImage
from drivegen.capture.course import Course, still_points
from drivegen.capture.frame import Clutter
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.core.geometry import Pose
from drivegen.core.sensors import Camera, Lidar
from drivegen.core.tags import Tag
from drivegen.report.flat_patches import Patches, flat_patches, meet, upright

STATIC = (
    *(Tag.ROAD, Tag.ROAD_LINE, Tag.SIDEWALK, Tag.GROUND, Tag.TERRAIN, Tag.BRIDGE),
    *(Tag.BUILDING, Tag.WALL, Tag.FENCE, Tag.POLE, Tag.TRAFFIC_SIGN, Tag.GUARD_RAIL),
)
FARTHEST_M = 60.0
"""From a sensor; beyond, rings are too far apart for planes."""
IMAGE_FARTHEST_M = 30.0
"""From a camera; beyond, a pixel covers too much of the ground."""
GROSS_M = 0.3
"""A point so far from the surface in a depth image is on another one, before or behind."""
_FLAT_RMS_M = 0.006


@dataclass(frozen=True, slots=True, kw_only=True)
class Beliefs:
    """What is taken from the agents instead of from the truth."""

    clocks: bool = False
    poses: bool = False
    mounts: bool = False


TRUTH = Beliefs()


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Distances of points from the surfaces that they should be on."""

    points: int
    median_m: float
    p95_m: float

    @staticmethod
    def of(distances_m: Float64[np.ndarray, "n"]) -> Spread:
        """NaN where there is none."""
        if not len(distances_m):
            return Spread(points=0, median_m=math.nan, p95_m=math.nan)
        median, high = np.percentile(distances_m, [50, 95])
        return Spread(points=len(distances_m), median_m=float(median), p95_m=float(high))


@dataclass(frozen=True, slots=True, kw_only=True)
class LidarAgreement:
    """Of two agents."""

    agents: tuple[str, str]
    ground: Spread
    walls: Spread


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageAgreement:
    """Points of one agent's LiDAR in another's image."""

    lidar_agent: str
    camera_agent: str
    channel: str
    surfaces: Spread
    before: float
    """Share of points more than `GROSS_M` before all that the camera saw in and around their pixel, which
    cannot be. Those behind are hidden from the camera."""


class Agreement:
    """A capture's agents held against one another.

    Args:
        reader: Stays open meanwhile.
        moments: So many frames are looked at, evenly over the scene; from each sensor what it delivered last.
    """

    def __init__(self, reader: CaptureReader, moments: int = 4) -> None:
        self._reader = reader
        self._moments = _moments_of(reader, moments)
        self._courses = {name: Course(reader, name) for name in reader.rigs}
        self._errors = reader.plan.agent_errors
        self._patches = lru_cache(maxsize=None)(self._make_patches)

    def lidars(self, beliefs: Beliefs = TRUTH) -> list[LidarAgreement]:
        """All pairs of agents that have LiDARs, the first LiDAR of each."""
        by_agent = {name: rig.lidars[0] for name, rig in self._reader.rigs.items() if rig.lidars}
        found = []
        for one, other in combinations(by_agent, 2):
            ground, walls = [np.zeros(0)], [np.zeros(0)]
            for moment in self._moments:
                a, b = (self._delivered(n, by_agent[n].name, moment) for n in (one, other))
                here = self._map_sensor(a, one, by_agent[one], beliefs)
                there = self._map_sensor(b, other, by_agent[other], beliefs)
                patches, tree = self._patches(a.index, one, by_agent[one])
                others, _ = self._patches(b.index, other, by_agent[other])
                meeting = meet(patches, tree, others, (here.inverse() @ there).matrix)
                steep = upright(meeting.normals, here.rotation[2])
                ground.append(meeting.distance_m[~steep])
                walls.append(meeting.distance_m[steep])
            found.append(
                LidarAgreement(
                    agents=(one, other),
                    ground=Spread.of(np.concatenate(ground)),
                    walls=Spread.of(np.concatenate(walls)),
                )
            )
        return found

    def images(self, beliefs: Beliefs = TRUTH) -> list[ImageAgreement]:
        """Every agent's first LiDAR in every other agent's cameras."""
        found = []
        for lidar_agent, rig in self._reader.rigs.items():
            others = [(n, c) for n, r in self._reader.rigs.items() if n != lidar_agent for c in r.cameras]
            for lidar in rig.lidars[:1]:
                for agent, camera in others:
                    pairs = [
                        self._in_image(m, lidar_agent, lidar, agent, camera, beliefs) for m in self._moments
                    ]
                    met, before = np.concatenate([p[0] for p in pairs]), sum(p[1] for p in pairs)
                    found.append(
                        ImageAgreement(
                            lidar_agent=lidar_agent,
                            camera_agent=agent,
                            channel=camera.name,
                            surfaces=Spread.of(met),
                            before=before / max(before + len(met), 1),
                        )
                    )
        return found

    def _in_image(
        self, moment: int, lidar_agent: str, lidar: Lidar, agent: str, camera: Camera, beliefs: Beliefs
    ) -> tuple[Float64[np.ndarray, "n"], int]:
        """Distances of points from the surfaces of their pixels, and how many lie before all there is."""
        swept = self._delivered(lidar_agent, lidar.name, moment)
        taken = self._delivered(agent, camera.name, moment)
        points_m, *_ = self._static(swept, lidar_agent, lidar)
        map_lidar = self._map_sensor(swept, lidar_agent, lidar, beliefs)
        map_camera = self._map_sensor(taken, agent, camera, beliefs)
        in_mount = (map_camera.inverse() @ map_lidar).transform_points(points_m)
        image = ClipImage(taken, taken.agents[agent], camera)
        optical_mount = image.map_optical.inverse() @ (taken.agents[agent].map_agent @ camera.agent_sensor)
        points_m = optical_mount.transform_points(in_mount)
        far = np.linalg.norm(points_m, axis=1)
        points_m = points_m[(far < IMAGE_FARTHEST_M) & (points_m[:, 2] > 0.5)]
        with np.errstate(invalid="ignore"):
            pixels = np.floor(camera.optics.project(points_m))
            inside = ((pixels >= 0) & (pixels < [camera.width_px, camera.height_px])).all(axis=1)
        points_m, (x, y) = points_m[inside], pixels[inside].astype(np.int64).T
        far = np.linalg.norm(points_m, axis=1)
        nearest_m = _nearest_around(image.distance_m)[y, x]
        before = int((far < nearest_m - GROSS_M).sum())
        normals, surface_m = image.normals[y, x], image.distance_m[y, x]
        flat = (normals != 0.0).any(axis=1) & np.isfinite(surface_m)
        middles = image.rays[y[flat], x[flat]] * surface_m[flat, None]
        off = np.abs(np.einsum("ni,ni->n", points_m[flat] - middles, normals[flat]))
        return off[off < GROSS_M], before

    def _make_patches(self, index: int, agent: str, lidar: Lidar) -> tuple[Patches, cKDTree]:
        points_m, tag, ring = self._static(self._reader.frame(index), agent, lidar)
        patches = flat_patches(points_m, tag, ring, _FLAT_RMS_M + 1.5 * lidar.range_noise_m)
        return patches, cKDTree(patches.points_m)

    def _static(
        self, frame: CapturedFrame, agent: str, lidar: Lidar
    ) -> tuple[Float64[np.ndarray, "n 3"], UInt8[np.ndarray, "n"], UInt16[np.ndarray, "n"]]:
        """Points of what stands still in the LiDAR's frame, their tags and rings."""
        sweep = frame.agents[agent].sweep(lidar.name)
        points_m = still_points(self._courses[agent], frame.time_ns, lidar, sweep)
        kept = np.isin(sweep.tag, STATIC) & (sweep.object_id == 0)
        kept &= np.linalg.norm(points_m, axis=1) < FARTHEST_M
        if sweep.clutter is not None:
            kept &= sweep.clutter == Clutter.SURFACE
        if sweep.return_index is not None:
            kept &= sweep.return_index == 0
        return points_m[kept], sweep.tag[kept], sweep.ring[kept]

    def _map_sensor(self, frame: CapturedFrame, agent: str, sensor: Lidar | Camera, beliefs: Beliefs) -> Pose:
        mount = sensor.agent_sensor
        if beliefs.mounts:
            mount = self._errors[agent].believed_mounts.get(sensor.name, mount)
        belief = frame.agents[agent].belief
        time_ns = frame.time_ns
        if beliefs.clocks and belief is not None:
            time_ns = belief.channel_stamps_ns[sensor.name]
        return self._courses[agent].at(time_ns, believed=beliefs.poses) @ mount

    def _delivered(self, agent: str, channel: str, index: int) -> CapturedFrame:
        """The frame in which a sensor delivered last."""
        for i in range(index, -1, -1):
            frame = self._reader.frame(i)
            if channel in frame.agents[agent].delivered:
                return frame
        raise CaptureError(f"{self._reader.path}: {agent}/{channel} had delivered nothing by frame {index}")


def _nearest_around(distance_m: Float32[np.ndarray, "h w"]) -> Float32[np.ndarray, "h w"]:
    """The least distance in a pixel and those around it; sky and what is too far count as `FARTHEST_M`."""
    known = np.where((distance_m > 0.0) & (distance_m < FARTHEST_M), distance_m, np.float32(FARTHEST_M))
    return np.asarray(cv2.erode(known, np.ones((3, 3), np.uint8)))


def _moments_of(reader: CaptureReader, moments: int) -> list[int]:
    """Frames, evenly over what follows the first by which every sensor has delivered."""
    waiting = {(n, s.name) for n, rig in reader.rigs.items() for s in rig.lidars}
    waiting |= {(n, s.name) for n, rig in reader.rigs.items() for s in rig.cameras}
    for frame in reader.frames():
        waiting -= {(n, c) for n, agent in frame.agents.items() for c in agent.delivered}
        if not waiting:
            return sorted({round(i) for i in np.linspace(frame.index, len(reader) - 1, moments)})
    silent = ", ".join(f"{n}/{c}" for n, c in sorted(waiting))
    raise CaptureError(f"{reader.path}: {silent} never delivered")


def compared(agreement: Agreement) -> Iterator[tuple[str, list[LidarAgreement]]]:
    """LiDARs by the truth, and with each belief taken for it."""
    yield "truth", agreement.lidars()
    for name in ("clocks", "poses", "mounts"):
        yield f"believed {name}", agreement.lidars(Beliefs(**{name: True}))
