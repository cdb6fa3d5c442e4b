"""Traffic: which vehicles start where, in the mix of Beijing's streets."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TypeVar
from weakref import WeakKeyDictionary

import numpy as np
from jaxtyping import Bool, Float64

from drivegen.core.errors import ConfigError, MapError
from drivegen.core.plans import PlacedPose, TrafficDraw, VehiclePlan
from drivegen.opendrive.lanes import LaneLocator
from drivegen.opendrive.model import LaneType, RoadNetwork
from drivegen.opendrive.spawn import spawn_points
from drivegen_generators.vehicles.models import BEIJING, KERB_KINDS, MODELS, PAINT, Kind, Model, Rgb

T = TypeVar("T")

EGO_WIDTH_M = 2.2

GAP_AHEAD_M = 2.5
"""Left free before and behind each vehicle."""

GAP_ASIDE_M = 0.4

VARIANTS = 65536
"""Members of a family."""

MISSES = 12
"""After so many vehicles in a row that found no place the road is full."""

EGO_TO_JUNCTION_M = (20.0, 90.0)
"""The ego starts so far from the middle of a junction that it drives to, where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Slots:
    """n places where a vehicle may start."""

    poses: Sequence[PlacedPose]
    xy_m: Float64[np.ndarray, "n 2"]
    heading_rad: Float64[np.ndarray, "n"]
    outermost: Bool[np.ndarray, "n"]
    """In the lane next to the kerb."""


class Traffic:
    """Draws an ego start and the vehicles around it.

    Args:
        mix: Share of each kind of vehicle; need not sum to 1. Beijing's when absent.
        reach_m: Vehicles start the likelier the nearer to the ego; at this distance a third as likely.
        spacing_m: Between the places in a lane where a vehicle may start.
        speed_difference_percent: Mean and standard deviation below the speed limit.
        two_wheeler_difference_percent: Mean for two-wheelers, tricycles and unmanned vehicles; the deviation
            is the same.
        following_distance_m: Least and most.
        lane_change_share: Of drivers who change lanes.
        variants_per_family: Members of a family that a scene draws from: each is a mesh in the server's
            memory.
    """

    def __init__(
        self,
        *,
        mix: Mapping[str, float] | None = None,
        reach_m: float = 70.0,
        spacing_m: float = 8.0,
        speed_difference_percent: Sequence[float] = (12.0, 10.0),
        two_wheeler_difference_percent: float = 55.0,
        following_distance_m: Sequence[float] = (2.0, 5.0),
        lane_change_share: float = 0.6,
        variants_per_family: int = 12,
    ) -> None:
        self._mix = _checked_mix(BEIJING if mix is None else mix)
        self._reach_m = _checked("reach_m", reach_m, 1.0, 1e5)
        self._spacing_m = _checked("spacing_m", spacing_m, 2.0, 200.0)
        self._speed = _checked_pair("speed_difference_percent", speed_difference_percent, -100.0, 95.0)
        self._two_wheeler = _checked(
            "two_wheeler_difference_percent", two_wheeler_difference_percent, -100.0, 95.0
        )
        self._following = _checked_pair("following_distance_m", following_distance_m, 0.5, 50.0)
        if self._following[0] > self._following[1]:
            raise ConfigError("traffic following_distance_m: the first number must not exceed the second")
        self._lane_change_share = _checked("lane_change_share", lane_change_share, 0.0, 1.0)
        # Scenes share roads, and finding the places takes longer than all else of a plan.
        self._slots_by_network: WeakKeyDictionary[RoadNetwork, _Slots] = WeakKeyDictionary()
        self._pool = int(_checked("variants_per_family", variants_per_family, 1, VARIANTS))

    def plan(
        self,
        rng: np.random.Generator,
        network: RoadNetwork,
        count: int,
        *,
        hour: float = 12.0,  # noqa: ARG002
        ego_length_m: float = 5.4,
    ) -> TrafficDraw:
        """The ego's start and up to `count` vehicles; fewer where the road has no more room.

        Args:
            rng: To draw from.
            network: The road.
            count: Of moving vehicles.
            hour: Local time of the day.
            ego_length_m: Left free at the ego's start.

        Raises:
            MapError: The network has no place where the ego could start.
            ConfigError: `count` is negative.
        """
        if count < 0:
            raise ConfigError(f"traffic: {count} vehicles cannot be; take 0 or more")
        slots = self._slots_by_network.get(network)
        if slots is None:
            slots = self._slots_by_network[network] = _slots(network, self._spacing_m)
        if not slots.poses:
            raise MapError("the road has no driving lane outside junctions on which the ego could start")
        ego = _ego_slot(rng, network, slots)
        taken = _Footprints()
        taken.add(slots.xy_m[ego], slots.heading_rad[ego], ego_length_m + 2.0, EGO_WIDTH_M)
        distance = np.linalg.norm(slots.xy_m - slots.xy_m[ego], axis=1)
        # Exponential keys: sorting by log(u) / weight draws without replacement (Efraimidis, Spirakis 2006).
        keys = np.log(rng.random(len(distance))) / np.exp(-distance / self._reach_m)
        order = [int(i) for i in np.argsort(-keys, kind="stable") if i != ego]
        vehicles: list[VehiclePlan] = []
        pools: dict[str, list[int]] = {}
        misses = 0
        for _ in range(count):
            kind, model = self._draw_model(rng)
            place = taken.find_place(order, slots, model, outermost=kind in KERB_KINDS)
            if place is None:
                misses += 1
                if misses == MISSES:
                    break
                continue
            misses = 0
            order.remove(place)
            if model.blueprint not in pools:
                pools[model.blueprint] = rng.integers(0, VARIANTS, self._pool).tolist()
            pool = pools[model.blueprint]
            variant = pool[int(rng.integers(0, len(pool)))]
            vehicles.append(self._vehicle(rng, kind, model, slots.poses[place], variant))
        return TrafficDraw(ego=slots.poses[ego], vehicles=tuple(vehicles))

    def _draw_model(self, rng: np.random.Generator) -> tuple[Kind, Model]:
        kind = Kind(_draw(rng, [(k, w) for k, w in self._mix.items()]))
        return kind, _draw(rng, [(m, m.share) for m in MODELS[kind]])

    def _vehicle(
        self, rng: np.random.Generator, kind: Kind, model: Model, start: PlacedPose, variant: int
    ) -> VehiclePlan:
        slow = kind in KERB_KINDS
        mean, deviation = self._speed
        slower = rng.normal(self._two_wheeler if slow else mean, deviation)
        low, high = self._following
        color: Rgb = _draw(rng, list(model.paints or PAINT[kind]))
        return VehiclePlan(
            blueprint=model.blueprint,
            color_rgb=color,
            start=start,
            speed_difference_percent=round(min(max(float(slower), -30.0), 90.0), 2),
            following_distance_m=round(float(rng.uniform(low, high)), 2),
            lane_changes=bool(rng.random() < self._lane_change_share) and not slow,
            variant=variant,
            stand_in=model.stand_ins[variant % len(model.stand_ins)],
        )


