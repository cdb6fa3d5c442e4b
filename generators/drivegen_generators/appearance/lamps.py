"""Lamps of a night: where they are, and what light they throw on the ground and on what stands there.

Vehicles' lamps sit on the exact boxes of labels. Street lamps are found by the exact depth of their posts, in
some frames before the first image is made, so that they stay where they are for the whole scene.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import cv2
import numpy as np
from jaxtyping import Float32, Float64

from drivegen.capture.clip import ClipImage
from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Pose
from drivegen.core.labels import ObjectLabel
from drivegen.core.tags import Tag
from drivegen_generators.appearance.surfaces import Share, Surfaces, smoothstep

STREET_RGB = np.array([1.28, 0.95, 0.62], np.float32)
"""Linear, luminance 1: about 3500 K (CIE 15 and Kim et al., as `light.chromaticity` has it)."""
HEAD_RGB = np.array([1.0, 1.0, 1.0], np.float32)
TAIL_RGB = np.array([3.6, 0.28, 0.12], np.float32)
STREET_CD = 2100.0
"""Straight down: 26 lx below a lamp of 9 m; CJJ 45-2015 (lighting of urban roads) wants 20 to 30 lx on
average of main roads."""
HEAD_CD = 15_000.0
"""Highest of a low beam; UN Regulation 112 wants 5 100 to 15 000 cd ahead (75R: 12 lx at 25 m)."""
STRAY_CD = 350.0
"""Above the cut-off; UN Regulation 112 allows 0.7 lx at 25 m, which is 437 cd."""
AMBIENT_LX = 1.3
"""Sky glow and light from walls in a city; by eye, between a full moon (0.25 lx) and a side street (5 lx)."""
NO_LAMPS_LX = 6.0
"""The same where no street lamp was found."""
REACH_M = 60.0
_POST_M = (7.0, 15.0)
_GRID_M = 0.5
_ARM_M = 1.1

_MOTOR = {
    ObjectClass.CAR: (0.37, 0.46), ObjectClass.VAN: (0.38, 0.38), ObjectClass.TRUCK: (0.42, 0.28),
    ObjectClass.BUS: (0.42, 0.25), ObjectClass.EMERGENCY: (0.4, 0.38), ObjectClass.POLICE: (0.37, 0.46),
    ObjectClass.UNMANNED: (0.36, 0.4), ObjectClass.CONSTRUCTION: (0.4, 0.3),
    ObjectClass.MOTORCYCLE: (0.0, 0.5), ObjectClass.TRICYCLE: (0.0, 0.45),
}  # fmt: skip
"""Lamps by class: how far from the middle, of the width, and how high, of the height of the box."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lamp:
    """One lamp that is on."""

    position_m: Float64[np.ndarray, "3"]
    forward: Float64[np.ndarray, "3"]
    """Where it shines to."""
    kind: str
    """street, head or tail."""
    power: float = 1.0
    track_id: int = 0
    """Of the vehicle; 0 for street lamps."""


def vehicle_lamps(objects: Iterable[ObjectLabel], off_m: Float64[np.ndarray, "n 2"]) -> list[Lamp]:
    """Head and tail lamps of motor vehicles and motorcycles; of those that stand at `off_m` none."""
    found: list[Lamp] = []
    for label in objects:
        place = _MOTOR.get(label.object_class)
        if place is None:
            continue
        centre = label.box.pose.position_m
        if len(off_m) and np.linalg.norm(off_m - centre[:2], axis=1).min() < 1.5:
            continue
        speed = float(np.linalg.norm(label.velocity_mps))
        forward = label.box.pose.rotation[:, 0]
        slowing = speed < 0.3 or float(label.acceleration_mps2 @ forward) < -1.2
        found += _pair(label.box.pose, label.box.size_m, place, label.track_id, slowing)
    return found


