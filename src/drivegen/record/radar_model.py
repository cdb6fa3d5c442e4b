"""From the rays of CARLA's radar to the detections of a radar.

CARLA fires rays at random and tells range, direction and range rate of what each met. Here every ray stands
for the solid angle that is its share of the cone; rays that met an object share the object's cross section,
as far as it is not hidden, the others have that of ground or walls. What falls into one cell of range,
azimuth, elevation and velocity is one detection, if the radar equation and a fluctuating target (Swerling 1)
let it exceed the threshold. Richards, Scheer and Holm 2010, "Principles of Modern Radar", chapters 2, 7, 15
and 18, has the formulas.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
from jaxtyping import Bool, Float64, Int64, UInt32

from drivegen.capture.frame import Echo, RadarScan
from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Box, Pose, Vec3
from drivegen.core.rng import derive_rng
from drivegen.core.sensors import Radar
from drivegen.record.degradation import radio
from drivegen.record.degradation.atmosphere import Atmosphere
from drivegen.record.radar_ghosts import double_echoes, mirror_echoes, strongest_of_objects
from drivegen.record.radar_rcs import CROSS_SECTIONS, aspect_rad, cross_section_dbsm, silhouette_m2

FALSE_ALARM = 1e-6
"""Probability that noise exceeds the threshold in a cell."""
THRESHOLD = -math.log(FALSE_ALARM)
"""Of power over mean noise power, which is exponentially distributed."""
REFERENCE_DBSM = 10.0
REFERENCE_DETECTION = 0.9
REFERENCE_SNR = math.log(FALSE_ALARM) / math.log(REFERENCE_DETECTION) - 1.0
"""That gives `REFERENCE_DETECTION` for a Swerling 1 target: Pd = Pfa^(1 / (1 + SNR))."""

SLOPE = 1.6
"""Accuracy is resolution / (1.6 sqrt(2 SNR)), for an unweighted aperture (Skolnik 2008, chapter 1)."""

GROUND_GAMMA = 10.0 ** (-22.0 / 10.0)
"""Cross section of ground over the area that it fills in the view: gamma model for smooth asphalt."""
STRUCTURE_GAMMA = 10.0 ** (-6.0 / 10.0)
"""The same of walls, rails, poles and plants."""
TEXTURE_DB = 6.0
"""Standard deviation of structure from place to place; a place keeps its own from frame to frame."""
GROUND_M = 0.25
"""What is no higher above the ground under the carrier counts as ground, and 1 per cent of the range more."""

MARGIN_M = 0.15
"""Meshes may stick out of their box by so much and still be the object's."""
FILLED = 0.7
"""Share of a box's outline that an object's own fills."""
SIDE_LOBES = 10.0 ** (-25.0 / 10.0)
"""Of the antenna array, two ways, over its main lobe."""
VELOCITY_LOBES = 10.0 ** (-25.0 / 10.0)
"""Of the Doppler filter; both together bound what is seen beside a strong target at its range."""
RAIN_SPREAD_MPS = 2.0
"""Rain hides targets whose velocity over ground along the beam is less than this."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Target:
    """An object that a radar may meet."""

    object_id: int
    object_class: ObjectClass
    box: Box
    velocity_mps: Vec3
    """In the world."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carrier:
    """What carries the radar."""

    map_sensor: Pose
    velocity_mps: Vec3
    """Of the radar's own place, in the world."""
    ground_m: float
    """Height of the ground under the carrier in the world."""
    heading: Vec3
    """Unit vector forward."""
    box: Box
    """Rays that meet the carrier itself are dropped."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Hits:
    """What n echoes come from; the sensor's frame."""

    range_m: Float64[np.ndarray, "n"]
    azimuth_rad: Float64[np.ndarray, "n"]
    elevation_rad: Float64[np.ndarray, "n"]
    velocity_mps: Float64[np.ndarray, "n"]
    """Range rate as a radar sees it."""
    ground_mps: Float64[np.ndarray, "n"]
    """Range rate without the radar's own motion."""
    section_m2: Float64[np.ndarray, "n"]
    owner: Int64[np.ndarray, "n"]
    """Row of the target; -1 for scenery."""
    echo: Int64[np.ndarray, "n"]

    def select(self, rows: Any) -> Hits:
        """Some of them."""
        return Hits(**{name: getattr(self, name)[rows] for name in Hits.__slots__})

    @staticmethod
    def concatenate(parts: Sequence[Hits]) -> Hits:
        """All of them."""
        return Hits(**{name: np.concatenate([getattr(p, name) for p in parts]) for name in Hits.__slots__})


