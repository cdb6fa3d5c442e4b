"""Which sensors there are, which the client works out, and which are refused."""

from __future__ import annotations

from typing import Any

import pytest

carla = pytest.importorskip("carla")

from tests.integration.carla_api.mounting import mount  # noqa: E402

REFUSED = {
    "sensor.other.v2x": "V2X radio is simulated by CARLA's own server only",
    "sensor.other.v2x_custom": "V2X radio is simulated by CARLA's own server only",
    "sensor.camera.cosmos_visualization": "what it draws for Cosmos Transfer is not documented",
}


def test_every_sensor_of_the_library_spawns_or_says_why_not(world: Any, library: Any, car: Any) -> None:
    blueprints = list(library.filter("sensor.*"))
    assert len(blueprints) >= 18
    for blueprint in blueprints:
        if blueprint.id in REFUSED:
            with pytest.raises(RuntimeError, match=REFUSED[blueprint.id]):
                world.spawn_actor(blueprint, carla.Transform(), attach_to=car)
            continue
        sensor = world.spawn_actor(blueprint, carla.Transform(), attach_to=car)
        assert sensor.type_id == blueprint.id
        assert sensor.parent.id == car.id
        if blueprint.id == "sensor.other.lane_invasion":
            assert isinstance(sensor, carla.ClientSideSensor)
        elif blueprint.id == "sensor.other.rss":
            assert not isinstance(sensor, carla.Sensor), "this client was built without RSS"
        else:
            assert isinstance(sensor, carla.ServerSideSensor)
        world.tick()  # what no snapshot has told of, the client may hold for dead
        assert sensor.destroy()


@pytest.mark.parametrize(
    ("type_id", "name", "value"),
    [
        ("sensor.other.radar", "horizontal_fov", "180"),
        ("sensor.other.radar", "range", "-1"),
        ("sensor.other.obstacle", "distance", "-5"),
        ("sensor.lidar.ray_cast", "channels", "0"),
        ("sensor.lidar.ray_cast", "dropoff_general_rate", "1.5"),
        ("sensor.other.imu", "noise_accel_stddev_x", "-1"),
    ],
)
def test_a_value_that_cannot_be_is_refused_by_name(
    world: Any, car: Any, type_id: str, name: str, value: str
) -> None:
    with pytest.raises(RuntimeError, match=f"{type_id}: attribute {name} is '{value}'"):
        mount(world, car, type_id, **{name: value})
