"""The README's pictures, from a capture: python docs/images/make.py runs/demo/captures/scene-0001.mcap 5"""

from __future__ import annotations

import sys
from pathlib import Path

import cv2
import numpy as np

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader
from drivegen.report.pictures import draw_boxes, draw_depth, draw_instances, draw_semantic

SIX = (("CAM_FRONT_LEFT", "CAM_FRONT", "CAM_FRONT_RIGHT"), ("CAM_BACK_RIGHT", "CAM_BACK", "CAM_BACK_LEFT"))


def main(capture: Path, number: int) -> None:
    """Draws keyframe `number`."""
    with CaptureReader(capture) as reader:
        frame = list(reader.frames(keyframes=True))[number]
        agent = frame.agents[EGO]
        rig = {camera.name: camera for camera in reader.plan.ego.rig.cameras}

        def boxes(name: str) -> np.ndarray:
            return draw_boxes(agent.bgr(name), rig[name], agent.map_agent, frame.objects, name)[0]

        write("six_cameras.jpg", np.vstack([np.hstack([boxes(name) for name in row]) for row in SIX]))
        image = agent.bgr("CAM_FRONT")
        depth, tag = draw_depth(agent.depth_m("CAM_FRONT")), draw_semantic(agent.tag("CAM_FRONT"))
        instances = draw_instances(agent.instance("CAM_FRONT"), image)
        write("labels.jpg", np.vstack([np.hstack([image, depth]), np.hstack([tag, instances])]))


def write(name: str, image: np.ndarray, width_px: int = 1600) -> None:
    """Beside this file."""
    height = round(image.shape[0] * width_px / image.shape[1])
    small = cv2.resize(image, (width_px, height), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(Path(__file__).parent / name), small, [cv2.IMWRITE_JPEG_QUALITY, 88])


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 3)
