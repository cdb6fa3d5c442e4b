"""What `drivegen serve` can be told."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from drivegen.core.errors import ConfigError
from drivegen.embedded.world.tiles import Tiling

RENDERERS = ("auto", "egl", "osmesa")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServeOptions:
    """One embedded server."""

    map_path: Path
    """An OpenDRIVE file (.xodr), or a folder of them: then `load_world` can choose among them."""
    map_name: str | None = None
    """Which map of a folder to begin with; the first by name when absent."""
    prepare_maps: bool = False
    """Compute all maps of the folder before clients can connect, and keep that on disk: on a large town the
    first `load_world` takes longer than many scripts wait."""
    host: str = "127.0.0.1"
    """Address to bind; loopback unless told otherwise."""
    port: int = 2000
    """RPC port; 0 takes any free one. Streams use a port of their own, any free one."""
    scenery_seed: int = 0
    """Buildings, trees and lamps beside the road are drawn from it."""
    seed: int = 0
    """Sensor noise and all other draws of the server come from it."""
    log_folder: Path | None = None
    """Where recordings lie; below the user's cache folder when absent. No client's path leads out of it."""
    renderer: str = "auto"
    """auto, egl or osmesa; see `drivegen doctor`."""
    gpu: int | None = None
    """Which GPU draws, from 0 in EGL's order; absent, the first there is, else the processor."""
    families: bool = False
    """Offer drivegen's own blueprints beside CARLA's; scripts that choose among all would meet excavators."""
    tiling: Tiling = field(default_factory=Tiling)
    """Which maps are held by tiles, and how."""
    exit_with_parent: bool = False
    """End when the starting process ends, however it ends (its end of our standard input closes)."""
    reader_timeout_s: float = 10.0
    """In synchronous mode, how long a tick waits for a stream's reader before it drops that connection."""

    def validate(self) -> None:
        """Raises ConfigError for what no server can be started with."""
        if not 0 <= self.port <= 65535:
            raise ConfigError(f"--port {self.port}: a port is a number from 0 to 65535")
        if self.renderer not in RENDERERS:
            raise ConfigError(f"--renderer {self.renderer}: choose one of {', '.join(RENDERERS)}")
        if self.gpu is not None and (self.gpu < 0 or self.renderer == "osmesa"):
            raise ConfigError(
                f"--gpu {self.gpu} with --renderer {self.renderer}: give a number from 0, and auto or egl"
            )
        self.tiling.validate()
        if self.reader_timeout_s <= 0:
            raise ConfigError(f"reader_timeout_s {self.reader_timeout_s}: must be greater than 0")
