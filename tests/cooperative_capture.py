"""A small world seen by an ego, a connected vehicle and two roadside units: captures for tests of exporters.

It is the synthetic world of `tests/unit/capture/synthetic_capture.py` (boxes on a plane, cast ray by ray),
so geometry is right by construction for every agent:

- LiDAR points of an object lie inside its label's box (1 cm or more from its faces), all others on z = 0.
- Instance images show the cast boxes; camera labels are counted from them.
- The ego and the connected vehicle are objects to all but themselves: the ego's label is `AgentFrame.body`,
  the connected vehicle (track `VEHICLE_TRACK`) is among the frame's objects.
- Poles' feet stand 0.15 m above the road, so that heights cannot be forgotten; their frames have yaws that
  are no multiples of 90 degrees, and the connected vehicle comes towards the ego.
- Cameras and LiDARs of `vehicle_1` and `roadside_2` run one tick (50 ms) after those of the ego and
  `roadside_1`; all have periods of 0.1 s, so in a keyframe the former deliver nothing.
- Beliefs differ from the truth by known errors: clocks (`errors` of the plan), positions by up to 0.4 m,
  and a camera of `vehicle_1` that is believed 1 degree off.
- Detections are the labels with enough LiDAR points, moved by the belief's error; every fifth frame has a
  false alarm. Messages carry bytes of no codec: `decoded` tells what stands for their content. Every third
  reception is lost.

Numbers are few and pictures small (a frame costs some 20 ms), so make what you need once for a module.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np

from drivegen.capture.completeness import is_due
from drivegen.capture.frame import EGO, AgentFrame, Frame, GnssFix, ImuReading
from drivegen.capture.writer import CaptureSummary, CaptureWriter
from drivegen.core.actors import ObjectClass
from drivegen.core.agents import (
    AgentErrors,
    Clock,
    ConnectedVehicle,
    Localisation,
    RoadsideUnit,
    Sky,
    label_key,
)
from drivegen.core.cooperation import (
    CLOUD,
    Belief,
    CloudObject,
    CloudPicture,
    Detection,
    Exchange,
    LaneState,
    MessageKind,
    Reception,
    SentMessage,
)
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.plans import PlacedPose, ScenePlan, VehiclePlan
from drivegen.core.rng import derive_rng
from drivegen.core.sensors import Camera, Gnss, Imu, Lidar, Rig, Sensor
from drivegen.core.v2x_plan import V2xPlan
from tests.unit.capture import synthetic_capture as world

VEHICLE, POLE_1, POLE_2 = "vehicle_1", "roadside_1", "roadside_2"
EGO_TRACK, VEHICLE_TRACK = 70, 25
EGO_SIZE_M = (4.9, 1.9, 1.5)
POLE_FOOT_Z_M = 0.15
CAMERA_PERIOD_S = 0.1
TICK_S = 0.05
PLANNED = {
    POLE_1: Pose.from_xyz_rpy(17.0, -13.5, POLE_FOOT_Z_M, yaw_rad=math.radians(122.0)),
    POLE_2: Pose.from_xyz_rpy(-2.0, 2.5, POLE_FOOT_Z_M, yaw_rad=math.radians(-37.0)),
}
"""Poses of the poles in the world."""

_EGO_THING = world.Thing(
    EGO_TRACK, ObjectClass.CAR, "vehicle.lincoln.mkz_2020", EGO_SIZE_M, (0.0, 0.0), 0.0, world.EGO_SPEED_MPS,
    color=(250, 250, 250),
)  # fmt: skip
_VEHICLE_THING = next(t for t in world.THINGS if t.track_id == VEHICLE_TRACK)


def make_rig(name: str, mounts: dict[str, Pose], lidar: Pose, phase_s: float, columns: int = 240) -> Rig:
    """Cameras at the mounts by channel, LIDAR_TOP, GNSS and IMU, all at 10 Hz (IMU at 20 Hz)."""
    cameras: tuple[Sensor, ...] = tuple(
        Camera(
            name=channel,
            agent_sensor=mount,
            width_px=160,
            height_px=90,
            fov_deg=85.0,
            period_s=CAMERA_PERIOD_S,
            phase_s=phase_s,
        )
        for channel, mount in mounts.items()
    )
    return Rig(
        name=name,
        sensors=(
            *cameras,
            Lidar(
                name="LIDAR_TOP",
                agent_sensor=lidar,
                channels=24,
                upper_fov_deg=5.0,
                lower_fov_deg=-30.0,
                range_m=90.0,
                columns=columns,
                period_s=0.1,
                phase_s=phase_s,
            ),
            Gnss(name="GNSS", agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 1.6), period_s=0.1),
            Imu(name="IMU", agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 0.5), period_s=0.05),
        ),
    )


def vehicle_rig(phase_s: float = 0.0) -> Rig:
    """CAM_FRONT, CAM_BACK and a LiDAR that is turned by 90 degrees, as nuScenes has it."""
    return make_rig(
        "vehicle",
        {
            "CAM_FRONT": Pose.from_xyz_rpy(0.7, 0.1, 1.7, 0.0, 0.03),
            "CAM_BACK": Pose.from_xyz_rpy(-0.7, 0.0, 1.7, 0.0, 0.02, math.pi),
        },
        Pose.from_xyz_rpy(-0.05, 0.0, 1.95, yaw_rad=-math.pi / 2),
        phase_s,
    )


def pole_rig(phase_s: float = 0.0) -> Rig:
    """CAM_FRONT along x and CAM_LEFT, looking down from the pole, and a LiDAR that leans forward."""
    return make_rig(
        "pole",
        {
            "CAM_FRONT": Pose.from_xyz_rpy(0.3, 0.0, 6.2, 0.0, math.radians(18.0)),
            "CAM_LEFT": Pose.from_xyz_rpy(0.0, 0.3, 6.2, 0.0, math.radians(18.0), math.radians(80.0)),
        },
        Pose.from_xyz_rpy(0.2, 0.1, 5.8, math.radians(2.0), math.radians(8.0), math.radians(15.0)),
        phase_s,
    )


def make_cooperative_plan(
    scene: str = "scene-0001", duration_s: float = 1.0, *, v2x: V2xPlan | None = None, cloud: bool = True
) -> ScenePlan:
    """A plan with one ego, one connected vehicle and two poles that talk."""
    late = TICK_S
    believed = Pose.from_xyz_rpy(0.7, 0.1, 1.7, 0.0, 0.03, math.radians(1.0))
    open_sky = Localisation(sky=Sky.OPEN)
    car = _VEHICLE_THING
    plain = world.make_plan(scene, duration_s, vehicle_rig())
    return replace(
        plain,
        ego=replace(plain.ego, errors=AgentErrors(clock=Clock(offset_ns=1_500_000), localisation=open_sky)),
        vehicles=(
            VehiclePlan(
                blueprint=car.blueprint,
                color_rgb=(220, 160, 30),
                start=PlacedPose(
                    x_m=float(car.start[0]), y_m=float(car.start[1]), z_m=0.0, yaw_rad=car.yaw_rad
                ),
                speed_difference_percent=0.0,
                following_distance_m=2.0,
                lane_changes=False,
            ),
        ),
        connected=(
            ConnectedVehicle(
                name=VEHICLE,
                vehicle=0,
                rig=vehicle_rig(late),
                errors=AgentErrors(
                    clock=Clock(offset_ns=-7_000_000, drift_ppm=20.0),
                    localisation=open_sky,
                    believed_mounts={"CAM_FRONT": believed},
                ),
            ),
        ),
        roadside=tuple(
            RoadsideUnit(
                name=name,
                site=f"pole_{i}",
                junction_id=None,
                map_agent=PLANNED[name],
                rig=pole_rig(phase_s),
                errors=AgentErrors(clock=Clock(offset_ns=200_000 * i)),
            )
            for i, (name, phase_s) in enumerate(((POLE_1, 0.0), (POLE_2, late)), 1)
        ),
        v2x=replace(v2x or V2xPlan(), cloud=cloud),
    )


def make_cooperative_frames(plan: ScenePlan) -> Iterator[Frame]:
    """Every tick of the plan; equal plans give equal frames."""
    number = 0
    for index in range(round(plan.duration_s / plan.tick_s)):
        frame = _frame(plan, index, number)
        number += len(frame.exchange.messages) if frame.exchange is not None else 0
        yield frame


def write_cooperative_capture(path: Path, plan: ScenePlan | None = None) -> CaptureSummary:
    """A whole capture of the cooperative world."""
    plan = plan or make_cooperative_plan()
    with CaptureWriter(path, plan, {"drivegen": "test"}, opendrive=world.XODR) as writer:
        for frame in make_cooperative_frames(plan):
            writer.write(frame)
        return writer.close()


def _frame(plan: ScenePlan, index: int, number: int) -> Frame:
    offset_ns = round(index * plan.tick_s * 1e9)
    time_ns = world.FIRST_NS + offset_ns
    boxes = _boxes(plan, offset_ns / 1e9)
    rigs = plan.rigs
    poses = {EGO: _ego_pose(plan, offset_ns / 1e9), VEHICLE: _ground_pose(boxes[VEHICLE_TRACK][1]), **PLANNED}
    carriers = {EGO: EGO_TRACK, VEHICLE: VEHICLE_TRACK}
    agents: dict[str, AgentFrame] = {}
    seen = {i: _label(thing, box) for i, (thing, box) in boxes.items()}
    for name, rig in rigs.items():
        others = {i: b for i, b in boxes.items() if i != carriers.get(name)}
        agents[name] = _agent(name, rig, poses[name], others, seen, index, offset_ns)
    objects = tuple(label for i, label in sorted(seen.items()) if i != EGO_TRACK)
    agents = {
        name: replace(
            agent,
            track_id=carriers.get(name),
            body=seen[EGO_TRACK] if name == EGO else None,
            belief=_belief(plan, name, agent, index, offset_ns, time_ns),
        )
        for name, agent in agents.items()
    }
    exchange = None
    if plan.v2x is not None:
        exchange = _exchange(plan, agents, seen, index, time_ns, number)
    return Frame(
        index=index,
        time_ns=time_ns,
        keyframe=offset_ns % round(plan.keyframe_s * 1e9) == 0,
        agents=agents,
        objects=objects,
        signals={"101": "red", "102": "green"},
        exchange=exchange,
    )


def _ego_pose(plan: ScenePlan, offset_s: float) -> Pose:
    start = plan.ego.start
    x = start.x_m + world.EGO_SPEED_MPS * offset_s
    return Pose.from_xyz_rpy(x, start.y_m, 0.0, yaw_rad=0.04 * offset_s)


def _boxes(plan: ScenePlan, offset_s: float) -> dict[int, tuple[world.Thing, Box]]:
    raised = Pose.from_xyz_rpy(0.0, 0.0, world.GROUND_GAP_M - world.SKIN_M + EGO_SIZE_M[2] / 2)
    ego = Box(pose=_ego_pose(plan, offset_s) @ raised, size_m=np.array(EGO_SIZE_M))
    boxes = {t.track_id: (t, t.box(offset_s)) for t in sorted(world.THINGS, key=lambda t: t.track_id)}
    return {**boxes, EGO_TRACK: (_EGO_THING, ego)}


def _ground_pose(box: Box) -> Pose:
    x, y, _ = box.pose.position_m
    return Pose(position_m=np.array([x, y, 0.0]), orientation_wxyz=box.pose.orientation_wxyz)


def _label(thing: world.Thing, box: Box) -> ObjectLabel:
    return ObjectLabel(
        track_id=thing.track_id,
        object_class=thing.object_class,
        blueprint=thing.blueprint,
        rider=thing.rider,
        box=box,
        velocity_mps=box.pose.rotation[:, 0] * thing.speed_mps,
        acceleration_mps2=np.zeros(3),
        yaw_rate_radps=0.0,
    )


def _agent(
    name: str,
    rig: Rig,
    pose: Pose,
    boxes: dict[int, tuple[world.Thing, Box]],
    seen: dict[int, ObjectLabel],
    index: int,
    offset_ns: int,
) -> AgentFrame:
    """The agent's sensors; what they see is entered into the labels."""
    due = [s for s in rig.sensors if is_due(s, offset_ns)]
    images = {}
    for camera in (s for s in due if isinstance(s, Camera)):
        images[camera.name], labels = world.camera_view(camera, pose, boxes)
        for i, label in labels.items():
            seen[i].cameras[label_key(name, camera.name)] = label
    sweeps = {s.name: world.lidar_sweep(s, pose, boxes, index) for s in due if isinstance(s, Lidar)}
    for channel, sweep in sweeps.items():
        for i in boxes:
            seen[i].lidar_points[label_key(name, channel)] = int((sweep.object_id == i).sum())
    speed = {EGO: world.EGO_SPEED_MPS, VEHICLE: _VEHICLE_THING.speed_mps}.get(name, 0.0)
    turning = np.array([0.0, 0.0, 0.04 if name == EGO else 0.0])
    return AgentFrame(
        map_agent=pose,
        velocity_mps=pose.rotation[:, 0] * speed,
        acceleration_mps2=np.zeros(3),
        angular_velocity_radps=turning,
        images=images,
        sweeps=sweeps,
        gnss={
            s.name: GnssFix(latitude_deg=39.8, longitude_deg=116.5 + 1e-6 * index, altitude_m=30.0)
            for s in due
            if isinstance(s, Gnss)
        },
        imu={
            s.name: ImuReading(
                acceleration_mps2=np.array([0.0, 0.0, 9.81]),
                angular_velocity_radps=turning,
                compass_rad=float((math.pi / 2 - pose.yaw_rad) % (2 * math.pi)),
            )
            for s in due
            if isinstance(s, Imu)
        },
    )


