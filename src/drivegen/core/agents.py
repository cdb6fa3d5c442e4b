"""Agents beside the ego: connected vehicles and roadside units, and what each of them gets wrong.

The truth of an agent is where the simulation has it and where its sensors are mounted. What it believes
differs by its clock, its localisation and its calibration; all three are plain data here, so that a capture
holds the truth and the belief side by side.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from enum import StrEnum

from drivegen.core.errors import PlanError
from drivegen.core.geometry import Pose
from drivegen.core.sensors import Rig

EGO = "ego"
"""Name of the agent that `ScenePlan.ego` describes."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_TAKEN = frozenset({EGO, "cloud", "map", "v2x"})
"""Names that mean something else in a capture."""


def check_agent_name(name: str) -> None:
    """Of an agent other than the ego; captures, labels and data sets spell it in topics, keys and paths.

    Raises:
        PlanError: It is not made of letters, digits and underscores, or is taken.
    """
    if not _NAME.fullmatch(name) or name.lower() in _TAKEN:
        raise PlanError(
            f"an agent is called {name!r}: give it a name of letters, digits and underscores that begins with"
            f" a letter and is none of {', '.join(sorted(_TAKEN))}"
        )


def label_key(agent: str, channel: str) -> str:
    """Key of a sensor in the labels of a frame: `channel` of the ego, `agent/channel` of all others."""
    return channel if agent == EGO else f"{agent}/{channel}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """An agent's clock against simulation time t: stamp = t + offset + drift * t + jitter."""

    offset_ns: int = 0
    """At the first recorded frame; positive: the clock is ahead."""
    drift_ppm: float = 0.0
    """Microseconds that it gains in a second."""
    jitter_ns: int = 0
    """Standard deviation of each stamp, independent and normal."""


class Sky(StrEnum):
    """What satellites an agent sees; `drivegen.v2x.localisation` has the size of errors under each."""

    EXACT = "exact"
    """No error: the truth is known (surveyed roadside units)."""
    OPEN = "open"
    CANYON = "canyon"
    """Between high buildings: multipath."""
    COVERED = "covered"
    """Under a bridge or in a tunnel: no satellites, dead reckoning."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Localisation:
    """How an agent finds its pose."""

    sky: Sky = Sky.EXACT
    """Where nothing on the map covers the agent; under a bridge or in a tunnel it is `Sky.COVERED`."""
    scale: float = 1.0
    """Multiplies all errors."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AgentErrors:
    """What an agent believes that is not so."""

    clock: Clock = field(default_factory=Clock)
    localisation: Localisation = field(default_factory=Localisation)
    believed_mounts: dict[str, Pose] = field(default_factory=dict)
    """By channel: agent from sensor, as the agent's calibration has it. A channel that is not here is
    calibrated exactly."""

    @property
    def any(self) -> bool:
        """Whether the agent gets anything wrong."""
        return bool(self.clock != Clock() or self.localisation != Localisation() or self.believed_mounts)

    def mount(self, rig: Rig, channel: str) -> Pose:
        """Agent from sensor, as the agent believes. Raises KeyError for a channel that the rig has not."""
        true = {sensor.name: sensor.agent_sensor for sensor in rig.sensors}[channel]
        return self.believed_mounts.get(channel, true)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ConnectedVehicle:
    """A vehicle of the traffic that carries a rig and a radio."""

    name: str
    """Of the agent, for example vehicle_1."""
    vehicle: int
    """Index into `ScenePlan.vehicles`; it is there from the beginning and stays."""
    rig: Rig
    errors: AgentErrors = field(default_factory=AgentErrors)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadsideUnit:
    """A pole with sensors and a radio.

    Its agent frame stands level on the ground at the pole's foot; x is where the pole's `camera_0` looks.
    """

    name: str
    """Of the agent, for example roadside_1."""
    site: str
    """Id of the OpenDRIVE object of the pole."""
    junction_id: int | None
    """Of the junction that the pole stands at."""
    map_agent: Pose
    rig: Rig
    errors: AgentErrors = field(default_factory=AgentErrors)
