"""Learned pedestrians as a plugin: `pavements` draws how walks begin, a diffusion model moves walkers."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float64

from drivegen.core.plans import Drive, PlacedPose, VehiclePlan, WalkerPlan, WalkersDraw
from drivegen.core.tracks import TrackCourse
from drivegen.core.weather import Weather
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.pedestrians.pavements import Pavements
from drivegen_generators.vehicles import checks
from drivegen_generators.vehicles.learned.beginnings import drives_as, size_of
from drivegen_generators.vehicles.learned.generator import MORE_TRACK_S, Guidance, check_torch
from drivegen_generators.vehicles.learned.lights import StopLines, lights_of, turning
from drivegen_generators.vehicles.learned.pieces import Pieces
from drivegen_generators.vehicles.learned.scenes import STEP_S, Group
from drivegen_generators.vehicles.learned.tracks import track_of
from drivegen_generators.vehicles.learned.windows import PAST, Present

if TYPE_CHECKING:
    from drivegen_generators.vehicles.learned.sampling import Sampler

WALKER_M = (0.5, 0.6)
"""Along and across of a grown person who walks."""
_MORE_S = 9.0
_GOAL = 0.3


class Learned:
    """Draws walks as `pavements` does and moves the walkers along them with a diffusion model.

    They know the vehicles that have tracks or are parked, not those that are driven.

    Args:
        lasts_s: Of the tracks: a scene with its warm-up must not last longer.
        guidance: Weights of separation, road and goal; the goals lie on the walks.
        samples: Futures of each window, of which what fits together is taken.
        keep_s: Of each window of 8 s, before the next is drawn.
        weights: A file of one's own training; none: those of this package.
        pavements: Options of `pavements`.
    """

    def __init__(
        self,
        *,
        lasts_s: float = 30.0,
        guidance: Mapping[str, object] | None = None,
        samples: int = 4,
        keep_s: float = 4.0,
        weights: str | None = None,
        **pavements: object,
    ) -> None:
        check_torch("pedestrians.plugin=learned")
        self._lasts_s = checks.number("lasts_s", lasts_s, 1.0, 600.0)
        self._guidance = Guidance.read({"goal": _GOAL, **(guidance or {})})
        self._samples = checks.whole("samples", samples, 1, 64)
        self._keep_s = checks.number("keep_s", keep_s, 0.4, 8.0)
        self._weights = weights
        self._rules = Pavements(**pavements)  # type: ignore[arg-type]
        self._sampler: Sampler | None = None
        self._stop_lines: WeakKeyDictionary[RoadNetwork, StopLines] = WeakKeyDictionary()

    def plan(
        self,
        rng: np.random.Generator,
        network: RoadNetwork,
        count: int,
        *,
        near: PlacedPose,
        weather: Weather | None = None,
        vehicles: Sequence[VehiclePlan] = (),
    ) -> WalkersDraw:
        """Up to `count` walkers with tracks. Raises ConfigError for weights that cannot be read."""
        # torch takes seconds to load, and most jobs do without.
        from drivegen_generators.vehicles.learned.guidance import Guide  # noqa: PLC0415
        from drivegen_generators.vehicles.learned.rolling import Road, areas_of, roll  # noqa: PLC0415

        draft = self._rules.plan(rng, network, count, near=near, weather=weather, vehicles=vehicles)
        if not draft.walkers:
            return draft
        known = [v for v in vehicles if v.track is not None or v.drive is Drive.PARKED]
        steps = round((self._lasts_s + _MORE_S) / STEP_S)
        driven = np.array([_poses(v, steps) for v in known]).reshape(-1, PAST + 1 + steps, 4)
        walking = np.array([_walk_begins(w) for w in draft.walkers])
        lights = lights_of(turning(network, self._lasts_s + _MORE_S))
        if network not in self._stop_lines:
            self._stop_lines[network] = StopLines(network)
        pieces = Pieces.of(network)
        past = np.concatenate([driven[:, :PAST, :2], walking[:, :PAST, :2]])
        now = np.concatenate([driven[:, PAST], walking[:, PAST]])
        present = Present(
            xyz_m=now[:, :3],
            yaw_rad=now[:, 3],
            past_m=past,
            size_m=np.array([*(size_of(v) for v in known), *(WALKER_M for _ in draft.walkers)]),
            group=np.array([*(drives_as(v) for v in known), *(Group.WALKER for _ in draft.walkers)]),
            ego=np.zeros(len(now), np.bool_),
        )
        fixed = np.full((len(now), steps, 3), np.nan)
        fixed[: len(known)] = driven[:, PAST + 1 :, [0, 1, 3]]
        rolled = roll(
            self._make_sampler(),
            rng,
            present,
            Road(
                pieces=pieces,
                lights=lights,
                stop_lines=self._stop_lines[network],
                areas=areas_of(pieces, np.array([near.x_m, near.y_m])),
            ),
            lasts_s=self._lasts_s + MORE_TRACK_S,
            guide=Guide(**dataclasses.asdict(self._guidance)),
            routes=[*(() for _ in known), *(w.waypoints for w in draft.walkers)],
            fixed_m=fixed,
            samples=self._samples,
            keep_s=self._keep_s,
        )
        first = len(known)
        walkers = tuple(
            dataclasses.replace(
                w,
                waypoints=(),
                crossings=(),
                half_widths_m=(),
                track=dataclasses.replace(track_of(pose, z, pieces, keep=True), of=f"walker {k + 1}"),
            )
            for k, (w, pose, z) in enumerate(
                zip(draft.walkers, rolled.pose_m[first:], rolled.z_m[first:], strict=True)
            )
        )
        return WalkersDraw(
            walkers=walkers,
            requested={
                **draft.requested,
                "walkers' tracks": float(len(walkers)),
                "walkers' tracks that overlap": float(2 * rolled.overlaps),
                "walkers' tracks off the pavement": float(rolled.off_road),
            },
        )

    def _make_sampler(self) -> Sampler:
        if self._sampler is None:
            from drivegen_generators.vehicles.learned.sampling import Sampler  # noqa: PLC0415
            from drivegen_generators.vehicles.learned.weights import SHIPPED, load_model  # noqa: PLC0415

            path = Path(self._weights) if self._weights else SHIPPED
            self._sampler = Sampler(model=load_model(path))
        return self._sampler


def _walk_begins(plan: WalkerPlan) -> Float64[np.ndarray, "t 4"]:
    """x, y, z and yaw from a second before the beginning to that, on the way to the second waypoint."""
    x, y, z = plan.waypoints[0]
    dx, dy = 1.0, 0.0
    speed = plan.speed_mps
    if len(plan.waypoints) > 1:
        dx, dy = plan.waypoints[1][0] - x, plan.waypoints[1][1] - y
    else:
        speed = 0.0
    if any(c.first == 0 for c in plan.crossings):
        speed = 0.0  # waits at the kerb
    yaw = math.atan2(dy, dx)
    back = np.arange(PAST, -1, -1) * STEP_S * speed
    out = np.empty((PAST + 1, 4))
    out[:, 0], out[:, 1] = x - back * math.cos(yaw), y - back * math.sin(yaw)
    out[:, 2], out[:, 3] = z, yaw
    return out


def _poses(plan: VehiclePlan, steps: int) -> Float64[np.ndarray, "t 4"]:
    """x, y, z and yaw of a vehicle from a second before the beginning on."""
    if plan.track is None:
        start = plan.start
        return np.tile([start.x_m, start.y_m, start.z_m, start.yaw_rad], (PAST + 1 + steps, 1))
    course = TrackCourse(plan.track)
    out = np.empty((PAST + 1 + steps, 4))
    first = course.at(0.0)
    for k in range(-PAST, steps + 1):
        at = course.at(k * STEP_S)
        place = at.position_m if k >= 0 else first.position_m + first.velocity_mps * (k * STEP_S)
        out[k + PAST] = (*place.tolist(), at.yaw_rad)
    return out
