"""sensor.other.collision."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float64, UInt8, UInt32

from drivegen.embedded.sensors.measurements import CollisionEvent, Met


class CollisionDetector:
    """Tells what its parent touches: an event for each other body, in every tick in which they touch."""

    sensor_tick_s = 0.0
    """It has no attribute: every tick counts."""

    def events(
        self,
        body_id: int,
        first_id: UInt32[np.ndarray, "k"],
        second_id: UInt32[np.ndarray, "k"],
        second_tag: UInt8[np.ndarray, "k"],
        impulse_ns: Float64[np.ndarray, "k 3"],
    ) -> list[CollisionEvent]:
        """What one body met in a step.

        Args:
            body_id: The parent; 0 for none.
            first_id: One body of each contact.
            second_id: The other; 0 for scenery.
            second_tag: Semantic tag of the other.
            impulse_ns: Given to the second, world frame.
        """
        if not body_id:
            return []
        out = []
        for row in np.flatnonzero((first_id == body_id) | (second_id == body_id)).tolist():
            is_first = int(first_id[row]) == body_id
            other = Met(
                object_id=int(second_id[row] if is_first else first_id[row]),
                tag=int(second_tag[row]) if is_first else 0,
            )
            given = -impulse_ns[row] if is_first else impulse_ns[row]
            out.append(CollisionEvent(other=other, impulse_ns=np.array(given, dtype=np.float64)))
        return out
