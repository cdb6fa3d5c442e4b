"""What lenses, noise, soiling and labels of a rig's cameras cost beside those of a plain pinhole.

Times are CPU times of the calling thread, the best of several runs; OpenCV has one thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
from hydra import compose, initialize_config_dir

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Box, Pose
from drivegen.core.lenses import pixel_rays, sees
from drivegen.core.photography import Soiling
from drivegen.core.rng import derive_rng
from drivegen.core.sensors import Camera
from drivegen.core.weather import Weather
from drivegen.data import data_root
from drivegen.record.camera_noise import Sensor
from drivegen.record.camera_parts import camera_parts
from drivegen.record.lens_images import LensImages
from drivegen.record.soiling import SoiledGlass
from drivegen.record.visibility import Target, camera_labels
from drivegen.runtime.config import config_from, register_schema
from drivegen.runtime.rig_config import make_rig

REPEATS = 15
OBJECTS = 60


def rows() -> list[dict[str, Any]]:
    """For a fisheye and a camera with Brown-Conrady distortion."""
    cv2.setNumThreads(1)
    fisheye, main = _cameras("surround_fisheye")[0], _cameras("front_lenses")[1]
    return [row for camera in (fisheye, main) for row in _rows_of(camera)]


def _rows_of(camera: Camera) -> list[dict[str, Any]]:
    plain = replace(camera, lens=None, fov_deg=90.0)
    size = f"{camera.name}, {camera.width_px}x{camera.height_px}"
    base_ms = _unpack_ms(plain)
    lens_ms = _unpack_ms(camera)
    seen = sees(pixel_rays(camera.optics, camera.width_px, camera.height_px))
    bgr = derive_rng(1, "image").integers(0, 256, (camera.height_px, camera.width_px, 3), dtype=np.uint8)
    sensor = Sensor(camera, Weather(), 3)
    glass = SoiledGlass(Soiling(drops=0.4, dirt=0.3), Weather(), seen, 3)
    labels_ms = _labels_ms(camera)
    plain_labels_ms = _labels_ms(plain)
    against = "the same size without a lens"
    drawn = sum(
        int(p.attributes["image_size_x"]) * int(p.attributes["image_size_y"])
        for p in camera_parts(camera)
        if p.id == "sensor.camera.rgb"
    )
    pixels = camera.width_px * camera.height_px
    return [
        _row(f"pixels drawn by the server ({size})", drawn / 1e6, "Mpixel", drawn / pixels, "the image's"),
        _row(f"unpacking, without a lens ({size})", base_ms, "CPU-ms"),
        _row(f"unpacking and resampling ({size})", lens_ms, "CPU-ms", lens_ms / base_ms, against),
        _row(f"vignetting and noise ({size})", _best_ms(lambda: sensor.take(bgr, 1)), "CPU-ms"),
        _row(f"drops and dirt ({size})", _best_ms(lambda: glass.soil(bgr)), "CPU-ms"),
        _row(
            f"labels of {OBJECTS} objects ({size})", labels_ms, "CPU-ms", labels_ms / plain_labels_ms, against
        ),
    ]


def _cameras(rig: str) -> tuple[Camera, ...]:
    register_schema()
    with initialize_config_dir(str(data_root() / "conf"), version_base="1.3"):
        return make_rig(config_from(compose("config", overrides=[f"rig={rig}"])).rig).cameras


def _unpack_ms(camera: Camera) -> float:
    rng = derive_rng(1, "faces")
    parts = {}
    for part in camera_parts(camera):
        width, height = int(part.attributes["image_size_x"]), int(part.attributes["image_size_y"])
        coarse = rng.integers(0, 256, (height // 8 + 1, width // 8 + 1, 4), dtype=np.uint8)
        image = cv2.resize(coarse, (width, height))
        parts[part.name] = SimpleNamespace(raw_data=image.tobytes(), width=width, height=height)
    images = LensImages(camera)
    return _best_ms(lambda: images.take(parts))


def _labels_ms(camera: Camera) -> float:
    rng = derive_rng(1, "objects")
    targets = [
        Target(
            track_id=100 + k,
            object_class=ObjectClass.CAR,
            box=Box(
                pose=Pose.from_xyz_rpy(*rng.uniform([-50, -50, 0], [50, 50, 1]), yaw_rad=rng.uniform(-3, 3)),
                size_m=np.array([4.6, 1.9, 1.5]),
            ),
        )
        for k in range(OBJECTS)
    ]
    shape = (camera.height_px, camera.width_px)
    depth, instance = np.full(shape, 50.0, np.float32), np.zeros(shape, np.uint16)
    at = Pose.from_xyz_rpy(0.0, 0.0, 1.5)
    return _best_ms(lambda: camera_labels(camera, at, depth, instance, targets))


def _best_ms(work: Callable[[], object]) -> float:
    work()
    times = []
    for _ in range(REPEATS):
        started = time.thread_time()
        work()
        times.append(time.thread_time() - started)
    return min(times) * 1e3


def _row(
    name: str, value: float, unit: str, ratio: float | None = None, against: str | None = None
) -> dict[str, Any]:
    return {"name": name, "value": value, "unit": unit, "ratio": ratio, "against": against}
