"""What is laid over the colour and leaves no label: contact shadows, spray, rain."""

from __future__ import annotations

from collections.abc import Sequence

import moderngl
import numpy as np

from drivegen.embedded.drawables import Drawables
from drivegen.embedded.renderer.contacts import (
    MOST_CONTACTS,
    Contacts,
    contacts_of,
    ground_below,
    nearby,
    still_contacts,
)
from drivegen.embedded.renderer.light import Light
from drivegen.embedded.renderer.programs import Programs
from drivegen.embedded.renderer.rain import Rain
from drivegen.embedded.renderer.spray import Motions, Spray, puffs_of
from drivegen.embedded.renderer.store import GeometryStore
from drivegen.embedded.renderer.views import CameraView

EYE_HEIGHT_M = 1.6
"""Of a camera near which nothing stands."""


class Overlays:
    """Contact shadows, spray and rain of a moment."""

    def __init__(self, gl: moderngl.Context, programs: Programs, store: GeometryStore) -> None:
        self._store = store
        self._contacts = Contacts(gl, programs)
        self._spray = Spray(gl, programs)
        self._rain = Rain(gl, programs)
        self._still = still_contacts(store, Drawables.empty())
        self._near = self._still
        self._puffs = puffs_of(contacts_of(store, Drawables.empty())[0], Motions.none(), 0.0)
        self._rain_share = 0.0

    def set_static(self, drawables: Drawables) -> None:
        """Takes over what stands still."""
        self._still = still_contacts(self._store, drawables)

    def take(
        self,
        views: Sequence[CameraView],
        drawables: Drawables,
        light: Light,
        motions: Motions | None,
    ) -> None:
        """Takes over a moment.

        Args:
            views: The cameras; only still things near them darken the ground.
            drawables: What moves.
            light: Of the weather.
            motions: How fast actors move; without it there is no spray.
        """
        moving, ids = contacts_of(self._store, drawables)
        eyes = np.array([view.world_camera[:3, 3] for view in views]).reshape(-1, 3)
        still = nearby(self._still, eyes, MOST_CONTACTS - len(moving))
        self._near = np.concatenate([moving, still])
        self._contacts.take(self._near)
        self._rain_share = light.rain
        motions = (motions or Motions.none()).of(ids)
        self._puffs = puffs_of(moving, motions, light.wetness)

    def ground_m(self, view: CameraView) -> float:
        """Height of the ground near a camera of the moment: by what stands there, else as below a car's."""
        eye = view.world_camera[:3, 3]
        found = ground_below(self._near, eye)
        return float(eye[2]) - EYE_HEIGHT_M if found is None else found

    def draw(self) -> None:
        """Draws contact shadows; below the glow of lamps."""
        self._contacts.draw()

    def draw_water(self) -> None:
        """Draws spray and rain; above the glow of lamps."""
        self._spray.draw(self._puffs)
        self._rain.draw(self._rain_share)
