"""A detector of your own as a judge: an HTTP endpoint, or an ONNX file that OpenCV runs.

Endpoint: it gets a POST with JSON `{"image": BASE64 OF A JPEG, "width": W, "height": H}` and answers
`{"objects": [{"box": [left, top, right, bottom], "class": "car", "score": 0.9}, ...]}` in pixels. ONNX: an
image (1, 3, size, size), RGB from 0 to 1, to (1, 4 + classes, n): centre, size and scores, as YOLOv8 exports
it. Nothing of a configuration is run as code.
"""

from __future__ import annotations

import base64
import http.client
import json
import urllib.parse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jaxtyping import UInt8

from drivegen.capture.judging import Region, Shown
from drivegen.core.errors import ConfigError
from drivegen.core.labels import PixelBox
from drivegen.core.verdicts import Verdict, Vote

GROUPS = {
    "person": ("person", "pedestrian", "child"),
    "two_wheeler": ("two_wheeler", "bicycle", "motorcycle", "motorbike", "tricycle", "rider", "cyclist"),
    "vehicle": (
        *("vehicle", "car", "van", "truck", "bus", "emergency", "police", "construction", "unmanned"),
        *("train", "trailer"),
    ),
}
"""What names of classes count as; others are left aside."""
_MOST_ANSWER_BYTES = 4 << 20
_FOUND, _MISSED = 0.5, 0.2
"""Overlaps (intersection over union) from which an object is found, and below which it is not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Detection:
    """What the detector found."""

    box_px: PixelBox
    group: str
    score: float


class Detector:
    """The judge. Give `url` or `onnx`.

    Args:
        url: Of an endpoint, http or https.
        onnx: A file.
        classes: Names of the ONNX file's classes in order, for example COCO's.
        size_px: Side of its square input.
        least_score: Of detections.
        weight: How sure it is when an object that it finds in the simulator's image is gone: the natural
            logarithm of how many times likelier that is when it was lost. You know it; it is not calibrated.
        timeout_s: Of the endpoint.

    Raises:
        ConfigError: Neither or both are given, a number is out of range, or the file cannot be read.
    """

    name = "detector"
    version = 1

    def __init__(
        self,
        *,
        url: str = "",
        onnx: str = "",
        classes: Sequence[str] = (),
        size_px: int = 640,
        least_score: float = 0.4,
        weight: float = 2.0,
        timeout_s: float = 30.0,
    ) -> None:
        if bool(url) == bool(onnx):
            raise ConfigError("judge detector: url=... or onnx=... is wanted, one of them")
        if not 0.0 < least_score < 1.0 or not 0.0 < weight <= 6.0 or not 32 <= size_px <= 4096:
            raise ConfigError("judge detector: least_score 0..1, weight 0..6, size_px 32..4096 are wanted")
        self._place = urllib.parse.urlsplit(url)
        if url and (self._place.scheme not in ("http", "https") or not self._place.hostname):
            raise ConfigError(f"judge detector: url={url!r}: http://... or https://... is wanted")
        self._net: Any = None
        if onnx:
            if not classes:
                raise ConfigError("judge detector: classes=[...] of the ONNX file are wanted, in order")
            if not Path(onnx).is_file():
                raise ConfigError(f"judge detector: onnx={onnx}: there is no such file")
            try:
                self._net = cv2.dnn.readNetFromONNX(onnx)
            except cv2.error as error:
                raise ConfigError(f"judge detector: {onnx} cannot be read: {error.err}") from None
        self._classes = tuple(classes)
        self._size_px, self._least_score = size_px, least_score
        self._weight, self._timeout_s = weight, timeout_s

    def votes(self, shown: Shown) -> dict[int, Vote]:
        """On objects that it finds in the simulator's image."""
        before, after = self._both(shown)
        out = {}
        for seen in shown.objects:
            group = group_of(seen.object_class)
            overlap_before, overlap = (_best(seen.box_px, group, found) for found in (before, after))
            if group is None or overlap_before < _FOUND:
                continue
            share = (overlap - _MISSED) / (_FOUND - _MISSED)
            weight = self._weight * (1.0 - 2.0 * min(1.0, max(0.0, share)))
            out[seen.track_id] = Vote(
                judge=self.name,
                verdict=Verdict.LOST if weight > 0.0 else Verdict.KEPT,
                weight=weight,
                evidence={"overlap_before": overlap_before, "overlap": overlap},
            )
        return out

    def regions(self, shown: Shown) -> list[Region]:
        """Objects in the look that no label explains, and that it did not find before."""
        before, after = self._both(shown)
        out = []
        for found in after:
            known = any(_overlap(found.box_px, seen.box_px) > 0.1 for seen in shown.objects)
            if known or _best(found.box_px, found.group, before) > _MISSED:
                continue
            left, top, right, bottom = found.box_px
            pixels = round((right - left) * (bottom - top))
            out.append(Region(box_px=found.box_px, object_class=found.group, pixels=pixels))
        return out

    def weigh(self, shown: Shown, region: Region) -> Vote | None:
        """Whether it finds something there that it did not find before."""
        before, after = self._both(shown)
        overlap_before, overlap = (
            max((_overlap(region.box_px, d.box_px) for d in found), default=0.0) for found in (before, after)
        )
        new = overlap > 0.3 and overlap_before < _MISSED
        return Vote(
            judge=self.name,
            verdict=Verdict.INVENTED if new else Verdict.KEPT,
            weight=self._weight if new else -0.5 * self._weight,
            evidence={"overlap_before": overlap_before, "overlap": overlap},
        )

    def _both(self, shown: Shown) -> tuple[list[Detection], list[Detection]]:
        key = f"detector {id(self)}"
        found = shown.notes.get(key)
        if not isinstance(found, tuple):
            found = shown.notes[key] = (self.detect(shown.controls.bgr), self.detect(shown.look_bgr))
        return found

    def detect(self, bgr: UInt8[np.ndarray, "h w 3"]) -> list[Detection]:
        """What it finds in an image. Raises ConfigError when the endpoint does not answer as it should."""
        found = self._by_file(bgr) if self._net is not None else self._by_url(bgr)
        return [d for d in found if d.score >= self._least_score]

    def _by_url(self, bgr: UInt8[np.ndarray, "h w 3"]) -> list[Detection]:
        place = self._place
        kind = http.client.HTTPSConnection if place.scheme == "https" else http.client.HTTPConnection
        image = base64.b64encode(cv2.imencode(".jpg", bgr)[1].tobytes()).decode()
        body = json.dumps({"image": image, "width": bgr.shape[1], "height": bgr.shape[0]})
        connection = kind(place.hostname or "", place.port, timeout=self._timeout_s)
        try:
            path = (place.path or "/") + (f"?{place.query}" if place.query else "")
            connection.request("POST", path, body, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            data = answer.read(_MOST_ANSWER_BYTES + 1)
            if answer.status != http.client.OK or len(data) > _MOST_ANSWER_BYTES:
                raise ValueError(f"status {answer.status}, {len(data)} bytes")
            return [d for o in json.loads(data)["objects"] if (d := _detection(o)) is not None]
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as error:
            where = f"{place.scheme}://{place.hostname}"
            raise ConfigError(f"judge detector: {where} does not answer as it should ({error})") from None
        finally:
            connection.close()

    def _by_file(self, bgr: UInt8[np.ndarray, "h w 3"]) -> list[Detection]:
        height, width = bgr.shape[:2]
        scale = self._size_px / max(height, width)
        small = cv2.resize(bgr, (round(width * scale), round(height * scale)), interpolation=cv2.INTER_AREA)
        square = np.full((self._size_px, self._size_px, 3), 114, np.uint8)
        square[: small.shape[0], : small.shape[1]] = small
        self._net.setInput(cv2.dnn.blobFromImage(square, 1.0 / 255.0, swapRB=True))
        answer = self._net.forward()
        if answer.ndim != 3 or answer.shape[1] != 4 + len(self._classes):
            raise ConfigError(
                f"judge detector: the file answers {answer.shape}; (1, {4 + len(self._classes)}, n) is wanted"
            )
        rows = answer[0].T
        numbers, scores = rows[:, 4:].argmax(axis=1), rows[:, 4:].max(axis=1)
        kept = scores >= self._least_score
        centre, size = rows[kept, :2], rows[kept, 2:4]
        corners = np.hstack([centre - size / 2, size])
        # Of each class alone: a rider does not hide the motorcycle.
        chosen = cv2.dnn.NMSBoxesBatched(
            corners.tolist(), scores[kept].tolist(), numbers[kept].tolist(), self._least_score, 0.5
        )
        out = []
        for i in np.array(chosen, int).ravel():
            group = group_of(self._classes[numbers[kept][i]])
            if group is not None:
                left, top, wide, high = (float(v) / scale for v in corners[i])
                box = (left, top, left + wide, top + high)
                out.append(Detection(box_px=box, group=group, score=float(scores[kept][i])))
        return out


def group_of(name: str) -> str | None:
    """What a class counts as; none for what has no label."""
    return next((group for group, names in GROUPS.items() if name.lower() in names), None)


def _detection(plain: Mapping[str, Any]) -> Detection | None:
    group = group_of(str(plain["class"]))
    left, top, right, bottom = (float(v) for v in plain["box"])
    if group is None or not (right > left and bottom > top):
        return None
    return Detection(box_px=(left, top, right, bottom), group=group, score=float(plain.get("score", 1.0)))


def _best(box: PixelBox, group: str | None, found: Sequence[Detection]) -> float:
    return max((_overlap(box, d.box_px) for d in found if d.group == group), default=0.0)


def _overlap(a: PixelBox, b: PixelBox) -> float:
    wide = max(0.0, min(a[2], b[2]) - max(a[0], b[0]))
    high = max(0.0, min(a[3], b[3]) - max(a[1], b[1]))
    common = wide * high
    union = (a[2] - a[0]) * (a[3] - a[1]) + (b[2] - b[0]) * (b[3] - b[1]) - common
    return common / max(1e-6, union)
