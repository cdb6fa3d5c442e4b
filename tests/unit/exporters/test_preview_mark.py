"""The visible mark on previews."""

from __future__ import annotations

import numpy as np
import pytest

from drivegen.capture.export.preview import mark_preview, mark_size


@pytest.mark.parametrize(("rows", "columns"), [(900, 1600), (1600, 900), (240, 320), (60, 90), (8, 8)])
def test_it_stands_in_the_corner(rows: int, columns: int) -> None:
    picture = np.full((rows, columns, 3), 200, np.uint8)
    marked = mark_preview(picture)
    assert np.all(picture == 200) and marked.shape == picture.shape and marked.dtype == np.uint8
    changed = np.argwhere((marked != picture).any(axis=2))
    assert changed[:, 0].max() == rows - 1 and changed[:, 1].max() == columns - 1
    assert (rows - changed[:, 0].min(), columns - changed[:, 1].min()) == mark_size(rows, columns)
    if min(rows, columns) < 50:
        return
    white = np.argwhere((marked > 230).all(axis=2))
    assert np.ptp(white[:, 0]) + 1 >= 0.05 * min(rows, columns)
    assert changed[:, 0].min() > rows / 2
    if min(rows, columns) > 200:
        assert len(changed) < 0.05 * rows * columns


def test_letters_can_be_told_from_any_picture() -> None:
    for grey in (0, 128, 255):
        marked = mark_preview(np.full((400, 600, 3), grey, np.uint8))
        corner = marked[-30:, -80:]
        assert (corner > 230).any() and (corner < 70).any()
