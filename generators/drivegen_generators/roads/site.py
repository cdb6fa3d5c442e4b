"""One junction of a district: where its arms begin, and all that lies between them."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.opendrive.model import Controller, Junction, Road
from drivegen_generators.roads.arm import Arm, CrossSection
from drivegen_generators.roads.crossing import Control, Crossing
from drivegen_generators.roads.district_config import DistrictConfig
from drivegen_generators.roads.fittings import ZEBRA_TO_EDGE_M, ZEBRA_WIDTH_M, ArmFittings
from drivegen_generators.roads.junction import KERB_RADIUS_M, can_turn_back, slip_radii_m
from drivegen_generators.roads.layout import ArmPlan, edge_distances, place_arms
from drivegen_generators.roads.options import draw_between
from drivegen_generators.roads.plan_view import Heading, Point
from drivegen_generators.roads.poles import draw_pole_variants
from drivegen_generators.roads.ring import Ring
from drivegen_generators.roads.street_grid import Kind

IDS_EACH = 1000
"""Each junction and its arms have ids of their own, so many for each kind of thing."""
_FIRST_OBJECT = 400
_RING_ROADS = 80
_FIRST_JUNCTION = 900
"""The client takes whatever is no road's id for a junction's: the two must differ."""
_KERB_RADII_M = (6.0, 10.0)
_RING_RADIUS_M = (18.0, 26.0)
_RING_LANE_M = (4.25, 5.0)
_RING_HALF_SHARE = 0.42
_ZEBRA_TO_RING_M = 5.0
_PLANNED_M = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteArm:
    """What is known of an arm before its length."""

    name: str
    bearing_rad: float
    section: CrossSection
    arterial: bool
    roomy: bool
    """There is room for a slip before the next junction."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """A junction between its arms."""

    roads: tuple[Road, ...]
    junctions: tuple[Junction, ...]
    controllers: tuple[Controller, ...]
    fittings: tuple[ArmFittings, ...]
    """What belongs onto each arm."""


class CrossingSite:
    """A junction with lights, with priority, or a crossing for people."""

    def __init__(
        self,
        config: DistrictConfig,
        rng: np.random.Generator,
        at: Point,
        number: int,
        arms: Sequence[SiteArm],
        control: Control,
        minor: tuple[int, ...] = (),
    ) -> None:
        """Draws kerbs, slips and U-turns; `arms` anticlockwise, `minor` those that give way."""
        self.at, self.number = at, number
        self._arms = arms
        lights = control is Control.SIGNALS
        plans = [_planned(arm) for arm in arms]
        kerb = KERB_RADIUS_M if lights else draw_between(rng, _KERB_RADII_M)
        chosen = rng.random((2, len(arms)))
        crossing = Crossing(
            arms=place_arms(plans, (kerb,) * len(arms), junction=number + _FIRST_JUNCTION),
            junction=number + _FIRST_JUNCTION,
            first_road=number,
            first_signal=number,
            first_controller=number,
            first_object=number + _FIRST_OBJECT,
            kerb_radii_m=(kerb,) * len(arms),
            u_turns=tuple(
                lights and arm.arterial and can_turn_back(arm.section) and bool(v < config.u_turns)
                for arm, v in zip(arms, chosen[0], strict=True)
            ),
            waiting_areas=lights and config.waiting_areas,
            control=control,
            minor=minor,
            pole_variants=draw_pole_variants(rng, len(arms)) if lights and config.roadside_sites else (),
        )
        least = 0.0
        if len(arms) == 2:
            crossing = dataclasses.replace(crossing, u_turns=(), pole_variants=())
            least = ZEBRA_TO_EDGE_M + ZEBRA_WIDTH_M / 2.0
        elif lights:
            crossing = self._with_slips(crossing, chosen[1] < config.slips)
        self._crossing = crossing
        self._edges = edge_distances(plans, crossing.kerb_radii_m, least)

    def _with_slips(self, crossing: Crossing, wanted: Sequence[bool]) -> Crossing:
        radii = slip_radii_m(crossing)
        kerbs, slips = list(crossing.kerb_radii_m), [False] * len(radii)
        for k, radius in enumerate(radii):
            pair = self._arms[k], self._arms[(k + 1) % len(radii)]
            if radius is not None and wanted[k] and all(arm.arterial and arm.roomy for arm in pair):
                kerbs[k], slips[k] = radius, True
        return dataclasses.replace(crossing, kerb_radii_m=tuple(kerbs), slips=tuple(slips))

    def edge(self, k: int) -> Heading:
        """Where arm k begins, pointing outwards."""
        return _edge(self.at, self._arms[k].bearing_rad, self._edges[k])

    def sign_ids(self, k: int) -> int:
        """First id of arm k's signs."""
        return self.number + 100 + 10 * k

    def build(self, arms: Sequence[Arm]) -> Built:
        """With the arms as they have become."""
        crossing = dataclasses.replace(self._crossing, arms=tuple(arms))
        movements = crossing.movements()
        name = " / ".join(dict.fromkeys(arm.name.split(" ", 1)[1] for arm in arms))
        element = dataclasses.replace(crossing.junction_element(movements), name=name)
        return Built(
            roads=tuple(m.road for m in movements),
            junctions=(element,),
            controllers=crossing.controllers(),
            fittings=tuple(crossing.arm_fittings(k) for k in range(len(arms))),
        )

    def junction(self, k: int) -> int:
        """Id of the junction that arm k leads to."""
        del k
        return self.number + _FIRST_JUNCTION


