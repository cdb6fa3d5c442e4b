"""The example runs from captures to its pictures; skipped where torch is not installed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.unit.capture.synthetic_capture import make_plan, make_rig, write_capture


@pytest.fixture(scope="module")
def captures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("captures")
    for i in range(4):
        write_capture(folder / f"s{i}.mcap", make_plan(f"s{i}", 0.1, make_rig(64, 36, 45)))
    return folder


def test_two_steps(captures: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    torch = pytest.importorskip("torch")
    from examples.segmentation import CLASSES, UNet, main

    words = [str(captures), "--out", str(tmp_path), "--steps", "2", "--batch", "2", "--workers", "0"]
    miou = main(words)
    text = capsys.readouterr().out
    assert "train: 3 scenes, 18 images" in text and "val: 1 scenes, 6 images" in text
    assert f"mean       {miou:7.3f}" in text and 0.0 <= miou <= 1.0
    for name in ("curve.png", "predictions.png"):
        assert cv2.imread(str(tmp_path / name)).std() > 10
    net = UNet(len(CLASSES))
    net.load_state_dict(torch.load(tmp_path / "unet.pt", weights_only=True))
    assert net(torch.zeros((1, 3, 19, 33), dtype=torch.uint8)).shape == (1, len(CLASSES), 19, 33)


def test_scores_are_right(captures: Path) -> None:
    torch = pytest.importorskip("torch")
    from examples.segmentation import IGNORED, class_weights, confusion, iou

    truth = torch.tensor([[0, 0, 1, IGNORED]], dtype=torch.uint8)
    pixels = confusion(truth, torch.tensor([[0, 1, 1, 3]]))
    assert pixels[:2, :2].tolist() == [[1, 1], [0, 1]] and pixels.sum() == 3
    scores = iou(pixels)
    np.testing.assert_allclose(scores[:2], [0.5, 0.5])
    assert np.isnan(scores[3])
    often = torch.zeros((1, 1, 2))
    often[0, 0] = torch.tensor([75.0, 25.0])
    weights = class_weights(often)
    assert float(weights[1] / weights[0]) == pytest.approx(3**0.5)
    assert float((weights * torch.tensor([0.75, 0.25])).sum()) == pytest.approx(1.0)
