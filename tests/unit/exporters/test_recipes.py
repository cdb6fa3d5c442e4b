"""The recipes for `where=` in docs/datasets.md choose the frames that they say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from synthetic_capture import XODR, make_frames, make_plan, make_rig

from drivegen.capture.export.where import check_where, frames_where
from drivegen.capture.frame import EGO, Frame
from drivegen.capture.reader import CaptureReader
from drivegen.capture.writer import CaptureWriter
from drivegen.core.labels import ObjectLabel

DOCUMENT = Path(__file__).parents[3] / "docs" / "datasets.md"
VEHICLES = {"car", "van", "truck", "bus"}
ON_FOOT = {"pedestrian", "child"}


def recipes() -> dict[str, str]:
    block = re.search(r"Recipes:\n\n```sql\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    assert block is not None
    lines = block.group(1).splitlines()
    return {a.removeprefix("-- "): b for a, b in zip(lines[::2], lines[1::2], strict=True)}


@pytest.fixture(scope="module")
def capture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rain at dusk; people on foot only in the first frames, a light that is red in the later ones."""
    rig = make_rig(160, 90, 90)
    rig = replace(rig, sensors=(replace(rig.cameras[0], fov_deg=60.0), *rig.lidars))
    plan = make_plan("scene-0001", 1.55, rig)
    weather = replace(plan.weather.parameters, precipitation=30.0, sun_altitude_deg=2.0)
    plan = replace(plan, weather=replace(plan.weather, parameters=weather))
    path = tmp_path_factory.mktemp("recipes") / "scene-0001.mcap"
    with CaptureWriter(path, plan, {}, opendrive=XODR) as writer:
        for frame in make_frames(plan):
            objects = tuple(
                o for o in frame.objects if frame.index < 8 or o.object_class.value not in ON_FOOT
            )
            signals = {"1": "green", "2": "red" if frame.index > 12 else "green"}
            writer.write(replace(frame, objects=objects, signals=signals))
    return path


def away_m(frame: Frame, label: ObjectLabel) -> float:
    ego = frame.agents[EGO].map_agent.position_m
    return float(np.linalg.norm(label.box.pose.position_m - ego))


def apart_m(a: ObjectLabel, b: ObjectLabel) -> float:
    return math.dist(a.box.pose.position_m[:2], b.box.pose.position_m[:2])


def comes(frame: Frame, label: ObjectLabel) -> bool:
    if label.object_class.value not in VEHICLES or np.linalg.norm(label.velocity_mps) < 5:
        return False
    towards = frame.agents[EGO].map_agent.position_m - label.box.pose.position_m
    return bool(label.box.pose.rotation[:2, 0] @ towards[:2] > 0)


def seen_well(label: ObjectLabel) -> bool:
    best = max((c.visible_fraction for c in label.cameras.values()), default=0.0)
    return best > 0.9 and sum(label.lidar_points.values()) == 0


SAID: dict[str, Callable[[Frame], bool]] = {
    "rain, and somebody on foot within 20 m": lambda f: any(
        o.object_class.value in ON_FOOT and away_m(f, o) < 20 for o in f.objects
    ),
    "a bicycle near a bus": lambda f: any(
        a.object_class.value == "bicycle" and b.object_class.value == "bus" and apart_m(a, b) < 40
        for a in f.objects
        for b in f.objects
    ),
    "a crowd: six things or more within 25 m": lambda f: sum(away_m(f, o) < 25 for o in f.objects) >= 6,
    "a vehicle that comes towards the ego at 5 m/s or more": lambda f: any(comes(f, o) for o in f.objects),
    "cut off by the border of the front camera's image": lambda f: any(
        o.cameras["CAM_FRONT"].truncation > 0 for o in f.objects if "CAM_FRONT" in o.cameras
    ),
    "in plain view, and yet without a LiDAR return": lambda f: f.keyframe and any(map(seen_well, f.objects)),
    "twilight or night, and a red light": lambda f: f.index > 12,
    "a keyframe without anybody on foot": lambda f: f.keyframe and f.index >= 8,
}


def test_the_document_has_these_recipes() -> None:
    assert recipes().keys() == SAID.keys()


@pytest.mark.parametrize("said", SAID)
def test_a_recipe_takes_the_frames_that_it_says(said: str, capture: Path) -> None:
    expression = recipes()[said]
    check_where(expression, "a test")
    with CaptureReader(capture) as reader:
        frames = [f.load(()) for f in reader.frames()]
    found = frames_where(capture, expression, "a test")
    assert found == {f.index for f in frames if SAID[said](f)}
    assert found
