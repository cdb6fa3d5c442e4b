"""What sensors of rigs deliver: lenses, LiDARs in clear air and in weather, radars; from short jobs."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
from docs.gallery.page import Section, Tile
from docs.gallery.studio import Image, strip
from jaxtyping import Float32

from drivegen.capture.frame import EGO, RadarScan, Sweep
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.lidar_presets import list_lidar_presets
from drivegen.report.palette import instance_color, tag_table
from drivegen.report.pictures import draw_boxes, draw_depth, draw_instances, draw_semantic

SIDE_PX, HALF_M = 900, 45.0
"""Of the views from above."""
PANORAMA_PX = (1600, 400)
FASTEST_MPS = 12.0


def lenses(weather: str = "light_rain") -> Section:
    """Cameras with the lenses, noise and soiled glass of real ones."""
    tiles = []
    for rig, shown in (("front_lenses", 3), ("surround_fisheye", 4)):
        with _captured(f"rig={rig}", f"weather.presets=[{weather}]", "weather.hours=[10.0]") as (
            reader,
            frame,
        ):
            for camera in reader.plan.ego.rig.cameras[:shown]:
                agent, name = frame.agents[EGO], camera.name
                image = agent.bgr(name)
                boxes, _ = draw_boxes(image, camera, agent.map_agent, frame.objects, name)
                labels = [
                    draw_depth(agent.depth_m(name)),
                    draw_semantic(agent.tag(name)),
                    draw_instances(agent.instance(name), image),
                    boxes,
                ]
                title = f"{rig}: {name}, {type(camera.optics).__name__}"
                tiles.append(Tile(title=title, picture=image, labels=strip(labels, 1600)))
    return Section(
        title="Lenses",
        text="Brown-Conrady and Kannala-Brandt lenses with vignetting, sensor noise and drops on the glass, "
        "in light rain. Below: depth, semantic tags, instances, boxes, all through the same lens.",
        tiles=tiles,
        wide=True,
    )


def lidars() -> Section:
    """The LiDAR presets, side by side, and what weather does to one of them."""
    tiles = []
    described = {name.upper(): text for name, text in list_lidar_presets()}
    with _captured("rig=six_lidars", "degradation=none") as (reader, frame):
        for lidar in reader.plan.ego.rig.lidars:
            sweep = frame.agents[EGO].sweep(lidar.name)
            tiles.append(_lidar_tile(f"{lidar.name}: {described[lidar.name]}; {len(sweep):,} returns", sweep))
    for title, *overrides in (
        ("PANDAR128 in thick fog", "weather.presets=[fog]", "degradation=thick_fog"),
        ("PANDAR128 in snow", "degradation=snow"),
        ("PANDAR128 in heavy rain", "weather.presets=[heavy_rain]", "degradation=weather"),
    ):
        with _captured("rig=six_lidars", *overrides) as (_, frame):
            tiles.append(_lidar_tile(title, frame.agents[EGO].sweep("PANDAR128")))
    return Section(
        title="LiDARs",
        text="Each from above (90 m across) and unrolled, by intensity. Below: by semantic tag, by object, "
        "by ring, by the angle of incidence.",
        tiles=tiles,
        wide=True,
    )


def radars() -> Section:
    """Detections of five radars over what a LiDAR sees."""
    with _captured("rig=lidar_radar", "degradation=none") as (reader, frame):
        agent = frame.agents[EGO]
        sweep = agent.sweep("LIDAR_TOP")
        canvas = _from_above(sweep.points_m, _grey(sweep.intensity))
        for radar in reader.plan.ego.rig.radars:
            mount = radar.agent_sensor
            _draw_detections(
                canvas, mount.transform_points(agent.radar(radar.name).points_m), agent.radar(radar.name)
            )
    return Section(
        title="Radars",
        text="Five radars' detections over a LiDAR's returns, from above. Red comes nearer, blue goes away, "
        "white stands (without the ego's own motion); the disk grows with the radar cross section. Rings are "
        "clutter and ghosts.",
        tiles=[Tile(title="Imaging radar in front, four corner radars", picture=canvas)],
    )


@contextmanager
def _captured(*overrides: str) -> Iterator[tuple[CaptureReader, CapturedFrame]]:
    """The last keyframe of a scene of half a second, after warming up."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(
                sys.executable,
                "-m",
                "drivegen.cli.main",
                "generate",
                f"job.runs_dir={folder}",
                "job.name=scene",
            ),
            *("job.pool=inline", "job.seed=5", "scene.duration_s=0.5", "export=none", *overrides),
        ]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        with CaptureReader(Path(folder) / "scene" / "captures" / "scene-0001.mcap") as reader:
            yield reader, list(reader.frames(keyframes=True))[-1]


