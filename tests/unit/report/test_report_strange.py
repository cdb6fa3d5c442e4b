"""Errors that are planted into captures, and what the report's checks say of them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from drivegen.capture.frame import EGO, Frame
from drivegen.capture.index import build_index
from drivegen.capture.writer import CaptureWriter
from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Rig
from drivegen.opendrive.reader import read_network
from drivegen.report.evidence import gather
from drivegen.report.repeats import Repeats, find_repeats
from drivegen.report.rows import read_labels
from drivegen.report.sensors import look_at_sensors
from drivegen.report.strange.choose import Strangeness, find_strange
from drivegen.report.strange.finding import Finding, Level
from drivegen.report.strange.level_ground import under_by_neighbours
from drivegen.report.verdict import LOOK, OK, WRONG, checks_of

sys.path.insert(0, str(Path(__file__).parents[1] / "capture"))

LidarGap = 3


def moved(label: ObjectLabel, x_m: float = 0.0, y_m: float = 0.0, z_m: float = 0.0) -> ObjectLabel:
    pose = label.box.pose
    away = Pose(
        position_m=pose.position_m + np.array([x_m, y_m, z_m]), orientation_wxyz=pose.orientation_wxyz
    )
    return replace(label, box=Box(pose=away, size_m=label.box.size_m))


def turned(label: ObjectLabel, yaw_rad: float) -> ObjectLabel:
    pose = label.box.pose @ Pose.from_xyz_rpy(0.0, 0.0, 0.0, yaw_rad=yaw_rad)
    return replace(label, box=Box(pose=pose, size_m=label.box.size_m))


def sized(label: ObjectLabel, factor: float) -> ObjectLabel:
    return replace(label, box=Box(pose=label.box.pose, size_m=label.box.size_m * [factor, 1.0, 1.0]))


def unseen(label: ObjectLabel) -> ObjectLabel:
    """Hit often, and whole in the image of a camera that shows nothing of it."""
    cameras = {
        c: replace(v, visible_pixels=0, visible_fraction=0.0, visible_box_px=None, truncation=0.0)
        for c, v in label.cameras.items()
    }
    return replace(label, cameras=cameras, lidar_points=dict.fromkeys(label.lidar_points, 90))


Plant = Callable[[ObjectLabel, int], ObjectLabel | None]
PLANTS: dict[str, tuple[int, Plant, str]] = {
    "ground": (31, lambda o, i: moved(o, z_m=1.2), "above the ground"),
    "heading": (24, lambda o, i: turned(o, np.pi), "against its heading (180 degrees off)"),
    "turn": (51, lambda o, i: turned(o, np.pi / 2) if i == 20 else o, "is another by 90 degrees"),
    "jump": (50, lambda o, i: moved(o, x_m=4.0) if i >= 12 else o, "farther after 0.05 s"),
    "size": (60, lambda o, i: sized(o, 0.2), "0.96 m long; a car is 2.5 to 6.2 m long"),
    "size_change": (25, lambda o, i: sized(o, 1.2) if i > 20 else o, "4.56 m long, else 3.80 m"),
    "class_change": (
        41,
        lambda o, i: replace(o, object_class=ObjectClass.BICYCLE) if i > 9 else o,
        "a motorcycle before, a bicycle from here on",
    ),
    "gap": (27, lambda o, i: None if 10 <= i < 10 + LidarGap else o, "no label in the 3 frames before"),
    "speed": (30, lambda o, i: replace(o, velocity_mps=np.array([30.0, 0.0, 0.0])), "108 km/h"),
    "unseen_points": (26, lambda o, i: unseen(o) if i == 10 else o, "90 LiDAR points of ego"),
}
"""By check: the track that is changed, what becomes of its label in frame i, words of the reason."""


def run_of(
    root: Path, change: Callable[[Frame], Frame], said: Callable[[Rig], Rig] = lambda rig: rig
) -> Path:
    """A run of one scene.

    Args:
        root: Its folder.
        change: Made with every frame.
        said: The rig as the plan is to have it.
    """
    from synthetic_capture import XODR, make_frames, make_plan, make_rig

    (root / "captures").mkdir()
    plan = make_plan("scene-0001", 1.5, make_rig(240, 135, 480))
    told = replace(plan, ego=replace(plan.ego, rig=said(plan.ego.rig)))
    with CaptureWriter(
        root / "captures/scene-0001.mcap", told, {"drivegen": "test"}, opendrive=XODR
    ) as writer:
        for frame in make_frames(plan):
            writer.write(change(with_noise(frame)))
        writer.close()
    build_index(sorted((root / "captures").iterdir()), root / "index")
    return root


def with_noise(frame: Frame) -> Frame:
    """Images of an empty road are else the same wherever the ego is."""
    agent = frame.agents[EGO]
    images = {}
    for channel, image in agent.images.items():
        bgr = image.bgr.copy()
        bgr[:8, :8] = frame.index * 8
        images[channel] = replace(image, bgr=bgr)
    return replace(frame, agents={EGO: replace(agent, images=images)})


def planted(frame: Frame) -> Frame:
    found = []
    for label in frame.objects:
        changed: ObjectLabel | None = label
        for track, plant, _ in PLANTS.values():
            if changed is not None and changed.track_id == track:
                changed = plant(changed, frame.index)
        if changed is not None and changed.track_id == 40:  # the bicycle drives in the car before it
            changed = moved(changed, x_m=4.5, y_m=2.3)
        found += [changed] if changed is not None else []
    return replace(frame, objects=tuple(found))


def look(root: Path, more: tuple[Finding, ...] = ()) -> Strangeness:
    from synthetic_capture import XODR

    network = read_network(XODR, "test")
    return find_strange(root, ["scene-0001"], lambda _: network, 80.0, more)


def found_by(strange: Strangeness, check: str) -> list[Finding]:
    return [f for f in strange.shown if f.check == check]


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_of(tmp_path_factory.mktemp("clean"), lambda frame: frame)


@pytest.fixture(scope="module")
def spoilt(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return run_of(tmp_path_factory.mktemp("spoilt"), planted)


@pytest.fixture(scope="module")
def strange(spoilt: Path) -> Strangeness:
    return look(spoilt)


def test_nothing_is_wrong_where_nothing_was_planted(clean: Path) -> None:
    strange = look(clean)
    assert (strange.wrong, strange.doubtful) == (0, 0), strange.shown
    assert all(f.level is Level.RARE and f.why for f in strange.shown)
    evidence = gather(sorted((clean / "captures").iterdir()))
    assert evidence.findings == [] and evidence.labels_in_images > 60 and evidence.labels_in_sweeps > 20
    assert all(p.ok for p in evidence.pairings) and sum(p.enough for p in evidence.pairings) >= 4


@pytest.mark.parametrize("check", sorted(PLANTS))
def test_a_planted_error_is_found_and_named(strange: Strangeness, check: str) -> None:
    track, _, words = PLANTS[check]
    mine = [f for f in found_by(strange, check) if f.track == track]
    assert len(mine) == 1, [f"{f.check} {f.track}: {f.why}" for f in strange.shown]
    assert words in mine[0].why
    assert mine[0].scene == "scene-0001" and mine[0].level > Level.RARE


def test_only_what_was_planted_is_said_to_be_wrong(strange: Strangeness) -> None:
    tracks = {40, *(track for track, _, _ in PLANTS.values())}
    others = [f for f in strange.shown if f.level is Level.WRONG and f.track not in tracks]
    assert others == []
    assert strange.wrong >= 8 and sum(w for _, _, w, _ in strange.counts) == strange.wrong


def test_boxes_in_one_place_are_found(strange: Strangeness) -> None:
    assert ["into the bicycle of track 40" in f.why for f in found_by(strange, "overlap")] == [True]


def test_a_frame_of_one_error_is_named(strange: Strangeness) -> None:
    (jump,) = [f for f in found_by(strange, "jump") if f.track == 50]
    assert jump.frame == 12 and jump.frames == 1
    (gap,) = [f for f in found_by(strange, "gap") if f.track == 27]
    assert gap.frame == 10 + LidarGap


def test_the_worst_come_first_and_no_check_fills_the_list(strange: Strangeness) -> None:
    levels = [f.level for f in strange.shown]
    assert levels == sorted(levels, reverse=True)
    assert len({(f.scene, f.track, f.check, f.agent) for f in strange.shown}) == len(strange.shown) <= 50


def test_the_ground_is_known_without_a_map(spoilt: Path, clean: Path) -> None:
    labels = read_labels(clean, "scene-0001")
    gap = labels.xyz_m[:, 2] - 0.5 * labels.size_m[:, 2] - under_by_neighbours(labels)
    assert np.isfinite(gap).mean() > 0.5 and np.nanmax(np.abs(gap)) < 0.1
    labels = read_labels(spoilt, "scene-0001")
    gap = labels.xyz_m[:, 2] - 0.5 * labels.size_m[:, 2] - under_by_neighbours(labels)
    raised = labels.track == 31
    assert np.nanmin(gap[raised]) > 1.1 and np.nanmax(np.abs(gap[~raised])) < 0.1


def miscounted(frame: Frame) -> Frame:
    found = []
    for label in frame.objects:
        if label.track_id == 25:  # more pixels than there are
            label = replace(  # noqa: PLW2901
                label,
                cameras={
                    c: replace(v, visible_pixels=v.visible_pixels + 50) for c, v in label.cameras.items()
                },
            )
        if label.track_id == 24:  # fewer points than there are
            points = {c: max(n - 2, 0) for c, n in label.lidar_points.items()}
            label = replace(label, lidar_points=points)  # noqa: PLW2901
        if label.track_id == 26:  # a box beside its points
            label = moved(label, y_m=2.5)  # noqa: PLW2901
        found.append(label)
    return replace(frame, objects=tuple(found))


def test_labels_are_held_against_pixels_and_points(tmp_path: Path) -> None:
    root = run_of(tmp_path, miscounted)
    evidence = gather(sorted((root / "captures").iterdir()))
    found = {(f.check, f.track) for f in evidence.findings}
    assert found == {("pixels_count", 25), ("points_count", 24), ("points_outside", 26)}
    assert all(f.agent == EGO for f in evidence.findings)
    strange = look(root, tuple(evidence.findings))
    assert {f.check for f in strange.shown if f.level is Level.WRONG} >= {"pixels_count", "points_outside"}


def test_a_camera_that_looks_elsewhere_than_it_says_is_found(tmp_path: Path) -> None:
    def lifted(rig: Rig) -> Rig:
        by = Pose.from_xyz_rpy(0.0, 0.0, 0.0, pitch_rad=np.radians(3.0))
        sensors = tuple(
            replace(s, agent_sensor=s.agent_sensor @ by) if s.name == "CAM_FRONT" else s for s in rig.sensors
        )
        return replace(rig, sensors=sensors)

    root = run_of(tmp_path, lambda frame: frame, lifted)
    captures = sorted((root / "captures").iterdir())
    pairings = gather(captures).pairings
    assert [p.camera for p in pairings if not p.ok] == ["CAM_FRONT"]
    doubts = look_at_sensors(captures, pairings).doubts
    assert len(doubts) == 1 and "ego/CAM_FRONT" in doubts[0] and "apart in the median" in doubts[0]


def repeats_of(root: Path) -> Repeats:
    return find_repeats(root, sorted((root / "captures").iterdir()))


def test_what_is_there_twice_and_what_is_empty_is_found(clean: Path, tmp_path: Path) -> None:
    kept: dict[int, Frame] = {}

    def change(frame: Frame) -> Frame:
        kept[frame.index] = frame
        agent = frame.agents[EGO]
        if frame.index == 10:  # the front camera delivers its first image once more
            images = {**agent.images, "CAM_FRONT": kept[0].agents[EGO].images["CAM_FRONT"]}
            return replace(frame, agents={EGO: replace(agent, images=images)})
        if frame.index == 6:  # and the LiDAR the sweep before
            agent = replace(agent, sweeps=kept[4].agents[EGO].sweeps)
            return replace(frame, agents={EGO: agent})
        return replace(frame, objects=()) if frame.index == 20 else frame

    assert (repeats_of(clean).wrong, repeats_of(clean).empty) == (0, ())
    repeats = repeats_of(run_of(tmp_path, change))
    told = {(r.frame, r.what, r.of_frame) for r in repeats.found}
    assert told == {(10, "ego/CAM_FRONT", 0), (6, "ego/LIDAR_TOP", 4)} and repeats.wrong == 2
    assert [r.moved_m for r in repeats.found] == pytest.approx([0.6, 3.0], abs=0.01)
    assert repeats.empty == (("scene-0001", 20, "no label"),) and repeats.empty_count == 1
    checks = {c.name: c.state for c in checks_of(None, repeats, look(tmp_path), None)}
    assert checks["Nothing is there twice"] == WRONG and checks["No empty frames"] == LOOK


def test_a_scene_that_is_there_twice_is_found(clean: Path, tmp_path: Path) -> None:
    from synthetic_capture import make_plan, make_rig, write_capture

    (tmp_path / "captures").mkdir()
    rig = make_rig(240, 135, 180)
    for scene in ("scene-0001", "scene-0002"):
        write_capture(tmp_path / f"captures/{scene}.mcap", make_plan(scene, 0.2, rig))
    build_index(sorted((tmp_path / "captures").iterdir()), tmp_path / "index")
    repeats = repeats_of(tmp_path)
    # Every image of the second scene is one of the first.
    assert repeats.wrong == 6 + 2 and {r.of_scene for r in repeats.found} == {"scene-0001"}
    assert repeats.alike == (("scene-0001", "scene-0002"),)


def test_a_clean_run_is_told_to_be_fine(clean: Path) -> None:
    captures = sorted((clean / "captures").iterdir())
    evidence = gather(captures)
    sensors = look_at_sensors(captures, evidence.pairings)
    checks = checks_of(sensors, repeats_of(clean), look(clean), evidence)
    assert {c.state for c in checks} == {OK}, checks
    assert sensors.due == sensors.delivered == sum(row.due for row in sensors.table) > 60
