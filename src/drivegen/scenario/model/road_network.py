"""The roads and their signals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from drivegen.scenario.model.element import EachIn, Element, Wrapped
from drivegen.scenario.model.entities import File
from drivegen.scenario.model.positions import Position


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSignalState(Element):
    """The state of one signal (by its id in the road network) in a phase."""

    traffic_signal_id: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSignalGroupState(Element):
    """The state of all signals of a controller in a phase."""

    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase(Element):
    """A phase of `duration` seconds."""

    name: str
    duration: float
    traffic_signal_states: tuple[TrafficSignalState, ...] = ()
    traffic_signal_group_state: TrafficSignalGroupState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficSignalController(Element):
    """Phases in turn, beginning `delay` seconds after those of the controller `reference`."""

    name: str
    delay: float | None = None
    reference: str | None = None
    phases: tuple[Phase, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadNetwork(Element):
    """The OpenDRIVE file, the scenery file, signal controllers, and the corners of the part that is used."""

    logic_file: File | None = None
    scene_graph_file: File | None = None
    traffic_signals: Annotated[tuple[TrafficSignalController, ...], Wrapped("TrafficSignals")] = ()
    used_area: Annotated[tuple[Position, ...], Wrapped("UsedArea"), EachIn("Position")] = ()
