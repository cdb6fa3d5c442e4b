"""The delay study finds the order that must come out, and a fusion that is wrong does not pass."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from drivegen.core.errors import V2xError
from drivegen.core.geometry import Box, Pose
from drivegen.core.sensors import Lidar, Rig
from drivegen.v2x.study import late_fusion
from drivegen.v2x.study.delay import Result, evaluate, order_faults, settings_of_study
from drivegen.v2x.study.late_fusion import Points, Setting, Sources, merged, moved_on, snapshot
from drivegen.v2x.study.moments import Recording, Sight, expected_returns, recording_of

from .synthetic import PROJECTION, UNIT, frames


@pytest.fixture(scope="module")
def recording() -> Recording:
    return recording_of("synthetic", frames(), [UNIT], PROJECTION)


@pytest.fixture(scope="module")
def results(recording: Recording) -> tuple[Result, ...]:
    return evaluate([recording], settings_of_study())


def by(results: tuple[Result, ...], setting: Setting) -> Result:
    return next(r for r in results if r.setting == setting)


def test_messages_help_and_delay_hurts(results: tuple[Result, ...]) -> None:
    assert order_faults(results) == []


def test_hidden_objects_are_found_by_messages_alone(results: tuple[Result, ...]) -> None:
    alone = by(results, Setting(sources=Sources.VEHICLE)).tally(sight=Sight.HIDDEN)
    told = by(results, Setting(sources=Sources.MESSAGES)).tally(sight=Sight.HIDDEN)
    assert alone.there == told.there > 100
    assert alone.found == 0
    assert told.recall > 0.9


def test_fresh_data_is_near_the_truth(results: tuple[Result, ...]) -> None:
    for sources in (Sources.MESSAGES, Sources.CLOUDS):
        result = by(results, Setting(sources=sources))
        assert result.tally().error_m < 0.5
        assert result.wrong_per_moment < 0.5, "the ego itself, which the unit reports, is left out"


def test_uncompensated_delay_shows_as_distance_travelled(results: tuple[Result, ...]) -> None:
    late = by(results, Setting(sources=Sources.MESSAGES, delay_s=0.5, compensated=False))
    assert late.tally(sight=Sight.HIDDEN).recall < 0.6, "cars are 5.5 m on, people 0.65 m"


def faults_of(recording: Recording) -> list[str]:
    return order_faults(evaluate([recording], settings_of_study()))


def test_a_fusion_that_ignores_stamps_is_caught(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_fusion, "moved_on", lambda at, velocity, age: at)
    assert any("compensation wins too little back" in f for f in faults_of(recording))


def test_a_fusion_that_moves_backwards_is_caught(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(late_fusion, "moved_on", lambda at, velocity, age: moved_on(at, velocity, -age))
    assert any("compensation harms fresh data" in f for f in faults_of(recording))


def test_a_fusion_with_a_flipped_axis_is_caught(recording: Recording) -> None:
    heard = []
    for message in recording.heard:
        objects = []
        for one in message.objects:
            at = one.box.pose.position_m * np.array([1.0, -1.0, 1.0])
            pose = replace(one.box.pose, position_m=at)
            objects.append(replace(one, box=replace(one.box, pose=pose)))
        heard.append(replace(message, objects=tuple(objects)))
    assert any("messages do not help" in f for f in faults_of(replace(recording, heard=tuple(heard))))


def test_degrees_for_radians_are_caught(recording: Recording) -> None:
    heard = []
    for message in recording.heard:
        objects = tuple(
            replace(
                o,
                velocity_mps=np.linalg.norm(o.velocity_mps)
                * np.array(
                    [
                        math.cos(math.degrees(o.box.pose.yaw_rad)),
                        math.sin(math.degrees(o.box.pose.yaw_rad)),
                        0,
                    ]
                ),
            )
            for o in message.objects
        )
        heard.append(replace(message, objects=objects))
    assert any("compensation wins too little" in f for f in faults_of(replace(recording, heard=tuple(heard))))


def test_what_has_not_arrived_is_not_known(recording: Recording) -> None:
    moment = recording.moments[0]
    none = snapshot(recording, moment, Setting(sources=Sources.MESSAGES))
    alone = snapshot(recording, moment, Setting(sources=Sources.VEHICLE))
    assert np.array_equal(none.at_m, alone.at_m), "the first messages come 30 ms later"
    late = snapshot(recording, recording.moments[3], Setting(sources=Sources.MESSAGES, delay_s=0.5))
    assert len(late.at_m) == len(recording.moments[3].own or ())


def test_what_hides_an_object_is_told_by_its_returns() -> None:
    lidar = Lidar(
        name="TOP",
        agent_sensor=Pose.identity(),
        channels=33,
        upper_fov_deg=10.0,
        lower_fov_deg=-22.0,
        range_m=100.0,
        columns=360,
        period_s=0.1,
    )
    box = Box(pose=Pose.from_xyz_rpy(20.0, 0.0, 0.0), size_m=np.array([4.0, 2.0, 1.5]))
    # 2 m at 20 m are 5.7 degrees, 1.5 m are 4.3 degrees; a beam a degree.
    assert expected_returns(lidar, box, np.zeros(3)) == pytest.approx(0.7 * 5.73 * 4.30, rel=0.01)
    turned = replace(box, pose=Pose.from_xyz_rpy(20.0, 0.0, 0.0, yaw_rad=math.pi / 2.0))
    assert expected_returns(lidar, turned, np.zeros(3)) == pytest.approx(0.7 * 11.46 * 4.30, rel=0.01)
    rig = Rig(name="one", sensors=(lidar,))
    few = recording_of("synthetic", frames(3), [UNIT], PROJECTION, rig).moments[2]
    assert {t.sight for t in few.truths} == {Sight.CLEAR, Sight.PARTLY, Sight.FAR}


def test_two_sources_are_averaged_by_their_variances() -> None:
    one = Points(at_m=np.array([[0.0, 0.0], [50.0, 0.0]]), sigma_m=np.array([1.0, 1.0]))
    other = Points(at_m=np.array([[1.0, 0.0], [90.0, 0.0]]), sigma_m=np.array([0.5, 0.5]))
    both = merged(one, other)
    assert both.at_m.tolist() == [[0.8, 0.0], [50.0, 0.0], [90.0, 0.0]]
    assert both.sigma_m == pytest.approx([1.0 / math.sqrt(5.0), 1.0, 0.5])


def test_a_capture_in_which_nobody_talks_is_refused() -> None:
    silent = [replace(f, exchange=None) for f in frames(2)]
    with pytest.raises(V2xError, match=r"quiet: nobody perceives or talks .* v2x.enabled=true"):
        recording_of("quiet", silent, [UNIT], PROJECTION)
