"""Who touched whom in a step."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, UInt8, UInt32

SCENERY_ID = 0
"""In place of an actor's id."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Contacts:
    """Who touched whom in a step: a pair at most once, a body and scenery at most once a semantic tag.

    Of an unlike pair the first is the vehicle, else the walker; of a like pair, the one added earlier.
    """

    first_id: UInt32[np.ndarray, "k"]
    """Always an actor."""
    second_id: UInt32[np.ndarray, "k"]
    """An actor, or `SCENERY_ID`."""
    second_tag: UInt8[np.ndarray, "k"]
    """`core.tags.Tag` of what was touched of the second."""
    impulse_ns: Float64[np.ndarray, "k 3"]
    """Given to the second, summed over the step, world frame, newton seconds; to the first, its opposite."""

    def __len__(self) -> int:
        return len(self.first_id)

    @staticmethod
    def none() -> Contacts:
        """Nobody touched anything."""
        return Contacts(
            first_id=np.zeros(0, np.uint32),
            second_id=np.zeros(0, np.uint32),
            second_tag=np.zeros(0, np.uint8),
            impulse_ns=np.zeros((0, 3)),
        )
