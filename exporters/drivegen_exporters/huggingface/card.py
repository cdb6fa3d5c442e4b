"""README.md: what `datasets` reads of a data set's columns, and what people read."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from drivegen_exporters.classes import vocabulary

IMAGES, SWEEPS = "images", "sweeps"

_NUMBERS = {"list": "float64"}
_BOX_3D = [
    ("center_m", _NUMBERS),
    ("size_m", _NUMBERS),
    ("orientation_wxyz", _NUMBERS),
    ("velocity_mps", _NUMBERS),
]
_CATEGORY = {"dtype": {"class_label": {"names": dict(enumerate(vocabulary("drivegen").categories))}}}
_HEAD = [
    ("scene", "string"),
    ("sensor", "string"),
    ("frame", "int32"),
    ("time_ns", "int64"),
    ("map_sensor", _NUMBERS),
]

FEATURES: Mapping[str, list[tuple[str, Any]]] = {
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
"""Columns by configuration."""


def readme(files: Mapping[str, Mapping[str, str]], counts: Mapping[str, int]) -> str:
    """The file, with the YAML head that `datasets` wants.

    Args:
        files: Pattern of files by split, by configuration; the first configuration is the default.
        counts: Numbers to be told.
    """
    lines = ["---", "pretty_name: drivegen", "configs:"]
    for i, (config, splits) in enumerate(files.items()):
        lines += [f"- config_name: {config}", *(["  default: true"] if not i else []), "  data_files:"]
        for split, pattern in splits.items():
            lines += [f"  - split: {split}", f"    path: {pattern}"]
    lines.append("dataset_info:")
    for config in files:
        lines += [f"- config_name: {config}", "  features:", *_feature_lines(FEATURES[config], "  ")]
    lines += ["---", "", "# Simulated driving", ""]
    lines += [
        "Made by drivegen: simulated, no recording of the real world. One row of `images` is an image of one"
    ]
    lines += ["camera, one of `sweeps` a sweep of one LiDAR.", ""]
    lines += [f"- {name}: {count}" for name, count in counts.items()]
    lines += ["", *_EXPLAINED]
    return "\n".join(lines) + "\n"


_EXPLAINED = (
    "- `map_sensor`: 4x4, row by row, from the sensor's frame to the map's (x east, y north, z up, metres).",
    "  Of a camera it is the optical frame: x right, y down, z forward.",
    "- `intrinsic`: 3x3; the centre of the top left pixel is (0, 0).",
    "- `bbox` is around the visible pixels, `full_bbox` around the projection of the whole box: x, y, width",
    "  and height in pixels, from the corner of the first pixel.",
    "- `center_m`, `orientation_wxyz`, `size_m` (length, width, height) and `velocity_mps` are in the map's",
    "  frame.",
    "- `points`: float32, little-endian, 4 a return: x, y, z in the LiDAR's frame, intensity 0 to 1.",
)


def _feature_lines(features: list[tuple[str, Any]], indent: str) -> list[str]:
    lines: list[str] = []
    for name, kind in features:
        lines.append(f"{indent}- name: {name}")
        if isinstance(kind, str):
            lines.append(f"{indent}  dtype: {kind}")
        elif isinstance(kind, list):
            lines += [f"{indent}  list:", *_feature_lines(kind, f"{indent}  ")]
        elif "list" in kind:
            lines.append(f"{indent}  list: {kind['list']}")
        else:
            lines += [f"{indent}  dtype:", f"{indent}    class_label:", f"{indent}      names:"]
            names = kind["dtype"]["class_label"]["names"]
            lines += [f"{indent}        '{i}': {each}" for i, each in names.items()]
    return lines
