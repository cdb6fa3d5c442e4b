"""A capture as an exporter sees it: the frames that are wanted, their images at the size that is wanted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, UInt8, UInt16

from drivegen.capture import images
from drivegen.capture.captured_agent import CapturedAgent
from drivegen.capture.export.selection import Selection
from drivegen.capture.export.shrink import Seen, Shrink, seen_in, shrink_of
from drivegen.capture.export.where import frames_where
from drivegen.capture.place import CapturePlace
from drivegen.capture.reader import CapturedFrame, CaptureReader
from drivegen.core.agents import label_key
from drivegen.core.errors import CaptureError
from drivegen.core.labels import ObjectLabel
from drivegen.core.sensors import Camera, Rig
from drivegen.core.tags import Tag

JPEG_QUALITY = 95
"""Of images that became smaller, where none is asked for."""


class SelectedCapture(CaptureReader):
    """A capture of which only a selection is to be seen.

    Frames keep their indices, of which some are missing. Rigs, labels and images fit one another; only
    `payload` gives messages as they stand in the file.

    Args:
        path: The capture.
        selection: What of it.
        look: As of `CaptureReader`.

    Raises:
        CaptureError: As `CaptureReader`.
        ExportError: `selection.where` cannot be asked.
    """

    def __init__(self, path: CapturePlace, selection: Selection, *, look: str = "") -> None:
        super().__init__(path, look=look)
        self._selection = selection
        self._shrinks: dict[tuple[str, str], Shrink] = {}
        """By agent and channel; filled with `rigs`, empty where images stay as they are."""
        try:
            kept = selection.in_time([head["time_ns"] for head in self._frames])
            if selection.where:
                chosen = frames_where(path, selection.where, str(path))
                kept = [index for index in kept if index in chosen]
            self._dropped = self._read_dropped()
            unwanted = {v.frame for v in self.all_verdicts() if v.drops_frame}
            kept = [index for index in kept if index not in unwanted]
        except BaseException:
            self.close()
            raise
        self._kept = kept
        self._known = frozenset(kept)

    def _read_dropped(self) -> dict[int, dict[str, frozenset[int]]]:
        found: dict[int, dict[str, frozenset[int]]] = {}
        for image in self.all_verdicts():
            if image.dropped:
                key = label_key(image.agent, image.channel)
                found.setdefault(image.frame, {})[key] = image.dropped
        return found

    def dropped(self, frame: int) -> dict[str, frozenset[int]]:
        """Tracks whose labels are left out of a frame's images, by camera (`drivegen.core.agents.label_key`).

        It is what a look has lost, where its rules say so.
        """
        return self._dropped.get(frame, {})

    @property
    def whole_size(self) -> bool:
        """Whether images stay as large as they are."""
        return self._selection.scale >= 1.0

    def __enter__(self) -> SelectedCapture:
        return self

    def __len__(self) -> int:
        return len(self._kept)

    @cached_property
    def rigs(self) -> dict[str, Rig]:
        """Rigs by agent, with cameras as their images are."""
        return {agent: self._rig(agent, rig) for agent, rig in super().rigs.items()}

    def _rig(self, agent: str, rig: Rig) -> Rig:
        if self._selection.scale >= 1.0:
            return rig
        for camera in rig.cameras:
            self._shrinks[agent, camera.name] = shrink_of(camera, self._selection.scale)
        small = [self._shrinks[agent, s.name].camera if isinstance(s, Camera) else s for s in rig.sensors]
        return replace(rig, sensors=tuple(small))

    def shrink(self, agent: str, channel: str) -> Shrink | None:
        """How a camera's images become smaller; none where they stay."""
        return self._shrinks.get((agent, channel)) if self.rigs else None

    def soiling(self, agent: str, channel: str) -> UInt8[np.ndarray, "h w"] | None:
        """As of `CaptureReader`, in the size of the images."""
        mask = super().soiling(agent, channel)
        shrink = self.shrink(agent, channel)
        return mask if mask is None or shrink is None else shrink.values(mask)

    def frame(self, index: int) -> CapturedFrame:
        """The frame of that index. Raises CaptureError when it is not among the selected."""
        if index not in self._known:
            raise CaptureError(f"{self.path}: frame {index} is not among the selected")
        return _SelectedFrame(self, self._frames[index])

    def frames(self, *, keyframes: bool = False) -> Iterator[CapturedFrame]:
        """The selected frames in order, or only the keyframes among them."""
        for index in self._kept:
            if self._frames[index]["keyframe"] or not keyframes:
                yield self.frame(index)

    def count_labels(self) -> Counter[str]:
        """Labels of the selected keyframes by class, without looking at images."""
        counts: Counter[str] = Counter()
        for index in self._kept:
            if self._frames[index]["keyframe"]:
                if index in self._dropped:
                    counts.update(o.object_class.value for o in self.frame(index).objects)
                else:
                    counts.update(o["class"] for o in CapturedFrame(self, self._frames[index]).plain_objects)
        return counts

    def jpeg(self, agent: str, channel: str, time_ns: int) -> bytes:
        """A colour image as a file: as it is kept, unless size or quality are another."""
        data = super().jpeg(agent, channel, time_ns)
        shrink, quality = self.shrink(agent, channel), self._selection.jpeg_quality
        if shrink is None and not quality:
            return data
        bgr = images.decode_jpeg(data)
        if shrink is not None:
            bgr = shrink.colours(bgr)
        return images.encode_jpeg(bgr, quality or JPEG_QUALITY)


