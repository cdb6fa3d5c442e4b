"""The way to torch for those who may not have it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from drivegen.core.errors import ConfigError

if TYPE_CHECKING:
    from drivegen.datasets.torch_data import TorchDataset

Item_co = TypeVar("Item_co", covariant=True)
View = TypeVar("View")


class Items(Protocol[Item_co]):
    """What has a length, and items by number."""

    def __len__(self) -> int: ...

    def __getitem__(self, number: int, /) -> Item_co: ...


def torch_dataset(items: Items[View], transform: Callable[[View], Any]) -> TorchDataset[View]:
    """A Dataset over the items. Raises ConfigError where torch is not installed."""
    try:
        from drivegen.datasets.torch_data import TorchDataset  # noqa: PLC0415
    except ModuleNotFoundError as error:
        if error.name != "torch":
            raise
        raise ConfigError("torch is not installed: pip install 'drivegen[train]'") from None
    return TorchDataset(items, transform)
