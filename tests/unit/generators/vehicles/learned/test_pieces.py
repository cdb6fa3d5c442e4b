"""Pieces of roads and lane tokens."""

from __future__ import annotations

import numpy as np
import pytest

from drivegen.core.rng import derive_rng
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.roads.junction import SignalisedJunction
from drivegen_generators.vehicles.learned.areas import Areas
from drivegen_generators.vehicles.learned.lights import StopLines, lights_of, turning
from drivegen_generators.vehicles.learned.pieces import (
    LONGEST_M,
    POINTS,
    TOKEN,
    PieceKind,
    Pieces,
    choose,
    tokens,
)
from drivegen_generators.vehicles.learned.scenes import Group
from drivegen_generators.vehicles.places import start_places


@pytest.fixture(scope="module")
def network() -> RoadNetwork:
    return SignalisedJunction(arms=4).generate(derive_rng(3, "map"), "junction")


@pytest.fixture(scope="module")
def pieces(network: RoadNetwork) -> Pieces:
    return Pieces.of(network)


def test_lanes_are_cut_into_pieces_that_lead_to_each_other(pieces: Pieces) -> None:
    lengths = np.linalg.norm(np.diff(pieces.points_m, axis=1), axis=2).sum(axis=1)
    assert lengths.max() < LONGEST_M + 1.0
    assert {PieceKind.DRIVING, PieceKind.JUNCTION, PieceKind.PAVEMENT, PieceKind.CROSSING} <= set(
        pieces.kind.tolist()
    )
    gaps = [
        np.linalg.norm(pieces.points_m[p, -1] - pieces.points_m[f, 0])
        for p, after in enumerate(pieces.after)
        for f in after
    ]
    assert len(gaps) > 50
    assert max(gaps) < 0.1


def test_an_actor_sees_first_where_its_lane_leads(network: RoadNetwork, pieces: Pieces) -> None:
    places, _ = start_places(network, 8.0)
    xyz, yaw = [], []
    for k in (3, 20, 41):
        pose = places.strips.pose(int(places.strip[k]), float(places.along_m[k]))
        xyz.append((pose.x_m, pose.y_m, pose.z_m))
        yaw.append(pose.yaw_rad)
    found = choose(pieces, np.array(xyz), np.array(yaw), np.zeros(3, np.bool_), 16)
    assert found.on_way[:, 0].all()
    light = lights_of(turning(network, 30.0)).of_pieces(pieces, 0.0)
    seen = tokens(pieces, found, np.array(xyz), np.array(yaw), light)
    assert seen.shape == (3, 16, TOKEN)
    points = seen[:, 0, : 2 * POINTS].reshape(3, POINTS, 2) * 30.0
    # The first piece is the lane underneath: it runs ahead, and passes within a lane's width.
    assert (np.diff(points[..., 0], axis=1) > 0.0).all()
    assert np.abs(points[..., 1]).min(axis=1).max() < 2.0


def test_tokens_do_not_depend_on_where_the_map_lies(network: RoadNetwork, pieces: Pieces) -> None:
    xyz, yaw = pieces.points_m[:4, 2], pieces.heading_rad[:4, 2]
    chosen = choose(pieces, xyz, yaw, np.zeros(4, np.bool_), 8)
    light = np.zeros((len(pieces.kind), 5), np.float32)
    here = tokens(pieces, chosen, xyz, yaw, light)
    turn, shift = 0.7, np.array([100.0, -50.0, 0.0])
    c, s = np.cos(turn), np.sin(turn)
    rotation = np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])
    moved = Pieces(
        points_m=pieces.points_m @ rotation.T + shift,
        **{
            n: getattr(pieces, n)
            for n in ("kind", "width_m", "speed_mps", "after", "beside", "signals", "tree")
        },
    )
    there = tokens(moved, chosen, xyz @ rotation.T + shift, yaw + turn, light)
    assert np.abs(here - there).max() < 1e-5


def test_middles_of_lanes_are_inside_and_places_beyond_the_road_outside(pieces: Pieces) -> None:
    areas = Areas.around(pieces, np.zeros(2))
    driving = pieces.points_m[(pieces.kind == PieceKind.DRIVING), 2:4, :2]
    near = driving[np.abs(driving).max(axis=(1, 2)) < 120.0]
    assert areas.outside_m(near, np.full(len(near), Group.VEHICLE)).max() < 0.0
    pavement = pieces.points_m[(pieces.kind == PieceKind.PAVEMENT), 2:4, :2]
    pavement = pavement[np.abs(pavement).max(axis=(1, 2)) < 120.0]
    outside = areas.outside_m(pavement, np.full(len(pavement), Group.VEHICLE))
    assert np.median(outside) > 0.5


def test_controllers_take_turns_and_who_crosses_the_line_on_red_is_found(network: RoadNetwork) -> None:
    courses = turning(network, 60.0)
    assert courses
    for time_s in (1.0, 16.0, 31.0):
        assert {"green", "red"} == {c.at(time_s) for c in courses}
    lights = lights_of(courses)
    assert lights.at(courses[0].signal_id, 4.0) == (courses[0].at(4.0), pytest.approx(6.0))
    lines = StopLines(network)
    red = next(k for k, s in enumerate(lines._signals) if lights.at(s, 1.0)[0] == "red")
    axis = np.array([np.cos(lines._heading[red]), np.sin(lines._heading[red])])
    along = np.linspace(-8.0, 4.0, 11)
    pose = np.concatenate(
        [lines._middle[red] + along[:, None] * axis, np.full((11, 1), lines._heading[red])], axis=1
    )
    times = 0.2 * np.arange(11)
    both = np.stack([pose, pose - np.array([*(8.0 * axis), 0.0])])
    assert lines.passed_red(both, np.array([4.0, 4.0]), lights, times).tolist() == [True, False]
