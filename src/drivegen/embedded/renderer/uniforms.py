"""The uniform block of a view, from its camera, the light and the shadow maps."""

from __future__ import annotations

import math

import numpy as np
from jaxtyping import Float64

from drivegen.core.geometry import Mat4
from drivegen.embedded.renderer.lamps import MAP_SIZE_M
from drivegen.embedded.renderer.light import BRIGHT_EV, NOON_EXPOSURE, Light
from drivegen.embedded.renderer.programs import VIEW_BLOCK
from drivegen.embedded.renderer.shadows import ShadowFrame
from drivegen.embedded.renderer.views import EV_LIMITS, FAR_M, NEAR_M, CameraView

LOG2_E = math.log2(math.e)
LENS_LIGHT = 1.9
"""Exposed light of a lens that is on, by day as at night: the display's white is about 1."""
SUN_RADIUS_RAD = math.radians(0.45)
LIT_WINDOWS = 0.34


def tangents(view: CameraView) -> tuple[float, float]:
    """Of half the horizontal and half the vertical field of view."""
    horizontal = math.tan(math.radians(view.fov_deg) / 2.0)
    return horizontal, horizontal * view.height_px / view.width_px


def view_block(
    view: CameraView,
    light: Light,
    shadow: ShadowFrame | None,
    lamp_corner: Float64[np.ndarray, "2"],
    ground_m: float,
    floor_m: float = 0.0,
    time_s: float = 0.0,
) -> np.ndarray:
    """The block, dtype VIEW_BLOCK, ().

    Args:
        view: The camera.
        light: Of the weather.
        shadow: Where the sun's maps lie, if it shines.
        lamp_corner: World xy of the corner of the map of lamps.
        ground_m: Height of the ground near the camera, that lamps light.
        floor_m: Height of the map's ground, on which fog lies.
        time_s: Simulated time, that moves rain.
    """
    block = np.zeros((), VIEW_BLOCK)
    _camera(block, view)
    exposure = exposure_of(view, light)
    block["sun"][:3], block["sun"][3] = light.to_sun, math.cos(SUN_RADIUS_RAD)
    for name, value in (
        ("sun_light", light.sun),
        ("haze", light.haze),
        ("haze_sun", light.haze_sun),
        ("horizon", light.horizon),
        ("zenith", light.zenith),
        ("bounce", light.bounce),
    ):
        block[name][:3] = value * exposure
    block["ambient"][:, :3] = light.ambient * exposure
    block["haze"][3] = light.haze_per_m * LOG2_E
    block["fog"][:3] = light.fog_per_m * LOG2_E, light.fog_start_m, light.fog_falloff_per_m
    # A float holds a day to 0.01 s; rain repeats itself long before.
    block["air"] = floor_m, time_s % 1024.0, light.wind, light.scatter
    block["horizon"][3] = light.sky_scale * exposure
    block["zenith"][3] = LIT_WINDOWS * light.night
    # Lamps and windows are made for the exposure that follows the light; others shift them too.
    shifted = exposure / light.exposure
    block["bounce"][3] = LENS_LIGHT * min(shifted, 1.0)
    block["haze_sun"][3] = shifted
    block["wet"] = light.wetness, light.puddles, light.rain, light.night
    if shadow is not None:
        scale, offset = shadow.far_near
        block["shadow_world"] = shadow.near_world.T
        block["far_scale"][:3], block["far_offset"][:3] = scale, offset
    block["lamp_map"] = *lamp_corner, 1.0 / MAP_SIZE_M, ground_m
    return block


def exposure_of(view: CameraView, light: Light) -> float:
    """What light is multiplied with before it is displayed.

    The exposure that follows the light is that within CARLA's limits, EV_LIMITS; others shift it by as much
    as they cut the light's EV100 off otherwise, up to where a picture is as bright as at noon. By hand,
    `BRIGHT_EV` exposes a clear noon as it should be.
    """
    wanted = 2.0**view.exposure_ev
    if view.camera_ev is not None:
        return float(NOON_EXPOSURE * 2.0 ** (BRIGHT_EV - view.camera_ev) * wanted)
    if view.ev_limits == EV_LIMITS:
        return light.exposure * wanted
    usual, here = (min(max(light.ev, low), high) for low, high in (EV_LIMITS, view.ev_limits))
    as_noon = NOON_EXPOSURE * 2.0 ** (BRIGHT_EV - light.ev)
    return float(min(light.exposure * 2.0 ** (usual - here), max(as_noon, light.exposure)) * wanted)


def light_block(matrix: Mat4) -> np.ndarray:
    """The block of a pass into a shadow map."""
    block = np.zeros((), VIEW_BLOCK)
    block["shadow_world"] = matrix.T
    return block


def clip_relative(view: CameraView, world_camera: Mat4) -> Mat4:
    """Metres relative to the eye, in the world's axes, to clip space, of a camera of this form at a pose.

    GL's bottom row is the image's top row, so clip y points down.
    """
    forward, left, up = (world_camera[:3, k] for k in range(3))
    right, down = -left, -up
    tan_x, tan_y = tangents(view)
    clip = np.zeros((4, 4))
    clip[0, :3] = right / tan_x
    clip[1, :3] = down / tan_y
    # Reversed depth: 1 at the near plane, 0 at the far one.
    clip[2, :3] = -forward * NEAR_M / (FAR_M - NEAR_M)
    clip[2, 3] = NEAR_M * FAR_M / (FAR_M - NEAR_M)
    clip[3, :3] = forward
    return clip


def _camera(block: np.ndarray, view: CameraView) -> None:
    """Clip and ray from the pose."""
    forward, left, up = (view.world_camera[:3, k] for k in range(3))
    right, down = -left, -up
    tan_x, tan_y = tangents(view)
    block["clip_relative"] = clip_relative(view, view.world_camera).T
    block["eye"][:3], block["eye"][3] = view.world_camera[:3, 3], FAR_M
    block["ray_corner"][:3] = forward - right * tan_x - down * tan_y
    block["ray_dx"][:3] = right * (2.0 * tan_x / view.width_px)
    block["ray_dy"][:3] = down * (2.0 * tan_y / view.height_px)
