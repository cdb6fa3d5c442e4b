"""The synthetic world on a plane that leans, with an ego that pitches and rolls and turned sensors.

In `tests/unit/capture/synthetic_capture.py` most angles are zero, so that a sign or an order of turns that
is wrong may not show. Here none is: the whole world is moved by `MAP_WORLD`, objects lean on their own, the
ego nods, every mount has roll, pitch and yaw, principal points are off the middle. What sensors deliver is
cast ray by ray, so labels are right by construction as there.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from drivegen.capture.frame import EGO, AgentFrame, Clutter, Frame, GnssFix, Sweep
from drivegen.capture.writer import CaptureSummary, CaptureWriter
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.lenses import Pinhole
from drivegen.core.plans import PlacedPose, ScenePlan
from drivegen.core.sensors import Camera, Gnss, Lidar, Rig
from tests.unit.capture import synthetic_capture as world

MAP_WORLD = Pose.from_xyz_rpy(31.7, -12.3, 2.4, 0.03, -0.05, 0.7)
"""Where the plane lies in the map."""
SCENES = {"scene-0001": 1.0, "scene-0002": 0.6}
"""Names and durations in seconds; keyframes, images and every fifth sweep come together."""
WIDTH_PX, HEIGHT_PX = 176, 100
KEYFRAME_S = 0.2
TRUCK = 26
"""The track in whose box it rains."""
_MOUNTS_DEG = {
    "CAM_FRONT": (2.0, 3.0, 1.5),
    "CAM_FRONT_LEFT": (-1.0, 2.0, 55.0),
    "CAM_FRONT_RIGHT": (1.5, -2.0, -55.0),
    "CAM_BACK": (-2.5, 1.0, 178.0),
    "CAM_BACK_LEFT": (1.0, 1.5, 110.0),
    "CAM_BACK_RIGHT": (-1.0, -1.0, -110.0),
}
"""Roll, pitch, yaw by channel."""


def tilted_rig(off: float = 0.0) -> Rig:
    """Six cameras, a LiDAR and a GNSS, none of them level.

    Args:
        off: By how much this vehicle's mounts (m, rad) and focal lengths (px) are others than of the first.
    """
    cameras = tuple(
        Camera(
            name=name,
            agent_sensor=Pose.from_xyz_rpy(
                0.7 * math.cos(math.radians(yaw)) + off,
                0.5 * math.sin(math.radians(yaw)),
                1.5 + 0.01 * number,
                *(math.radians(v) + off / 2 for v in (roll, pitch, yaw)),
            ),
            width_px=WIDTH_PX,
            height_px=HEIGHT_PX,
            fov_deg=75.0,
            period_s=KEYFRAME_S,
            lens=Pinhole(
                fx_px=118.25 + off, fy_px=117.5 + off, cx_px=WIDTH_PX / 2 + 3.75, cy_px=HEIGHT_PX / 2 - 2.25
            ),
        )
        for number, (name, (roll, pitch, yaw)) in enumerate(_MOUNTS_DEG.items())
    )
    lidar = Lidar(
        name="LIDAR_TOP",
        agent_sensor=Pose.from_xyz_rpy(-0.05, 0.08 + off, 1.84, 0.02, 0.03, -0.4 + off),
        channels=24,
        upper_fov_deg=5.0,
        lower_fov_deg=-25.0,
        range_m=80.0,
        columns=180,
        period_s=0.1,
    )
    gnss = Gnss(name="GNSS", agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 1.6), period_s=0.1)
    return Rig(name="tilted", sensors=(*cameras, lidar, gnss))


def tilted_plan(scene: str, duration_s: float) -> ScenePlan:
    """The second scene's ego starts elsewhere and carries its sensors a little otherwise, so that nothing of
    one scene can pass for the other's."""
    other = scene != "scene-0001"
    plan = world.make_plan(scene, duration_s, tilted_rig(0.04 if other else 0.0))
    start = PlacedPose(x_m=-3.0 - 2.0 * other, y_m=-6.7, z_m=0.0, yaw_rad=0.0)
    return replace(plan, keyframe_s=KEYFRAME_S, ego=replace(plan.ego, start=start))


def tilted_frames(plan: ScenePlan) -> Iterator[Frame]:
    """Every tick of the plan; equal plans give equal frames."""
    for index in range(round(plan.duration_s / plan.tick_s)):
        yield _frame(plan, index)


def write_tilted_captures(folder: Path, longest_s: float = 60.0) -> list[Path]:
    """The two scenes, in this folder."""
    return [
        write_tilted_capture(folder / f"{scene}.mcap", tilted_plan(scene, min(duration_s, longest_s))).path
        for scene, duration_s in SCENES.items()
    ]


