"""What a scene needs to know of a CARLA server, and how one is wanted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerOptions:
    """How a worker's servers are had; see `ServerConfig` for the words."""

    kind: str
    renderer: str
    gpu: int | None
    command: tuple[str, ...]
    join: str
    """host:port; empty: servers are started."""
    start_timeout_s: float
    stop_timeout_s: float
    call_timeout_s: float
    restart_after_scenes: int
    memory_limit_mb: float


class Server(Protocol):
    """A CARLA server that answers."""

    host: str
    port: int

    @property
    def peak_memory_mb(self) -> float:
        """Greatest resident size so far; 0 where it cannot be known."""

    @property
    def account(self) -> dict[str, float]:
        """What it said of itself at its end; empty of servers that say nothing."""

    def close(self) -> None:
        """Ends it, if it was started here."""