class _SelectedFrame(CapturedFrame):
    """A frame whose labels fit the smaller images."""

    _reader: SelectedCapture

    def __init__(self, reader: SelectedCapture, head: dict[str, Any]) -> None:
        super().__init__(reader, head)
        self._seen: dict[str, tuple[Shrink, Seen] | None] = {}

    @cached_property
    def agents(self) -> dict[str, CapturedAgent]:
        """Agents by name."""
        if self._reader.whole_size and not self._reader.dropped(self.index):
            return super().agents
        return {
            name: _SelectedAgent(self, self._reader, name, agent.delivered)
            for name, agent in super().agents.items()
        }

    @cached_property
    def objects(self) -> tuple[ObjectLabel, ...]:
        """All annotated objects, by ascending track id."""
        labels = super().objects
        dropped = self._reader.dropped(self.index)
        if dropped:
            labels = tuple(found for o in labels if (found := _without(o, dropped)) is not None)
        if self._reader.whole_size:
            return labels
        return tuple(self.fitted(label) for label in labels)

    def fitted(self, label: ObjectLabel) -> ObjectLabel:
        """A label that fits the images."""
        cameras = {}
        for key, camera in label.cameras.items():
            found = self._seen_by(key)
            cameras[key] = camera if found is None else found[0].label(camera, found[1], label.track_id)
        return replace(label, cameras=cameras)

    def _seen_by(self, key: str) -> tuple[Shrink, Seen] | None:
        """Of a camera by its key in labels; none where images stay as they are."""
        if key not in self._seen:
            self._seen[key] = None
            for agent in self.agents.values():
                for channel in agent.delivered_by(Camera):
                    shrink = self._reader.shrink(agent.name, channel)
                    if shrink is not None and label_key(agent.name, channel) == key:
                        soiling = self._reader.soiling(agent.name, channel)
                        self._seen[key] = (shrink, seen_in(agent.instance(channel), soiling))
        return self._seen[key]


class _SelectedAgent(CapturedAgent):
    """An agent whose images have the size that is wanted."""

    _reader: SelectedCapture

    def __init__(
        self, frame: _SelectedFrame, reader: SelectedCapture, name: str, delivered: tuple[str, ...]
    ) -> None:
        super().__init__(reader, name, reader.rigs[name], frame.time_ns, delivered)
        self._frame = frame

    @property
    def body(self) -> ObjectLabel | None:
        """The ego's own label, where there are other agents."""
        found = super().body
        return None if found is None else self._frame.fitted(found)

    def depth_m(self, channel: str) -> Float32[np.ndarray, "h w"]:
        """Depth, see `Camera.depth_along_ray`; 0 where nothing was hit or too far."""
        return self._small(super().depth_m(channel), channel)

    def tag(self, channel: str) -> UInt8[np.ndarray, "h w"]:
        """`drivegen.core.tags.Tag` of each pixel."""
        tag = super().tag(channel)
        gone = self._gone(channel)
        if gone is not None:
            tag = np.where(gone, np.uint8(Tag.NONE), tag)
        return self._small(tag, channel)

    def instance(self, channel: str) -> UInt16[np.ndarray, "h w"]:
        """Low 16 bits of the object id of each pixel."""
        instance = super().instance(channel)
        gone = self._gone(channel)
        if gone is not None:
            instance = np.where(gone, np.uint16(0), instance)
        return self._small(instance, channel)

    def _gone(self, channel: str) -> Bool[np.ndarray, "h w"] | None:
        """Pixels of objects whose labels are left out of the image."""
        tracks = self._reader.dropped(self._frame.index).get(label_key(self.name, channel))
        if not tracks:
            return None
        return np.isin(super().instance(channel), [np.uint16(t & 0xFFFF) for t in sorted(tracks)])

    def _small(self, image: np.ndarray, channel: str) -> np.ndarray:
        shrink = self._reader.shrink(self.name, channel)
        return image if shrink is None else shrink.values(image)


def _without(label: ObjectLabel, dropped: dict[str, frozenset[int]]) -> ObjectLabel | None:
    """A label without the cameras that lost its object; none when no camera that saw it is left."""
    gone = {key for key, tracks in dropped.items() if label.track_id in tracks}
    if not gone:
        return label
    left = {key: camera for key, camera in label.cameras.items() if key not in gone}
    seen = any(camera.visible_pixels > 0 for camera in left.values())
    return replace(label, cameras=left) if seen else None