def _belief(
    plan: ScenePlan, name: str, agent: AgentFrame, index: int, offset_ns: int, time_ns: int
) -> Belief:
    errors = plan.agent_errors[name]
    stamp_ns = time_ns + errors.clock.offset_ns + round(errors.clock.drift_ppm * 1e-6 * offset_ns)
    exact = errors.localisation.sky is Sky.EXACT
    shift = np.zeros(3) if exact else derive_rng(5, "place", name, index).uniform(-0.4, 0.4, 3) * [1, 1, 0]
    return Belief(
        stamp_ns=stamp_ns,
        channel_stamps_ns=dict.fromkeys(agent.delivered, stamp_ns),
        map_agent=Pose(
            position_m=agent.map_agent.position_m + shift, orientation_wxyz=agent.map_agent.orientation_wxyz
        ),
        position_sigma_m=0.0 if exact else 0.25,
    )


def _exchange(
    plan: ScenePlan,
    agents: dict[str, AgentFrame],
    seen: dict[int, ObjectLabel],
    index: int,
    time_ns: int,
    number: int,
) -> Exchange:
    detections = {
        name: _detections(name, agent, seen, index) for name, agent in agents.items() if agent.sweeps
    }
    messages = _messages(plan, agents, detections, index, time_ns, number) if index % 2 == 0 else ()
    cloud = None
    if plan.v2x is not None and plan.v2x.cloud and index % 2 == 0:
        cloud = _picture(detections, time_ns)
    return Exchange(detections=detections, messages=messages, cloud=cloud)


