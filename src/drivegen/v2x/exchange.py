"""The exchange of a scene: frames get what agents believe, detect and say, and what the cloud makes of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from drivegen.capture.frame import AgentFrame, Frame
from drivegen.core.cooperation import Belief, CloudPicture, Exchange, Reception, SentMessage
from drivegen.core.errors import PlanError
from drivegen.core.geometry import Vec3
from drivegen.core.plans import ScenePlan
from drivegen.core.v2x_plan import V2xPlan
from drivegen.opendrive.model import RoadNetwork
from drivegen.v2x.broadcast import Broadcaster, Draft, body_of
from drivegen.v2x.builders.roads import RoadMessages
from drivegen.v2x.channel import Channel, heard_by
from drivegen.v2x.cloud import Cloud, Parcel
from drivegen.v2x.codec import encode_with_fields
from drivegen.v2x.covers import Covers
from drivegen.v2x.evidence import Scene
from drivegen.v2x.path_loss import NLOS_VEHICLE, Link, Links, blockers_m, plan_paths
from drivegen.v2x.scheduling import PERIOD_MS, Grant, grant
from drivegen.v2x.station import Role, Station, roles

ROOF_M = 1.6
"""Antenna of a vehicle whose body is not known."""
POLE_M = 1.0
"""A unit's antenna over its highest sensor."""
Paths = Mapping[tuple[str, str], str]
"""los, nlos_vehicle or nlos_building by pairs of agents, in either order."""


class Exchanger:
    """Makes the exchange of a scene, frame by frame in the order of time.

    It knows the plan, the map and the frames. Where nobody talks and nobody is wrong it adds nothing.
    Raises PlanError for a roadside unit at a junction that the map has not.
    """

    def __init__(self, plan: ScenePlan, network: RoadNetwork) -> None:
        self._plan, self._network = plan, network
        self._roles = roles(plan)
        for role in self._roles:
            if role.junction_id is not None and role.junction_id not in network.junction_by_id:
                raise PlanError(
                    f"roadside unit {role.name} stands at junction {role.junction_id}, which the map"
                    f" {plan.map.name} has not: it has {sorted(network.junction_by_id)}"
                )
        self.idle = plan.v2x is None and all(role.exact for role in self._roles)
        """Whether `step` gives frames back as they are."""
        self._running: _Running | None = None

    def step(
        self, frame: Frame, paths: Paths | None = None, left_s: Mapping[str, float] | None = None
    ) -> Frame:
        """The frame with the beliefs of all agents and, where agents talk, the exchange.

        Args:
            frame: later than that of the step before.
            paths: what is between pairs of agents; without it only large vehicles are in the way.
            left_s: how long each signal will show what it shows, where that is known.
        """
        if self.idle:
            return frame
        if self._running is None:
            self._running = _Running(self._plan, self._network, self._roles, frame.time_ns)
        return self._running.step(frame, paths, left_s or {})


class _Running:
    """An exchange whose first frame has come."""

    def __init__(self, plan: ScenePlan, network: RoadNetwork, known: tuple[Role, ...], first_ns: int) -> None:
        v2x = plan.v2x
        detector = None if v2x is None else v2x.detector
        self._stations = {role.name: Station(plan.seed, role, detector, first_ns) for role in known}
        self._covers = Covers(network)
        self._last_ns = first_ns - 1
        self._talk: _Talk | None = None
        if v2x is not None:
            units = [u.map_agent.position_m for u in plan.roadside]
            self._talk = _Talk(plan.seed, v2x, network, self._stations, units, first_ns)

    def step(self, frame: Frame, paths: Paths | None, left_s: Mapping[str, float]) -> Frame:
        agents: dict[str, AgentFrame] = {}
        for name, agent in frame.agents.items():
            belief = self._stations[name].believe(frame.time_ns, agent, self._covers)
            agents[name] = replace(agent, belief=belief)
        frame = replace(frame, agents=agents)
        if self._talk is not None:
            frame = replace(frame, exchange=self._talk.exchange(frame, self._last_ns, paths, left_s))
        self._last_ns = frame.time_ns
        return frame


