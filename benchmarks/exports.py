"""Exports from a capture against copying the same bytes on the same disk, on one core.

`python -m benchmarks exports`. The capture is made here: six cameras of 1280x720 at 10 Hz with pictures that
take as many bytes as a street's, a LiDAR, 40 objects. Copying is what a file manager does with the finished
data set, file by file. Two ratios: until all files are on the disk (fsync, the same for both), and within the
page cache, where the kernel copies without looking and an export still reads, checks, marks and hashes.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from drivegen.capture.frame import EGO, AgentFrame, CameraImage, Frame, Sweep
from drivegen.capture.writer import CaptureWriter
from drivegen.core.actors import TAG_OF_CLASS, ObjectClass
from drivegen.core.geometry import Box, Pose
from drivegen.core.labels import CameraLabel, ObjectLabel
from drivegen.core.plans import EgoPlan, MapPlan, PlacedPose, ScenePlan, WeatherPlan
from drivegen.core.rng import derive_rng
from drivegen.core.sensors import Camera, Lidar, Rig
from drivegen.core.tags import Tag
from drivegen.core.weather import Weather

FRAMES = int(os.environ.get("DRIVEGEN_EXPORT_FRAMES", "30"))
REPEATS = 5
WIDTH_PX, HEIGHT_PX = 1280, 720
OBJECTS = 40
GOAL = 0.5
FORMATS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("nuscenes", {}),
    ("webdataset", {"frames": "all"}),
    ("foxglove", {}),
)
ROAD = """<?xml version="1.0"?>
<OpenDRIVE><header revMajor="1" revMinor="4" name="plain" version="1" north="0" south="0" east="0" west="0"/>
  <road name="r" length="240" id="1" junction="-1">
    <planView><geometry s="0" x="-120" y="0" hdg="0" length="240"><line/></geometry></planView>
    <lanes><laneSection s="0"><center><lane id="0" type="none" level="false"/></center>
      <right><lane id="-1" type="driving" level="false"><width sOffset="0" a="3.5" b="0" c="0" d="0"/></lane>
      </right></laneSection></lanes></road></OpenDRIVE>
"""


def rows() -> list[dict[str, Any]]:
    """Megabytes a second of each format, and its time against the copy's."""
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        capture = folder / "scene-0001.mcap"
        _record(capture)
        return [
            row for format, options in FORMATS for row in _measure(format, options, capture, folder / "set")
        ]


def _measure(format: str, options: dict[str, Any], capture: Path, out: Path) -> Iterator[dict[str, Any]]:
    (point,) = entry_points(group="drivegen.exporters", name=format)
    copy = out.with_name("copy")
    best: dict[str, float] = {}
    for _ in range(REPEATS):
        for each in (out, copy):
            shutil.rmtree(each, ignore_errors=True)
        os.sync()
        exporter = point.load()(options)
        for kind, work, made in (
            ("export", lambda exporter=exporter: exporter.export([capture], out), out),
            ("copy", lambda: shutil.copytree(out, copy), copy),
        ):
            cached_s, disk_s = _timed(work, made)
            best[kind] = min(cached_s, best.get(kind, cached_s))
            best[f"{kind} to disk"] = min(disk_s, best.get(f"{kind} to disk", disk_s))
    size_mb = sum(f.stat().st_size for f in out.rglob("*") if f.is_file()) / 1e6
    files = sum(f.is_file() for f in out.rglob("*"))
    for suffix, against in (
        (" to disk", f"copying to disk (goal {GOAL:g})"),
        ("", "copying within the cache"),
    ):
        yield {
            "name": f"export {format}{suffix}, {size_mb:.0f} MB in {files} files, best of {REPEATS}",
            "value": size_mb / best[f"export{suffix}"],
            "unit": "MB/s",
            "ratio": best[f"copy{suffix}"] / best[f"export{suffix}"],
            "against": against,
        }


def _timed(work: Callable[[], Any], made: Path) -> tuple[float, float]:
    """Seconds until it is done, and until all that was made is on the disk."""
    start = time.perf_counter()
    work()
    done_s = time.perf_counter() - start
    for path in made.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    return done_s, time.perf_counter() - start


