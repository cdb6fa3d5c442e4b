"""Which OpenDRIVE types stand for which face, and which lights have arrows."""

from __future__ import annotations

from dataclasses import replace

import pytest

from drivegen.core.rng import derive_rng
from drivegen.embedded.world.traffic_sign_actors import type_of
from drivegen.opendrive.model import RoadNetwork, Signal
from drivegen.opendrive.reader import read_network
from drivegen.opendrive.sign_faces import SignFace, face_of
from drivegen.opendrive.signal_forms import LensForm, form_of
from drivegen.opendrive.signals import SignKind, road_signs, signal_heads
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.beijing_junction import BeijingJunction

PLAIN = Signal(
    id="1", name="", s_m=1.0, t_m=0.0, z_offset_m=0.0, h_offset_rad=0.0, orientation="-", dynamic=False,
    type="-1", subtype="-1",
)  # fmt: skip


@pytest.mark.parametrize(
    ("given", "face", "text"),
    [
        ({"type": "274", "subtype": "60"}, SignFace.SPEED_LIMIT, "60"),
        ({"type": "274", "value": 80.0}, SignFace.SPEED_LIMIT, "80"),
        ({"type": "206"}, SignFace.STOP, ""),
        ({"type": "205"}, SignFace.YIELD, ""),
        ({"type": "222", "subtype": "10"}, SignFace.KEEP_LEFT, ""),
        ({"type": "W11", "country": "CN"}, SignFace.CHILDREN, ""),
        ({"type": "警37", "country": "CN"}, SignFace.ROADWORKS, ""),
        ({"type": "禁35", "country": "CHN", "value": 4.5}, SignFace.HEIGHT_LIMIT, "4.5"),
        ({"type": "示19", "country": "cn"}, SignFace.CROSSING, ""),
        ({"type": "W2", "country": "CN", "subtype": "right"}, SignFace.CURVE_RIGHT, ""),
        ({"type": "W11", "country": "US"}, SignFace.PLAIN, ""),
        ({"type": "warning", "subtype": "slippery"}, SignFace.SLIPPERY, ""),
        ({"type": "lanes", "text": " l s sr "}, SignFace.LANES, "l s sr"),
        ({"type": "street", "text": "荣华路|北 N"}, SignFace.STREET, "荣华路|北 N"),
        ({"type": "99999"}, SignFace.PLAIN, ""),
    ],
)
def test_types_stand_for_faces(given, face, text):
    assert face_of(replace(PLAIN, **given)) == (face, text)


@pytest.mark.parametrize(
    ("given", "turns", "lens"),
    [
        ({"type": "1000001"}, [], LensForm.ROUND),
        ({"type": "1000001"}, [1.4, 1.6], LensForm.LEFT),
        ({"type": "1000001"}, [-1.4], LensForm.RIGHT),
        ({"type": "1000001"}, [1.4, 0.0], LensForm.ROUND),
        ({"type": "1000001"}, [0.0], LensForm.ROUND),
        ({"type": "1000011", "subtype": "30"}, [1.4], LensForm.STRAIGHT),
        ({"type": "1000011", "subtype": "10"}, [], LensForm.LEFT),
        ({"type": "1000002"}, [], LensForm.PEDESTRIAN),
        ({"type": "1000013"}, [], LensForm.BICYCLE),
        ({"type": "1000001", "subtype": "u_turn"}, [], LensForm.U_TURN),
    ],
)
def test_lenses_follow_from_the_map(given, turns, lens):
    assert form_of(replace(PLAIN, **given), turns).lens is lens


def test_heads_lie_where_the_map_has_them_wide():
    assert form_of(replace(PLAIN, width_m=1.2, height_m=0.4), []).horizontal is True
    assert form_of(replace(PLAIN, width_m=0.4, height_m=1.2), []).horizontal is False
    assert form_of(PLAIN, []).horizontal is None


@pytest.fixture(scope="module")
def junction() -> RoadNetwork:
    return BeijingJunction().generate(derive_rng(7, "map"), "yizhuang")


def test_heads_for_left_turns_have_arrows(junction):
    lenses = sorted(head.form.lens.value for head in signal_heads(junction))
    assert lenses == ["left"] * 4 + ["round"] * 4


def test_signs_of_a_file_keep_what_carla_calls_them(junction):
    road = next(r for r in junction.roads if r.signals)
    added = (
        replace(PLAIN, id="9001", type="示19", country="CN"),
        replace(PLAIN, id="9002", type="禁38", country="CN", value=70.0, unit="km/h"),
        replace(PLAIN, id="9003", type="禁1", country="CN"),
        replace(PLAIN, id="9004", type="206"),
        replace(PLAIN, id="9005", type="lanes", text="l s", z_offset_m=6.0),
    )
    roads = tuple(replace(r, signals=(*r.signals, *added)) if r is road else r for r in junction.roads)
    read = read_network(write_network(replace(junction, roads=roads)), "signs")
    found = {s.signal_id: s for s in road_signs(read)}
    shown = {
        k: (found[k].face, found[k].text, found[k].kind, type_of(found[k])) for k in ("9001", "9002", "9003")
    }
    assert shown == {
        "9001": (SignFace.CROSSING, "", SignKind.OTHER, "traffic.unknown"),
        "9002": (SignFace.SPEED_LIMIT, "70", SignKind.SPEED, "traffic.speed_limit.70"),
        "9003": (SignFace.STOP, "", SignKind.STOP, "traffic.stop"),
    }
    assert type_of(found["9004"]) == "traffic.stop" and found["9004"].face is SignFace.STOP
    assert found["9005"].face is SignFace.LANES and found["9005"].text == "l s"
    limits = [s for s in found.values() if s.kind is SignKind.SPEED]
    assert {s.text for s in limits} >= {"30", "60", "70"}
