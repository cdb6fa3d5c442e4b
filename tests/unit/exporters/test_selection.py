"""Selections of a capture: frames by an expression and by time, and smaller images whose labels fit."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from synthetic_capture import (
    THINGS,
    camera_view,
    make_frames,
    make_lens_rig,
    make_plan,
    make_rig,
    write_capture,
)

from drivegen.capture.export.selected import SelectedCapture
from drivegen.capture.export.selection import Selection, read_selection
from drivegen.capture.export.where import check_where, frames_where
from drivegen.capture.frame import EGO
from drivegen.capture.images import decode_jpeg
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError, ExportError
from drivegen.core.lenses import Pinhole
from drivegen.core.photography import OPAQUE_FROM
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Camera, Rig


def lens_plan() -> ScenePlan:
    rig = make_lens_rig(210, 150)
    return make_plan("lenses", 0.6, Rig(name="lenses", sensors=(*rig.sensors, make_rig(210, 150).cameras[0])))


@pytest.fixture(scope="module")
def lenses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_capture(tmp_path_factory.mktemp("lenses") / "lenses.mcap", lens_plan()).path


# Which frames


def test_frames_are_those_of_which_the_expression_is_true(captures: list[Path]) -> None:
    away: dict[str, dict[int, float]] = {"bicycle": {}, "van": {}}
    with CaptureReader(captures[0]) as reader:
        for frame in reader.frames():
            ego = frame.agents[EGO].map_agent.position_m
            for o in frame.objects:
                if o.object_class in away:
                    distance = float(np.linalg.norm(o.box.pose.position_m - ego))
                    away[o.object_class][frame.index] = distance
        everything = frozenset(f.index for f in reader.frames())
    limits = {kind: float(np.quantile(list(found.values()), 0.6)) for kind, found in away.items()}
    near = {kind: {i for i, d in found.items() if d < limits[kind]} for kind, found in away.items()}
    assert 0 < len(near["bicycle"]) < len(everything) and near["bicycle"] != near["van"]
    bicycle = f"class = 'bicycle' and distance_m < {limits['bicycle']!r}"
    assert frames_where(captures[0], bicycle, "x") == near["bicycle"]
    # What holds of two objects cannot be said in one row.
    van = f"v.frame = rows.frame and v.class = 'van' and v.distance_m < {limits['van']!r}"
    two = f"{bicycle} and exists (select 1 from objects v where {van})"
    assert frames_where(captures[0], two, "x") == near["bicycle"] & near["van"]
    one = f"{bicycle} and not exists (select 1 from objects v where {van})"
    assert frames_where(captures[0], one, "x") == near["bicycle"] - near["van"]
    assert frames_where(captures[0], f"not ({bicycle}) or true", "x") == everything
    assert frames_where(captures[0], "precipitation > 0 and class = 'pedestrian'", "x") == frozenset()
    assert frames_where(captures[0], "keyframe", "x") == {0, 10, 20}


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        ("true) union select 1 from (select true", "syntax error"),
        ("true; drop table objects", "refused"),
        ("true from objects", "refused"),
        ("true group by 1", "refused"),
        ("class = 'car", "unterminated"),
        ("clas = 'car'", '"clas" not found'),
        ("distance_m", "is no condition but a DOUBLE"),
        ("(select count(*) from read_csv('/etc/passwd')) > 0", "disabled"),
        ("exists (select 1 from '/etc/passwd')", "refused"),
        ("exists (select 1 from tables)", "tables does not exist"),
        ("random() < 0.5", "random differs from time to time"),
        ("now() > '2020-01-01'", "differs from time to time"),
        ("frame in (select frame from frames using sample 1)", "a sample differs from time to time"),
        ("frame, keyframe", "refused"),
        ("*", "refused"),
        ("true -- and", None),
    ],
)
def test_only_expressions_over_the_capture_are_asked(expression: str, said: str | None) -> None:
    tables = "a variable of Python that DuckDB must not find"
    assert tables
    if said is None:
        check_where(expression, "kitti")
        return
    with pytest.raises(ExportError, match="kitti: where=") as caught:
        check_where(expression, "kitti")
    message = str(caught.value)
    assert said in message and "precipitation > 0 and class" in message and "\n" not in message


def test_the_expressions_of_the_text_can_be_asked() -> None:
    text = (Path(__file__).parents[3] / "docs" / "datasets.md").read_text(encoding="utf-8")
    section = text.split("## Choosing frames")[1].split("## Splits")[0]
    queries = re.findall(r"^```sql\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    found = [line for text in queries for line in text.splitlines() if not line.startswith("--")]
    found += re.findall(r'"where=(.*)"', section)
    found += re.findall(r"`(weather in .*?)`", section)
    assert len(found) == 13
    for expression in found:
        check_where(expression, "docs")


def test_frames_are_thinned_by_number_and_by_time() -> None:
    times = [3_000_000_000 + 50_000_000 * i for i in range(21)]
    assert Selection(nth=7).in_time(times) == [0, 7, 14]
    assert Selection(hz=10.0).in_time(times) == [*range(0, 21, 2)]
    assert Selection(hz=2.0).in_time(times) == [0, 10, 20]
    # A period that is no multiple of the tick: the first frame of each.
    assert Selection(hz=3.0).in_time(times) == [0, 7, 14, 20]
    assert Selection(hz=100.0).in_time(times) == [*range(21)]
    assert Selection(hz=10.0, nth=3).in_time(times) == [0, 3, 6, 9, 12, 15, 18]


def test_a_selection_keeps_indices(captures: list[Path]) -> None:
    with SelectedCapture(captures[0], Selection(hz=4.0, where="ego_speed_mps > 1 and frame >= 10")) as chosen:
        assert [f.index for f in chosen.frames()] == [10, 15, 20, 25]
        assert [f.index for f in chosen.frames(keyframes=True)] == [10, 20]
        assert len(chosen) == 4 and chosen.frame(15).time_ns == 3_750_000_000
        with pytest.raises(CaptureError, match="frame 11 is not among the selected"):
            chosen.frame(11)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"nth": 0}, "nth=0: 1 or more"),
        ({"hz": -1.0}, "hz=-1: 0 to 1000"),
        ({"scale": 1.5}, "scale=1.5: 0.01 to 1"),
        ({"scale": 0.0}, "scale=0: 0.01 to 1"),
        ({"jpeg_quality": 101}, "jpeg_quality=101"),
        ({"where": "nothing"}, "where='nothing' was refused"),
        ({"hz": "2"}, "hz='2': float is wanted"),
    ],
)
def test_what_cannot_be_selected_is_refused(given: dict, said: str) -> None:
    with pytest.raises(ExportError, match=said):
        read_selection(given, "kitti")


# Smaller images


def test_without_a_selection_nothing_is_touched(captures: list[Path]) -> None:
    with SelectedCapture(captures[0], Selection()) as chosen, CaptureReader(captures[0]) as reader:
        for ours, its in zip(chosen.frames(), reader.frames(), strict=True):
            a, b = ours.load(), its.load()
            for channel, image in b.agents[EGO].images.items():
                assert ours.agents[EGO].jpeg(channel) == its.agents[EGO].jpeg(channel)
                assert np.array_equal(a.agents[EGO].images[channel].instance, image.instance)
            assert [o.cameras for o in a.objects] == [o.cameras for o in b.objects]


def test_a_third_of_the_size_is_what_a_smaller_camera_sees(lenses: Path) -> None:
    """The middle of a new pixel is that of an old one, so the small images can be drawn again exactly."""
    frame = make_frames(lens_plan())[10]
    with SelectedCapture(lenses, Selection(scale=1 / 3)) as chosen, CaptureReader(lenses) as reader:
        small, large = chosen.frame(10), reader.frame(10)
        cameras = {c.name: c for c in chosen.rigs[EGO].cameras}
        assert len(cameras) == 4
        time_s = 10 * 0.05
        boxes = {t.track_id: (t, t.box(time_s)) for t in THINGS}
        for name, camera in cameras.items():
            before = reader.sensor(EGO, name)
            assert isinstance(before, Camera) and (camera.width_px, camera.height_px) == (70, 50)
            image = small.agents[EGO].image(name)
            assert image.bgr.shape == (50, 70, 3) and camera.depth_along_ray == before.depth_along_ray
            drawn, _ = camera_view(camera, frame.agents[EGO].map_agent, boxes)
            assert np.array_equal(image.instance, drawn.instance), name
            assert np.array_equal(image.tag, drawn.tag), name
            assert np.abs(image.depth_m - drawn.depth_m).max() <= 1 / 256
            opaque = None
            if before.soiling is not None:
                assert image.soiling is not None and image.soiling.shape == (50, 70)
                opaque = image.soiling >= OPAQUE_FROM
                assert opaque.any()
            for label, old in zip(small.objects, large.objects, strict=True):
                if name not in label.cameras:
                    assert name not in old.cameras
                    continue
                check_label(label.cameras[name], old.cameras[name], image.instance, opaque, label.track_id)


def check_label(ours, old, instance, opaque, track_id) -> None:
    mask = instance == track_id
    if opaque is not None:
        mask &= ~opaque
    assert ours.visible_pixels == mask.sum()
    assert ours.truncation == old.truncation
    assert np.allclose(ours.full_box_px, np.array(old.full_box_px) / 3)
    if not mask.any():
        assert ours.visible_box_px is None and ours.visible_fraction == 0.0
        return
    rows, columns = np.nonzero(mask)
    assert ours.visible_box_px == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
    assert ours.visible_fraction == old.visible_fraction


def test_an_odd_size_has_its_own_focal_lengths(captures: list[Path]) -> None:
    with SelectedCapture(captures[0], Selection(scale=0.37)) as chosen, CaptureReader(captures[0]) as reader:
        ours, its = chosen.sensor(EGO, "CAM_BACK"), reader.sensor(EGO, "CAM_BACK")
        assert isinstance(ours, Camera) and isinstance(its, Camera) and isinstance(ours.optics, Pinhole)
        assert (ours.width_px, ours.height_px) == (59, 33)
        points = np.array([[0.3, 0.2, 1.0], [-2.0, 0.5, 4.0]])
        wanted = its.optics.project(points) * [59 / 160, 33 / 90]
        assert np.allclose(ours.optics.project(points), wanted)
        assert decode_jpeg(chosen.frame(0).agents[EGO].jpeg("CAM_BACK")).shape == (33, 59, 3)


def test_quality_changes_colours_alone(captures: list[Path]) -> None:
    with (
        SelectedCapture(captures[0], Selection(jpeg_quality=30)) as chosen,
        CaptureReader(captures[0]) as reader,
    ):
        ours, its = chosen.frame(0), reader.frame(0)
        assert len(ours.agents[EGO].jpeg("CAM_FRONT")) < len(its.agents[EGO].jpeg("CAM_FRONT"))
        assert [o.cameras for o in ours.objects] == [o.cameras for o in its.objects]
        assert chosen.rigs[EGO].cameras[0].width_px == 160


def test_labels_follow_what_is_shown_not_what_was_written(captures: list[Path]) -> None:
    """A plant: an object whose few pixels fall between the new ones is no longer visible."""
    with SelectedCapture(captures[0], Selection(scale=0.05)) as chosen, CaptureReader(captures[0]) as reader:
        lost = 0
        for ours, its in zip(chosen.frame(0).objects, reader.frame(0).objects, strict=True):
            for name, label in ours.cameras.items():
                if label.visible_pixels == 0 and its.cameras[name].visible_pixels > 0:
                    lost += 1
                    assert label.visible_box_px is None and label.visible_fraction == 0.0
        assert lost > 0
