"""Faces of signs as flat coloured polygons: no texture, no font, the same at every distance."""

from drivegen.embedded.assets.panels.faces import panel_of
from drivegen.embedded.assets.panels.panel import Panel, add_panel

__all__ = ["Panel", "add_panel", "panel_of"]
