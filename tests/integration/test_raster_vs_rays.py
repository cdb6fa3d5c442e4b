"""Two ways to look at one moment: what the rasteriser draws is what rays hit."""

import math

import numpy as np
import pytest

from drivegen.core.geometry import Pose
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen.embedded.assets.scenery.trees import SCHOLAR, make_tree
from drivegen.embedded.assets.vehicles.factory import make_vehicle
from drivegen.embedded.assets.vehicles.families import FAMILY_OF_BLUEPRINT
from drivegen.embedded.assets.vehicles.family import PREFIX
from drivegen.embedded.assets.walkers.asset import make_walker
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, MeshLibrary
from drivegen.embedded.raycast.scene import RayScene
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.renderer.views import ALL_LABELS, CameraView, Output
from drivegen.embedded.sensors.geolocation import GeoReference
from drivegen.embedded.sensors.moment import BodyState, Moment
from drivegen.embedded.sensors.request import Request
from drivegen.embedded.sensors.suite import SensorSuite, make_sensor
from tests.unit.embedded.raycast.shapes import place
from tests.unit.embedded.renderer.stage import box_mesh, plane_mesh

WIDTH, HEIGHT = 640, 360
NEAR_M = 50.0
STILL = (0.0, 0.0, 0.0)
LABELS = ALL_LABELS | {Output.NORMAL}
FAMILIES = ("sedan", "bus", "ebike")
"""Besides CARLA's blueprints."""
CARS = (
    ("vehicle.tesla.model3", (4.79, 2.16, 1.49)),
    ("vehicle.audi.tt", (4.18, 1.99, 1.39)),
    ("vehicle.carlamotors.carlacola", (5.2, 2.61, 2.47)),
    ("vehicle.mini.cooper_s", (3.81, 1.97, 1.48)),
)
VIEWS = (
    (Pose.from_xyz_rpy(0, 0, 1.6), 70.0),
    (Pose.from_xyz_rpy(0, 0, 1.6, yaw_rad=1.2), 110.0),
    (Pose.from_xyz_rpy(-8, 3, 5.5, roll_rad=0.05, pitch_rad=0.25, yaw_rad=-0.3), 90.0),
)


@pytest.fixture(scope="module")
def street():
    """A library, what stands still, and what moves: 21 vehicles, 8 people among houses, poles and trees."""
    library = MeshLibrary()
    road = library.add(plane_mesh(200.0, tag=Tag.ROAD))
    house = library.add(box_mesh((12, 10, 15), tag=Tag.BUILDING, material=Material.FACADE))
    pole = library.add(box_mesh((0.3, 0.3, 6), tag=Tag.POLE))
    tree = make_tree(library, SCHOLAR, np.random.default_rng(4), "tree")
    static = place(
        (road, 0, STILL, STILL),
        *((tree, 0, (x, s * 11.5, 0), (0, 0, x)) for x in range(-45, 76, 12) for s in (-1, 1)),
        *((house, 0, (x, s * 22, 7.5), (0, 0, 0.2 * x)) for x in range(-60, 61, 20) for s in (-1, 1)),
        *((pole, 0, (x, s * 9, 3), STILL) for x in range(-50, 51, 10) for s in (-1, 1)),
    )
    moving = []
    for i, (blueprint, size) in enumerate(CARS):
        car = make_vehicle(library, blueprint, size, i)
        for k in range(3):
            world_car = Pose.from_xyz_rpy(6 + 9 * k + 3 * i, -4 + 2.7 * i, 0, yaw_rad=0.1 * i).matrix
            moving.append(car.place(world_car, 0.3 * k, 0.2, 0, 100 + 10 * i + k, (200, 30, 30)))
    for i, name in enumerate(FAMILIES):
        family = FAMILY_OF_BLUEPRINT[PREFIX + name]
        made = family.make(library, family.blueprint_id, family.size_m(i), i)
        for k in range(3):
            world_body = Pose.from_xyz_rpy(12 + 17 * k, 1.5 - 6 * i, 0, yaw_rad=0.2 * k).matrix
            moving.append(made.place(world_body, 0.3 * k, 0.1, 0, 200 + 10 * i + k, (30, 90, 200)))
    for i in range(8):
        person = make_walker(library, f"walker.pedestrian.00{10 + i}", 1.86, i)
        world_person = Pose.from_xyz_rpy(4 + 4 * i, 6 if i % 2 else -6.5, 0, yaw_rad=i).matrix
        moving.append(person.place(world_person, 0.7 * i, 1.3, 300 + i))
    return library, static, Drawables.concatenate(moving)


