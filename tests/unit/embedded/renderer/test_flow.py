"""Flow against points that are projected by hand."""

from dataclasses import replace

import numpy as np
import pytest

from drivegen.core.weather import Weather
from drivegen.embedded.assets.walkers.asset import make_walker
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.renderer.motion import placed_before
from drivegen.embedded.renderer.views import EVERYTHING, FLOW_LIMIT, Before, CameraView, Output
from tests.unit.embedded.renderer.stage import box_mesh, pixel_rays, placed, plane_mesh, pose
from tests.unit.embedded.renderer.street import NOON, street

SIZE = (480, 270)
NOW = pose(x=0.5, y=0.1, z=1.6, yaw=0.03, pitch=0.05)
THEN = pose(z=1.6)
TO_PX = np.array([SIZE[0] / 2, -SIZE[1] / 2])
"""From halves of the image, y up, to pixels, y down."""


def view(world_camera=NOW, before=None):
    return CameraView(
        width_px=SIZE[0], height_px=SIZE[1], fov_deg=80.0, world_camera=world_camera, before=before
    )


def project_px(points, world_camera, directions=False):
    """Pixel coordinates of world points (or of directions), (..., 2)."""
    relative = points if directions else points - world_camera[:3, 3]
    x, y, z = np.moveaxis(relative @ world_camera[:3, :3], -1, 0)
    f = SIZE[0] / 2 / np.tan(np.radians(40.0))
    return np.stack([SIZE[0] / 2 - f * y / x, SIZE[1] / 2 - f * z / x], -1)


def seen_points(image, world_camera):
    return world_camera[:3, 3] + pixel_rays(view(world_camera)) * image.depth_m[..., None].astype(float)


def moved(drawables, matrix):
    return replace(drawables, world_mesh=(matrix @ drawables.world_mesh).astype(np.float32))


def test_flow_tells_the_way_of_every_pixel(library, make_renderer):
    """Camera and cars move, the ground, the houses and the sky do not."""
    still, cars = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    back = pose(x=-0.9, y=0.4, yaw=0.05)
    before = Before(world_camera=THEN, moving=moved(cars, back))
    image = renderer.render([view(before=before)], cars, NOON, EVERYTHING)[0]
    points = seen_points(image, NOW)
    on_car = image.object_id > 0
    was = np.where(on_car[..., None], points @ back[:3, :3].T + back[:3, 3], points)
    expected = project_px(points, NOW) - project_px(was, THEN)
    sky = image.tag == 11
    rays = pixel_rays(view())
    expected[sky] = (project_px(rays, NOW, True) - project_px(rays, THEN, True))[sky]
    inside = (np.abs(expected / TO_PX) < FLOW_LIMIT).all(-1)
    error = np.abs(image.flow * TO_PX - expected)[inside]
    assert on_car.sum() > 1000 and sky.sum() > 1000 and inside.mean() > 0.99
    assert np.abs(expected[inside]).max() > 20.0
    assert error.max() < 0.1


def test_flow_changes_no_other_buffer(library, make_renderer):
    still, cars = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    before = Before(world_camera=THEN, moving=moved(cars, pose(x=-1.0)))
    for weather in (NOON, Weather(sun_altitude_deg=-40.0)):
        plain = renderer.render([view()], cars, weather, EVERYTHING - {Output.FLOW})[0]
        flowing = renderer.render([view(before=before)], cars, weather, EVERYTHING)[0]
        for name in ("bgra", "depth_m", "labels", "normal"):
            assert getattr(plain, name).tobytes() == getattr(flowing, name).tobytes(), name
        alone = renderer.render([view(before=before)], cars, weather, {Output.FLOW})[0]
        assert alone.flow.tobytes() == flowing.flow.tobytes()


def test_without_a_moment_before_there_is_no_flow(library, make_renderer):
    still, cars = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    image = renderer.render([view()], cars, NOON, {Output.FLOW})[0]
    assert image.flow.shape == (SIZE[1], SIZE[0], 2)
    assert not image.flow.any()


def test_views_of_one_call_have_their_own_moments_before(library, make_renderer):
    still, cars = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    befores = [
        Before(world_camera=THEN, moving=cars),
        None,
        Before(world_camera=NOW, moving=moved(cars, pose(x=-1.0))),
        Before(world_camera=NOW, moving=cars),
    ]
    images = renderer.render([view(before=b) for b in befores], cars, NOON, {Output.FLOW, Output.LABELS})
    shaken, none, driven, rest = images
    assert np.abs(shaken.flow).max() > 0.01
    assert not none.flow.any()
    on_car = driven.object_id > 0
    assert np.abs(driven.flow * TO_PX)[~on_car].max() < 0.01
    assert np.median(np.abs(driven.flow[on_car]).max(-1)) > 0.005
    assert np.abs(rest.flow * TO_PX).max() < 0.01


