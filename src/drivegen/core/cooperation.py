"""What agents tell one another and the cloud: detections, messages on the air, the cloud's picture.

Times are simulation time in nanoseconds unless they are called stamps: a stamp is what the agent's own clock
showed. World frame: right-handed, metres, radians.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from drivegen.core.actors import ObjectClass
from drivegen.core.geometry import Box, Pose, Vec3

CLOUD = "cloud"
"""Name of the cloud among receivers."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Belief:
    """What an agent holds to be so in a frame; the truth stands beside it in `AgentFrame`."""

    stamp_ns: int
    """The agent's clock when the frame was taken."""
    channel_stamps_ns: dict[str, int]
    """The agent's clock by channel that delivered."""
    map_agent: Pose
    """Where its localisation puts it."""
    position_sigma_m: float
    """Horizontal standard deviation that the localisation claims."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Detection:
    """One object as one agent's perception has it: range, occlusion, noise, misses and false alarms."""

    detection_id: int
    """The agent's own number of the object; stays while the agent does not lose it."""
    track_id: int
    """Truth: the object's id in the capture; 0 for a false alarm. No agent knows it."""
    object_class: ObjectClass
    """As the agent took it."""
    box: Box
    """World frame, through the agent's belief of its pose and its mounts."""
    velocity_mps: Vec3
    """World frame."""
    score: float
    """0..1."""
    stamp_ns: int
    """The agent's clock when the sensor saw it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reception:
    """What became of a message at one receiver."""

    receiver: str
    """An agent's name, or `CLOUD`."""
    time_ns: int | None
    """When it was there; none if it never was."""
    cause: str = ""
    """Why it was lost, empty if it came: range, half_duplex (the receiver was sending), fading, congestion or
    network (on the way to the cloud)."""
    path: str = ""
    """los, nlos_vehicle or nlos_building by radio, network by wire."""


class MessageKind(StrEnum):
    """The frames of T/CSAE 53-2020 that are sent, and SSM of T/CSAE 157-2020."""

    BSM = "BSM"
    MAP = "MAP"
    SPAT = "SPAT"
    RSI = "RSI"
    RSM = "RSM"
    SSM = "SSM"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SentMessage:
    """A message and what became of it."""

    sender: str
    """Name of an agent."""
    number: int
    """Counts all messages of the capture from 0, by made time and sender."""
    kind: MessageKind
    made_ns: int
    """When its content was settled."""
    sent_ns: int
    """When its first bit was on the air."""
    payload: bytes
    """UPER."""
    decoded: dict[str, Any]
    """The same, field by field: what a decoder makes of `payload`; bit and octet strings as hex."""
    receptions: tuple[Reception, ...]
    """By receiver's name; all other agents, and the cloud where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """Traffic on one lane, as the cloud has it."""

    road_id: int
    lane_id: int
    flow_per_h: float
    """Vehicles that passed its middle in the last minute (or since the beginning), as an hourly rate."""
    speed_mps: float | None
    """Mean of the vehicles on it; none if there is nobody."""
    vehicles: int
    queue_m: float
    """From the stop line (the lane's end) to the tail of those that stand behind one another; 0 if nobody
    does."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CloudObject:
    """An object of the cloud's fused picture."""

    cloud_id: int
    track_id: int
    """Truth: of the source's detection; 0 for a false alarm. The cloud does not know it."""
    object_class: ObjectClass
    box: Box
    velocity_mps: Vec3
    sources: tuple[str, ...]
    """Agents whose data it was made from."""
    age_ns: int
    """Of the newest data in it, by simulation time."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class CloudPicture:
    """What the platform holds at a moment, from what had arrived by then."""

    time_ns: int
    objects: tuple[CloudObject, ...]
    signals: dict[str, str]
    """State by OpenDRIVE signal id, as last reported."""
    lanes: tuple[LaneState, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Exchange:
    """All cooperation of one frame."""

    detections: dict[str, tuple[Detection, ...]] = field(default_factory=dict)
    """By agent, of agents that perceived in this frame."""
    messages: tuple[SentMessage, ...] = ()
    """Those made since the frame before, up to this one."""
    cloud: CloudPicture | None = None