def _lidar_tile(title: str, sweep: Sweep) -> Tile:
    paints: list[Image] = [
        tag_table()[sweep.tag],
        np.array([instance_color(int(i)) if i else (70, 70, 70) for i in sweep.object_id], np.uint8),
        _colors(sweep.ring / max(int(sweep.ring.max(initial=1)), 1)),
    ]
    if sweep.cos_incidence is not None:
        paints.append(_colors(sweep.cos_incidence))
    picture = np.vstack(
        [
            _fitted(_from_above(sweep.points_m, _colors(np.sqrt(sweep.intensity))), 1600),
            _unrolled(sweep, _colors(np.sqrt(sweep.intensity))),
        ]
    )
    return Tile(
        title=title,
        picture=picture,
        labels=strip([_from_above(sweep.points_m, paint) for paint in paints], 1600),
    )


def _fitted(image: Image, width_px: int) -> Image:
    """In the middle of a wider black picture."""
    out = np.zeros((image.shape[0], width_px, 3), np.uint8)
    left = (width_px - image.shape[1]) // 2
    out[:, left : left + image.shape[1]] = image
    return out


def _from_above(points_m: Float32[np.ndarray, "n 3"], colors: Image) -> Image:
    """x up, y to the left, higher points over lower ones."""
    out = np.zeros((SIDE_PX, SIDE_PX, 3), np.uint8)
    scale = SIDE_PX / (2.0 * HALF_M)
    rows = (SIDE_PX / 2 - points_m[:, 0] * scale).astype(int)
    columns = (SIDE_PX / 2 - points_m[:, 1] * scale).astype(int)
    inside = (rows >= 0) & (rows < SIDE_PX) & (columns >= 0) & (columns < SIDE_PX)
    order = np.argsort(points_m[:, 2], kind="stable")
    order = order[inside[order]]
    out[rows[order], columns[order]] = colors[order]
    return out


def _unrolled(sweep: Sweep, colors: Image) -> Image:
    """By azimuth and elevation, ahead in the middle."""
    width, height = PANORAMA_PX
    p = sweep.points_m
    azimuth = np.arctan2(p[:, 1], p[:, 0])
    elevation = np.degrees(np.arctan2(p[:, 2], np.hypot(p[:, 0], p[:, 1])))
    columns = ((0.5 - azimuth / (2 * np.pi)) * (width - 1)).astype(int)
    rows = np.clip((18.0 - elevation) / 45.0 * (height - 1), 0, height - 1).astype(int)
    out = np.zeros((height, width, 3), np.uint8)
    out[rows, columns] = colors
    return np.asarray(cv2.dilate(out, np.ones((2, 2), np.uint8)), np.uint8)


def _draw_detections(canvas: Image, points_m: np.ndarray, scan: RadarScan) -> None:
    scale = SIDE_PX / (2.0 * HALF_M)
    for point, speed, rcs, echo in zip(points_m, scan.compensated_mps, scan.rcs_dbsm, scan.echo, strict=True):
        share = float(np.clip(speed / FASTEST_MPS, -1.0, 1.0))
        color = (255, round(255 * (1 - share)), round(255 * (1 - share)))
        if share < 0.0:
            color = (round(255 * (1 + share)), round(255 * (1 + share)), 255)
        at = (round(SIDE_PX / 2 - point[1] * scale), round(SIDE_PX / 2 - point[0] * scale))
        radius = round(float(np.clip(4.0 + 0.2 * rcs, 2.0, 12.0)))
        cv2.circle(canvas, at, radius, color, -1 if echo == 0 else 1, cv2.LINE_AA)


def _grey(values: np.ndarray) -> Image:
    shade = (40 + 90 * np.clip(values, 0.0, 1.0)).astype(np.uint8)
    return np.repeat(shade[:, None], 3, axis=1)


def _colors(values: np.ndarray | Sequence[float]) -> Image:
    shade = (np.clip(np.asarray(values, np.float64), 0.0, 1.0) * 255).astype(np.uint8).reshape(-1, 1)
    return np.asarray(cv2.applyColorMap(shade, cv2.COLORMAP_TURBO), np.uint8).reshape(-1, 3)
