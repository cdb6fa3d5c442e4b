"""`show_recorder_actors_blocked`: who stood still, and for how long."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Float64

from drivegen.embedded.playback.log import Frame, LogError, LogReader, PacketId
from drivegen.embedded.playback.log import packets as p
from drivegen.embedded.playback.reports.text import Lines, end, head

_WANTED = (PacketId.EVENT_ADD, PacketId.EVENT_DEL, PacketId.POSITION)
_MOVERS = (p.ActorType.VEHICLE, p.ActorType.WALKER)


@dataclass(slots=True, kw_only=True, eq=False)
class _Mover:
    """An actor that should move."""

    actor: int
    blueprint: str
    place_cm: Float64[np.ndarray, "3"] = field(default_factory=lambda: np.full(3, np.inf))
    """From where its standing is measured."""
    since_s: float = 0.0
    stood_s: float = 0.0


def actors_blocked(reader: LogReader, min_time_s: float, min_distance_cm: float) -> str:
    """The text: vehicles and walkers that stood, the longest first.

    Args:
        reader: The recording.
        min_time_s: Who moves less than the distance for at least this long counts as blocked.
        min_distance_cm: See there.
    """
    lines = Lines()
    for line in head(reader.header):
        lines.add(line)
    lines.add(f"{'Time':>8} {'Id':>6} {'Actor':<35} {'Duration':>10}")
    movers: dict[int, _Mover] = {}
    rows: list[tuple[float, str]] = []

    def told(mover: _Mover) -> None:
        if mover.stood_s >= min_time_s and mover.stood_s > 0.0:
            row = f"{mover.since_s:8.0f} {mover.actor:>6} {mover.blueprint:<35} {mover.stood_s:>10.0f}"
            rows.append((mover.stood_s, row))

    last: Frame | None = None
    damage = ""
    try:
        for frame in reader.frames(_WANTED):
            for add in frame.records(PacketId.EVENT_ADD):
                if add.type in _MOVERS:
                    movers[add.actor] = _Mover(actor=add.actor, blueprint=add.blueprint)
            for gone in frame.records(PacketId.EVENT_DEL):
                if gone.actor in movers:
                    told(movers.pop(gone.actor))
            table = frame.table(PacketId.POSITION)
            for actor, place in zip(
                table["actor"].tolist(), table["location_cm"].astype(np.float64), strict=True
            ):
                mover = movers.get(actor)
                if mover is None:
                    continue
                if np.linalg.norm(place - mover.place_cm) < min_distance_cm:
                    if mover.stood_s == 0.0:
                        mover.since_s = frame.start.elapsed_s
                    mover.stood_s += max(0.0, frame.start.duration_s)
                else:
                    told(mover)
                    mover.stood_s, mover.place_cm = 0.0, place
            last = frame
    except LogError as error:
        damage = str(error)
    for mover in movers.values():
        told(mover)
    for _, row in sorted(rows, key=lambda pair: -pair[0]):
        lines.add(row)
    end(lines, reader, last, damage)
    return lines.text()
