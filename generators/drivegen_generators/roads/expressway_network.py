"""A whole OpenDRIVE file of an expressway: two directions, their side roads, ramps and turn-arounds."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.opendrive.model import (
    ContactPoint,
    ElementKind,
    Junction,
    LaneType,
    Road,
    RoadLink,
    RoadNetwork,
)
from drivegen_generators.roads.expressway_axis import Axis, make_axis, stretch
from drivegen_generators.roads.expressway_carriageway import Carriageway, one_way_road
from drivegen_generators.roads.expressway_gores import with_gores
from drivegen_generators.roads.expressway_ramps import Ramp, make_ramp, nose_lengths_m
from drivegen_generators.roads.expressway_section import (
    AUXILIARY,
    EDGE,
    MEDIAN,
    SHOULDER,
    CrossSection,
    Profile,
    Strip,
    lanes_of,
)
from drivegen_generators.roads.expressway_signs import Signs
from drivegen_generators.roads.expressway_zones import Kind, Lengths, Plan, Zone, plan
from drivegen_generators.roads.movements import Movement
from drivegen_generators.roads.network import geo_reference
from drivegen_generators.roads.plan_view import Path

EDGE_M = 0.5
"""Paved strip left of the leftmost lane (路缘带)."""
RAIL_M = 1.2
"""Kerbed strip with a railing right of the shoulder."""
_KERB_M = 0.15
"""Kerb stones of the median on the side of the direction that does not own it."""
_BEYOND_LOOP_M = 45.0
"""Radius of the pavement's border where turn-arounds bend right."""
_LOOP_MPS = 40.0 / 3.6
_SIDE_LOOP_MPS = 30.0 / 3.6
_END_M = 130.0
"""Of the main carriageway behind its last zone: room to slow down for the turn-around."""
_DIRECTIONS = ("eastbound", "westbound")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """Lengths of one direction."""

    taper_m: float
    deceleration_m: float
    acceleration_m: float
    weaving_m: float
    ramp_m: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Expressway:
    """All that is drawn."""

    kind: Kind
    lanes: int
    side_lanes: int
    side_road: bool
    lane_m: float
    median_m: float
    shoulder_m: float
    green_m: float
    side_lane_m: float
    separator_m: float
    bicycle_m: float
    pavement_m: float
    bends_pm: tuple[float, ...]
    loop_radius_m: float
    speed_mps: float
    ramp_mps: float
    side_mps: float
    sizes: tuple[Sizes, Sizes]
    spare: tuple[float, float]
    """Where each direction's zones begin, as shares of the room that they leave."""
    first_place: int
    """Which of the places on the boards comes first."""

    def main(self, *, median_m: float) -> Profile:
        """The main carriageway, with a median left of it or without."""
        left = [Strip(name=EDGE, kind=LaneType.SHOULDER, width_m=EDGE_M)]
        if median_m > 0.0:
            left.append(Strip(name=MEDIAN, kind=LaneType.MEDIAN, width_m=median_m))
        else:
            left.append(Strip(name="kerb", kind=LaneType.CURB, width_m=_KERB_M))
        return Profile(
            left=tuple(left),
            lanes=_lanes(self.lanes, self.lane_m),
            right=(
                Strip(name=SHOULDER, kind=LaneType.SHOULDER, width_m=self.shoulder_m),
                Strip(name="rail", kind=LaneType.MEDIAN, width_m=RAIL_M),
            ),
            auxiliary=Strip(name=AUXILIARY, kind=LaneType.DRIVING, width_m=self.lane_m),
            auxiliary_on_right=True,
            border_m=self.median_m / 2.0 + EDGE_M,
        )

    def side(self) -> Profile:
        """The side road, or the collector lane in its place."""
        right: tuple[Strip, ...] = (Strip(name=SHOULDER, kind=LaneType.SHOULDER, width_m=EDGE_M),)
        if self.side_road:
            right = (
                Strip(name="separator", kind=LaneType.MEDIAN, width_m=self.separator_m),
                Strip(name="bicycles", kind=LaneType.BIKING, width_m=self.bicycle_m),
                Strip(name="pavement", kind=LaneType.SIDEWALK, width_m=self.pavement_m),
            )
        return Profile(
            left=(Strip(name=EDGE, kind=LaneType.SHOULDER, width_m=EDGE_M),),
            lanes=_lanes(self.side_lanes if self.side_road else 1, self.side_lane_m),
            right=right,
            auxiliary=Strip(name=AUXILIARY, kind=LaneType.DRIVING, width_m=self.lane_m),
            auxiliary_on_right=False,
            border_m=self.main(median_m=0.0).outer_m + self.green_m + EDGE_M,
        )


def _lanes(count: int, width_m: float) -> tuple[Strip, ...]:
    return tuple(Strip(name=f"lane {1 + i}", kind=LaneType.DRIVING, width_m=width_m) for i in range(count))