class _Footprints:
    """Rectangles on the ground that are taken."""

    def __init__(self) -> None:
        self._too_small: dict[int, tuple[float, float]] = {}
        """By place: length and width of what did not fit there."""
        self._corners: list[Float64[np.ndarray, "4 2"]] = []
        self._circles: list[tuple[float, float, float]] = []
        """Centre and radius around each."""

    def add(
        self, xy_m: Float64[np.ndarray, "2"], heading_rad: float, length_m: float, width_m: float
    ) -> bool:
        """Takes a rectangle, unless it meets one; says whether it did."""
        x, y = float(xy_m[0]), float(xy_m[1])
        cos, sin = math.cos(heading_rad), math.sin(heading_rad)
        ahead, aside = length_m / 2 + GAP_AHEAD_M / 2, width_m / 2 + GAP_ASIDE_M / 2
        corners = np.array(
            [
                (x + cos * u * ahead - sin * v * aside, y + sin * u * ahead + cos * v * aside)
                for u, v in ((1, 1), (1, -1), (-1, -1), (-1, 1))
            ]
        )
        radius = math.hypot(ahead, aside)
        for (other_x, other_y, other_radius), other in zip(self._circles, self._corners, strict=True):
            close = math.hypot(other_x - x, other_y - y) < radius + other_radius
            if close and _overlap(corners, other):
                return False
        self._corners.append(corners)
        self._circles.append((x, y, radius))
        return True

    def find_place(self, order: Sequence[int], slots: _Slots, model: Model, *, outermost: bool) -> int | None:
        """Takes the first place in the order where the model fits; two-wheelers want lanes at the kerb."""
        for place in order:
            if outermost and not slots.outermost[place]:
                continue
            length, width = self._too_small.get(place, (math.inf, math.inf))
            if model.length_m >= length and model.width_m >= width:
                continue
            heading = float(slots.heading_rad[place])
            if self.add(slots.xy_m[place], heading, model.length_m, model.width_m):
                return place
            self._too_small[place] = (model.length_m, model.width_m)
        return None


