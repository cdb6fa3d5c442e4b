"""Random valid messages of every kind, as hypothesis draws them."""

from __future__ import annotations

import math
from typing import Any

from hypothesis import strategies as st

from drivegen.v2x.bsm import Brakes, Bsm, Lamp, Response, VehicleEvent, Wheel
from drivegen.v2x.map_message import (
    LaneConnection,
    LaneKind,
    Limit,
    LimitKind,
    Link,
    Maneuver,
    MapLane,
    MapMessage,
    MapNode,
    Movement,
)
from drivegen.v2x.parts import (
    BodySize,
    ErrorEllipse,
    FourWay,
    Gear,
    GeoPosition,
    MotionPrecision,
    NodeRef,
    PlacePrecision,
)
from drivegen.v2x.rsi import AlertLink, AlertPath, EventSource, Rsi, Scope, TrafficEvent, TrafficSign
from drivegen.v2x.rsm import Participant, ParticipantKind, Rsm, Source
from drivegen.v2x.spat import Countdown, Intersection, Light, Phase, PhaseState, Spat, Status
from drivegen.v2x.ssm import Detected, DetectedType, Equipment, Ssm


def number(low: float, high: float) -> st.SearchStrategy[float]:
    return st.floats(low, high, allow_nan=False)


def maybe(one: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | one


def some(one: st.SearchStrategy[Any], least: int, most: int) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(one, min_size=least, max_size=most).map(tuple)


def flags(names: Any) -> st.SearchStrategy[Any]:
    return st.frozensets(st.sampled_from(list(names)))


COUNT = st.integers(0, 127)
IDENTITY = st.binary(min_size=8, max_size=8)
SECOND = maybe(number(0.0, 60.999))
HEADING = maybe(number(-10.0, 10.0))
SPEED = maybe(number(0.0, 163.8))
MINUTE = maybe(st.integers(0, 527039))
TEXT = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=63)
PLACE = st.builds(
    GeoPosition,
    latitude_deg=number(-90.0, 90.0),
    longitude_deg=number(-179.9999999, 180.0),
    elevation_m=maybe(number(-409.5, 6143.9)),
)
NEAR = st.builds(
    GeoPosition,
    latitude_deg=number(39.7, 39.9),
    longitude_deg=number(116.4, 116.6),
    elevation_m=maybe(number(20.0, 60.0)),
)
SIZE = st.builds(
    BodySize,
    length_m=maybe(number(0.01, 40.95)),
    width_m=maybe(number(0.01, 10.23)),
    height_m=maybe(number(0.05, 6.35)),
)
MOTION = st.builds(
    FourWay,
    forward_mps2=maybe(number(-40.0, 40.0)),
    left_mps2=maybe(number(-40.0, 40.0)),
    up_mps2=maybe(number(-40.0, 40.0)),
    yaw_rate_radps=number(-5.7, 5.7),
)
PRECISION = st.builds(
    PlacePrecision, plane_m=maybe(number(0.001, 600.0)), height_m=maybe(number(0.001, 500.0))
)
MOTION_PRECISION = st.builds(
    MotionPrecision,
    speed_mps=maybe(number(0.001, 100.0)),
    heading_rad=maybe(number(0.0001, 0.17)),
    wheel_rad=maybe(number(0.0001, 0.03)),
)
NODE = st.builds(NodeRef, id=st.integers(0, 65535), region=maybe(st.integers(0, 65535)))

