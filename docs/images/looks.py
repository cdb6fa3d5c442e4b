"""The picture of docs/looks.md: `python docs/images/looks.py` gives one frame eight looks; half a minute."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import cv2
import numpy as np

from drivegen.capture.frame import EGO
from drivegen.capture.reader import CaptureReader

LOOKS = ("", "rain", "snow", "fog", "overcast", "low_sun", "autumn", "winter", "rain_night")
COLUMNS, WIDE_PX = 3, 560


def main() -> None:
    """Records, restyles, and lays them side by side."""
    with tempfile.TemporaryDirectory() as folder:
        command = [
            *(sys.executable, "-m", "drivegen.cli.main", "generate", "experiment=tiny", "export=none"),
            *(
                f"job.runs_dir={folder}",
                "job.name=looks",
                "job.seed=7",
                "report=false",
                "traffic.vehicles=24",
            ),
            *("pedestrians.pedestrians=16", "weather.presets=[clear]", "weather.hours=[13.0]"),
            *("rig.cameras.cam_front.width_px=1120", "rig.cameras.cam_front.height_px=630"),
            f"look=[{','.join(LOOKS[1:])}]",
        ]
        subprocess.run(command, check=True)
        capture = Path(folder) / "looks" / "captures" / "scene-0001.mcap"
        tiles = [tile(capture, look) for look in LOOKS]
    rows = [np.hstack(tiles[at : at + COLUMNS]) for at in range(0, len(tiles), COLUMNS)]
    cv2.imwrite(str(Path(__file__).with_name("looks.jpg")), np.vstack(rows), [cv2.IMWRITE_JPEG_QUALITY, 85])


def tile(capture: Path, look: str) -> np.ndarray:
    """The last keyframe in a look, with its name."""
    with CaptureReader(capture, look=look) as reader:
        bgr = list(reader.frames(keyframes=True))[-1].agents[EGO].bgr("CAM_FRONT")
    height = round(bgr.shape[0] * WIDE_PX / bgr.shape[1])
    small = np.asarray(cv2.resize(bgr, (WIDE_PX, height), interpolation=cv2.INTER_AREA))
    name = look.replace("_", " ") or "simulator"
    (wide, _), _ = cv2.getTextSize(name, cv2.FONT_HERSHEY_SIMPLEX, 0.55, 1)
    cv2.rectangle(small, (0, 0), (wide + 16, 26), (255, 255, 255), -1)
    cv2.putText(small, name, (8, 18), cv2.FONT_HERSHEY_SIMPLEX, 0.55, (30, 30, 30), 1, cv2.LINE_AA)
    return small


if __name__ == "__main__":
    main()