def _overlap(a: Float64[np.ndarray, "4 2"], b: Float64[np.ndarray, "4 2"]) -> bool:
    """Whether two rectangles meet: no edge's normal separates them (separating axis theorem)."""
    for corners in (a, b):
        for edge in (corners[1] - corners[0], corners[2] - corners[1]):
            axis = np.array([-edge[1], edge[0]])
            pa, pb = a @ axis, b @ axis
            if pa.max() <= pb.min() or pb.max() <= pa.min():
                return False
    return True


def _slots(network: RoadNetwork, spacing_m: float) -> _Slots:
    points = spawn_points(network, spacing_m)
    xy = np.array([p.position_m[:2] for p in points]).reshape(-1, 2)
    heading = np.array([p.yaw_rad for p in points])
    outermost = np.zeros(len(points), bool)
    if points:
        fixes = LaneLocator(network).locate(xy, heading)
        for i in range(len(points)):
            if fixes.found[i]:
                road = network.road_by_id[int(fixes.road_id[i])]
                section = road.lane_sections[int(fixes.section[i])]
                lane = int(fixes.lane_id[i])
                beyond = section.left if lane > 0 else section.right
                outermost[i] = not any(
                    other.type is LaneType.DRIVING and abs(other.id) > abs(lane) for other in beyond
                )
    return _Slots(
        poses=[
            PlacedPose(
                x_m=round(float(p.position_m[0]), 4),
                y_m=round(float(p.position_m[1]), 4),
                z_m=round(float(p.position_m[2]), 4),
                yaw_rad=round(p.yaw_rad, 6),
            )
            for p in points
        ],
        xy_m=xy,
        heading_rad=heading,
        outermost=outermost,
    )


def _ego_slot(rng: np.random.Generator, network: RoadNetwork, slots: _Slots) -> int:
    """A place from which the ego drives into a junction soon; any place where there is no such."""
    centres = _junction_centres(network)
    good = np.zeros(len(slots.poses), bool)
    if len(centres):
        apart = centres[None] - slots.xy_m[:, None]
        distance = np.linalg.norm(apart, axis=2)
        forward = np.stack([np.cos(slots.heading_rad), np.sin(slots.heading_rad)], axis=1)
        towards = np.einsum("njk,nk->nj", apart, forward) / np.maximum(distance, 1e-9)
        low, high = EGO_TO_JUNCTION_M
        good = np.any((distance > low) & (distance < high) & (towards > 0.85), axis=1)
    choice = np.flatnonzero(good) if good.any() else np.arange(len(slots.poses))
    return int(rng.choice(choice))


def _junction_centres(network: RoadNetwork) -> Float64[np.ndarray, "j 2"]:
    """Means of the starts of the connecting roads of each junction with traffic from several roads."""
    centres = []
    roads = network.road_by_id
    for junction in network.junctions:
        connecting = sorted({c.connecting_road for c in junction.connections})
        if len({c.incoming_road for c in junction.connections}) < 3:
            continue
        starts = [(roads[i].geometries[0].x_m, roads[i].geometries[0].y_m) for i in connecting if i in roads]
        if starts:
            centres.append(np.mean(starts, axis=0))
    return np.array(centres).reshape(-1, 2)


def _draw(rng: np.random.Generator, weighted: Sequence[tuple[T, float]]) -> T:
    sums = list(accumulate(weight for _, weight in weighted))
    return weighted[min(bisect_right(sums, rng.random() * sums[-1]), len(weighted) - 1)][0]


def _checked_mix(mix: Mapping[str, float]) -> dict[str, float]:
    known = [k.value for k in Kind]
    for kind, share in mix.items():
        if kind not in known:
            raise ConfigError(f"traffic mix: {kind!r} is unknown; there are {', '.join(known)}")
        _checked(f"mix.{kind}", share, 0.0, math.inf)
    if sum(mix.values()) <= 0:
        raise ConfigError("traffic mix: at least one share must be greater than 0")
    return {k: float(mix[k]) for k in known if mix.get(k, 0.0) > 0}


def _checked_pair(name: str, values: Sequence[float], low: float, high: float) -> tuple[float, float]:
    if len(values) != 2:
        raise ConfigError(f"traffic {name} is {values!r}; two numbers are wanted")
    return _checked(name, values[0], low, high), _checked(name, values[1], low, high)


def _checked(name: str, value: float, low: float, high: float) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or math.isnan(value):
        raise ConfigError(f"traffic {name} is {value!r}; a number is wanted")
    if not low <= value <= high:
        raise ConfigError(f"traffic {name} is {value}; it must lie in {low}..{high}")
    return float(value)