class RingSite:
    """A roundabout."""

    def __init__(self, rng: np.random.Generator, at: Point, number: int, arms: Sequence[SiteArm]) -> None:
        """Draws its size; `arms` anticlockwise."""
        self.at, self.number = at, number
        self._arms = arms
        self._radius_m = draw_between(rng, _RING_RADIUS_M)
        self._lane_m = draw_between(rng, _RING_LANE_M)
        self._lanes = max(arm.section.lanes for arm in arms)

    def edge(self, k: int) -> Heading:
        """Where arm k begins, pointing outwards."""
        section = self._arms[k].section
        outer = self._radius_m + self._lanes * self._lane_m + section.bicycle_m
        out = outer + _ZEBRA_TO_RING_M + ZEBRA_WIDTH_M + ZEBRA_TO_EDGE_M
        return _edge(self.at, self._arms[k].bearing_rad, out)

    def sign_ids(self, k: int) -> int:
        """First id of arm k's signs."""
        return self.number + 10 * k

    def junction(self, k: int) -> int:
        """Id of the junction that arm k leads to."""
        return self.number + _FIRST_JUNCTION + k

    def build(self, arms: Sequence[Arm]) -> Built:
        """With the arms as they have become."""
        bearings = tuple(arm.bearing_rad for arm in self._arms)
        ring = Ring(
            arms=tuple(arms),
            bearings_rad=bearings,
            radius_m=self._radius_m,
            lanes=self._lanes,
            lane_m=self._lane_m,
            half_angle_rad=_RING_HALF_SHARE * least_gap(bearings),
            centre=self.at,
            first_ring=self.number + _RING_ROADS,
            first_connecting=self.number,
            first_signal=self.number,
            first_object=self.number + _FIRST_OBJECT,
        )
        movements = ring.movements()
        return Built(
            roads=(*ring.pieces(), *(m.road for own in movements for m in own)),
            junctions=ring.junctions(movements),
            controllers=(),
            fittings=tuple(ring.arm_fittings(k) for k in range(len(arms))),
        )


Site = CrossingSite | RingSite


def least_gap(bearings_rad: Sequence[float]) -> float:
    """The smallest angle between neighbours of ascending bearings."""
    count = len(bearings_rad)
    return min((bearings_rad[(k + 1) % count] - bearings_rad[k]) % math.tau for k in range(count))


def _planned(arm: SiteArm) -> ArmPlan:
    return ArmPlan(
        name=arm.name,
        bearing_rad=arm.bearing_rad,
        section=arm.section,
        length_m=_PLANNED_M,
        bend_pm=0.0,
        speed_mps=10.0,
    )


def _edge(at: Point, bearing_rad: float, out_m: float) -> Heading:
    return Heading(x_m=at[0], y_m=at[1], heading_rad=bearing_rad).moved(out_m, 0.0)


def make_site(
    config: DistrictConfig,
    rng: np.random.Generator,
    at: Point,
    number: int,
    arms: Sequence[SiteArm],
    kind: Kind,
    minor: tuple[int, ...],
) -> Site:
    """A site of a kind; `minor`: arms that give way where there are no lights."""
    stops = bool(rng.random() < 0.5)
    if kind is Kind.ROUNDABOUT:
        return RingSite(rng, at, number, arms)
    if kind is Kind.SIGNALS:
        return CrossingSite(config, rng, at, number, arms, Control.SIGNALS)
    return CrossingSite(config, rng, at, number, arms, Control.STOP if stops else Control.YIELD, minor)
