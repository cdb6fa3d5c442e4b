"""The detector model: what it needs, what it misses, how far off it is, and through which belief."""

import itertools
import math
from collections.abc import Sequence

import numpy as np
import pytest

from drivegen.core.actors import ObjectClass
from drivegen.core.agents import AgentErrors
from drivegen.core.cooperation import Belief, Detection
from drivegen.core.geometry import Pose
from drivegen.core.v2x_plan import DetectorPlan
from drivegen.v2x.calibration import believed_mounts
from drivegen.v2x.detector import LOST_NS, Detector
from drivegen.v2x.evidence import Scene
from tests.unit.v2x.street import FIRST_NS, Actor, Mover, crowd, ego, frames, rig, roadside

QUIET = DetectorPlan(false_alarms=0.0)
STEP_NS = 100_000_000


def watch(
    movers: Sequence[Mover],
    count: int,
    plan: DetectorPlan = QUIET,
    actor: Actor | None = None,
    offset: Pose | None = None,
    seed: int = 3,
) -> list[tuple[Scene, tuple[Detection, ...]]]:
    """Scenes and what a roadside unit at (0, 12) detects in them, at 10 Hz."""
    unit = actor or roadside(1)
    detector = Detector(seed, unit.name, unit.rig, unit.errors, plan, FIRST_NS)
    still = all(m.speed_mps == 0.0 for m in movers)
    (first, *others) = frames(
        [ego(x_m=-5000.0, speed_mps=0.0), unit],
        movers,
        1 if still else count,
        tick_ns=STEP_NS,
        sensor_every=1,
    )
    scene = Scene.of(first)
    out = []
    for k in range(count):
        if k and others:
            scene = Scene.of(others[k - 1])
        time_ns, true = FIRST_NS + k * STEP_NS, unit.map_agent(0.0)
        belief = Belief(
            stamp_ns=time_ns + 7,
            channel_stamps_ns={"LIDAR_TOP": time_ns + 9, "CAM_FRONT": time_ns + 5},
            map_agent=true if offset is None else offset @ true,
            position_sigma_m=0.0,
        )
        out.append((scene, detector.detect(time_ns, scene, true, None, belief)))
    return out


def standing(track_id: int, x_m: float, y_m: float = 0.0, **values: object) -> Mover:
    return Mover(track_id=track_id, x_m=x_m, y_m=y_m, speed_mps=0.0, **values)  # type: ignore[arg-type]


def test_nothing_is_detected_without_evidence() -> None:
    hidden = [standing(1, 3.0, hidden=True), standing(2, 5.0, y_m=-300.0)]
    seen = watch([*hidden, standing(3, -4.0)], 60)
    assert {d.track_id for _, found in seen for d in found} == {3}


def test_misses_grow_as_evidence_thins_and_never_vanish() -> None:
    """60 objects at the same range: the share of misses over frames."""

    def missed(range_m: float) -> float:
        movers = [standing(k + 1, 0.0, y_m=12.0 - range_m) for k in range(60)]
        seen = watch(movers, 25, DetectorPlan(false_alarms=0.0, least_pixels=10**9))
        return 1.0 - sum(len(found) for _, found in seen) / (60 * 25)

    near, middle, far = missed(20.0), missed(80.0), missed(118.0)
    assert near == pytest.approx(QUIET.miss_rate, abs=0.02)
    assert near < middle < far
    few = DetectorPlan(false_alarms=0.0, least_points=200, least_pixels=10**9)
    assert not any(found for _, found in watch([standing(1, 0.0, y_m=-60.0)], 20, few))


def test_misses_persist_over_frames() -> None:
    """A miss is followed by another more often than misses come; independent misses would not."""
    plan = DetectorPlan(false_alarms=0.0, miss_rate=0.2)
    movers = [standing(k + 1, 0.0, y_m=-8.0) for k in range(60)]
    found = np.array(
        [[m.track_id in {d.track_id for d in f} for m in movers] for _, f in watch(movers, 40, plan)]
    )
    lost = ~found
    again = (lost[1:] & lost[:-1]).sum() / lost[:-1].sum()
    assert lost.mean() == pytest.approx(0.2, abs=0.05)
    assert again > 0.5


def test_an_object_keeps_its_number_until_it_is_lost() -> None:
    steady = watch([standing(1, 2.0)], 50)
    assert len({d.detection_id for _, found in steady for d in found}) == 1
    flaky = watch([standing(1, 2.0)], 300, DetectorPlan(false_alarms=0.0, miss_rate=0.6))
    numbers: list[tuple[int, int]] = [
        (k, d.detection_id) for k, (_, found) in enumerate(flaky) for d in found
    ]
    changed = 0
    for (k, number), (later, other) in itertools.pairwise(numbers):
        lost = (later - k) * STEP_NS > LOST_NS
        assert (number != other) is lost
        changed += lost
    assert changed > 3


def errors(range_m: float, plan: DetectorPlan = QUIET) -> tuple[np.ndarray, np.ndarray]:
    """Errors (across, along) the line of sight of things due south of the unit, and of headings."""
    movers = [standing(k + 1, 0.0, y_m=12.0 - range_m, size_m=(12.0, 3.0, 3.5)) for k in range(60)]
    off, turn = [], []
    for scene, found in watch(movers, 20, plan):
        true = dict(zip(scene.track_id.tolist(), scene.centre_m, strict=True))
        for d in found:
            off.append((d.box.pose.position_m - true[d.track_id])[:2])
            turn.append(math.remainder(d.box.pose.yaw_rad, 2 * math.pi))
    return np.array(off), np.array(turn)


