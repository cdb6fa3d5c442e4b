"""Messages as bytes: round trips, what is refused, and what the bytes must be."""

from __future__ import annotations

import dataclasses
import json
import math
import os
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from drivegen.core.cooperation import MessageKind
from drivegen.core.errors import V2xError
from drivegen.v2x import codec, precisions, units
from drivegen.v2x.bsm import Bsm
from drivegen.v2x.codec import (
    decode,
    decoded_fields,
    encode,
    encode_wire,
    encode_with_fields,
    kind_of,
)
from drivegen.v2x.parts import BodySize, FourWay, Gear, GeoPosition, offset_read, offset_wire
from drivegen.v2x.rsm import Participant, ParticipantKind, Rsm, Source
from drivegen.v2x.spat import Light, Phase, PhaseState

from .random_messages import BSM, MESSAGE, NEAR, PLACE

pytestmark = pytest.mark.timeout(36000)
"""The whole of it takes its time."""
DRAWS = int(os.environ.get("DRIVEGEN_DRAWS", "120"))
"""`DRIVEGEN_DRAWS=100000` is the whole of it."""
MANY = settings(
    max_examples=DRAWS,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
ZONE = GeoPosition(latitude_deg=39.795, longitude_deg=116.506, elevation_m=30.0)


def a_bsm(**changes: Any) -> Bsm:
    values: dict[str, Any] = {
        "count": 5,
        "sender_id": b"\x01\x02\x03\x04\x05\x06\x07\x08",
        "second_s": 12.345,
        "position": ZONE,
        "speed_mps": 10.0,
        "heading_rad": math.pi / 2.0,
        "body_class": 10,
        "size": BodySize(length_m=4.5, width_m=1.9, height_m=1.5),
        "gear": Gear.FORWARD,
    }
    return Bsm(**{**values, **changes})


def a_participant(**changes: Any) -> Participant:
    values: dict[str, Any] = {
        "kind": ParticipantKind.MOTOR,
        "number": 7,
        "source": Source.LIDAR,
        "second_s": 1.0,
        "position": ZONE,
        "speed_mps": 5.0,
        "heading_rad": 0.0,
        "size": BodySize(length_m=4.0, width_m=1.8),
    }
    return Participant(**{**values, **changes})


def an_rsm(*participants: Participant) -> Rsm:
    return Rsm(count=0, sender_id=bytes(8), reference=ZONE, participants=participants)


@MANY
@given(MESSAGE)
def test_messages_survive(message: codec.Message) -> None:
    payload = encode(message)
    assert encode_with_fields(message) == (payload, decoded_fields(payload))
    back = decode(payload)
    assert kind_of(back) is kind_of(message)
    assert encode(back) == payload, "what was read says the same again"
    assert decode(encode(back)) == back


@MANY
@given(BSM)
def test_a_bsm_comes_back_within_half_a_step(message: Bsm) -> None:
    back = decode(encode(message))
    assert isinstance(back, Bsm)
    assert back.position.latitude_deg == pytest.approx(message.position.latitude_deg, abs=0.51e-7)
    assert back.position.longitude_deg == pytest.approx(message.position.longitude_deg, abs=0.51e-7)
    for said, heard, step in (
        (message.second_s, back.second_s, 0.001),
        (message.speed_mps, back.speed_mps, 0.02),
        (message.position.elevation_m, back.position.elevation_m, 0.1),
        (message.size.length_m, back.size.length_m, 0.01),
        (message.size.width_m, back.size.width_m, 0.01),
        (message.size.height_m, back.size.height_m, 0.05),
        (message.motion.yaw_rate_radps, back.motion.yaw_rate_radps, math.radians(0.01)),
    ):
        assert (said is None) == (heard is None)
        if said is not None and heard is not None:
            assert abs(said - heard) <= 0.5 * step + 1e-9
    if message.heading_rad is not None and back.heading_rad is not None:
        apart = math.remainder(message.heading_rad - back.heading_rad, 2.0 * math.pi)
        assert abs(apart) <= 0.5 * math.radians(0.0125) + 1e-9
    for name in ("lamps", "events", "response", "gear", "body_class", "sender_id", "count"):
        assert getattr(back, name) == getattr(message, name)
    assert back.brakes == message.brakes


@settings(MANY, max_examples=min(DRAWS, 10000))
@given(PLACE | NEAR, PLACE | NEAR)
def test_offsets_are_exact(place: GeoPosition, reference: GeoPosition) -> None:
    assert offset_read(offset_wire(place, reference), reference).steps() == place.steps()


@pytest.mark.parametrize(
    ("east_deg", "form"), [(1e-5, 1), (5e-4, 2), (3e-3, 3), (1e-2, 4), (0.1, 5), (0.5, 6), (2.0, None)]
)
def test_offsets_take_the_smallest_form(east_deg: float, form: int | None) -> None:
    place = dataclasses.replace(ZONE, longitude_deg=ZONE.longitude_deg + east_deg)
    assert offset_wire(place, ZONE)["offsetLL"][0] == (f"position-LL{form}" if form else "position-LatLon")


def test_the_wire_has_the_standards_units_and_directions() -> None:
    motion = FourWay(
        forward_mps2=1.5, left_mps2=0.5, up_mps2=-0.02 * 9.80665, yaw_rate_radps=math.radians(2.0)
    )
    wire = decoded_fields(encode(a_bsm(motion=motion, wheel_rad=math.radians(-3.0))))["bsmFrame"]
    assert wire["pos"] == {"lat": 397950000, "long": 1165060000, "elevation": 300}
    assert (wire["speed"], wire["heading"], wire["secMark"]) == (500, 7200, 12345)
    assert wire["size"] == {"length": 450, "width": 190, "height": 30}
    assert wire["accelSet"] == {"long": 150, "lat": -50, "vert": 1, "yaw": -200}
    assert wire["angle"] == 2, "to the right"
    assert wire["id"] == "0102030405060708"


def test_what_is_not_known_has_its_special_value() -> None:
    message = a_bsm(
        second_s=None, speed_mps=None, heading_rad=None, size=BodySize(length_m=None, width_m=None)
    )
    wire = decoded_fields(encode(message))["bsmFrame"]
    assert (wire["secMark"], wire["speed"], wire["heading"]) == (65535, 8191, 28800)
    assert wire["accelSet"] == {"long": 2001, "lat": 2001, "vert": -127, "yaw": 0}
    assert wire["size"] == {"length": 0, "width": 0}
    assert decode(encode(message)) == message


def test_accelerations_saturate() -> None:
    wire = decoded_fields(encode(a_bsm(motion=FourWay(forward_mps2=25.0, left_mps2=25.0, up_mps2=99.0))))
    assert wire["bsmFrame"]["accelSet"] == {"long": 2000, "lat": -2000, "vert": -126, "yaw": 0}


def test_known_bytes() -> None:
    """Agreed with another implementation's modules when it was written (docs/v2x-messages.md)."""
    assert encode(a_bsm()).hex() == KNOWN_BSM


KNOWN_BSM = "0000a020406080a0c0e1060739aba4a616176733e225883e87083e87e8401fffc04be1c23c0500"


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"speed_mps": 163.9}, "BSM: speed_mps: 163.9 is not within 0 .. 163.8"),
        ({"speed_mps": -1.0}, "speed_mps: -1 is not within"),
        ({"speed_mps": math.nan}, "speed_mps: nan is not within"),
        ({"heading_rad": math.inf}, "heading_rad: inf"),
        ({"count": 128}, "count: 128 is not within 0 .. 127"),
        ({"sender_id": b"short"}, "sender_id: 5 bytes, not 8"),
        ({"second_s": 61.5}, "second_s: 61.5 is not within 0 .. 60.999"),
        (
            {"position": dataclasses.replace(ZONE, latitude_deg=90.1)},
            "latitude_deg: 90.1 is not within -90 .. 90",
        ),
        (
            {"position": dataclasses.replace(ZONE, elevation_m=7000.0)},
            "elevation_m: 7000 is not within -409.5",
        ),
        ({"size": BodySize(length_m=41.0, width_m=2.0)}, "length_m: 41 is not within 0.01 .. 40.95"),
        (
            {"size": BodySize(length_m=4.0, width_m=2.0, height_m=0.0)},
            "height_m: 0 is not within 0.05 .. 6.35",
        ),
        ({"motion": FourWay(yaw_rate_radps=6.0)}, "yaw_rate_radps: 6 is not within -5.71"),
        ({"body_class": 256}, "body_class: 256 is not within 0 .. 255"),
    ],
)
def test_values_out_of_range_are_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(V2xError) as caught:
        encode(a_bsm(**changes))
    assert said in str(caught.value)