def ego_lamps(map_agent: Pose, centre_m: float = 2.1) -> list[Lamp]:
    """Head lamps of the vehicle that carries the camera; its box is not in the capture: a car's is taken."""
    pose = map_agent @ Pose.from_xyz_rpy(0.0, 0.0, 0.75)
    size = np.array([2.0 * centre_m, 1.85, 1.5])
    return [lamp for lamp in _pair(pose, size, (0.37, 0.46), 0, False) if lamp.kind == "head"]


def _pair(
    pose: Pose, size_m: np.ndarray, place: tuple[float, float], track_id: int, braking: bool
) -> list[Lamp]:
    side, high = place
    z = (high - 0.5) * float(size_m[2])
    forward = pose.rotation[:, 0]
    out = []
    for y in (side, -side) if side else (0.0,):
        for kind, x, way in (("head", 0.49, forward), ("tail", -0.49, -forward)):
            local = np.array([x * size_m[0], y * size_m[1], z + (0.12 if kind == "tail" else 0.0)])
            where = pose.transform_points(local)
            power = 2.5 if kind == "tail" and braking else 1.0
            out.append(Lamp(position_m=where, forward=way, kind=kind, power=power, track_id=track_id))
    return out


class PostFinder:
    """Gathers what is known of posts from images, and tells where lamps hang."""

    def __init__(self) -> None:
        self._points: dict[tuple[int, int], tuple[float, float, float, float, float]] = {}
        """By cell: highest point x, y, z; lowest z; ground below."""

    def add(self, image: ClipImage) -> None:
        """The posts of an image."""
        surfaces = Surfaces(image)
        chosen = (image.tag == Tag.POLE) & surfaces.solid & (image.distance_m < 90.0)
        points = surfaces.points_m[chosen].astype(np.float64)
        ground = float(image.map_agent.position_m[2]) if image.height_m < 4.0 else 0.0
        points = points[points[:, 2] > ground + 1.0]
        if len(points) == 0:
            return
        cells = np.floor(points[:, :2] / _GRID_M).astype(int)
        order = np.lexsort((points[:, 2], cells[:, 1], cells[:, 0]))
        points, cells = points[order], cells[order]
        last = np.flatnonzero(np.r_[np.any(np.diff(cells, axis=0) != 0, axis=1), True])
        first = np.r_[0, last[:-1] + 1]
        for a, b in zip(first.tolist(), last.tolist(), strict=True):
            key = (int(cells[b, 0]), int(cells[b, 1]))
            x, y, z = points[b]
            low = float(points[a, 2])
            before = self._points.get(key)
            if before is not None:
                low = min(low, before[3])
                if before[2] >= z:
                    x, y, z = before[:3]
            self._points[key] = (float(x), float(y), float(z), low, ground)

    def lamps(self) -> list[Lamp]:
        """At the ends of arms on tall posts."""
        if not self._points:
            return []
        keys = sorted(self._points)
        rows = np.array([self._points[k] for k in keys])
        cells = np.array(keys)
        cells -= cells.min(axis=0) - 1
        grid = np.zeros(cells.max(axis=0) + 2, np.uint8)
        grid[cells[:, 0], cells[:, 1]] = 1
        _, labels = cv2.connectedComponents(cv2.dilate(grid, np.ones((3, 3), np.uint8)), connectivity=8)
        group = labels[cells[:, 0], cells[:, 1]]
        found: list[Lamp] = []
        for number in range(1, int(labels.max()) + 1):
            found += _of_post(rows[group == number])
        return found


def _of_post(rows: Float64[np.ndarray, "n 5"]) -> list[Lamp]:
    if len(rows) == 0:
        return []
    top, ground = float(rows[:, 2].max()), float(rows[0, 4])
    if not _POST_M[0] < top - ground < _POST_M[1]:
        return []
    high = rows[rows[:, 2] > top - 1.0, :3]
    stem = rows[rows[:, 3] < top - 2.5, :2]
    if len(high) < 3 or len(stem) == 0:
        return []
    foot = np.median(stem, axis=0)
    away = high[:, :2] - foot
    axis = np.linalg.svd(away, full_matrices=False)[2][0]
    along = away @ axis
    lamps = []
    for end in (along.argmax(), along.argmin()):
        reach = float(abs(along[end]))
        if _ARM_M < reach < 4.0:
            where = np.array([*(foot + axis * (along[end] * 0.92)), top - 0.12])
            lamps.append(Lamp(position_m=where, forward=np.array([0.0, 0.0, -1.0]), kind="street"))
    return lamps