@pytest.fixture(scope="module")
def renderer(street):
    library, static, _ = street
    renderer = Renderer(library)
    renderer.set_static(static)
    yield renderer
    renderer.close()


def pixel_rays(fov_deg):
    """Unit vectors through the middles of the pixels, camera frame, (h w, 3) float64."""
    focal = WIDTH / (2 * math.tan(math.radians(fov_deg) / 2))
    column, row = np.meshgrid(np.arange(WIDTH) + 0.5, np.arange(HEIGHT) + 0.5)
    y, z = (WIDTH / 2 - column) / focal, (HEIGHT / 2 - row) / focal
    rays = np.stack([np.ones_like(y), y, z], axis=-1).reshape(-1, 3)
    return rays / np.linalg.norm(rays, axis=1, keepdims=True)


def outlines(*layers):
    """Pixels beside a change in any of the layers, (h, w) bool."""
    out = np.zeros(layers[0].shape, bool)
    for layer in layers:
        down, across = layer[1:] != layer[:-1], layer[:, 1:] != layer[:, :-1]
        out[1:] |= down
        out[:-1] |= down
        out[:, 1:] |= across
        out[:, :-1] |= across
    return out


@pytest.mark.parametrize("level_error_px", [0.0, None], ids=["in full", "as in jobs"])
def test_ids_tags_depths_and_normals_agree(street, renderer, level_error_px):
    """Levels of detail are on in jobs: what rays hit is all the same where it is drawn."""
    library, static, moving = street
    scene = RayScene(library)
    scene.set_static(static)
    scene.update(moving)
    usual, ids_seen = renderer.level_error_px, set()
    if level_error_px is not None:
        renderer.level_error_px = level_error_px
    try:
        for world_camera, fov_deg in VIEWS:
            view = CameraView(
                width_px=WIDTH, height_px=HEIGHT, fov_deg=fov_deg, world_camera=world_camera.matrix
            )
            drawn = renderer.render([view], moving, Weather(), LABELS)[0]
            rays = pixel_rays(fov_deg)
            hits = scene.cast(world_camera.position_m[None], rays, rotation=world_camera.rotation)
            met = np.isfinite(hits.distance_m).reshape(HEIGHT, WIDTH)
            object_id = hits.object_id.reshape(HEIGHT, WIDTH)
            tag = np.where(met, hits.tag.reshape(HEIGHT, WIDTH), np.uint8(Tag.SKY))
            depth_m = (hits.distance_m * rays[:, 0]).reshape(HEIGHT, WIDTH)
            same = (drawn.object_id == object_id) & (drawn.tag == tag)
            assert (drawn.object_id == object_id).mean() >= 0.9999
            # Far leaves are fewer and larger in jobs: their tags may differ, and nothing else.
            assert (drawn.tag == tag).mean() >= (0.9999 if level_error_px == 0.0 else 0.999)
            leaf = (tag == Tag.VEGETATION) | (drawn.tag == Tag.VEGETATION)
            assert (same | leaf).mean() >= 0.9999
            inner = ~outlines(object_id, tag, drawn.object_id, drawn.tag)
            if level_error_px == 0.0:
                assert same[inner].all()
            near = same & inner & met & (depth_m < NEAR_M)
            assert near.sum() > 50_000
            error_m = np.abs(drawn.depth_m[near] - depth_m[near])
            assert np.quantile(error_m, 0.999) < 1e-3
            assert np.median(error_m) < 1e-5
            # Rays meet faces; what is drawn is shaded smoothly, but for flat things it is the same.
            flat = near & np.isin(tag, [Tag.BUILDING, Tag.POLE, Tag.ROAD])
            normal = hits.normal.reshape(HEIGHT, WIDTH, 3)
            cosine = (drawn.normal * normal).sum(axis=-1)
            assert np.quantile(cosine[flat], 0.001) > 0.999
            assert np.median(cosine[near & (object_id > 0)]) > 0.98
            assert np.quantile(cosine[near & ~leaf], 0.001) > 0.0, "normals look away"
            ids_seen |= set(np.unique(object_id).tolist())
    finally:
        renderer.level_error_px = usual
        scene.close()
    assert len(ids_seen) > 15


