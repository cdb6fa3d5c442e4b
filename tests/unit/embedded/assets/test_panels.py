"""Faces of signs: cut without overlap, and each read for itself at 30 m."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely

from drivegen.core.errors import RenderError
from drivegen.core.weather import Weather
from drivegen.embedded.assets.panels import panel_of
from drivegen.embedded.assets.panels.boards import BOARDS
from drivegen.embedded.assets.panels.panel import pieces_of, triangles_of
from drivegen.embedded.assets.panels.strokes import STROKES, writable
from drivegen.embedded.assets.signs import make_sign
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.mesh import MeshLibrary
from drivegen.embedded.renderer.renderer import Renderer
from drivegen.embedded.renderer.views import CameraView, Output
from drivegen.opendrive.sign_faces import NUMBERED, SignFace

DISTANCE_M = 30.0
FOCAL_PX = 640.0
"""Of a camera of 1280 x 720 pixels and 90 degrees; drawn is only the part about the sign."""
TEXTS = {
    SignFace.SPEED_LIMIT: "60",
    SignFace.SPEED_LIMIT_END: "60",
    SignFace.MIN_SPEED: "60",
    SignFace.WIDTH_LIMIT: "3.2",
    SignFace.HEIGHT_LIMIT: "4.5",
    SignFace.WEIGHT_LIMIT: "10",
    SignFace.LANES: "l s sr",
    SignFace.STREET: "荣华路|北 N",
    SignFace.DIRECTIONS: "科创街|荣华路|经海路",
    SignFace.EXPRESSWAY: "科创街|荣华路|经海路",
    SignFace.TOURIST: "公园",
}
NOON = Weather(sun_altitude_deg=60.0, sun_azimuth_deg=150.0)
AFTERNOON = Weather(sun_altitude_deg=28.0, sun_azimuth_deg=40.0, cloudiness=60.0)


@pytest.mark.parametrize("face", list(SignFace))
def test_areas_fill_the_plate_and_do_not_overlap(face):
    panel = panel_of(face, TEXTS.get(face, ""))
    areas = [area for area, _ in pieces_of(panel)]
    total = sum(area.area for area in areas)
    assert total == pytest.approx(panel.outline.area, rel=2e-3)
    assert shapely.union_all(areas).area == pytest.approx(total, rel=4e-4)
    for area in areas:
        corners = triangles_of(area)
        a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
        doubled = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]
        assert np.all(doubled > 0), "counter-clockwise"
        assert doubled.sum() / 2 == pytest.approx(area.area, rel=1e-3, abs=1e-6)


def test_texts_are_written_or_left_out():
    assert writable("荣华路7") == "荣华路7" and writable("荣é路") == "荣路"
    for character, strokes in STROKES.items():
        points = np.array([p for stroke in strokes for p in stroke]).reshape(-1, 2)
        assert np.all(points >= -1.0) and np.all(points <= 101.0), character
        assert (len(strokes) > 0) == (character != " ")
    same = {tuple(s) for s in STROKES.values()}
    assert len(same) == len(STROKES)


@pytest.mark.parametrize("face", list(SignFace))
@pytest.mark.parametrize("text", ["", "|||", " ", "é", "9" * 5000, "荣" * 3000, "l " * 4000])
def test_whatever_a_map_writes_there_is_a_plate(face, text):
    panel = panel_of(face, text)
    width, height = panel.size_m
    assert 0.5 < width < 20.0 and 0.4 < height < 3.0
    assert len(triangles_of(panel.outline))


def pictures(renderer, made, size: int, aside_m: float, weather: Weather) -> np.ndarray:
    """Each sign alone at 30 m, as it is seen from some way aside, (n, size, size, 3), mean 0, norm 1."""
    out = []
    for asset in made:
        middle = asset.plate.pose.position_m
        eye = np.array([DISTANCE_M, aside_m, 1.6])
        ahead = middle - eye
        ahead /= np.linalg.norm(ahead)
        left = np.cross([0.0, 0.0, 1.0], ahead)
        left /= np.linalg.norm(left)
        pose = np.eye(4)
        pose[:3, :3] = np.stack([ahead, left, np.cross(ahead, left)], axis=1)
        pose[:3, 3] = eye
        fov = math.degrees(2 * math.atan(size / 2 / FOCAL_PX))
        view = CameraView(width_px=size, height_px=size, fov_deg=fov, world_camera=pose)
        scene: Drawables = asset.place(np.eye(4), 7)
        (seen,) = renderer.render([view], scene, weather, {Output.COLOR})
        picture = np.asarray(seen.bgra)[..., :3].astype(np.float64)
        picture -= picture.mean()
        out.append(picture / np.linalg.norm(picture))
    return np.stack(out)


def likeness(signs, size: int) -> np.ndarray:
    """How alike each sign on an afternoon from aside is to each at noon from ahead, (n, n)."""
    library = MeshLibrary()
    made = [make_sign(library, face, text) for face, text in signs]
    try:
        renderer = Renderer(library)
    except RenderError as error:
        pytest.skip(f"no renderer here: {error}")
    known = pictures(renderer, made, size, 0.0, NOON)
    seen = pictures(renderer, made, size, 1.0, AFTERNOON)
    renderer.close()
    flat_known, flat_seen = known.reshape(len(known), -1), seen.reshape(len(seen), -1)
    best = flat_seen @ flat_known.T
    # The eye finds the sign in the picture by itself: try shifts by a pixel.
    for dx in (-1, 0, 1):
        for dy in (-1, 0, 1):
            moved = np.roll(seen, (dy, dx), axis=(1, 2)).reshape(len(seen), -1)
            best = np.maximum(best, moved @ flat_known.T)
    return best


@pytest.mark.parametrize(("faces", "size"), [(set(SignFace) - set(BOARDS), 40), (set(BOARDS), 160)])
def test_each_face_is_known_again_at_thirty_metres(faces, size):
    signs = [(face, TEXTS.get(face, "")) for face in sorted(faces)]
    found = likeness(signs, size).argmax(axis=1)
    wrong = [(signs[k][0].value, signs[int(j)][0].value) for k, j in enumerate(found) if k != j]
    assert wrong == []


def test_numbers_are_read_at_thirty_metres():
    signs = [(SignFace.SPEED_LIMIT, str(v)) for v in (5, 20, 30, 40, 50, 60, 70, 80, 100, 120)]
    signs += [(SignFace.SPEED_LIMIT_END, str(v)) for v in (30, 40, 60, 80)]
    signs += [(SignFace.HEIGHT_LIMIT, v) for v in ("3.5", "4.2", "4.5")]
    found = likeness(signs, 40).argmax(axis=1)
    assert [signs[int(j)] for j in found] == signs
    assert {face for face, _ in signs} <= NUMBERED