BSM = st.builds(
    Bsm,
    count=COUNT,
    sender_id=IDENTITY,
    second_s=SECOND,
    position=PLACE,
    speed_mps=SPEED,
    heading_rad=HEADING,
    body_class=st.integers(0, 255),
    size=SIZE,
    motion=MOTION,
    gear=st.sampled_from(Gear),
    brakes=st.builds(Brakes, pedal=maybe(st.booleans()), wheels=maybe(flags(Wheel))),
    wheel_rad=maybe(number(-8.0, 8.0)),
    time_precision_s=maybe(number(1e-11, 100.0)),
    ellipse=maybe(
        st.builds(
            ErrorEllipse,
            major_m=maybe(number(0.0, 20.0)),
            minor_m=maybe(number(0.0, 20.0)),
            heading_rad=HEADING,
        )
    ),
    precision=maybe(PRECISION),
    motion_precision=maybe(MOTION_PRECISION),
    lamps=maybe(flags(Lamp)),
    events=maybe(flags(VehicleEvent)),
    response=maybe(st.sampled_from(Response)),
)
PARTICIPANT = st.builds(
    Participant,
    kind=st.sampled_from(ParticipantKind),
    number=st.integers(0, 65535),
    source=st.sampled_from(Source),
    second_s=SECOND,
    position=NEAR | PLACE,
    speed_mps=SPEED,
    heading_rad=HEADING,
    size=SIZE,
    precision=PRECISION,
    vehicle_id=maybe(IDENTITY),
    gear=maybe(st.sampled_from(Gear)),
    wheel_rad=maybe(number(-8.0, 8.0)),
    motion=maybe(MOTION),
    motion_precision=maybe(MOTION_PRECISION),
    body_class=maybe(st.integers(0, 255)),
)
RSM = st.builds(Rsm, count=COUNT, sender_id=IDENTITY, reference=NEAR, participants=some(PARTICIPANT, 1, 4))
SSM = st.builds(
    Ssm,
    count=COUNT,
    sender_id=IDENTITY,
    equipment=st.sampled_from(Equipment),
    second_s=SECOND,
    sensor=NEAR,
    detected=some(
        st.builds(
            Detected,
            participant=PARTICIPANT,
            type=maybe(st.sampled_from(DetectedType)),
            confidence=maybe(number(0.0, 1.0)),
            tracked_s=maybe(number(0.01, 700.0)),
        ),
        0,
        3,
    ),
    regions=some(some(NEAR, 4, 6), 0, 2),
)
TIME = maybe(number(0.0, 4000.0))
PHASE = st.builds(
    Phase,
    number=st.integers(0, 255),
    states=some(
        st.builds(
            PhaseState,
            light=st.sampled_from(Light),
            countdown=maybe(
                st.builds(
                    Countdown,
                    likely_end_s=TIME,
                    start_s=TIME,
                    least_end_s=TIME,
                    most_end_s=TIME,
                    confidence=maybe(number(0.0, 1.0)),
                    next_start_s=TIME,
                    next_length_s=TIME,
                )
            ),
        ),
        1,
        3,
    ),
)
SPAT = st.builds(
    Spat,
    count=COUNT,
    intersections=some(
        st.builds(
            Intersection,
            node=NODE,
            phases=some(PHASE, 1, 4),
            status=flags(Status),
            minute_of_year=MINUTE,
            second_s=SECOND,
            time_precision_s=maybe(number(1e-11, 100.0)),
        ),
        1,
        2,
    ),
    minute_of_year=MINUTE,
    second_s=SECOND,
    name=maybe(TEXT),
)
LIMITS = some(st.builds(Limit, kind=st.sampled_from(LimitKind), speed_mps=SPEED), 0, 3)
LINE = st.just(()) | some(NEAR, 2, 5)
LANE = st.builds(
    MapLane,
    number=st.integers(0, 255),
    kind=maybe(st.sampled_from(LaneKind)),
    width_m=maybe(number(0.0, 327.67)),
    maneuvers=maybe(flags(Maneuver)),
    connections=some(
        st.builds(LaneConnection, node=NODE, phase=maybe(st.integers(0, 255)))
        | st.builds(
            LaneConnection,
            node=NODE,
            lane=st.integers(0, 255),
            maneuvers=maybe(flags(Maneuver)),
            phase=maybe(st.integers(0, 255)),
        ),
        0,
        2,
    ),
    limits=LIMITS,
    line=LINE,
)
MAP = st.builds(
    MapMessage,
    count=COUNT,
    minute_of_year=MINUTE,
    nodes=some(
        st.builds(
            MapNode,
            ref=NODE,
            position=NEAR,
            name=maybe(TEXT),
            links=some(
                st.builds(
                    Link,
                    upstream=NODE,
                    lanes=some(LANE, 1, 2),
                    name=maybe(TEXT),
                    width_m=maybe(number(0.0, 327.67)),
                    limits=LIMITS,
                    movements=some(st.builds(Movement, node=NODE, phase=maybe(st.integers(0, 255))), 0, 2),
                    line=LINE,
                ),
                0,
                2,
            ),
        ),
        1,
        2,
    ),
)
SCOPE = st.builds(
    Scope,
    description=maybe(TEXT | st.sampled_from(["前方施工", "限速 40"])),
    start_minute=MINUTE,
    end_minute=MINUTE,
    priority=maybe(st.integers(0, 7)),
    paths=some(st.builds(AlertPath, points=some(NEAR, 1, 3), radius_m=number(0.0, 6553.5)), 0, 2),
    links=some(
        st.builds(
            AlertLink,
            upstream=NODE,
            downstream=NODE,
            lanes=maybe(st.frozensets(st.integers(1, 15))),
        ),
        0,
        2,
    ),
)
RSI = st.builds(
    Rsi,
    count=COUNT,
    sender_id=IDENTITY,
    reference=NEAR,
    minute_of_year=MINUTE,
    events=some(
        st.builds(
            TrafficEvent,
            number=st.integers(0, 255),
            type=st.integers(0, 65535),
            source=st.sampled_from(EventSource),
            position=maybe(NEAR),
            radius_m=maybe(number(0.0, 6553.5)),
            confidence=maybe(number(0.0, 1.0)),
            scope=SCOPE,
        ),
        0,
        2,
    ),
    signs=some(
        st.builds(
            TrafficSign,
            number=st.integers(0, 255),
            type=st.integers(0, 65535),
            position=maybe(NEAR),
            scope=SCOPE,
        ),
        0,
        2,
    ),
)
MESSAGE = st.one_of(BSM, MAP, SPAT, RSI, RSM, SSM)
TURN_RAD = 2.0 * math.pi
