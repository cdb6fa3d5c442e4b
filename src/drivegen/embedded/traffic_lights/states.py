"""What a light shows."""

from enum import IntEnum


class LightState(IntEnum):
    """CARLA's TrafficLightState."""

    RED = 0
    YELLOW = 1
    GREEN = 2
    OFF = 3
    UNKNOWN = 4
