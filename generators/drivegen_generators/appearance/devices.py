"""Which device a model runs on, and in which numbers."""

from __future__ import annotations

from typing import Any

import diffusers
import torch

from drivegen.core.errors import ConfigError


def device_of(name: str) -> torch.device:
    """The device of a name; `auto`: the accelerator of any make, else the processor. Raises ConfigError."""
    if name != "auto":
        try:
            return torch.device(name)
        except RuntimeError as error:
            raise ConfigError(f"device {name!r}: {str(error).splitlines()[0]}") from None
    found = torch.accelerator.current_accelerator() if torch.accelerator.is_available() else None
    return found or torch.device("cpu")


def dtype_of(name: str, device: torch.device) -> torch.dtype:
    """The numbers to reckon with; `auto` is bfloat16 on accelerators and float32 on the processor."""
    known = {"bfloat16": torch.bfloat16, "float32": torch.float32}
    if name == "auto":
        return torch.float32 if device.type == "cpu" else torch.bfloat16
    return known[name]


def surroundings(device: torch.device, dtype: torch.dtype) -> dict[str, Any]:
    """On what images are made, for a look's file: other surroundings may give other bytes."""
    return {
        "device": torch.cuda.get_device_name(device) if device.type == "cuda" else device.type,
        "dtype": str(dtype).removeprefix("torch."),
        "torch": torch.__version__,
        "diffusers": diffusers.__version__,
        "threads": torch.get_num_threads(),
    }
