"""Contact shadows of what stands still, and spray behind what moves."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from drivegen.core.tags import Tag
from drivegen.core.weather import Weather
from drivegen.embedded import drawables as bits
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import Material, merge_meshes
from drivegen.embedded.renderer.contacts import CONTACT, STILL_WITHIN_M, contacts_of, ground_below, nearby
from drivegen.embedded.renderer.spray import FULL_MPS, PUFFS, SLOWEST_MPS, Motions, puffs_of
from drivegen.embedded.renderer.views import CameraView, Output
from tests.unit.embedded.renderer.stage import box_mesh, mesh_of, placed, plane_mesh, pose

COLOR = frozenset({Output.COLOR})
OVERCAST = Weather(sun_altitude_deg=50.0, cloudiness=100.0)


def footprints(count: int) -> np.ndarray:
    out = np.zeros(count, CONTACT)
    out["middle"][:, 0] = 10.0 * np.arange(count)
    out["half_length"], out["half_width"], out["forward"] = 2.2, 0.9, (1.0, 0.0)
    return out


def motions(*speeds_mps: float) -> Motions:
    velocity = np.zeros((len(speeds_mps), 3))
    velocity[:, 0] = speeds_mps
    return Motions(ids=np.arange(1, len(speeds_mps) + 1, dtype=np.uint32), velocity_mps=velocity)


def test_only_fast_vehicles_on_wet_roads_throw_spray():
    two = footprints(2)
    assert len(puffs_of(two, motions(SLOWEST_MPS - 1.0, 12.0), 1.0)) == PUFFS
    assert len(puffs_of(two, motions(12.0, 12.0), 0.1)) == 0
    thin = footprints(2)
    thin["half_width"] = 0.3
    assert len(puffs_of(thin, motions(12.0, 12.0), 1.0)) == 0


def test_spray_hangs_behind_the_vehicle_and_grows_with_speed():
    forth, back = puffs_of(footprints(1), motions(FULL_MPS), 1.0), puffs_of(footprints(1), motions(-9.0), 1.0)
    assert forth["tail"][:, 0] == pytest.approx(-2.2)
    assert back["tail"][:, 0] == pytest.approx(2.2), "it drives backwards"
    assert (forth["strength"] > 1.5 * back["strength"]).all()
    assert len(np.unique(forth["seed"])) == PUFFS


def test_motions_are_found_by_id():
    known = motions(3.0, 5.0)
    got = known.of(np.array([2, 9, 1], np.uint32))
    assert got.velocity_mps[:, 0].tolist() == [5.0, 0.0, 3.0]
    assert Motions.none().of(np.array([4], np.uint32)).velocity_mps.tolist() == [[0.0, 0.0, 0.0]]


def test_spray_is_seen_in_the_picture(library, make_renderer):
    road = library.add(plane_mesh(100.0, material=Material.ASPHALT, color=(70, 70, 70)))
    car = library.add(box_mesh((4.4, 1.8, 1.4), (0, 0, 0.8), color=(10, 10, 10)))
    renderer = make_renderer(library)
    renderer.set_static(placed([(road, np.eye(4), 0)]))
    view = CameraView(width_px=160, height_px=100, fov_deg=50.0, world_camera=pose(z=1.5))
    wet = Weather(sun_altitude_deg=50.0, cloudiness=100.0, wetness=100.0)

    def picture(weather: Weather, speed_mps: float, time_s: float = 2.0) -> np.ndarray:
        things, move = placed([(car, pose(x=14.0), 1)]), motions(speed_mps)
        return renderer.render([view], things, weather, COLOR, None, time_s, move)[0].bgra.astype(int)

    standing, driving = picture(wet, 0.0), picture(wet, 16.0)
    assert ((driving - standing).max(axis=-1) > 8).sum() > 150
    assert (driving - standing).min() > -25, "spray over dark things is bright"
    assert (picture(OVERCAST, 16.0) == picture(OVERCAST, 0.0)).all(), "on a dry road there is none"
    assert (picture(wet, 16.0, 2.0) != picture(wet, 16.0, 2.2)).any()


def test_still_things_darken_the_ground_at_their_feet(library, make_renderer):
    ground = library.add(plane_mesh(100.0))
    post = library.add(box_mesh((0.6, 0.6, 2.0), (0, 0, 1.0)))
    renderer = make_renderer(library)
    view = CameraView(width_px=120, height_px=120, fov_deg=60.0, world_camera=pose(z=8.0, pitch=np.pi / 2))
    things = [(ground, np.eye(4), 0), (post, pose(y=-2.0), 0)]
    light = []
    for still in (things[:1], things):
        renderer.set_static(placed(still))
        light.append(renderer.render([view], Drawables.empty(), OVERCAST, COLOR)[0].bgra[..., 1].astype(int))
    change = light[1] - light[0]
    # 13 pixels a metre; the post stands 2 m to the right of the middle.
    beside, away = change[50:70, 60 + 26 - 9 : 60 + 26 - 5], change[50:70, 20:40]
    assert beside.mean() < -4.0
    assert (away == 0).all()


def test_nearby_takes_the_nearest_in_their_order():
    rows = footprints(40)
    eyes = np.array([[100.0, 0.0, 1.5]])
    some = nearby(rows, eyes, 5)["middle"][:, 0]
    assert some.tolist() == [80.0, 90.0, 100.0, 110.0, 120.0]
    all_near = nearby(rows, eyes, 1000)["middle"][:, 0]
    assert (np.abs(all_near - 100.0) < STILL_WITHIN_M + 2.2).all()
    assert len(nearby(rows, eyes, 0)) == 0


def test_the_ground_is_that_below_the_nearest_thing_that_stands_below_the_eye():
    rows = footprints(3)
    rows["middle"][:, 2] = 6.0, 0.2, 0.4
    assert ground_below(rows, np.array([1.0, 0.0, 7.6])) == pytest.approx(6.0)
    # Nobody stands on the bridge above.
    assert ground_below(rows, np.array([1.0, 0.0, 1.7])) == pytest.approx(0.2)
    assert ground_below(rows, np.array([500.0, 0.0, 1.7])) is None
    assert ground_below(rows[:0], np.zeros(3)) is None


def test_lamps_light_the_ground_below_a_high_camera(library, make_renderer):
    """The map of lamps lies on the ground, not a car's height below the eye."""
    road = library.add(plane_mesh(60.0, tag=Tag.ROAD, material=Material.ASPHALT))
    lens = library.add(
        mesh_of(
            [(-0.3, -0.3, 8.0), (0.3, -0.3, 8.0), (0.3, 0.3, 8.0), (-0.3, 0.3, 8.0)],
            [(0.0, 0.0, -1.0)] * 4,
            [(0, 2, 1), (0, 3, 2)],
            material=Material.STREET_LAMP,
        )
    )
    post = library.add(box_mesh((0.3, 0.3, 7.9), (0, 0, 3.95)))
    renderer = make_renderer(library)
    still = placed([(road, np.eye(4), 0), (lens, pose(x=6.0), 0), (post, pose(x=6.0), 0)])
    on = replace(still, lights=np.array([0, bits.LIGHT_STREET_LAMP, 0], np.uint32))
    view = CameraView(width_px=100, height_px=100, fov_deg=60.0, world_camera=pose(z=40.0, pitch=np.pi / 2))
    light = []
    for drawables in (still, on):
        renderer.set_static(drawables)
        image = renderer.render([view], Drawables.empty(), Weather(sun_altitude_deg=-40.0), COLOR)[0]
        light.append(image.bgra[..., 1].astype(int))
    # 46 m across; 8 m beside the lamp there is still light.
    assert (light[1] - light[0])[50 - 13, 50 + 17] > 5


def test_a_mast_darkens_the_ground_at_its_foot_alone(library, make_renderer):
    arm = merge_meshes(
        [box_mesh((0.3, 0.3, 6.0), (0, 0, 3.0)), box_mesh((0.2, 7.0, 0.2), (0, 3.5, 5.9))], "mast"
    )
    lorry = box_mesh((8.0, 2.4, 3.4), (0, 0, 1.9))
    library.add(arm)
    library.add(lorry)
    renderer = make_renderer(library)
    renderer.set_static(Drawables.empty())
    rows, ids = contacts_of(renderer._store, placed([(0, np.eye(4), 7), (1, pose(x=20.0), 9)]))
    assert ids.tolist() == [7, 9]
    assert rows["half_width"].tolist() == pytest.approx([0.15, 1.2])
    assert rows["half_length"].tolist() == pytest.approx([0.15, 4.0])
    assert rows["middle"][0].tolist() == pytest.approx([0.0, 0.0, 0.0], abs=1e-6)
