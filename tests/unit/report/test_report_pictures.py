"""What is drawn lies where the labels say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Box, Pose
from drivegen.core.sensors import Camera
from drivegen.core.tags import Tag
from drivegen.report import birdseye, pictures
from drivegen.report.palette import CLASS_COLORS, bgr, ground_table, instance_color, tag_table


@pytest.fixture(scope="module")
def reader(run: Path) -> CaptureReader:
    return CaptureReader(run / "captures/scene-0001.mcap")


def camera_of(reader: CaptureReader, channel: str) -> Camera:
    camera = reader.sensor(EGO, channel)
    assert isinstance(camera, Camera)
    return camera


def test_drawn_boxes_frame_their_objects(reader: CaptureReader) -> None:
    checked = 0
    for frame in reader.frames(keyframes=True):
        agent = frame.agents[EGO]
        for channel in agent.delivered_by(Camera):
            camera = camera_of(reader, channel)
            black = np.zeros((camera.height_px, camera.width_px, 3), np.uint8)
            for o in frame.objects:
                label = o.cameras.get(channel)
                if label is None or label.visible_fraction < 0.3 or label.visible_pixels < 40:
                    continue
                drawn, count = pictures.draw_boxes(black, camera, agent.map_agent, (o,), channel)
                assert count == 1
                rows, columns = np.nonzero(drawn.any(axis=2))
                found = columns.min(), rows.min(), columns.max() + 1, rows.max() + 1
                np.testing.assert_allclose(found, label.full_box_px, atol=3.0)
                checked += 1
    assert checked > 12


def test_hidden_objects_are_not_drawn(reader: CaptureReader) -> None:
    frame = reader.frame(0)
    camera = camera_of(reader, "CAM_FRONT")
    image = frame.agents[EGO].bgr("CAM_FRONT")
    hidden = tuple(o for o in frame.objects if o.track_id == 60)
    drawn, count = pictures.draw_boxes(image, camera, frame.agents[EGO].map_agent, hidden, "CAM_FRONT")
    assert len(hidden) == 1 and count == 0
    np.testing.assert_array_equal(drawn, image)


def test_a_box_around_the_camera_draws_without_wrapping(reader: CaptureReader) -> None:
    """Edges that pass behind the camera are cut, not mirrored into the picture."""
    camera = camera_of(reader, "CAM_FRONT")
    frame = reader.frame(0)
    label = next(
        o for o in frame.objects if "CAM_FRONT" in o.cameras and o.cameras["CAM_FRONT"].visible_pixels > 50
    )
    beside = Box(pose=Pose.from_xyz_rpy(0.0, 3.0, 1.5), size_m=np.array([30.0, 1.0, 1.0]))
    around = type(label)(
        **{
            n: getattr(label, n)
            for n in ("track_id", "object_class", "blueprint", "rider", "velocity_mps", "acceleration_mps2")
        },
        yaw_rate_radps=0.0,
        cameras=label.cameras,
        box=beside,
    )
    black = np.zeros((camera.height_px, camera.width_px, 3), np.uint8)
    drawn, _ = pictures.draw_boxes(black, camera, Pose.identity(), (around,), "CAM_FRONT")
    columns = np.nonzero(drawn.any(axis=2))[1]
    assert len(columns) and columns.max() < camera.width_px / 2  # the box lies on the left


def test_depth_is_brighter_when_near() -> None:
    depth_m = np.array([[1.0, 2.0, 5.0, 20.0, 90.0, 300.0]], np.float32)
    light = pictures.draw_depth(depth_m).astype(int).sum(axis=2)[0]
    assert list(light) == sorted(light, reverse=True)
    assert pictures.draw_depth(np.zeros((1, 1), np.float32)).min() > 200


def test_semantic_and_instance_views() -> None:
    tag = np.array([[Tag.ROAD, Tag.CAR], [Tag.SKY, Tag.PEDESTRIAN]], np.uint8)
    view = pictures.draw_semantic(tag)
    assert len({tuple(p) for p in view.reshape(-1, 3).tolist()}) == 4
    assert (view[0, 0] == tag_table()[Tag.ROAD]).all()
    instance = np.array([[0, 7], [7, 8]], np.uint16)
    view = pictures.draw_instances(instance, np.full((2, 2, 3), 100, np.uint8))
    assert tuple(view[0, 0]) == (160, 160, 160)
    assert tuple(view[0, 1]) == tuple(view[1, 0]) == instance_color(7)
    assert tuple(view[1, 1]) == instance_color(8) != instance_color(7)


def test_every_class_has_a_colour_of_its_own() -> None:
    assert set(CLASS_COLORS) == set(ObjectClass)
    assert len(set(CLASS_COLORS.values())) == len(ObjectClass)


def test_the_view_from_above_is_to_scale_and_heading_up(reader: CaptureReader) -> None:
    frame = reader.frame(0)
    picture = birdseye.draw_scene(reader, frame)
    ego = frame.agents[EGO].map_agent
    side = picture.shape[0]

    def at(forward_m: float, left_m: float) -> np.ndarray:
        row = round(side / 2 - forward_m * 10)
        column = round(side / 2 - left_m * 10)
        return picture[row - 4 : row + 5, column - 4 : column + 5].reshape(-1, 3)

    road, terrain = ground_table()[Tag.ROAD], ground_table()[Tag.TERRAIN]
    # the road runs 1.8 m to the right and 5.2 m to the left of the ego, along its heading
    for forward in (-6.5, 6.5, 14.0):
        assert (at(forward, 4.3) == road).all(axis=1).mean() > 0.5
        assert (at(forward, 7.3) == terrain).all(axis=1).mean() > 0.5
    for o in frame.objects:
        local = (ego.inverse() @ o.box.pose).position_m
        if max(abs(local[0]), abs(local[1])) > 40 or o.box.size_m[0] < 3:
            continue
        half_m = o.box.size_m[0] / 2 * np.cos((ego.inverse() @ o.box.pose).yaw_rad)
        rear = at(local[0] - half_m, local[1]).astype(int)
        color = np.array(bgr(CLASS_COLORS[o.object_class]))
        assert np.abs(rear - color).sum(axis=1).min() < 60, o.blueprint


def test_the_ground_is_looked_up_on_a_slope() -> None:
    """Cells of the plane under a tilted agent come back to the same forward and left."""
    pose = Pose.from_xyz_rpy(10.0, -4.0, 2.0, 0.03, -0.05, 0.7)
    canvas = birdseye._Canvas(pose)
    plane = canvas.plane(pose) @ np.array([[12.0, -3.0, 1.0], [0.0, 0.0, 1.0]]).T
    local = pose.inverse().transform_points(plane[:3].T)
    np.testing.assert_allclose(local[:, 2], 0.0, atol=1e-9)
    np.testing.assert_allclose(local[1], 0.0, atol=1e-9)
    np.testing.assert_allclose(np.hypot(*(plane[:2, 0] - [10.0, -4.0])), np.hypot(12, 3))
    pixels = canvas.pixels(plane[:2].T)
    np.testing.assert_allclose(pixels[0], [450 + 30, 450 - 120])
    assert plane[3].tolist() == [1.0, 1.0]


def test_boxes_bend_with_the_lens(tmp_path: Path) -> None:
    from synthetic_capture import make_lens_rig, make_plan, write_capture

    path = write_capture(tmp_path / "lenses.mcap", make_plan(duration_s=0.6, rig=make_lens_rig())).path
    checked = 0
    with CaptureReader(path) as lenses:
        frame = lenses.frame(0)
        agent = frame.agents[EGO]
        for channel in ("CAM_FISHEYE", "CAM_BROWN"):
            camera = camera_of(lenses, channel)
            black = np.zeros((camera.height_px, camera.width_px, 3), np.uint8)
            for o in frame.objects:
                label = o.cameras.get(channel)
                if label is None or label.visible_fraction < 0.6 or label.visible_pixels < 40:
                    continue
                if label.truncation > 0:
                    continue
                drawn, _ = pictures.draw_boxes(black, camera, agent.map_agent, (o,), channel)
                rows, columns = np.nonzero(drawn.any(axis=2))
                found = [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1]
                np.testing.assert_allclose(found, label.full_box_px, atol=3.0)
                checked += 1
        assert checked >= 3
        # The view from above finds the ground through the same lenses.
        canvas = birdseye._Canvas(agent.map_agent)
        tags = birdseye._ground_tags(canvas, lenses, frame).ravel()
        y = (canvas.plane(agent.map_agent) @ canvas.cells())[1]
        road, beside = tags == Tag.ROAD, tags == Tag.TERRAIN
        assert road.sum() > 3000
        assert beside.sum() > 3000
        assert (np.abs(y[road] + 5) < 3.7).mean() > 0.99
        assert (np.abs(y[beside] + 5) > 3.3).mean() > 0.99
