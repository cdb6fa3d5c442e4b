"""What a colour camera makes of light: exposure, gamma, white balance, motion blur, bloom.

At CARLA's defaults a picture is the renderer's own, so motion blur and bloom take effect at any value but
their default, and white balance where it is not 6500 K.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import cv2
import numpy as np
from jaxtyping import Float32, Float64, UInt8

from drivegen.embedded.renderer.views import EV_LIMITS
from drivegen.embedded.sensors.attributes import Attributes

MOTION_BLUR, BLOOM, TEMPERATURE_K = 0.45, 0.675, 6500.0
"""CARLA's defaults, which here mean none."""
BLUR_STEPS = 16
BLOOM_FROM = 0.8
"""Display value above which a pixel sheds light around it."""
LUMA_BGR = np.array([0.0722, 0.7152, 0.2126], np.float32)
BLOOM_SIGMAS = (0.008, 0.035)
"""Of the two halos, as shares of the image's width."""
TINT_STEP = 0.05
"""Of CIE 1960 uv across the line of temperatures, for a tint of 1, as Unreal has it."""

Matrix = Float64[np.ndarray, "3 3"]

XYZ_OF_RGB = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)
"""Linear sRGB to CIE XYZ (IEC 61966-2-1)."""
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
"""CIE XYZ to the cones' responses of the Bradford transform (Lam 1985)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Photo:
    """The attributes of sensor.camera.rgb and .dvs that have an effect."""

    exposure_ev: float = 0.0
    gamma: float = 2.2
    camera_ev: float | None = None
    """EV100 in manual mode, else none."""
    ev_limits: tuple[float, float] = EV_LIMITS
    motion_blur: float = 0.0
    """Length of a streak over the motion from picture to picture."""
    motion_blur_most: float = 0.35
    """No streak is longer, as a share of the image's width."""
    bloom: float = 0.0
    temperature_k: float = TEMPERATURE_K
    tint: float = 0.0
    smooth: bool = True
    """Smooth edges."""

    @staticmethod
    def of(attributes: Attributes) -> Photo:
        """What these attributes ask for.

        Raises:
            ConfigError: One of them has a value that it cannot take.
        """
        low = attributes.number("exposure_min_bright", EV_LIMITS[0], -20.0, 40.0)
        high = attributes.number("exposure_max_bright", EV_LIMITS[1], -20.0, 40.0)
        if low > high:
            raise attributes.refuse("exposure_min_bright", f"is {low:g}, above exposure_max_bright, {high:g}")
        manual = attributes.choice("exposure_mode", "histogram", ("histogram", "manual")) == "manual"
        fstop = attributes.number("fstop", 1.4, 0.01)
        shutter = attributes.number("shutter_speed", 200.0, 0.001)
        iso = attributes.number("iso", 100.0, 0.01)
        effects = attributes.truth("enable_postprocess_effects", default=True)
        blur = attributes.number("motion_blur_intensity", MOTION_BLUR, 0.0, 1.0)
        bloom = attributes.number("bloom_intensity", BLOOM, 0.0)
        return Photo(
            exposure_ev=attributes.number("exposure_compensation", 0.0, -20.0, 20.0),
            gamma=attributes.number("gamma", 2.2, 0.1, 10.0),
            camera_ev=math.log2(fstop * fstop * shutter * 100.0 / iso) if manual else None,
            ev_limits=(low, high),
            motion_blur=blur if effects and blur != MOTION_BLUR else 0.0,
            motion_blur_most=attributes.number("motion_blur_max_distortion", 0.35, 0.0),
            bloom=bloom if effects and bloom != BLOOM else 0.0,
            temperature_k=attributes.number("temp", TEMPERATURE_K, 1000.0, 40000.0)
            if effects
            else TEMPERATURE_K,
            tint=attributes.number("tint", 0.0, -1.0, 1.0) if effects else 0.0,
            smooth=effects,
        )

    @property
    def drawing(self) -> tuple[object, ...]:
        """What the renderer minds: cameras that agree on it can share a view."""
        return (self.exposure_ev, self.gamma, self.camera_ev, self.ev_limits, self.smooth)

    def finish(
        self, bgra: UInt8[np.ndarray, "h w 4"], flow: Float32[np.ndarray, "h w 2"] | None
    ) -> UInt8[np.ndarray, "h w 4"]:
        """The picture with its effects; the one that is given, untouched, where it has none.

        Args:
            bgra: As the renderer drew it.
            flow: Motion since the picture before, in halves of the image, y up; for motion blur.
        """
        if self.motion_blur > 0.0 and flow is not None:
            bgra = _blurred(bgra, flow, self.motion_blur, self.motion_blur_most)
        if self.bloom > 0.0:
            bgra = _bloomed(bgra, self.bloom)
        if self.temperature_k != TEMPERATURE_K or self.tint != 0.0:
            bgra = _balanced(bgra, self.temperature_k, self.tint)
        return bgra


