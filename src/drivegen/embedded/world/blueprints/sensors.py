"""Sensors of CARLA 0.9.16: ids, attributes, defaults as in its public sensor reference."""

from __future__ import annotations

from drivegen.embedded.world.blueprints.blueprint import Attribute, AttributeKind, Blueprint, Family, role

_B, _I, _F, _S = AttributeKind.BOOL, AttributeKind.INT, AttributeKind.FLOAT, AttributeKind.STRING
_Rows = tuple[tuple[str, AttributeKind, str], ...]

_PLACES = ("front", "back", "left", "right", "front_left", "front_right", "back_left", "back_right")
_TICK: _Rows = (("sensor_tick", _F, "0.0"),)
_IMAGE: _Rows = (
    ("image_size_x", _I, "800"),
    ("image_size_y", _I, "600"),
    ("fov", _F, "90.0"),
    ("lens_circle_falloff", _F, "5.0"),
    ("lens_circle_multiplier", _F, "0.0"),
    ("lens_k", _F, "-1.0"),
    ("lens_kcube", _F, "0.0"),
    ("lens_x_size", _F, "0.08"),
    ("lens_y_size", _F, "0.08"),
)
_POSTPROCESS: _Rows = (
    ("exposure_compensation", _F, "0.0"),
    ("shutter_speed", _F, "200.0"),
    ("iso", _F, "100.0"),
    ("fstop", _F, "1.4"),
    ("enable_postprocess_effects", _B, "true"),
    ("gamma", _F, "2.2"),
    ("motion_blur_intensity", _F, "0.45"),
    ("motion_blur_max_distortion", _F, "0.35"),
    ("lens_flare_intensity", _F, "0.1"),
    ("bloom_intensity", _F, "0.675"),
    ("motion_blur_min_object_screen_size", _F, "0.1"),
    ("exposure_min_bright", _F, "10.0"),
    ("exposure_max_bright", _F, "12.0"),
    ("exposure_speed_up", _F, "3.0"),
    ("exposure_speed_down", _F, "1.0"),
    ("calibration_constant", _F, "16.0"),
    ("focal_distance", _F, "1000.0"),
    ("min_fstop", _F, "1.2"),
    ("blade_count", _I, "5"),
    ("blur_amount", _F, "1.0"),
    ("blur_radius", _F, "0.0"),
    ("slope", _F, "0.88"),
    ("toe", _F, "0.55"),
    ("shoulder", _F, "0.26"),
    ("black_clip", _F, "0.0"),
    ("white_clip", _F, "0.04"),
    ("temp", _F, "6500.0"),
    ("tint", _F, "0.0"),
    ("chromatic_aberration_intensity", _F, "0.0"),
    ("chromatic_aberration_offset", _F, "0.0"),
)
_EVENTS: _Rows = (
    ("positive_threshold", _F, "0.3"),
    ("negative_threshold", _F, "0.3"),
    ("sigma_positive_threshold", _F, "0.0"),
    ("sigma_negative_threshold", _F, "0.0"),
    ("refractory_period_ns", _I, "0"),
    ("use_log", _B, "true"),
    ("log_eps", _F, "0.001"),
)
_SWEEP: _Rows = (
    ("channels", _I, "32"),
    ("range", _F, "10.0"),
    ("points_per_second", _I, "56000"),
    ("rotation_frequency", _F, "10.0"),
    ("upper_fov", _F, "10.0"),
    ("lower_fov", _F, "-30.0"),
    ("horizontal_fov", _F, "360.0"),
)
_RETURNS: _Rows = (
    ("atmosphere_attenuation_rate", _F, "0.004"),
    ("noise_seed", _I, "0"),
    ("dropoff_general_rate", _F, "0.45"),
    ("dropoff_intensity_limit", _F, "0.8"),
    ("dropoff_zero_intensity", _F, "0.4"),
    ("noise_stddev", _F, "0.0"),
)
_SEED: _Rows = (("noise_seed", _I, "0"),)
_POSITION_NOISE: _Rows = tuple(
    (f"noise_{axis}_{kind}", _F, "0.0") for axis in ("lat", "lon", "alt") for kind in ("stddev", "bias")
)
_MOTION_NOISE: _Rows = tuple(
    (f"noise_{name}_{axis}", _F, "0.0")
    for name in ("accel_stddev", "gyro_stddev", "gyro_bias")
    for axis in ("x", "y", "z")
)
_RADAR: _Rows = (
    ("horizontal_fov", _F, "30.0"),
    ("vertical_fov", _F, "30.0"),
    ("range", _F, "100.0"),
    ("points_per_second", _I, "1500"),
    ("noise_seed", _I, "0"),
)
_OBSTACLE: _Rows = (
    ("distance", _F, "5.0"),
    ("hit_radius", _F, "0.5"),
    ("only_dynamics", _B, "false"),
    ("debug_linetrace", _B, "false"),
)
_RADIO: _Rows = (
    ("transmit_power", _F, "21.5"),
    ("receiver_sensitivity", _F, "-99.0"),
    ("frequency_ghz", _F, "5.9"),
    ("noise_seed", _I, "0"),
    ("filter_distance", _F, "500.0"),
    ("combined_antenna_gain", _F, "10.0"),
    ("d_ref", _F, "1.0"),
    ("path_loss_exponent", _F, "2.7"),
    ("scenario", _S, "urban"),
    ("path_loss_model", _S, "geometric"),
    ("use_etsi_fading", _B, "true"),
    ("custom_fading_stddev", _F, "0.0"),
)

