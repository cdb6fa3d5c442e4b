"""How agents perceive and talk: part of a scene plan, plain data. `drivegen.v2x` has the models' sources."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorPlan:
    """The detector model of an agent: what a well-trained detector would find, from the labels' evidence."""

    least_points: int = 5
    """LiDAR returns below which an object is not found by LiDAR."""
    least_pixels: int = 200
    """Visible pixels below which an object is not found by camera."""
    miss_rate: float = 0.03
    """Of objects with ample evidence; it grows as the evidence thins."""
    false_alarms: float = 0.2
    """Expected in a frame and agent."""
    position_sigma_m: float = 0.15
    """Of the box centre at 20 m, by LiDAR; it grows with range."""
    yaw_sigma_rad: float = 0.05
    speed_sigma_mps: float = 0.3
    size_sigma: float = 0.04
    """Relative."""
    latency_s: float = 0.06
    """From the sensor's data to the detections."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelPlan:
    """Direct radio between agents (PC5 at 5.9 GHz) and the line to the cloud."""

    power_dbm: float = 23.0
    range_m: float = 500.0
    """Nothing is received beyond."""
    latency_ms: float = 12.0
    """Median from sent to received by radio."""
    latency_spread: float = 0.35
    """Standard deviation of the logarithm of the latency."""
    shadowing: bool = True
    background_senders: int = 0
    """Radios in range beside the agents, for congestion."""
    cloud_latency_ms: float = 40.0
    """Median, by wire or 5G."""
    cloud_loss: float = 0.001


@dataclass(frozen=True, slots=True, kw_only=True)
class V2xPlan:
    """Cooperation in a scene."""

    rate_hz: float = 10.0
    """Of BSM, RSM, SSM; SPAT as well. MAP and RSI go out once a second."""
    detector: DetectorPlan = field(default_factory=DetectorPlan)
    channel: ChannelPlan = field(default_factory=ChannelPlan)
    cloud: bool = True
    """Whether there is a cloud that agents report to."""
