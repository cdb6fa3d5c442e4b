"""MAP, SPAT and RSI from the road network, the lights' states and what happens on the road."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from drivegen.core.errors import V2xError
from drivegen.core.geometry import Vec3
from drivegen.opendrive.lane_graph import Turn
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.sign_faces import OVERHEAD, SignFace
from drivegen.opendrive.signals import RoadSign, SignKind, road_signs
from drivegen.v2x.builders.links import LinkLane, NodeLink, NodeMap
from drivegen.v2x.builders.states import COUNTS
from drivegen.v2x.geodesy import MapProjection
from drivegen.v2x.map_message import (
    LaneConnection,
    LaneKind,
    Limit,
    LimitKind,
    Link,
    Maneuver,
    MapLane,
    MapMessage,
    MapNode,
    Movement,
)
from drivegen.v2x.rsi import Rsi, Scope, TrafficEvent, TrafficSign
from drivegen.v2x.spat import Countdown, Intersection, Light, Phase, PhaseState, Spat, Status
from drivegen.v2x.stamps import second_of

MOST_SIGNS = 16
MOST_EVENTS = 8
_MOST_PHASES = 16
_MANEUVER = {
    Turn.THROUGH: Maneuver.STRAIGHT,
    Turn.LEFT: Maneuver.LEFT,
    Turn.RIGHT: Maneuver.RIGHT,
    Turn.U_TURN: Maneuver.U_TURN,
}
_LIGHT = {"red": Light.RED, "yellow": Light.YELLOW, "green": Light.PERMISSIVE_GREEN, "off": Light.DARK}
_SIGN_TYPE: dict[SignFace, int] = {
    SignFace.CROSSROADS: 1,
    SignFace.CURVE_LEFT: 2,
    SignFace.CURVE_RIGHT: 2,
    SignFace.DOUBLE_CURVE: 3,
    SignFace.ROAD_NARROWS: 7,
    SignFace.TWO_WAY: 9,
    SignFace.PEDESTRIANS: 10,
    SignFace.CHILDREN: 11,
    SignFace.SIGNALS_AHEAD: 14,
    SignFace.SLIPPERY: 17,
    SignFace.UNEVEN: 24,
    SignFace.DANGER: 37,
    SignFace.ROADWORKS: 38,
    SignFace.STOP: 48,
    SignFace.YIELD: 49,
    SignFace.NO_THROUGH: 51,
    SignFace.NO_ENTRY: 52,
    SignFace.NO_MOTOR_VEHICLES: 53,
    SignFace.NO_TRUCKS: 54,
    SignFace.NO_LEFT_TURN: 69,
    SignFace.NO_RIGHT_TURN: 70,
    SignFace.NO_STRAIGHT: 71,
    SignFace.NO_U_TURN: 75,
    SignFace.NO_STOPPING: 78,
    SignFace.NO_PARKING: 79,
    SignFace.WIDTH_LIMIT: 81,
    SignFace.HEIGHT_LIMIT: 82,
    SignFace.WEIGHT_LIMIT: 83,
    SignFace.SPEED_LIMIT: 85,
    SignFace.SPEED_LIMIT_END: 86,
    SignFace.MIN_SPEED: 111,
    SignFace.CROSSING: 114,
}
"""Running numbers of GB 5768.2-2009 as public implementations of RSI count them: warning signs from 1
(those from the 36th on one later), prohibitions from 48, mandatory signs from 96. Other faces go as text
(type 0)."""


class RoadMessages:
    """Makes the messages that say what is known of the road. Costly to make, cheap to ask."""

    def __init__(self, network: RoadNetwork, projection: MapProjection | None = None) -> None:
        """For one network; without a projection by the network's own geoReference."""
        self.nodes = NodeMap(network)
        self.projection = projection or MapProjection.parse(network.geo_reference)
        self._signs = tuple(s for s in road_signs(network) if s.face not in OVERHEAD)

    def map_message(self, junction_ids: Sequence[int], *, count: int) -> MapMessage:
        """MAP of junctions: the links that lead into each, their lanes, and where these lead.

        Raises V2xError for a junction that the network has not, and for one that no lane leads into.
        """
        return MapMessage(count=count % COUNTS, nodes=tuple(self._node(j) for j in junction_ids))

    def _node(self, junction_id: int) -> MapNode:
        self._known(junction_id)
        links = self.nodes.links(junction_id)
        if not links:
            raise V2xError(f"no driving lane leads into junction {junction_id}: it has no MAP")
        return MapNode(
            ref=self.nodes.junction_ref(junction_id),
            position=self.projection.locate(self.nodes.centre_m(junction_id)),
            links=tuple(self._link(link) for link in links),
            name=f"junction {junction_id}",
        )

    def _known(self, junction_id: int) -> None:
        known = self.nodes.network.junction_by_id
        if junction_id not in known:
            raise V2xError(f"the map has no junction {junction_id}; it has {sorted(known)}")

    def _link(self, link: NodeLink) -> Link:
        movements = sorted({(w.to_node, w.phase or 0) for v in link.lanes for w in v.ways})
        return Link(
            upstream=link.upstream,
            lanes=tuple(self._lane(v) for v in link.lanes),
            name=f"road {link.road_id}",
            width_m=sum(v.width_m for v in link.lanes),
            movements=tuple(Movement(node=node, phase=phase or None) for node, phase in movements),
        )

    def _lane(self, lane: LinkLane) -> MapLane:
        return MapLane(
            number=lane.number,
            kind=LaneKind.VEHICLE,
            width_m=lane.width_m,
            maneuvers=frozenset(_MANEUVER[w.turn] for w in lane.ways),
            connections=tuple(
                LaneConnection(
                    node=w.to_node,
                    lane=w.to_lane,
                    maneuvers=frozenset({_MANEUVER[w.turn]}),
                    phase=w.phase,
                )
                for w in lane.ways
            ),
            limits=(Limit(kind=LimitKind.VEHICLE_MOST, speed_mps=lane.speed_mps),),
            line=tuple(self.projection.locate(p) for p in lane.line_m),
        )

    def spat(
        self,
        junction_id: int,
        states: Mapping[str, str],
        *,
        stamp_ns: int,
        count: int,
        left_s: Mapping[str, float] | None = None,
    ) -> Spat:
        """SPAT of a junction.

        A phase is a controller of the map; it shows what its signals show, and "unavailable" where they do
        not agree or are not among `states`.

        Args:
            junction_id: of the map.
            states: red, yellow, green or off by OpenDRIVE signal id.
            stamp_ns: of the sender's clock.
            count: of the sender's messages of this kind.
            left_s: how long each signal will show what it shows, where that is known.

        Raises V2xError for a junction that the network has not, and for one without signals.
        """
        self._known(junction_id)
        found = self.nodes.phases(junction_id)
        if not found:
            raise V2xError(f"junction {junction_id} has no signals: it has no SPAT")
        phases = []
        for phase in found:
            shown = {states.get(s, "") for s in phase.signal_ids}
            light = _LIGHT.get(shown.pop(), Light.UNAVAILABLE) if len(shown) == 1 else Light.UNAVAILABLE
            times = [left_s[s] for s in phase.signal_ids if left_s is not None and s in left_s]
            countdown = Countdown(likely_end_s=min(times)) if times else None
            phases.append(Phase(number=phase.number, states=(PhaseState(light=light, countdown=countdown),)))
        second, ref = second_of(stamp_ns), self.nodes.junction_ref(junction_id)
        return Spat(
            count=count % COUNTS,
            second_s=second,
            intersections=tuple(
                Intersection(
                    node=ref,
                    status=frozenset({Status.FIXED_TIME}),
                    second_s=second,
                    phases=tuple(phases[i : i + _MOST_PHASES]),
                )
                for i in range(0, len(phases), _MOST_PHASES)
            ),
        )

    def rsi(
        self,
        around_m: Vec3,
        *,
        radius_m: float,
        sender_id: bytes,
        count: int,
        events: Sequence[TrafficEvent] = (),
    ) -> tuple[Rsi, ...]:
        """RSI of the signs around a place, the nearest first, and of events: as many messages as it takes.

        Args:
            around_m: world frame; where the sender is.
            radius_m: signs farther away are left out.
            sender_id: see `drivegen.v2x.stamps.identity_of`.
            count: of the first message; the next have the next.
            events: what happens on the road.

        Without signs or events there is no message.
        """
        far = [float(np.linalg.norm(s.pose.position_m[:2] - around_m[:2])) for s in self._signs]
        near = sorted((d, i) for i, d in enumerate(far) if d <= radius_m)
        signs = [self._sign(self._signs[i], number % 256) for number, (_, i) in enumerate(near)]
        reference = self.projection.locate(around_m)
        many = max(-(-len(signs) // MOST_SIGNS), -(-len(events) // MOST_EVENTS))
        return tuple(
            Rsi(
                count=(count + k) % COUNTS,
                sender_id=sender_id,
                reference=reference,
                events=tuple(events[k * MOST_EVENTS : (k + 1) * MOST_EVENTS]),
                signs=tuple(signs[k * MOST_SIGNS : (k + 1) * MOST_SIGNS]),
            )
            for k in range(many)
        )

    def _sign(self, sign: RoadSign, number: int) -> TrafficSign:
        words = sign.face.value if not sign.text else f"{sign.face.value} {sign.text}"
        if sign.kind is SignKind.SPEED:
            words = f"{sign.text} km/h"
        return TrafficSign(
            number=number,
            type=_SIGN_TYPE.get(sign.face, 0),
            position=self.projection.locate(sign.pose.position_m),
            scope=Scope(description=words),
        )
