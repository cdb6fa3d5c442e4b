from __future__ import annotations

import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.tags import Tag
from drivegen.embedded.assets.props import make_prop
from drivegen.embedded.assets.props.forms import FAMILIES
from drivegen.embedded.mesh import MeshLibrary

from .meshes import PROPS, check_mesh, placed_points

LIBRARY = MeshLibrary()


@pytest.mark.parametrize("blueprint", PROPS, ids=[b.id[12:] for b in PROPS])
def test_props_fill_their_boxes(blueprint):
    asset = make_prop(LIBRARY, blueprint.id, blueprint.size_m)
    points = placed_points(LIBRARY, asset.place(np.eye(4), 5))
    size = np.array(blueprint.size_m)
    half = size / 2
    middle = points - (0.0, 0.0, half[2])
    assert np.all(np.abs(middle) <= half)
    assert np.allclose(np.ptp(points, axis=0), size, atol=0.02, rtol=0.0)
    check_mesh(LIBRARY.meshes[asset.mesh])
    assert set(LIBRARY.meshes[asset.mesh].tags) == {int(tag) for tag in blueprint.tags}
    assert blueprint.tags[0] in (Tag.STATIC, Tag.DYNAMIC, Tag.VEGETATION)


def test_every_prop_has_a_family_of_its_own():
    orphans = [
        b.id
        for b in PROPS
        if b.id != "static.prop.mesh"
        and not any(b.id.removeprefix("static.prop.").startswith(prefix) for prefix, _ in FAMILIES)
    ]
    assert orphans == []


def test_props_of_different_names_look_different():
    seen = {}
    for blueprint in PROPS:
        if blueprint.id == "static.prop.mesh":
            continue
        mesh = LIBRARY.meshes[make_prop(LIBRARY, blueprint.id, blueprint.size_m).mesh]
        key = (mesh.positions_m.tobytes(), mesh.colors.tobytes())
        seen.setdefault(key, []).append(blueprint.id.removeprefix("static.prop."))
    twins = sorted(names for names in seen.values() if len(names) > 1)
    assert twins == [["haybale", "haybalelb"], ["plantpot02", "plantpot03"]], "CARLA has these twice"


def test_what_is_no_prop_is_named():
    with pytest.raises(ConfigError, match=r"static\.thing"):
        make_prop(MeshLibrary(), "static.thing", (1.0, 1.0, 1.0))
