import math
from types import SimpleNamespace

import numpy as np
import pytest

from drivegen.opendrive.signals import StopLine
from drivegen.record.ground_plan import GroundPlan
from drivegen.record.incidents import Incidents
from drivegen.record.lane_map import LaneFix

TICK_S = 0.05
EGO = 1
LINE = StopLine(
    road_id=1,
    lane_id=-1,
    s_m=50.0,
    start_m=np.array([50.0, 1.75, 0.0]),
    end_m=np.array([50.0, -1.75, 0.0]),
    heading_rad=0.0,
)
HEADS = [SimpleNamespace(signal_id="7", stop_lines=(LINE,))]


class Lanes:
    """Lanes 3.5 m wide along x: -1 in the middle, -2 to its right, 1 to its left against them."""

    def fix(self, x_m, y_m, z_m):
        lane = {0: -1, -1: -2, 1: 1}.get(round(y_m / 3.5))
        if lane is None:
            return None
        return LaneFix(
            road_id=1,
            section=0,
            lane_id=lane,
            in_junction=x_m > 100.0,
            heading_rad=math.pi if lane > 0 else 0.0,
            offset_m=0.0,
            width_m=3.5,
            s_m=x_m,
        )


class Film:
    """Plays cars and people that go straight."""

    def __init__(self):
        self.incidents = Incidents(HEADS, Lanes(), EGO, TICK_S)
        self.time_s = 0.0
        self.lights = {"7": "red"}
        self.bodies = {EGO: [-200.0, 0.0, 0.0, 0.0, 0.0]}  # x, y, yaw, vx, vy
        self.people = set()

    def play(self, seconds):
        for _ in range(round(seconds / TICK_S)):
            self.time_s += TICK_S
            for body in self.bodies.values():
                body[0] += body[3] * TICK_S
                body[1] += body[4] * TICK_S
            rows = np.array(list(self.bodies.values()))
            person = np.array([actor in self.people for actor in self.bodies])
            seen = GroundPlan(
                ids=np.array(list(self.bodies)),
                xyz_m=np.concatenate([rows[:, :2], np.full((len(rows), 1), 0.8)], axis=1),
                axis=np.stack([np.cos(rows[:, 2]), np.sin(rows[:, 2])], axis=1),
                half_m=np.where(person[:, None], [[0.4, 0.4, 0.9]], [[2.3, 0.95, 0.8]]),
                velocity_mps=rows[:, 3:5].copy(),
                person=person,
            )
            self.incidents.observe(self.time_s, seen, self.lights, ())
        return self.incidents.counts


@pytest.mark.parametrize(("state", "run"), [("red", 1.0), ("yellow", 0.0), ("green", 0.0)])
def test_red_lights_run_are_counted_once_where_the_front_passes(state, run):
    film = Film()
    film.lights["7"] = state
    film.bodies[2] = [40.0, 0.5, 0.0, 5.0, 0.0]
    assert film.play(1.45)["red_lights_run"] == 0.0  # its front is 2.3 m ahead: at 49.55
    assert film.play(3.0)["red_lights_run"] == run


def test_who_drives_beside_the_line_or_the_other_way_runs_no_light():
    film = Film()
    film.bodies[2] = [40.0, -3.0, 0.0, 5.0, 0.0]
    film.bodies[3] = [60.0, 0.0, math.pi, -5.0, 0.0]
    assert film.play(4.0)["red_lights_run"] == 0.0


def test_a_light_that_turns_red_in_this_tick_is_not_run():
    film = Film()
    film.lights["7"] = "yellow"
    film.bodies[2] = [40.0, 0.0, 0.0, 5.0, 0.0]
    film.play(1.5)
    film.lights["7"] = "red"
    assert film.play(1.0)["red_lights_run"] == 0.0


def test_metres_against_the_traffic_are_measured_outside_junctions():
    film = Film()
    film.bodies[2] = [0.0, 3.5, 0.0, 5.0, 0.0]
    film.bodies[3] = [0.0, -3.5, 0.0, 5.0, 0.0]
    film.bodies[4] = [120.0, 3.5, 0.0, 5.0, 0.0]
    assert film.play(4.0)["wrong_way_m"] == pytest.approx(20.0, abs=2.6)


def test_stops_by_order_count_when_they_are_done():
    film = Film()
    film.bodies[2] = [0.0, 0.0, 0.0, 0.0, 0.0]
    assert film.play(5.0)["illegal_stops"] == 0.0
    film.incidents.told_to_stop(2)
    assert film.play(2.9)["illegal_stops"] == 0.0
    assert film.play(5.0)["illegal_stops"] == 1.0


