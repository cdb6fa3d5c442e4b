"""Cameras with lenses, recorded with the real client from the real server."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from drivegen.capture.frame import EGO, Frame
from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CaptureReader
from drivegen.core.geometry import Pose
from drivegen.core.lenses import BrownConrady, KannalaBrandt, pixel_rays, sees
from drivegen.core.photography import SensorNoise, Soiling
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Camera, Lidar, Rig
from drivegen.core.tags import Tag
from drivegen.record.lens_faces import faces_of
from tests.scenes import make_scene, record, start_server

AT = Pose.from_xyz_rpy(2.6, 0.1, 1.1, 0.0, 0.15, 0.5)
W, H = 480, 360
FISHEYE = KannalaBrandt(
    fx_px=140.0, fy_px=140.0, cx_px=244.0, cy_px=178.0, k1=0.03, k2=-0.018, k3=0.0035, k4=-0.0003
)
BROWN = BrownConrady(fx_px=262.0, fy_px=260.0, cx_px=235.0, cy_px=184.0, k1=-0.3, k2=0.1, p1=0.001, p2=-0.001)


def camera(name: str, **changes: object) -> Camera:
    values = {"agent_sensor": AT, "width_px": W, "height_px": H, "fov_deg": 100.0, "period_s": 0.2}
    return Camera(name=name, **{**values, **changes})


RIG = Rig(
    name="lenses",
    sensors=(
        camera("PLAIN"),
        camera("FISHEYE", lens=FISHEYE),
        camera("BROWN", lens=BROWN),
        camera("DIRTY", lens=BROWN, noise=SensorNoise(iso=800.0), soiling=Soiling(drops=0.9, dirt=1.0)),
        Lidar(
            name="TOP",
            agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 1.9),
            channels=8,
            upper_fov_deg=5.0,
            lower_fov_deg=-25.0,
            range_m=60.0,
            columns=90,
            period_s=0.2,
        ),
    ),
)


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[ScenePlan, list[Frame]]]:
    folder = tmp_path_factory.mktemp("lenses")
    plan, road = make_scene(folder, seed=11, vehicles=16, walkers=10)
    plan = replace(plan, duration_s=0.2, ego=replace(plan.ego, rig=RIG))
    with start_server(plan, road, folder) as server:
        path = record(plan, road, server, folder / "lenses.mcap").capture.path
    with CaptureReader(path) as capture:
        yield plan, [f.load() for f in capture.frames()]


def seen_points(frame: Frame, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(points in the optical frame, ids, tags) of the pixels of an image."""
    cam = next(c for c in RIG.cameras if c.name == name)
    image = frame.agents[EGO].images[name]
    rows, columns = np.nonzero((image.depth_m > 0) & (image.depth_m < 60.0))
    rays = cam.optics.unproject(np.stack([columns + 0.5, rows + 0.5], -1))
    points = rays * image.depth_m[rows, columns, None]
    return points, image.instance[rows, columns], image.tag[rows, columns]


@pytest.mark.parametrize("name", ["FISHEYE", "BROWN"])
def test_known_points_are_where_the_lens_says(recorded, name):
    """Points that the plain pinhole sees have the same id, tag and depth where the lens projects them."""
    _, frames = recorded
    cam = next(c for c in RIG.cameras if c.name == name)
    compared = objects = 0
    for frame in frames:
        points, ids, tags = seen_points(frame, "PLAIN")
        pixels = cam.optics.project(points)
        with np.errstate(invalid="ignore"):
            inside = ((pixels > 1) & (pixels < [W - 1, H - 1])).all(axis=1)
        points, ids, tags, pixels = points[inside], ids[inside], tags[inside], pixels[inside]
        columns, rows = np.floor(pixels).astype(int).T
        image = frame.agents[EGO].images[name]
        depth = np.linalg.norm(points, axis=1) if cam.depth_along_ray else points[:, 2]
        near = np.abs(image.depth_m[rows, columns] - depth) < 0.05 + 0.03 * depth
        assert near.mean() > 0.9
        # Away from edges what is there is the same.
        assert (image.instance[rows, columns] == ids)[near].mean() > 0.995
        assert (image.tag[rows, columns] == tags)[near].mean() > 0.97
        compared += len(points)
        objects += len(np.unique(ids)) - 1
    assert compared > 20_000
    assert objects >= 3


