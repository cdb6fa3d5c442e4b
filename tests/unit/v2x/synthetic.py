"""A small exchange without a simulator: an ego that sees little, a connected vehicle, a roadside unit."""

from __future__ import annotations

import numpy as np

from drivegen.capture.frame import EGO, AgentFrame, Frame
from drivegen.core.actors import ObjectClass
from drivegen.core.cooperation import Belief, Detection, Exchange, MessageKind, Reception, SentMessage
from drivegen.core.geometry import Box, Pose, Vec3
from drivegen.core.labels import CameraLabel, ObjectLabel
from drivegen.v2x.builders.states import OwnState, build_bsm, build_rsm
from drivegen.v2x.codec import Message, decoded_fields, encode, kind_of
from drivegen.v2x.geodesy import MapProjection
from drivegen.v2x.stamps import identity_of

PROJECTION = MapProjection()
UNIT, VEHICLE = "roadside_1", "vehicle_1"
STEP_NS = 100_000_000
LATENCY_NS = 30_000_000
OFFSETS_NS = {EGO: 4_000_000, UNIT: -3_000_000, VEHICLE: 7_000_000}
EGO_ID, VEHICLE_ID = 1, 2
EGO_RANGE_M = 40.0
EAST_M, NORTH_M = 150.0, 70.0
"""Of the crossing: away from the origin, so that nothing is its own mirror image."""
POST = Pose.from_xyz_rpy(EAST_M + 6.0, NORTH_M + 12.0, 0.0)


def _label(
    track: int, at_m: Vec3, velocity: Vec3, size: tuple[float, float, float], seen: float
) -> ObjectLabel:
    yaw = float(np.arctan2(velocity[1], velocity[0]))
    return ObjectLabel(
        track_id=track,
        object_class=ObjectClass.CAR if size[0] > 2.0 else ObjectClass.PEDESTRIAN,
        blueprint="",
        rider=False,
        box=Box(
            pose=Pose.from_xyz_rpy(EAST_M + at_m[0], NORTH_M + at_m[1], at_m[2], yaw_rad=yaw),
            size_m=np.array(size),
        ),
        velocity_mps=velocity,
        acceleration_mps2=np.zeros(3),
        yaw_rate_radps=0.0,
        cameras={
            "FRONT": CameraLabel(
                visible_fraction=seen,
                visible_pixels=int(1000 * seen),
                truncation=0.0,
                visible_box_px=None,
                full_box_px=(0.0, 0.0, 10.0, 10.0),
            )
        },
        lidar_points={"TOP": int(50 * seen)},
    )