def _record(path: Path) -> None:
    """The capture: one picture and one sweep, told 30 times with moving objects."""
    cameras = tuple(
        Camera(
            name=f"CAM_{k}",
            agent_sensor=Pose.from_xyz_rpy(0.5, 0.0, 1.6, yaw_rad=k * np.pi / 3),
            width_px=WIDTH_PX,
            height_px=HEIGHT_PX,
            fov_deg=70.0,
            period_s=0.1,
        )
        for k in range(6)
    )
    lidar = Lidar(
        name="LIDAR_TOP",
        agent_sensor=Pose.from_xyz_rpy(0.0, 0.0, 1.84),
        channels=32,
        upper_fov_deg=10.0,
        lower_fov_deg=-30.0,
        range_m=80.0,
        columns=1080,
        period_s=0.1,
    )
    plan = ScenePlan(
        scene="scene-0001",
        seed=1,
        tick_s=0.1,
        warmup_s=0.0,
        duration_s=FRAMES / 10,
        keyframe_s=0.5,
        label_range_m=80.0,
        map=MapPlan(
            name="plain",
            opendrive="plain.xodr",
            sha256=hashlib.sha256(ROAD.encode()).hexdigest(),
            scenery_seed=1,
        ),
        weather=WeatherPlan(preset="clear", hour=12.0, parameters=Weather()),
        ego=EgoPlan(
            blueprint="vehicle.lincoln.mkz_2020",
            color_rgb=(255, 255, 255),
            start=PlacedPose(x_m=0.0, y_m=0.0, z_m=0.0, yaw_rad=0.0),
            speed_difference_percent=0.0,
            rig=Rig(name="six", sensors=(*cameras, lidar)),
        ),
        vehicles=(),
        walkers=(),
        requested={},
    )
    image, sweep = _image(), _sweep(lidar)
    with CaptureWriter(path, plan, {}, opendrive=ROAD) as writer:
        for index in range(FRAMES):
            agent = AgentFrame(
                map_agent=Pose.from_xyz_rpy(0.8 * index, 0.0, 0.0),
                velocity_mps=np.array([8.0, 0.0, 0.0]),
                acceleration_mps2=np.zeros(3),
                angular_velocity_radps=np.zeros(3),
                images={c.name: image for c in cameras},
                sweeps={lidar.name: sweep},
            )
            writer.write(
                Frame(
                    index=index,
                    time_ns=index * 100_000_000,
                    keyframe=index % 5 == 0,
                    agents={EGO: agent},
                    objects=tuple(_label(k, index) for k in range(OBJECTS)),
                    signals={},
                )
            )


def _image() -> CameraImage:
    """Fine texture over large areas: about as many bytes as a street has."""
    rng = derive_rng(1, "picture")
    coarse = rng.uniform(40, 215, (45, 80, 3)).astype(np.float32)
    fine = rng.normal(0.0, 14.0, (HEIGHT_PX // 2, WIDTH_PX // 2, 3)).astype(np.float32)
    size = (WIDTH_PX, HEIGHT_PX)
    bgr = cv2.resize(coarse, size) + cv2.resize(fine, size)
    blocks = rng.integers(1, OBJECTS, (HEIGHT_PX // 40, WIDTH_PX // 40)).repeat(40, 0).repeat(40, 1)
    return CameraImage(
        bgr=np.clip(bgr, 0, 255).astype(np.uint8),
        depth_m=(blocks * 1.5).astype(np.float32),
        tag=np.full(blocks.shape, Tag.CAR, np.uint8),
        instance=blocks.astype(np.uint16),
    )


def _sweep(lidar: Lidar) -> Sweep:
    rng = derive_rng(1, "sweep")
    count = lidar.channels * lidar.columns
    return Sweep(
        points_m=rng.uniform(-40, 40, (count, 3)).astype(np.float32),
        intensity=rng.uniform(0, 1, count).astype(np.float32),
        ring=(np.arange(count) % lidar.channels).astype(np.uint16),
        object_id=rng.integers(0, OBJECTS, count).astype(np.uint32),
        tag=np.full(count, Tag.CAR, np.uint8),
    )


def _label(number: int, index: int) -> ObjectLabel:
    tagged = sorted(TAG_OF_CLASS, key=lambda c: c.value)
    seen = CameraLabel(
        visible_fraction=0.8,
        visible_pixels=900,
        truncation=0.0,
        visible_box_px=(100.0 + number, 200.0, 160.0 + number, 260.0),
        full_box_px=(90.0 + number, 190.0, 170.0 + number, 270.0),
    )
    return ObjectLabel(
        track_id=number + 1,
        object_class=ObjectClass.CAR if number % 2 else tagged[number % len(tagged)],
        blueprint="vehicle.tesla.model3",
        rider=False,
        box=Box(
            pose=Pose.from_xyz_rpy(2.0 * number + 0.5 * index, 0.3 * number, 0.8, yaw_rad=0.1 * number),
            size_m=np.array([4.5, 1.9, 1.5]),
        ),
        velocity_mps=np.array([5.0, 0.0, 0.0]),
        acceleration_mps2=np.zeros(3),
        yaw_rate_radps=0.0,
        cameras={f"CAM_{number % 6}": seen},
        lidar_points={"LIDAR_TOP": 20},
    )
