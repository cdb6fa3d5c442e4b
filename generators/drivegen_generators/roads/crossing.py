"""The middle of a junction of any number of arms: movements, lights, controllers, markings."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from drivegen.opendrive.model import (
    Connection,
    ContactPoint,
    Controller,
    Junction,
    JunctionController,
    Road,
    RoadObject,
    Signal,
)
from drivegen_generators.roads.arm import Arm
from drivegen_generators.roads.fittings import (
    STOP_LINE_M,
    STOP_TYPE,
    YIELD_TYPE,
    ZEBRA_TO_EDGE_M,
    ZEBRA_WIDTH_M,
    ArmFittings,
    arm_speed_signs,
    arrows,
    fitted_arm,
    light,
    sign,
    stop_lines,
    zebra,
)
from drivegen_generators.roads.movements import (
    Movement,
    Way,
    bicycle_movement,
    left_movement,
    right_movement,
    through_movement,
    u_turn_movement,
)
from drivegen_generators.roads.poles import pole_beside
from drivegen_generators.roads.turns import Lanes, Turn, plan_lanes, turn_between

_WAITING_FROM_M = ZEBRA_TO_EDGE_M + ZEBRA_WIDTH_M + 0.7
_WAITING_M = 14.0
_HEADS_APART_M = 3.0


class Control(StrEnum):
    """Who goes first."""

    SIGNALS = "signals"
    NONE = "none"
    YIELD = "yield"
    """Arms of `Crossing.minor` give way."""
    STOP = "stop"
    """Arms of `Crossing.minor` stop."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """Two to four arms, anticlockwise, and all that lies between them."""

    arms: tuple[Arm, ...]
    junction: int
    first_road: int
    first_signal: int
    first_controller: int
    kerb_radii_m: tuple[float, ...]
    """Of the corner left of each arm, seen outwards: around it traffic from the arm turns right."""
    slips: tuple[bool, ...] = ()
    """Whether that corner has a right-turn slip with an island; without entries: none."""
    u_turns: tuple[bool, ...] = ()
    """Whether traffic from an arm may turn back."""
    waiting_areas: bool = False
    control: Control = Control.SIGNALS
    minor: tuple[int, ...] = ()
    """Arms that give way."""
    first_object: int = 3000
    pole_variants: tuple[int, ...] = ()
    """Roadside poles, one an arm (see `poles.draw_pole_variants`); without entries: none."""

    def connecting_roads(self) -> list[Movement]:
        """Right, straight on, left, straight on by bicycle, and back, for each arm."""
        out: list[Movement] = []
        for k, arm in enumerate(self.arms):
            exits, plan = self._exits(k), self.lanes(k)
            first = self.first_road + 10 * k
            if Turn.RIGHT in plan:
                slip = bool(self.slips) and self.slips[k]
                signal = None if slip else self._head(k)
                out.append(
                    right_movement(
                        self._way(first, arm, exits[Turn.RIGHT], signal),
                        plan[Turn.RIGHT],
                        self.kerb_radii_m[k],
                        island=slip,
                    )
                )
            if Turn.THROUGH in plan:
                way = self._way(first + 1, arm, exits[Turn.THROUGH], self._head(k))
                alone = len(self.arms) == 2 and k == 0
                out.append(through_movement(way, plan[Turn.THROUGH], fill_median=alone))
            if Turn.LEFT in plan:
                way = self._way(first + 2, arm, exits[Turn.LEFT], self._left_head(k))
                out.append(self._left(way, plan[Turn.LEFT]))
            if Turn.THROUGH in plan:
                way = self._way(first + 3, arm, exits[Turn.THROUGH], self._head(k))
                bicycles = bicycle_movement(way, closed=exits[Turn.THROUGH] is self._at(k + 1))
                if bicycles is not None:
                    out.append(bicycles)
            if self.u_turns and self.u_turns[k]:
                way = self._way(first + 4, arm, arm, self._left_head(k))
                out.append(u_turn_movement(way, self.first_signal + 108 + 10 * k))
        return out

    def _at(self, k: int) -> Arm:
        return self.arms[k % len(self.arms)]

    def _way(self, road_id: int, arm: Arm, to: Arm, signal: int | None) -> Way:
        return Way(road_id=road_id, junction=self.junction, arm=arm, to=to, signal=signal)

    def _exits(self, k: int) -> dict[Turn, Arm]:
        """Where each turn from arm k leads."""
        return {turn_between(self.arms[k], to): to for i, to in enumerate(self.arms) if i != k}

    def lanes(self, k: int) -> dict[Turn, Lanes]:
        """Which lanes of arm k serve which turn. Raises ConfigError where that cannot be."""
        return plan_lanes(self.arms[k], self._exits(k))

    def _left(self, way: Way, lanes: Lanes) -> Movement:
        made = left_movement(way, lanes)
        if not self.waiting_areas or made.road.length_m < 2.5 * (_WAITING_FROM_M + _WAITING_M) / 2.0:
            return made
        last = _WAITING_FROM_M + _WAITING_M
        made = left_movement(way, lanes, waiting_m=(_WAITING_FROM_M, last))
        width = sum(way.arm.section.entry_width_m(1 + i) for i in range(lanes.count))
        line = RoadObject(
            id=str(self.first_object + 90 + 100 * self.arms.index(way.arm)),
            name="StopLine",
            type="roadMark",
            s_m=last,
            t_m=-width / 2.0,
            heading_rad=math.pi / 2.0,
            orientation="+",
            length_m=width - 0.2,
            width_m=STOP_LINE_M,
        )
        return replace(made, road=replace(made.road, objects=(line,)))

    def junction_element(self, movements: Sequence[Movement]) -> Junction:
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
                JunctionController(id=controller.id, sequence=controller.sequence)
                for controller in self.controllers()
            ),
        )

    def _head(self, k: int) -> int | None:
        return self.first_signal + 2 * k if self.control is Control.SIGNALS else None

    def _left_head(self, k: int) -> int | None:
        return self.first_signal + 2 * k + 1 if self.control is Control.SIGNALS else None

    def _across(self, k: int) -> int | None:
        """The arm opposite to arm k."""
        to = self._exits(k).get(Turn.THROUGH)
        return None if to is None else self.arms.index(to)

    def controllers(self) -> tuple[Controller, ...]:
        """Phases: of opposite arms first straight on with right turns, then left turns; the last pair first.

        An arm without an opposite one has one phase for all, and so have both of a pair where left turns
        share a lane with traffic that goes straight on.
        """
        if self.control is not Control.SIGNALS:
            return ()
        phases: list[tuple[str, list[int | None]]] = []
        pairs = [(k, self._across(k)) for k in range(len(self.arms))]
        for k, across in reversed([p for p in pairs if p[1] is None or p[0] < p[1]]):
            members = [k] if across is None else [k, across]
            if across is None or any(self._shares_left(i) for i in members):
                for i in members:
                    heads = [self._head(i)] if self._uses_head(i) else []
                    heads += [self._left_head(i)] if self._uses_left_head(i) else []
                    phases.append((f"{self.arms[i].name[0].upper()} all", heads))
                continue
            name = "".join(self.arms[i].name[0].upper() for i in members)
            lefts = [self._left_head(i) for i in members if self._uses_left_head(i)]
            phases.append((f"{name} through", [self._head(i) for i in members]))
            if lefts:
                phases.append((f"{name} left", lefts))
        return tuple(
            Controller(
                id=str(self.first_controller + i),
                name=name,
                signal_ids=tuple(str(v) for v in heads),
                sequence=i,
            )
            for i, (name, heads) in enumerate(phases)
        )

    def _uses_head(self, k: int) -> bool:
        plan = self.lanes(k)
        return Turn.THROUGH in plan or (Turn.RIGHT in plan and not (self.slips and self.slips[k]))

    def _uses_left_head(self, k: int) -> bool:
        return Turn.LEFT in self.lanes(k) or bool(self.u_turns and self.u_turns[k])

    def _shares_left(self, k: int) -> bool:
        plan = self.lanes(k)
        if Turn.LEFT not in plan or Turn.THROUGH not in plan:
            return False
        return plan[Turn.THROUGH].first < plan[Turn.LEFT].first + plan[Turn.LEFT].count

    def roads(self) -> tuple[list[Road], list[Movement]]:
        """The roads of all arms, and the connecting roads, with everything on and beside them."""
        movements = self.movements()
        roads: list[Road] = []
        for k, arm in enumerate(self.arms):
            roads.extend(fitted_arm(arm, self.arm_fittings(k), self.first_signal + 100 + 10 * k))
        return roads, movements

    def movements(self) -> list[Movement]:
        """The connecting roads with everything on and beside them."""
        return self._with_far_lights(self.connecting_roads())

    def arm_fittings(self, k: int) -> ArmFittings:
        """What belongs onto arm k: crossing, lines, arrows, lights, signs, and the limit on the way out."""
        out_speed, _, _ = arm_speed_signs(self.arms[k], self.first_signal + 100 + 10 * k)
        return ArmFittings(
            out_objects=self._out_objects(k),
            in_objects=self._in_objects(k),
            out_signals=(*self._out_lights(k), out_speed),
            in_signals=self._in_signs(k),
        )

    def _out_objects(self, k: int) -> tuple[RoadObject, ...]:
        if len(self.arms) == 2 and k > 0:
            return ()  # the one crossing of a mid-block site hangs on its first arm
        return (zebra(self.arms[k].section, self.first_object + 100 * k),)

    def _in_objects(self, k: int) -> tuple[RoadObject, ...]:
        section, length = self.arms[k].section, self.arms[k].axis.length_m
        first = self.first_object + 1 + 100 * k
        halts = self.control is Control.SIGNALS or k in self.minor or len(self.arms) == 2
        lines = stop_lines(section, length, first) if halts else ()
        several = section.entry_lanes > 1 and len(self.arms) > 2
        marked = arrows(section, length, self.lanes(k), first + 2) if several else ()
        pole = None
        if self.pole_variants:
            pole = pole_beside(section, length, first + 79, self.pole_variants[k])
        return (*lines, *marked, *(() if pole is None else (pole,)))

    def _out_lights(self, k: int) -> tuple[Signal, ...]:
        """On the carriageway out of arm k: the far-side light of the traffic from across."""
        across = self._across(k)
        head = None if across is None else self._head(across)
        if head is None:
            return ()
        return (light(head, 1.0, -self.arms[k].section.post_m, math.pi, "+"),)

    def _in_signs(self, k: int) -> tuple[Signal, ...]:
        """On the carriageway into arm k: the left-turn light of the traffic from across, or a sign."""
        arm, across = self.arms[k], self._across(k)
        section, length = arm.section, arm.axis.length_m
        number = self.first_signal + 105 + 10 * k
        if self.control in {Control.YIELD, Control.STOP} and k in self.minor:
            kind, name = (
                (YIELD_TYPE, "Sign_Yield") if self.control is Control.YIELD else (STOP_TYPE, "Sign_Stop")
            )
            return (sign(number, length - 1.5, -section.post_m, kind, name, section.entry_lanes),)
        if self.control is Control.NONE and len(self.arms) == 2:
            return (sign(number, length - 1.5, -section.post_m, "350", "Sign_Crossing", section.entry_lanes),)
        if across is None or not self._uses_left_head(across):
            return ()
        head = self._left_head(across)
        if head is None:
            return ()
        median = 0.5 * (section.entry_edge_m + section.median_m / 2.0)
        return (light(head, length - 1.0, median, 0.0, "-"),)

    def _with_far_lights(self, movements: list[Movement]) -> list[Movement]:
        """Where no arm lies across, the lights stand on the pavement of that side."""
        out = list(movements)
        if self.control is not Control.SIGNALS:
            return out
        for k in range(len(self.arms)):
            if self._across(k) is not None:
                continue
            side = self.first_road + 10 * self._closed_side() + 3
            heads = [self._head(k)] if self._uses_head(k) else []
            heads += [self._left_head(k)] if self._uses_left_head(k) else []
            for i, m in enumerate(out):
                if m.road.id == side:
                    t = -self.arms[k].section.bicycle_m - 0.6
                    lights = tuple(
                        light(head, m.road.length_m / 2.0 + j * _HEADS_APART_M, t, math.pi / 2.0, "+")
                        for j, head in enumerate(h for h in heads if h is not None)
                    )
                    out[i] = replace(m, road=replace(m.road, signals=lights))
        return out

    def _closed_side(self) -> int:
        """The arm from which a road without arms on its right leads straight on."""
        count = len(self.arms)
        return next(k for k in range(count) if turn_between(self._at(k), self._at(k + 1)) is Turn.THROUGH)


def edge_distance(half_m: float, kerb_radius_m: float, angle_rad: float) -> float:
    """Centre to an arm's edge, so that the zebra lies outside the bend of the kerb."""
    return (half_m + kerb_radius_m) / math.tan(angle_rad / 2.0) + ZEBRA_WIDTH_M + ZEBRA_TO_EDGE_M + 0.6


def corner_distances(
    half_m: float, other_half_m: float, kerb_radius_m: float, angle_rad: float
) -> tuple[float, float]:
    """The same for both arms of a corner whose carriageways differ in width (half widths to the kerb)."""
    bend = kerb_radius_m / math.tan(angle_rad / 2.0)
    beyond = bend + ZEBRA_WIDTH_M + ZEBRA_TO_EDGE_M + 0.6
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return (other_half_m + half_m * c) / s + beyond, (half_m + other_half_m * c) / s + beyond
