"""Workers as Ray actors: what each is given."""

from __future__ import annotations

from collections.abc import Iterator

from drivegen.runtime.config import Config
from drivegen.runtime.pool import Event, RayPool
from drivegen.runtime.scene import Outcome
from drivegen.runtime.worker import Assigned


class Telling:
    """A worker that tells which GPUs it may use."""

    def __init__(self, config: Config, root: str, number: int) -> None:
        self._gpus = config.server.gpus

    def attempt(self, scene: Assigned) -> Iterator[Event]:
        """Tells."""
        yield Outcome(scene=scene.scene, seconds=0.0, result={"gpus": self._gpus})

    def close(self) -> None:
        """Nothing runs."""


def test_each_worker_draws_on_the_gpu_that_ray_gave_it() -> None:
    """Ray shares out as many as it is told of, whether there are any or not."""
    config = Config()
    config.ray.gpus = 1.0
    pool = RayPool(config, "/nowhere", 2, Telling)
    try:
        for k in range(2):
            pool.submit(k, Assigned(index=k, scene=f"scene-{k}"))
        told: list[list[int]] = []
        while len(told) < 2:
            told += [e.result["gpus"] for e in pool.events() if isinstance(e, Outcome)]
    finally:
        pool.close()
    assert sorted(told) == [[0], [1]]
