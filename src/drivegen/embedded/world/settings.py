"""How time passes in an episode."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """CARLA's episode settings with its defaults, in the order of the wire struct."""

    synchronous: bool = False
    """Time stands until a client ticks."""
    no_rendering: bool = False
    """Cameras deliver nothing."""
    fixed_delta_s: float | None = None
    """Length of a step; none for the time that has really passed (free-running only)."""
    substepping: bool = True
    max_substep_delta_s: float = 0.01
    max_substeps: int = 10
    max_culling_distance_m: float = 0.0
    deterministic_ragdolls: bool = True
    tile_stream_distance_m: float = 3000.0
    actor_active_distance_m: float = 2000.0
    spectator_as_ego: bool = True


DEFAULT_STEP_S = 0.05
"""A synchronous step without a fixed length is this long; CARLA takes the time that really passed, which no
two runs would agree on.
"""
