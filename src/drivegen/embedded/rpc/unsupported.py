"""Calls of CARLA 0.9.16 that this server does not carry out, and why. Each is answered by a clear error."""

from __future__ import annotations

_LATER = "not there yet"
_UNREAL = "it needs CARLA's own server with Unreal"
_TEXTURES = "surfaces are coloured by their shape, they have no textures that could be replaced"

# name, whether its answer has no value, why
_ROWS: tuple[tuple[str, bool, str], ...] = (
    ("apply_color_texture_to_objects", True, _TEXTURES),
    ("apply_float_color_texture_to_objects", True, _TEXTURES),
    ("set_annotations_traverse_translucency", True, _UNREAL),
    ("enable_carsim", True, "there is no CarSim here"),
    ("use_carsim_road", True, "there is no CarSim here"),
    ("enable_chrono_physics", True, "there is no Chrono here"),
    ("restore_physx_physics", True, "there is no PhysX here"),
    ("get_gbuffer_token", False, "there are no Unreal G-buffers here"),
    ("enable_gbuffers", True, "there are no Unreal G-buffers here"),
    ("are_gbuffers_enabled", False, "there are no Unreal G-buffers here"),
    ("enable_sensor_for_ros", True, "there is no ROS here"),
    ("disable_sensor_for_ros", True, "there is no ROS here"),
    ("is_sensor_enabled_for_ros", False, "there is no ROS here"),
    ("send", True, "V2X messages are exchanged on the client's side"),
)

UNSUPPORTED: dict[str, tuple[str, bool]] = {name: (why, void) for name, void, why in _ROWS}
"""Why, and whether the answer is void, by name."""
