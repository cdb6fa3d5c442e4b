"""Images of captures as a sequence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, overload

from drivegen.datasets.shelf import Shelf
from drivegen.datasets.views import FrameView, ImageView, image_arrays

if TYPE_CHECKING:
    from drivegen.datasets.torch_data import TorchDataset


class ImageSet:
    """A sequence of images, each of one camera in one frame.

    It can be sent to other processes; each opens captures itself. Not for use by several threads at once.
    """

    def __init__(self, rows: tuple[tuple[int, int, str, str], ...], shelf: Shelf) -> None:
        """Rows are (number of the scene, index of the frame, agent, channel)."""
        self._rows = rows
        self._shelf = shelf

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, item: int) -> ImageView: ...
    @overload
    def __getitem__(self, item: slice) -> ImageSet: ...
    def __getitem__(self, item: int | slice) -> ImageView | ImageSet:
        """An image by its number, or a part of the sequence. Raises IndexError."""
        if isinstance(item, slice):
            return ImageSet(self._rows[item], self._shelf)
        scene, frame, agent, channel = self._rows[item]
        return ImageView(FrameView(self._shelf, scene, frame), agent, channel)

    def __iter__(self) -> Iterator[ImageView]:
        return (self[i] for i in range(len(self)))

    def torch(self, transform: Callable[[ImageView], Any] = image_arrays) -> TorchDataset[ImageView]:
        """A map-style Dataset of torch over these images.

        Args:
            transform: Makes an item of an image: a plain function of a module, so that workers can have it.
                Arrays of its result become tensors.

        Raises:
            ConfigError: torch is not installed.
        """
        from drivegen.datasets.load_torch import torch_dataset  # noqa: PLC0415  (torch: only where used)

        return torch_dataset(self, transform)