def lit_by(surfaces: Surfaces, lamps: list[Lamp], ambient_lx: float) -> Float32[np.ndarray, "h w 3"]:
    """Illuminance of each pixel's surface by colour, in lux: E = I cos / d^2 (Lambert), nothing in between.

    Light passes through what stands in its way: shadows of lamps are not known.
    """
    third = slice(None, None, 3)
    points, normals = surfaces.points_m[third, third], surfaces.normals[third, third]
    plants = surfaces.of(Tag.VEGETATION)[third, third]
    total = np.full((*points.shape[:2], 3), ambient_lx, np.float32)
    total += np.float32(0.35 * ambient_lx) * normals[..., 2:]
    eye = np.asarray(surfaces.image.map_optical.position_m)
    near = [lamp for lamp in lamps if lamp.kind != "tail" and np.linalg.norm(lamp.position_m - eye) < 130.0]
    for lamp in near:
        way = points - lamp.position_m.astype(np.float32)
        square = np.einsum("hwc,hwc->hw", way, way)
        chosen = square < REACH_M**2
        if not chosen.any():
            continue
        way, square = way[chosen], np.maximum(square[chosen], 0.25)
        way /= np.sqrt(square)[:, None]
        cosine = -np.einsum("nc,nc->n", way, normals[chosen])
        cosine = np.where(plants[chosen], 0.3 + 0.3 * cosine, cosine)
        intensity = _street(way) if lamp.kind == "street" else _low_beam(way, lamp.forward.astype(np.float32))
        colour = STREET_RGB if lamp.kind == "street" else HEAD_RGB
        lux = intensity * np.clip(cosine, 0, 1) / square
        fade = 1 - smoothstep(0.6 * REACH_M, REACH_M, np.sqrt(square))
        total[chosen] += (lux * fade)[:, None] * colour
    size = surfaces.solid.shape[::-1]
    return np.asarray(cv2.resize(total, size, interpolation=cv2.INTER_LINEAR))


def _street(way: Float32[np.ndarray, "n 3"]) -> Float32[np.ndarray, "n"]:
    """Candela of a full cut-off lamp: most at 60 degrees along the street, nothing above 80; by eye."""
    down = np.clip(-way[:, 2], 0, 1)
    spread = 1 + 1.1 * (1 - down * down)
    return np.asarray(STREET_CD * spread * smoothstep(0.15, 0.42, down), np.float32)


def _low_beam(way: Float32[np.ndarray, "n 3"], forward: Float32[np.ndarray, "3"]) -> Float32[np.ndarray, "n"]:
    """Candela of a low beam in the manner of UN Regulation 112: a cut-off 0.57 degrees below the horizon."""
    left = np.array([-forward[1], forward[0], 0.0], np.float32)
    left /= max(float(np.linalg.norm(left)), 1e-6)
    ahead, aside = way @ forward, way @ left
    azimuth = np.degrees(np.arctan2(aside, np.maximum(ahead, 1e-3)))
    down = np.degrees(np.arcsin(np.clip(-way[:, 2], -1, 1)))
    across = 0.75 * np.exp(-0.5 * (azimuth / 9.0) ** 2) + 0.25 * np.exp(-0.5 * (azimuth / 24.0) ** 2)
    below = np.exp(-0.5 * ((down - 1.2) / 2.2) ** 2) + 0.22 * np.exp(-0.5 * ((down - 3.0) / 6.5) ** 2)
    shaped = across * np.minimum(below, 1.0) * smoothstep(0.25, 0.95, down.astype(np.float32))
    stray = STRAY_CD * np.exp(-0.5 * (azimuth / 30.0) ** 2)
    return np.asarray(np.where(ahead > 0.05, HEAD_CD * shaped + stray, 0), np.float32)


