"""Agents' clocks: what they show, and what time it was when they showed it."""

from __future__ import annotations

from drivegen.core.agents import Clock
from drivegen.v2x.draws import Draws, name_key

_PPM = 1e-6


class AgentClock:
    """The clock of one agent through a scene."""

    def __init__(self, seed: int, agent: str, clock: Clock, first_ns: int) -> None:
        """`first_ns`: simulation time of the first recorded frame, where the offset holds."""
        self._clock = clock
        self._first_ns = first_ns
        self._jitter = Draws(seed, "clock", agent)

    def stamp_ns(self, time_ns: int, reader: str = "") -> int:
        """What it shows at a time. Each reader (a channel, a kind of message) meets a jitter of its own."""
        clock = self._clock
        stamp = self.smooth_ns(time_ns)
        if clock.jitter_ns:
            stamp += round(clock.jitter_ns * self._jitter.normal(time_ns, name_key(reader)))
        return stamp

    def smooth_ns(self, time_ns: int) -> int:
        """What it would show without jitter."""
        drift = self._clock.drift_ppm * _PPM * (time_ns - self._first_ns)
        return time_ns + self._clock.offset_ns + round(drift)

    def time_ns(self, stamp_ns: int) -> int:
        """Simulation time of a stamp, but for its jitter and a rounding of one nanosecond."""
        elapsed = (stamp_ns - self._first_ns - self._clock.offset_ns) / (1.0 + self._clock.drift_ppm * _PPM)
        return self._first_ns + round(elapsed)
