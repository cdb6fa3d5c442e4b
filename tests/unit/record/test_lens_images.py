"""Images of lenses against rays that are cast through the lens itself, pixel by pixel."""

from __future__ import annotations

from collections.abc import Callable
from types import SimpleNamespace

import numpy as np
import pytest

from drivegen.core.errors import PlanError
from drivegen.core.geometry import Pose
from drivegen.core.lenses import BrownConrady, KannalaBrandt, Lens, Pinhole, pixel_rays, sees
from drivegen.core.photography import ManualExposure
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera
from drivegen.core.tags import Tag
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.raycast.scene import RayScene
from drivegen.record.camera_parts import camera_parts, part_name
from drivegen.record.identity import unproject
from drivegen.record.lens_faces import Face, check_faces, faces_of
from drivegen.record.lens_images import LensImages, RawImage
from tests.unit.record.pinhole import cuboid_mesh, ground, placed

FISHEYE = KannalaBrandt(
    fx_px=193.0, fy_px=193.0, cx_px=320.0, cy_px=240.0, k1=0.03, k2=-0.018, k3=0.0035, k4=-0.0003
)
BROWN = BrownConrady(
    fx_px=360.0, fy_px=365.0, cx_px=312.0, cy_px=247.0, k1=-0.31, k2=0.11, p1=0.001, p2=-0.002
)
MAP_CAMERA = Pose.from_xyz_rpy(0.0, 0.0, 1.2, 0.02, 0.3, 0.4)
NOWHERE = np.array([0, 0, 0, 255], np.uint8)


def make_camera(lens: Lens | None, **changes: object) -> Camera:
    values = {
        "name": "CAM",
        "agent_sensor": Pose.identity(),
        "width_px": 640,
        "height_px": 480,
        "fov_deg": 90.0,
        "period_s": 0.1,
        "lens": lens,
    }
    return Camera(**{**values, **changes})


