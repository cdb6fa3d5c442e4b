"""Learned traffic as a plugin: it begins by rules and moves by a diffusion model, in tracks of the plan."""

from __future__ import annotations

import dataclasses
import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Float64

from drivegen.core.errors import ConfigError
from drivegen.core.plans import Drive, TrafficDraw, VehiclePlan
from drivegen.core.tracks import Track
from drivegen.opendrive.model import RoadNetwork
from drivegen_generators.vehicles import checks
from drivegen_generators.vehicles.learned.beginnings import beginning
from drivegen_generators.vehicles.learned.lights import StopLines, lights_of, turning
from drivegen_generators.vehicles.learned.pieces import Pieces
from drivegen_generators.vehicles.learned.scenes import STEP_S
from drivegen_generators.vehicles.learned.tracks import track_of
from drivegen_generators.vehicles.traffic import Traffic

if TYPE_CHECKING:
    from drivegen_generators.vehicles.learned.sampling import Sampler

GUIDES = ("separation", "road", "goal", "adversarial")
_NOT_LEARNED = ("violations", "bus_stops", "emergency", "convoys", "bicycle_lanes")
_MORE_S = 9.0
MORE_TRACK_S = 1.0
"""By which tracks outlast scenes: who has no track left is taken out."""


def check_torch(plugin: str) -> None:
    """Raises ConfigError where the packages of the extra are missing; loads nothing."""
    missing = [n for n in ("torch", "diffusers", "safetensors") if importlib.util.find_spec(n) is None]
    if missing:
        raise ConfigError(
            f"{plugin} needs {', '.join(missing)}, not installed here: "
            "pip install 'drivegen[diffusion]', or take traffic=beijing"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Guidance:
    """Weights of what futures are pulled towards; 0: not at all."""

    separation: float = 1.0
    road: float = 1.0
    goal: float = 0.0
    adversarial: float = 0.0

    @staticmethod
    def read(given: Mapping[str, object] | None) -> Guidance:
        """From the configuration's words. Raises ConfigError."""
        found = checks.mapping("guidance", given, GUIDES)
        return Guidance(**{k: checks.number(f"guidance.{k}", v, 0.0, 100.0) for k, v in found.items()})


class Learned:
    """Draws a scene's beginning as `traffic_manager` does, and its motion with a diffusion model.

    Args:
        lasts_s: Of the tracks: a scene with its warm-up must not last longer.
        guidance: Weights by `GUIDES`.
        samples: Futures of each window, of which what fits together is taken.
        keep_s: Of each window of 8 s, before the next is drawn.
        adversaries: How many are drawn at the ego where `guidance.adversarial` is above 0.
        ego: "track": the ego moves as the model has it. "traffic_manager": it is driven, and the others do
            not know what it will do.
        weights: A file of one's own training; none: those of this package.
        traffic: Options of `traffic_manager`.
    """

    def __init__(
        self,
        *,
        lasts_s: float = 30.0,
        guidance: Mapping[str, object] | None = None,
        samples: int = 4,
        keep_s: float = 4.0,
        adversaries: int = 2,
        ego: str = "track",
        weights: str | None = None,
        **traffic: object,
    ) -> None:
        check_torch("traffic.plugin=learned")
        wrong = [name for name in _NOT_LEARNED if name in traffic]
        if wrong:
            raise ConfigError(
                f"traffic {wrong[0]}: learned traffic has no such thing; leave it out or take traffic=beijing"
            )
        if ego not in ("track", "traffic_manager"):
            raise ConfigError(f"traffic ego is {ego!r}; take track or traffic_manager")
        self._lasts_s = checks.number("lasts_s", lasts_s, 1.0, 600.0)
        self._guidance = Guidance.read(guidance)
        self._samples = checks.whole("samples", samples, 1, 64)
        self._keep_s = checks.number("keep_s", keep_s, 0.4, 8.0)
        self._adversaries = checks.whole("adversaries", adversaries, 0, 100)
        self._tracks_ego = ego == "track"
        self._weights = weights
        self._rules = Traffic(lasts_s=lasts_s, **traffic)  # type: ignore[arg-type]
        self._sampler: Sampler | None = None
        self._stop_lines: WeakKeyDictionary[RoadNetwork, StopLines] = WeakKeyDictionary()

    def plan(
        self, rng: np.random.Generator, network: RoadNetwork, count: int, *, hour: float = 12.0
    ) -> TrafficDraw:
        """Up to `count` vehicles, all but those that are parked with a track.

        Raises MapError where the ego has no place, ConfigError for weights that cannot be read.
        """
        # torch takes seconds to load, and most jobs do without.
        from drivegen_generators.vehicles.learned.guidance import Guide  # noqa: PLC0415
        from drivegen_generators.vehicles.learned.rolling import Road, areas_of, roll  # noqa: PLC0415

        draft = self._rules.plan(rng, network, count, hour=hour)
        courses = turning(network, self._lasts_s + _MORE_S)
        pieces, lights = Pieces.of(network), lights_of(courses)
        begun = beginning(rng, draft.ego, draft.vehicles, pieces, lights)
        if network not in self._stop_lines:
            self._stop_lines[network] = StopLines(network)
        road = Road(
            pieces=pieces,
            lights=lights,
            stop_lines=self._stop_lines[network],
            areas=areas_of(pieces, begun.present.xyz_m[0, :2]),
        )
        rolled = roll(
            self._make_sampler(),
            rng,
            begun.present,
            road,
            lasts_s=self._lasts_s + MORE_TRACK_S,
            guide=Guide(
                **dataclasses.asdict(self._guidance),
                adversaries=self._adversaries,
            ),
            routes=[(), *(v.route for v in draft.vehicles)] if self._guidance.goal else (),
            fixed_m=_standing(begun.present.xyz_m, begun.present.yaw_rad, begun.stands, self._lasts_s),
            samples=self._samples,
            keep_s=self._keep_s,
        )
        vehicles = tuple(
            v
            if stands
            else _tracked(v, dataclasses.replace(track_of(pose, z, pieces), of=f"vehicle {k + 1}"))
            for k, (v, pose, z, stands) in enumerate(
                zip(draft.vehicles, rolled.pose_m[1:], rolled.z_m[1:], begun.stands[1:], strict=True)
            )
        )
        ego = track_of(rolled.pose_m[0], rolled.z_m[0], pieces, keep=True)
        return TrafficDraw(
            ego=draft.ego,
            vehicles=vehicles,
            requested={
                **draft.requested,
                "tracks": float(sum(v.track is not None for v in vehicles) + self._tracks_ego),
                "tracks that overlap": float(2 * rolled.overlaps),
                "tracks off the road": float(rolled.off_road),
                "tracks past red lights": float(rolled.red_lights),
                "times held back": float(rolled.held_back),
            },
            ego_track=ego if self._tracks_ego else None,
            signals=courses,
        )

    def _make_sampler(self) -> Sampler:
        if self._sampler is None:
            from drivegen_generators.vehicles.learned.sampling import Sampler  # noqa: PLC0415
            from drivegen_generators.vehicles.learned.weights import SHIPPED, load_model  # noqa: PLC0415

            path = Path(self._weights) if self._weights else SHIPPED
            self._sampler = Sampler(model=load_model(path))
        return self._sampler


def _tracked(plan: VehiclePlan, track: Track) -> VehiclePlan:
    """The same vehicle on a track: nothing else tells where it goes."""
    return dataclasses.replace(
        plan, drive=Drive.TRACK, track=track, route=(), leaves=False, cruise_mps=0.0, orders=()
    )


def _standing(
    xyz_m: Float64[np.ndarray, "n 3"],
    yaw_rad: Float64[np.ndarray, "n"],
    stands: np.ndarray,
    lasts_s: float,
) -> Float64[np.ndarray, "n t 3"]:
    """Poses of who never moves; NaN of the others."""
    steps = round((lasts_s + _MORE_S) / STEP_S)
    pose = np.concatenate([xyz_m[:, :2], yaw_rad[:, None]], axis=1)
    return np.where(stands[:, None, None], np.repeat(pose[:, None], steps, axis=1), np.nan)
