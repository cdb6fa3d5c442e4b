"""Debug figures: where they are in the picture, and that nothing else knows of them."""

from __future__ import annotations

import numpy as np
import pytest

from drivegen.core.weather import Weather
from drivegen.embedded.drawables import Drawables
from drivegen.embedded.renderer.debug import (
    LETTER,
    STROKE,
    DebugFigures,
    letter_sheet,
    letters_of,
    strokes_between,
)
from drivegen.embedded.renderer.views import CameraView, Output

from .stage import box_mesh, placed, pose

NIGHT, DAY = Weather(sun_altitude_deg=-60.0), Weather(sun_altitude_deg=60.0)
VIEW = CameraView(width_px=200, height_px=100, fov_deg=90.0, world_camera=np.eye(4), smooth=False)
"""Unsmoothed: lines are found by their very colour."""
MAGENTA = (255, 0, 255)
EVERY = {Output.COLOR, Output.DEPTH, Output.LABELS, Output.NORMAL}


def figures(strokes=None, over=None, letters=None) -> DebugFigures:
    empty = np.zeros(0, STROKE)
    return DebugFigures(
        strokes=empty if strokes is None else strokes,
        over=empty if over is None else over,
        letters=np.zeros(0, LETTER) if letters is None else letters,
    )


def stroke(begin, end, width, rgb=MAGENTA):
    return strokes_between(np.array([begin], float), np.array([end], float), width, rgb)


def colored(image, rgb=MAGENTA):
    return np.all(image.bgra[..., 2::-1] == rgb, axis=-1)


@pytest.mark.parametrize("weather", [DAY, NIGHT], ids=["day", "night"])
def test_a_line_is_where_it_is_as_wide_as_it_is(library, make_renderer, weather):
    renderer = make_renderer(library)
    # At 10 m a metre is 10 pixels (f = 100 px): 3 m to the left, 1 m thick, from 2 m below to 2 m above.
    line = stroke((10.0, 3.0, -2.0), (10.0, 3.0, 2.0), 1.0)
    (image,) = renderer.render([VIEW], Drawables.empty(), weather, {Output.COLOR}, figures(line))
    rows, columns = np.nonzero(colored(image))
    assert (columns.min(), columns.max()) == (65, 74)
    assert 20 <= rows.min() <= 31 and 68 <= rows.max() <= 79


def test_a_stroke_in_pixels_is_as_wide_at_any_distance(library, make_renderer):
    renderer = make_renderer(library)
    widths = []
    for away in (5.0, 50.0):
        point = stroke((away, 0.0, 0.0), (away, 0.0, 0.0), -10.0)
        (image,) = renderer.render([VIEW], Drawables.empty(), DAY, {Output.COLOR}, figures(point))
        rows, columns = np.nonzero(colored(image))
        widths.append((np.ptp(rows) + 1, np.ptp(columns) + 1))
    assert widths == [(10, 10), (10, 10)]


def test_what_stands_before_a_line_hides_it_but_not_the_hud(library, make_renderer):
    wall = library.add(box_mesh((0.2, 4.0, 4.0)))
    renderer = make_renderer(library)
    drawables = placed([(wall, pose(5.0), 7)])
    behind = stroke((10.0, 1.0, 0.0), (10.0, -1.0, 0.0), 0.5)
    before = stroke((3.0, 1.0, 0.0), (3.0, -1.0, 0.0), 0.5)
    for shown, expected in ((figures(behind), 0), (figures(before), 300), (figures(over=behind), 50)):
        (image,) = renderer.render([VIEW], drawables, DAY, {Output.COLOR}, shown)
        assert (colored(image).sum() > 0) == (expected > 0)
        assert colored(image).sum() >= expected


def test_labels_depth_and_normals_know_nothing_of_it(library, make_renderer):
    wall = library.add(box_mesh((0.2, 4.0, 4.0)))
    renderer = make_renderer(library)
    drawables = placed([(wall, pose(5.0), 7)])
    shown = figures(
        stroke((3.0, 1.0, 0.0), (3.0, -1.0, 0.0), 0.5),
        stroke((9.0, 2.0, 0.0), (9.0, -1.0, 0.0), -3.0),
        letters_of("Hello", np.array([4.0, 1.0, 0.5]), MAGENTA),
    )
    (plain,) = renderer.render([VIEW], drawables, DAY, EVERY)
    (drawn,) = renderer.render([VIEW], drawables, DAY, EVERY, shown)
    (again,) = renderer.render([VIEW], drawables, DAY, EVERY)
    assert np.any(plain.bgra != drawn.bgra)
    assert np.array_equal(plain.depth_m, drawn.depth_m)
    assert np.array_equal(plain.labels, drawn.labels)
    assert np.array_equal(plain.normal, drawn.normal)
    assert np.array_equal(plain.bgra, again.bgra)
    assert (drawn.bgra[..., 3] == 255).all()


