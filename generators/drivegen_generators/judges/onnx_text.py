"""The segmenter as an ONNX model, written field by field, so that OpenCV can run it without torch.

Field numbers are those of onnx.proto3 of ONNX 1.16 (https://github.com/onnx/onnx, IR 8, operators 13).
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np

from drivegen_generators.judges.layers import LAYERS, Layer

_FLOAT = 1


def model(tensors: dict[str, np.ndarray], layers: Sequence[Layer] = LAYERS) -> bytes:
    """A model from image (1, 3, h, w) to scores (1, classes, h / 2, w / 2)."""
    nodes, constants = [], []
    before = "image"
    for layer in layers:
        weight, bias = f"{layer.name}.weight", f"{layer.name}.bias"
        constants += [_tensor(weight, tensors[weight]), _tensor(bias, tensors[bias])]
        out = f"{layer.name}.sum" if layer.plus or layer.ramp else layer.name
        numbers = {
            "kernel_shape": [layer.kernel] * 2,
            "strides": [layer.stride] * 2,
            "dilations": [layer.dilation] * 2,
            "pads": [layer.padding] * 4,
        }
        kind = "ConvTranspose" if layer.up else "Conv"
        nodes.append(_node(kind, [before, weight, bias], out, numbers))
        if layer.plus:
            added = f"{layer.name}.added"
            nodes.append(_node("Add", [out, layer.plus], added))
            out = added
        if layer.ramp:
            nodes.append(_node("Relu", [out], layer.name))
        before = layer.name
    graph = b"".join(
        [
            *(_bytes(1, n) for n in nodes),
            _bytes(2, b"segmenter"),
            *(_bytes(5, c) for c in constants),
            _bytes(11, _value("image", ["n", layers[0].inputs, "h", "w"])),
            _bytes(12, _value(before, ["n", layers[-1].outputs, "u", "v"])),
        ]
    )
    return _int(1, 8) + _bytes(7, graph) + _bytes(8, _int(2, 13))


def _node(kind: str, inputs: list[str], output: str, numbers: dict[str, list[int]] | None = None) -> bytes:
    parts = [_bytes(1, name.encode()) for name in inputs]
    parts += [_bytes(2, output.encode()), _bytes(3, output.encode()), _bytes(4, kind.encode())]
    for name, values in (numbers or {}).items():
        field = _bytes(1, name.encode()) + b"".join(_int(8, v) for v in values) + _int(20, 7)
        parts.append(_bytes(5, field))
    return b"".join(parts)


def _tensor(name: str, values: np.ndarray) -> bytes:
    shape = b"".join(_int(1, n) for n in values.shape)
    data = np.ascontiguousarray(values, dtype="<f4").tobytes()
    return shape + _int(2, _FLOAT) + _bytes(8, name.encode()) + _bytes(9, data)


def _value(name: str, shape: list[int | str]) -> bytes:
    axes = b"".join(_bytes(1, _int(1, n) if isinstance(n, int) else _bytes(2, n.encode())) for n in shape)
    kind = _bytes(1, _int(1, _FLOAT) + _bytes(2, axes))
    return _bytes(1, name.encode()) + _bytes(2, kind)


def _int(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return struct.pack(f"{len(out)}B", *out)
