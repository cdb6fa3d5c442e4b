from __future__ import annotations

import numpy as np
import pytest

from drivegen.embedded.world import debug_shapes
from drivegen.embedded.world.debug_shapes import (
    DebugShapes,
    Layer,
    arrow_rows,
    box_rows,
    line_rows,
    text_rows,
)

RED = (255, 0, 0)
TICK_NS = 50_000_000
A, B = np.zeros(3), np.array([10.0, 0.0, 0.0])


def line():
    return line_rows(A, B, 0.1, RED)


def frames_shown(shapes: DebugShapes, count: int, layer: str = "strokes") -> list[int]:
    """Of the `count` frames after frame 0, those that show something."""
    shown = []
    for frame in range(1, count + 1):
        figures = shapes.figures(frame, frame * TICK_NS)
        if figures is not None and len(getattr(figures, layer)):
            shown.append(frame)
    return shown


@pytest.mark.parametrize("life_time_s", [0.0, -1.0])
def test_a_line_without_a_life_time_stays_until_cleared(life_time_s):
    shapes = DebugShapes()
    shapes.add(line(), Layer.WORLD, life_time_s, frame=0, now_ns=0)
    assert frames_shown(shapes, 50) == list(range(1, 51))
    shapes.clear_texts()
    assert len(shapes) == 1
    shapes.clear_shapes()
    assert len(shapes) == 0 and shapes.figures(51, 51 * TICK_NS) is None


def test_life_times_are_simulated_seconds():
    shapes = DebugShapes()
    shapes.add(line(), Layer.WORLD, 0.5, frame=0, now_ns=0)
    assert frames_shown(shapes, 50) == list(range(1, 11))
    assert len(shapes) == 0, "what is past is forgotten"


def test_a_short_life_is_at_least_one_frame():
    shapes = DebugShapes()
    shapes.add(line(), Layer.WORLD, 0.001, frame=0, now_ns=0)
    assert frames_shown(shapes, 5) == [1]


@pytest.mark.parametrize(("layer", "name"), [(Layer.HUD, "over"), (Layer.TEXT, "letters")])
def test_the_hud_shows_one_frame_without_a_life_time(layer, name):
    rows = line() if layer is Layer.HUD else text_rows("Hi", A, RED, shadow=False)
    shapes = DebugShapes()
    shapes.add(rows, layer, -1.0, frame=0, now_ns=0)
    assert frames_shown(shapes, 5, name) == [1]
    shapes.add(rows, layer, 0.2, frame=0, now_ns=0)
    assert frames_shown(shapes, 9, name) == [1, 2, 3, 4]


def test_clearing_strings_leaves_lines_and_the_other_way_round():
    shapes = DebugShapes()
    shapes.add(line(), Layer.WORLD, 0.0, frame=0, now_ns=0)
    shapes.add(text_rows("Hi", A, RED, shadow=False), Layer.TEXT, 9.0, frame=0, now_ns=0)
    shapes.clear_shapes()
    figures = shapes.figures(1, TICK_NS)
    assert figures is not None and len(figures.letters) == 2 and not len(figures.strokes)
    shapes.clear_texts()
    assert shapes.figures(2, 2 * TICK_NS) is None


def test_figures_are_made_anew_only_when_something_changed():
    shapes = DebugShapes()
    shapes.add(line(), Layer.WORLD, 0.0, frame=0, now_ns=0)
    assert shapes.figures(1, TICK_NS) is shapes.figures(2, 2 * TICK_NS)


def test_the_oldest_go_when_there_are_too_many(monkeypatch):
    monkeypatch.setattr(debug_shapes, "MOST_ROWS", 100)
    shapes = DebugShapes()
    for k in range(250):
        shapes.add(line_rows(A, B, 0.1, (k, 0, 0)), Layer.WORLD, 0.0, frame=0, now_ns=0)
    assert len(shapes) == 100 and shapes.dropped == 150
    figures = shapes.figures(1, TICK_NS)
    assert figures is not None
    assert [int(c) >> 16 for c in figures.strokes["color"]] == list(range(150, 250))


def test_those_that_are_past_make_room_first(monkeypatch):
    monkeypatch.setattr(debug_shapes, "MOST_ROWS", 10)
    shapes = DebugShapes()
    shapes.add(line(), Layer.WORLD, 0.0, frame=0, now_ns=0)
    for _ in range(9):
        shapes.add(line(), Layer.WORLD, 0.1, frame=0, now_ns=0)
    shapes.add(line(), Layer.WORLD, 0.0, frame=20, now_ns=20 * TICK_NS)
    assert len(shapes) == 2 and shapes.dropped == 0


def test_a_box_has_twelve_edges_of_its_size():
    pose = np.eye(4)
    pose[:3, 3] = (5.0, 6.0, 7.0)
    rows = box_rows(pose, np.array([1.0, 2.0, 3.0]), 0.1, RED)
    assert len(rows) == 12
    lengths = np.linalg.norm(rows["end"] - rows["begin"], axis=1)
    assert sorted(np.round(lengths, 5)) == [2.0] * 4 + [4.0] * 4 + [6.0] * 4
    corners = np.concatenate([rows["begin"], rows["end"]])
    assert np.allclose(corners.min(axis=0), (4.0, 4.0, 4.0)) and np.allclose(corners.max(axis=0), (6, 8, 10))


@pytest.mark.parametrize("end", [(10.0, 0.0, 0.0), (0.0, 0.0, 4.0), (0.0, 0.0, 0.0)])
def test_an_arrow_has_a_shaft_and_four_barbs(end):
    rows = arrow_rows(A, np.array(end), 0.1, 0.5, RED)
    assert len(rows) == 5 and np.isfinite(rows["begin"]).all()
    assert np.allclose(rows["end"], end)
    barbs = rows["begin"][1:] - np.array(end)
    assert np.allclose(np.linalg.norm(barbs, axis=1), 0.5 * np.sqrt(3.0), atol=1e-5)


def test_a_long_text_is_cut():
    assert len(text_rows("x" * 5000, A, RED, shadow=False)) == debug_shapes.MOST_LETTERS
