"""Road forms from above: `python docs/images/road_forms.py [FORM ...]` draws them into roads/."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import carla
import cv2
import numpy as np
from benchmarks.lockstep import lockstep
from docs.gallery.studio import Studio

from drivegen.core.rng import derive_rng
from drivegen.opendrive.writer import write_network
from drivegen.runtime import plugins

FORMS: dict[str, tuple[str, dict[str, object], int, float]] = {
    "junction": ("junction", {"arms": 4, "lanes": [4, 3, 4, 3]}, 0, 150.0),
    "junction_3": ("junction", {"arms": 3}, 1, 140.0),
    "unsignalised": ("unsignalised", {"arms": 4, "bicycle_lanes": True}, 2, 75.0),
    "midblock": ("midblock", {"signalised": True, "lanes": 3}, 0, 75.0),
    "roundabout": ("roundabout", {"arms": 4, "circulating_lanes": 2}, 5, 105.0),
    "expressway": ("expressway", {"kind": "diverge", "lanes": 3, "hard_shoulder": True}, 0, 300.0),
    "expressway_weaving": (
        "expressway",
        {"kind": "weaving", "lanes": 3, "hard_shoulder": True, "weaving_length_m": [180.0, 180.0]},
        3,
        320.0,
    ),
    "midblock_fitted": (
        "midblock",
        {"lanes": 3, "arm_length_m": [160.0, 160.0], "bus_stops": 1, "parking_lanes": 1, "work_zones": 1},
        6,
        230.0,
    ),
    "district": ("district", {"junctions": 4, "block_m": [300.0, 320.0]}, 1, 620.0),
    "campus": ("campus", {"inner_streets": 3}, 0, 330.0),
    "industrial_park": ("industrial_park", {"ring_lanes": 2}, 2, 520.0),
}
"""Picture: plugin, its parameters, seed of the draw, width of the picture on the ground in metres."""
WIDTH_PX, HEIGHT_PX = 1280, 960
FIELD_OF_VIEW_DEG = 40.0
LARGEST_BYTES = 150_000


def main(names: list[str]) -> None:
    """Draws the named pictures, or all."""
    folder = Path(__file__).parent / "roads"
    folder.mkdir(exist_ok=True)
    for name in names or FORMS:
        write(folder / f"{name}.jpg", draw(*FORMS[name]))


def draw(plugin: str, params: dict[str, object], seed: int, ground_m: float) -> np.ndarray:
    """The form from straight above at noon, north up."""
    roads = plugins.make("generators.roads", plugin, params, "map.plugin")
    text = write_network(roads.generate(derive_rng(seed, "map"), plugin))
    height_m = ground_m / 2.0 / np.tan(np.radians(FIELD_OF_VIEW_DEG / 2.0))
    with tempfile.TemporaryDirectory() as folder:
        road = Path(folder) / f"{plugin}.xodr"
        road.write_text(text, encoding="utf-8")
        with lockstep(road) as session:
            session.world.set_weather(carla.WeatherParameters(cloudiness=10.0, sun_altitude_angle=60.0))
            place = Studio(session.client, session.world)
            above = carla.Transform(
                carla.Location(0.0, 0.0, float(height_m)), carla.Rotation(pitch=-90.0, yaw=-90.0)
            )
            try:
                return place.take(above, WIDTH_PX, HEIGHT_PX, FIELD_OF_VIEW_DEG).color
            finally:
                place.close()


def write(path: Path, image: np.ndarray) -> None:
    """As JPEG, in the best quality that keeps within the size."""
    for quality in range(88, 30, -4):
        good, data = cv2.imencode(".jpg", image, [cv2.IMWRITE_JPEG_QUALITY, quality])
        if good and len(data) <= LARGEST_BYTES:
            path.write_bytes(data.tobytes())
            return
    raise SystemExit(f"{path.name} does not fit into {LARGEST_BYTES} bytes")


if __name__ == "__main__":
    main(sys.argv[1:])
