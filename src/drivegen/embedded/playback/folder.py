"""The one folder in which a server's recordings lie."""

from __future__ import annotations

import os
from pathlib import Path

from drivegen.embedded.playback.log import LogError


def default_log_folder() -> Path:
    """Below the user's cache folder (XDG base directories)."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "drivegen" / "recordings"


class LogFolder:
    """Turns the names that clients give into files; no name leads out of the folder."""

    def __init__(self, folder: Path) -> None:
        """`folder` need not exist yet: the first recording makes it."""
        self.folder = folder.expanduser().absolute()

    def file(self, name: str) -> Path:
        """The file of a recording.

        Args:
            name: A file name, a path relative to the folder, or an absolute one within it (as
                `start_recorder` answers).

        Raises:
            LogError: The name is no file's, or leads out of the folder, be it through a link.
        """
        shown = name[:200]
        if not name or "\0" in name:
            raise LogError(f"{shown!r} is no name of a recording")
        try:
            root = self.folder.resolve()
            path = (root / name).resolve()
            inside = path.is_relative_to(root) and path != root
            folder = path.is_dir()
        except (OSError, RuntimeError, ValueError) as error:
            raise LogError(f"{shown!r} is no name of a recording: {error}") from None
        if not inside:
            raise LogError(
                f"{shown!r} is outside the folder of this server's recordings, {self.folder}; give a name "
                "without a path, or start the server with another --log-folder"
            )
        if folder:
            raise LogError(f"{shown!r} is a folder, not a recording")
        return path
