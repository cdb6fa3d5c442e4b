"""Street lights: which are on, how bright, in what colour; and which clients have yet to hear of a change."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from drivegen.embedded.assets.scenery import SceneryObject

LAMPS_ON_BELOW_DEG = 3.0
"""Sun's altitude; street lamps are switched around sunset."""
STREET_GROUP = 2
"""CARLA's LightGroup.Street."""
DEFAULT_INTENSITY = 5000.0
"""Lumens, as CARLA counts intensity: a usual LED street light; a lamp of it is drawn as it was made."""
DEFAULT_COLOR = (255, 238, 206)
"""sRGB of the light that the renderer gives a lamp as it was made: warm white."""
MOST_ANNOUNCEMENTS = 50
"""Snapshots that ask clients to look again after a change. A client that has gone deaf must not keep all
others asking for ever."""


@dataclass(slots=True, kw_only=True, eq=False)
class StreetLight:
    """One lamp post."""

    piece: SceneryObject
    head_m: Float64[np.ndarray, "3"]
    """Middle of the lens on its longer arm, in the map frame."""
    intensity: float = DEFAULT_INTENSITY
    color: tuple[int, int, int] = DEFAULT_COLOR
    group: int = STREET_GROUP
    active: bool = False


class StreetLights:
    """All lamps of an episode, known once `install` was called; the sun rules them until told not to."""

    def __init__(self) -> None:
        self.revision = 0
        """Grows whenever a lamp may look different."""
        self._lights: dict[int, StreetLight] = {}
        self._follows_sun = True
        self._dark = False
        self._on = False
        """How all lamps were last switched together."""
        self._clients: dict[object, bool] = {}
        self._announcements = 0

    def __iter__(self) -> Iterator[StreetLight]:
        return iter(self._lights.values())

    def install(self, lights: Sequence[StreetLight]) -> None:
        """The map's lamps, in their order; their ids are those of their pieces."""
        self._lights = {light.piece.id: light for light in lights}
        self._switch_all(self._dark)

    def add(self, lights: Sequence[StreetLight]) -> list[StreetLight]:
        """Lamps of a tile that has come: new ones, and those that were there before as they were left."""
        for light in lights:
            if light.piece.id not in self._lights:
                light.active = self._on
                self._lights[light.piece.id] = light
        self.revision += 1
        return [self._lights[light.piece.id] for light in lights]

    def follow(self, sun_altitude_deg: float) -> None:
        """Switches all lamps when the sun has passed `LAMPS_ON_BELOW_DEG` since the last call.

        Between two such moments every lamp stays as clients set it.
        """
        dark = sun_altitude_deg < LAMPS_ON_BELOW_DEG
        if dark != self._dark:
            self._dark = dark
            if self._follows_sun:
                self._switch_all(dark)
                self.changed_by(None)

    def set_day_night_cycle(self, follows: bool) -> None:
        """Whether the sun switches the lamps; when it begins to, it does so at once."""
        if follows and not self._follows_sun:
            self._switch_all(self._dark)
            self.changed_by(None)
        self._follows_sun = follows

    def _switch_all(self, on: bool) -> None:
        self._on = on
        for light in self._lights.values():
            light.active = on
        self.revision += 1

    def set(
        self, light_id: int, intensity: float, color: tuple[int, int, int], group: int, active: bool
    ) -> None:
        """Sets all of one lamp; an unknown id is passed over, as CARLA does."""
        light = self._lights.get(light_id)
        if light is not None:
            light.intensity, light.color, light.group, light.active = intensity, color, group, active
            self.revision += 1

    # -- who knows ----------------------------------------------------------------------------------------

    def told(self, client: object) -> None:
        """A client has just been told all lamps."""
        self._clients[client] = False

    def changed_by(self, client: object | None) -> None:
        """Everybody but this client has to look again."""
        for other in self._clients:
            if other is not client:
                self._clients[other] = True
        self._announcements = MOST_ANNOUNCEMENTS

    def forget(self, client: object) -> None:
        """A client has gone, or no longer cares."""
        self._clients.pop(client, None)

    def announce(self) -> bool:
        """Whether the snapshot that is being made should ask clients to look again; call once for each."""
        if self._announcements == 0 or not any(self._clients.values()):
            return False
        self._announcements -= 1
        return True
