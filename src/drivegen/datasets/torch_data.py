"""A Dataset of torch over frames or images of captures. The only module here that imports torch."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import fields, is_dataclass
from typing import Any, Generic, TypeVar

import numpy as np
import torch
from torch.utils.data import Dataset, default_collate

from drivegen.datasets.load_torch import Items

View = TypeVar("View")

_WIDER = {np.dtype(np.uint16): np.int32, np.dtype(np.uint32): np.int64}
"""Of types that torch can hold but hardly reckon with."""


class TorchDataset(Dataset[Any], Generic[View]):
    """Map-style: works with DataLoader's shuffling and workers, forked or spawned.

    Args:
        items: Frames or images.
        transform: Makes an item of a view.
    """

    def __init__(self, items: Items[View], transform: Callable[[View], Any]) -> None:
        self.items = items
        self.transform = transform

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, number: int) -> Any:
        """The transform's result, with tensors for arrays."""
        return tensors(self.transform(self.items[int(number)]))


def tensors(value: Any) -> Any:
    """Arrays within dictionaries, lists, tuples and dataclasses (as dictionaries) as tensors.

    Unsigned numbers of 16 and 32 bits become signed ones of twice the width.
    """
    if isinstance(value, np.ndarray):
        return torch.from_numpy(np.ascontiguousarray(value, _WIDER.get(value.dtype, value.dtype)))
    if isinstance(value, dict):
        return {key: tensors(each) for key, each in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: tensors(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, list | tuple):
        return type(value)(tensors(each) for each in value)
    return value


def collate(items: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """For DataLoader's `collate_fn`: stacks tensors and numbers, and lists everything else.

    So images become one tensor, and the boxes of each image, which are a dictionary of their own and of
    which every image has its own number, an entry of a list: what detectors take as targets.
    """
    return {key: _joined([item[key] for item in items]) for key in items[0]}


def _joined(values: list[Any]) -> Any:
    return default_collate(values) if isinstance(values[0], torch.Tensor | int | float) else values
