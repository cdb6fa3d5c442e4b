"""Which scene a free worker gets next: what is missing in the ledger, by map, failed ones again."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator

from drivegen.runtime.ledger import Ledger
from drivegen.runtime.planning import Planner
from drivegen.runtime.worker import Assigned

WINDOW = 64
"""Scenes that are looked at for one with the map that a worker has loaded."""


class SceneQueue:
    """The scenes of a job that are missing, looked up when needed: memory does not grow with the job."""

    def __init__(
        self, planner: Planner, ledger: Ledger, scenes: int, there: Callable[[Assigned], None]
    ) -> None:
        """Reads nothing yet; `there` hears of each scene that is met and was finished before."""
        self._there = there
        self._planner = planner
        self._missing = self._look(ledger, scenes)
        self._window: deque[Assigned] = deque()
        self._again: deque[Assigned] = deque()
        self._road_of: dict[int, object] = {}

    def _look(self, ledger: Ledger, scenes: int) -> Iterator[Assigned]:
        for index in range(scenes):
            scene = Assigned(index=index, scene=self._planner.scene_name(index))
            if ledger.is_finished(scene.scene):
                self._there(scene)
            else:
                yield scene

    def put_back(self, scene: Assigned) -> None:
        """A scene that failed comes again, before new ones."""
        self._again.append(scene)

    def next_for(self, worker: int) -> Assigned | None:
        """A scene for a worker, None when there is none now.

        One that failed, else one on the map of its last scene, else the first that is missing.
        """
        if self._again:
            return self._again.popleft()
        while len(self._window) < WINDOW and (scene := next(self._missing, None)) is not None:
            self._window.append(scene)
        if not self._window:
            return None
        road = self._road_of.get(worker)
        taken = next((s for s in self._window if self._planner.road_key(s.index) == road), self._window[0])
        self._window.remove(taken)
        self._road_of[worker] = self._planner.road_key(taken.index)
        return taken
