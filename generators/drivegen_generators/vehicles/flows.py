"""Flows of traffic: how many vehicles an hour, at what time of the day, and when each arrives."""

from __future__ import annotations

import math

import numpy as np

HOURLY: tuple[float, ...] = (
    0.16, 0.10, 0.07, 0.06, 0.08, 0.18, 0.45, 0.88, 1.00, 0.86, 0.76, 0.74,
    0.68, 0.70, 0.74, 0.78, 0.86, 0.98, 0.96, 0.78, 0.62, 0.52, 0.40, 0.26,
)  # fmt: skip
"""Share of the flow of the busiest hour by hour of a workday, from 0 to 1 o'clock on: peaks from 7 to 9 and
from 17 to 19. This project's own choice, not a count."""

LEAST_HEADWAY_S = 1.9
"""Between two vehicles in a lane: a choice, which leaves a lane about 1,800 vehicles an hour."""

_FULLEST = 0.95
"""Of what the least headway allows; more is asked in vain."""


def factor(profile: tuple[float, ...], hour: float) -> float:
    """The profile at a local time; the values hold in the middle of each hour, straight lines between."""
    at = (hour - 0.5) % 24.0
    first = int(at) % 24
    share = at - math.floor(at)
    return profile[first] + share * (profile[(first + 1) % 24] - profile[first])


def arrivals_s(rng: np.random.Generator, per_hour: float, from_s: float, to_s: float) -> list[float]:
    """Times at which vehicles pass the beginning of a lane, ascending.

    Headways are exponential beyond the least one (shifted exponential; Cowan's M2 in Useful headway models,
    Transportation Research 9, 1975). A flow that they do not allow becomes the largest that they do.
    """
    if per_hour <= 0.0:
        return []
    mean = max(3600.0 / per_hour, LEAST_HEADWAY_S / _FULLEST)
    beyond = mean - LEAST_HEADWAY_S
    count = int((to_s - from_s) / mean * 1.5) + 8
    times: list[float] = []
    at = from_s + float(rng.exponential(mean)) - LEAST_HEADWAY_S
    while at < to_s:
        headways = LEAST_HEADWAY_S + rng.exponential(beyond, count)
        for headway in headways.tolist():
            at += headway
            if at >= to_s:
                break
            if at >= from_s:
                times.append(at)
    return times