def test_a_refusal_names_the_participant() -> None:
    with pytest.raises(V2xError, match=r"RSM: participants\[1\]\.speed_mps: 200 is not within 0 \.\. 163\.8"):
        encode(an_rsm(a_participant(), a_participant(speed_mps=200.0)))


def test_a_seventeenth_participant_is_refused() -> None:
    assert len(decode(encode(an_rsm(*[a_participant()] * 16))).participants) == 16
    with pytest.raises(V2xError, match=r"participants: 17 entries, not 1 \.\. 16"):
        encode(an_rsm(*[a_participant()] * 17))


@pytest.mark.parametrize("payload", [b"", b"\x00", b"\xff" * 40])
def test_bytes_that_are_no_message_are_refused(payload: bytes) -> None:
    with pytest.raises(V2xError, match="bytes are no message"):
        decode(payload)


def test_cut_bytes_are_refused() -> None:
    payload = encode(a_bsm())
    for length in range(len(payload)):
        with pytest.raises(V2xError):
            decode(payload[:length])


def test_unknown_kinds_are_refused() -> None:
    frame = ("msgFrameExt", {"messageId": 16, "value": b"\x00"})
    payload = bytes(codec.specification().encode("MessageFrame", frame))
    with pytest.raises(V2xError, match="a message of kind 16 is not known; known are BSM, MAP"):
        decode(payload)