def test_what_is_new_stood_where_it_stands(library, make_renderer):
    wall = library.add(box_mesh((0.5, 4, 3)))
    renderer = make_renderer(library)
    now = placed([(wall, pose(x=8, z=1.5), 7)])
    before = Before(world_camera=NOW, moving=Drawables.empty())
    image = renderer.render([view(before=before)], now, NOON, {Output.FLOW, Output.LABELS})[0]
    assert (image.object_id == 7).any()
    assert np.abs(image.flow * TO_PX).max() < 0.01


def test_what_was_behind_the_camera_flows_as_far_as_can_be_said(library, make_renderer):
    wall = library.add(box_mesh((0.5, 4, 3)))
    renderer = make_renderer(library)
    now, then = placed([(wall, pose(x=8, z=1.5), 7)]), placed([(wall, pose(x=-8, y=1, z=1.5), 7)])
    before = Before(world_camera=NOW, moving=then)
    image = renderer.render([view(before=before)], now, NOON, {Output.FLOW, Output.LABELS})[0]
    flow = image.flow[image.object_id == 7]
    assert np.isfinite(flow).all()
    assert np.abs(flow).max() == FLOW_LIMIT


def test_parts_are_found_again_by_object_mesh_and_order():
    """A car's four wheels are rows of one mesh; others come and go around it."""
    wheels = [(3, pose(x=k), 20) for k in range(4)]
    before = placed([(3, pose(x=9), 19), *[(3, pose(x=k - 0.5), 20) for k in range(4)], (5, pose(x=1), 20)])
    now = placed([(5, pose(x=2), 20), *wheels, (3, pose(x=70), 21)])
    found = placed_before(now, before)
    assert found[:, 0, 3].tolist() == [1.0, -0.5, 0.5, 1.5, 2.5, 70.0]
    assert placed_before(Drawables.empty(), before).shape == (0, 4, 4)
    assert placed_before(now, Drawables.empty()).tobytes() == now.world_mesh.tobytes()


def test_the_limbs_of_a_walker_flow_on_their_own(library, make_renderer):
    """A person walks on the spot of the camera's view: each part's pixels move as that part does."""
    person = make_walker(library, "walker.pedestrian.0014", 1.86, 5)
    ground = library.add(plane_mesh(40.0))
    renderer = make_renderer(library)
    renderer.set_static(placed([(ground, np.eye(4), 0)]))
    feet, feet_then = pose(x=4.0, yaw=1.5), pose(x=4.0, y=-0.07, yaw=1.5)
    now, then = person.place(feet, 1.4, 1.4, 9), person.place(feet_then, 1.2, 1.4, 9)
    before = Before(world_camera=THEN, moving=then)
    renderer.level_error_px = 0.0
    image = renderer.render([view(THEN, before)], now, NOON, EVERYTHING)[0]
    points = seen_points(image, THEN)
    flow_px = image.flow * TO_PX
    checked, fastest = 0, []
    # Each part drawn alone: a pixel is the part's where it lies in front and no other part is as near.
    alone = [Drawables.concatenate([replace(now, **_row(now, part))]) for part in range(len(now))]
    drawn = [renderer.render([view(THEN)], one, NOON, {Output.DEPTH, Output.LABELS})[0] for one in alone]
    depths = np.stack([np.where(own.object_id == 9, own.depth_m, np.inf) for own in drawn])
    near = np.abs(depths - image.depth_m) < 1e-3
    for part in range(len(now)):
        mine = near[part] & (near.sum(axis=0) == 1)
        if mine.sum() < 20:
            continue
        way = then.world_mesh[part].astype(float) @ np.linalg.inv(now.world_mesh[part].astype(float))
        was = points[mine] @ way[:3, :3].T + way[:3, 3]
        expected = project_px(points[mine], THEN) - project_px(was, THEN)
        assert np.abs(flow_px[mine] - expected).max() < 0.1
        fastest.append(np.abs(expected).max())
        checked += 1
    assert checked >= 6
    assert max(fastest) > 3 * min(fastest), "all parts move alike: the test shows nothing"


def _row(drawables, index):
    names = [name for name in drawables.__dataclass_fields__ if getattr(drawables, name) is not None]
    return {name: getattr(drawables, name)[index : index + 1] for name in names}


@pytest.mark.parametrize("weather", [NOON, Weather(sun_altitude_deg=-40.0)], ids=["noon", "night"])
def test_exposure_by_hand_minds_the_camera_and_not_the_weather(library, make_renderer, weather):
    still, cars = street(library)
    renderer = make_renderer(library)
    renderer.set_static(still)
    usual, open_, closed, limits = (
        renderer.render([replace(view(), **knobs)], cars, weather, {Output.COLOR})[0].bgra[..., :3].mean()
        for knobs in ({}, {"camera_ev": 9.0}, {"camera_ev": 14.0}, {"ev_limits": (0.0, 20.0)})
    )
    assert closed < open_ - 5
    if weather is NOON:
        # Both let a clear noon through as it is.
        by_hand = renderer.render([replace(view(), camera_ev=12.0)], cars, weather, {Output.COLOR})[0]
        assert by_hand.bgra[..., :3].mean() == pytest.approx(usual, abs=8)
        assert open_ > usual + 40
    else:
        # Within the usual limits a night stays dark.
        assert limits > usual + 20
        assert closed < usual
