"""What lights show: as a capture has it, or as a plan lets them turn; and what the model is told of it."""

from __future__ import annotations

import bisect
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Float32

from drivegen.core.tracks import SignalCourse
from drivegen.opendrive.model import RoadNetwork
from drivegen.opendrive.signals import StopLine, signal_heads
from drivegen_generators.vehicles.learned.pieces import Pieces

GREEN_S, YELLOW_S, RED_S = 10.0, 3.0, 2.0
"""CARLA's defaults (`TrafficLight` of 0.9.16): green, yellow, and all red before the next turn."""
_FARTHEST_S = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lights:
    """When each signal shows what: (time, state), ascending; the last state lasts."""

    changes: Mapping[str, Sequence[tuple[float, str]]]

    def at(self, signal: str, time_s: float) -> tuple[str, float]:
        """(state, seconds until the next)."""
        rows = self.changes.get(signal, ())
        if not rows:
            return "off", _FARTHEST_S
        k = max(bisect.bisect_right([t for t, _ in rows], time_s + 1e-6) - 1, 0)
        left = rows[k + 1][0] - time_s if k + 1 < len(rows) else _FARTHEST_S
        return rows[k][1], min(left, _FARTHEST_S)

    def of_pieces(self, pieces: Pieces, time_s: float) -> Float32[np.ndarray, "n 5"]:
        """For each piece: whether it has a light, which is red, yellow, green; and how soon that ends."""
        out = np.zeros((len(pieces.signals), 5), np.float32)
        known: dict[str, tuple[str, float]] = {}
        for p, signals in enumerate(pieces.signals):
            for signal in signals[:1]:
                if signal not in known:
                    known[signal] = self.at(signal, time_s)
                state, left = known[signal]
                if state in _COLUMN:
                    out[p, 0] = 1.0
                    out[p, _COLUMN[state]] = 1.0
                    out[p, 4] = left / _FARTHEST_S
        return out


_COLUMN = {"red": 1, "yellow": 2, "green": 3}


def turning(network: RoadNetwork, lasts_s: float) -> tuple[SignalCourse, ...]:
    """Lights that turn as CARLA's do by default: the controllers of a junction one after the other, the first
    from the scene's beginning. Signals without a controller or junction are left out.

    Args:
        network: The road.
        lasts_s: Until when the courses tell.
    """
    groups: dict[int, dict[tuple[int, str], list[str]]] = {}
    loose: set[int] = set()
    for head in signal_heads(network):
        if head.junction_id is None:
            continue
        if head.controller_id is None:
            loose.add(head.junction_id)
            continue
        turn = (head.sequence, head.controller_id)
        groups.setdefault(head.junction_id, {}).setdefault(turn, []).append(head.signal_id)
    out: list[SignalCourse] = []
    turn_s = GREEN_S + YELLOW_S + RED_S
    for junction in sorted(set(groups) - loose):
        turns = [groups[junction][key] for key in sorted(groups[junction])]
        cycle_s = turn_s * len(turns)
        for place, signals in enumerate(turns):
            rows: list[tuple[float, str]] = [] if place == 0 else [(0.0, "red")]
            start = place * turn_s
            while start < lasts_s:
                rows += [
                    (start, "green"),
                    (start + GREEN_S, "yellow"),
                    (start + GREEN_S + YELLOW_S, "red"),
                ]
                start += cycle_s
            times, states = zip(*rows, strict=True)
            out += [SignalCourse(signal_id=s, times_s=times, states=states) for s in signals]
    return tuple(out)


def lights_of(courses: Sequence[SignalCourse]) -> Lights:
    """Of the courses of a plan."""
    return Lights(changes={c.signal_id: tuple(zip(c.times_s, c.states, strict=True)) for c in courses})


class StopLines:
    """Who passes a red light, by stop lines."""

    def __init__(self, network: RoadNetwork) -> None:
        lines: dict[tuple[int, int, int], tuple[StopLine, str]] = {}
        for head in signal_heads(network):
            for line in head.stop_lines:
                lines.setdefault((line.road_id, line.lane_id, round(line.s_m)), (line, head.signal_id))
        self._signals = [signal for _, signal in lines.values()]
        found = [line for line, _ in lines.values()]
        self._middle = np.array([0.5 * (v.start_m + v.end_m)[:2] for v in found]).reshape(-1, 2)
        self._half = np.array([0.5 * np.linalg.norm(v.end_m - v.start_m) for v in found])
        self._heading = np.array([v.heading_rad for v in found])

    def passed_red(
        self,
        pose_m: Float[np.ndarray, "n t 3"],
        length_m: Float[np.ndarray, "n"],
        lights: Lights,
        times_s: Float[np.ndarray, "t"],
    ) -> Bool[np.ndarray, "n"]:
        """Whose front crosses the line of a red light, the way that it holds.

        Args:
            pose_m: x, y, yaw at each time.
            length_m: Of the boxes.
            lights: What shows when.
            times_s: Of the poses, on the clock of the lights.
        """
        out = np.zeros(len(pose_m), np.bool_)
        axis = np.stack([np.cos(pose_m[..., 2]), np.sin(pose_m[..., 2])], axis=-1)
        front = pose_m[..., :2] + axis * (0.5 * np.asarray(length_m))[:, None, None]
        for middle, half, heading, signal in zip(
            self._middle, self._half, self._heading, self._signals, strict=True
        ):
            along = (front - middle) @ np.array([np.cos(heading), np.sin(heading)])
            across = np.abs((front - middle) @ np.array([-np.sin(heading), np.cos(heading)]))
            over = (along[:, :-1] < 0.0) & (along[:, 1:] >= 0.0) & (along[:, 1:] < 6.0)
            over &= (across[:, 1:] < half) & (np.cos(pose_m[:, 1:, 2] - heading) > 0.5)
            for n, t in np.argwhere(over):
                out[n] |= lights.at(signal, float(times_s[t + 1]))[0] == "red"
        return out