class RadarModel:
    """Makes the scans of one radar; remembers nothing from one to the next."""

    def __init__(self, radar: Radar, air: Atmosphere, seed: int) -> None:
        """Prepares.

        Args:
            radar: What it is.
            air: The scene's weather; `Atmosphere()` for none.
            seed: Of the scene.
        """
        self.radar = radar
        self._air = air
        self._seed = seed
        self._loss_db_per_m = 2.0 * radio.attenuation(radar.frequency_ghz, air) / 1000.0
        self._rain_m2_m3 = radio.rain_backscatter_m2_m3(air.rain_mmph)
        self.constant = REFERENCE_SNR * radar.reference_range_m**4 / 10.0 ** (REFERENCE_DBSM / 10.0)
        """Signal-to-noise ratio of 1 m^2 at 1 m on the axis in clear air."""

    def scan(
        self,
        raw: Any,
        frame: int,
        carrier: Carrier,
        targets: Sequence[Target],
        annotated: UInt32[np.ndarray, "m"],
    ) -> RadarScan:
        """One measurement.

        Args:
            raw: `carla.RadarMeasurement.raw_data`, rows of (velocity, azimuth, altitude, depth).
            frame: Number of the frame; every frame has random numbers of its own.
            carrier: What carries the radar.
            targets: All objects but the carrier.
            annotated: Ids that stay; all others become 0.
        """
        rng = derive_rng(self._seed, "radar", self.radar.name, frame)
        hits = self.hits(np.frombuffer(raw, "<f4").reshape(-1, 4), carrier, targets)
        cells = self._cells(hits)
        found, snr = self._detect(cells, rng)
        if self.radar.ghosts:
            found, snr = self._add_ghosts(found, snr, hits, carrier, targets, rng)
        found, snr = self._add_noise(found, snr, carrier, rng)
        return self._measure(found, snr, targets, annotated, rng)

    def hits(self, rays: Any, carrier: Carrier, targets: Sequence[Target]) -> Hits:
        """Rays as echoes, with the cross section that each stands for."""
        away, azimuth, elevation, distance = (rays[:, k].astype(np.float64) for k in range(4))
        azimuth = -azimuth  # CARLA's is positive to the right
        level = np.cos(elevation)
        ahead = np.stack([level * np.cos(azimuth), level * np.sin(azimuth), np.sin(elevation)], axis=1)
        points = carrier.map_sensor.transform_points(ahead * distance[:, None])
        outside = ~carrier.box.contains(points, MARGIN_M) & (distance > 0.1)
        away, azimuth, elevation, distance = (a[outside] for a in (away, azimuth, elevation, distance))
        ahead, points = ahead[outside], points[outside]
        owner = _owners(points, targets)
        weight = self.solid_angle(ahead)
        own = ahead @ (carrier.velocity_mps @ carrier.map_sensor.rotation)
        section = np.where(
            owner >= 0,
            _shares(owner, weight * distance**2, targets, carrier.map_sensor.position_m),
            weight * distance**2 * self._surface(points, distance, carrier.ground_m),
        )
        return Hits(
            range_m=distance,
            azimuth_rad=azimuth,
            elevation_rad=elevation,
            velocity_mps=away,
            ground_mps=away + own,
            section_m2=section,
            owner=owner,
            echo=np.where(owner >= 0, int(Echo.OBJECT), int(Echo.STATIC)),
        )

    def solid_angle(self, ahead: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n"]:
        """Steradians that each ray stands for.

        CARLA draws the distance from the axis uniformly between 0 and the edge of the ellipse on a plane
        ahead, so that rays thin out with that distance: a ray at a share q of the way to the edge stands for
        2 pi q sy sz cos^3 / N, with s the tangents of the half fields of view.
        """
        radar = self.radar
        sy, sz = (math.tan(math.radians(v) / 2.0) for v in (radar.horizontal_fov_deg, radar.vertical_fov_deg))
        q = np.hypot(ahead[:, 1] / ahead[:, 0] / sy, ahead[:, 2] / ahead[:, 0] / sz)
        return np.asarray(2.0 * math.pi * q * sy * sz * ahead[:, 0] ** 3 / radar.rays)

    def _surface(
        self, points_m: Float64[np.ndarray, "n 3"], distance_m: Float64[np.ndarray, "n"], ground_m: float
    ) -> Float64[np.ndarray, "n"]:
        """Cross section over filled area of scenery."""
        low = points_m[:, 2] - ground_m < GROUND_M + 0.01 * distance_m
        place = np.floor(points_m).astype(np.int64).astype(np.uint64)
        key = place[:, 0] * np.uint64(73856093) ^ place[:, 1] * np.uint64(19349663)
        key = (key ^ place[:, 2] * np.uint64(83492791)) * np.uint64(0x9E3779B97F4A7C15)
        # A sum of four uniform numbers is near enough to a normal one.
        words = np.stack([(key >> np.uint64(s)) & np.uint64(0xFFFF) for s in (0, 16, 32, 48)])
        normal = (words.astype(np.float64).sum(axis=0) / 65535.0 - 2.0) * math.sqrt(3.0)
        return np.where(low, GROUND_GAMMA, STRUCTURE_GAMMA * 10.0 ** (TEXTURE_DB * normal / 10.0))

    def gain(self, azimuth_rad: Any, elevation_rad: Any) -> Any:
        """Two-way gain of the antenna over that on its axis: 6 dB less at the edge of the field of view."""
        radar = self.radar
        off = (azimuth_rad / (math.radians(radar.horizontal_fov_deg) / 2.0)) ** 2
        off = off + (elevation_rad / (math.radians(radar.vertical_fov_deg) / 2.0)) ** 2
        return 10.0 ** (-0.6 * off)

    def snr(self, hits: Hits) -> Float64[np.ndarray, "n"]:
        """Mean signal over noise, by the radar equation, with the weather's losses and the rain's own
        echo."""
        lost = 10.0 ** (-self._loss_db_per_m * hits.range_m / 10.0)
        gain = self.gain(hits.azimuth_rad, hits.elevation_rad)
        power = self.constant * hits.section_m2 * gain * lost / hits.range_m**4
        in_rain = np.abs(hits.ground_mps) < RAIN_SPREAD_MPS
        return np.asarray(power / (1.0 + np.where(in_rain, self.rain_power(hits.range_m) * gain, 0.0)))

    def rain_power(self, range_m: Any) -> Any:
        """Echo of the rain in one cell on the axis over noise: rain x the cell's volume x radar equation."""
        radar = self.radar
        across = math.radians(radar.azimuth_resolution_deg)
        high = math.radians(radar.elevation_resolution_deg or radar.vertical_fov_deg)
        volume = math.pi / 4.0 * radar.range_resolution_m * across * high * range_m**2
        lost = 10.0 ** (-self._loss_db_per_m * range_m / 10.0)
        return self.constant * self._rain_m2_m3 * volume * lost / np.maximum(range_m, 1.0) ** 4

    def folded(self, velocity_mps: Any) -> tuple[Any, Any]:
        """(velocity in the unambiguous interval, number of intervals taken away)."""
        limit = self.radar.max_velocity_mps
        if limit <= 0.0:
            return velocity_mps, np.zeros_like(velocity_mps)
        folds = np.floor((velocity_mps + limit) / (2.0 * limit))
        return velocity_mps - 2.0 * limit * folds, folds

    def _cells(self, hits: Hits) -> Hits:
        """Echoes that the radar cannot tell apart, as one: sums of cross section, means weighted by power."""
        if not len(hits.range_m):
            return hits
        power = hits.section_m2 * self.gain(hits.azimuth_rad, hits.elevation_rad) / hits.range_m**4
        _, cell = np.unique(_keys(self._bins(hits))[0], return_inverse=True)
        count = int(cell.max()) + 1
        total = np.bincount(cell, power, count)
        # The owner of the strongest ray gives the cell its name.
        order = np.lexsort((power, cell))
        strongest = order[np.searchsorted(cell[order], np.arange(count), side="right") - 1]

        def mean(values: Float64[np.ndarray, "n"]) -> Float64[np.ndarray, "c"]:
            return np.asarray(np.bincount(cell, values * power, count) / np.maximum(total, 1e-300))

        middle = Hits(
            range_m=mean(hits.range_m),
            azimuth_rad=mean(hits.azimuth_rad),
            elevation_rad=mean(hits.elevation_rad),
            velocity_mps=mean(hits.velocity_mps),
            ground_mps=mean(hits.ground_mps),
            section_m2=np.zeros(count),
            owner=hits.owner[strongest],
            echo=hits.echo[strongest],
        )
        section = total * middle.range_m**4 / self.gain(middle.azimuth_rad, middle.elevation_rad)
        return replace(middle, section_m2=section)

    def _bins(self, hits: Hits) -> Int64[np.ndarray, "axes n"]:
        """Cell of each echo by range, azimuth, elevation, velocity."""
        radar = self.radar
        velocity, _ = self.folded(hits.velocity_mps)
        high = math.radians(radar.elevation_resolution_deg)
        axes = (
            hits.range_m / radar.range_resolution_m,
            # An array resolves sines: cells grow to the sides.
            np.sin(hits.azimuth_rad) / math.sin(math.radians(radar.azimuth_resolution_deg)),
            hits.elevation_rad / high if high > 0.0 else np.zeros(len(velocity)),
            velocity / radar.velocity_resolution_mps,
        )
        return np.floor(np.stack(axes)).astype(np.int64)

    def _detect(self, cells: Hits, rng: np.random.Generator) -> tuple[Hits, Float64[np.ndarray, "k"]]:
        """Cells over the threshold, and their measured signal over noise.

        Of touching cells only the strongest is reported, and none that lies under the side lobes of another
        at its range and velocity.
        """
        if not len(cells.range_m):
            return cells, np.zeros(0)
        level = (1.0 + self.snr(cells)) * rng.exponential(size=len(cells.range_m))
        rows = np.flatnonzero(level > THRESHOLD)
        rows = rows[_peaks(self._bins(cells)[:, rows], level[rows])]
        return cells.select(rows), level[rows] - 1.0

    def _add_ghosts(
        self,
        found: Hits,
        snr: Float64[np.ndarray, "k"],
        hits: Hits,
        carrier: Carrier,
        targets: Sequence[Target],
        rng: np.random.Generator,
    ) -> tuple[Hits, Float64[np.ndarray, "g"]]:
        radar = self.radar
        strongest = strongest_of_objects(found)
        ghosts = [*double_echoes(strongest), *mirror_echoes(strongest, hits, carrier, targets)]
        if not ghosts:
            return found, snr
        rows = np.array(ghosts)
        made = Hits(
            range_m=rows[:, 0],
            azimuth_rad=rows[:, 1],
            elevation_rad=rows[:, 2],
            velocity_mps=rows[:, 3],
            ground_mps=rows[:, 4],
            section_m2=rows[:, 5],
            owner=np.full(len(rows), -1),
            echo=np.full(len(rows), int(Echo.GHOST)),
        )
        half = math.radians(radar.horizontal_fov_deg) / 2.0
        made = made.select((made.range_m < radar.range_m) & (np.abs(made.azimuth_rad) < half))
        seen, level = self._detect(made, rng)
        return Hits.concatenate([found, seen]), np.concatenate([snr, level])

    def _add_noise(
        self, found: Hits, snr: Float64[np.ndarray, "k"], carrier: Carrier, rng: np.random.Generator
    ) -> tuple[Hits, Float64[np.ndarray, "j"]]:
        """False alarms: anywhere in range, azimuth and velocity; where rain is louder than noise, rain's."""
        radar = self.radar
        count = int(rng.poisson(radar.false_alarms))
        half = math.radians(radar.horizontal_fov_deg) / 2.0
        fastest = radar.max_velocity_mps or 40.0
        range_m = radar.range_m * rng.random(count)
        azimuth = half * (2.0 * rng.random(count) - 1.0)
        velocity = fastest * (2.0 * rng.random(count) - 1.0)
        rain = self.rain_power(range_m)
        from_rain = rng.random(count) < rain / (1.0 + rain)
        ahead = np.stack([np.cos(azimuth), np.sin(azimuth), np.zeros(count)], axis=1)
        own = ahead @ (carrier.velocity_mps @ carrier.map_sensor.rotation)
        velocity = np.where(from_rain, RAIN_SPREAD_MPS * (2.0 * rng.random(count) - 1.0) - own, velocity)
        level = THRESHOLD + rng.exponential(size=count) - 1.0
        noise = Hits(
            range_m=range_m,
            azimuth_rad=azimuth,
            elevation_rad=np.zeros(count),
            velocity_mps=velocity,
            ground_mps=velocity + own,
            section_m2=np.zeros(count),
            owner=np.full(count, -1),
            echo=np.where(from_rain, int(Echo.WEATHER), int(Echo.NOISE)),
        )
        return Hits.concatenate([found, noise]), np.concatenate([snr, level])

    def _measure(
        self,
        found: Hits,
        snr: Float64[np.ndarray, "k"],
        targets: Sequence[Target],
        annotated: UInt32[np.ndarray, "m"],
        rng: np.random.Generator,
    ) -> RadarScan:
        """Readings with their errors, by ascending range."""
        radar = self.radar
        count = len(snr)
        accuracy = 1.0 / (SLOPE * np.sqrt(2.0 * np.maximum(snr, 1.0)))
        errors = rng.standard_normal((4, count)) * accuracy
        wide = math.radians(radar.azimuth_resolution_deg) / np.maximum(np.cos(found.azimuth_rad), 0.1)
        slip = radar.velocity_resolution_mps * errors[2]
        velocity, folds = self.folded(found.velocity_mps + slip)
        high = math.radians(radar.elevation_resolution_deg)
        range_m = np.maximum(found.range_m + radar.range_resolution_m * errors[0], 0.05)
        azimuth = found.azimuth_rad + wide * errors[1]
        gain = self.gain(found.azimuth_rad, found.elevation_rad)
        section = np.maximum(snr, 1e-3) * found.range_m**4 / (self.constant * gain)
        ids = np.array([t.object_id for t in targets] + [0], np.uint32)[found.owner]
        ids = np.where(np.isin(ids, annotated), ids, np.uint32(0))
        stray = (found.echo == int(Echo.OBJECT)) & (ids == 0)
        order = np.argsort(range_m, kind="stable")
        columns: dict[str, tuple[Any, Any]] = {
            "range_m": (range_m, np.float32),
            "azimuth_rad": (azimuth, np.float32),
            "elevation_rad": ((found.elevation_rad + high * errors[3]) * (high > 0.0), np.float32),
            "velocity_mps": (velocity, np.float32),
            "compensated_mps": (found.ground_mps + slip, np.float32),
            "rcs_dbsm": (10.0 * np.log10(section), np.float32),
            "snr_db": (10.0 * np.log10(np.maximum(snr, 1e-3)), np.float32),
            "object_id": (ids, np.uint32),
            "echo": (np.where(stray, int(Echo.STATIC), found.echo), np.uint8),
            "ambiguity": (folds, np.int8),
        }
        return RadarScan(**{name: value[order].astype(kind) for name, (value, kind) in columns.items()})


def _keys(
    bins: Int64[np.ndarray, "4 n"],
) -> tuple[Int64[np.ndarray, "n"], Int64[np.ndarray, "4"], Int64[np.ndarray, "4 n"]]:
    """(one number for each cell, what a step along each axis adds to it, cells from 1 on)."""
    shifted = bins - bins.min(axis=1, keepdims=True) + 1
    spans = shifted.max(axis=1) + 2
    strides = np.array([spans[1] * spans[2] * spans[3], spans[2] * spans[3], spans[3], 1])
    return strides @ shifted, strides, shifted


def _peaks(bins: Int64[np.ndarray, "4 n"], level: Float64[np.ndarray, "n"]) -> Bool[np.ndarray, "n"]:
    """Which cells stand out.

    Args:
        bins: Range, azimuth, elevation, velocity.
        level: Power of each cell.
    """
    if len(level) < 2:
        return np.ones(len(level), bool)
    key, strides, shifted = _keys(bins)
    order = np.argsort(key, kind="stable")
    ordered, strength = key[order], level[order]

    def strongest_at(step: int) -> Float64[np.ndarray, "n"]:
        """Power of the cell at a distance in keys; 0 where there is none."""
        place = np.minimum(np.searchsorted(ordered, key + step), len(ordered) - 1)
        return np.where(ordered[place] == key + step, strength[place], 0.0)

    keep = np.ones(len(level), bool)
    for offset in product((-1, 0, 1), repeat=4):
        step = int(strides @ np.array(offset))
        if step:
            keep &= level >= strongest_at(step)
    for axis in ([0], [0, 3]):
        # The array's side lobes reach all azimuths of a range and velocity, the filter's all of a range.
        group = strides[axis] @ shifted[axis]
        names, inverse = np.unique(group, return_inverse=True)
        loudest = np.zeros(len(names))
        np.maximum.at(loudest, inverse.reshape(-1), level)
        lobes = SIDE_LOBES if len(axis) > 1 else SIDE_LOBES * VELOCITY_LOBES
        keep &= level > loudest[inverse.reshape(-1)] * lobes
    return keep


def _owners(points_m: Float64[np.ndarray, "n 3"], targets: Sequence[Target]) -> Int64[np.ndarray, "n"]:
    """Row of the target in whose box each point lies; the nearest one's where boxes overlap; -1 for none."""
    owner = np.full(len(points_m), -1, np.int64)
    best = np.full(len(points_m), np.inf)
    for row, target in enumerate(targets):
        reach = float(np.linalg.norm(target.box.size_m)) / 2.0 + MARGIN_M
        offset = points_m - target.box.pose.position_m
        near = np.flatnonzero(np.einsum("ij,ij->i", offset, offset) <= reach**2)
        if not len(near):
            continue
        local = offset[near] @ target.box.pose.rotation
        half = target.box.size_m / 2.0
        # The road under an object is not the object's.
        inside = near[np.all(np.abs(local) <= half + MARGIN_M, axis=1) & (local[:, 2] >= -half[2])]
        apart = np.linalg.norm(offset[inside], axis=1)
        closer = inside[apart < best[inside]]
        best[closer] = np.linalg.norm(offset[closer], axis=1)
        owner[closer] = row
    return owner


def _shares(
    owner: Int64[np.ndarray, "n"],
    area_m2: Float64[np.ndarray, "n"],
    targets: Sequence[Target],
    eye_m: Vec3,
) -> Float64[np.ndarray, "n"]:
    """Each ray's share of its object's cross section; a hidden part of the object takes its share away.

    Args:
        owner: Row of the target; -1 for none.
        area_m2: That each ray stands for, across the line of sight.
        targets: The objects.
        eye_m: Where the radar is.
    """
    out = np.zeros(len(owner))
    for row in np.unique(owner[owner >= 0]).tolist():
        target = targets[row]
        mine: Bool[np.ndarray, "n"] = owner == row
        seen_m2 = float(area_m2[mine].sum())
        whole = FILLED * max(silhouette_m2(target.box, eye_m), 1e-3)
        mean = cross_section_dbsm(CROSS_SECTIONS[target.object_class], aspect_rad(target.box, eye_m))
        out[mine] = 10.0 ** (mean / 10.0) * min(seen_m2 / whole, 1.0) * area_m2[mine] / max(seen_m2, 1e-12)
    return out
