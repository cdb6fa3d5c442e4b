"""What is going on in a scenario that is played: clock, entities, values, and what has happened."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from drivegen.core.errors import ScenarioError
from drivegen.scenario.model.element import Place
from drivegen.scenario.model.entities import EntityRef
from drivegen.scenario.model.global_actions import CustomCommandAction, EnvironmentAction
from drivegen.scenario.model.names import ObjectType
from drivegen.scenario.model.scenario import Scenario
from drivegen.scenario.player.bodies import Body, body_of
from drivegen.scenario.player.measures import Measures
from drivegen.scenario.player.positions import Places
from drivegen.scenario.player.roads.network import Roads
from drivegen.scenario.player.roads.spot import Spot
from drivegen.scenario.player.signal_cycles import SignalCycles


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """A change of an element of the storyboard."""

    time_s: float
    kind: str
    """act, action, event, maneuver, maneuverGroup, story or storyboard."""
    path: str
    """Names from the story down, joined by `::`."""
    transition: str
    """startTransition, endTransition, stopTransition or skipTransition."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LightChange:
    """A light of an entity that was switched."""

    time_s: float
    entity: str
    light: str
    mode: str
    flashing_on_s: float
    flashing_off_s: float


@dataclass(slots=True, kw_only=True)
class Play:
    """The state that actions and conditions work on."""

    scenario: Scenario
    roads: Roads
    dt_s: float
    time_s: float = 0.0
    tick: int = 0
    bodies: dict[str, Body] = field(default_factory=dict)
    parameters: dict[str, str] = field(default_factory=dict)
    variables: dict[str, str] = field(default_factory=dict)
    user_values: dict[str, str] = field(default_factory=dict)
    monitors: dict[str, bool] = field(default_factory=dict)
    signals: dict[str, str] = field(default_factory=dict)
    """State of each signal that the scenario has set, by its id in the road network."""
    signal_phases: dict[str, str] = field(default_factory=dict)
    """Phase of each signal controller."""
    happened: list[Happened] = field(default_factory=list)
    environments: list[tuple[float, EnvironmentAction]] = field(default_factory=list)
    commands: list[tuple[float, CustomCommandAction]] = field(default_factory=list)
    lights: list[LightChange] = field(default_factory=list)
    ignored: list[str] = field(default_factory=list)
    """What was asked for and cannot be shown (animations, trailers in a world that has none)."""
    day: tuple[datetime, float, bool] | None = None
    """(date and time, when they were set, whether they go on with the simulation)."""
    signal_cycles: SignalCycles = field(init=False)
    places: Places = field(init=False)
    measures: Measures = field(init=False)
    outside: frozenset[str] = frozenset()
    """Entities that are handed to somebody else when their controller is activated."""
    simple: frozenset[str] = frozenset()
    """Entities that are handed to the simple driver when their controller is activated."""

    def __post_init__(self) -> None:
        self.places = Places(self.roads, self.body)
        self.measures = Measures(self.roads)
        self.signal_cycles = SignalCycles(self.scenario.road_network.traffic_signals)
        self.bodies = {o.name: body_of(o) for o in self.scenario.entities.scenario_objects}
        self.parameters = {p.name: p.value for p in self.scenario.parameter_declarations}
        self.variables = {v.name: v.value for v in self.scenario.variable_declarations}
        self.monitors = {m.name: m.value for m in self.scenario.monitor_declarations}

    def body(self, name: str) -> Body:
        """The entity of this name; ScenarioError if the scenario has none."""
        found = self.bodies.get(name)
        if found is None:
            raise ScenarioError(f'the scenario has no entity "{name}": name one of {", ".join(self.bodies)}')
        return found

    def members(self, names: Mapping[str, None] | tuple[EntityRef, ...]) -> list[Body]:
        """Entities by name; a selection stands for its members."""
        out: dict[str, Body] = {}
        for ref in names:
            name = ref.entity_ref if isinstance(ref, EntityRef) else ref
            for body in self._one_or_selection(name):
                out[body.name] = body
        return list(out.values())

    def _one_or_selection(self, name: str) -> Iterator[Body]:
        if name in self.bodies:
            yield self.bodies[name]
            return
        for selection in self.scenario.entities.entity_selections:
            if selection.name != name:
                continue
            for ref in selection.members.entity_refs:
                yield from self._one_or_selection(ref.entity_ref)
            kinds = {by.object_type for by in selection.members.by_types}
            yield from (b for b in self.bodies.values() if b.kind in kinds)
            return
        yield self.body(name)

    def spot(self, body: Body, place: Place) -> Spot:
        """Where an entity is on the network, with the lane that it belongs to; ScenarioError if it is nowhere
        yet."""
        if body.spot is None:
            if body.present:
                raise ScenarioError(f'{place}: "{body.name}" is on no road: this action needs a road network')
            raise ScenarioError(f'{place}: "{body.name}" has no position yet: teleport it first')
        return body.spot if body.keeps_lane else self.roads.space.in_own_lane(body.spot)

    def present(self, kind: ObjectType | None = None) -> list[Body]:
        """Entities that are there, in the order of the file."""
        return [b for b in self.bodies.values() if b.present and (kind is None or b.kind is kind)]

    def set_time_of_day(self, when: datetime, *, runs: bool) -> None:
        """Sets date and time; `runs`: they go on with the simulation."""
        self.day = (when, self.time_s, runs)

    @property
    def time_of_day(self) -> datetime | None:
        """Simulated date and time; None if the scenario has not set them."""
        if self.day is None:
            return None
        when, since, runs = self.day
        return when + timedelta(seconds=self.time_s - since) if runs else when
