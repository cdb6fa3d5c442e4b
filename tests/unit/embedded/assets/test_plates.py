from __future__ import annotations

import numpy as np
import pytest

from drivegen.core.tags import Tag
from drivegen.embedded.assets.sculpt import Sculpture
from drivegen.embedded.assets.vehicles.plates import SIZE_M, PlateForm, add_plate, invented_number, plate_at
from drivegen.embedded.mesh import Material

from .meshes import check_mesh

MOST_TRIANGLES = 300


@pytest.mark.parametrize("form", PlateForm)
def test_numbers_have_their_form_and_cannot_exist(form):
    numbers = [invented_number(form, "car", k).text for k in range(200)]
    assert len(set(numbers)) > 190
    length = 8 if form in (PlateForm.GREEN, PlateForm.YELLOW_GREEN) else 7
    for text in numbers:
        assert len(text) == length and text[0] == "京"
        # GA 36-2007, 5.9.1: no serial holds I or O.
        assert set("IO") & set(text[2:]), text
    assert numbers == [invented_number(form, "car", k).text for k in range(200)]


@pytest.mark.parametrize("form", PlateForm)
def test_plates_are_of_the_standards_size_and_cheap(form):
    for k in range(20):
        out = Sculpture()
        add_plate(out, invented_number(form, k), np.eye(4), Tag.CAR, frame=False)
        mesh = out.mesh("plate")
        check_mesh(mesh)
        assert len(mesh.triangles) <= MOST_TRIANGLES
        assert np.all(mesh.materials == Material.PLATE)
        assert np.ptp(mesh.positions_m[:, 1]) == pytest.approx(SIZE_M[form][0], abs=1e-6)
        assert np.ptp(mesh.positions_m[:, 2]) == pytest.approx(SIZE_M[form][1], abs=1e-6)


@pytest.mark.parametrize("front", [True, False])
def test_plates_read_from_left_to_right_for_who_stands_before_them(front):
    """The character of the province is on the reader's left."""
    out = Sculpture()
    add_plate(
        out, invented_number(PlateForm.POLICE, 3), plate_at(1.0 if front else -1.0, 0.5, front=front), Tag.CAR
    )
    mesh = out.mesh("plate")
    last = mesh.positions_m[mesh.colors[:, 0].astype(int) - mesh.colors[:, 2] > 120]
    assert len(last), "the red character at the end is missing"
    # Before the nose the reader looks along -x: to the reader's right lies +y.
    assert np.all(last[:, 1] > 0.1) if front else np.all(last[:, 1] < -0.1)
    faces = mesh.normals[mesh.materials == Material.PLATE, 0]
    assert np.all(faces > 0.9) if front else np.all(faces < -0.9)


def test_letters_lie_on_the_ground_of_their_colour():
    """Ink and ground differ enough to be read."""
    for form in PlateForm:
        out = Sculpture()
        add_plate(out, invented_number(form, 1), np.eye(4), Tag.CAR, frame=False)
        mesh = out.mesh("plate")
        ink = mesh.colors[mesh.positions_m[:, 0] > 0.001].astype(int).mean(axis=0)
        ground = mesh.colors[mesh.positions_m[:, 0] < 0.001].astype(int).mean(axis=0)
        assert np.abs(ink - ground).max() > 90, form