class _Talk:
    """Perception, air and cloud."""

    def __init__(
        self,
        seed: int,
        plan: V2xPlan,
        network: RoadNetwork,
        stations: Mapping[str, Station],
        units_m: list[Vec3],
        first_ns: int,
    ) -> None:
        self._stations = stations
        self._names = sorted(stations)
        self._broadcaster = Broadcaster(seed, plan, stations, RoadMessages(network), first_ns)
        self._channel = Channel(seed, plan.channel)
        self._links = Links(seed, self._names, plan.channel.shadowing)
        self._cloud = Cloud(network, units_m, first_ns) if plan.cloud else None
        self._number = 0
        self._grants: dict[tuple[str, str], tuple[int, list[Grant]]] = {}
        """When it was made and what it took of the pool, of each agent's last message of each kind."""
        self._periods = self._broadcaster.periods_ns()
        self._heights = {
            name: max((s.agent_sensor.position_m[2] for s in station.role.rig.sensors), default=0.0) + POLE_M
            for name, station in stations.items()
        }

    def exchange(
        self, frame: Frame, last_ns: int, paths: Paths | None, left_s: Mapping[str, float]
    ) -> Exchange:
        scene = Scene.of(frame)
        detections = {}
        for name, agent in frame.agents.items():
            found = self._stations[name].perceive(frame.time_ns, agent, scene, _belief(agent))
            if found is not None:
                detections[name] = found
        links = self._air(frame, scene, paths)
        heard = {name: heard_by(name, self._names, links) for name in frame.agents}
        load, subframes = self._load()
        messages = tuple(
            self._sent(draft, heard, load, subframes) for draft in self._broadcaster.drafts(frame, left_s)
        )
        return Exchange(detections=detections, messages=messages, cloud=self._picture(last_ns, frame.time_ns))

    def _air(self, frame: Frame, scene: Scene, paths: Paths | None) -> dict[tuple[str, str], Link]:
        labels = {label.track_id: label for label in frame.objects}
        antennas: dict[str, Vec3] = {}
        own: dict[str, int | None] = {}
        for name, agent in frame.agents.items():
            body = body_of(name, agent, labels)
            role = self._stations[name].role
            height = self._heights[name] if role.is_unit else ROOF_M if body is None else body.box.size_m[2]
            antennas[name] = agent.map_agent.position_m + np.array([0.0, 0.0, float(height)])
            own[name] = agent.track_id
        if paths is None:
            known, tops = plan_paths(scene, antennas, own)
        else:
            known = {(min(a, b), max(a, b)): path for (a, b), path in sorted(paths.items())}
            blocked = [p for p, path in known.items() if path == NLOS_VEHICLE and p[0] in own and p[1] in own]
            tops = blockers_m(scene, antennas, own, blocked)
        return self._links.step(frame.time_ns, antennas, known, tops)

    def _load(self) -> tuple[dict[str, float], dict[str, float]]:
        """Subchannels and subframes that each agent takes of the pool in a period, by its last messages."""
        taken: dict[str, float] = {}
        sending: dict[str, float] = {}
        for (name, kind), (_, grants) in sorted(self._grants.items()):
            share = PERIOD_MS * 1e6 / self._periods[name, kind]
            taken[name] = taken.get(name, 0.0) + share * sum(g.subchannels * g.subframes for g in grants)
            sending[name] = sending.get(name, 0.0) + share * sum(g.subframes for g in grants)
        return taken, sending

    def _sent(
        self,
        draft: Draft,
        heard: Mapping[str, Mapping[str, Link]],
        load: Mapping[str, float],
        subframes: Mapping[str, float],
    ) -> SentMessage:
        payload, fields = encode_with_fields(draft.message)
        size = grant(len(payload))
        key = (draft.sender, draft.kind.value)
        made, grants = self._grants.get(key, (-1, []))
        before = grants[: draft.part] if made == draft.made_ns else []
        self._grants[key] = (draft.made_ns, [*before, size])
        wait = sum(g.subframes for g in before) * 1_000_000
        sent_ns = draft.made_ns + wait + self._channel.access_ns(*key, draft.count - draft.part)
        message = (*key, draft.count)
        receptions = [
            self._channel.receive(message, sent_ns, size, name, links, load, subframes.get(name, 0.0))
            for name, links in heard.items()
            if name != draft.sender
        ]
        if self._cloud is not None:
            receptions.append(self._uploaded(self._cloud, draft, sent_ns))
        number, self._number = self._number, self._number + 1
        return SentMessage(
            sender=draft.sender,
            number=number,
            kind=draft.kind,
            made_ns=draft.made_ns,
            sent_ns=sent_ns,
            payload=payload,
            decoded=fields,
            receptions=tuple(sorted(receptions, key=lambda r: r.receiver)),
        )

    def _uploaded(self, cloud: Cloud, draft: Draft, sent_ns: int) -> Reception:
        reception = self._channel.upload((draft.sender, draft.kind.value, draft.count), sent_ns)
        if reception.time_ns is not None and (draft.reports or draft.signals):
            cloud.post(
                Parcel(
                    arrives_ns=reception.time_ns,
                    reports=draft.reports,
                    signals=draft.signals,
                    signals_made_ns=draft.made_ns,
                )
            )
        return reception

    def _picture(self, last_ns: int, now_ns: int) -> CloudPicture | None:
        due_ns = None if self._cloud is None else self._cloud.due_ns(last_ns, now_ns)
        return None if self._cloud is None or due_ns is None else self._cloud.picture(due_ns)


def _belief(agent: AgentFrame) -> Belief:
    assert agent.belief is not None
    return agent.belief