def seen_lenses(surfaces: Surfaces, lamps: list[Lamp]) -> Float32[np.ndarray, "h w 3"]:
    """Light of lenses that the camera sees: discs at their places, where nothing stands before them."""
    image = surfaces.image
    height, width = image.tag.shape
    out = np.zeros((height, width, 3), np.float32)
    pose = image.map_optical.inverse()
    lens = image.camera.optics
    focal = float(lens.intrinsic[0, 0])
    for lamp in lamps:
        local = pose.transform_points(lamp.position_m)
        distance = float(np.linalg.norm(local))
        # Lenses shine to their front half.
        turned = float((image.map_optical.position_m - lamp.position_m) @ lamp.forward) / max(distance, 1e-3)
        if local[2] < 0.3 or distance > 180.0 or turned < (0.05 if lamp.kind != "street" else -0.2):
            continue
        pixel = lens.project(local[None])[0]
        if not (np.isfinite(pixel).all() and 0 <= pixel[0] < width and 0 <= pixel[1] < height):
            continue
        if not _in_view(surfaces, pixel, lamp, distance):
            continue
        size_m, value = {
            "street": (0.2, 24.0 * STREET_RGB),
            "head": (0.085, 30.0 * HEAD_RGB * min(1.0, 0.25 + turned)),
            "tail": (0.07, 0.7 * lamp.power * TAIL_RGB),
        }[lamp.kind]
        radius = max(size_m * focal / distance, 0.6)
        box = max(2, math.ceil(radius) + 2)
        x, y = int(pixel[0]), int(pixel[1])
        rows, columns = (slice(max(c - box, 0), c + box + 1) for c in (y, x))
        v, u = np.mgrid[rows.start : min(rows.stop, height), columns.start : min(columns.stop, width)]
        flat = 2.6 if lamp.kind == "street" else 1.3
        away = np.hypot(u + 0.5 - pixel[0], (v + 0.5 - pixel[1]) * flat)
        disc = np.clip(radius + 0.5 - away, 0, 1).astype(np.float32)[..., None]
        # What is smaller than a pixel fills less of it.
        filled = min(1.0, (size_m * focal / distance / 0.6) ** 2)
        out[rows, columns] = np.maximum(out[rows, columns], disc * value * np.float32(filled))
    return out


def _in_view(surfaces: Surfaces, pixel: np.ndarray, lamp: Lamp, distance_m: float) -> bool:
    image = surfaces.image
    x, y = int(pixel[0]), int(pixel[1])
    rows, columns = slice(max(y - 2, 0), y + 3), slice(max(x - 2, 0), x + 3)
    if lamp.track_id:
        own = image.instance[rows, columns] == lamp.track_id & 0xFFFF
        return bool(own.sum() >= 3)
    return bool((image.distance_m[rows, columns] > distance_m - 1.0).any())


def glow(lenses: Float32[np.ndarray, "h w 3"], haze: Share | float) -> Float32[np.ndarray, "h w 3"]:
    """Light around lenses: the camera's own glare, and in turbid air what is scattered on the way.

    Sums of Gaussians; widths and weights by eye (Narasimhan and Nayar, "Shedding light on the weather", CVPR
    2003, show the shape of multiple scattering around a source that the widest one stands for).
    """
    width = lenses.shape[1]
    total = np.zeros_like(lenses)
    for sigma, weight in ((0.0022, 0.5), (0.007, 0.3), (0.022, 0.16)):
        total += np.float32(weight) * cv2.GaussianBlur(lenses, (0, 0), sigma * width)
    small = cv2.resize(lenses, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    wide = cv2.GaussianBlur(small, (0, 0), 0.06 * width / 4) + cv2.GaussianBlur(
        small, (0, 0), 0.02 * width / 4
    )
    wide = cv2.resize(wide, lenses.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(total + wide * np.float32(1.3) * np.asarray(haze, np.float32)[..., None], np.float32)
