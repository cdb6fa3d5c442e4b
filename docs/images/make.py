"""The README's pictures: `python docs/images/make.py` records the demo's first scene under three skies."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.report.pictures import draw_boxes, draw_depth, draw_instances, draw_semantic

SIX = (("CAM_FRONT_LEFT", "CAM_FRONT", "CAM_FRONT_RIGHT"), ("CAM_BACK_RIGHT", "CAM_BACK", "CAM_BACK_LEFT"))
SKIES = (("noon", "clear", 12.0), ("rainy_night", "rainy_night", 21.0), ("haze", "haze", 16.0))
"""Picture, preset, hour."""
KEYFRAME = 4
WIDE_PX = 1600


def main() -> None:
    """Records and draws; about two minutes."""
    with tempfile.TemporaryDirectory() as folder:
        for name, preset, hour in SKIES:
            capture = record(Path(folder), name, preset, hour)
            with CaptureReader(capture) as reader:
                write(
                    f"{name}.jpg", list(reader.frames(keyframes=True))[KEYFRAME].agents[EGO].bgr("CAM_FRONT")
                )
        draw_labels(Path(folder) / "noon/captures/scene-0001.mcap")


def record(folder: Path, name: str, preset: str, hour: float) -> Path:
    """The demo's first scene under a sky, in the full resolution of the rig."""
    command = [
        *(sys.executable, "-m", "drivegen.cli.main", "generate", "experiment=demo", "rig=nuscenes"),
        *("job.scenes=1", "export=none", f"job.runs_dir={folder}", f"job.name={name}"),
        *(f"weather.presets=[{preset}]", f"weather.hours=[{hour}]"),
    ]
    subprocess.run(command, check=True)
    return folder / name / "captures" / "scene-0001.mcap"


def draw_labels(capture: Path) -> None:
    """The six cameras with boxes, and the front one with its labels."""
    with CaptureReader(capture) as reader:
        frame = list(reader.frames(keyframes=True))[KEYFRAME]
        agent = frame.agents[EGO]
        rig = {camera.name: camera for camera in reader.plan.ego.rig.cameras}

        def boxes(name: str) -> np.ndarray:
            return draw_boxes(agent.bgr(name), rig[name], agent.map_agent, frame.objects, name)[0]

        write("six_cameras.jpg", np.vstack([np.hstack([boxes(name) for name in row]) for row in SIX]))
        image = agent.bgr("CAM_FRONT")
        depth, tag = draw_depth(agent.depth_m("CAM_FRONT")), draw_semantic(agent.tag("CAM_FRONT"))
        instances = draw_instances(agent.instance("CAM_FRONT"), image)
        write("labels.jpg", np.vstack([np.hstack([image, depth]), np.hstack([tag, instances])]))


def write(name: str, image: np.ndarray, width_px: int = WIDE_PX) -> None:
    """Beside this file."""
    height = round(image.shape[0] * width_px / image.shape[1])
    small = cv2.resize(image, (width_px, height), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(Path(__file__).parent / name), small, [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main()
