"""Path loss between agents at 5.9 GHz, after 3GPP TR 37.885 V15.3.0, section 6.2 (urban grid).

- Table 6.2.1-1: LOS and NLOSv 38.77 + 16.7 log10(d) + 18.2 log10(f), NLOS 36.85 + 30 log10(d) +
  18.9 log10(f), with d in m (three-dimensional), f in GHz; shadowing of 3 dB (LOS, NLOSv) and 4 dB (NLOS).
- Section 6.2.1, vehicle blockage: nothing where both antennas are above the blocker, else the greater of 0 dB
  and a normal variable of mean 9 + max(0, 15 log10(d) - 41) dB and deviation 4.5 dB where it is above both,
  and of mean 5 + the same and deviation 4 dB otherwise.
- Table 6.2.3-1: shadowing is correlated over 10 m (LOS) and 13 m (NLOSv, NLOS).

The report itself was not at hand; the figures are those of ns-3's `ThreeGppV2vUrbanPropagationLossModel`,
which names these tables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Vec3
from drivegen.v2x.draws import Draws
from drivegen.v2x.evidence import Scene

CARRIER_GHZ = 5.9
LOS, NLOS_VEHICLE, NLOS_BUILDING = "los", "nlos_vehicle", "nlos_building"
SHADOW_DB = {LOS: 3.0, NLOS_VEHICLE: 3.0, NLOS_BUILDING: 4.0}
CORRELATION_M = {LOS: 10.0, NLOS_VEHICLE: 13.0, NLOS_BUILDING: 13.0}
_NEAREST_M = 1.0
LARGE = frozenset({ObjectClass.TRUCK, ObjectClass.BUS, ObjectClass.CONSTRUCTION, ObjectClass.EMERGENCY})
"""Vehicles that stand in the way where the recorder does not say what does."""


def median_loss_db(path: str, distance_m: float) -> float:
    """Path loss without blockage and shadowing."""
    d = math.log10(max(distance_m, _NEAREST_M))
    if path == NLOS_BUILDING:
        return 36.85 + 30.0 * d + 18.9 * math.log10(CARRIER_GHZ)
    return 38.77 + 16.7 * d + 18.2 * math.log10(CARRIER_GHZ)


def blockage_db(distance_m: float, above: int, normal: float) -> float:
    """Loss by a vehicle in the way; `above`: how many of the two antennas look over it; `normal`: a draw."""
    if above >= 2:
        return 0.0
    mean, sigma = (5.0, 4.0) if above == 1 else (9.0, 4.5)
    mean += max(0.0, 15.0 * math.log10(max(distance_m, _NEAREST_M)) - 41.0)
    return max(0.0, mean + sigma * normal)


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The radio path of a pair at a moment; the same both ways."""

    path: str
    distance_m: float
    loss_db: float


class Links:
    """The paths of all pairs of agents through a scene.

    Shadowing moves as TR 36.885, annex A.1.4 has it: S' = k S + sqrt(1 - k^2) N, k = exp(-D / Dcorr),
    with D the way that both ends have gone. Each pair has draws of its own.
    """

    def __init__(self, seed: int, agents: Sequence[str], shadowing: bool) -> None:
        self._pairs = [(a, b) for i, a in enumerate(sorted(agents)) for b in sorted(agents)[i + 1 :]]
        self._draws = {pair: Draws(seed, "shadowing", *pair) for pair in self._pairs}
        self._state: dict[tuple[str, str], Float64[np.ndarray, "2"]] = {}
        self._last: dict[str, Vec3] = {}
        self._shadowing = shadowing

    def step(
        self,
        time_ns: int,
        antennas_m: Mapping[str, Vec3],
        paths: Mapping[tuple[str, str], str],
        blocker_m: Mapping[tuple[str, str], float],
    ) -> dict[tuple[str, str], Link]:
        """The links at a time, by names in their order.

        `blocker_m`: heights (z) of the vehicles in the way of those pairs that `paths` calls nlos_vehicle; a
        pair without one is taken to be blocked at both ends.
        """
        moved = {
            name: float(np.linalg.norm(at - self._last[name])) if name in self._last else 0.0
            for name, at in antennas_m.items()
        }
        self._last = dict(antennas_m)
        out: dict[tuple[str, str], Link] = {}
        for pair in self._pairs:
            a, b = pair
            if a not in antennas_m or b not in antennas_m:
                continue
            path = paths.get(pair, LOS)
            draw = self._draws[pair].normals(time_ns, np.arange(2))
            before = self._state.get(pair)
            if before is None:
                state = draw
            else:
                keep = math.exp(-(moved[a] + moved[b]) / CORRELATION_M[path])
                state = keep * before + math.sqrt(1.0 - keep**2) * draw
            self._state[pair] = state
            distance = float(np.linalg.norm(antennas_m[a] - antennas_m[b]))
            loss = median_loss_db(path, distance)
            if path == NLOS_VEHICLE:
                top = blocker_m.get(pair, math.inf)
                above = sum(float(antennas_m[end][2]) > top for end in pair)
                loss += blockage_db(distance, above, float(state[1]) if self._shadowing else 0.0)
            if self._shadowing:
                loss += SHADOW_DB[path] * float(state[0])
            out[pair] = Link(path=path, distance_m=distance, loss_db=loss)
        return out


