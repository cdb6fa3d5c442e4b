"""What is strange about a label."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

import numpy as np
from jaxtyping import Bool, Float64, Int64

from drivegen.report.rows import Labels


class Level(IntEnum):
    """How sure it is that something is amiss."""

    RARE = 0
    """Nothing speaks against it; no other label of its class is so far from the rest."""
    DOUBTFUL = 1
    """It can happen, and is worth a look."""
    WRONG = 2
    """It cannot be on a road."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One strange label: the frame of a track in which it shows most."""

    check: str
    """Key of `TITLES`."""
    level: Level
    score: float
    """How far beyond what is usual: 1 is at the limit of the check."""
    why: str
    scene: str
    frame: int
    track: int
    kind: str
    agent: str = ""
    """Whose sensors tell of it; empty where it is about the label itself."""
    frames: int = 1
    """In so many frames of the track."""


TITLES = {
    "repeat": "two labels of one object in a frame",
    "number": "numbers that are none",
    "size": "implausible size for the class",
    "size_change": "size changes",
    "class_change": "class changes",
    "ground": "off the ground",
    "jump": "jumps",
    "speed": "implausible speed",
    "speed_step": "speed and motion disagree",
    "heading": "moves against its heading",
    "turn": "turns in an instant",
    "overlap": "two boxes in one place",
    "inside": "around the ego",
    "gap": "vanishes and comes back",
    "unseen_points": "many LiDAR points, no visible pixel",
    "unhit_pixels": "well visible, no LiDAR point",
    "points_outside": "LiDAR points outside the box",
    "points_count": "LiDAR points are not as many as the label says",
    "pixels_count": "pixels are not as many as the label says",
    "rare": "least like the others of its class",
}
"""What the page calls each check, in the order of the page."""


def worst_of_tracks(
    labels: Labels,
    strange: Bool[np.ndarray, "n"],
    score: Float64[np.ndarray, "n"],
) -> list[tuple[int, int]]:
    """(row, number of rows) of each track that has strange rows: the row with the highest score."""
    rows: Int64[np.ndarray, "k"] = np.flatnonzero(strange)
    if not len(rows):
        return []
    edges = np.flatnonzero(np.diff(labels.track[rows])) + 1
    return [(int(part[np.argmax(score[part])]), len(part)) for part in np.split(rows, edges)]


def finding(
    labels: Labels, row: int, check: str, level: Level, score: float, why: str, frames: int = 1
) -> Finding:
    """Of a row."""
    return Finding(
        check=check,
        level=level,
        score=float(score),
        why=why,
        scene=labels.scene,
        frame=int(labels.frame[row]),
        track=int(labels.track[row]),
        kind=str(labels.kind[row]),
        frames=frames,
    )


def times(frames: int) -> str:
    """In how many frames, as words; nothing for one."""
    return f" (in {frames} frames)" if frames > 1 else ""
