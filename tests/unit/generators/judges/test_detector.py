"""A detector of one's own, behind an endpoint."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import cv2
import numpy as np
import pytest

from drivegen.core.errors import ConfigError
from drivegen.core.verdicts import Verdict
from drivegen_generators.judges.detector import Detector
from drivegen_generators.judges.layers import Layer
from drivegen_generators.judges.onnx_text import model

from .pictures import BOXES, CAR, OTHER, shown, street


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """Finds what is red."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            bgr = cv2.imdecode(np.frombuffer(base64.b64decode(asked["image"]), np.uint8), cv2.IMREAD_COLOR)
            red = ((bgr[..., 2] > 150) & (bgr[..., 0] < 120)).astype(np.uint8)
            red = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
            count, _, stats, _ = cv2.connectedComponentsWithStats(red)
            boxes = [[int(x), int(y), int(x + w), int(y + h)] for x, y, w, h, a in stats[1:count] if a > 80]
            objects = [{"box": b, "class": "car", "score": 0.9} for b in boxes]
            objects.append({"box": [0, 0, 5, 5], "class": "zebra", "score": 0.9})
            body = b"nonsense" if self.path == "/bad" else json.dumps({"objects": objects}).encode()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_it_votes_on_what_it_finds_in_the_simulators_image(url: str) -> None:
    judge = Detector(url=url, weight=1.5)
    votes = judge.votes(shown(street(left_out=OTHER).bgr))
    assert votes[CAR].weight == -1.5 and votes[CAR].verdict is Verdict.KEPT
    assert votes[OTHER].weight == 1.5 and votes[OTHER].verdict is Verdict.LOST
    look = street().bgr.copy()
    look[110:140, 130:170] = (30, 30, 200)
    (region,) = judge.regions(shown(look))
    assert region.box_px == pytest.approx((130, 110, 170, 140), abs=3)
    vote = judge.weigh(shown(look), region)
    assert vote is not None and vote.weight == 1.5
    assert BOXES[CAR][1] == 60


def test_what_does_not_answer_is_one_clear_error(url: str) -> None:
    with pytest.raises(ConfigError, match="does not answer as it should"):
        Detector(url=f"{url}/bad").detect(street().bgr)
    with pytest.raises(ConfigError, match="does not answer as it should"):
        Detector(url="http://127.0.0.1:1", timeout_s=1.0).detect(street().bgr)


def test_configurations_that_cannot_be(tmp_path: Path) -> None:
    for given, why in (
        ({}, "one of them"),
        ({"url": "file:///etc/passwd"}, "http"),
        ({"onnx": str(tmp_path / "none.onnx"), "classes": ["car"]}, "no such file"),
        ({"onnx": "x.onnx"}, "classes"),
        ({"url": "http://a", "weight": 9.0}, "weight"),
    ):
        with pytest.raises(ConfigError, match=why):
            Detector(**given)


def test_a_file_with_another_answer_is_refused(tmp_path: Path) -> None:
    path, layer = tmp_path / "net.onnx", Layer(name="a", inputs=3, outputs=9, stride=2)
    tensors = {"a.weight": np.ones((9, 3, 3, 3), np.float32), "a.bias": np.zeros(9, np.float32)}
    path.write_bytes(model(tensors, [layer]))
    judge = Detector(onnx=str(path), classes=["car"], size_px=64)
    with pytest.raises(ConfigError, match=r"\(1, 5, n\) is wanted"):
        judge.detect(street().bgr)


def test_a_file_finds_what_it_has_learned_class_by_class(tmp_path: Path) -> None:
    """A network that knows red boxes of one size, by turns as one class and the other."""
    onnx = pytest.importorskip("onnx")
    wide, high = (BOXES[CAR][2] - BOXES[CAR][0], BOXES[CAR][3] - BOXES[CAR][1])
    side, step = 2 * 288, 8
    kernel = (2 * high + 1, 2 * wide + 1)
    weight = np.zeros((1, 3, *kernel), np.float32)
    weight[0, 0], weight[0, 1], weight[0, 2] = 1.0, -0.5, -0.5
    weight *= 2.5 / (kernel[0] * kernel[1])
    pads = [kernel[0] // 2, kernel[1] // 2] * 2
    cells = side // step
    y, x = (np.mgrid[:cells, :cells] * step).astype(np.float32)
    fixed = np.stack([x, y, np.full_like(x, 2 * wide), np.full_like(x, 2 * high)])[None]
    turns = np.where(np.arange(cells) % 2, 1.2, 0.5).astype(np.float32)[None, None, None].repeat(cells, 2)
    make = onnx.helper
    graph = make.make_graph(
        [
            make.make_node("Conv", ["image", "weight"], ["red"], strides=[step, step], pads=pads),
            make.make_node("Mul", ["red", "turns"], ["other"]),
            make.make_node("Concat", ["fixed", "red", "other"], ["all"], axis=1),
            make.make_node("Reshape", ["all", "shape"], ["out"]),
        ],
        "red",
        [make.make_tensor_value_info("image", onnx.TensorProto.FLOAT, [1, 3, side, side])],
        [make.make_tensor_value_info("out", onnx.TensorProto.FLOAT, [1, 6, cells * cells])],
        [
            onnx.numpy_helper.from_array(weight, "weight"),
            onnx.numpy_helper.from_array(fixed, "fixed"),
            onnx.numpy_helper.from_array(turns, "turns"),
            onnx.numpy_helper.from_array(np.array([1, 6, cells * cells]), "shape"),
        ],
    )
    path = tmp_path / "red.onnx"
    made = make.make_model(graph, opset_imports=[make.make_opsetid("", 13)])
    made.ir_version = 8
    path.write_bytes(made.SerializeToString())
    judge = Detector(onnx=str(path), classes=["car", "zebra"], size_px=side, least_score=0.4, weight=1.5)
    votes = judge.votes(shown(street(left_out=OTHER).bgr))
    assert votes[CAR].weight == -1.5 and votes[CAR].evidence["overlap"] > 0.7
    assert votes[OTHER].weight == 1.5 and votes[OTHER].verdict is Verdict.LOST
    # Those of one class do not hide those of the other in the same place.
    both = Detector(onnx=str(path), classes=["car", "person"], size_px=side, least_score=0.4)
    assert {d.group for d in both.detect(street(left_out=OTHER).bgr)} == {"vehicle", "person"}
