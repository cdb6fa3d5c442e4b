"""Panoptic labels of points, as Panoptic nuScenes has them (Fong et al. 2022): 1000 x category + instance.

Numbers of instances are a scene's: an object keeps its own, by the order in which objects are first met. What
is no thing, and returns of things that belong to no annotated object, have 0.
"""

from __future__ import annotations

import io

import numpy as np
from jaxtyping import UInt8, UInt16, UInt32

from drivegen.core.errors import ExportError
from drivegen.core.labels import ObjectLabel

MOST_INSTANCES = 1000


class InstanceNumbers:
    """Numbers the objects of a scene."""

    def __init__(self) -> None:
        self._numbers: dict[int, int] = {}

    def labels(
        self,
        categories: UInt8[np.ndarray, "n"],
        object_id: UInt32[np.ndarray, "n"],
        objects: tuple[ObjectLabel, ...],
    ) -> UInt16[np.ndarray, "n"]:
        """The label of each return.

        Args:
            categories: Its lidarseg index.
            object_id: Whose it is.
            objects: The annotated ones, by ascending track id.

        Raises:
            ExportError: The scene has more objects than the labels can number.
        """
        known = {o.track_id for o in objects}
        found, back = np.unique(object_id, return_inverse=True)
        numbers = [self._number(int(i)) if int(i) in known else 0 for i in found]
        if len(self._numbers) >= MOST_INSTANCES:
            raise ExportError(
                "nuscenes: returns of 1000 objects in one scene; panoptic labels tell 999 apart"
            )
        instance = np.array(numbers, np.uint16)[back] if len(found) else np.zeros(0, np.uint16)
        return categories.astype(np.uint16) * np.uint16(MOST_INSTANCES) + instance

    def _number(self, track_id: int) -> int:
        return self._numbers.setdefault(track_id, len(self._numbers) + 1)


def pack_labels(labels: UInt16[np.ndarray, "n"]) -> bytes:
    """The file of a sweep: an npz of one array."""
    file = io.BytesIO()
    np.savez_compressed(file, data=labels)
    return file.getvalue()
