from __future__ import annotations

import math

import numpy as np
import pytest

from drivegen.core.tags import Tag
from drivegen.embedded.assets import forms
from drivegen.embedded.assets.sculpt import Finish, Sculpture
from drivegen.embedded.mesh import Material

from .meshes import check_mesh, is_closed, volume_m3

GREY = Finish((128, 128, 128), Material.MATTE, Tag.STATIC)
R, H = 0.5, 2.0
N = 32
POLYGON = 0.5 * N * math.sin(2 * math.pi / N)  # area of a regular N-gon in the unit circle

SHAPES = {
    "box": (forms.box((1.0, 2.0, 3.0)), 6.0),
    "lathe": (forms.lathe([(R, 0.0), (R, H)], N), POLYGON * R**2 * H),
    "cone": (forms.lathe([(R, 0.0), (0.0, H)], N), POLYGON * R**2 * H / 3),
    "rod": (forms.rod((1, 2, 3), (1, 2 + H, 3), R, N), POLYGON * R**2 * H),
    "icosphere": (forms.icosphere(3), 4 / 3 * math.pi),
    "ellipsoid": (forms.ellipsoid((1, 2, 0.5), sides=48, rows=24), 4 / 3 * math.pi),
    "torus": (forms.torus(2.0, 0.5, 64, 24), 2 * math.pi**2 * 2.0 * 0.25),
    "prism": (forms.prism([(1, 0), (0, 1), (-1, 0), (0, -1)], 0.0, 3.0), 6.0),
    "mirrored": (forms.mirrored_pair(forms.box((1, 1, 1), (0, 2, 0))), 2.0),
    "bevelled": (forms.box((1.0, 2.0, 3.0), bevel_m=0.001), 6.0),
}


@pytest.mark.parametrize("name", SHAPES)
def test_solids_are_closed_and_look_outward(name):
    shape, volume = SHAPES[name]
    out = Sculpture()
    out.add(shape, GREY)
    mesh = out.mesh(name)
    check_mesh(mesh)
    assert is_closed(mesh)
    assert volume_m3(mesh) == pytest.approx(volume, rel=0.02)


def test_round_is_smooth_and_edges_are_sharp():
    out = Sculpture()
    out.add(forms.lathe([(R, 0.0), (R, H)], N), GREY)
    mesh = out.mesh("drum")
    side = np.abs(mesh.normals[:, 2]) < 0.5
    expected = mesh.positions_m[side, :2] / R
    assert np.allclose(mesh.normals[side, :2], expected, atol=1e-2)
    assert np.allclose(np.abs(mesh.normals[~side, 2]), 1.0, atol=1e-4)


def test_a_part_has_one_look_a_face():
    shape = forms.box((1, 1, 1))
    red = Finish((255, 0, 0), Material.PAINT, Tag.CAR)
    out = Sculpture()
    out.add(shape, ((GREY, red), np.arange(12) % 2))
    mesh = out.mesh("two")
    first = mesh.triangles[:, 0]
    assert np.array_equal(mesh.materials[first], np.where(np.arange(12) % 2, Material.PAINT, Material.MATTE))
    check_mesh(mesh)


def test_scaling_turns_normals_with_the_surface():
    out = Sculpture()
    out.add(forms.icosphere(3), GREY)
    mesh = out.mesh("egg", scale=(1.0, 1.0, 3.0))
    expected = mesh.positions_m / (1.0, 1.0, 9.0)
    expected /= np.linalg.norm(expected, axis=1, keepdims=True)
    assert np.abs(mesh.normals - expected).max() < 0.06
