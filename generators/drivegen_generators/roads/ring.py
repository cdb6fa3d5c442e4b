"""The carriageway of a roundabout: pieces of a ring, and at each arm a small junction between them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely

from drivegen.opendrive.model import (
    Connection,
    ContactPoint,
    Cubic,
    ElementKind,
    Junction,
    LaneSection,
    LaneType,
    Road,
    RoadLink,
    RoadType,
    Signal,
)
from drivegen_generators.roads.arm import (
    Arm,
    CrossSection,
    driving_lanes,
    edge_lane,
    linked,
    median_lane,
    outer_lanes,
)
from drivegen_generators.roads.fittings import (
    YIELD_TYPE,
    ArmFittings,
    arm_speed_signs,
    fitted_arm,
    sign,
    stop_lines,
    zebra,
)
from drivegen_generators.roads.islands import island_lane
from drivegen_generators.roads.movements import OPEN_AT_ZEBRA_M, Movement, Strip, connect
from drivegen_generators.roads.plan_view import Heading, Path, Point, fillet

_APRON_M = 1.5
_SPEED_MPS = 30.0 / 3.6
_ISLAND_TO_RING_M = 0.7
_HALVES_OVERLAP_M = 1.0
_WARNING_M = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ring:
    """A ring driven anticlockwise, with its arms anticlockwise too."""

    arms: tuple[Arm, ...]
    bearings_rad: tuple[float, ...]
    radius_m: float
    """Of the innermost lane's inner border."""
    lanes: int
    lane_m: float
    half_angle_rad: float
    """Each arm's junction reaches so far to both sides of the arm's bearing."""
    centre: Point = (0.0, 0.0)
    first_ring: int = 201
    """Road id of the ring's first piece."""
    first_connecting: int = 300
    first_signal: int = 1000
    first_object: int = 3000

    @property
    def outer_m(self) -> float:
        """Radius of the outermost lane's outer border."""
        return self.radius_m + self.lanes * self.lane_m

    def roads(self) -> tuple[list[Road], list[list[Movement]]]:
        """Arms and pieces of the ring; and the connecting roads of each arm's junction."""
        movements = self.movements()
        roads: list[Road] = []
        for k, arm in enumerate(self.arms):
            roads.extend(fitted_arm(arm, self.arm_fittings(k), self.first_signal + 10 * k))
        return [*roads, *self.pieces()], movements

    def pieces(self) -> list[Road]:
        """The ring between the arms' junctions."""
        return [self._piece(k) for k in range(len(self.arms))]

    def movements(self) -> list[list[Movement]]:
        """The connecting roads of each arm's junction."""
        return [self._movements(k) for k in range(len(self.arms))]

    def arm_fittings(self, k: int) -> ArmFittings:
        """What belongs onto arm k."""
        section, length = self.arms[k].section, self.arms[k].axis.length_m
        out_speed, _, _ = arm_speed_signs(self.arms[k], self.first_signal + 10 * k)
        return ArmFittings(
            out_objects=(zebra(section, self.first_object + 100 * k),),
            in_objects=stop_lines(section, length, self.first_object + 1 + 100 * k),
            out_signals=(out_speed,),
            in_signals=self._signs(k),
        )

    def junctions(self, movements: list[list[Movement]]) -> tuple[Junction, ...]:
        """One an arm."""
        return tuple(
            Junction(
                id=self.arms[k].junction,
                name=f"roundabout {self.arms[k].name}",
                connections=tuple(
                    Connection(
                        id=i,
                        incoming_road=m.incoming,
                        connecting_road=m.road.id,
                        contact=ContactPoint.START,
                        lane_links=m.links,
                    )
                    for i, m in enumerate(own)
                ),
            )
            for k, own in enumerate(movements)
        )

    def _at(self, angle_rad: float, radius_m: float) -> Heading:
        """A point of the ring, along the traffic."""
        return Heading(
            x_m=self.centre[0] + radius_m * math.cos(angle_rad),
            y_m=self.centre[1] + radius_m * math.sin(angle_rad),
            heading_rad=angle_rad + math.pi / 2.0,
        )

    def _arc(self, first_rad: float, last_rad: float, radius_m: float) -> Path:
        turn = (last_rad - first_rad) % math.tau
        return Path(self._at(first_rad, radius_m)).arc(turn * radius_m, 1.0 / radius_m)

    def _section(self) -> CrossSection:
        """Of the ring, as if it were one side of a road."""
        arm = self.arms[0].section
        return CrossSection(
            lanes=self.lanes,
            lane_m=self.lane_m,
            median_m=0.0,
            separator_m=0.0,
            bicycle_m=arm.bicycle_m,
            pavement_m=arm.pavement_m,
            pocket_m=0.0,
        )

    def _piece(self, k: int) -> Road:
        """The ring from arm k to the next."""
        count = len(self.arms)
        here, there = self.bearings_rad[k], self.bearings_rad[(k + 1) % count]
        path = self._arc(here + self.half_angle_rad, there - self.half_angle_rad, self.radius_m)
        apron = median_lane(_APRON_M)
        lanes = (
            *((apron,) if apron is not None else ()),
            edge_lane(),
            *driving_lanes(self.lanes, self.lane_m, math.inf),
            *outer_lanes(self._section(), self.lanes + 1),
        )
        return Road(
            id=self.first_ring + k,
            name=f"ring after {self.arms[k].name}",
            length_m=path.length_m,
            junction=None,
            geometries=path.geometries,
            lane_sections=(
                LaneSection(s_m=0.0, lanes=linked(lanes, before=lambda _: None, after=lambda _: None)),
            ),
            elevations=(Cubic(s_m=0.0, a=0.0),),
            predecessor=RoadLink(kind=ElementKind.JUNCTION, id=self.arms[k].junction),
            successor=RoadLink(kind=ElementKind.JUNCTION, id=self.arms[(k + 1) % count].junction),
            types=(RoadType(s_m=0.0, type="town", max_mps=_SPEED_MPS),),
        )

    def _movements(self, k: int) -> list[Movement]:
        """Round, in, out, and round by bicycle."""
        arm, bearing = self.arms[k], self.bearings_rad[k]
        section, count = arm.section, arm.section.lanes
        first, last = bearing - self.half_angle_rad, bearing + self.half_angle_rad
        before, after = self.first_ring + (k - 1) % len(self.arms), self.first_ring + k
        number = self.first_connecting + 10 * k
        inner = self.lanes - count  # ring lanes left of those that lead to and from the arm
        border = self.radius_m + inner * self.lane_m
        ring = self._section()
        outer = [(kind, width) for kind, width in section.outer if kind is not LaneType.MEDIAN]

        def join(path: Path, strips: list[Strip], which: int, name: str, way: tuple[int, int]) -> Movement:
            island = None
            if name in {"in", "out"}:
                island = island_lane(path, self._splitter(k, entry=name == "in"))
            return connect(
                path,
                strips,
                road_id=number + which,
                name=f"{arm.name} {name}",
                junction=arm.junction,
                incoming=way[0],
                outgoing=way[1],
                speed_mps=min(_SPEED_MPS, arm.speed_mps),
                left=median_lane(_APRON_M) if name == "ring" else island,
            )

        def strips(into_section: CrossSection, of_section: CrossSection, into: int, of: int) -> list[Strip]:
            return [
                *(
                    Strip(LaneType.DRIVING, into_section.lane_m, -into - i, -of - i, of_section.lane_m)
                    for i in range(count)
                ),
                *(
                    Strip(
                        kind,
                        width,
                        into_section.outer_lane(kind, -into_section.lanes),
                        of_section.outer_lane(kind, -of_section.lanes),
                    )
                    for kind, width in outer
                ),
            ]

        entry = fillet(arm.edge.moved(0.0, section.median_m / 2.0).turned_back(), self._at(last, border))
        leave = fillet(self._at(first, border), arm.edge.moved(0.0, -section.median_m / 2.0))
        round_strips = [Strip(LaneType.DRIVING, self.lane_m, -1 - i, -1 - i) for i in range(self.lanes)]
        out = [
            join(self._arc(first, last, self.radius_m), round_strips, 0, "ring", (before, after)),
            join(entry, strips(section, ring, 1, 1 + inner), 1, "in", (arm.ids.into, after)),
            join(leave, strips(ring, section, 1 + inner, 1), 2, "out", (before, arm.ids.out)),
        ]
        if section.bicycle_m > 0.0:
            lane = ring.outer_lane(LaneType.BIKING, -self.lanes)
            strip = Strip(LaneType.BIKING, section.bicycle_m, lane, lane)
            out.append(join(self._arc(first, last, self.outer_m), [strip], 3, "bicycle", (before, after)))
        return out

    def _splitter(self, k: int, *, entry: bool) -> shapely.Geometry:
        """The half of an arm's splitter island between its axis and the lanes in, or out."""
        arm = self.arms[k]
        clear = self.outer_m + _ISLAND_TO_RING_M
        if arm.section.bicycle_m > 0.0:
            clear += arm.section.bicycle_m
        side = 1.0 if entry else -1.0
        x, y = self.centre
        centre = Heading(x_m=x, y_m=y, heading_rad=self.bearings_rad[k])
        far = 3.0 * clear
        half = _box(centre, (0.0, far), (-side * _HALVES_OVERLAP_M, side * far))
        edge = math.hypot(arm.edge.x_m - x, arm.edge.y_m - y)
        half = shapely.difference(half, _box(centre, (edge - OPEN_AT_ZEBRA_M, far), (-far, far)))
        steps = np.linspace(0.0, math.tau, 181)[:-1]
        disc = shapely.polygons(clear * np.column_stack([np.cos(steps), np.sin(steps)]) + self.centre)
        return shapely.difference(half, disc)

    def _signs(self, k: int) -> tuple[Signal, ...]:
        """Give way at the ring, and a warning ahead of it."""
        section, length = self.arms[k].section, self.arms[k].axis.length_m
        number = self.first_signal + 10 * k + 5
        return (
            sign(number, length - 1.5, -section.post_m, YIELD_TYPE, "Sign_Yield", section.lanes),
            sign(number + 1, length - _WARNING_M, -section.post_m, "215", "Sign_Roundabout", section.lanes),
        )


def _box(at: Heading, along_m: tuple[float, float], left_m: tuple[float, float]) -> shapely.Geometry:
    corners = [at.moved(along_m[i], left_m[j]) for i, j in ((0, 0), (1, 0), (1, 1), (0, 1))]
    return shapely.polygons([(c.x_m, c.y_m) for c in corners])
