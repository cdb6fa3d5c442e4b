"""Scenery: what stands beside the road."""

from drivegen.embedded.assets.scenery.build import build_scenery
from drivegen.embedded.assets.scenery.composer import Scenery, SceneryObject
from drivegen.embedded.assets.scenery.layers import ALL_LAYERS, LAMP_POST, MapLayer
from drivegen.embedded.assets.scenery.plot import PlotPlan, PlotStock, build_plot, make_plot_stock

__all__ = [
    "ALL_LAYERS",
    "LAMP_POST",
    "MapLayer",
    "PlotPlan",
    "PlotStock",
    "Scenery",
    "SceneryObject",
    "build_plot",
    "build_scenery",
    "make_plot_stock",
]