def plan_paths(
    scene: Scene, antennas_m: Mapping[str, Vec3], own_track: Mapping[str, int | None]
) -> tuple[dict[tuple[str, str], str], dict[tuple[str, str], float]]:
    """Paths by the plan alone: nlos_vehicle where a large vehicle's box lies across the line between a pair.

    And the heights (z) of the highest such vehicle of each pair. Buildings are not known here.
    """
    rows = np.array([r for r, o in enumerate(scene.labels) if o.object_class in LARGE], dtype=np.int64)
    paths: dict[tuple[str, str], str] = {}
    tops: dict[tuple[str, str], float] = {}
    names = sorted(antennas_m)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            paths[a, b] = LOS
            if len(rows) == 0:
                continue
            hit = _crossed(scene, rows, antennas_m[a], antennas_m[b])
            hit &= ~np.isin(scene.track_id[rows], [t for t in (own_track[a], own_track[b]) if t is not None])
            if hit.any():
                paths[a, b] = NLOS_VEHICLE
                tops[a, b] = float(_tops_m(scene, rows[hit]).max())
    return paths, tops


def blockers_m(
    scene: Scene,
    antennas_m: Mapping[str, Vec3],
    own_track: Mapping[str, int | None],
    pairs: Sequence[tuple[str, str]],
) -> dict[tuple[str, str], float]:
    """Heights (z) of the highest object of any class whose box lies across the line of each pair."""
    rows = np.arange(len(scene.labels))
    out: dict[tuple[str, str], float] = {}
    for a, b in pairs:
        hit = _crossed(scene, rows, antennas_m[a], antennas_m[b])
        hit &= ~np.isin(scene.track_id, [t for t in (own_track[a], own_track[b]) if t is not None])
        if hit.any():
            out[a, b] = float(_tops_m(scene, rows[hit]).max())
    return out


def _tops_m(scene: Scene, rows: np.ndarray) -> Float64[np.ndarray, "n"]:
    return np.asarray(scene.centre_m[rows, 2] + 0.5 * scene.size_m[rows, 2])


def _crossed(scene: Scene, rows: np.ndarray, a_m: Vec3, b_m: Vec3) -> np.ndarray:
    """Which boxes, in plan, the line from a to b cuts (slabs: Kay and Kajiya 1986)."""
    yaw, half = scene.yaw_rad[rows], 0.5 * scene.size_m[rows, :2]
    c, s = np.cos(yaw), np.sin(yaw)
    start = a_m[:2] - scene.centre_m[rows, :2]
    way = b_m[:2] - a_m[:2]
    local = np.column_stack([start[:, 0] * c + start[:, 1] * s, start[:, 1] * c - start[:, 0] * s])
    along = np.column_stack([way[0] * c + way[1] * s, way[1] * c - way[0] * s])
    along = np.where(np.abs(along) < 1e-9, 1e-9, along)
    one, other = (-half - local) / along, (half - local) / along
    enter = np.minimum(one, other).max(axis=1)
    leave = np.maximum(one, other).min(axis=1)
    return np.asarray((enter <= leave) & (leave > 0.0) & (enter < 1.0))
