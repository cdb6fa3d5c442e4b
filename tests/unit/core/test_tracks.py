"""Tracks: what they say between their rows, and how plans carry them."""

import json
from dataclasses import replace

import numpy as np
import pytest

from drivegen.core.errors import PlanError
from drivegen.core.plans import Drive, PropPlan, ScenePlan
from drivegen.core.tracks import Anchor, SignalCourse, Track, TrackCourse
from tests.unit.core.test_plans import make_plan

RADIUS_M, SPEED_MPS = 20.0, 8.0


def circle(step_s: float, *, given: bool) -> Track:
    """A left turn at a steady speed that goes over the seam of angles."""
    times = np.arange(0.0, 10.0 + step_s / 2, step_s)
    angle = times * SPEED_MPS / RADIUS_M
    xyz = np.stack([RADIUS_M * np.sin(angle), RADIUS_M * (1.0 - np.cos(angle)), 0.1 * times], axis=1)
    velocity = np.stack([SPEED_MPS * np.cos(angle), SPEED_MPS * np.sin(angle), np.full_like(angle, 0.1)], 1)
    wrapped = (angle + np.pi) % (2 * np.pi) - np.pi
    return Track.through(times, xyz, wrapped, velocity_mps=velocity if given else None)


@pytest.mark.parametrize(("given", "bound_m", "bound_mps"), [(True, 0.002, 0.01), (False, 0.01, 0.05)])
def test_between_its_rows_a_track_goes_on_as_the_motion_does(
    given: bool, bound_m: float, bound_mps: float
) -> None:
    course = TrackCourse(circle(0.25, given=given))
    for time_s in np.linspace(0.5, 9.5, 61).tolist():
        placed = course.at(time_s)
        angle = time_s * SPEED_MPS / RADIUS_M
        true_m = [RADIUS_M * np.sin(angle), RADIUS_M * (1.0 - np.cos(angle)), 0.1 * time_s]
        assert np.linalg.norm(placed.position_m - true_m) < bound_m
        true_mps = [SPEED_MPS * np.cos(angle), SPEED_MPS * np.sin(angle), 0.1]
        assert np.linalg.norm(placed.velocity_mps - true_mps) < bound_mps
        assert np.exp(1j * placed.yaw_rad) == pytest.approx(np.exp(1j * angle), abs=1e-4)
        assert placed.yaw_rate_radps == pytest.approx(SPEED_MPS / RADIUS_M, abs=1e-3)
        assert np.linalg.norm(placed.acceleration_mps2) == pytest.approx(SPEED_MPS**2 / RADIUS_M, rel=0.02)


def test_headings_go_the_short_way_over_the_seam() -> None:
    track = Track.through([0.0, 1.0], np.zeros((2, 3)), np.radians([170.0, -170.0]))
    assert np.degrees(TrackCourse(track).at(0.5).yaw_rad) % 360.0 == pytest.approx(180.0, abs=1e-3)


def test_a_track_is_there_from_its_first_to_its_last_time() -> None:
    course = TrackCourse(Track.through([1.0, 2.0], np.zeros((2, 3)), np.zeros(2)))
    assert [course.is_there(t) for t in (0.9, 1.0, 1.5, 2.0, 2.1)] == [False, True, True, True, False]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"times_s": (0.0,)}, "1 rows"),
        ({"times_s": (0.0, 0.0)}, "do not ascend"),
        ({"y_m": (0.0,)}, "y_m has 1 values for 2 times"),
        ({"z_m": (0.0, float("nan"))}, "no numbers"),
        ({"vx_mps": (0.0, 0.0)}, "give all three or none"),
    ],
)
def test_what_is_no_track_is_told(change: dict[str, object], words: str) -> None:
    track = Track.through([0.0, 1.0], np.zeros((2, 3)), np.zeros(2), of="Ego")
    with pytest.raises(PlanError, match=f"Ego.*{words}"):
        replace(track, **change)  # type: ignore[arg-type]


def test_plans_carry_tracks_and_plans_without_keep_their_hash() -> None:
    plain = make_plan()
    assert plain.sha256 == KEPT
    assert '"track"' not in plain.to_json()
    track = circle(0.5, given=True)
    plan = replace(
        plain,
        ego=replace(plain.ego, track=track),
        vehicles=(replace(plain.vehicles[0], drive=Drive.TRACK, track=replace(track, anchor=Anchor.MIDDLE)),),
        walkers=(replace(plain.walkers[0], waypoints=(), track=circle(0.5, given=False)),),
        props=(PropPlan(blueprint="static.prop.box01", track=track),),
        signals=(SignalCourse(signal_id="7", times_s=(0.0, 4.0), states=("green", "red")),),
    )
    again = ScenePlan.from_json(plan.to_json())
    assert (again.vehicles, again.walkers, again.props, again.signals) == (
        plan.vehicles,
        plan.walkers,
        plan.props,
        plan.signals,
    )
    assert again.sha256 == plan.sha256 != plain.sha256
    data = json.loads(plan.to_json())
    assert data["ego"]["track"]["times_s"][:3] == [0.0, 0.5, 1.0]


def test_signals_show_what_their_course_says() -> None:
    course = SignalCourse(signal_id="7", times_s=(1.0, 4.0, 6.0), states=("green", "yellow", "red"))
    assert [course.at(t) for t in (0.0, 1.0, 3.99, 4.0, 9.0)] == ["green", "green", "green", "yellow", "red"]
    assert (course.next_change_s(0.0), course.next_change_s(4.0), course.next_change_s(6.0)) == (
        4.0,
        6.0,
        None,
    )
    with pytest.raises(PlanError, match="'blue' is none of"):
        SignalCourse(signal_id="7", times_s=(0.0,), states=("blue",))


KEPT = "85e47f619d8f1a97074d2acdd589ce835e9e963fbb2575e19ce65e94215187ff"
"""Of a plan as drivegen wrote it before there were tracks."""
