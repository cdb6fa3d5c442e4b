"""Frames of captures as a sequence: by number, sliced, picked, split by scene."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any, overload

import numpy as np

from drivegen.capture.export.splits import Dealer, read_splits, traits_of
from drivegen.capture.export.where import check_where, rows_where
from drivegen.capture.reader import CaptureReader
from drivegen.core.errors import CaptureError
from drivegen.core.plans import ScenePlan
from drivegen.core.sensors import Camera
from drivegen.datasets.image_set import ImageSet
from drivegen.datasets.listing import Listing, Tables, tables_of
from drivegen.datasets.shelf import Shelf
from drivegen.datasets.views import FrameView

if TYPE_CHECKING:
    from drivegen.datasets.torch_data import TorchDataset

_WHERE = "datasets"


class FrameSet:
    """A sequence of frames. What picks frames gives a new sequence; nothing is copied.

    It can be sent to other processes; each opens captures itself. Not for use by several threads at once.
    """

    def __init__(self, listing: Listing, shelf: Shelf, tables: Tables | None) -> None:
        self._listing = listing
        self._shelf = shelf
        self._tables = tables

    def __len__(self) -> int:
        return len(self._listing)

    @overload
    def __getitem__(self, item: int) -> FrameView: ...
    @overload
    def __getitem__(self, item: slice) -> FrameSet: ...
    def __getitem__(self, item: int | slice) -> FrameView | FrameSet:
        """A frame by its number, or a part of the sequence. Raises IndexError."""
        if isinstance(item, slice):
            return self.take(np.arange(len(self))[item])
        number = range(len(self))[item]
        return FrameView(self._shelf, int(self._listing.scene[number]), int(self._listing.frame[number]))

    def __iter__(self) -> Iterator[FrameView]:
        return (self[i] for i in range(len(self)))

    @property
    def scenes(self) -> tuple[str, ...]:
        """Names of the scenes that frames are of, in their order."""
        numbers = np.unique(self._listing.scene)
        return tuple(self._listing.scenes[i].name for i in numbers)

    def reader(self, scene: str) -> CaptureReader:
        """A scene's capture, for what is not here: the map, messages, provenance. Do not close it.

        Raises:
            CaptureError: There is no such scene, or it cannot be read.
        """
        for number, found in enumerate(self._listing.scenes):
            if found.name == scene:
                return self._shelf.reader(number)
        raise CaptureError(f"no scene {scene}; there are {', '.join(self.scenes)}")

    def plan(self, scene: str) -> ScenePlan:
        """A scene's plan: its weather, map, cast. Raises CaptureError."""
        return self.reader(scene).plan

    def take(self, rows: np.ndarray) -> FrameSet:
        """Frames by their numbers in this sequence, in the order given."""
        return FrameSet(self._listing.take(rows), self._shelf, self._tables)

    def of_scenes(self, names: Collection[str]) -> FrameSet:
        """The frames of some scenes. Raises CaptureError for a name that is not there."""
        unknown = sorted(set(names) - {scene.name for scene in self._listing.scenes})
        if unknown:
            raise CaptureError(f"no scene {', '.join(unknown)}; there are {', '.join(self.scenes)}")
        numbers = [i for i, scene in enumerate(self._listing.scenes) if scene.name in names]
        return self.take(np.flatnonzero(np.isin(self._listing.scene, numbers)))

    def where(self, expression: str) -> FrameSet:
        """The frames that a condition is true of, with at least one of their objects.

        It is the condition of `drivegen export RUN where=...`: DuckDB's, over the columns of the tables
        `scenes`, `frames` and `objects` (docs/captures.md). It is asked of the run's index where there is
        one, else of the captures, which are then read.

        Args:
            expression: For example "precipitation > 0 and class = 'pedestrian' and distance_m < 20".

        Raises:
            ExportError: It cannot be asked.
            CaptureError: A capture cannot be read.
        """
        check_where(expression, _WHERE)
        if self._tables is not None:
            pairs = rows_where(self._tables, expression, _WHERE)
        else:
            scenes = [self._listing.scenes[i] for i in np.unique(self._listing.scene)]
            pairs = frozenset().union(*(rows_where(tables_of(s), expression, _WHERE) for s in scenes))
        names = [scene.name for scene in self._listing.scenes]
        own = zip(self._listing.scene.tolist(), self._listing.frame.tolist(), strict=True)
        kept = [i for i, (scene, frame) in enumerate(own) if (names[scene], frame) in pairs]
        return self.take(np.array(kept, np.int64))

    def split(self, shares: Mapping[str, float] | None = None, seed: int = 0) -> dict[str, FrameSet]:
        """Frames by split. A scene is in one split; splits are even in weather, time of day and map.

        It deals as `drivegen export` does: equal scenes, shares and seed, equal splits.

        Args:
            shares: By name, together 1; none: train 0.8, val 0.1, test 0.1.
            seed: Another one deals otherwise.

        Raises:
            ExportError: The shares are none.
            CaptureError: A capture cannot be read.
        """
        splits = read_splits(shares, seed, _WHERE)
        dealer = Dealer(splits)
        dealt: dict[str, list[str]] = {name: [] for name in splits.names}
        for scene in sorted(self.scenes):
            dealt[dealer.deal(scene, traits_of(self.plan(scene)))].append(scene)
        return {name: self.of_scenes(scenes) for name, scenes in dealt.items()}

    def images(
        self, *, channels: Collection[str] | None = None, agents: Collection[str] | None = None
    ) -> ImageSet:
        """The images of these frames, one an item: by frame, then by agent, then by channel.

        Args:
            channels: Of which cameras; none: of all.
            agents: Of which agents (`ego`, ...); none: of all.

        Raises:
            CaptureError: No agent has such a camera, or a capture cannot be read.
        """
        kinds: dict[tuple[int, int], list[tuple[str, str]]] = {}
        listing = self._listing
        rows: list[tuple[int, int, str, str]] = []
        sensors = listing.scene.tolist(), listing.frame.tolist(), listing.delivered.tolist()
        for scene, frame, code in zip(*sensors, strict=True):
            if (scene, code) not in kinds:
                cameras = self._cameras(scene, channels, agents)
                kinds[scene, code] = [c for c in cameras if "/".join(c) in listing.deliveries[code]]
            rows += ((scene, frame, agent, channel) for agent, channel in kinds[scene, code])
        if not rows and len(self):
            some = self._cameras(int(listing.scene[0]), None, None)
            raise CaptureError(
                f"no image of channels {sorted(channels or ())} of agents {sorted(agents or ())}; there are"
                f" {', '.join('/'.join(c) for c in some) or 'no cameras'}"
            )
        return ImageSet(tuple(rows), self._shelf)

    def _cameras(
        self, scene: int, channels: Collection[str] | None, agents: Collection[str] | None
    ) -> list[tuple[str, str]]:
        return [
            (agent, sensor.name)
            for agent, rig in self._shelf.reader(scene).rigs.items()
            for sensor in rig.sensors
            if isinstance(sensor, Camera)
            and (channels is None or sensor.name in channels)
            and (agents is None or agent in agents)
        ]

    def torch(self, transform: Callable[[FrameView], Any]) -> TorchDataset[FrameView]:
        """A map-style Dataset of torch over these frames.

        Args:
            transform: Makes an item of a frame: a plain function of a module, so that workers can have it.
                Arrays of its result become tensors.

        Raises:
            ConfigError: torch is not installed.
        """
        from drivegen.datasets.load_torch import torch_dataset  # noqa: PLC0415  (torch: only where used)

        return torch_dataset(self, transform)

    def close(self) -> None:
        """Closes captures that are open in this process; they are opened again when asked for."""
        self._shelf.close()