class World:
    """Boxes all around on a plane."""

    def __init__(self) -> None:
        rng = np.random.default_rng(3)
        library = MeshLibrary()
        parts = [ground(library)]
        for k in range(40):
            size = tuple(rng.uniform(0.3, 3.0, 3))
            turn, distance = rng.uniform(-np.pi, np.pi), rng.uniform(2.5, 18.0)
            at = Pose.from_xyz_rpy(
                distance * np.cos(turn), distance * np.sin(turn), size[2] / 2, 0, 0, rng.uniform(-3, 3)
            )
            parts.append(placed(library.add(cuboid_mesh(size, Tag.CAR)), at, 1000 + k))
        self._scene = RayScene(library)
        self._scene.update(Drawables.concatenate(parts))

    def look(self, rays: np.ndarray, rotation: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(distance, id, tag) along rays of an optical frame."""
        unit = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
        world = (unit @ rotation.T).reshape(-1, 3).astype(np.float32)
        hits = self._scene.cast(MAP_CAMERA.position_m[None], world)
        shape = rays.shape[:-1]
        hit = np.isfinite(hits.distance_m)
        return (
            np.where(hit, hits.distance_m, 0.0).reshape(shape),
            np.where(hit, hits.object_id, 0).reshape(shape),
            np.where(hit, hits.tag, Tag.SKY).reshape(shape),
        )


@pytest.fixture(scope="module")
def world() -> World:
    return World()


def optical(face: Face | None) -> np.ndarray:
    """Rotation of an optical frame in the world."""
    mount = MAP_CAMERA if face is None else MAP_CAMERA @ face.sensor_face
    return mount.rotation @ OPTICAL_FROM_MOUNT.T


def sheen(rays: np.ndarray, rotation: np.ndarray) -> np.ndarray:
    """A colour that changes slowly with the direction in the world."""
    unit = rays / np.linalg.norm(rays, axis=-1, keepdims=True) @ rotation.T
    return 127.5 + 120.0 * np.sin(3.0 * unit + np.array([0.0, 1.0, 2.0]))


def carla_image(pixels: np.ndarray) -> SimpleNamespace:
    height, width, _ = pixels.shape
    return SimpleNamespace(raw_data=pixels.astype(np.uint8).tobytes(), height=height, width=width)


def server_images(world: World, camera: Camera) -> dict[str, SimpleNamespace]:
    """What a CARLA server would send for a camera: pinholes only, in its encodings."""
    parts = {}
    for face in faces_of(camera):
        y, x = np.mgrid[0 : face.height_px, 0 : face.width_px]
        middle = np.array([face.width_px / 2.0, face.height_px / 2.0])
        plane = (np.stack([x + 0.5, y + 0.5], -1) - middle) / face.focal_px
        rays = np.concatenate([plane, np.ones((*plane.shape[:2], 1))], -1)
        distance, ids, tags = world.look(rays, optical(face))
        z = distance / np.linalg.norm(rays, axis=-1)
        code = np.where(distance > 0, np.rint(z / 1000.0 * 16777215.0), 16777215).astype(np.int64)
        channels = {
            "rgb": [*np.moveaxis(np.rint(sheen(rays, optical(face))), -1, 0), 255 + 0 * code],
            "depth": [code >> 16, code >> 8 & 255, code & 255, 255 + 0 * code],
            "instance_segmentation": [ids >> 8, ids & 255, tags, 255 + 0 * code],
        }
        for kind, values in channels.items():
            parts[part_name(kind, face.name)] = carla_image(np.stack(values, -1))
    return parts


LENSES = pytest.mark.parametrize("lens", [FISHEYE, BROWN], ids=["fisheye", "brown_conrady"])


@pytest.fixture(scope="module")
def taken(world: World) -> Callable[[Lens], RawImage]:
    found: dict[Lens, RawImage] = {}

    def take(lens: Lens) -> RawImage:
        if lens not in found:
            camera = make_camera(lens)
            found[lens] = LensImages(camera).take(server_images(world, camera))
        return found[lens]

    return take


@LENSES
def test_labels_are_those_of_rays_through_the_lens(world, taken, lens):
    image, camera = taken(lens), make_camera(lens)
    rays = pixel_rays(lens, 640, 480).astype(np.float64)
    seen = sees(pixel_rays(lens, 640, 480))
    distance, ids, tags = (
        np.where(seen, v, 0) for v in world.look(np.where(seen[..., None], rays, 1.0), optical(None))
    )
    assert len(np.unique(ids)) > 7
    assert (image.raw == ids).mean() > 0.997
    assert (image.tag == tags).mean() > 0.997
    # Nothing is made up between objects.
    assert set(np.unique(image.raw)) <= set(np.unique(ids)) | set(range(1000, 1040)) | {0}
    wanted = distance if camera.depth_along_ray else distance * rays[..., 2] / np.linalg.norm(rays, axis=-1)
    same = (image.raw == ids) & (distance > 0) & seen
    off = np.abs(image.depth_m - wanted)[same] / wanted[same]
    # The nearest pixel of a face is half a pixel off: little, but on surfaces seen edge-on.
    assert np.median(off) < 8e-4
    assert np.quantile(off, 0.99) < 0.015


@LENSES
def test_no_object_moves_in_the_image(world, taken, lens):
    """Seen pixels of an object, put into the world by their depth, lie on what a ray hits there."""
    image, camera = taken(lens), make_camera(lens)
    rows, columns = np.nonzero((image.raw > 0) & (image.depth_m > 0))
    points = unproject(camera, MAP_CAMERA, rows, columns, image.depth_m[rows, columns])
    pixels = lens.project((points - MAP_CAMERA.position_m) @ optical(None))
    np.testing.assert_allclose(pixels, np.stack([columns + 0.5, rows + 0.5], -1), atol=1e-4)


def test_seams_between_faces_cannot_be_seen(taken):
    image = taken(FISHEYE)
    rays = pixel_rays(FISHEYE, 640, 480).astype(np.float64)
    seen = sees(pixel_rays(FISHEYE, 640, 480))
    wanted = sheen(np.where(seen[..., None], rays, 1.0), optical(None))
    off = np.abs(image.bgr - wanted)[seen]
    assert off.max() < 1.6  # rounding on both sides, and a linear piece in place of the curve
    assert (image.bgr[~seen] == 0).all()
    faces = faces_of(make_camera(FISHEYE))
    assert [f.name for f in faces] == ["front", "right", "left", "down", "up"]
    count = np.zeros((480, 640), int)
    for face in faces:
        count[face.rows, face.columns] += face.taken
    assert (count == seen).all()
    ground = image.tag == Tag.ROAD
    assert ground.sum() > 50_000
    step = np.abs(np.diff(np.log(np.maximum(image.depth_m, 0.1)), axis=1))
    both = ground[:, 1:] & ground[:, :-1] & (image.depth_m[:, 1:] < 15.0) & (image.depth_m[:, :-1] < 15.0)
    seam = np.zeros((480, 639), bool)
    owner = np.zeros((480, 640), int)
    for k, face in enumerate(faces):
        owner[face.rows, face.columns][face.taken] = k
    seam = (owner[:, 1:] != owner[:, :-1]) & both
    assert seam.sum() > 100
    assert step[seam].max() <= step[both].max()
    assert np.quantile(step[seam], 0.9) < 2.0 * np.quantile(step[both], 0.9) + 0.01


@LENSES
def test_faces_are_as_fine_as_the_image_wants(lens):
    for face in faces_of(make_camera(lens)):
        step = np.linalg.norm(np.diff(face.at_px, axis=1), axis=-1)
        inside = face.taken[:, 1:] & face.taken[:, :-1]
        assert step[inside].min() > 0.95  # nothing is magnified
        at = face.at_px[face.taken]
        assert (at >= 1.0).all()
        assert (at <= np.array([face.width_px - 1.0, face.height_px - 1.0])).all()


def test_a_pinhole_with_another_principal_point_is_one_face(world):
    lens = Pinhole(fx_px=400.0, fy_px=420.0, cx_px=250.0, cy_px=300.0)
    camera = make_camera(lens)
    (face,) = faces_of(camera)
    assert np.allclose(face.sensor_face.rotation, np.eye(3))
    image = LensImages(camera).take(server_images(world, camera))
    rays = pixel_rays(lens, 640, 480).astype(np.float64)
    _, ids, _ = world.look(rays, optical(None))
    assert (image.raw == ids).mean() > 0.99


def test_only_attributes_of_carla_are_sent():
    camera = make_camera(FISHEYE, exposure=ManualExposure(shutter_s=0.002, iso=200.0, f_number=2.0))
    parts = camera_parts(camera)
    assert len(parts) == 15
    assert {p.id for p in parts} == {
        "sensor.camera.rgb",
        "sensor.camera.depth",
        "sensor.camera.instance_segmentation",
    }
    colour = {"motion_blur_intensity", "exposure_mode", "shutter_speed", "iso", "fstop", "bloom_intensity"}
    known = {"image_size_x", "image_size_y", "fov", "lens_flare_intensity", *colour}
    assert set().union(*(p.attributes for p in parts)) == known
    rgb = next(p for p in parts if p.name == "rgb/up").attributes
    assert (rgb["shutter_speed"], rgb["iso"], rgb["exposure_mode"]) == ("500.0", "200.0", "manual")
    plain = camera_parts(make_camera(None))
    assert [p.name for p in plain] == ["rgb", "depth", "instance_segmentation"]
    assert all(p.sensor_part is None for p in plain)
    assert "exposure_mode" not in plain[0].attributes


def test_a_lens_that_needs_a_huge_image_is_refused(monkeypatch):
    steep = BrownConrady(fx_px=1000.0, fy_px=1000.0, cx_px=1000.0, cy_px=750.0, k3=1e6)
    with pytest.raises(PlanError, match=r"camera CAM: lens: it magnifies so much"):
        check_faces(make_camera(steep, width_px=2000, height_px=1500))
    check_faces(make_camera(FISHEYE))
    check_faces(make_camera(None))
    monkeypatch.setattr("drivegen.record.lens_faces.MOST_PX", 500)
    for ask in (check_faces, faces_of):
        with pytest.raises(PlanError, match=r"camera CAM: lens: it magnifies so much"):
            ask(make_camera(FISHEYE))
