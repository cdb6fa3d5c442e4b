"""The cameras of a rig in the configuration: mounting, size, lens, exposure, noise, soiling."""

from __future__ import annotations

import math
from dataclasses import dataclass, field, fields, replace
from typing import Any

from omegaconf import MISSING

from drivegen.core.errors import ConfigError, PlanError
from drivegen.core.geometry import Pose
from drivegen.core.lenses import (
    BrownConrady,
    KannalaBrandt,
    Lens,
    Pinhole,
    focal_for_field,
    horizontal_field_deg,
)
from drivegen.core.photography import AutoExposure, Exposure, ManualExposure, SensorNoise, Soiling
from drivegen.core.sensors import Camera
from drivegen.record.lens_faces import check_faces

MODELS = ("pinhole", "brown_conrady", "kannala_brandt")
_COUNTS = {"pinhole": (0,), "brown_conrady": (0, 4, 5, 8), "kannala_brandt": (0, 4)}
_BROWN = ("k1", "k2", "p1", "p2", "k3", "k4", "k5", "k6")
_KANNALA = ("k1", "k2", "k3", "k4")


@dataclass(slots=True, kw_only=True)
class LensConfig:
    """A lens; see `drivegen.core.lenses`. What is null follows from the camera's fov_deg and size."""

    model: str = "pinhole"
    """pinhole, brown_conrady or kannala_brandt."""
    fx_px: float | None = None
    """When null, the one with which the image is fov_deg wide."""
    fy_px: float | None = None
    """When null, fx_px."""
    cx_px: float | None = None
    """Principal point; the centre of the first pixel is at 0.5. When null, the middle."""
    cy_px: float | None = None
    coefficients: list[float] = field(default_factory=list)
    """In OpenCV's order: k1 k2 p1 p2 [k3 [k4 k5 k6]] of brown_conrady, k1 k2 k3 k4 of kannala_brandt."""
    field_deg: float | None = None
    """Image circle of kannala_brandt; when null, fov_deg."""


@dataclass(slots=True, kw_only=True)
class ExposureConfig:
    """See `drivegen.core.photography`."""

    mode: str = "auto"
    """auto (by the weather) or manual."""
    compensation_ev: float = 0.0
    shutter_s: float = 0.005
    """Of manual."""
    iso: float = 100.0
    """Of manual."""
    f_number: float = 1.4
    """Of manual."""


@dataclass(slots=True, kw_only=True)
class NoiseConfig:
    """See `drivegen.core.photography.SensorNoise`."""

    full_well_e: float = 10000.0
    read_noise_e: float = 4.0
    dark_current_eps: float = 20.0
    dsnu_e: float = 1.0
    prnu: float = 0.008
    bits: int = 12
    iso: float | None = None
    """When null, by the exposure or the light."""


@dataclass(slots=True, kw_only=True)
class SoilingConfig:
    """See `drivegen.core.photography.Soiling`; what is null follows the weather."""

    drops: float | None = None
    dirt: float | None = None
    drop_size_px: float | None = None


@dataclass(slots=True, kw_only=True)
class CameraConfig:
    """A camera of a rig; see `drivegen.core.sensors.Camera`."""

    name: str = MISSING
    x_m: float = 0.0
    y_m: float = 0.0
    z_m: float = 1.6
    yaw_deg: float = 0.0
    pitch_deg: float = 0.0
    """Positive looks down (ISO 8855)."""
    roll_deg: float = 0.0
    width_px: int = 1600
    height_px: int = 900
    fov_deg: float = 70.0
    """Across the image; up to 190 with a kannala_brandt lens."""
    period_s: float = 0.5
    phase_s: float = 0.0
    """Of the first image; none of the ego's sensors have one."""
    lens: LensConfig | None = None
    """Null: the pinhole that fov_deg tells of."""
    exposure: ExposureConfig = field(default_factory=ExposureConfig)
    vignetting: float = 0.0
    """Share of the light that is lost in the corners."""
    noise: NoiseConfig | None = None
    soiling: SoilingConfig | None = None
    jpeg_quality: int | None = None
    """When null, scene.jpeg_quality."""


