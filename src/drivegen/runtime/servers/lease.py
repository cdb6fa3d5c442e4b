"""A worker's server: lent for a scene at a time, kept where that is worth it, renewed where it must be."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from drivegen.runtime.servers.carla import CarlaServer, JoinedServer
from drivegen.runtime.servers.embedded import EmbeddedServer
from drivegen.runtime.servers.server import Server, ServerOptions


class ServerLease:
    """Lends servers to the scenes of one worker.

    An embedded server is new for each scene, so that a capture does not depend on what came before. A real
    one takes a minute to start and is kept, with the map that it has loaded, until it is tired.
    """

    def __init__(self, options: ServerOptions) -> None:
        """Starts nothing yet."""
        self.options = options
        self._kept: CarlaServer | None = None

    @contextlib.contextmanager
    def lend(self, map_file: Path, *, scenery_seed: int, log: Path) -> Iterator[Server]:
        """A server that answers; an embedded one has the map already. Raises ServerError.

        After an error inside the block, a server that was started is not lent again.
        """
        options = self.options
        if options.kind == "embedded":
            with EmbeddedServer(
                map_file,
                scenery_seed=scenery_seed,
                renderer=options.renderer,
                gpu=options.gpu,
                log=log,
                start_timeout_s=options.start_timeout_s,
                # One, however many cores are free: two threads of llvmpipe changed pixels of a few images.
                render_threads=1,
            ) as server:
                yield server
        elif options.join:
            yield JoinedServer(options.join)
        else:
            kept = self._carla(log)
            kept.scenes += 1
            try:
                yield kept
            except BaseException:
                self.close()
                raise

    def _carla(self, log: Path) -> CarlaServer:
        if self._kept is not None:
            why = self._kept.tired()
            if not why:
                return self._kept
            with log.open("a", encoding="utf-8") as file:
                file.write(f"drivegen: the CARLA server is started anew: {why}\n")
            self.close()
        self._kept = CarlaServer(self.options, log)
        return self._kept

    def close(self) -> None:
        """Ends the server that is kept."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None
