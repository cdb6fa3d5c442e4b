"""`drivegen serve`: the embedded server alone."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from drivegen.core.rng import derive_rng
from drivegen.embedded.server import ServeOptions, serve
from drivegen.embedded.world.tiles import Tiling
from drivegen.opendrive.writer import write_network
from drivegen.runtime import plugins


def run(arguments: argparse.Namespace) -> int:
    """Serves the map that was named, or a generated junction."""
    with tempfile.TemporaryDirectory(prefix="drivegen-") as folder:
        path = arguments.map
        if path is None:
            path = Path(folder) / "Yizhuang01.xodr"
            roads = plugins.make("generators.roads", "beijing_junction", {}, "map.plugin")
            path.write_text(
                write_network(roads.generate(derive_rng(0, "map", 0), "Yizhuang01")), encoding="utf-8"
            )
        return serve(
            ServeOptions(
                map_path=path,
                map_name=arguments.map_name,
                prepare_maps=arguments.prepare_maps,
                host=arguments.host,
                port=arguments.port,
                scenery_seed=arguments.scenery_seed,
                seed=arguments.seed,
                log_folder=arguments.log_folder,
                renderer=arguments.renderer,
                gpu=arguments.gpu,
                families=arguments.families,
                tiling=Tiling(most_roads=arguments.tiles_above, tile_m=arguments.tile_size),
                exit_with_parent=arguments.exit_with_parent,
            )
        )
