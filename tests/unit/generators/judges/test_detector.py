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
from drivegen_generators.judges.layers import LAYERS
from drivegen_generators.judges.onnx_text import model
from drivegen_generators.judges.weights import read_tensors

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
    from drivegen_generators.judges.segmenter import WEIGHTS

    path = tmp_path / "net.onnx"
    path.write_bytes(model(read_tensors(WEIGHTS)[0], LAYERS))
    judge = Detector(onnx=str(path), classes=["car"], size_px=64)
    with pytest.raises(ConfigError, match=r"\(1, 5, n\) is wanted"):
        judge.detect(street().bgr)
