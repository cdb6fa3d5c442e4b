"""The platform's picture of the scene, from what had arrived by then and nothing else."""

from __future__ import annotations

import heapq
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from drivegen.core.actors import PEOPLE, RIDDEN
from drivegen.core.cooperation import CloudObject, CloudPicture
from drivegen.core.geometry import Box, Pose, Vec3
from drivegen.opendrive.model import RoadNetwork
from drivegen.v2x.fusion import Fusion, Report, Track
from drivegen.v2x.lane_traffic import Car, LaneTraffic

PERIOD_NS = 100_000_000
STILL_MPS = 0.5
"""Slower than this, a track's heading is what was reported."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parcel:
    """What a message brings to the cloud."""

    arrives_ns: int
    reports: tuple[Report, ...] = ()
    signals: Mapping[str, str] | None = None
    signals_made_ns: int = 0


class Cloud:
    """The platform through a scene."""

    def __init__(self, network: RoadNetwork, units_m: Sequence[Vec3], first_ns: int) -> None:
        self._first_ns = first_ns
        self._inbox: list[tuple[int, int, Parcel]] = []
        self._posted = 0
        self._fusion = Fusion()
        self._traffic = LaneTraffic(network, units_m, first_ns)
        self._signals: dict[str, tuple[int, str]] = {}
        """When its report was made, and the state, by signal id."""

    def post(self, parcel: Parcel) -> None:
        """A message that will have arrived at its time."""
        heapq.heappush(self._inbox, (parcel.arrives_ns, self._posted, parcel))
        self._posted += 1

    def due_ns(self, after_ns: int, to_ns: int) -> int | None:
        """The last instant of the 10 Hz grid from the scene's beginning in (after, to]."""
        last = self._first_ns + (to_ns - self._first_ns) // PERIOD_NS * PERIOD_NS
        return last if last > after_ns else None

    def picture(self, time_ns: int) -> CloudPicture:
        """What it holds at a time, later than that of the picture before."""
        while self._inbox and self._inbox[0][0] <= time_ns:
            parcel = heapq.heappop(self._inbox)[2]
            self._fusion.take(parcel.reports)
            for signal, state in (parcel.signals or {}).items():
                if parcel.signals_made_ns >= self._signals.get(signal, (-1, ""))[0]:
                    self._signals[signal] = (parcel.signals_made_ns, state)
        held = [(t, _shown(t, time_ns)) for t in self._fusion.tracks(time_ns)]
        cars = [
            _car(shown)
            for t, shown in held
            if shown.object_class not in PEOPLE and shown.object_class not in RIDDEN
        ]
        return CloudPicture(
            time_ns=time_ns,
            objects=tuple(shown for _, shown in held),
            signals={signal: state for signal, (_, state) in sorted(self._signals.items())},
            lanes=self._traffic.states(time_ns, cars),
        )


def _shown(track: Track, time_ns: int) -> CloudObject:
    x, y = track.position_m(time_ns)
    vx, vy = track.state[2:]
    yaw = math.atan2(vy, vx) if math.hypot(vx, vy) > STILL_MPS else track.newest.yaw_rad
    newest = track.newest
    return CloudObject(
        cloud_id=track.cloud_id,
        track_id=newest.track_id,
        object_class=track.object_class,
        box=Box(
            pose=Pose(
                position_m=np.array([x, y, newest.position_m[2]]),
                orientation_wxyz=np.array([math.cos(0.5 * yaw), 0.0, 0.0, math.sin(0.5 * yaw)]),
            ),
            size_m=track.size_m,
        ),
        velocity_mps=np.array([vx, vy, 0.0]),
        sources=tuple(sorted(track.sources)),
        age_ns=time_ns - newest.seen_ns,
    )


def _car(shown: CloudObject) -> Car:
    x, y, _ = (float(v) for v in shown.box.pose.position_m)
    vx, vy, _ = (float(v) for v in shown.velocity_mps)
    return Car(
        cloud_id=shown.cloud_id,
        x_m=x,
        y_m=y,
        heading_rad=shown.box.pose.yaw_rad,
        speed_mps=math.hypot(vx, vy),
        length_m=float(shown.box.size_m[0]),
    )
