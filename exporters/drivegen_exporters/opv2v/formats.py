"""The two kinds of text files of the form: YAML of agents and PCD of sweeps.

YAML: block mappings, flow lists of numbers, every float with a fixed number of decimals, so that equal values
are equal bytes and YAML 1.1 and 1.2 read the same (1e-05 is a text to the former).

PCD 0.7 as Open3D reads it: x, y, z and `rgb`, whose red is the intensity, for the consumers ask for colours.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

DECIMALS = 9
"""Of floats: a nanometre."""

_ROW = np.dtype([("x", "<f4"), ("y", "<f4"), ("z", "<f4"), ("rgb", "<u4")])


def yaml_bytes(data: Mapping[str, Any]) -> bytes:
    """A mapping as a YAML document.

    Values are mappings (whose keys are texts or whole numbers), lists, numbers, texts, truth values, none.
    """
    return ("\n".join(_block(data, 0)) + "\n").encode()


def _block(data: Mapping[Any, Any], depth: int) -> Iterator[str]:
    for key, value in data.items():
        lead = "  " * depth + f"{_scalar(key)}:"
        if isinstance(value, Mapping) and value:
            yield lead
            yield from _block(value, depth + 1)
        else:
            yield f"{lead} {_flow(value)}"


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_scalar(k)}: {_flow(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(map(_flow, value)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None or isinstance(value, bool | int | np.integer):
        return json.dumps(value if value is None or isinstance(value, bool) else int(value))
    if isinstance(value, float | np.floating):
        # Adding 0 takes the sign from -0.
        return f"{round(float(value), DECIMALS) + 0.0:.{DECIMALS}f}"
    text = str(value)
    return text if text.isidentifier() and text.lower() not in _WORDS else json.dumps(text)


_WORDS = {"y", "n", "yes", "no", "on", "off", "true", "false", "null", "none"}
"""Texts that YAML 1.1 takes for something else."""


def pcd_bytes(points_m: Float[np.ndarray, "n 3"], intensity: Float32[np.ndarray, "n"]) -> bytes:
    """A cloud.

    Args:
        points_m: In the frame that the file is to have.
        intensity: 0..1; kept in 255 steps.
    """
    rows = np.zeros(len(points_m), _ROW)
    for axis, name in enumerate("xyz"):
        rows[name] = points_m[:, axis]
    red = np.rint(np.clip(intensity, 0.0, 1.0) * 255.0).astype(np.uint32)
    rows["rgb"] = red << 16
    head = (
        "# .PCD v0.7 - Point Cloud Data file format\nVERSION 0.7\nFIELDS x y z rgb\nSIZE 4 4 4 4\n"
        f"TYPE F F F F\nCOUNT 1 1 1 1\nWIDTH {len(rows)}\nHEIGHT 1\nVIEWPOINT 0 0 0 1 0 0 0\n"
        f"POINTS {len(rows)}\nDATA binary\n"
    )
    return head.encode() + rows.tobytes()
