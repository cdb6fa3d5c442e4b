"""Controls as pictures, and sizes that models want."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from drivegen.capture.clip import Clip, ClipImage
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import ConfigError
from drivegen.core.tags import Tag
from drivegen_generators.appearance.controls import ADE20K, CITYSCAPES, CONTROLS, NEAR_M, control_picture
from drivegen_generators.appearance.fit import fit_to

sys.path.insert(0, str(Path(__file__).parents[2] / "capture"))
from synthetic_capture import make_plan, make_rig, write_capture


@pytest.fixture(scope="module")
def images(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[ClipImage]]:
    plan = make_plan(duration_s=0.1, rig=make_rig(160, 90, 24))
    path = write_capture(tmp_path_factory.mktemp("controls") / "a.mcap", plan).path
    with CaptureReader(path) as reader:
        yield Clip(reader).first()


def test_pictures_have_the_model_s_size_and_the_scene_s_content(images: list[ClipImage]) -> None:
    fit = fit_to(160, 90, long_side_px=256, multiple=16)
    assert fit.model_px == (256, 144) and fit.content_px == (256, 144)
    for kind in CONTROLS:
        for image in images:
            picture = control_picture(kind, image, fit)
            assert picture.shape == (144, 256, 3) and picture.dtype == np.uint8
            assert len(np.unique(picture)) > 1 or (kind == "instance" and not image.instance.any()), kind
    with pytest.raises(ConfigError, match="control 'canny': one of depth"):
        control_picture("canny", images[0], fit)


def test_depth_is_inverse_edges_are_lines_normals_point_up(images: list[ClipImage]) -> None:
    same = fit_to(160, 90, multiple=1)
    for image in images:
        depth = control_picture("depth", image, same)[..., 0].astype(float)
        hit = image.depth_m > NEAR_M
        np.testing.assert_allclose(depth[hit], 255 * NEAR_M / image.depth_m[hit], atol=0.51)
        assert (depth[image.sky] == 0).all()
        np.testing.assert_array_equal(control_picture("edges", image, same)[..., 1] == 255, image.edges)
        ground = np.isin(image.tag, (Tag.ROAD, Tag.TERRAIN)) & (image.distance_m < 20)
        normals = control_picture("normals", image, same)[ground & image.normals.any(axis=-1)]
        assert np.median(normals[:, 1]) > 250 and abs(np.median(normals[:, 0]) - 127) < 8
        for kind, table in (("semantic", CITYSCAPES), ("semantic_ade20k", ADE20K)):
            picture = control_picture(kind, image, same)
            for tag in (Tag.ROAD, Tag.SKY, Tag.CAR):
                assert (picture[image.tag == tag] == table[tag]).all()
        objects = control_picture("instance", image, same)
        assert (objects.any(axis=-1) == (image.instance > 0)).all()


@pytest.mark.parametrize(("width", "height"), [(160, 90), (1920, 1208), (333, 217), (90, 160)])
@pytest.mark.parametrize("long_side", [None, 256, 512])
def test_there_and_back_is_the_same_place(width: int, height: int, long_side: int | None) -> None:
    fit = fit_to(width, height, long_side_px=long_side, multiple=16)
    assert all(m % 16 == 0 and 0 <= m - c < 16 for m, c in zip(fit.model_px, fit.content_px, strict=True))
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    place = np.stack([x / width, y / height, np.zeros_like(x)], axis=-1) * np.float32(255)
    there = fit.to_model(place)
    assert there.shape[1::-1] == fit.model_px
    # Intrinsics scale as said: a pixel's centre is where `scale` puts it.
    at = np.array([width // 3, height // 3])
    moved = ((at + 0.5) * fit.scale - 0.5).round().astype(int)
    np.testing.assert_allclose(there[moved[1], moved[0]], place[at[1], at[0]], atol=255 / min(fit.content_px))
    back = fit.back(there)
    assert back.shape == place.shape
    inner = np.s_[4:-4, 4:-4]
    np.testing.assert_allclose(back[inner], place[inner], atol=2 * 255 / min(width, height))
    with pytest.raises(ConfigError, match="as it was told"):
        fit.back(there[1:])


def test_sizes_that_are_none_are_refused() -> None:
    with pytest.raises(ConfigError, match="no image has such a size"):
        fit_to(160, 90, long_side_px=4, multiple=8)
