"""The ledger: a mark for each scene that is done, bound to its plan; a job resumes to what has none."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, field
from typing import Any

from drivegen import __version__
from drivegen.runtime.folder import RunFolder, write_json

FINISHED = "finished"
SET_ASIDE = "set_aside"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What became of a scene."""

    scene: str
    status: str
    """FINISHED or SET_ASIDE."""
    plan_sha256: str
    version: str
    attempts: int
    seconds: float
    """Wall time of the last attempt."""
    causes: list[str] = field(default_factory=list)
    """Why earlier attempts failed; of a scene that was set aside, all of them."""
    content_sha256: str = ""
    frames: int = 0
    keyframes: int = 0
    bytes: int = 0
    stages: dict[str, float] = field(default_factory=dict)
    """Seconds by stage."""
    cpu_seconds: dict[str, float] = field(default_factory=dict)
    """CPU time of the recorder, of the server's rendering (rays included), and of the rest of the server."""
    peak_memory_mb: dict[str, float] = field(default_factory=dict)
    """Greatest resident size by process: recorder, server."""
    requested: dict[str, float] = field(default_factory=dict)
    achieved: dict[str, float] = field(default_factory=dict)
    weather: str = ""
    """The plan's preset."""
    map: str = ""
    levels: dict[str, str] = field(default_factory=dict)
    """Level by factor, where the job covers factors."""


class Ledger:
    """The marks of a run folder."""

    def __init__(self, folder: RunFolder) -> None:
        self._folder = folder

    def write(self, mark: Mark) -> None:
        """Adds or replaces a scene's mark, atomically."""
        write_json(self._folder.mark(mark.scene), asdict(mark))

    def read(self, scene: str) -> Mark | None:
        """A scene's mark; none if there is none or it cannot be read."""
        try:
            data: Any = json.loads(self._folder.mark(scene).read_text(encoding="utf-8"))
            return Mark(**data)
        except (OSError, ValueError, TypeError):
            return None

    def is_finished(self, scene: str) -> bool:
        """Whether the plan that lies in the folder was recorded by this version and the capture is whole."""
        mark = self.read(scene)
        if mark is None or mark.status != FINISHED or mark.version != __version__:
            return False
        try:
            plan = self._folder.plan(scene).read_bytes()
            size = self._folder.capture(scene).stat().st_size
        except OSError:
            return False
        return hashlib.sha256(plan).hexdigest() == mark.plan_sha256 and size == mark.bytes
