import pytest

from drivegen.core.errors import ConfigError
from drivegen.embedded.sensors.suite import SENSOR_TYPES, make_sensor


@pytest.mark.parametrize("type_id", SENSOR_TYPES)
def test_every_type_can_be_made_from_carlas_defaults(type_id):
    assert make_sensor(type_id, {}, 0).sensor_tick_s == 0.0
    period = 0.0 if type_id == "sensor.other.collision" else 0.5
    assert make_sensor(type_id, {"sensor_tick": "0.5", "role_name": "front"}, 0).sensor_tick_s == period


@pytest.mark.parametrize("type_id", ["sensor.other.v2x", "sensor.lidar", "vehicle.a.b", ""])
def test_another_type_is_refused_by_name(type_id):
    with pytest.raises(
        ConfigError, match=rf"no sensor of type {type_id} here; there are sensor\.camera\.rgb"
    ):
        make_sensor(type_id, {}, 0)


@pytest.mark.parametrize(
    ("type_id", "name", "text", "expected"),
    [
        ("sensor.camera.rgb", "image_size_x", "0", "a whole number from 1 to 8192"),
        ("sensor.camera.rgb", "image_size_y", "12.5", "a whole number"),
        ("sensor.camera.depth", "fov", "180", "a number from 1 to 170"),
        ("sensor.camera.depth", "fov", "nan", "a number"),
        ("sensor.camera.rgb", "sensor_tick", "-1", "a number not below 0"),
        ("sensor.lidar.ray_cast", "channels", "0", "a whole number from 1"),
        ("sensor.lidar.ray_cast", "points_per_second", "-5", "a whole number from 0"),
        ("sensor.lidar.ray_cast", "dropoff_general_rate", "1.5", "a number from 0 to 1"),
        ("sensor.lidar.ray_cast", "noise_stddev", "inf", "a number not below 0"),
        ("sensor.lidar.ray_cast_semantic", "range", "far", "a number"),
        ("sensor.lidar.ray_cast_semantic", "horizontal_fov", "361", "a number from 0 to 360"),
        ("sensor.other.gnss", "noise_lat_stddev", "-1e-6", "a number not below 0"),
        ("sensor.other.imu", "noise_gyro_bias_x", "x", "a number"),
        ("sensor.other.radar", "horizontal_fov", "180", "a number from 0 to 179"),
        ("sensor.other.radar", "points_per_second", "-1", "a whole number from 0"),
        ("sensor.other.obstacle", "hit_radius", "-1", "a number from 0 to 1000"),
    ],
)
def test_a_bad_value_is_named_with_what_was_expected(type_id, name, text, expected):
    with pytest.raises(ConfigError) as error:
        make_sensor(type_id, {name: text}, 0)
    assert f"{type_id}: attribute {name} is '{text}', expected {expected}" in str(error.value)


def test_a_lidar_needs_a_field_of_view():
    with pytest.raises(ConfigError, match="horizontal_fov is 0, expected more than 0"):
        make_sensor("sensor.lidar.ray_cast", {"horizontal_fov": "0"}, 0)
