"""A frame is complete or absent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from synthetic_capture import make_frames, make_plan, make_rig, without_camera

from drivegen.capture.completeness import FrameGate
from drivegen.capture.frame import EGO, AgentFrame, Frame
from drivegen.core.errors import FrameError

PLAN = make_plan(duration_s=0.6, rig=make_rig(32, 18, 24))
FRAMES = tuple(make_frames(PLAN))


def gate() -> FrameGate:
    return FrameGate(PLAN, {EGO: PLAN.ego.rig})


def with_ego(frame: Frame, **changes: object) -> Frame:
    return replace(frame, agents={EGO: replace(frame.agents[EGO], **changes)})  # type: ignore[arg-type]


def test_whole_frames_pass() -> None:
    g = gate()
    for frame in FRAMES:
        g.check(frame)
    g.check_end()


def narrower(frame: Frame) -> Frame:
    images = dict(frame.agents[EGO].images)
    back = images["CAM_BACK"]
    images["CAM_BACK"] = replace(
        back, **{n: getattr(back, n)[:, :-1] for n in ("bgr", "depth_m", "tag", "instance")}
    )
    return with_ego(frame, images=images)


def bad_sweep(frame: Frame, points: np.ndarray) -> Frame:
    sweep = frame.agents[EGO].sweeps["LIDAR_TOP"]
    return with_ego(frame, sweeps={"LIDAR_TOP": replace(sweep, points_m=points)})


def other_id(frame: Frame, index: int, track_id: int) -> Frame:
    objects = list(frame.objects)
    objects[index] = replace(objects[index], track_id=track_id)
    return replace(frame, objects=tuple(objects))


CASES: list[tuple[int, Callable[[Frame], Frame], str]] = [
    (0, lambda f: without_camera(f, "CAM_BACK"), "ego: camera CAM_BACK was due and delivered nothing"),
    (10, lambda f: without_camera(f, "CAM_FRONT"), r"frame 10 at 3\.500 s: ego: camera CAM_FRONT was due"),
    (2, lambda f: with_ego(f, sweeps={}), "LiDAR LIDAR_TOP was due"),
    (2, lambda f: with_ego(f, gnss={}), "GNSS GNSS was due"),
    (1, lambda f: with_ego(f, imu={}), "IMU IMU was due"),
    (1, lambda f: with_ego(f, images=FRAMES[0].agents[EGO].images), "delivered data but was not due"),
    (1, lambda f: with_ego(f, sweeps=FRAMES[0].agents[EGO].sweeps), "LIDAR_TOP delivered data but was not"),
    (0, lambda f: replace(f, keyframe=False), "keyframe is False"),
    (5, lambda f: replace(f, keyframe=True), "keyframe is True"),
    (3, lambda f: replace(f, index=4), "frame 3 was to come"),
    (3, lambda f: replace(f, time_ns=FRAMES[2].time_ns), "not a later tick"),
    (3, lambda f: replace(f, time_ns=f.time_ns + 1), "not a later tick"),
    (3, lambda f: replace(f, agents={}), "agents are"),
    (3, lambda f: replace(f, agents={"rsu": f.agents[EGO]}), "the plan has"),
    (0, narrower, r"CAM_BACK: bgr is uint8 \(18, 31, 3\), uint8 \(18, 32, 3\) is wanted"),
    (0, lambda f: replace(f, objects=f.objects[::-1]), "ascending track id"),
    (0, lambda f: other_id(f, 1, f.objects[0].track_id), "share an id in the low 16 bits"),
    (0, lambda f: other_id(f, -1, 65536 + f.objects[0].track_id), "share an id in the low 16 bits"),
    (0, lambda f: other_id(f, -1, 65536), "share an id in the low 16 bits"),
    (1, lambda f: replace(f, objects=FRAMES[0].objects), "which delivered nothing"),
    (
        0,
        lambda f: bad_sweep(f, np.full_like(f.agents[EGO].sweeps["LIDAR_TOP"].points_m, np.nan)),
        "not finite",
    ),
]


@pytest.mark.parametrize(("index", "change", "message"), CASES)
def test_what_is_not_whole_is_stopped(index: int, change: Callable[[Frame], Frame], message: str) -> None:
    g = gate()
    for frame in FRAMES[:index]:
        g.check(frame)
    with pytest.raises(FrameError, match=message):
        g.check(change(FRAMES[index]))


def test_a_due_instant_cannot_be_passed_over() -> None:
    g = gate()
    g.check(FRAMES[0])
    with pytest.raises(FrameError, match=r"the frame at 3\.050 s, when data was due, is missing"):
        g.check(replace(FRAMES[2], index=1))


def test_ticks_at_which_nothing_is_due_may_be_absent() -> None:
    rig = replace(PLAN.ego.rig, sensors=PLAN.ego.rig.sensors[:7])  # cameras and LiDAR
    g = FrameGate(replace(PLAN, ego=replace(PLAN.ego, rig=rig)), {EGO: rig})
    for index, frame in enumerate(FRAMES[::2]):
        g.check(replace(with_ego(frame, gnss={}, imu={}), index=index))
    g.check_end()


@pytest.mark.parametrize("kept", [0, 1, 9, 11])
def test_frames_that_end_too_early_are_an_error(kept: int) -> None:
    g = gate()
    for frame in FRAMES[:kept]:
        g.check(frame)
    with pytest.raises(FrameError, match=r"asks for data until 0\.\d+ s|no frame was recorded"):
        g.check_end()


def test_an_agent_frame_has_no_shared_defaults() -> None:
    a, b = (
        AgentFrame(
            map_agent=FRAMES[0].agents[EGO].map_agent,
            velocity_mps=np.zeros(3),
            acceleration_mps2=np.zeros(3),
            angular_velocity_radps=np.zeros(3),
        )
        for _ in range(2)
    )
    assert a.images is not b.images