def write_tilted_capture(path: Path, plan: ScenePlan) -> CaptureSummary:
    """One scene."""
    with CaptureWriter(path, plan, {"drivegen": "test"}, opendrive=world.XODR) as writer:
        for frame in tilted_frames(plan):
            writer.write(frame)
        return writer.close()


def _frame(plan: ScenePlan, index: int) -> Frame:
    time_s = index * plan.tick_s
    ego = _ego_pose(plan, time_s)
    boxes = {
        t.track_id: (t, _leaning(t.box(time_s), n))
        for n, t in enumerate(sorted(world.THINGS, key=lambda t: t.track_id))
    }
    due = {s.name for s in plan.ego.rig.sensors if round(time_s * 1000) % round(s.period_s * 1000) == 0}
    views = {c.name: world.camera_view(c, ego, boxes) for c in plan.ego.rig.cameras if c.name in due}
    sweeps = {
        s.name: _rained_on(world.lidar_sweep(s, ego, boxes, index), (ego @ s.agent_sensor).inverse(), boxes)
        for s in plan.ego.rig.lidars
        if s.name in due
    }
    objects = tuple(
        ObjectLabel(
            track_id=i,
            object_class=thing.object_class,
            blueprint=thing.blueprint,
            rider=thing.rider,
            box=Box(pose=MAP_WORLD @ box.pose, size_m=box.size_m),
            velocity_mps=(MAP_WORLD @ box.pose).rotation[:, 0] * thing.speed_mps,
            acceleration_mps2=np.array([0.1, 0.02 * i, 0.0]),
            yaw_rate_radps=0.01 * i,
            cameras={c: labels[i] for c, (_, labels) in views.items() if i in labels},
            lidar_points={c: int((s.object_id == i).sum()) for c, s in sweeps.items()},
        )
        for i, (thing, box) in boxes.items()
    )
    map_ego = MAP_WORLD @ ego
    agent = AgentFrame(
        map_agent=map_ego,
        velocity_mps=map_ego.rotation[:, 0] * world.EGO_SPEED_MPS,
        acceleration_mps2=np.array([0.3, -0.2, 0.1]),
        angular_velocity_radps=map_ego.rotation[:, 2] * 0.2,
        images={c: image for c, (image, _) in views.items()},
        sweeps=sweeps,
        gnss={
            s.name: GnssFix(latitude_deg=39.8, longitude_deg=116.5 + 1e-6 * index, altitude_m=30.0)
            for s in plan.ego.rig.sensors
            if isinstance(s, Gnss) and s.name in due
        },
    )
    return Frame(
        index=index,
        time_ns=world.FIRST_NS + round(time_s * 1e9),
        keyframe=round(time_s * 1000) % round(plan.keyframe_s * 1000) == 0,
        agents={EGO: agent},
        objects=objects,
        signals={"101": "red", "102": "green"},
    )


def _rained_on(sweep: Sweep, lidar_world: Pose, boxes: dict[int, tuple[world.Thing, Box]]) -> Sweep:
    """The sweep with returns of rain in the box of the truck: they are in it, and not of it."""
    drops = np.array([[1.0, 0.5, 0.4], [0.2, -0.3, 1.1], [-2.0, 0.0, 0.0]])
    inside = boxes[TRUCK][1].pose.transform_points(drops)
    more = len(inside)
    clutter = np.zeros(len(sweep) + more, np.uint8)
    clutter[-more:] = Clutter.RAIN
    points = lidar_world.transform_points(inside).astype(np.float32)
    return Sweep(
        points_m=np.concatenate([sweep.points_m, points]),
        intensity=np.append(sweep.intensity, np.full(more, 0.05, np.float32)),
        ring=np.append(sweep.ring, np.full(more, 3, np.uint16)),
        object_id=np.append(sweep.object_id, np.zeros(more, np.uint32)),
        tag=np.append(sweep.tag, np.zeros(more, np.uint8)),
        cos_incidence=None
        if sweep.cos_incidence is None
        else np.append(sweep.cos_incidence, np.zeros(more, np.float32)),
        clutter=clutter,
    )


def _ego_pose(plan: ScenePlan, time_s: float) -> Pose:
    """It turns, nods and rolls on its way."""
    return Pose.from_xyz_rpy(
        plan.ego.start.x_m + world.EGO_SPEED_MPS * time_s,
        plan.ego.start.y_m + 0.3 * time_s,
        0.05 + 0.02 * time_s,
        0.02 + 0.01 * time_s,
        -0.03 + 0.02 * time_s,
        0.15 + 0.2 * time_s,
    )


def _leaning(box: Box, number: int) -> Box:
    """Every box leans another way, by up to some 5 degrees."""
    lean = Pose.from_xyz_rpy(0.0, 0.0, 0.1, 0.08 * math.sin(number), 0.09 * math.cos(2.0 * number))
    return Box(pose=box.pose @ lean, size_m=box.size_m)