def _detections(
    name: str, agent: AgentFrame, seen: dict[int, ObjectLabel], index: int
) -> tuple[Detection, ...]:
    assert agent.belief is not None
    key = label_key(name, "LIDAR_TOP")
    believed = agent.belief.map_agent @ agent.map_agent.inverse()
    found = [
        Detection(
            detection_id=i,
            track_id=i,
            object_class=label.object_class,
            box=Box(pose=believed @ label.box.pose, size_m=label.box.size_m),
            velocity_mps=label.velocity_mps,
            score=0.9,
            stamp_ns=agent.belief.stamp_ns,
        )
        for i, label in sorted(seen.items())
        if label.lidar_points.get(key, 0) >= 5
    ]
    if index % 5 == 0:
        pose = believed @ agent.map_agent @ Pose.from_xyz_rpy(18.0, 6.0, 0.9, yaw_rad=0.3)
        false_alarm = Detection(
            detection_id=900 + index,
            track_id=0,
            object_class=ObjectClass.CAR,
            box=Box(pose=pose, size_m=np.array([4.0, 1.8, 1.5])),
            velocity_mps=np.zeros(3),
            score=0.3,
            stamp_ns=agent.belief.stamp_ns,
        )
        found.append(false_alarm)
    return tuple(found)


def _messages(
    plan: ScenePlan,
    agents: dict[str, AgentFrame],
    detections: dict[str, tuple[Detection, ...]],
    index: int,
    time_ns: int,
    number: int,
) -> tuple[SentMessage, ...]:
    made_ns = time_ns - 20_000_000 if index else time_ns
    out: list[SentMessage] = []
    for sender in sorted(agents):
        moving = sender in (EGO, VEHICLE)
        kinds = [MessageKind.BSM, MessageKind.SSM] if moving else [MessageKind.RSM, MessageKind.SPAT]
        if not moving and index % 20 == 0:
            kinds = [*kinds, MessageKind.MAP]
        for kind in kinds:
            n = number + len(out)
            out.append(
                SentMessage(
                    sender=sender,
                    number=n,
                    kind=kind,
                    made_ns=made_ns,
                    sent_ns=made_ns + 1_000_000 + n % 7,
                    payload=derive_rng(9, "payload", n).bytes(20 + n % 30),
                    decoded={
                        "msgCnt": n % 128,
                        "id": sender.encode().hex(),
                        "participants": [d.detection_id for d in detections.get(sender, ())],
                    },
                    receptions=_receptions(plan, sender, n, made_ns + 1_000_000 + n % 7),
                )
            )
    return tuple(out)