_EXPOSURE_MODE = Attribute(
    id="exposure_mode",
    kind=_S,
    value="histogram",
    recommended=("histogram", "manual"),
    restricted=True,
)

_RADIO_SILENT = "V2X radio is simulated by CARLA's own server only"
_COSMOS_UNKNOWN = "what it draws for Cosmos Transfer is not documented"


def sensor_blueprints() -> tuple[Blueprint, ...]:
    """All sensors and the walker's AI controller, sorted by id."""
    colour = (_EXPOSURE_MODE,)
    return (
        Blueprint(id="controller.ai.walker", family=Family.CONTROLLER, attributes=(role(),)),
        _sensor("camera.cosmos_visualization", _TICK + _IMAGE, places=True, refusal=_COSMOS_UNKNOWN),
        _sensor("camera.depth", _TICK + _IMAGE, places=True),
        _sensor("camera.dvs", _TICK + _IMAGE + _POSTPROCESS + _EVENTS, colour, places=True),
        _sensor("camera.instance_segmentation", _TICK + _IMAGE, places=True),
        _sensor("camera.normals", _TICK + _IMAGE, places=True),
        _sensor("camera.optical_flow", _TICK + _IMAGE, places=True),
        _sensor("camera.rgb", _TICK + _IMAGE + _POSTPROCESS, colour, places=True),
        _sensor("camera.semantic_segmentation", _TICK + _IMAGE, places=True),
        _sensor("lidar.ray_cast", _TICK + _SWEEP + _RETURNS, places=True),
        _sensor("lidar.ray_cast_semantic", _TICK + _SWEEP, places=True),
        _sensor("other.collision", ()),
        _sensor("other.gnss", _TICK + _SEED + _POSITION_NOISE),
        _sensor("other.imu", _TICK + _SEED + _MOTION_NOISE),
        _sensor("other.lane_invasion", ()),
        _sensor("other.obstacle", _TICK + _OBSTACLE, places=True),
        _sensor("other.radar", _TICK + _RADAR),
        _sensor("other.rss", ()),
        _sensor("other.v2x", _TICK + _RADIO, refusal=_RADIO_SILENT),
        _sensor("other.v2x_custom", _TICK + _RADIO, refusal=_RADIO_SILENT),
    )


def _sensor(
    name: str, rows: _Rows, more: tuple[Attribute, ...] = (), *, places: bool = False, refusal: str = ""
) -> Blueprint:
    attributes = tuple(
        Attribute(id=id_, kind=kind, value=value, recommended=(value,)) for id_, kind, value in rows
    )
    return Blueprint(
        id=f"sensor.{name}",
        family=Family.SENSOR,
        attributes=(role(*(_PLACES if places else ())), *attributes, *more),
        refusal=refusal,
    )
