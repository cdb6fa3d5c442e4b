"""On streets with grades buildings stand with their whole foundation in the ground."""

import numpy as np

from drivegen.core.rng import derive_rng
from drivegen.core.tags import Tag
from drivegen.embedded.assets.scenery import frontage
from drivegen.embedded.assets.scenery.composer import Composer
from drivegen.embedded.assets.scenery.site import Site
from drivegen.embedded.assets.scenery.ways import frontage_lines
from drivegen.embedded.mesh import MeshLibrary
from drivegen.opendrive.evaluate import NetworkGeometry
from drivegen.opendrive.ground import Ground
from drivegen.opendrive.surfaces import mesh_network
from drivegen_generators.roads.unsignalised import UnsignalisedJunction

FLOATS_M = 0.02


def test_no_building_floats_on_a_slope() -> None:
    form = UnsignalisedJunction(grade_percent=[-6.0, -6.0], arm_length_m=[180.0, 200.0], arms=3)
    network = form.generate(derive_rng(1, "map"), "slope")
    surfaces = mesh_network(network)
    ground = Ground(network, surfaces)
    library = MeshLibrary()
    composer = Composer(library)
    rng = derive_rng(1, "buildings")
    lines = frontage_lines(network, NetworkGeometry(network))
    frontage.add_rows(composer, Site(surfaces), ground, lines, frontage.make_stock(library, rng), rng)
    steepest = 0.0
    drawables = composer.scenery().drawables
    for piece in composer.objects:
        assert piece.tag is Tag.BUILDING
        mesh = library.meshes[drawables.mesh_index[piece.row]]
        points = mesh.positions_m.astype(float)
        foot = points[points[:, 2] < points[:, 2].min() + 0.05]
        at = foot @ piece.pose.matrix[:3, :3].T + piece.pose.position_m
        height = ground.height(at[:, :2])[0]
        assert (at[:, 2] - height).max() < FLOATS_M, piece.name
        steepest = max(steepest, float(np.ptp(height)))
    assert steepest > 1.0