def lens_of(
    config: LensConfig | None, width_px: int, height_px: int, fov_deg: float, where: str
) -> Lens | None:
    """The lens of a camera; none for CARLA's own pinhole. Raises ConfigError with key and mend."""
    if config is None:
        return None
    numbers = [float(v) for v in config.coefficients]
    if config.model not in MODELS:
        raise ConfigError(f"{where}.model={config.model!r}: one of {', '.join(MODELS)} is wanted")
    if len(numbers) not in _COUNTS[config.model]:
        counts = " or ".join(str(n) for n in _COUNTS[config.model])
        raise ConfigError(
            f"{where}.coefficients: {config.model} has {counts} of them (OpenCV's order), not {len(numbers)}"
        )
    if config.field_deg is not None and config.model != "kannala_brandt":
        raise ConfigError(f"{where}.field_deg: only kannala_brandt has an image circle")
    focal_px = 1.0 if config.fx_px is None else config.fx_px
    shape: dict[str, Any] = {
        "fx_px": focal_px,
        "fy_px": focal_px if config.fy_px is None else config.fy_px,
        "cx_px": width_px / 2.0 if config.cx_px is None else config.cx_px,
        "cy_px": height_px / 2.0 if config.cy_px is None else config.cy_px,
    }
    lens: Lens
    if config.model == "kannala_brandt":
        circle = fov_deg if config.field_deg is None else config.field_deg
        lens = KannalaBrandt(**shape, **dict(zip(_KANNALA, numbers, strict=False)), field_deg=circle)
    elif config.model == "brown_conrady":
        lens = BrownConrady(**shape, **dict(zip(_BROWN, numbers, strict=False)))
    else:
        lens = Pinhole(**shape)
    if config.fx_px is None:
        try:
            focal_px = focal_for_field(lens, width_px, fov_deg)
        except ValueError as error:
            raise ConfigError(f"{where}: {error}") from None
        lens = replace(lens, fx_px=focal_px, fy_px=focal_px if config.fy_px is None else config.fy_px)
    if (bad := lens.problem(width_px, height_px)) is not None:
        raise ConfigError(f"{where}: {bad}")
    return lens


def make_camera(config: CameraConfig) -> Camera:
    """The camera of a configuration. Raises ConfigError naming key and mend."""
    where = f"camera {config.name}"
    lens = lens_of(config.lens, config.width_px, config.height_px, config.fov_deg, f"{where}: lens")
    try:
        return Camera(
            name=config.name,
            agent_sensor=Pose.from_xyz_rpy(
                config.x_m,
                config.y_m,
                config.z_m,
                math.radians(config.roll_deg),
                math.radians(config.pitch_deg),
                math.radians(config.yaw_deg),
            ),
            width_px=config.width_px,
            height_px=config.height_px,
            fov_deg=config.fov_deg if lens is None else horizontal_field_deg(lens, config.width_px),
            period_s=config.period_s,
            phase_s=config.phase_s,
            lens=lens,
            exposure=_exposure_of(config.exposure, where),
            vignetting=config.vignetting,
            noise=None if config.noise is None else SensorNoise(**_values(config.noise)),
            soiling=None if config.soiling is None else Soiling(**_values(config.soiling)),
            jpeg_quality=config.jpeg_quality,
        )
    except PlanError as error:
        raise ConfigError(str(error)) from None


def check_camera(config: CameraConfig) -> None:
    """Raises ConfigError, naming key and mend, for a camera that cannot be made or drawn."""
    try:
        check_faces(make_camera(config))
    except PlanError as error:
        raise ConfigError(str(error)) from None


def _exposure_of(config: ExposureConfig, where: str) -> Exposure:
    if config.mode == "auto":
        return AutoExposure(compensation_ev=config.compensation_ev)
    if config.mode != "manual":
        raise ConfigError(f"{where}: exposure.mode={config.mode!r}: one of auto, manual is wanted")
    return ManualExposure(
        shutter_s=config.shutter_s,
        iso=config.iso,
        f_number=config.f_number,
        compensation_ev=config.compensation_ev,
    )


def _values(config: NoiseConfig | SoilingConfig) -> dict[str, Any]:
    return {f.name: getattr(config, f.name) for f in fields(config)}