def _receptions(plan: ScenePlan, sender: str, number: int, sent_ns: int) -> tuple[Reception, ...]:
    cloud = [CLOUD] if plan.v2x is not None and plan.v2x.cloud else []
    out = []
    for k, receiver in enumerate(sorted({*plan.rigs, *cloud} - {sender})):
        wired = receiver == CLOUD
        lost = (number + k) % 3 == 0 and not wired
        out.append(
            Reception(
                receiver=receiver,
                time_ns=None if lost else sent_ns + (40_000_000 if wired else 12_000_000 + 1_000 * k),
                cause="fading" if lost else "",
                path="network" if wired else "los",
            )
        )
    return tuple(out)


def _picture(detections: dict[str, tuple[Detection, ...]], time_ns: int) -> CloudPicture:
    first: dict[int, tuple[str, Detection]] = {}
    for name, found in sorted(detections.items()):
        for detection in found:
            first.setdefault(detection.track_id, (name, detection))
    return CloudPicture(
        time_ns=time_ns,
        objects=tuple(
            CloudObject(
                cloud_id=100 + i,
                track_id=i,
                object_class=detection.object_class,
                box=detection.box,
                velocity_mps=detection.velocity_mps,
                sources=(name,),
                age_ns=60_000_000,
            )
            for i, (name, detection) in sorted(first.items())
        ),
        signals={"101": "red", "102": "green"},
        lanes=(
            LaneState(road_id=1, lane_id=-1, flow_per_h=600.0, speed_mps=5.25, vehicles=4, queue_m=0.0),
            LaneState(road_id=1, lane_id=1, flow_per_h=120.0, speed_mps=None, vehicles=0, queue_m=0.0),
        ),
    )