def _blurred(
    bgra: UInt8[np.ndarray, "h w 4"], flow: Float32[np.ndarray, "h w 2"], amount: float, most: float
) -> UInt8[np.ndarray, "h w 4"]:
    """The mean of the picture along the way of each pixel, half before and half behind it."""
    height, width, _ = bgra.shape
    way = flow * np.array([width, -height], np.float32) * np.float32(amount / 2.0)
    length = np.sqrt((way * way).sum(axis=-1))
    way *= np.minimum(1.0, most * width / np.maximum(length, 1e-6))[..., None].astype(np.float32)
    steps = int(np.clip(np.ceil(min(float(length.max()), most * width)), 1, BLUR_STEPS))
    if steps == 1:
        return bgra
    at = np.stack(np.meshgrid(np.arange(width), np.arange(height)), axis=-1).astype(np.float32)
    total = np.zeros(bgra.shape, np.uint16)
    for k in range(steps):
        part = np.float32((k + 0.5) / steps - 0.5)
        total += cv2.remap(bgra, at + way * part, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    return ((total + np.uint16(steps // 2)) // np.uint16(steps)).astype(np.uint8)


def _bloomed(bgra: UInt8[np.ndarray, "h w 4"], amount: float) -> UInt8[np.ndarray, "h w 4"]:
    """The picture with the light of its brightest parts spread around them (screen: it never overflows)."""
    height, width, _ = bgra.shape
    small = cv2.resize(bgra[..., :3], (max(width // 4, 1), max(height // 4, 1)), interpolation=cv2.INTER_AREA)
    shade = small.astype(np.float32) / np.float32(255.0)
    # As bright as it looks: a saturated colour sheds little light.
    strength = np.maximum(shade @ LUMA_BGR - np.float32(BLOOM_FROM), 0.0) / np.float32(1.0 - BLOOM_FROM)
    bright = shade * strength[..., None]
    halo = np.zeros_like(bright)
    for sigma in BLOOM_SIGMAS:
        halo += cv2.GaussianBlur(bright, (0, 0), max(sigma * width / 4, 0.5)) * np.float32(0.5)
    halo = cv2.resize(halo, (width, height), interpolation=cv2.INTER_LINEAR)
    out = bgra.copy()
    left = 255.0 - bgra[..., :3].astype(np.float32)
    out[..., :3] = np.rint(255.0 - left * (1.0 - np.clip(halo * np.float32(amount), 0.0, 1.0)))
    return out


def _balanced(
    bgra: UInt8[np.ndarray, "h w 4"], temperature_k: float, tint: float
) -> UInt8[np.ndarray, "h w 4"]:
    """The picture as a camera takes it that holds light of this temperature for white."""
    matrix = white_balance(temperature_k, tint)[::-1, ::-1]
    light = _LINEAR[bgra[..., :3]]
    light = cv2.transform(light, matrix.astype(np.float32))
    out = bgra.copy()
    out[..., :3] = _DISPLAYED[np.rint(np.clip(light, 0.0, 1.0) * (len(_DISPLAYED) - 1)).astype(np.int32)]
    return out


@lru_cache(maxsize=16)
def white_balance(temperature_k: float, tint: float) -> Matrix:
    """Linear RGB to linear RGB: light of the temperature becomes display white, brightness stays."""
    source = BRADFORD @ _white_xyz(temperature_k, tint)
    target = BRADFORD @ _white_xyz(TEMPERATURE_K, 0.0)
    adapt = np.linalg.inv(BRADFORD) @ np.diag(target / source) @ BRADFORD
    return np.asarray(np.linalg.inv(XYZ_OF_RGB) @ adapt @ XYZ_OF_RGB)


def _white_xyz(temperature_k: float, tint: float) -> Float64[np.ndarray, "3"]:
    u, v = _uv(temperature_k)
    if tint:
        # Across the line of temperatures towards pink, so that pictures turn green for positive values.
        du, dv = np.subtract(_uv(temperature_k * 1.01), _uv(temperature_k * 0.99))
        length = math.hypot(du, dv)
        u, v = u - dv / length * tint * TINT_STEP, v + du / length * tint * TINT_STEP
    x, y = 3.0 * u / (2.0 * u - 8.0 * v + 4.0), 2.0 * v / (2.0 * u - 8.0 * v + 4.0)
    return np.array([x / y, 1.0, (1.0 - x - y) / y])


def _uv(temperature_k: float) -> tuple[float, float]:
    """CIE 1960 uv of a black body (Krystek 1985, within 9e-5 from 1000 to 15,000 K)."""
    t = min(temperature_k, 15000.0)
    u = (0.860117757 + 1.54118254e-4 * t + 1.28641212e-7 * t * t) / (
        1.0 + 8.42420235e-4 * t + 7.08145163e-7 * t * t
    )
    v = (0.317398726 + 4.22806245e-5 * t + 4.20481691e-8 * t * t) / (
        1.0 - 2.89741816e-5 * t + 1.61456053e-7 * t * t
    )
    return u, v


def _linear_of(display: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
    return np.where(display <= 0.04045, display / 12.92, ((display + 0.055) / 1.055) ** 2.4)


def _display_of(light: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "n"]:
    return np.where(light <= 0.0031308, light * 12.92, 1.055 * light ** (1 / 2.4) - 0.055)


_LINEAR = _linear_of(np.arange(256) / 255.0).astype(np.float32)
_DISPLAYED = np.rint(_display_of(np.arange(65536) / 65535.0) * 255.0).astype(np.uint8)
