"""Depth, ids, tags, order of rows, hands: against answers worked out from formulas."""

import numpy as np
import pytest

from drivegen.core.errors import RenderError
from drivegen.core.geometry import Pose
from drivegen.core.sensors import OPTICAL_FROM_MOUNT, Camera
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material
from drivegen.embedded.renderer.views import EVERYTHING, FAR_M, CameraView, Output
from tests.unit.embedded.renderer.stage import box_mesh, hit_box, pixel_rays, placed, plane_mesh, pose

LABELS = {Output.DEPTH, Output.LABELS}
NOON = Weather(sun_altitude_deg=55.0)


def view_at(world_camera, width=320, height=180, fov=90.0):
    return CameraView(width_px=width, height_px=height, fov_deg=fov, world_camera=world_camera)


def test_depth_of_a_plane(library, make_renderer):
    ground = library.add(plane_mesh(400.0, tag=Tag.ROAD, material=Material.ASPHALT))
    renderer = make_renderer(library)
    renderer.set_static(placed([(ground, np.eye(4), 0)]))
    view = view_at(pose(x=3.0, y=-2.0, z=1.6, yaw=0.3), 1280, 720)
    image = renderer.render([view], Drawables.empty(), NOON, LABELS)[0]
    rays = pixel_rays(view)
    with np.errstate(divide="ignore"):
        expected = np.where(rays[..., 2] < 0, -1.6 / rays[..., 2], np.inf)
    near = expected < 200.0
    assert near.sum() > 300_000
    error = np.abs(image.depth_m[near] - expected[near]) / expected[near]
    assert error.max() <= 1e-5
    assert (image.tag[near] == Tag.ROAD).all()


def test_depth_of_a_wall_is_along_the_axis(library, make_renderer):
    wall = library.add(box_mesh((1.0, 80.0, 80.0)))
    renderer = make_renderer(library)
    image = renderer.render([view_at(np.eye(4))], placed([(wall, pose(x=30.5), 7)]), NOON, LABELS)[0]
    assert np.abs(image.depth_m - 30.0).max() < 3e-4
    assert (image.object_id == 7).all()


def test_sky_is_far_and_has_its_tag(library, make_renderer):
    image = make_renderer(library).render([view_at(np.eye(4))], Drawables.empty(), NOON, EVERYTHING)[0]
    assert (image.depth_m == FAR_M).all()
    assert (image.tag == Tag.SKY).all()
    assert (image.object_id == 0).all()
    assert (image.normal == 0).all()
    assert (image.bgra[..., 3] == 255).all()


def test_rows_and_hands(library, make_renderer):
    """Left is left, up is up: a body ahead to the left and above lies in the upper left of the image."""
    cube = library.add(box_mesh((1.0, 1.0, 1.0)))
    renderer = make_renderer(library)
    bodies = placed(
        [(cube, pose(x=10, y=5, z=3), 1), (cube, pose(x=10, y=-5, z=3), 2), (cube, pose(x=10, z=-3), 3)]
    )
    ids = renderer.render([view_at(np.eye(4))], bodies, NOON, LABELS)[0].object_id
    centres = {k: np.argwhere(ids == k).mean(axis=0) for k in (1, 2, 3)}
    assert centres[1][0] < 90 < centres[3][0]
    assert centres[1][1] < 160 < centres[2][1]
    assert abs(centres[3][1] - 159.5) < 0.6


def test_pixels_lie_where_the_intrinsic_matrix_says(library, make_renderer):
    cube = library.add(box_mesh((0.2, 0.2, 0.2)))
    renderer = make_renderer(library)
    camera = Camera(
        name="c", agent_sensor=Pose.identity(), width_px=320, height_px=180, fov_deg=70.0, period_s=0.1
    )
    world_camera = pose(x=1, y=2, z=1.5, yaw=0.7, pitch=0.1)
    at = world_camera @ np.array([8.0, 1.7, -0.9, 1.0])
    image = renderer.render(
        [view_at(world_camera, fov=70.0)],
        placed([(cube, pose(*at[:3], yaw=0.7, pitch=0.1), 9)]),
        NOON,
        LABELS,
    )[0]
    u, v, w = camera.intrinsic @ OPTICAL_FROM_MOUNT @ np.array([7.9, 1.7, -0.9])
    rows, columns = np.nonzero(image.object_id == 9)
    # The near face dominates; pixel (r, c) has its middle at (c + 0.5, r + 0.5).
    assert columns.mean() + 0.5 == pytest.approx(u / w, abs=0.7)
    assert rows.mean() + 0.5 == pytest.approx(v / w, abs=0.7)


