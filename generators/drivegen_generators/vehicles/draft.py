"""A scene's vehicles while they are drawn: what is placed, where there is room, what was asked for."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64

from drivegen.core.plans import Drive, Order, PlacedPose, TrafficDraw, VehiclePlan
from drivegen_generators.vehicles.draws import choose
from drivegen_generators.vehicles.fleet import Choice, Fleet, Variants
from drivegen_generators.vehicles.footprints import GAP_AHEAD_M, GAP_ASIDE_M, Footprints
from drivegen_generators.vehicles.models import Rgb
from drivegen_generators.vehicles.strips import Strips
from drivegen_generators.vehicles.styles import Behaviour

EGO_WIDTH_M = 2.2
EGO_ROOM_M = 2.0
"""Added to the ego's length."""


class Draft:
    """The ego and what was placed so far."""

    def __init__(
        self,
        rng: np.random.Generator,
        strips: Strips,
        fleet: Fleet,
        *,
        ego: tuple[int, float],
        ego_length_m: float,
        reach_m: float,
    ) -> None:
        self.rng, self.strips, self.fleet, self.reach_m = rng, strips, fleet, reach_m
        self.ground = Footprints()
        self.ego_strip, self.ego_along_m = ego
        self.ego: PlacedPose = strips.pose(*ego)
        self.vehicles: list[VehiclePlan] = []
        self.places: list[tuple[int, float] | None] = []
        """Strip and how far along it, of each vehicle; none off the lanes."""
        self.requested: dict[str, float] = {}
        self._beside = 0
        self._wanted_beside = 0
        self._variants = Variants(rng, fleet)
        self.takes(self.ego, ego_length_m + EGO_ROOM_M, EGO_WIDTH_M)

    @property
    def ego_xy_m(self) -> Float64[np.ndarray, "2"]:
        """Where the ego starts."""
        return np.array([self.ego.x_m, self.ego.y_m])

    def takes(
        self,
        pose: PlacedPose,
        length_m: float,
        width_m: float,
        gap_ahead_m: float = GAP_AHEAD_M,
        gap_aside_m: float = GAP_ASIDE_M,
    ) -> bool:
        """Takes the room of a vehicle there, unless it is taken; says whether it did."""
        return self.ground.add(
            pose.x_m,
            pose.y_m,
            pose.yaw_rad,
            length_m,
            width_m,
            z_m=pose.z_m,
            gap_ahead_m=gap_ahead_m,
            gap_aside_m=gap_aside_m,
        )

    def is_free(self, pose: PlacedPose, length_m: float, width_m: float) -> bool:
        """Whether `takes` would take the room there."""
        return self.ground.is_free(pose.x_m, pose.y_m, pose.yaw_rad, length_m, width_m, z_m=pose.z_m)

    def variant(self, blueprint: str) -> int:
        """A member of a family, of those that this scene draws from."""
        return self._variants.draw(blueprint)

    def ask(self, role: str, count: int, *, beside: bool = False) -> None:
        """Notes that so many vehicles of a role are wanted; `beside` those that the traffic counts.

        The names are those that the recorder counts roles by.
        """
        name = f"role {role}"
        self.requested[name] = self.requested.get(name, 0.0) + float(count)
        self._wanted_beside += count if beside else 0

    def add(
        self,
        choice: Choice,
        start: PlacedPose,
        behaviour: Behaviour,
        *,
        place: tuple[int, float] | None = None,
        drive: Drive = Drive.TRAFFIC_MANAGER,
        roles: tuple[str, ...] = (),
        route: tuple[tuple[float, float, float], ...] = (),
        enters_s: float = 0.0,
        leaves: bool = False,
        cruise_mps: float = 0.0,
        beacon: bool = False,
        orders: tuple[Order, ...] = (),
        variant: int | None = None,
        color: Rgb | None = None,
    ) -> VehiclePlan:
        """Puts a vehicle where there is room for it."""
        model = choice.model
        if variant is None:
            variant = self.variant(model.blueprint)
        made = VehiclePlan(
            blueprint=model.blueprint,
            color_rgb=color or choose(self.rng, choice.paints),
            start=start,
            speed_difference_percent=behaviour.speed_difference_percent,
            following_distance_m=behaviour.following_distance_m,
            lane_changes=behaviour.lane_changes and not route,
            variant=variant,
            stand_in=model.stand_ins[variant % len(model.stand_ins)],
            drive=drive,
            roles=(*choice.roles, *roles),
            route=route,
            enters_s=enters_s,
            leaves=leaves,
            cruise_mps=cruise_mps,
            lane_offset_m=behaviour.lane_offset_m,
            ignores_lights_percent=behaviour.ignores_lights_percent,
            ignores_signs_percent=behaviour.ignores_signs_percent,
            ignores_vehicles_percent=behaviour.ignores_vehicles_percent,
            ignores_walkers_percent=behaviour.ignores_walkers_percent,
            # To keep right the Traffic Manager changes lanes, which a route does not know.
            keeps_right_percent=0.0 if route else behaviour.keeps_right_percent,
            beacon=beacon,
            orders=orders,
        )
        self.vehicles.append(made)
        self._beside += drive is Drive.PARKED or "bus_stop" in roles
        self.places.append(place)
        return made

    def back(self, strip: int, along_m: float) -> tuple[int, float] | None:
        """A point on a lane outside junctions, given by how far along a strip; negative reaches back.

        None where no lane leads up to it.
        """
        return self.strips.back(strip, along_m)

    @property
    def moving(self) -> int:
        """How many vehicles of the traffic are placed: not those that are parked or stand at stops."""
        return len(self.vehicles) - self._beside

    def ask_all(self, count: int) -> None:
        """Says how many vehicles are wanted in all: `count` of the traffic, and those beside it."""
        self.requested["vehicles"] = float(count + self._wanted_beside)

    def draw(self) -> TrafficDraw:
        """What was placed."""
        return TrafficDraw(ego=self.ego, vehicles=tuple(self.vehicles), requested=dict(self.requested))
