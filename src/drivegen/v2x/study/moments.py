"""What the delay study needs of a frame: the truth around the ego, and what could be known there."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from drivegen.capture.frame import EGO, Frame
from drivegen.capture.reader import CapturedFrame
from drivegen.core.cooperation import Detection, MessageKind
from drivegen.core.errors import V2xError
from drivegen.core.geometry import Box, Pose, Vec3
from drivegen.core.labels import ObjectLabel
from drivegen.v2x.codec import decode
from drivegen.v2x.geodesy import MapProjection
from drivegen.v2x.heard import HeardObject, heard_objects

_ROAD_USERS = frozenset({MessageKind.BSM, MessageKind.RSM, MessageKind.SSM})
_CLEAR = 0.6
_HIDDEN = 0.1
_FEW_POINTS = 5


class Sight(StrEnum):
    """How well the ego's own sensors have an object."""

    CLEAR = "clear"
    """At least 60 % of it is visible in some camera."""
    PARTLY = "partly hidden"
    HIDDEN = "hidden"
    """Less than 10 % in every camera, and fewer than 5 LiDAR returns."""


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
    name: str, frames: Iterable[Frame | CapturedFrame], units: Iterable[str], projection: MapProjection
) -> Recording:
    """A scene's frames, in the order of time.

    Args:
        name: of the scene.
        frames: of a capture, or as they are recorded.
        units: names of the roadside units.
        projection: of the map; with it the ego places what it hears.

    Raises V2xError where nobody perceived or talked.
    """
    posts = frozenset(units)
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
        moments.append(_moment(frame, exchange.detections.get(EGO)))
    if not moments:
        raise V2xError(f"{name}: nobody perceives or talks in this capture; record it with v2x.enabled=true")
    return Recording(
        name=name,
        moments=tuple(moments),
        sensed=tuple(sensed),
        heard=tuple(sorted(heard, key=lambda h: h.received_ns)),
    )


def _moment(frame: Frame | CapturedFrame, own: tuple[Detection, ...] | None) -> Moment:
    ego = frame.agents[EGO]
    belief = ego.belief
    return Moment(
        time_ns=frame.time_ns,
        stamp_ns=frame.time_ns if belief is None else belief.stamp_ns,
        map_ego=ego.map_agent,
        believed=ego.map_agent if belief is None else belief.map_agent,
        body=None if ego.body is None else ego.body.box,
        truths=tuple(
            Truth(track_id=o.track_id, position_m=np.asarray(o.box.pose.position_m), sight=_sight(o))
            for o in frame.around(EGO)
        ),
        own=own,
    )


def _sight(label: ObjectLabel) -> Sight:
    """By the ego's own sensors: those of other agents have a slash in their keys."""
    seen = max((v.visible_fraction for c, v in label.cameras.items() if "/" not in c), default=0.0)
    points = sum(n for c, n in label.lidar_points.items() if "/" not in c)
    if seen >= _CLEAR:
        return Sight.CLEAR
    return Sight.HIDDEN if seen < _HIDDEN and points < _FEW_POINTS else Sight.PARTLY