def test_lidar_points_fall_on_pixels_of_their_object(street, renderer):
    library, static, moving = street
    pose, fov_deg = VIEWS[0]
    camera = Camera(
        name="c", agent_sensor=pose, width_px=WIDTH, height_px=HEIGHT, fov_deg=fov_deg, period_s=0.1
    )
    image = {"image_size_x": str(WIDTH), "image_size_y": str(HEIGHT), "fov": str(fov_deg)}
    scan = {"channels": "64", "range": "80", "points_per_second": str(64 * 2000 * 10)}
    sensors = [
        make_sensor("sensor.camera.instance_segmentation", image, 1),
        make_sensor("sensor.camera.depth", image, 1),
        make_sensor("sensor.lidar.ray_cast_semantic", scan, 1),
    ]
    ray_scene = RayScene(library)
    suite = SensorSuite(lambda: renderer, lambda: ray_scene)
    moment = Moment(
        static=static,
        moving=moving,
        weather=Weather(),
        time_s=0.0,
        dt_s=0.1,
        geo_reference=GeoReference(),
    )
    body = BodyState.at_rest(np.zeros(3))
    requests = [Request(sensor=s, world_sensor=pose.matrix, body=body) for s in sensors]
    instance, depth, points = suite.measure(requests, moment)
    ray_scene.close()
    optical = points.points_m @ OPTICAL_FROM_MOUNT.T
    ahead = optical[:, 2] > 0.5
    pixel = (optical[ahead] / optical[ahead, 2:]) @ camera.intrinsic.T
    column, row = np.floor(pixel[:, 0]).astype(int), np.floor(pixel[:, 1]).astype(int)
    inside = (column >= 0) & (column < WIDTH) & (row >= 0) & (row < HEIGHT)
    column, row = column[inside], row[inside]
    object_id, tag = points.object_id[ahead][inside], points.tag[ahead][inside]
    blue, green, red = (instance.bgra[..., k].astype(np.int64) for k in range(3))
    drawn_id = green + 256 * blue
    inner = ~outlines(drawn_id, red)[row, column]
    assert inner.sum() > 8000
    assert len(np.unique(object_id[inner])) > 8
    # A point is anywhere in its pixel: what is thinner, a spoke or an aerial, may lie beside the middle.
    assert (drawn_id[row, column] == object_id)[inner].mean() > 0.9995
    assert (red[row, column] == tag)[inner].mean() > 0.999
    # Depth is at the middle of the pixel, the point anywhere in it: compare where surfaces face the sensor.
    blue, green, red = (depth.bgra[..., k].astype(np.float64) for k in range(3))
    drawn_m = 1000.0 * (red + 256.0 * green + 65536.0 * blue) / (256.0**3 - 1)
    facing = inner & (points.cos_incidence[ahead][inside] > 0.9)
    error_m = np.abs(drawn_m[row, column] - optical[ahead][inside, 2])[facing]
    assert facing.sum() > 500
    assert np.quantile(error_m, 0.95) < 0.05
