"""The segmenter: its weights, its layers as ONNX, and what it says of objects."""

from __future__ import annotations

import struct
from pathlib import Path

import cv2
import numpy as np
import pytest
from scipy.signal import correlate2d

from drivegen.core.errors import ConfigError
from drivegen_generators.judges.layers import (
    CHANNELS,
    LAYERS,
    LOST,
    NEW_PERSON,
    OUTCOMES,
    SAME,
    VERSION,
    Layer,
)
from drivegen_generators.judges.onnx_text import model
from drivegen_generators.judges.segmenter import WEIGHTS, Segmenter
from drivegen_generators.judges.weights import read_tensors, write_tensors

from .pictures import CAR, OTHER, shown, street


def test_a_model_computes_what_its_layers_say() -> None:
    """Convolutions with stride, dilation, an addition and a transposed one, against sums written out."""
    rng = np.random.default_rng(1)
    layers = (
        Layer(name="a", inputs=2, outputs=3, stride=2),
        Layer(name="b", inputs=3, outputs=3, dilation=2, plus="a"),
        Layer(name="c", inputs=3, outputs=2, kernel=2, stride=2, up=True, ramp=False),
    )
    tensors = {}
    for layer in layers:
        ends = (layer.inputs, layer.outputs) if layer.up else (layer.outputs, layer.inputs)
        shape = (*ends, layer.kernel, layer.kernel)
        tensors[f"{layer.name}.weight"] = rng.normal(size=shape).astype(np.float32)
        tensors[f"{layer.name}.bias"] = rng.normal(size=layer.outputs).astype(np.float32)
    image = rng.normal(size=(1, 2, 12, 16)).astype(np.float32)
    net = cv2.dnn.readNetFromONNX(np.frombuffer(model(tensors, layers), np.uint8))
    net.setInput(image)
    answer = net.forward()[0]

    def convolved(x: np.ndarray, layer: Layer) -> np.ndarray:
        weight, bias = tensors[f"{layer.name}.weight"], tensors[f"{layer.name}.bias"]
        wide = np.zeros((*weight.shape[:2], *(2 * layer.dilation + 1,) * 2))
        wide[..., :: layer.dilation, :: layer.dilation] = weight
        sums = [sum(correlate2d(x[i], w[i], "same") for i in range(len(x))) for w in wide]
        # A stride of 2 begins at the first pixel, as padding by one does.
        return np.stack(sums)[:, :: layer.stride, :: layer.stride] + bias[:, None, None]

    a = np.maximum(convolved(image[0], layers[0]), 0.0)
    b = np.maximum(convolved(a, layers[1]) + a, 0.0)
    up = np.einsum("ihw,iokl->ohkwl", b, tensors["c.weight"]).reshape(2, 12, 16)
    np.testing.assert_allclose(answer, up + tensors["c.bias"][:, None, None], atol=1e-4)


def test_the_weights_that_come_along_are_small_and_whole() -> None:
    tensors, about = read_tensors(WEIGHTS)
    assert WEIGHTS.stat().st_size < 4_000_000
    assert set(tensors) == {f"{layer.name}.{k}" for layer in LAYERS for k in ("weight", "bias")}
    assert all(np.isfinite(v).all() for v in tensors.values())
    assert len(about["frames_sha256"]) == 64 and float(about["held_back_miou"]) > 0.45


def test_probabilities_of_any_size_are_probabilities_and_the_same_again() -> None:
    judge, place = Segmenter(), street()
    here = np.s_[:150, :275]
    asked = place.bgr[here], street(left_out=CAR).bgr[here], (place.instance > 0)[here]
    found = judge.probabilities(*asked)
    assert found.shape == (len(OUTCOMES), 75, 138)
    np.testing.assert_allclose(found.sum(axis=0), 1.0, atol=1e-5)
    np.testing.assert_array_equal(found, Segmenter().probabilities(*asked))


class Eyes(Segmenter):
    """Knows red things, for certain."""

    def probabilities(self, bgr: np.ndarray, look_bgr: np.ndarray, things: np.ndarray) -> np.ndarray:
        was, is_ = ((i[::2, ::2, 2] > 150) & (i[::2, ::2, 0] < 100) for i in (bgr, look_bgr))
        out = np.zeros((len(OUTCOMES), *was.shape), np.float32)
        out[LOST] = 0.02 + 0.96 * (was & ~is_)
        out[NEW_PERSON] = 0.02 + 0.94 * (is_ & ~was)
        out[SAME] = 1.0 - out.sum(axis=0)
        return out


def test_what_it_no_longer_sees_is_lost_and_a_thing_without_a_label_is_invented() -> None:
    eyes = Eyes()
    assert eyes.votes(shown(street().bgr))[CAR].weight < -1.0
    without = eyes.votes(shown(street(left_out=CAR).bgr))
    assert without[CAR].weight > 1.0 and without[OTHER].weight < -1.0
    look = street().bgr.copy()
    look[110:140, 130:170] = (30, 30, 200)
    (region,) = eyes.regions(shown(look))
    assert region.object_class == "person" and region.box_px == pytest.approx((130, 110, 170, 140), abs=3)
    vote = eyes.weigh(shown(look), region)
    assert vote is not None and vote.weight > 1.0
    assert eyes.regions(shown(street().bgr)) == []


@pytest.mark.parametrize("gain", [1.0, 0.3])
def test_the_weights_that_come_along_see_what_is_gone_and_what_is_new(gain: float) -> None:
    """Things of a kind that they have not learnt from, in a look that may be darker."""
    judge = Segmenter()

    def look(left_out: int = 0) -> np.ndarray:
        return np.asarray(street(left_out=left_out).bgr * gain, np.uint8)

    kept = judge.votes(shown(look()))
    assert kept[CAR].weight < 0.0 and kept[OTHER].weight < 0.0
    without = judge.votes(shown(look(left_out=CAR)))
    assert without[CAR].weight > 0.0 > without[OTHER].weight


def test_damaged_weights_are_one_clear_error(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    write_tensors(path, {"a.weight": np.ones((2, 3))}, {"version": str(VERSION)})
    tensors, about = read_tensors(path)
    np.testing.assert_array_equal(tensors["a.weight"], np.ones((2, 3)))
    assert about == {"version": str(VERSION)}
    with pytest.raises(ConfigError, match=r"a0\.weight.* is missing"):
        Segmenter(weights=str(path))
    write_tensors(path, {}, {"version": "0"})
    with pytest.raises(ConfigError, match="another segmenter"):
        Segmenter(weights=str(path))
    for data in (b"", b"\x01", struct.pack("<Q", 1 << 40) + b"{}", path.read_bytes()[:20]):
        path.write_bytes(data)
        with pytest.raises(ConfigError, match="no weights in safetensors format"):
            read_tensors(path)


def test_torch_has_the_same_net() -> None:
    torch = pytest.importorskip("torch")
    from drivegen_generators.judges.train import Net

    torch.set_num_threads(1)
    net = Net()
    with torch.no_grad():
        net(torch.randn(2, CHANNELS, 32, 48))
    net.eval()
    image = torch.randn(1, CHANNELS, 32, 48)
    reader = cv2.dnn.readNetFromONNX(np.frombuffer(model(net.folded()), np.uint8))
    reader.setInput(image.numpy())
    np.testing.assert_allclose(reader.forward(), net(image).detach().numpy(), atol=1e-4)
