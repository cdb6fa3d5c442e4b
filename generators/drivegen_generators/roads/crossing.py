"""The middle of a signalised crossing: connecting roads, signals, controllers, zebras, stop lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

from drivegen.opendrive.model import (
    Connection,
    ContactPoint,
    Controller,
    CornerLocal,
    Cubic,
    ElementKind,
    Junction,
    JunctionController,
    Lane,
    LaneLink,
    LaneSection,
    LaneType,
    LaneValidity,
    Road,
    RoadLink,
    RoadObject,
    RoadType,
    Signal,
    SignalReference,
)
from drivegen_generators.roads.arm import Arm
from drivegen_generators.roads.plan_view import Path, biarc, fillet

ZEBRA_WIDTH_M = 5.0
_ZEBRA_TO_EDGE_M = 2.3
_STOP_LINE_M = 0.4
_SIGNAL_TYPE = "1000001"
"""A three-lens light in the catalogue that CARLA reads."""
_SPEED_TYPE = "274"
_ARROW_BEFORE_STOP_M = (8.0, 24.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Movement:
    road: Road
    incoming: int
    links: tuple[LaneLink, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Four arms, anticlockwise, and all that lies between them."""

    arms: tuple[Arm, ...]
    junction: int
    first_road: int
    first_signal: int
    first_controller: int
    kerb_radius_m: float

    def connecting_roads(self) -> list[_Movement]:
        """Right, straight on, left and straight on by bicycle, for each arm."""
        out: list[_Movement] = []
        for k, arm in enumerate(self.arms):
            first = self.first_road + 10 * k
            out.append(self._right(first, arm, self._at(k + 1)))
            out.append(self._through(first + 1, arm, self._at(k + 2)))
            out.append(self._left(first + 2, arm, self._at(k + 3)))
            out.append(self._bicycle(first + 3, arm, self._at(k + 2)))
        return out

    def _at(self, k: int) -> Arm:
        return self.arms[k % len(self.arms)]

    def _right(self, road_id: int, arm: Arm, to: Arm) -> _Movement:
        section = arm.section
        inner = section.driving_edge_m - section.lane_m
        path = fillet(
            arm.edge.moved(0.0, inner).turned_back(),
            to.edge.moved(0.0, -inner),
            radius_m=self.kerb_radius_m + section.kerb_m - inner,
        )
        widths = (section.lane_m, section.separator_m, section.bicycle_m, section.pavement_m)
        kinds = (LaneType.DRIVING, LaneType.SHOULDER, LaneType.BIKING, LaneType.SIDEWALK)
        into = tuple(-section.entry_lanes - i for i in range(4))
        out_of = tuple(-section.lanes - i for i in range(4))
        lanes = tuple(
            Lane(
                id=-1 - i,
                type=kind,
                widths=(Cubic(s_m=0.0, a=width),),
                predecessor=into[i] if i != 1 else None,
                successor=out_of[i] if i != 1 else None,
            )
            for i, (kind, width) in enumerate(zip(kinds, widths, strict=True))
        )
        links = tuple(LaneLink(from_lane=into[i], to_lane=-1 - i) for i in (0, 2, 3))
        return self._movement(road_id, "right", path, arm, to, lanes, links, self._head(arm))

    def _through(self, road_id: int, arm: Arm, to: Arm) -> _Movement:
        section = arm.section
        first = 2  # entry lane 1 turns left
        count = section.entry_lanes - first + 1
        out_first = section.lanes - count + 1
        left = section.entry_edge_m - section.entry_width_m(1)
        path = biarc(
            arm.edge.moved(0.0, -left).turned_back(),
            to.edge.moved(0.0, -section.median_m / 2.0 - (out_first - 1) * section.lane_m),
        )
        lanes = tuple(
            Lane(
                id=-1 - i,
                type=LaneType.DRIVING,
                widths=(Cubic(s_m=0.0, a=section.lane_m),),
                predecessor=-first - i,
                successor=-out_first - i,
            )
            for i in range(count)
        )
        links = tuple(LaneLink(from_lane=-first - i, to_lane=-1 - i) for i in range(count))
        return self._movement(road_id, "through", path, arm, to, lanes, links, self._head(arm))

    def _left(self, road_id: int, arm: Arm, to: Arm) -> _Movement:
        section = arm.section
        path = fillet(
            arm.edge.moved(0.0, -section.entry_edge_m).turned_back(),
            to.edge.moved(0.0, -section.median_m / 2.0),
        )
        before = section.entry_width_m(1)
        lane = Lane(
            id=-1,
            type=LaneType.DRIVING,
            widths=(Cubic(s_m=0.0, a=before, b=(section.lane_m - before) / path.length_m),),
            predecessor=-1,
            successor=-1,
        )
        links = (LaneLink(from_lane=-1, to_lane=-1),)
        return self._movement(road_id, "left", path, arm, to, (lane,), links, self._left_head(arm))

    def _bicycle(self, road_id: int, arm: Arm, to: Arm) -> _Movement:
        section = arm.section
        inner = section.kerb_m - section.bicycle_m
        path = biarc(arm.edge.moved(0.0, inner).turned_back(), to.edge.moved(0.0, -inner))
        lane = Lane(
            id=-1,
            type=LaneType.BIKING,
            widths=(Cubic(s_m=0.0, a=section.bicycle_m),),
            predecessor=-section.entry_lanes - 2,
            successor=-section.lanes - 2,
        )
        links = (LaneLink(from_lane=-section.entry_lanes - 2, to_lane=-1),)
        return self._movement(road_id, "bicycle", path, arm, to, (lane,), links, self._head(arm))

    def _movement(
        self,
        road_id: int,
        kind: str,
        path: Path,
        arm: Arm,
        to: Arm,
        lanes: tuple[Lane, ...],
        links: tuple[LaneLink, ...],
        signal: int,
    ) -> _Movement:
        centre = Lane(id=0, type=LaneType.NONE)
        reference = SignalReference(
            signal_id=str(signal),
            s_m=0.1,
            t_m=0.0,
            orientation="+",
            # The lower number first: the carla client looks for a lane between the two.
            validities=(LaneValidity(from_lane=-sum(v.type is lanes[0].type for v in lanes), to_lane=-1),),
        )
        road = Road(
            id=road_id,
            name=f"{arm.name} {kind}",
            length_m=path.length_m,
            junction=self.junction,
            geometries=path.geometries,
            lane_sections=(LaneSection(s_m=0.0, lanes=(centre, *lanes)),),
            elevations=(Cubic(s_m=0.0, a=0.0),),
            predecessor=RoadLink(kind=ElementKind.ROAD, id=arm.ids.into, contact=ContactPoint.END),
            successor=RoadLink(kind=ElementKind.ROAD, id=to.ids.out, contact=ContactPoint.START),
            types=(RoadType(s_m=0.0, type="town", max_mps=min(arm.speed_mps, 40.0 / 3.6)),),
            signal_references=(reference,),
        )
        return _Movement(road=road, incoming=arm.ids.into, links=links)

    def junction_element(self, movements: Sequence[_Movement]) -> Junction:
        """The junction with one connection a movement and its controllers in the order of the phases."""
        return Junction(
            id=self.junction,
            name="crossing",
            connections=tuple(
                Connection(
                    id=i,
                    incoming_road=m.incoming,
                    connecting_road=m.road.id,
                    contact=ContactPoint.START,
                    lane_links=m.links,
                )
                for i, m in enumerate(movements)
            ),
            controllers=tuple(
                JunctionController(id=str(self.first_controller + i), sequence=i) for i in range(4)
            ),
        )

    def _head(self, arm: Arm) -> int:
        return self.first_signal + 2 * self.arms.index(arm)

    def _left_head(self, arm: Arm) -> int:
        return self._head(arm) + 1

    def controllers(self) -> tuple[Controller, ...]:
        """Four phases: arms 1 and 3 through with right turns, their left turns, then arms 0 and 2."""
        phases = [
            ("NS through", (self._head(self.arms[1]), self._head(self.arms[3]))),
            ("NS left", (self._left_head(self.arms[1]), self._left_head(self.arms[3]))),
            ("EW through", (self._head(self.arms[0]), self._head(self.arms[2]))),
            ("EW left", (self._left_head(self.arms[0]), self._left_head(self.arms[2]))),
        ]
        return tuple(
            Controller(
                id=str(self.first_controller + i),
                name=name,
                signal_ids=tuple(str(v) for v in heads),
                sequence=i,
            )
            for i, (name, heads) in enumerate(phases)
        )

    def out_signals(self, k: int) -> tuple[Signal, ...]:
        """On the carriageway out of arm k: the far-side light of the traffic from across, a speed sign."""
        arm, across = self._at(k), self._at(k + 2)
        section = arm.section
        beside = -section.driving_edge_m - section.separator_m / 2.0
        return (
            _light(self._head(across), 1.0, beside, math.pi, "+"),
            speed_sign(self.first_signal + 100 + 10 * k, 20.0, beside, arm.speed_mps, section.lanes),
        )

    def in_signals(self, k: int, length_m: float) -> tuple[Signal, ...]:
        """On the carriageway into arm k: the left-turn light of the traffic from across, a speed sign."""
        arm, across = self._at(k), self._at(k + 2)
        section = arm.section
        median = 0.5 * (section.entry_edge_m + section.median_m / 2.0)
        beside = -section.driving_edge_m - section.separator_m / 2.0
        return (
            _light(self._left_head(across), length_m - 1.0, median, 0.0, "-"),
            speed_sign(self.first_signal + 101 + 10 * k, 1.0, beside, arm.speed_mps, section.lanes),
        )

    def zebra(self, k: int, object_id: int) -> RoadObject:
        """The zebra crossing of arm k, on its carriageway out; from kerb to kerb."""
        arm = self._at(k)
        half = arm.section.kerb_m
        near, far = -_ZEBRA_TO_EDGE_M, -_ZEBRA_TO_EDGE_M - ZEBRA_WIDTH_M
        corners = ((near, half), (far, half), (far, -half), (near, -half), (near, half))
        return RoadObject(
            id=str(object_id),
            name="ContinentalCrosswalk",
            type="crosswalk",
            s_m=0.0,
            t_m=0.0,
            orientation="none",
            length_m=ZEBRA_WIDTH_M,
            width_m=2.0 * half,
            outline=tuple(CornerLocal(u_m=u, v_m=v) for u, v in corners),
        )

    def in_objects(self, k: int, length_m: float, object_id: int) -> tuple[RoadObject, ...]:
        """Stop lines and arrows on the carriageway into arm k."""
        section = self._at(k).section
        kerb_side = -section.driving_edge_m
        bicycles = kerb_side - section.separator_m
        lines = ((section.entry_edge_m, kerb_side), (bicycles, bicycles - section.bicycle_m))
        out = [
            RoadObject(
                id=str(object_id + i),
                name="StopLine",
                type="-1",
                s_m=length_m - _STOP_LINE_M / 2.0 - 0.1,
                t_m=0.5 * (left + right),
                heading_rad=math.pi / 2.0,
                orientation="+",
                length_m=left - right - 0.2,
                width_m=_STOP_LINE_M,
            )
            for i, (left, right) in enumerate(lines)
        ]
        t = section.entry_edge_m
        for lane in range(1, section.entry_lanes + 1):
            width = section.entry_width_m(lane)
            last = lane == section.entry_lanes
            name = "Arrow_Left" if lane == 1 else "Arrow_ThroughRight" if last else "Arrow_Through"
            out.extend(
                RoadObject(
                    id=str(object_id + len(lines) + 2 * lane + i),
                    name=name,
                    type="-1",
                    s_m=length_m - before,
                    t_m=t - width / 2.0,
                    orientation="+",
                    length_m=6.0,
                    width_m=1.2,
                )
                for i, before in enumerate(_ARROW_BEFORE_STOP_M)
            )
            t -= width
        return tuple(out)