def test_ids_tags_depth_and_normals_of_many_boxes(library, make_renderer):
    """Against a ray cast by slabs: the same box in all but a few pixels on edges, the same depth."""
    rng = np.random.default_rng(5)
    boxes, sizes, matrices, tags = [], [], [], []
    for k in range(60):
        size = rng.uniform(0.5, 6.0, 3)
        tag = [Tag.CAR, Tag.BUILDING, Tag.POLE, Tag.PEDESTRIAN][k % 4]
        boxes.append(library.add(box_mesh(size, tag=tag)))
        sizes.append(size)
        tags.append(tag)
        matrices.append(
            pose(*rng.uniform((5, -40, -4), (90, 40, 8)), yaw=rng.uniform(0, 6.28), pitch=rng.uniform(0, 0.4))
        )
    renderer = make_renderer(library)
    ids = [70_000 + 3 * k for k in range(60)]  # more than 16 bits: the image holds the low ones
    view = view_at(pose(z=1.5, yaw=0.1, pitch=0.05), 640, 360)
    half = placed(list(zip(boxes, matrices, ids, strict=True))[:30])
    rest = placed(list(zip(boxes, matrices, ids, strict=True))[30:])
    renderer.set_static(half)
    image = renderer.render([view], rest, NOON, EVERYTHING)[0]
    rays = pixel_rays(view)
    depths = np.stack(
        [hit_box(view.world_camera[:3, 3], rays, m, s) for m, s in zip(matrices, sizes, strict=True)]
    )
    nearest = depths.min(axis=0)
    which = depths.argmin(axis=0)
    hit = np.isfinite(nearest)
    expected_id = np.where(hit, np.array(ids)[which] & 0xFFFF, 0)
    expected_tag = np.where(hit, np.array(tags)[which], Tag.SKY)
    assert (image.object_id == expected_id).mean() >= 0.9999
    assert (image.tag == expected_tag).mean() >= 0.9999
    same = (image.object_id == expected_id) & hit
    error = np.abs(image.depth_m[same] - nearest[same]) / nearest[same]
    assert np.quantile(error, 0.999) <= 1e-5
    point = view.world_camera[:3, 3] + rays * nearest[..., None]
    for k in (0, 17, 45):
        mine = same & (which == k)
        if not mine.any():
            continue
        local = (point[mine] - matrices[k][:3, 3]) @ matrices[k][:3, :3] / (np.array(sizes[k]) / 2)
        axis = np.abs(local).argmax(axis=1)
        expected = matrices[k][:3, axis].T * np.sign(local[np.arange(len(axis)), axis])[:, None]
        assert np.median(np.linalg.norm(image.normal[mine] - expected, axis=1)) < 0.01


def test_back_faces_are_not_drawn(library, make_renderer):
    room = library.add(box_mesh((10.0, 10.0, 10.0)))
    image = make_renderer(library).render([view_at(np.eye(4))], placed([(room, np.eye(4), 4)]), NOON, LABELS)[
        0
    ]
    assert (image.object_id == 0).all()


def test_several_views_of_several_sizes(library, make_renderer):
    wall = library.add(box_mesh((1.0, 80.0, 80.0)))
    renderer = make_renderer(library)
    walls = placed([(wall, pose(x=20.5), 1), (wall, pose(x=-30.5), 2)])
    views = [
        view_at(np.eye(4), 64, 48),
        view_at(pose(yaw=np.pi), 64, 48),
        view_at(pose(x=5.0), 100, 40),
        view_at(np.eye(4), 64, 48),
    ]
    images = renderer.render(views, walls, NOON, LABELS)
    assert [int(i.object_id[20, 20]) for i in images] == [1, 2, 1, 1]
    assert [round(float(i.depth_m[20, 20]), 3) for i in images] == [20.0, 30.0, 15.0, 20.0]
    assert np.array_equal(images[0].depth_m, images[3].depth_m)


def test_what_is_not_wanted_is_absent(library, make_renderer):
    renderer = make_renderer(library)
    image = renderer.render([view_at(np.eye(4))], Drawables.empty(), NOON, {Output.LABELS})[0]
    assert image.bgra is None and image.depth_m is None and image.normal is None
    assert image.labels.shape == (180, 320, 4)


def test_the_library_may_grow_after_the_static_scene(library, make_renderer):
    first = library.add(box_mesh((1.0, 8.0, 8.0)))
    renderer = make_renderer(library)
    renderer.set_static(placed([(first, pose(x=20.5), 1)]))
    renderer.render([view_at(np.eye(4))], Drawables.empty(), NOON, LABELS)
    rng = np.random.default_rng(0)
    for _ in range(1500):  # enough to make every buffer grow
        library.add(box_mesh(rng.uniform(0.1, 1.0, 3)))
    last = library.add(box_mesh((1.0, 2.0, 2.0)))
    crowd = placed([(last, pose(x=10.5), 2)] + [(last, pose(x=-10.0, y=k), 3) for k in range(1500)])
    ids = renderer.render([view_at(np.eye(4))], crowd, NOON, LABELS)[0].object_id
    assert int(ids[90, 160]) == 2
    assert set(np.unique(ids)) == {0, 1, 2}


@pytest.mark.parametrize("fov", [0.0, 179.0])
def test_a_view_out_of_range_is_refused(library, make_renderer, fov):
    with pytest.raises(RenderError, match="field of view"):
        make_renderer(library).render([view_at(np.eye(4), fov=fov)], Drawables.empty(), NOON, LABELS)


def test_an_unknown_mesh_is_refused(library, make_renderer):
    with pytest.raises(RenderError, match="mesh 3"):
        make_renderer(library).render([view_at(np.eye(4))], placed([(3, np.eye(4), 1)]), NOON, LABELS)


def test_an_image_that_is_kept_is_never_written_to_again(library, make_renderer):
    """Buffers are used again, but only those that nobody holds, not even a view of them."""
    wall = library.add(box_mesh((1.0, 80.0, 80.0)))
    renderer = make_renderer(library)

    def shown(k):
        return renderer.render(
            [view_at(np.eye(4), 64, 48)], placed([(wall, pose(x=5.5 + k), k)]), NOON, EVERYTHING
        )[0]

    first = shown(1)
    ids, depth, red = first.labels[..., 1], first.depth_m[:2], memoryview(first.bgra).cast("B")[:99]
    was = ids.copy(), depth.copy(), bytes(red)
    del first
    for k in range(2, 9):
        assert (shown(k).object_id == k).all()
    assert np.array_equal(ids, was[0]) and np.array_equal(depth, was[1]) and bytes(red) == was[2]
