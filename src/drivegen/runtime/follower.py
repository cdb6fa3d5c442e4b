"""What goes on beside the recording: whoever follows it hears of scenes and can hold new ones back."""

from __future__ import annotations

from typing import Protocol

from drivegen.runtime.ledger import Mark
from drivegen.runtime.worker import Assigned


class Follower(Protocol):
    """Work that a recorded scene sets off: looks, exports, deliveries.

    All calls come from the one thread that feeds the workers, between two events of theirs: each must return
    at once and leave the work to tasks of its own. What a follower has done it remembers itself, so that a
    job that was killed goes on where it was.
    """

    def there(self, scene: Assigned, mark: Mark) -> None:
        """An earlier run of the job had finished this scene. Called in the order of scenes, as it is met."""

    def recorded(self, scene: Assigned, mark: Mark) -> None:
        """The scene is in the ledger, finished."""

    def step(self) -> None:
        """Looks after its tasks; called once a round, at least twice a second."""

    def hold(self) -> str:
        """Why no further scene may begin now; empty when one may. Scenes that are under way go on."""

    def busy(self) -> bool:
        """Whether work is left. The job does not end before it is done, unless it is interrupted."""

    def close(self) -> None:
        """Ends what still runs; called before the pool is closed, however the job ends."""
