"""What the card tells of columns: to `datasets` in its YAML head, to people in its notes."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

from drivegen_exporters.classes import vocabulary

IMAGES, SWEEPS = "images", "sweeps"

_NUMBERS = {"list": "float64"}
_CATEGORY = {
    "dtype": {
        "class_label": {"names": {str(i): name for i, name in enumerate(vocabulary("drivegen").categories)}}
    }
}
_BOX_3D = [
    ("center_m", _NUMBERS),
    ("size_m", _NUMBERS),
    ("orientation_wxyz", _NUMBERS),
    ("velocity_mps", _NUMBERS),
]
_HEAD = [
    ("scene", "string"),
    ("sensor", "string"),
    ("frame", "int32"),
    ("time_ns", "int64"),
    ("map_sensor", _NUMBERS),
]

_FEATURES: Mapping[str, list[tuple[str, Any]]] = {
    IMAGES: [
        ("image", "image"),
        *_HEAD,
        ("intrinsic", _NUMBERS),
        (
            "objects",
            [
                ("track_id", "int64"),
                ("category", _CATEGORY),
                ("bbox", _NUMBERS),
                ("full_bbox", _NUMBERS),
                ("visible_fraction", "float64"),
                ("truncation", "float64"),
                *_BOX_3D,
            ],
        ),
    ],
    SWEEPS: [
        *_HEAD,
        ("points", "binary"),
        (
            "objects",
            [("track_id", "int64"), ("category", _CATEGORY), ("points", "int64"), *_BOX_3D],
        ),
    ],
}
_AGENT = ("agent", "string")

_NOTES = """# Columns

One row of `images` is an image of one camera, one of `sweeps` a sweep of one LiDAR.

- `map_sensor`: 4x4, row by row, from the sensor's frame to the map's (x east, y north, z up, metres).
  Of a camera it is the optical frame: x right, y down, z forward.
- `intrinsic`: 3x3; the centre of the top left pixel is (0, 0).
- `bbox` is around the visible pixels, `full_bbox` around the projection of the whole box: x, y, width and
  height in pixels, from the corner of the first pixel.
- `center_m`, `orientation_wxyz`, `size_m` (length, width, height) and `velocity_mps` are in the map's frame.
- `points`: float32, little-endian, 4 a return: x, y, z in the LiDAR's frame, intensity 0 to 1.
"""


def features(config: str, *, agents: bool) -> list[tuple[str, Any]]:
    """Columns of a configuration: a name, and a type, a list of columns, or what `datasets` writes for it.

    Args:
        config: Its name.
        agents: With the agent whose sensor it is, after the scene.
    """
    found = _FEATURES[config]
    if not agents:
        return found
    after = found.index(("scene", "string")) + 1
    return [*found[:after], _AGENT, *found[after:]]


def notes(*, agents: bool) -> str:
    """What the card says of the columns."""
    return _NOTES + ("- `agent`: whose sensor it is.\n" if agents else "")


def front_matter(files: Mapping[str, Mapping[str, str]], *, agents: bool) -> dict[str, Any]:
    """The card's YAML head.

    Args:
        files: Pattern of files by split, by configuration; the first configuration is the default.
        agents: As of `features`.
    """
    configs = []
    for i, (config, splits) in enumerate(files.items()):
        data_files = [{"split": split, "path": pattern} for split, pattern in splits.items()]
        default = {} if i else {"default": True}
        configs.append({"config_name": config, **default, "data_files": data_files})
    infos = [{"config_name": config, "features": _plain(features(config, agents=agents))} for config in files]
    return {"configs": configs, "dataset_info": infos}


def _plain(features: list[tuple[str, Any]]) -> list[dict[str, Any]]:
    """Features as `datasets` writes them."""
    out: list[dict[str, Any]] = []
    for name, kind in features:
        if isinstance(kind, str):
            out.append({"name": name, "dtype": kind})
        elif isinstance(kind, list):
            out.append({"name": name, "list": _plain(kind)})
        else:
            out.append({"name": name, **deepcopy(kind)})  # YAML writes one object once
    return out