def _world(time_s: float) -> list[ObjectLabel]:
    """Cars that cross from the south and the north, people at the corners; odd ids hide from the ego."""
    car, person = (4.5, 1.9, 1.5), (0.5, 0.6, 1.7)
    out = [
        _label(VEHICLE_ID, np.array([60.0 - 9.0 * time_s, 2.0, 0.75]), np.array([-9.0, 0.0, 0.0]), car, 0.9)
    ]
    for i in range(8):
        north = 1.0 if i % 2 else -1.0
        at = np.array([4.0 * north, -north * (30.0 - 11.0 * time_s + 9.0 * (i // 2)), 0.75])
        out.append(_label(10 + i, at, np.array([0.0, north * 11.0, 0.0]), car, 0.02 if i % 2 else 0.8))
    for i in range(6):
        at = np.array([8.0 + 2.0 * i, 9.0 - 1.3 * time_s, 0.85])
        out.append(_label(30 + i, at, np.array([0.0, -1.3, 0.0]), person, 0.02 if i % 2 else 0.8))
    return out


def _detections(
    rng: np.random.Generator, labels: list[ObjectLabel], moved: Pose, stamp_ns: int
) -> tuple[Detection, ...]:
    """Labels with noise, through a wrong belief."""
    out = []
    for label in labels:
        off = Pose(
            position_m=label.box.pose.position_m + np.array([*rng.normal(0.0, 0.2, 2), 0.0]),
            orientation_wxyz=label.box.pose.orientation_wxyz,
        )
        out.append(
            Detection(
                detection_id=label.track_id,
                track_id=label.track_id,
                object_class=label.object_class,
                box=Box(pose=moved @ off, size_m=label.box.size_m),
                velocity_mps=label.velocity_mps + np.array([*rng.normal(0.0, 0.3, 2), 0.0]),
                score=0.9,
                stamp_ns=stamp_ns,
            )
        )
    return tuple(out)


def _sent(sender: str, number: int, made_ns: int, message: Message) -> SentMessage:
    payload = encode(message)
    return SentMessage(
        sender=sender,
        number=number,
        kind=MessageKind(kind_of(message)),
        made_ns=made_ns,
        sent_ns=made_ns,
        payload=payload,
        decoded=decoded_fields(payload),
        receptions=(Reception(receiver=EGO, time_ns=made_ns + LATENCY_NS),),
    )


def _agent(
    map_agent: Pose, off_m: Vec3, stamp_ns: int, body: ObjectLabel | None, track: int | None
) -> AgentFrame:
    believed = Pose(position_m=map_agent.position_m + off_m, orientation_wxyz=map_agent.orientation_wxyz)
    return AgentFrame(
        map_agent=map_agent,
        velocity_mps=np.zeros(3),
        acceleration_mps2=np.zeros(3),
        angular_velocity_radps=np.zeros(3),
        track_id=track,
        body=body,
        belief=Belief(stamp_ns=stamp_ns, channel_stamps_ns={}, map_agent=believed, position_sigma_m=0.2),
    )


def frames(count: int = 45) -> list[Frame]:
    """At 10 Hz."""
    rng = np.random.default_rng(7)
    out: list[Frame] = []
    for index in range(count):
        time_ns = 58_000_000_000 + index * STEP_NS
        time_s = index * STEP_NS * 1e-9
        stamps = {name: time_ns + offset for name, offset in OFFSETS_NS.items()}
        labels = _world(time_s)
        ego_body = _label(
            EGO_ID,
            np.array([-40.0 + 6.0 * time_s, -2.0, 0.75]),
            np.array([6.0, 0.0, 0.0]),
            (4.6, 1.9, 1.5),
            0.0,
        )
        ego = _agent(
            Pose.from_xyz_rpy(EAST_M - 40.0 + 6.0 * time_s, NORTH_M - 2.0, 0.0),
            np.array([0.15, -0.1, 0.0]),
            stamps[EGO],
            ego_body,
            EGO_ID,
        )
        vehicle = _agent(
            Pose.from_xyz_rpy(EAST_M + 60.0 - 9.0 * time_s, NORTH_M + 2.0, 0.0, yaw_rad=np.pi),
            np.zeros(3),
            stamps[VEHICLE],
            None,
            VEHICLE_ID,
        )
        agents = {EGO: ego, UNIT: _agent(POST, np.zeros(3), stamps[UNIT], None, None), VEHICLE: vehicle}
        near = [
            v
            for v in labels
            if np.linalg.norm(v.box.pose.position_m - ego.map_agent.position_m) < EGO_RANGE_M
            and v.cameras["FRONT"].visible_fraction > 0.1
        ]
        assert ego.belief is not None
        seen = _detections(rng, near, ego.belief.map_agent @ ego.map_agent.inverse(), stamps[EGO])
        watched = _detections(rng, [*labels, ego_body], Pose.identity(), stamps[UNIT])
        said: list[Message] = [
            build_bsm(
                OwnState.of(vehicle, labels[0]), PROJECTION, sender_id=identity_of(VEHICLE), count=index
            ),
            *build_rsm(
                watched, PROJECTION, sender_id=identity_of(UNIT), reference=POST, count=2 * index, sigma_m=0.2
            ),
        ]
        senders = [VEHICLE] + [UNIT] * (len(said) - 1)
        out.append(
            Frame(
                index=index,
                time_ns=time_ns,
                keyframe=True,
                agents=agents,
                objects=tuple(labels),
                signals={},
                exchange=Exchange(
                    detections={EGO: seen, UNIT: watched},
                    messages=tuple(
                        _sent(sender, 10 * index + k, time_ns, message)
                        for k, (sender, message) in enumerate(zip(senders, said, strict=True))
                    ),
                ),
            )
        )
    return out
