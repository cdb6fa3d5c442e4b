"""Traffic lights and signs with the lanes they govern."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from drivegen.core.geometry import Pose, Vec3
from drivegen.opendrive.model import RoadNetwork


class SignKind(StrEnum):
    """Signs that CARLA knows."""

    STOP = "stop"
    YIELD = "yield"
    SPEED = "speed"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StopLine:
    """Where one lane's traffic waits for a signal."""

    road_id: int
    lane_id: int
    s_m: float
    start_m: Vec3
    """Left end as the traffic sees it."""
    end_m: Vec3
    """Right end."""
    heading_rad: float
    """Direction of travel."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SignalHead:
    """One traffic light."""

    index: int
    """Place in the list, in the order of the file: stable for equal files."""
    signal_id: str
    """OpenDRIVE's id."""
    pose: Pose
    """Centre of the head; x points at the traffic that shall see it."""
    controller_id: str | None
    junction_id: int | None
    sequence: int
    """Place of the controller in the junction's cycle; 0 where there is none."""
    stop_lines: tuple[StopLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadSign:
    """A stop, yield, speed or other sign."""

    index: int
    signal_id: str
    kind: SignKind
    type: str
    value: float | None
    """Speed limit in m/s for SPEED, else the file's value."""
    pose: Pose
    """Centre of the plate; x points at the traffic that shall see it."""
    stop_lines: tuple[StopLine, ...]


def signal_heads(network: RoadNetwork) -> tuple[SignalHead, ...]:
    """All traffic lights (OpenDRIVE types that CARLA takes for lights), in the order of the file."""
    raise NotImplementedError


def road_signs(network: RoadNetwork) -> tuple[RoadSign, ...]:
    """All other signals, in the order of the file."""
    raise NotImplementedError
