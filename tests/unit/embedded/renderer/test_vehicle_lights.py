"""Every light that CARLA's VehicleLightState names is seen at night."""

from __future__ import annotations

import math

import numpy as np
import pytest

from drivegen.core.geometry import Pose
from drivegen.core.weather import Weather
from drivegen.embedded import drawables as bits
from drivegen.embedded.assets.vehicles import make_vehicle
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.renderer.views import CameraView, Output
from drivegen.embedded.world.blueprints import BlueprintLibrary

from .stage import placed, plane_mesh

NIGHT = Weather(sun_altitude_deg=-30.0)
AHEAD, BEHIND = "ahead", "behind"
POLICE = "vehicle.dodge.charger_police_2020"
SEEN = (
    (bits.LIGHT_POSITION, AHEAD, 100),
    (bits.LIGHT_POSITION, BEHIND, 300),
    (bits.LIGHT_LOW_BEAM, AHEAD, 1000),
    (bits.LIGHT_HIGH_BEAM, AHEAD, 2000),
    (bits.LIGHT_BRAKE, BEHIND, 500),
    (bits.LIGHT_RIGHT_BLINKER, BEHIND, 80),
    (bits.LIGHT_LEFT_BLINKER, BEHIND, 80),
    (bits.LIGHT_LEFT_BLINKER, AHEAD, 80),
    (bits.LIGHT_REVERSE, BEHIND, 300),
    (bits.LIGHT_FOG, AHEAD, 300),
    (bits.LIGHT_FOG, BEHIND, 300),
    (bits.LIGHT_INTERIOR, BEHIND, 300),
    (bits.LIGHT_SPECIAL1, AHEAD, 300),
    (bits.LIGHT_SPECIAL2, AHEAD, 300),
)


@pytest.fixture(scope="module")
def shoot():
    from drivegen.embedded.renderer.renderer import Renderer

    library = MeshLibrary()
    ground = library.add(plane_mesh(100.0))
    size = next(b.size_m for b in BlueprintLibrary().blueprints if b.id == POLICE)
    car = make_vehicle(library, POLICE, size, 0)
    renderer = Renderer(library)
    renderer.set_static(placed([(ground, np.eye(4), 0)]))

    def shot(lights: int, side: str) -> np.ndarray:
        x = 7.0 if side == AHEAD else -7.0
        eye = Pose.from_xyz_rpy(x, 2.5, 1.6, 0.0, math.radians(8.0), math.atan2(-2.5, -x))
        view = CameraView(width_px=320, height_px=200, fov_deg=50.0, world_camera=eye.matrix)
        drawn = car.place(np.eye(4), 0.0, 0.0, lights, 5, (180, 40, 40))
        image = renderer.render([view], drawn, NIGHT, {Output.COLOR})[0].bgra
        assert image is not None
        return image[..., :3].astype(np.int64)

    yield shot
    renderer.close()


@pytest.mark.parametrize(("light", "side", "least"), SEEN)
def test_a_light_is_seen(shoot, light: int, side: str, least: int) -> None:
    change = shoot(light, side) - shoot(0, side)
    assert (change.max(axis=-1) > 20).sum() >= least
    assert change.min() > -40, "light only adds"


def test_the_high_beam_is_not_the_low_one(shoot) -> None:
    low, high = (shoot(b, AHEAD) for b in (bits.LIGHT_LOW_BEAM, bits.LIGHT_HIGH_BEAM))
    assert high.sum() > 1.02 * low.sum()


def test_lights_have_their_colours(shoot) -> None:
    def tone(light: int, side: str) -> np.ndarray:
        change = (shoot(light, side) - shoot(0, side)).clip(0)
        return change[change.max(axis=-1) > 60].mean(axis=0) / 255.0

    blue, green, red = tone(bits.LIGHT_BRAKE, BEHIND)
    assert red > 2 * max(blue, green)
    blue, green, red = tone(bits.LIGHT_SPECIAL1, AHEAD)
    assert blue > 1.2 * red
    blue, green, red = tone(bits.LIGHT_SPECIAL2, AHEAD)
    assert red > 1.2 * blue
    blue, green, red = tone(bits.LIGHT_REVERSE, BEHIND)
    assert min(blue, green, red) > 0.6 * max(blue, green, red)
    blue, green, red = tone(bits.LIGHT_LEFT_BLINKER, BEHIND)
    assert red > blue
    assert green > blue
