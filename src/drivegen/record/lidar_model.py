"""From what the rays of a LiDAR met to what the LiDAR delivers: power, weather, noise, returns.

Powers are in units of what a Lambertian surface of reflectance 1 gives at 1 m, without weather. A LiDAR finds
an echo of power P with the probability that P / P_min, times a signal-to-noise ratio, plus Gaussian noise
exceeds a threshold; P_min is the echo of a surface of 10 per cent at `Lidar.range_at_10_percent_m`, found
nine times in ten.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int64, UInt32

from drivegen.capture.frame import Sweep
from drivegen.core.geometry import Pose
from drivegen.core.rng import derive_seed
from drivegen.core.sensors import Lidar
from drivegen.record.degradation import fog, particles, rain, snow, spray
from drivegen.record.degradation.atmosphere import Atmosphere
from drivegen.record.lidar_echoes import Echoes, Soft, collect, listen
from drivegen.record.lidar_parts import Beams, beam_directions
from drivegen.record.reflectance import apparent_reflectance, intensity_of

REFLECTIVITY_FLOOR = 0.003
"""Weaker echoes of weather (power x range^2) are not reported, however near: receivers raise their threshold
just after the shot. Assumed; makers do not publish it."""

TABLE_STEP_M = 0.1
SHARPNESS = 4.0
"""Where in fog an echo is taken to come from is drawn with the fourth power of the fog's echo over range."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Weathering:
    """A LiDAR's tables for one atmosphere."""

    alpha_per_m: float
    """Of all that is in the air."""
    wetness: float
    soft: Soft | None
    """Fog and dust; none when there is neither."""
    drops: particles.Finds | None
    flakes: particles.Finds | None

    @staticmethod
    def of(lidar: Lidar, air: Atmosphere) -> Weathering:
        """The tables."""
        falling = []
        if air.rain_mmph > 0.0:
            falling.append(rain.drops(air.rain_mmph))
        if air.snow_mmph > 0.0:
            falling.append(snow.flakes(air.snow_mmph))
        alpha = air.fog_extinction_per_m + air.dust_extinction_per_m
        alpha += sum(f.extinction_per_m for f in falling)
        found = [
            particles.finds(f, alpha, lidar.divergence_mrad * 1e-3, least_power(lidar), REFLECTIVITY_FLOOR)
            for f in falling
        ]
        return Weathering(
            alpha_per_m=alpha,
            wetness=air.wetness,
            soft=_soft(air, alpha, lidar.range_m) if air.soft_backscatter_per_m_sr > 0.0 else None,
            drops=found[0] if air.rain_mmph > 0.0 else None,
            flakes=found[-1] if air.snow_mmph > 0.0 else None,
        )


def least_power(lidar: Lidar) -> float:
    """P_min. A LiDAR without a stated sensitivity has that of one that just reaches its range."""
    return float(0.1 / (lidar.range_at_10_percent_m or lidar.range_m) ** 2)


def _soft(air: Atmosphere, alpha_per_m: float, range_m: float) -> Soft:
    r = (np.arange(math.ceil(min(range_m, 60.0) / TABLE_STEP_M)) + 1) * TABLE_STEP_M
    power = fog.soft_power(r, alpha_per_m, air.soft_backscatter_per_m_sr)
    weight = np.cumsum(power**SHARPNESS)
    dust_share = 1.0 - fog.backscatter_per_m_sr(air.fog_visibility_m) / air.soft_backscatter_per_m_sr
    return Soft(power=power, cumulative=weight / weight[-1], step_m=TABLE_STEP_M, dust_share=dust_share)


