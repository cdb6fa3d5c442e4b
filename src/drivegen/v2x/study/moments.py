"""What the delay study needs of a frame: the truth around the ego, and what could be known there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from drivegen.capture.frame import EGO, Frame
from drivegen.capture.reader import CapturedFrame
from drivegen.core.cooperation import Detection, MessageKind
from drivegen.core.errors import V2xError
from drivegen.core.geometry import Box, Pose, Vec3
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Lidar, Rig
from drivegen.v2x.codec import decode
from drivegen.v2x.geodesy import MapProjection
from drivegen.v2x.heard import HeardObject, heard_objects

_ROAD_USERS = frozenset({MessageKind.BSM, MessageKind.RSM, MessageKind.SSM})
_CLEAR = 0.5
_HIDDEN = 0.1
_LEAST_RETURNS = 5.0
_FILLED = 0.7
"""Share of a box's outline that its object fills, roughly."""


class Sight(StrEnum):
    """How much of an object the ego's own sensors have: LiDAR returns over those that it would give alone.

    Where the ego has no LiDAR, the visible fraction in the best camera.
    """

    CLEAR = "clear"
    """At least half."""
    PARTLY = "partly hidden"
    HIDDEN = "hidden"
    """Less than a tenth."""
    FAR = "far"
    """Alone it would give fewer than 5 returns: hidden or not cannot be told."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Truth:
    """An object that is there."""

    track_id: int
    position_m: Vec3
    """Of its centre, world frame."""
    sight: Sight


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sensed:
    """What an agent's perception found in a frame."""

    agent: str
    time_ns: int
    believed: Pose
    """Where the agent holds itself to be."""
    detections: tuple[Detection, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Heard:
    """Road users of a message that the ego received."""

    sender: str
    kind: MessageKind
    made_ns: int
    received_ns: int
    objects: tuple[HeardObject, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Moment:
    """The ego at a frame."""

    time_ns: int
    stamp_ns: int
    """The ego's clock."""
    map_ego: Pose
    """True."""
    believed: Pose
    body: Box | None
    """The ego's own, where it is; world frame."""
    truths: tuple[Truth, ...]
    own: tuple[Detection, ...] | None
    """Of the ego; none in a frame in which it did not perceive."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Recording:
    """A scene as the study sees it."""

    name: str
    moments: tuple[Moment, ...]
    sensed: tuple[Sensed, ...]
    """Of roadside units, by time."""
    heard: tuple[Heard, ...]
    """By time of reception."""


def recording_of(
    name: str,
    frames: Iterable[Frame | CapturedFrame],
    units: Iterable[str],
    projection: MapProjection,
    rig: Rig | None = None,
) -> Recording:
    """A scene's frames, in the order of time.

    Args:
        name: of the scene.
        frames: of a capture, or as they are recorded.
        units: names of the roadside units.
        projection: of the map; with it the ego places what it hears.
        rig: of the ego; its LiDARs tell what is hidden. None: its cameras do.

    Raises V2xError where nobody perceived or talked.
    """
    posts = frozenset(units)
    lidars = tuple(s for s in rig.sensors if isinstance(s, Lidar)) if rig is not None else ()
    moments: list[Moment] = []
    sensed: list[Sensed] = []
    heard: list[Heard] = []
    for frame in frames:
        exchange = frame.exchange
        if exchange is None:
            continue
        for agent in sorted(posts & exchange.detections.keys()):
            unit = frame.agents[agent]
            sensed.append(
                Sensed(
                    agent=agent,
                    time_ns=frame.time_ns,
                    believed=unit.map_agent if unit.belief is None else unit.belief.map_agent,
                    detections=exchange.detections[agent],
                )
            )
        for message in exchange.messages:
            if message.kind not in _ROAD_USERS or message.sender == EGO:
                continue
            times = [r.time_ns for r in message.receptions if r.receiver == EGO and r.time_ns is not None]
            if times:
                heard.append(
                    Heard(
                        sender=message.sender,
                        kind=message.kind,
                        made_ns=message.made_ns,
                        received_ns=min(times),
                        objects=heard_objects(decode(message.payload), projection),
                    )
                )
        moments.append(_moment(frame, exchange.detections.get(EGO), lidars))
    if not moments:
        raise V2xError(f"{name}: nobody perceives or talks in this capture; record it with v2x.enabled=true")
    return Recording(
        name=name,
        moments=tuple(moments),
        sensed=tuple(sensed),
        heard=tuple(sorted(heard, key=lambda h: h.received_ns)),
    )


def _moment(
    frame: Frame | CapturedFrame, own: tuple[Detection, ...] | None, lidars: Sequence[Lidar]
) -> Moment:
    ego = frame.agents[EGO]
    belief = ego.belief
    return Moment(
        time_ns=frame.time_ns,
        stamp_ns=frame.time_ns if belief is None else belief.stamp_ns,
        map_ego=ego.map_agent,
        believed=ego.map_agent if belief is None else belief.map_agent,
        body=None if ego.body is None else ego.body.box,
        truths=tuple(
            Truth(
                track_id=o.track_id,
                position_m=np.asarray(o.box.pose.position_m),
                sight=_sight(o, ego.map_agent, lidars),
            )
            for o in frame.around(EGO)
        ),
        own=own,
    )


def expected_returns(lidar: Lidar, box: Box, from_m: Vec3) -> float:
    """Returns of a box that nothing hides: its outline, partly filled, over the beams' spacing."""
    towards = box.pose.position_m[:2] - from_m[:2]
    far = max(1.0, float(np.linalg.norm(towards)))
    local = box.pose.rotation[:2, :2].T @ (towards / far)
    across = abs(float(local[1])) * float(box.size_m[0]) + abs(float(local[0])) * float(box.size_m[1])
    step_h = np.radians(lidar.horizontal_fov_deg) / lidar.columns
    step_v = np.radians(lidar.upper_fov_deg - lidar.lower_fov_deg) / max(1, lidar.channels - 1)
    if far > lidar.range_m:
        return 0.0
    return float(_FILLED * (across / (far * step_h)) * (float(box.size_m[2]) / (far * step_v)))


def _sight(label: ObjectLabel, map_ego: Pose, lidars: Sequence[Lidar]) -> Sight:
    if lidars:
        alone = sum(expected_returns(v, label.box, (map_ego @ v.agent_sensor).position_m) for v in lidars)
        if alone < _LEAST_RETURNS:
            return Sight.FAR
        share = sum(label.lidar_points.get(v.name, 0) for v in lidars) / alone
    else:
        seen = (v.visible_fraction for c, v in label.cameras.items() if "/" not in c)
        share = max(seen, default=0.0)
    if share >= _CLEAR:
        return Sight.CLEAR
    return Sight.HIDDEN if share < _HIDDEN else Sight.PARTLY
