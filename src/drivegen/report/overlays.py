"""Pictures of what lies over or behind an image: LiDAR returns, surface normals, motion between frames."""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float32, Float64

from drivegen.capture.clip import FARTHEST_M, ClipImage
from drivegen.capture.frame import Clutter
from drivegen.capture.messages import camera_optical
from drivegen.capture.reader import CapturedAgent, CapturedFrame
from drivegen.core.sensors import Camera, Rig
from drivegen.report.pictures import DEPTH_SPAN_M, Image

_NEAR_M = 0.5
_SHADE = 0.45
"""Of the image under returns."""
_SKY_M = 20_000.0
"""Where what is infinitely far is put, to move with the turning of the camera alone."""


def optical_points(agent: CapturedAgent, rig: Rig, camera: Camera) -> Float64[np.ndarray, "n 3"]:
    """Returns of all LiDARs that an agent has in a frame, in a camera's optical frame; no clutter."""
    optical_agent = camera_optical(camera).inverse()
    found = [np.zeros((0, 3))]
    for lidar in rig.lidars:
        if lidar.name in agent.delivered:
            sweep = agent.sweep(lidar.name)
            points = sweep.points_m
            if sweep.clutter is not None:
                points = points[sweep.clutter == Clutter.SURFACE]
            found.append((optical_agent @ lidar.agent_sensor).transform_points(points))
    return np.concatenate(found)


def draw_returns(image: Image, camera: Camera, points_m: Float64[np.ndarray, "n 3"]) -> Image:
    """LiDAR returns on the darkened image, near ones bright, on a logarithmic scale from 2 to 100 m.

    Args:
        image: Colours of the camera.
        camera: Whose image it is.
        points_m: In its optical frame.
    """
    out = (image * _SHADE).astype(np.uint8)
    points = points_m[points_m[:, 2] > _NEAR_M] if not camera.depth_along_ray else points_m
    if not len(points):
        return out
    with np.errstate(invalid="ignore"):
        pixels = camera.optics.project(points)
        inside = ((pixels >= 0) & (pixels < [camera.width_px, camera.height_px])).all(axis=1)
    far = np.linalg.norm(points[inside], axis=1)
    order = np.argsort(-far)  # near ones over far ones
    near_m, far_m = DEPTH_SPAN_M
    scaled = np.log(np.clip(far[order], near_m, far_m) / near_m) / np.log(far_m / near_m)
    colors = cv2.applyColorMap((255 - scaled * 165).astype(np.uint8)[:, None], cv2.COLORMAP_VIRIDIS).reshape(
        -1, 3
    )
    size = max(1, round(camera.width_px / 500))
    for (x, y), color in zip(pixels[inside][order].astype(int).tolist(), colors.tolist(), strict=True):
        cv2.rectangle(out, (x, y), (x + size, y + size), color, -1)
    return out


def draw_normals(normals: Float32[np.ndarray, "h w 3"]) -> Image:
    """Red: to the right, green: upwards, blue: towards the camera; grey where none is known."""
    known = (normals != 0.0).any(axis=-1)
    shade = np.clip(127.5 + 127.5 * normals * np.array([1.0, -1.0, -1.0], np.float32), 0, 255)
    out = shade[..., ::-1].astype(np.uint8)
    out[~known] = (205, 205, 205)
    return np.asarray(out)


def flow_px(
    image: ClipImage, before: CapturedFrame, after: CapturedFrame, step: int = 1
) -> Float32[np.ndarray, "h w 2"]:
    """How far what a pixel shows moves in the image until a later frame (optical flow); NaN where not known.

    From depth, the camera's poses, and the poses of labelled boxes: exact for what is rigid. Limbs and wheels
    move with their box. Nothing of it is recorded.

    Args:
        image: Of the earlier frame.
        before: That frame.
        after: A later frame; its camera need not deliver.
        step: Every so many pixels, in both directions.
    """
    camera = image.camera
    distance = image.distance_m[::step, ::step]
    rays = image.rays[::step, ::step]
    sky = ~np.isfinite(distance)
    points = rays * np.where(sky, np.float32(_SKY_M), distance)[..., None]
    ids = image.instance[::step, ::step]
    world = image.map_optical.transform_points(points.reshape(-1, 3)).reshape(points.shape)
    later = {o.track_id: o for o in after.around(image.agent)}
    for label in before.around(image.agent):
        mine = ids == label.track_id & 0xFFFF
        if mine.any():
            if label.track_id not in later:
                world[mine] = np.nan
                continue
            move = later[label.track_id].box.pose @ label.box.pose.inverse()
            world[mine] = move.transform_points(world[mine])
    map_optical = after.agents[image.agent].map_agent @ camera_optical(camera)
    there = map_optical.inverse().transform_points(world.reshape(-1, 3)).reshape(points.shape)
    with np.errstate(invalid="ignore"):
        pixels = camera.optics.project(there)
        flow = pixels - camera.optics.project(points.astype(np.float64))
    flow[(distance >= FARTHEST_M) & ~sky] = np.nan
    return np.asarray(flow, dtype=np.float32)


def draw_flow(flow: Float32[np.ndarray, "h w 2"]) -> tuple[Image, float]:
    """Direction as hue (red: to the right), length as strength; and the length of full strength, in pixels.

    The coding of Baker et al. 2011, A Database and Evaluation Methodology for Optical Flow, section 3.1.
    """
    length = np.hypot(flow[..., 0], flow[..., 1])
    known = np.isfinite(length)
    most = max(float(np.percentile(length[known], 97)), 1.0) if known.any() else 1.0
    hue = (np.degrees(np.arctan2(flow[..., 1], flow[..., 0])) % 360.0) / 2.0
    hsv = np.full((*length.shape, 3), 255, np.uint8)
    hsv[..., 0] = np.nan_to_num(hue).astype(np.uint8) % 180
    hsv[..., 1] = (np.clip(np.nan_to_num(length) / most, 0, 1) * 255).astype(np.uint8)
    out = cv2.cvtColor(hsv, cv2.COLOR_HSV2BGR)
    out[~known] = (120, 120, 120)
    return np.asarray(out), most


def agreement_m(
    image: ClipImage, points_m: Float64[np.ndarray, "n 3"], farthest_m: float = 40.0
) -> Float64[np.ndarray, "k"]:
    """Differences between the distances of returns and those of the depth image in their pixels.

    Only where depth changes little around the pixel, so that a pixel's width does not decide.

    Args:
        image: Whose depth is taken.
        points_m: In the camera's optical frame.
        farthest_m: Returns beyond are left out.
    """
    far = np.linalg.norm(points_m, axis=1)
    ahead = (far < farthest_m) & (points_m[:, 2] > _NEAR_M)
    points, far = points_m[ahead], far[ahead]
    with np.errstate(invalid="ignore"):
        pixels = np.floor(image.camera.optics.project(points))
        inside = ((pixels >= 1) & (pixels < [image.camera.width_px - 1, image.camera.height_px - 1])).all(
            axis=1
        )
    x, y = pixels[inside].astype(np.int64).T
    distance = image.distance_m
    around = np.stack([distance[y + dy, x + dx] for dy in (-1, 0, 1) for dx in (-1, 0, 1)])
    with np.errstate(invalid="ignore"):
        smooth = np.isfinite(around).all(axis=0) & (np.ptp(around, axis=0) < 0.02 * around[4] + 0.05)
    return np.asarray(far[inside][smooth] - around[4][smooth], dtype=np.float64)
