"""Ghosts of radars: targets seen a second time where nothing is.

Two kinds that Kraus et al. 2020, "Using Machine Learning to Detect Ghost Images in Automotive Radar" (ITSC),
find most often: echoes that go to and fro twice between target and carrier, at twice the range and velocity;
and mirror images behind walls and guard rails along the road.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from drivegen.capture.frame import Echo

if TYPE_CHECKING:
    from drivegen.record.radar_model import Carrier, Hits, Target

CARRIER_M2 = 10.0
"""Cross section of the carrier's front, which throws the echo back once more."""
BOUNCE = 0.3
"""Share of power that a wall or rail mirrors; a mirror image takes two bounces."""
LEAST_RAYS = 12
LEAST_LENGTH_M = 10.0
BIN_M = 0.5

GhostRow = tuple[float, float, float, float, float, float]
"""Range, azimuth, elevation, velocity, velocity over ground, cross section."""


def double_echoes(found: Hits) -> list[GhostRow]:
    """Second echoes by way of the carrier: power falls by both cross sections over 4 pi r^2 each.

    Args:
        found: Detections of objects, one of each.
    """
    out: list[GhostRow] = []
    for k in range(len(found.range_m)):
        r, section = float(found.range_m[k]), float(found.section_m2[k])
        loss = section / (4.0 * math.pi * r**2) * CARRIER_M2 / (4.0 * math.pi * r**2)
        velocity, over_ground = float(found.velocity_mps[k]), float(found.ground_mps[k])
        # As a cross section at twice the range, where the radar equation gives a sixteenth.
        out.append(
            (
                2.0 * r,
                float(found.azimuth_rad[k]),
                float(found.elevation_rad[k]),
                2.0 * velocity,
                velocity + over_ground,
                16.0 * section * loss,
            )
        )
    return out


def mirror_echoes(found: Hits, hits: Hits, carrier: Carrier, targets: Sequence[Target]) -> list[GhostRow]:
    """Mirror images in upright surfaces along the carrier's heading, nearest on each side.

    Args:
        found: Detections of objects, one of each.
        hits: All echoes of the scan, among which the surfaces are looked for.
        carrier: What carries the radar.
        targets: The objects.
    """
    if not len(found.range_m):
        return []
    places = _places(found, carrier)
    ahead, left = carrier.heading, np.array([-carrier.heading[1], carrier.heading[0], 0.0])
    left = left / max(float(np.linalg.norm(left)), 1e-9)
    out: list[GhostRow] = []
    for side in _walls(hits, carrier, ahead, left):
        for k, place in enumerate(places):
            offset = float((place - carrier.map_sensor.position_m) @ left)
            if abs(offset) >= abs(side) or (offset * side < 0.0 and abs(offset) > 20.0):
                continue
            image = place + 2.0 * (side - offset) * left
            velocity = targets[int(found.owner[k])].velocity_mps
            mirrored = velocity - 2.0 * float(velocity @ left) * left
            out.append(_row(image, mirrored, carrier, float(found.section_m2[k]) * BOUNCE**2))
    return out


def _walls(hits: Hits, carrier: Carrier, ahead: np.ndarray, left: np.ndarray) -> list[float]:
    """Distances to the left (negative: right) of long upright surfaces; at most one on each side."""
    points = _places(hits.select(hits.echo == int(Echo.STATIC)), carrier)
    height = points[:, 2] - carrier.ground_m
    upright = points[(height > 0.35) & (height < 3.0)] - carrier.map_sensor.position_m
    along, across = upright @ ahead, upright @ left
    out = []
    for sign in (1.0, -1.0):
        found = []
        place = np.floor(across * sign / BIN_M).astype(np.int64)
        for bin_ in np.unique(place[place >= 2]).tolist():
            inside = place == bin_
            if inside.sum() >= LEAST_RAYS and np.ptp(along[inside]) >= LEAST_LENGTH_M:
                found.append(float(np.median(across[inside])))
        out += found[:1]
    return out


def _places(hits: Hits, carrier: Carrier) -> np.ndarray:
    """Where echoes come from, (n, 3) in the world."""
    level = hits.range_m * np.cos(hits.elevation_rad)
    local = (
        level * np.cos(hits.azimuth_rad),
        level * np.sin(hits.azimuth_rad),
        hits.range_m * np.sin(hits.elevation_rad),
    )
    return carrier.map_sensor.transform_points(np.stack(local, axis=1))


def strongest_of_objects(found: Hits) -> Hits:
    """Of every object its strongest detection."""
    rows = np.flatnonzero((found.echo == int(Echo.OBJECT)) & (found.owner >= 0))
    order = rows[np.lexsort((-found.section_m2[rows] / found.range_m[rows] ** 4, found.owner[rows]))]
    _, first = np.unique(found.owner[order], return_index=True)
    return found.select(order[first])


def _row(image: np.ndarray, velocity: np.ndarray, carrier: Carrier, section_m2: float) -> GhostRow:
    offset = image - carrier.map_sensor.position_m
    local = offset @ carrier.map_sensor.rotation
    r = float(np.linalg.norm(offset))
    way = offset / max(r, 1e-9)
    return (
        r,
        math.atan2(local[1], local[0]),
        math.asin(max(-1.0, min(1.0, local[2] / max(r, 1e-9)))),
        float((velocity - carrier.velocity_mps) @ way),
        float(velocity @ way),
        section_m2,
    )
