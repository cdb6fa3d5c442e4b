"""Messages made from the world, and the world as it is read from them."""

from __future__ import annotations

import itertools
import math
from typing import Any

import numpy as np
import pytest

from drivegen.capture.frame import AgentFrame
from drivegen.core.actors import ObjectClass
from drivegen.core.cooperation import Belief, Detection, MessageKind
from drivegen.core.errors import V2xError
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.rng import derive_rng
from drivegen.opendrive.model import RoadNetwork
from drivegen.v2x.builders.roads import RoadMessages
from drivegen.v2x.builders.states import OwnState, build_bsm, build_rsm, build_ssm
from drivegen.v2x.classes import BODY_CLASS, class_of
from drivegen.v2x.codec import decode, encode
from drivegen.v2x.geodesy import MapProjection
from drivegen.v2x.heard import HeardObject, heard_objects
from drivegen.v2x.map_message import Maneuver, MapMessage
from drivegen.v2x.rsi import Rsi, TrafficEvent
from drivegen.v2x.spat import Light, Spat
from drivegen.v2x.ssm import Equipment
from drivegen.v2x.stamps import identity_of, second_of, stamp_near
from drivegen_generators.roads.beijing_junction import BeijingJunction

JUNCTION = 900
PROJECTION = MapProjection()
ME = identity_of("vehicle_1")


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return BeijingJunction().generate(derive_rng(1, "map"), "junction")


@pytest.fixture(scope="module")
def roads(network: RoadNetwork) -> RoadMessages:
    return RoadMessages(network)


def a_box(x_m: float = 10.0, y_m: float = 20.0, yaw_rad: float = 0.3) -> Box:
    return Box(pose=Pose.from_xyz_rpy(x_m, y_m, 0.75, yaw_rad=yaw_rad), size_m=np.array([4.5, 1.9, 1.5]))


def a_detection(number: int = 1, **changes: Any) -> Detection:
    box = a_box(x_m=3.0 * number)
    values: dict[str, Any] = {
        "detection_id": number,
        "track_id": 100 + number,
        "object_class": ObjectClass.VAN,
        "box": box,
        "velocity_mps": 8.0 * box.pose.rotation[:, 0],
        "score": 0.9,
        "stamp_ns": 61_234_567_890,
    }
    return Detection(**{**values, **changes})


def same_box(heard: Box, said: Box) -> None:
    """Up to the wire's steps: 1e-7 degree (11 mm), 0.1 m of elevation, 0.05 m of height."""
    assert heard.pose.position_m[:2] == pytest.approx(said.pose.position_m[:2], abs=0.012)
    assert heard.pose.position_m[2] == pytest.approx(said.pose.position_m[2], abs=0.08)
    assert math.remainder(heard.pose.yaw_rad - said.pose.yaw_rad, 2 * math.pi) == pytest.approx(0, abs=2e-4)
    assert heard.size_m == pytest.approx(said.size_m, abs=0.026)


def over_the_air(messages: Any) -> list[HeardObject]:
    return [o for m in messages for o in heard_objects(decode(encode(m)), PROJECTION)]


def test_a_bsm_says_what_the_vehicle_believes() -> None:
    believed = Pose.from_xyz_rpy(10.5, 19.0, 0.0, yaw_rad=0.4)
    label = ObjectLabel(
        track_id=7,
        object_class=ObjectClass.CAR,
        blueprint="vehicle.drivegen.sedan",
        rider=False,
        box=a_box(),
        velocity_mps=10.0 * a_box().pose.rotation[:, 0],
        acceleration_mps2=a_box().pose.rotation @ np.array([1.0, 0.5, 0.0]),
        yaw_rate_radps=0.2,
    )
    agent = AgentFrame(
        map_agent=Pose.from_xyz_rpy(10.0, 20.0, 0.0, yaw_rad=0.3),
        velocity_mps=label.velocity_mps,
        acceleration_mps2=label.acceleration_mps2,
        angular_velocity_radps=np.array([0.0, 0.0, 0.2]),
        track_id=7,
        belief=Belief(stamp_ns=5_000_000_000, channel_stamps_ns={}, map_agent=believed, position_sigma_m=0.2),
    )
    message = build_bsm(OwnState.of(agent, label), PROJECTION, sender_id=ME, count=130)
    assert message.count == 2
    assert message.second_s == 5.0
    assert message.motion.forward_mps2 == pytest.approx(1.0)
    assert message.motion.left_mps2 == pytest.approx(0.5)
    assert message.precision is not None
    assert message.precision.plane_m == pytest.approx(0.2 * 2.4477, abs=1e-3), "95 %"
    (heard,) = over_the_air([message])
    same_box(heard.box, Box(pose=believed @ Pose.from_xyz_rpy(0.0, 0.0, 0.75), size_m=label.box.size_m))
    assert heard.velocity_mps == pytest.approx(10.0 * believed.rotation[:, 0], abs=0.02)
    assert (heard.kind, heard.object_class, heard.sender_id) == (MessageKind.BSM, ObjectClass.CAR, ME)
    assert heard.sigma_m is not None
    assert heard.sigma_m >= 0.2


