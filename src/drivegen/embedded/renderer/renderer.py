"""Draws cameras: colour, depth, tags and object ids of a moment from one pass over the geometry."""

from __future__ import annotations

from collections.abc import Sequence, Set

from drivegen.core.weather import Weather
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.renderer.context import Backend, ContextInfo
from drivegen.embedded.renderer.views import CameraView, GBuffer, Output


class Renderer:
    """Owns a context; every call must come from the thread that made the renderer."""

    def __init__(self, library: MeshLibrary, backend: Backend = "auto") -> None:
        raise NotImplementedError

    @property
    def info(self) -> ContextInfo:
        """Which OpenGL draws, and why this one."""
        raise NotImplementedError

    def set_static(self, drawables: Drawables) -> None:
        """Takes over what stands still until the next call: the map's ground, buildings, trees, poles."""
        raise NotImplementedError

    def render(
        self, views: Sequence[CameraView], drawables: Drawables, weather: Weather, wanted: Set[Output]
    ) -> list[GBuffer]:
        """Draws every view of one moment.

        Args:
            views: cameras; views of one moment share the sun's shadows.
            drawables: what moves, and what stands still but changes its lights.
            weather: sky, sun, fog and wetness.
            wanted: the buffers that are read back.

        Returns:
            A G-buffer for each view, in order.

        Raises:
            RenderError: a drawable names a mesh that the library lacks, or a view is out of range.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Gives the context back."""
        raise NotImplementedError
