"""Structs to msgpack's plain values and back."""

import dataclasses
import math

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from drivegen.embedded.wire.actors import ActorDescription, VehicleControl
from drivegen.embedded.wire.codec import U8, U32, WireError, decode, decoder_of, encode
from drivegen.embedded.wire.values import GREATEST, EpisodeSettings, Rotation, Transform, Vector2D, Vector3D

finite = st.floats(-GREATEST, GREATEST, width=32)
transforms = st.builds(
    Transform,
    location=st.builds(Vector3D, x=finite, y=finite, z=finite),
    rotation=st.builds(Rotation, pitch=finite, yaw=finite, roll=finite),
)


@given(transforms)
def test_a_struct_comes_back_from_its_array(value: Transform) -> None:
    plain = msgpack.unpackb(msgpack.packb(encode(value)))
    assert decode(Transform, plain) == value


def test_fields_are_packed_in_their_order() -> None:
    control = VehicleControl(
        throttle=1.0,
        steer=-0.5,
        brake=0.25,
        hand_brake=True,
        reverse=False,
        manual_gear_shift=True,
        gear=3,
    )
    assert encode(control) == [1.0, -0.5, 0.25, True, False, True, 3]


def test_an_optional_value_is_a_flag_and_the_value() -> None:
    settings = [False, False, [True, 0.05], True, 0.01, 10, 0.0, True, 3000.0, 2000.0, True]
    decoded = decode(EpisodeSettings, settings)
    assert decoded.fixed_delta_seconds == 0.05
    assert encode(decoded) == settings
    settings[2] = [False]
    assert decode(EpisodeSettings, settings).fixed_delta_seconds is None
    assert encode(dataclasses.replace(decoded, fixed_delta_seconds=None))[2] == [False]


def test_integers_are_taken_for_floats_but_not_the_other_way_round() -> None:
    assert decode(Vector3D, [1, 2, 3]) == Vector3D(x=1.0, y=2.0, z=3.0)
    with pytest.raises(WireError, match=r"VehicleControl.gear: an integer is wanted, not 1.5"):
        decode(VehicleControl, [0, 0, 0, False, False, False, 1.5])


@pytest.mark.parametrize(
    ("kind", "plain", "message"),
    [
        (Vector3D, [1.0, 2.0], r"Vector3D has 3 fields, not a list of 2"),
        (Vector3D, [1.0, "two", 3.0], r"Vector3D.y: a number is wanted, not 'two'"),
        (Vector3D, [1.0, True, 3.0], r"Vector3D.y: a number is wanted, not True"),
        (Vector3D, [1.0, math.nan, 3.0], r"Vector3D.y: a finite number is wanted"),
        (Vector3D, [1.0, math.inf, 3.0], r"Vector3D.y: a finite number is wanted"),
        (Vector3D, None, r"Vector3D has 3 fields, not None"),
        (U32, -1, r"an integer from 0 to 4294967295 is wanted, not -1"),
        (U8, 256, r"an integer from 0 to 255"),
        (bool, 1, r"a boolean is wanted, not 1"),
        (str, b"bytes", r"a string is wanted"),
        (ActorDescription, [1, "a", [["x", 9, "v"]]], r"attributes\[0\]ActorAttributeValue.type|attributes"),
        (tuple[U32, ...], [1, "2"], r"\[1\]: an integer is wanted"),
        (tuple[U32, str], [1], r"2 values are wanted"),
    ],
)
def test_a_wrong_shape_is_named(kind: type, plain: object, message: str) -> None:
    with pytest.raises(WireError, match=message):
        decoder_of(kind)(plain)


_anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**40), 2**40)
    | st.floats()
    | st.text(max_size=5)
    | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=12),
    max_leaves=30,
)


@given(_anything)
def test_whatever_is_sent_is_decoded_or_refused(plain: object) -> None:
    for kind in (Transform, ActorDescription, EpisodeSettings, VehicleControl):
        try:
            value = decode(kind, plain)
        except WireError as error:
            assert str(error)
        else:
            assert isinstance(value, kind)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_numbers_that_are_none_are_refused(value: float) -> None:
    with pytest.raises(WireError, match="a finite number is wanted"):
        decode(Vector3D, [0.0, value, 0.0])
    with pytest.raises(WireError, match="a finite number is wanted"):
        decode(Vector2D, [0.0, value])


def test_numbers_that_32_bits_cannot_hold_are_refused() -> None:
    assert decode(Vector2D, [3.4e38, -3.4e38]) == Vector2D(x=3.4e38, y=-3.4e38)
    with pytest.raises(WireError, match=r"Vector2D\.y: a number from -3\.40282e\+38 to 3\.40282e\+38"):
        decode(Vector2D, [0.0, 1e39])


def test_coordinates_beyond_all_worlds_are_refused() -> None:
    assert decode(Vector3D, [1e9, -1e9, 0]).y == -1e9
    with pytest.raises(WireError, match=r"Vector3D\.z: a number from -1e\+09 to 1e\+09 is wanted"):
        decode(Vector3D, [0.0, 0.0, 1.1e9])
    with pytest.raises(WireError, match=r"Rotation\.yaw"):
        decode(Rotation, [0.0, -2e9, 0.0])
