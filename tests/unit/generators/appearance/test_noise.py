"""Noise that is shared: white, the same where cameras look at the same, stuck to surfaces."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.flow import flow_between
from drivegen.capture.reader import CaptureReader
from drivegen_generators.appearance.noise import Grid, Noise, SharedNoise, noise_of_moment

sys.path.insert(0, str(Path(__file__).parents[2] / "capture"))
from synthetic_capture import make_plan, make_rig, write_capture

GRID = Grid(channels=4, rows=45, columns=80, cell_px=(4.0, 4.0))


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ClipImage]]:
    """Three frames of six cameras, half a second apart."""
    plan = make_plan(duration_s=1.1, rig=make_rig(320, 180, 24))
    path = write_capture(tmp_path_factory.mktemp("noise") / "a.mcap", plan).path
    with CaptureReader(path) as reader:
        yield list(Clip(reader).images())


def noises(images: list[ClipImage], seed: int) -> list[tuple[ClipImage, Noise]]:
    shared = SharedNoise(seed)
    return [(i, shared.of(i, GRID, GRID.moment(i))) for i in images]


def test_noise_is_white_in_every_frame(images: list[ClipImage]) -> None:
    for image, noise in noises(images, 1):
        assert abs(noise.mean()) < 0.05 and abs(noise.std() - 1.0) < 0.03, image.channel
        for axis in (1, 2):
            a, b = np.delete(noise, 0, axis), np.delete(noise, -1, axis)
            assert abs(np.corrcoef(a.ravel(), b.ravel())[0, 1]) < 0.05, "neighbours are alike"
        for channel in range(3):
            assert abs(np.corrcoef(noise[channel].ravel(), noise[channel + 1].ravel())[0, 1]) < 0.06
        assert len(np.unique(noise[0])) > noise[0].size - 10, "numbers were used twice"


def test_the_same_seed_is_the_same_noise_and_another_is_not(images: list[ClipImage]) -> None:
    one, same, other = (noises(images[:7], seed) for seed in (1, 1, 2))
    for (_, a), (_, b), (_, c) in zip(one, same, other, strict=True):
        np.testing.assert_array_equal(a, b)
        assert abs(np.corrcoef(a.ravel(), c.ravel())[0, 1]) < 0.05


def test_noise_sticks_to_what_moves_across_the_image(images: list[ClipImage]) -> None:
    made = noises(images, 3)
    before = {i.channel: (i, n) for i, n in made if i.frame == 0}
    kept = still = cells = 0
    for image, noise in made:
        if image.frame != 10:
            continue
        old, old_noise = before[image.channel]
        flow = flow_between(GRID.moment(image), GRID.moment(old))
        x = np.floor(flow.source_px[..., 0] / 4.0)
        y = np.floor(flow.source_px[..., 1] / 4.0)
        far = flow.seen & (np.hypot(*np.moveaxis(flow.shift_px, -1, 0)) > 8.0)
        rows, columns = np.nonzero(far)
        there = old_noise[0][y[far].astype(int).clip(0, 44), x[far].astype(int).clip(0, 79)]
        kept += int((noise[0][rows, columns] == there).sum())
        still += int((noise[0][rows, columns] == old_noise[0][rows, columns]).sum())
        cells += len(rows)
    assert cells > 300
    # Cells part and merge, so not all of them; without following, none would.
    assert kept > 0.3 * cells and still < 0.02 * cells


def test_cameras_share_noise_where_their_fields_overlap(images: list[ClipImage]) -> None:
    first = {i.channel: (i, n) for i, n in noises([i for i in images if i.frame == 0], 4)}
    (_, front), (_, left) = first["CAM_FRONT"], first["CAM_FRONT_LEFT"]
    values = set(front[0].ravel().tolist())
    shared = np.array([v in values for v in left[0].ravel().tolist()]).reshape(left[0].shape)
    # 70 degrees wide and 55 apart: 15 of 70 overlap, at the right of the left camera.
    assert 0.08 < shared.mean() < 0.25
    assert shared[:, -10:].mean() > 0.5 and shared[:, :40].mean() == 0.0
    back = first["CAM_BACK"][1]
    assert len(values & set(back[0].ravel().tolist())) < 10, "more than chance"


def test_noise_of_a_moment_is_shared_by_cameras_and_by_no_other_time(images: list[ClipImage]) -> None:
    at = {(i.channel, i.frame): noise_of_moment(4, i, GRID)[0] for i in images}
    front, left = (set(at[channel, 0].ravel().tolist()) for channel in ("CAM_FRONT", "CAM_FRONT_LEFT"))
    assert 0.08 < len(front & left) / len(left) < 0.25
    later = at["CAM_FRONT", max(frame for _, frame in at)]
    assert len(front & set(later.ravel().tolist())) < 10, "more than chance"
    assert abs(later.mean()) < 0.05 and abs(later.std() - 1.0) < 0.03