def test_cut_ins_are_changes_into_the_egos_lane_close_ahead():
    film = Film()
    film.bodies[EGO] = [0.0, 0.0, 0.0, 8.0, 0.0]
    film.bodies[2] = [15.0, -3.5, 0.0, 8.0, 0.0]  # cuts in
    film.bodies[3] = [80.0, -3.5, 0.0, 8.0, 0.0]  # far ahead
    film.bodies[4] = [-20.0, -3.5, 0.0, 8.0, 0.0]  # behind
    film.play(1.0)
    for actor in (2, 3, 4):
        film.bodies[actor][4] = 1.75
    film.play(2.0)
    for actor in (2, 3, 4):
        film.bodies[actor][4] = 0.0
    assert film.play(1.0)["cut_ins"] == 1.0


def test_an_ego_that_changes_lanes_is_not_cut_in_on():
    film = Film()
    film.bodies[EGO] = [0.0, 0.0, 0.0, 8.0, -1.75]
    film.bodies[2] = [15.0, -3.5, 0.0, 8.0, 0.0]
    film.bodies[3] = [25.0, 0.0, 0.0, 8.0, -1.75]  # so does who is ahead of it
    assert film.play(2.0)["cut_ins"] == 0.0


def test_collisions_count_by_contact():
    film = Film()
    film.bodies[2] = [0.0, 0.0, 0.0, 0.0, 0.0]
    film.bodies[3] = [10.0, 0.0, math.pi, -5.0, 0.0]
    counts = film.play(2.0)
    assert counts["collisions"] == 1.0
    film.bodies[3][3] = 0.0
    assert film.play(4.0)["collisions"] == 1.0  # they still touch
    film.bodies[3][0] = 30.0
    film.play(3.0)
    film.bodies[3][0], film.bodies[3][3] = 2.0, 1.0
    assert film.play(0.1)["collisions"] == 2.0
    assert [pair for _, *pair in film.incidents.contacts] == [[2, 3], [2, 3]]


def test_bodies_that_touch_without_overlapping_collide_if_they_met_at_speed():
    film = Film()
    film.bodies[2] = [0.0, 0.0, 0.0, 0.0, 0.0]
    film.bodies[3] = [4.9, 0.0, math.pi, -5.0, 0.0]
    film.play(0.05)
    film.bodies[3][0], film.bodies[3][3] = 4.62, 0.0  # stopped by the body
    assert film.play(0.05)["collisions"] == 1.0
    film = Film()
    film.bodies[2] = [0.0, 0.0, 0.0, 0.0, 0.0]
    film.bodies[3] = [4.7, 0.0, math.pi, -0.3, 0.0]  # rolls up in a queue
    assert film.play(0.3)["collisions"] == 0.0


def test_who_stops_as_no_brake_can_has_hit_something():
    film = Film()
    film.bodies[2] = [0.0, 0.0, 0.0, 8.0, 0.0]
    film.play(1.0)
    film.bodies[2][3] = 7.6  # braking hard
    assert film.play(0.05)["obstacles_hit"] == 0.0
    film.bodies[2][3] = 0.0
    assert film.play(0.05)["obstacles_hit"] == 1.0
    assert film.play(1.0)["collisions"] == 0.0


def test_lanes_beside_and_bridges_are_no_collisions():
    film = Film()
    film.bodies[2] = [0.0, 0.0, 0.0, 5.0, 0.0]
    film.bodies[3] = [0.0, 2.0, 0.0, 5.0, 0.0]
    assert film.play(1.0)["collisions"] == 0.0


def test_people_are_hit_by_who_moves_and_do_not_hit_who_stands():
    film = Film()
    film.people = {8, 9}
    film.bodies[2] = [0.0, 0.0, 0.0, 5.0, 0.0]
    film.bodies[8] = [10.0, 0.3, 0.0, 0.0, 0.0]
    film.bodies[3] = [50.0, 20.0, 0.0, 0.0, 0.0]
    film.bodies[9] = [50.0, 18.0, 0.0, 0.0, 1.3]
    counts = film.play(4.0)
    assert counts["walkers_hit"] == 1.0
    assert counts["collisions"] == 0.0


def test_kilometres_are_those_of_all_vehicles():
    film = Film()
    film.people = {8}
    film.bodies[2] = [0.0, 0.0, 0.0, 10.0, 0.0]
    film.bodies[3] = [0.0, 9.0, 0.0, 5.0, 0.0]
    film.bodies[8] = [0.0, 30.0, 0.0, 5.0, 0.0]
    assert film.play(10.0)["vehicle_km"] == pytest.approx(0.15)
