"""Tensors in safetensors files, with numpy alone (https://huggingface.co/docs/safetensors, "Format")."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np

from drivegen.core.errors import ConfigError

_KINDS: dict[str, np.dtype[Any]] = {"F32": np.dtype("<f4"), "F16": np.dtype("<f2")}
_MOST_HEADER_BYTES = 1 << 20


def read_tensors(path: Path) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    """Tensors by name, and the file's metadata. Raises ConfigError for what is no such file."""
    try:
        data = path.read_bytes()
        (length,) = struct.unpack_from("<Q", data)
        if length > min(_MOST_HEADER_BYTES, len(data)):
            raise ValueError("its header is longer than can be")
        head = json.loads(data[8 : 8 + length])
        about = head.pop("__metadata__", {})
        body = memoryview(data)[8 + length :]
        found = {}
        for name, entry in head.items():
            begin, end = entry["data_offsets"]
            values = np.frombuffer(bytes(body[begin:end]), _KINDS[entry["dtype"]]).reshape(entry["shape"])
            found[name] = values.astype(np.float32)
    except (OSError, ValueError, KeyError, TypeError, struct.error) as error:
        raise ConfigError(f"{path}: no weights in safetensors format ({error})") from None
    return found, about


def write_tensors(path: Path, tensors: dict[str, np.ndarray], about: dict[str, str]) -> None:
    """Writes tensors as 16-bit floats, in the order of their names."""
    head: dict[str, object] = {"__metadata__": dict(sorted(about.items()))}
    blobs, at = [], 0
    for name, values in sorted(tensors.items()):
        blob = np.ascontiguousarray(values, dtype="<f2").tobytes()
        head[name] = {"dtype": "F16", "shape": list(values.shape), "data_offsets": [at, at + len(blob)]}
        blobs.append(blob)
        at += len(blob)
    text = json.dumps(head, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(b"".join([struct.pack("<Q", len(text)), text, *blobs]))
