"""Stamps as messages carry them: milliseconds within the minute of the sender's clock."""

from __future__ import annotations

from drivegen.core.rng import derive_seed

_MINUTE_MS = 60_000


def second_of(stamp_ns: int) -> float:
    """Seconds within the minute, cut to whole milliseconds."""
    return (stamp_ns // 1_000_000) % _MINUTE_MS / 1000.0


def stamp_near(second_s: float, near_ns: int) -> int:
    """The stamp within half a minute of `near_ns` that has this second of the minute, nanoseconds."""
    wanted = round(second_s * 1000.0)
    near_ms = near_ns // 1_000_000
    ahead = (wanted - near_ms + _MINUTE_MS // 2) % _MINUTE_MS - _MINUTE_MS // 2
    return (near_ms + ahead) * 1_000_000


def identity_of(agent: str, scene: str = "") -> bytes:
    """The eight bytes by which an agent goes on the air; the same in all its messages of a scene."""
    return derive_seed("v2x identity", scene, agent).to_bytes(8, "big")