def test_noise_has_the_planned_size_at_twenty_metres_and_grows_with_range() -> None:
    at_20, _ = errors(20.0)
    assert np.sqrt(np.mean(at_20**2)) == pytest.approx(QUIET.position_sigma_m, rel=0.1)
    assert at_20[:, 1].std() > 1.3 * at_20[:, 0].std()
    far, _ = errors(80.0)
    assert np.sqrt(np.mean(far**2)) > 2.0 * QUIET.position_sigma_m


def test_what_only_a_camera_sees_is_worst_along_the_line_of_sight() -> None:
    blind = DetectorPlan(false_alarms=0.0, least_points=10**9)
    off, _ = errors(40.0, blind)
    assert off[:, 1].std() == pytest.approx(0.05 * 40.0, rel=0.2)
    assert off[:, 0].std() < 0.5 * off[:, 1].std()


def test_headings_are_near_or_half_a_turn_off() -> None:
    _, turn = errors(30.0)
    flipped = np.abs(turn) > math.pi / 2
    assert 0.0005 < flipped.mean() < 0.04
    assert turn[~flipped].std() == pytest.approx(QUIET.yaw_sigma_rad, rel=0.15)


def test_sizes_speeds_and_classes_are_off_as_planned() -> None:
    movers = [standing(k + 1, 0.0, y_m=-8.0, object_class=ObjectClass.VAN) for k in range(60)]
    found = [d for _, f in watch(movers, 25) for d in f]
    ratio = np.log(np.array([d.box.size_m for d in found]) / np.array([4.6, 1.8, 1.5]))
    assert ratio.std() == pytest.approx(QUIET.size_sigma, rel=0.1)
    speed = np.array([d.velocity_mps[:2] for d in found])
    assert speed.std() == pytest.approx(QUIET.speed_sigma_mps, rel=0.1)
    wrong = {d.object_class for d in found} - {ObjectClass.VAN}
    assert wrong <= {ObjectClass.CAR, ObjectClass.TRUCK}
    share = np.mean([d.object_class is not ObjectClass.VAN for d in found])
    assert 0.0 < share < 0.05


def test_false_alarms_come_at_the_planned_rate_and_stay_for_a_while() -> None:
    found = [f for _, f in watch([], 1500, DetectorPlan(false_alarms=0.5))]
    assert np.mean([len(f) for f in found]) == pytest.approx(0.5, rel=0.18)
    assert all(d.track_id == 0 for f in found for d in f)
    frames_each = np.unique([d.detection_id for f in found for d in f], return_counts=True)[1]
    assert 2.0 < frames_each.mean() < 5.0


def test_detections_stand_where_the_agent_believes() -> None:
    """A pose that is off by a metre and a turn of 5 degrees moves every detection likewise."""
    movers = [standing(1, 5.0, y_m=-6.0)]
    turn = Pose.from_xyz_rpy(1.0, -0.5, 0.2, yaw_rad=math.radians(5.0))
    (_, (true,)), (_, (moved,)) = watch(movers, 1)[0], watch(movers, 1, offset=turn)[0]
    assert moved.box.pose.position_m == pytest.approx(
        turn.transform_points(true.box.pose.position_m), abs=1e-9
    )
    assert moved.box.pose.yaw_rad - true.box.pose.yaw_rad == pytest.approx(math.radians(5.0))
    assert true.stamp_ns == FIRST_NS + 9


def test_a_wrong_mount_moves_what_its_sensor_sees() -> None:
    mount = Pose.from_xyz_rpy(0.0, 0.0, 2.0, yaw_rad=math.radians(1.0))
    wrong = roadside(1, AgentErrors(believed_mounts={"LIDAR_TOP": mount}))
    movers = [standing(1, 0.0, y_m=-28.0)]
    (_, (true,)), (_, (moved,)) = watch(movers, 1)[0], watch(movers, 1, actor=wrong)[0]
    shift = moved.box.pose.position_m - true.box.pose.position_m
    # A degree at 40 m is 0.70 m, across: the unit looks south, so a turn to the left is to the east.
    assert shift[0] == pytest.approx(40.0 * math.sin(math.radians(1.0)), rel=0.03)
    assert abs(shift[1]) < 0.05


def test_draws_belong_to_their_object() -> None:
    """An object more, or an agent's other sensors, leave the detections of all others as they were."""
    movers = crowd(12)
    alone = watch(movers[4:9], 20)
    crowded = watch(movers, 20)
    for (_, few), (_, many) in zip(alone, crowded, strict=True):
        kept = {d.track_id: d for d in many}
        for d in few:
            assert np.array_equal(d.box.pose.position_m, kept[d.track_id].box.pose.position_m)
            assert d.object_class is kept[d.track_id].object_class
    assert watch(movers, 1, seed=4)[0][1][0].box.size_m[0] != watch(movers, 1)[0][1][0].box.size_m[0]


def test_believed_mounts_have_the_planned_deviation() -> None:
    assert believed_mounts(1, "a", rig(), 0.0, 0.0) == {}
    off, turn = [], []
    for seed in range(300):
        mounts = believed_mounts(seed, "a", rig(), 0.02, math.radians(0.2))
        for sensor in rig().sensors:
            off.append(mounts[sensor.name].position_m - sensor.agent_sensor.position_m)
            turn.append((sensor.agent_sensor.inverse() @ mounts[sensor.name]).orientation_wxyz[1:] * 2.0)
    assert np.std(off) == pytest.approx(0.02, rel=0.06)
    assert np.std(turn) == pytest.approx(math.radians(0.2), rel=0.06)
    alone = believed_mounts(5, "a", rig(camera=False), 0.02, 0.01)["LIDAR_TOP"]
    assert np.array_equal(
        alone.position_m, believed_mounts(5, "a", rig(), 0.02, 0.01)["LIDAR_TOP"].position_m
    )