def test_more_than_sixteen_participants_take_several_rsm() -> None:
    detections = [a_detection(n) for n in range(1, 38)]
    messages = build_rsm(detections, PROJECTION, sender_id=ME, reference=Pose.identity(), count=126)
    assert [len(m.participants) for m in messages] == [16, 16, 5]
    assert [m.count for m in messages] == [126, 127, 0]
    heard = over_the_air(messages)
    assert [o.number for o in heard] == [d.detection_id for d in detections], "each once, in order"
    for one, detection in zip(heard, detections, strict=True):
        same_box(one.box, detection.box)
        assert one.velocity_mps == pytest.approx(detection.velocity_mps, abs=0.02)
        assert one.object_class is ObjectClass.VAN
        assert one.second_s == 1.234, "within the minute"
    assert build_rsm([], PROJECTION, sender_id=ME, reference=Pose.identity(), count=0) == ()


def test_an_ssm_says_the_same() -> None:
    belief = Belief(
        stamp_ns=61_300_000_000, channel_stamps_ns={}, map_agent=Pose.identity(), position_sigma_m=0.1
    )
    detections = [a_detection(n) for n in range(1, 8)]
    messages = build_ssm(
        detections,
        PROJECTION,
        sender_id=ME,
        equipment=Equipment.OBU,
        sensor=belief,
        count=0,
        most=3,
        sigma_m=0.4,
    )
    assert [len(m.detected) for m in messages] == [3, 3, 1]
    heard = over_the_air(messages)
    for one, detection in zip(heard, detections, strict=True):
        same_box(one.box, detection.box)
        assert one.sigma_m == pytest.approx(1.0 / 2.4477, abs=1e-3), "the class of 1 m"
    (empty,) = build_ssm([], PROJECTION, sender_id=ME, equipment=Equipment.RSU, sensor=belief, count=5)
    assert heard_objects(decode(encode(empty)), PROJECTION) == ()


def test_people_face_where_they_go_and_vehicles_may_go_backwards() -> None:
    walker = a_detection(object_class=ObjectClass.CHILD, velocity_mps=np.array([0.0, 1.2, 0.0]))
    car = a_detection(2, velocity_mps=-2.0 * a_box().pose.rotation[:, 0])
    heard = over_the_air(
        build_rsm([walker, car], PROJECTION, sender_id=ME, reference=Pose.identity(), count=0)
    )
    assert heard[0].velocity_mps == pytest.approx([0.0, 1.2, 0.0], abs=0.02)
    assert heard[0].object_class is ObjectClass.PEDESTRIAN, "the table has no children"
    assert heard[1].velocity_mps == pytest.approx(car.velocity_mps, abs=0.02)
    assert heard[1].box.pose.yaw_rad == pytest.approx(0.3, abs=1e-3)


def test_classes_have_numbers_and_numbers_classes() -> None:
    for name in ObjectClass:
        again = class_of(BODY_CLASS[name])
        assert again is name or (name, again) == (ObjectClass.CHILD, ObjectClass.PEDESTRIAN)
    assert class_of(33) is ObjectClass.TRUCK
    assert class_of(0) is None


@pytest.mark.parametrize("stamp_ns", [0, 59_999_000_000, 60_000_000_000, -250_000_000, 3_723_004_000_000])
def test_stamps_are_found_again(stamp_ns: int) -> None:
    for apart_ns in (-20_000_000_000, -1, 0, 400_000_000, 29_000_000_000):
        assert stamp_near(second_of(stamp_ns), stamp_ns + apart_ns) == stamp_ns