def edge_distance(half_m: float, kerb_radius_m: float, angle_rad: float) -> float:
    """Centre to an arm's edge, so that the zebra lies outside the bend of the kerb."""
    return (half_m + kerb_radius_m) / math.tan(angle_rad / 2.0) + ZEBRA_WIDTH_M + _ZEBRA_TO_EDGE_M + 0.6


def _light(signal_id: int, s_m: float, t_m: float, h_offset_rad: float, orientation: str) -> Signal:
    return Signal(
        id=str(signal_id),
        name="Signal_3Light_Post01",
        s_m=s_m,
        t_m=t_m,
        z_offset_m=0.0,
        h_offset_rad=h_offset_rad,
        orientation=orientation,
        dynamic=True,
        type=_SIGNAL_TYPE,
        subtype="-1",
        country="OpenDRIVE",
        width_m=0.4,
        height_m=1.2,
        validities=(LaneValidity(from_lane=0, to_lane=0),),
    )


def speed_sign(signal_id: int, s_m: float, t_m: float, limit_mps: float, lanes: int) -> Signal:
    """A speed-limit sign for the lanes -1 to -`lanes`, with its foot at (s, t)."""
    kmh = round(limit_mps * 3.6)
    return replace(
        _light(signal_id, s_m, t_m, math.pi, "+"),
        name=f"Speed_{kmh}",
        dynamic=False,
        type=_SPEED_TYPE,
        subtype=str(kmh),
        value=float(kmh),
        unit="km/h",
        width_m=0.8,
        height_m=0.8,
        validities=(LaneValidity(from_lane=-lanes, to_lane=-1),),
    )
