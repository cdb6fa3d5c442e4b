"""Which scene a free worker gets next: what is missing in the ledger, by map, failed ones again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from drivegen import __version__
from drivegen.runtime.ledger import Ledger
from drivegen.runtime.planning import Planner
from drivegen.runtime.scene_names import scene_name
from drivegen.runtime.worker import Assigned, Expected

WINDOW = 64
"""Scenes that are looked at for one with the map that a worker has loaded."""

Road = tuple[str, int]


class SceneQueue:
    """The scenes of a job that are missing, looked up when needed: memory does not grow with the job."""

    def __init__(
        self, planner: Planner, ledger: Ledger, scenes: int, there: Callable[[Assigned], None]
    ) -> None:
        """Reads nothing yet; `there` hears of each scene that is met and was finished before."""
        self._there = there
        self._planner = planner
        self._missing = self._look(ledger, scenes)
        self._window: deque[tuple[Assigned, Road]] = deque()
        self._again: deque[Assigned] = deque()
        self._road_of: dict[int, Road] = {}

    def _look(self, ledger: Ledger, scenes: int) -> Iterator[Assigned]:
        for index in range(scenes):
            scene = Assigned(index=index, scene=scene_name(index), expected=_expected(ledger, index))
            if scene.expected is None and ledger.is_finished(index):
                self._there(scene)
            else:
                yield scene

    def put_back(self, scene: Assigned) -> None:
        """A scene that failed comes again, before new ones."""
        self._again.append(scene)

    def is_empty(self) -> bool:
        """Whether there is none to give now."""
        self._fill()
        return not self._again and not self._window

    def _fill(self) -> None:
        while len(self._window) < WINDOW and (scene := next(self._missing, None)) is not None:
            self._window.append((scene, self._planner.road_key(scene.index)))

    def next_for(self, worker: int) -> Assigned | None:
        """A scene for a worker, None when there is none now.

        One that failed, else one on the map of its last scene, else the first that is missing.
        """
        if self._again:
            return self._again.popleft()
        self._fill()
        if not self._window:
            return None
        road = self._road_of.get(worker)
        taken = next((entry for entry in self._window if entry[1] == road), self._window[0])
        self._window.remove(taken)
        self._road_of[worker] = taken[1]
        return taken[0]


def _expected(ledger: Ledger, index: int) -> Expected | None:
    """Of a scene that an earlier configuration made: what must be the same for it to stay."""
    if not ledger.is_unsure(index):
        return None
    mark = ledger.read(index)
    # Another version may make other bytes of the same plan.
    if mark is None or mark.version != __version__:
        return None
    return Expected(plan_sha256=mark.plan_sha256, settings=mark.settings)