@settings(MANY, max_examples=min(DRAWS, 20000))
@given(st.binary(max_size=80))
def test_any_bytes_give_a_message_or_one_clear_error(payload: bytes) -> None:
    try:
        json.dumps(decoded_fields(payload))
        decode(payload)
    except V2xError as error:
        assert str(error)


@settings(MANY, max_examples=min(DRAWS, 10000))
@given(MESSAGE, st.data())
def test_damaged_bytes_give_a_message_or_one_clear_error(message: codec.Message, data: st.DataObject) -> None:
    payload = bytearray(encode(message))
    for _ in range(data.draw(st.integers(1, 3))):
        payload[data.draw(st.integers(0, len(payload) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        decode(bytes(payload))
    except V2xError as error:
        assert str(error)


def test_fields_that_are_not_held_are_shown() -> None:
    wire = a_bsm().wire()
    wire["vehicleClass"]["fuelType"] = 4
    wire["safetyExt"] = {"pathPrediction": {"radiusOfCurve": 32767, "confidence": 100}}
    payload = encode_wire(MessageKind.BSM, wire)
    assert decoded_fields(payload)["bsmFrame"]["vehicleClass"] == {"classification": 10, "fuelType": 4}
    assert decoded_fields(payload)["bsmFrame"]["safetyExt"]["pathPrediction"]["confidence"] == 100
    assert decode(payload) == decode(encode(a_bsm()))


def test_names_of_classes_are_those_of_the_modules() -> None:
    spec = codec.specification()
    for table, name in (
        (precisions.PLANE, "PlanePrecision"),
        (precisions.HEIGHT, "HeightPrecision"),
        (precisions.TIME, "TimePrecision"),
    ):
        for bound in table.bounds:
            spec.encode(name, table.name(bound))
        assert len(table.names) == len(table.bounds)
    assert precisions.PLANE.name(0.3) == "a50cm"
    assert precisions.PLANE.name(0.5) == "a50cm"
    assert precisions.PLANE.name(501.0) == "unavailable"
    assert precisions.TIME.name(0.0004) == "time-000-000-5"
    assert precisions.TIME.name(7e-6) == "time-000-000-01"


def test_a_light_needs_a_state() -> None:
    with pytest.raises(V2xError, match=r"states: 0 entries, not 1 \.\. 16"):
        Phase(number=1, states=()).wire()
    assert Phase(number=1, states=(PhaseState(light=Light.RED),)).wire()["phaseStates"] == [{"light": "red"}]


def test_reserved_steps_are_not_available() -> None:
    assert units.SECOND.value(61000) is None
    assert units.HEADING.value(28800) is None
    assert units.COUNTDOWN.value(36001) is None
