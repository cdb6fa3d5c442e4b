"""Where posts of lights and signs stand, how their actors lie, and their trigger volumes."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from drivegen.core.rng import derive_rng
from drivegen.embedded.world.maps import LoadedMap
from drivegen.embedded.world.signal_posts import turned
from drivegen.embedded.world.traffic_light_actors import light_actors
from drivegen.embedded.world.traffic_sign_actors import sign_actors, type_of
from drivegen.opendrive.sign_faces import SignFace
from drivegen.opendrive.signals import SignKind
from drivegen.opendrive.writer import write_network
from drivegen_generators.roads.beijing_junction import BeijingJunction


@pytest.fixture(scope="module")
def loaded() -> LoadedMap:
    text = write_network(BeijingJunction().generate(derive_rng(7, "map"), "yizhuang"))
    return LoadedMap.read("yizhuang", text, "yizhuang.xodr")


@pytest.fixture(scope="module")
def actors(loaded: LoadedMap):
    ids = iter(range(100, 999))
    signals = [*loaded.heads, *loaded.signs]
    made = [*light_actors(loaded, lambda: next(ids)), *sign_actors(loaded, lambda: next(ids))]
    return list(zip(signals, made, strict=True))


def test_there_is_an_actor_for_each(loaded, actors):
    assert len(loaded.heads) == 8 and len(loaded.signs) == 12
    assert [a.id for _, a in actors] == list(range(100, 120))
    types = {a.type_id for _, a in actors}
    assert types == {"traffic.traffic_light", "traffic.speed_limit.60", "traffic.speed_limit.30"} or {
        t.rsplit(".", 1)[0] for t in types
    } == {"traffic", "traffic.speed_limit"}


def test_x_lies_across_the_road_and_what_they_show_looks_at_the_traffic(actors):
    for signal, actor in actors:
        along = np.array([np.cos(signal.stop_lines[0].heading_rad), np.sin(signal.stop_lines[0].heading_rad)])
        assert abs(actor.local[:2, 0] @ along) < 0.05
        assert actor.local[:2, 1] @ along < -0.99, "y against the traffic"
        assert turned(actor.local, actor.facing_rad)[:2, 0] @ along < -0.9


def test_posts_stand_beside_the_carriageway_on_the_ground(loaded, actors):
    feet = np.array([a.local[:3, 3] for _, a in actors])
    assert not loaded.ground.on_driving_lane(feet[:, :2]).any()
    np.testing.assert_allclose(feet[:, 2], loaded.ground.height_near(feet), atol=1e-6)


def test_the_trigger_volume_holds_what_comes_to_the_line_and_nothing_behind_it(actors):
    for signal, actor in actors:
        box = actor.box
        assert box.yaw_rad == 0.0
        for line in signal.stop_lines:
            along = np.array([np.cos(line.heading_rad), np.sin(line.heading_rad), 0.0])
            middle = 0.5 * (line.start_m + line.end_m) + [0.0, 0.0, 0.5]
            for shift, inside in ((-1.0, True), (-4.0, False), (1.0, False)):
                local = (middle + shift * along - actor.local[:3, 3]) @ actor.local[:3, :3]
                assert bool(np.all(np.abs(local - box.centre_m) <= box.half_m + 1e-6)) == inside


def test_plates_show_what_names_tell(actors):
    signs = [(sign, actor) for sign, actor in actors if actor.plate is not None]
    assert len(signs) == 12
    for sign, actor in signs:
        assert sign.kind is SignKind.SPEED
        assert actor.plate == (SignFace.SPEED_LIMIT, actor.type_id.rsplit(".", 1)[-1])
        assert actor.type_id == type_of(sign) and actor.arm_m == 0.0


def test_heads_are_built_as_the_map_has_them(actors):
    heads = [(head, actor) for head, actor in actors if actor.head is not None]
    assert [actor.head for _, actor in heads] == [head.form for head, _ in heads] and len(heads) == 8


def test_boards_over_the_road_hang_on_arms(loaded):
    sign = loaded.signs[0]
    lane = sign.stop_lines[0]
    over = replace(sign.pose, position_m=0.5 * (lane.start_m + lane.end_m))
    board = replace(sign, face=SignFace.LANES, text="l s", kind=SignKind.OTHER, pose=over)
    plain = replace(board, face=SignFace.PLAIN)
    made = SimpleNamespace(signs=(board, plain), ground=loaded.ground)
    hung, beside = sign_actors(made, iter(range(5, 9)).__next__)
    assert hung.type_id == beside.type_id == "traffic.unknown"
    assert hung.arm_m > 1.0 and beside.arm_m == 0.0
    assert not loaded.ground.on_driving_lane(hung.local[None, :2, 3]).any()
    # The board's middle, an arm's length to the left of who looks at it, is over the lane again.
    middle = turned(hung.local, hung.facing_rad) @ np.array([0.0, -hung.arm_m, 0.0, 1.0])
    assert np.linalg.norm(middle[:2] - over.position_m[:2]) < 0.1
