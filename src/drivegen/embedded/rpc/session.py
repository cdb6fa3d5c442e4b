"""What a call can reach."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from drivegen.core.geometry import Vec3
from drivegen.embedded.playback import Playback
from drivegen.embedded.raycast.segment import SegmentHits
from drivegen.embedded.wire.values import EndPoint
from drivegen.embedded.world.maps import LoadedMap
from drivegen.embedded.world.scenery import Scenery
from drivegen.embedded.world.settings import Settings
from drivegen.embedded.world.world import World

EPISODE_STREAM = 1
"""Id of the stream of snapshots."""


class Simulation(Protocol):
    """What runs the world: `drivegen.embedded.server.simulation.Simulation`."""

    @property
    def world(self) -> World:
        """The world."""
        ...

    @property
    def stream_port(self) -> int:
        """Where streams are served."""
        ...

    @property
    def scenery(self) -> Scenery:
        """What stands on the map."""
        ...

    @property
    def playback(self) -> Playback:
        """Recorder and replayer."""
        ...

    def meet(self, start_m: Vec3, end_m: Vec3) -> SegmentHits:
        """Everything between two points of the world, nearest first."""
        ...

    def tick(self) -> int:
        """Makes one synchronous step with all its data; the new frame."""
        ...

    def apply_settings(self, settings: Settings) -> None:
        """Changes how time passes."""
        ...

    def load(self, new_map: LoadedMap, reset_settings: bool, layers: int = ...) -> None:
        """Begins an episode on a map with some of its layers."""
        ...

    def open_stream(self, stream_id: int) -> None:
        """Lets clients subscribe."""
        ...

    def close_stream(self, stream_id: int) -> None:
        """Ends a stream."""
        ...

    def has_stream(self, stream_id: int) -> bool:
        """Whether a stream is open."""
        ...

    def promise_stream(self, stream_id: int, owner: object) -> None:
        """A client is about to subscribe."""
        ...

    def await_readers(self, stream_id: int) -> None:
        """Waits until clients that are about to subscribe have done so."""
        ...

    def warn(self, text: str) -> None:
        """Says something in the log, once."""
        ...


@dataclass(slots=True, kw_only=True, eq=False)
class Session:
    """One client's view of the server."""

    simulation: Simulation
    owner: object
    """The connection; tells clients apart."""
    traffic_managers: dict[int, EndPoint] = field(default_factory=dict)
    """Running Traffic Managers by port; one table for all sessions."""

    @property
    def world(self) -> World:
        """The world."""
        return self.simulation.world