def expressway_network(
    made: Expressway, name: str, *, latitude_deg: float, longitude_deg: float
) -> RoadNetwork:
    """Both directions with the turn-arounds that lead to them, then what lies in junctions."""
    axis, plans = _layout(made)
    signs = Signs(
        speed_mps=made.speed_mps,
        side_mps=made.side_mps,
        ramp_mps=made.ramp_mps,
        first_place=made.first_place,
    )
    directions = [
        _Direction(made=made, index=i, axis=path, plan=own)
        for i, (path, own) in enumerate(zip((axis.out, axis.back), plans, strict=True))
    ]
    roads: list[Road] = []
    movements: list[Movement] = []
    junctions: list[Junction] = []
    for i, own in enumerate(directions):
        ramps = own.ramps()
        for which, way in enumerate((own.main(), own.side())):
            loop = own.loop_section(which)
            pieces = way.pieces((_loop_id(i, which), loop), (_loop_id(1 - i, which), loop))
            roads += signs.on_pieces(way, pieces, is_main=which == 0)
            ends = {n: r.end(at_main=which == 0) for n, r in enumerate(ramps)}
            some, crossings = way.junctions(ends)
            movements += with_gores(way, some, ends, 20000 + way.first_junction)
            junctions += crossings
            before = (directions[1 - i].main(), directions[1 - i].side())[which]
            roads.append(own.loop(which, (axis.near, axis.far)[i], before, way))
        roads += [
            signs.on_ramp(r.road(*own.junctions_of(n, r)), is_exit=r.is_exit) for n, r in enumerate(ramps)
        ]
    return RoadNetwork(
        name=name,
        geo_reference=geo_reference(latitude_deg, longitude_deg),
        roads=(*roads, *(m.road for m in movements)),
        junctions=tuple(junctions),
        source=name,
    )


def _layout(made: Expressway) -> tuple[Axis, tuple[Plan, Plan]]:
    """The axis is as long as the longer direction needs; the other one has room to spare."""
    main, side = made.main(median_m=0.0), made.side()
    plans = []
    for sizes in made.sizes:
        at_main, at_side = nose_lengths_m(main, side, sizes.ramp_m)
        lengths = Lengths(
            taper_m=sizes.taper_m,
            deceleration_m=sizes.deceleration_m,
            acceleration_m=sizes.acceleration_m,
            weaving_m=sizes.weaving_m,
            ramp_m=sizes.ramp_m,
            main_nose_m=at_main,
            side_nose_m=at_side,
        )
        plans.append(plan(made.kind, lengths))
    need = [max(v.length_m, v.main[-1].last_m + _END_M) for v in plans]
    length = max(need)
    first, second = (
        v.moved(share * (length - own), length) for v, own, share in zip(plans, need, made.spare, strict=True)
    )
    axis = make_axis(
        length,
        made.bends_pm,
        half_width_m=side.outer_m + _BEYOND_LOOP_M,
        loop_radius_m=made.loop_radius_m,
    )
    return axis, (first, second)


def _loop_id(direction: int, which: int) -> int:
    """Of the turn-around that leads to a direction's main carriageway or side road."""
    return 1000 * direction + 501 + which


@dataclass(frozen=True, slots=True, kw_only=True)
class _Direction:
    """One direction with its ids."""

    made: Expressway
    index: int
    axis: Path
    plan: Plan

    def main(self) -> Carriageway:
        # The median belongs to the second direction.
        profile = self.made.main(median_m=self.made.median_m - _KERB_M if self.index == 1 else 0.0)
        return self._way(0, "expressway", profile, self.plan.main, self.made.speed_mps)

    def side(self) -> Carriageway:
        return self._way(1, "side road", self.made.side(), self.plan.side, self.made.side_mps)

    def _way(
        self, which: int, name: str, profile: Profile, zones: list[Zone], speed_mps: float
    ) -> Carriageway:
        return Carriageway(
            name=f"{_DIRECTIONS[self.index]} {name}",
            axis=self.axis,
            length_m=self.plan.length_m,
            profile=profile,
            zones=zones,
            first_road=1000 * self.index + 1 + 200 * which,
            first_junction=10000 + 100 * self.index + 50 * which,
            speed_mps=speed_mps,
            kind="motorway" if which == 0 else "town",
        )

    def ramps(self) -> list[Ramp]:
        return [
            make_ramp(
                self.axis,
                self.made.main(median_m=0.0),
                self.made.side(),
                self.plan.lengths,
                road_id=1000 * self.index + 401 + n,
                name=f"{_DIRECTIONS[self.index]} {'exit' if is_exit else 'entry'} {n + 1}",
                is_exit=is_exit,
                start_m=start,
                speed_mps=self.made.ramp_mps,
            )
            for n, (is_exit, start) in enumerate(self.plan.ramps)
        ]

    def junctions_of(self, number: int, ramp: Ramp) -> tuple[int, int]:
        """The junctions that a ramp comes from and leads to."""
        first, last = (
            way.first_junction + next(k for k, zone in enumerate(way.zones) if zone.ramp == number)
            for way in ((self.main(), self.side()) if ramp.is_exit else (self.side(), self.main()))
        )
        return first, last

    def loop_section(self, which: int) -> CrossSection:
        """Of the turn-arounds."""
        if which == 0:
            return self.made.main(median_m=self.made.median_m / 2.0).section(False)
        return self.made.side().section(False)

    def loop(self, which: int, path: Path, before: Carriageway, after: Carriageway) -> Road:
        """The turn-around that leads to this direction."""
        section = self.loop_section(which)
        last = len(before.zones)
        return one_way_road(
            _loop_id(self.index, which),
            f"turn-around to the {after.name}",
            stretch(path, 0.0, path.length_m, after.profile.start_m(False)),
            lanes_of(section, before.section(last).ids, after.section(0).ids),
            predecessor=RoadLink(kind=ElementKind.ROAD, id=before.piece_id(last), contact=ContactPoint.END),
            successor=RoadLink(kind=ElementKind.ROAD, id=after.piece_id(0), contact=ContactPoint.START),
            speed_mps=_LOOP_MPS if which == 0 else _SIDE_LOOP_MPS,
            kind="town",
        )
