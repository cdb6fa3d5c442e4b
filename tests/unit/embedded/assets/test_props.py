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
    assert np.allclose(np.ptp(points, axis=0), size, atol=np.maximum(0.011, 0.0), rtol=0.11)
    check_mesh(LIBRARY.meshes[asset.mesh])
    assert set(LIBRARY.meshes[asset.mesh].tags) == {int(Tag.STATIC)}


def test_every_prop_has_a_family_of_its_own():
    orphans = [
        b.id
        for b in PROPS
        if b.id != "static.prop.mesh"
        and not any(b.id.removeprefix("static.prop.").startswith(prefix) for prefix, _ in FAMILIES)
    ]
    assert orphans == []


def test_what_is_no_prop_is_named():
    with pytest.raises(ConfigError, match=r"static\.thing"):
        make_prop(MeshLibrary(), "static.thing", (1.0, 1.0, 1.0))