@pytest.mark.parametrize("name", ["FISHEYE", "BROWN"])
def test_boxes_frame_what_is_visible(recorded, name):
    _, frames = recorded
    checked = 0
    for frame in frames:
        instance = frame.agents[EGO].images[name].instance
        for o in frame.objects:
            label = o.cameras.get(name)
            if label is None or label.visible_box_px is None:
                continue
            left, top, right, bottom = label.full_box_px
            seen = label.visible_box_px
            rows, columns = np.nonzero(instance == o.track_id & 0xFFFF)
            assert label.visible_pixels == len(rows)
            assert seen == (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)
            # An outline's pixels may reach over the box by the half of one.
            assert seen[0] >= left - 1.5 and seen[1] >= top - 1.5
            assert seen[2] <= right + 1.5 and seen[3] <= bottom + 1.5
            checked += 1
    assert checked >= 4


def test_a_fisheye_labels_what_is_beside_and_behind(recorded):
    _, frames = recorded
    cam = RIG.cameras[1]
    rays = pixel_rays(FISHEYE, W, H)
    for frame in frames:
        image = frame.agents[EGO].images["FISHEYE"]
        dark = ~sees(rays)
        assert image.instance[dark].max() == image.tag[dark].max() == 0
        assert image.depth_m[dark].max() == 0
        behind = sees(rays) & (rays[..., 2] < 0)
        assert (image.depth_m[behind] > 0).mean() > 0.3
        map_optical = frame.agents[EGO].map_agent @ camera_optical(cam)
        for o in frame.objects:
            label = o.cameras.get("FISHEYE")
            if label is not None and label.visible_pixels > 30:
                at = map_optical.inverse().transform_points(o.box.pose.position_m)
                assert np.degrees(np.arccos(at[2] / np.linalg.norm(at))) < 120.0
    # The ground is one plane under the wheels: no step where faces meet.
    image = frames[0].agents[EGO].images["FISHEYE"]
    ground = (image.tag == Tag.ROAD) & (image.depth_m > 0) & (image.depth_m < 12.0)
    points = rays[ground].astype(float) * image.depth_m[ground, None]
    heights = map_of(frames[0], cam).transform_points(points)[:, 2]
    assert ground.sum() > 5000
    assert np.quantile(np.abs(heights - np.median(heights)), 0.99) < 0.12


def map_of(frame: Frame, cam: Camera) -> Pose:
    return frame.agents[EGO].map_agent @ camera_optical(cam)


def test_seams_between_faces_do_not_show(recorded):
    """Colours change no more from one face to the next than a pixel beside."""
    _, frames = recorded
    owner = np.full((H, W), -1)
    for k, face in enumerate(faces_of(RIG.cameras[1])):
        owner[face.rows, face.columns][face.taken] = k
    for frame in frames:
        bgr = frame.agents[EGO].images["FISHEYE"].bgr.astype(float)
        for image, names in ((bgr, owner), (bgr.swapaxes(0, 1), owner.T)):
            step = np.abs(np.diff(image, axis=1)).mean(axis=-1)
            seam = (names[:, 1:] != names[:, :-1]) & (names[:, 1:] >= 0) & (names[:, :-1] >= 0)
            seam[:, :2] = seam[:, -2:] = False
            before, after = np.roll(seam, -1, axis=1), np.roll(seam, 1, axis=1)
            assert seam.sum() > 200
            assert step[seam].mean() < 1.15 * (step[before].mean() + step[after].mean()) / 2 + 0.3


def test_dirt_and_noise_change_colours_and_visibility_but_not_what_is_there(recorded):
    _, frames = recorded
    hidden = 0
    for frame in frames:
        clean, dirty = (frame.agents[EGO].images[n] for n in ("BROWN", "DIRTY"))
        np.testing.assert_array_equal(clean.instance, dirty.instance)
        np.testing.assert_array_equal(clean.depth_m, dirty.depth_m)
        assert (clean.bgr != dirty.bgr).mean() > 0.3
        opaque = dirty.soiling >= 160
        assert 0.01 < opaque.mean() < 0.7
        for o in frame.objects:
            one, other = o.cameras.get("BROWN"), o.cameras.get("DIRTY")
            assert (one is None) == (other is None)
            if one is not None:
                mine = dirty.instance == o.track_id & 0xFFFF
                assert other.visible_pixels == (mine & ~opaque).sum() <= one.visible_pixels
                assert other.visible_fraction <= one.visible_fraction + 1e-9
                hidden += other.visible_pixels < one.visible_pixels
    assert hidden > 0
