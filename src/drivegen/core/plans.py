"""Scene plans: all that determines a scene, as plain data.

Frames are drivegen's (right-handed, metres, radians); the recorder turns them into CARLA's.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from drivegen.core.agents import EGO, AgentErrors, ConnectedVehicle, RoadsideUnit, check_agent_name
from drivegen.core.degradation import Degradation
from drivegen.core.errors import PlanError
from drivegen.core.plain import LEFT_OUT, from_plain, to_shallow
from drivegen.core.sensors import Rig
from drivegen.core.tracks import SignalCourse, Track
from drivegen.core.v2x_plan import V2xPlan
from drivegen.core.weather import Weather, WeatherKeyframe


@dataclass(frozen=True, slots=True, kw_only=True)
class PlacedPose:
    """Where something starts; ISO 8855 yaw."""

    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float


@dataclass(frozen=True, slots=True, kw_only=True)
class MapPlan:
    """The road and what stands beside it."""

    name: str
    """Without path or ending, for example yizhuang_0001."""
    opendrive: str
    """File name below the run's maps/ folder."""
    sha256: str
    """Of the OpenDRIVE text."""
    scenery_seed: int
    """Buildings, trees and lamps beside the road are drawn from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WeatherPlan:
    """Weather and time of day."""

    preset: str
    hour: float
    """Local time that the sun's position was computed for."""
    parameters: Weather
    """At the first recorded frame, and before it."""
    keyframes: tuple[WeatherKeyframe, ...] = ()
    """Weather that changes: times ascend from above 0; see `drivegen.core.weather_course`."""
    update_s: float = 0.5
    """Changing weather is set anew so often."""
    day_of_year: int | None = None
    """That the sun's position was computed for; none where the plugin does not tell."""


class Drive(StrEnum):
    """Who moves a vehicle."""

    TRAFFIC_MANAGER = "traffic_manager"
    """The client's Traffic Manager, on driving lanes."""
    RIDER = "rider"
    """The recorder steers it along its `route`, also where the Traffic Manager does not drive: bicycle lanes,
    or a lane against its direction."""
    PARKED = "parked"
    """Nobody: it stands with its brake on."""
    TRACK = "track"
    """Nobody: it is where its `track` says, without physics, while the track lasts."""


class Deed(StrEnum):
    """What a vehicle is told to do at a moment."""

    STOP = "stop"
    """Stand where it is, with hazard lights."""
    GO = "go"
    """Drive on after a stop."""
    LANE_LEFT = "lane_left"
    LANE_RIGHT = "lane_right"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A deed and when it is due: at a time, or when the ego is near, whichever is said."""

    deed: Deed
    at_s: float | None = None
    """Since the scene's beginning, warm-up included."""
    ego_within_m: float | None = None
    """Due once, when the ego is no farther than this behind it (in the order's lane or one beside)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VehiclePlan:
    """One vehicle of the traffic."""

    blueprint: str
    color_rgb: tuple[int, int, int]
    start: PlacedPose
    speed_difference_percent: float
    """Below the speed limit when positive, as the Traffic Manager has it; not of riders with `cruise_mps`."""
    following_distance_m: float
    lane_changes: bool
    variant: int = 0
    """Which member of a family (`vehicle.drivegen.*`) it is; nothing to CARLA's own blueprints."""
    stand_in: str = ""
    """CARLA's blueprint for servers that lack the families; empty where `blueprint` is CARLA's."""
    drive: Drive = Drive.TRAFFIC_MANAGER
    roles: tuple[str, ...] = ()
    """What it is there for, in words of the generator that the manifest counts: red_light, wrong_way,
    illegal_stop, cut_in, convoy, emergency, parked, queue, delivery, ..."""
    route: tuple[tuple[float, float, float], ...] = ()
    """x, y, z of points on the ground along the way from its start; empty: the Traffic Manager chooses its
    turns. A rider without a next point stands, unless it leaves."""
    enters_s: float = 0.0
    """Since the scene's beginning, warm-up included; later than 0 it is spawned then, or as soon after as its
    place is free."""
    leaves: bool = False
    """Taken out of the world at the end of its route."""
    cruise_mps: float = 0.0
    """How fast a rider rides when nothing hinders it, whatever the limit of the lanes for cars is; 0: by
    `speed_difference_percent`."""
    lane_offset_m: float = 0.0
    """Kept to the left of the lane's middle (negative: to the right)."""
    ignores_lights_percent: float = 0.0
    """How likely it passes a red light, as the Traffic Manager has it; the same of the others below."""
    ignores_signs_percent: float = 0.0
    ignores_vehicles_percent: float = 0.0
    ignores_walkers_percent: float = 0.0
    keeps_right_percent: float = 0.0
    """How likely it moves to the right lane."""
    beacon: bool = False
    """Flashing lights and siren of emergency vehicles are on."""
    orders: tuple[Order, ...] = ()
    track: Track | None = field(default=None, metadata=LEFT_OUT)
    """Of `Drive.TRACK`, and of no other. What is told about driving has no effect then, `start` neither."""

    def __post_init__(self) -> None:
        if (self.drive is Drive.TRACK) != (self.track is not None):
            raise PlanError(
                f"{self.blueprint}: a vehicle with drive: track needs a track, and no other has one; its "
                f"drive is {self.drive}"
            )