def test_a_map_has_the_junctions_lanes(roads: RoadMessages, network: RoadNetwork) -> None:
    message = decode(encode(roads.map_message([JUNCTION], count=1)))
    assert isinstance(message, MapMessage)
    (node,) = message.nodes
    assert len(node.links) == 4
    centre = roads.projection.place(node.position)
    phases = {p.number for p in roads.nodes.phases(JUNCTION)}
    for link in node.links:
        assert [v.number for v in link.lanes] == [1, 2, 3, 4]
        assert Maneuver.LEFT in (link.lanes[0].maneuvers or ()), "the leftmost lane turns left"
        assert Maneuver.RIGHT in (link.lanes[-1].maneuvers or ())
        assert link.width_m == pytest.approx(sum(v.width_m or 0.0 for v in link.lanes), abs=0.02)
        stops = [roads.projection.place(v.line[-1]) for v in link.lanes]
        starts = [roads.projection.place(v.line[-2]) for v in link.lanes]
        along = stops[0] - starts[0]
        left = np.array([-along[1], along[0], 0.0]) / np.linalg.norm(along)
        beside = [float((s - stops[0]) @ left) for s in stops]
        assert beside == sorted(beside, reverse=True), "from the left as the traffic sees them"
        for stop, start, lane in zip(stops, starts, link.lanes, strict=True):
            assert np.linalg.norm(stop - centre) < np.linalg.norm(start - centre), "downstream"
            assert 2 <= len(lane.line) <= 31
            assert lane.connections
            assert {c.phase for c in lane.connections} <= phases


def test_lane_lines_stay_in_their_lanes(roads: RoadMessages) -> None:
    import shapely

    for link in roads.nodes.links(JUNCTION):
        for lane in link.lanes:
            whole = shapely.LineString(roads.nodes._line(roads.nodes.graph.number[lane.ref]))
            assert whole.hausdorff_distance(shapely.LineString(lane.line_m)) < 0.5


def test_a_spat_shows_what_the_lights_show(roads: RoadMessages) -> None:
    phases = roads.nodes.phases(JUNCTION)
    states = {s: "red" for p in phases for s in p.signal_ids}
    states |= dict.fromkeys(phases[1].signal_ids, "green")
    states[phases[2].signal_ids[0]] = "yellow"
    left = dict.fromkeys(phases[1].signal_ids, 12.34)
    message = decode(encode(roads.spat(JUNCTION, states, stamp_ns=3_500_000_000, count=9, left_s=left)))
    assert isinstance(message, Spat)
    (junction,) = message.intersections
    assert junction.node == roads.map_message([JUNCTION], count=0).nodes[0].ref, "the MAP's node"
    shown = {p.number: p.states[0] for p in junction.phases}
    assert shown[1].light is Light.RED
    assert shown[2].light is Light.PERMISSIVE_GREEN
    assert shown[2].countdown is not None
    assert shown[2].countdown.likely_end_s == 12.3
    assert shown[3].light is Light.UNAVAILABLE, "its signals do not agree"
    assert junction.second_s == 3.5


def test_signs_go_nearest_first_and_events_eight_a_message(roads: RoadMessages) -> None:
    events = [TrafficEvent(number=i, type=707) for i in range(20)]
    messages = roads.rsi(np.zeros(3), radius_m=150.0, sender_id=ME, count=0, events=events)
    assert [len(m.events) for m in messages] == [8, 8, 4]
    far = []
    for message in messages:
        back = decode(encode(message))
        assert isinstance(back, Rsi)
        for sign in back.signs:
            assert sign.type == 85
            assert sign.scope.description in ("60 km/h", "30 km/h")
            assert sign.position is not None
            far.append(float(np.linalg.norm(roads.projection.place(sign.position)[:2])))
    assert all(a <= b + 0.03 for a, b in itertools.pairwise(far)), "up to the wire's steps"
    assert far
    assert far[-1] <= 150.1
    assert roads.rsi(np.array([9e3, 9e3, 0.0]), radius_m=10.0, sender_id=ME, count=0) == ()


def test_a_junction_that_is_not_there_is_refused(roads: RoadMessages) -> None:
    with pytest.raises(V2xError, match=r"the map has no junction 5; it has \[900\]"):
        roads.map_message([5], count=0)


def test_a_junction_without_signals_has_no_spat(network: RoadNetwork) -> None:
    from dataclasses import replace

    dark = replace(network, roads=tuple(replace(r, signals=(), signal_references=()) for r in network.roads))
    with pytest.raises(V2xError, match="junction 900 has no signals: it has no SPAT"):
        RoadMessages(dark).spat(JUNCTION, {}, stamp_ns=0, count=0)