def test_a_line_that_runs_past_the_camera_is_cut_where_the_camera_is(library, make_renderer):
    renderer = make_renderer(library)
    line = stroke((-20.0, -0.5, -1.0), (20.0, -0.5, -1.0), 0.1)
    (image,) = renderer.render([VIEW], Drawables.empty(), DAY, {Output.COLOR}, figures(line))
    rows, columns = np.nonzero(colored(image))
    assert rows.min() < 60 and rows.max() == 99, "from the horizon to the lower edge"
    assert columns.min() >= 100, "on the right only"
    away = stroke((-20.0, -0.5, -1.0), (-1.0, -0.5, -1.0), 0.1)
    (image,) = renderer.render([VIEW], Drawables.empty(), DAY, {Output.COLOR}, figures(away))
    assert not colored(image).any()


def test_nearer_lines_lie_over_farther_ones(library, make_renderer):
    renderer = make_renderer(library)
    near = stroke((5.0, 1.0, 0.0), (5.0, -1.0, 0.0), 0.4, (0, 255, 0))
    far = stroke((10.0, 2.0, 0.0), (10.0, -2.0, 0.0), 0.8, (255, 0, 0))
    for order in ([near, far], [far, near]):
        shown = figures(np.concatenate(order))
        (image,) = renderer.render([VIEW], Drawables.empty(), DAY, {Output.COLOR}, shown)
        assert tuple(image.bgra[50, 100, 2::-1]) == (0, 255, 0)


@pytest.mark.parametrize("rgb", [(255, 255, 255), (255, 0, 255), (1, 2, 3)])
def test_colours_are_those_asked_for(library, make_renderer, rgb):
    renderer = make_renderer(library)
    dot = stroke((5.0, 0.0, 0.0), (5.0, 0.0, 0.0), -20.0, rgb)
    (image,) = renderer.render([VIEW], Drawables.empty(), DAY, {Output.COLOR}, figures(dot))
    assert tuple(image.bgra[50, 100, 2::-1]) == rgb


def test_a_text_can_be_read(library, make_renderer):
    """Letters of some height side by side, each of its own look."""
    renderer = make_renderer(library)
    view = CameraView(width_px=640, height_px=360, fov_deg=90.0, world_camera=np.eye(4))
    text = "ABC 123 hello?"
    letters = letters_of(text, np.array([5.0, 4.0, 1.0]), (255, 255, 255))
    (image,) = renderer.render([view], Drawables.empty(), NIGHT, {Output.COLOR}, figures(letters=letters))
    (dark,) = renderer.render([view], Drawables.empty(), NIGHT, {Output.COLOR})
    ink = image.bgra[..., 1].astype(float) - dark.bgra[..., 1]
    rows, columns = np.nonzero(ink > 40)
    assert 9 <= np.ptp(rows) <= 24 and 90 <= np.ptp(columns) <= 260
    lone = {}
    for letter in sorted(set(text) - {" "}):
        row = letters_of(letter, np.array([5.0, 4.0, 1.0]), (255, 255, 255))
        (picture,) = renderer.render([view], Drawables.empty(), NIGHT, {Output.COLOR}, figures(letters=row))
        lone[letter] = picture.bgra[..., 1].astype(float) - dark.bgra[..., 1]
    assert len({p.tobytes() for p in lone.values()}) == len(lone), "all look different"


def test_letters_are_on_the_sheet_and_unknown_ones_are_question_marks():
    sheet = letter_sheet()
    assert sheet.shape == (6 * 56, 16 * 40)
    for code in range(33, 127):
        row, column = divmod(code - 32, 16)
        cell = sheet[row * 56 : (row + 1) * 56, column * 40 : (column + 1) * 40]
        assert cell.max() == 255
        # Whole, with nothing cut off at the cell's edges.
        assert not cell[0].any() and not cell[-1].any() and not cell[:, 0].any() and not cell[:, -1].any(), (
            chr(code)
        )
    assert letters_of("é", np.zeros(3), MAGENTA)["place"] == ord("?") - 32


def test_a_shadow_doubles_the_letters_and_lies_below_them():
    plain = letters_of("ab", np.zeros(3), MAGENTA)
    shaded = letters_of("ab", np.zeros(3), MAGENTA, shadow=True)
    assert len(plain) == 2 and len(shaded) == 4
    assert list(shaded["color"][:2]) == [0.0, 0.0] and list(shaded["shift"]) == [1.0, 1.0, 0.0, 0.0]


def test_the_shadow_under_a_body_does_not_hide_a_line_on_the_road(library, make_renderer):
    road, body = library.add(box_mesh((60.0, 60.0, 0.2))), library.add(box_mesh((4.0, 2.0, 1.4)))
    renderer = make_renderer(library)
    line = figures(stroke((6.85, 1.0, -0.97), (6.85, -1.0, -0.97), -6.0))
    counts = []
    for things in (
        [(road, pose(20.0, z=-1.1), 0)],
        [(road, pose(20.0, z=-1.1), 0), (body, pose(9.0, z=-0.3), 7)],
    ):
        (image,) = renderer.render([VIEW], placed(things), DAY, {Output.COLOR}, line)
        counts.append(int(colored(image).sum()))
    assert counts[0] == counts[1] > 20