class LidarModel:
    """Makes the sweeps of one LiDAR; remembers nothing from one to the next."""

    def __init__(self, lidar: Lidar, air: Atmosphere, seed: int) -> None:
        """Makes the tables.

        Args:
            lidar: What it is.
            air: The scene's weather; `Atmosphere()` for none.
            seed: Of the scene.
        """
        self._lidar = lidar
        self._air = air
        self._seed = seed
        self._weathering = Weathering.of(lidar, air)

    def sweep(
        self,
        beams: Beams,
        frame: int,
        annotated: UInt32[np.ndarray, "m"],
        paint: Mapping[int, float],
        map_sensor: Pose,
        clouds: Sequence[spray.Cloud] = (),
    ) -> Sweep:
        """One sweep.

        Args:
            beams: What the rays met.
            frame: Number of the frame; every frame has random numbers of its own.
            annotated: Ids that stay; all others become 0.
            paint: Reflectance of objects whose colour is known, by id.
            map_sensor: Pose of the LiDAR.
            clouds: Of spray, in the world.
        """
        lidar, weathering = self._lidar, self._weathering
        distance = np.sqrt(np.einsum("ij,ij->i", beams.points_m, beams.points_m, dtype=np.float32))
        reflectivity = apparent_reflectance(
            beams.tag, beams.cos_incidence, _painted(beams.object_id, paint), weathering.wetness
        )
        seed = derive_seed(self._seed, "lidar", lidar.name, frame)
        path = spray.paths(clouds, map_sensor, beam_directions(lidar), seed) if clouds else None
        echoes = listen(
            lidar,
            beams,
            distance,
            reflectivity,
            weathering,
            path,
            least_power(lidar),
            REFLECTIVITY_FLOOR,
            seed,
        )
        return self._deliver(beams, echoes, distance, annotated)

    def _deliver(
        self,
        beams: Beams,
        echoes: Echoes,
        distance_m: Float32[np.ndarray, "n"],
        annotated: UInt32[np.ndarray, "m"],
    ) -> Sweep:
        """Found echoes as points, beam by beam and the strongest first."""
        lidar = self._lidar
        count = int(echoes.found.sum())
        points = np.empty((count, 3), np.float32)
        beam, source = np.empty(count, np.int64), np.empty(count, np.int64)
        rank, kind = np.empty(count, np.uint8), np.empty(count, np.uint8)
        reflectivity = np.empty(count, np.float32)
        collect(
            echoes.arrays,
            beam_directions(lidar),
            beams.points_m,
            distance_m,
            lidar.returns == 1,
            points,
            beam,
            rank,
            source,
            kind,
            reflectivity,
        )
        real = source >= 0
        clutter = None if real.all() else kind
        # Row -1, that of clutter, is one of nothing.
        ids = np.append(np.where(np.isin(beams.object_id, annotated), beams.object_id, 0), 0)
        if lidar.intensity == "carla":
            intensity = np.exp(-lidar.atmosphere_attenuation * np.linalg.norm(points, axis=1))
        else:
            intensity = intensity_of(reflectivity)
        return Sweep(
            points_m=points,
            intensity=intensity.astype(np.float32),
            ring=(lidar.channels - 1 - beam // lidar.columns).astype(np.uint16),
            object_id=ids.astype(np.uint32)[source],
            tag=np.append(beams.tag, np.uint8(0))[source],
            cos_incidence=np.append(beams.cos_incidence, np.float32(0.0))[source],
            clutter=clutter,
            return_index=rank if lidar.returns > 1 else None,
            time_offset_s=self._times(beams, beam, source, real),
        )

    def _times(
        self,
        beams: Beams,
        beam: Int64[np.ndarray, "k"],
        source: Int64[np.ndarray, "k"],
        real: Bool[np.ndarray, "k"],
    ) -> Float32[np.ndarray, "k"] | None:
        """Clutter has the time of the sector that it lies in: that of the nearest column with a point."""
        if beams.time_offset_s is None:
            return None
        times = np.append(beams.time_offset_s, np.float32(0.0))[source]
        columns = self._lidar.columns
        of_column = np.full(columns, -np.inf, np.float32)
        np.maximum.at(of_column, beam[real] % columns, times[real])
        known = np.flatnonzero(np.isfinite(of_column))
        if len(known):
            nearest = known[np.minimum(np.searchsorted(known, np.arange(columns)), len(known) - 1)]
            times = np.where(real, times, of_column[nearest][beam % columns])
        return times.astype(np.float32)


def _painted(object_id: UInt32[np.ndarray, "n"], paint: Mapping[int, float]) -> Float32[np.ndarray, "n"]:
    """Reflectance of each point's object by its colour; 0 where that is not known."""
    out = np.zeros(len(object_id), np.float32)
    if paint and len(object_id):
        ids = np.array(sorted(paint), np.uint32)
        values = np.array([paint[int(i)] for i in ids], np.float32)
        place = np.minimum(np.searchsorted(ids, object_id), len(ids) - 1)
        hit = ids[place] == object_id
        out[hit] = values[place[hit]]
    return out
