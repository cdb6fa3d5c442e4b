"""Vehicles' doors in time: a door takes a second to swing, whatever the step."""

from __future__ import annotations

from dataclasses import dataclass

from drivegen.embedded.assets.vehicles.doors import DOORS, Door

SWING_S = 1.0
"""Simulated time that a door takes from shut to open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Swing:
    """What a door was told last. Where it is follows from the time, so that nothing needs a step."""

    opens: bool
    since_s: float
    """Simulated time of the command."""
    from_share: float
    """How far it was open then."""

    def share(self, now_s: float) -> float:
        """How far it is open: 0 shut, 1 open, moving evenly between."""
        way = (now_s - self.since_s) / SWING_S * (1.0 if self.opens else -1.0)
        return min(max(self.from_share + way, 0.0), 1.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorStates:
    """A vehicle's doors, in the order of `DOORS`; none for one that was never told anything."""

    swings: tuple[Swing | None, ...] = (None,) * len(DOORS)

    def told(self, door: Door, *, opens: bool, now_s: float) -> DoorStates:
        """After a command to one door or to all."""
        shares = self.shares(now_s)
        return DoorStates(
            swings=tuple(
                Swing(opens=opens, since_s=now_s, from_share=share) if door in (each, Door.ALL) else swing
                for each, swing, share in zip(DOORS, self.swings, shares, strict=True)
            )
        )

    def shares(self, now_s: float) -> tuple[float, ...]:
        """How far each door is open."""
        return tuple(0.0 if swing is None else swing.share(now_s) for swing in self.swings)