class Begin(StrEnum):
    """When a walker that waits for it begins a crossing."""

    SIGNAL = "signal"
    """When the traffic that it cuts has red; without lights, in a gap."""
    GAP = "gap"
    """In a gap, whatever the lights say."""
    EGO = "ego"
    """When the ego will be there within `Crossing.ego_within_s`: a dart-out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing:
    """A stretch of a walk that leads over a carriageway."""

    first: int
    """Index of the waypoint at the kerb where the walker waits; the crossing ends at `first` + 1."""
    signal_ids: tuple[str, ...]
    """OpenDRIVE ids of the signals that hold the traffic which this crossing cuts; none if unsignalised."""
    begin: Begin = Begin.SIGNAL
    ego_within_s: float = 0.0
    """Of `Begin.EGO`."""
    speed_mps: float | None = None
    """While crossing; none: the walker's own."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkerPlan:
    """One pedestrian who follows waypoints and turns back at the last."""

    blueprint: str
    speed_mps: float
    waypoints: tuple[tuple[float, float, float], ...]
    """x, y, z on the ground; the walker starts at the first. None of walkers with a track."""
    crossings: tuple[Crossing, ...]
    variant: int = 0
    """Of a blueprint of drivegen's families: which member; others have none."""
    stand_in: str = ""
    """CARLA's blueprint for servers that lack the families; empty where `blueprint` is CARLA's."""
    roles: tuple[str, ...] = ()
    """What it is there for, in words that the manifest counts: jaywalking, dart_out, group, ..."""
    group: int | None = None
    """Walkers with the same number keep together."""
    half_widths_m: tuple[float, ...] = ()
    """How far from each leg (waypoint k to k + 1) the ground is walkable to either side, walls beyond. Empty:
    not known."""
    stays: bool = False
    """Stands at its last waypoint instead of turning back."""
    track: Track | None = field(default=None, metadata=LEFT_OUT)
    """It is where this says, with legs that move as fast as it does, while the track lasts. What is told
    about walking has no effect then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PropPlan:
    """A thing that is no vehicle and no walker; it has no label."""

    blueprint: str
    """static.prop.*"""
    track: Track
    """A thing that only lies there has two rows of one place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrafficDraw:
    """What a generator of vehicles draws for a scene."""

    ego: PlacedPose
    vehicles: tuple[VehiclePlan, ...]
    requested: dict[str, float] = field(default_factory=dict)
    """By name what was asked for, beside `vehicles`: roles, flows."""
    ego_track: Track | None = None
    """Where the ego follows one."""
    signals: tuple[SignalCourse, ...] = ()
    """Lights that the motion was drawn for; all others are left to the server."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WalkersDraw:
    """What a generator of pedestrians draws for a scene."""

    walkers: tuple[WalkerPlan, ...]
    requested: dict[str, float] = field(default_factory=dict)
    """By name what was asked for, beside `pedestrians`: roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EgoPlan:
    """The vehicle that carries the rig; driven by the Traffic Manager, or on a track."""

    blueprint: str
    color_rgb: tuple[int, int, int]
    start: PlacedPose
    speed_difference_percent: float
    rig: Rig
    errors: AgentErrors = field(default_factory=AgentErrors)
    track: Track | None = field(default=None, metadata=LEFT_OUT)
    """It lasts from the scene's beginning to its end."""
    variant: int | None = field(default=None, metadata=LEFT_OUT)
    """Which member of a family (`vehicle.drivegen.*`) it is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScenePlan:
    """All that determines a scene."""

    scene: str
    """Unique in the job, for example scene-0001."""
    seed: int
    tick_s: float
    warmup_s: float
    """Simulated before the first recorded frame."""
    duration_s: float
    keyframe_s: float
    """Time between keyframes."""
    label_range_m: float
    """Objects whose centre is within this distance of the ego are annotated."""
    map: MapPlan
    weather: WeatherPlan
    ego: EgoPlan
    vehicles: tuple[VehiclePlan, ...]
    walkers: tuple[WalkerPlan, ...]
    requested: dict[str, float]
    """What the configuration asked for by name (vehicles, pedestrians), also where the plan holds less."""
    degradation: Degradation = field(default_factory=Degradation)
    """What weather does to LiDAR and radar."""
    levels: dict[str, str] = field(default_factory=dict)
    """Level by factor, where the job covers factors."""
    connected: tuple[ConnectedVehicle, ...] = ()
    """Agents among `vehicles`; agents' names are unique in a scene."""
    roadside: tuple[RoadsideUnit, ...] = ()
    v2x: V2xPlan | None = None
    """What agents tell one another; none: nobody talks."""
    props: tuple[PropPlan, ...] = field(default=(), metadata=LEFT_OUT)
    signals: tuple[SignalCourse, ...] = field(default=(), metadata=LEFT_OUT)
    """Traffic lights that show what this says, whatever the server's own controllers would do; all others
    are left to those."""

    @property
    def other_agents(self) -> tuple[ConnectedVehicle | RoadsideUnit, ...]:
        """All but the ego: connected vehicles, then roadside units."""
        return (*self.connected, *self.roadside)

    @property
    def rigs(self) -> dict[str, Rig]:
        """By agent: the ego first, then connected vehicles, then roadside units.

        Raises PlanError for a name that an agent cannot have, or that two have.
        """
        found = {EGO: self.ego.rig}
        for agent in self.other_agents:
            check_agent_name(agent.name)
            if agent.name in found:
                raise PlanError(f"{self.scene}: two agents are called {agent.name}")
            found[agent.name] = agent.rig
        return found

    @property
    def agent_errors(self) -> dict[str, AgentErrors]:
        """What each agent gets wrong, in the order of `rigs`."""
        return {EGO: self.ego.errors, **{agent.name: agent.errors for agent in self.other_agents}}

    def to_json(self) -> str:
        """Canonical JSON: sorted keys, shortest floats; equal plans give equal text.

        One line for each value, and for each vehicle and walker: the quick encoder knows no indents.
        """
        lines = [f"{_line(key)}: {_lines(value)}" for key, value in sorted(to_shallow(self).items())]
        return "{\n" + ",\n".join(lines) + "\n}\n"

    @staticmethod
    def from_json(text: str) -> ScenePlan:
        """The inverse of `to_json`. Raises PlanError with the place of what is wrong."""
        try:
            data: Any = json.loads(text)
        except json.JSONDecodeError as error:
            raise PlanError(f"a scene plan is not JSON: {error}") from None
        return from_plain(ScenePlan, data)

    @property
    def sha256(self) -> str:
        """Of the canonical JSON."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()


def _lines(value: Any) -> str:
    """JSON of a value; of a list, an element a line."""
    if not isinstance(value, tuple) or not value:
        return _line(value)
    return "[\n" + ",\n".join(map(_line, value)) + "\n]"


_line = json.JSONEncoder(sort_keys=True, ensure_ascii=False, check_circular=False, default=to_shallow).encode
